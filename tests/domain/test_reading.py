"""Reading plain data: an entry, or every mistake once, at its place and with what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.findings import Finding
from kb.domain.reading import keys_at, read_record
from kb.domain.taxonomy import Taxonomy
from kb.store import entries
from kb.store.entries import to_json
from kb.store.terms import load_terms
from tests.conftest import POLICIES, Base, an_entry

TAXONOMY = load_terms(POLICIES).taxonomy
SOUND: dict[str, Any] = json.loads(to_json(an_entry()))


def findings(**changes: object) -> tuple[Finding, ...]:
    entry, found = read_record({**SOUND, **changes}, TAXONOMY)
    assert (entry is None) == bool(found)
    return found


def test_what_the_store_holds_reads_as_it_is(shipped: Base, taxonomy: Taxonomy) -> None:
    known = entries.reliefs_by_entry(shipped.db)
    for held in entries.all_current(shipped.db):
        assert read_record(json.loads(to_json(held.entry)), taxonomy, known) == (held.entry, ())


@pytest.mark.parametrize(
    ("changes", "path", "kind"),
    [
        ({"title": ""}, ("title",), "string_too_short"),
        ({"reliefs": [{"id": "tax-1", "type": "tax", "what": "好"}]}, ("reliefs", 0, "title"), "missing"),
        ({"issued_on": "春天"}, ("issued_on",), "date_from_datetime_parsing"),
        ({"bonus": 1}, ("bonus",), "extra_forbidden"),
        ({"needs": ["没有"]}, ("needs", 0), ""),
        ({"regions": {"include": ["999999"]}}, ("regions", "include", 0), ""),
    ],
)
def test_a_mistake_is_named_by_its_place(
    changes: dict[str, object], path: tuple[object, ...], kind: str
) -> None:
    assert [(one.path, one.kind) for one in findings(**changes)] == [(path, kind)]


def test_a_value_that_fits_no_type_is_complained_of_once() -> None:
    condition = {"text": "甲", "field": "headcount", "op": "le", "value": {"most": 3}}
    reliefs = [{**SOUND["reliefs"][0], "conditions": [condition]}]
    (found,) = findings(reliefs=reliefs)
    assert found.path == ("reliefs", 0, "conditions", 0, "value")


def test_relations_are_looked_up_only_where_the_others_are_known() -> None:
    data = {**SOUND, "relations": [{"type": "amends", "to": "nat-0000"}]}
    assert read_record(data, TAXONOMY)[0]
    entry, (found,) = read_record(data, TAXONOMY, {})
    assert entry is None
    assert "没有条目 nat-0000" in found.message


@pytest.mark.parametrize("url", ["javascript:alert(1)", "www.gov.cn", "//gov.cn", " data:text/html,x"])
def test_an_address_that_no_page_may_link_to_is_refused(url: str) -> None:
    (found,) = findings(sources=[{"document": "甲", "url": url}])
    assert found.path == ("sources", 0, "url")


def test_the_keys_of_a_place_follow_the_record() -> None:
    assert {"id", "title", "reliefs"} <= set(keys_at(()))
    assert "rate" in keys_at(("reliefs", 0, "worth"))
    assert "from" in keys_at(("relations", 0))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SOUND, "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_comes_in_gets_an_answer(data: object) -> None:
    entry, found = read_record(data, TAXONOMY)
    assert (entry is None) == bool(found)
    assert all(one.message for one in found)
