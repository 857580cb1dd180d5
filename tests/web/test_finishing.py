"""What the form fills in by itself, and that what it offers is what the record accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.reading import read_record
from kb.domain.taxonomy import Fact
from kb.store import entries
from kb.store.entries import to_json
from kb.store.terms import load_terms
from tests.conftest import POLICIES, Base, an_entry
from web.desk.finishing import finished
from web.desk.options import choices_for, operators_for, options_of

TAXONOMY = load_terms(POLICIES).taxonomy
TYPES = sorted(TAXONOMY.types.by_key)


def ids(reliefs: list[dict[str, Any]], *fixed: str) -> list[str]:
    done = finished({"reliefs": reliefs}, TAXONOMY, frozenset(fixed))
    return [str(one.get("id", "")) for one in done["reliefs"]]


def test_what_is_published_already_is_left_as_it_is(shipped: Base) -> None:
    for held in entries.all_current(shipped.db):
        data = json.loads(to_json(held.entry))
        fixed = frozenset(relief.id for relief in held.entry.reliefs)
        assert finished(data, TAXONOMY, fixed) == data


def test_a_relief_is_named_after_its_type_and_after_nothing_without_one() -> None:
    assert ids([{"type": "tax"}, {"type": "rent"}, {"type": "tax"}, {}]) == ["tax-1", "rent-1", "tax-2", ""]


def test_a_name_follows_the_type_until_it_is_published() -> None:
    assert ids([{"id": "tax-1", "type": "rent"}]) == ["rent-1"]
    assert ids([{"id": "tax-1", "type": "rent"}], "tax-1") == ["tax-1"]
    assert ids([{"id": "small-loans", "type": "rent"}]) == ["small-loans"]


def test_a_new_relief_never_takes_a_published_name() -> None:
    assert ids([{"type": "tax"}], "tax-1") == ["tax-2"]


@given(
    st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(TYPES)}, optional={"id": st.just("tax-1")}), max_size=6
    )
)
def test_made_names_are_never_the_same_and_stay(reliefs: list[dict[str, Any]]) -> None:
    given_ids = [one for one in reliefs if one.get("id")]
    names = ids(reliefs)
    if len(given_ids) <= 1:
        assert len(set(names)) == len(names)
    again = [{**one, "id": name} for one, name in zip(reliefs, names, strict=True)]
    assert ids(again) == names


def test_a_last_day_says_that_there_is_one() -> None:
    done = finished({"in_force": {"end": "2026-12-31"}, "reliefs": [{"period": {"end": "春天"}}]}, TAXONOMY)
    assert done["in_force"]["end_kind"] == "dated"
    assert done["reliefs"][0]["period"]["end_kind"] == "dated"
    kept = {"in_force": {"end": "2026-12-31", "end_kind": "unstated"}}
    assert finished(kept, TAXONOMY)["in_force"] == kept["in_force"]


@pytest.mark.parametrize(
    ("test", "op"),
    [
        ({"field": "insured", "value": True}, "eq"),
        ({"field": "ownership", "value": "private"}, "eq"),
        ({"field": "ownership", "value": ["private", "state"]}, "in"),
        ({"field": "certificates", "value": "high-tech"}, "has"),
        ({"field": "headcount", "value": 30}, None),
        ({"field": "insured", "value": True, "op": "ne"}, "ne"),
        ({"value": "30"}, None),
    ],
)
def test_a_comparison_that_goes_without_saying_is_filled_in(test: dict[str, Any], op: str | None) -> None:
    done = finished({"reliefs": [{"conditions": [test, {"any": [test]}]}]}, TAXONOMY)
    first, second = done["reliefs"][0]["conditions"]
    assert (first.get("op"), second["any"][0].get("op")) == (op, op)


def test_a_unit_goes_with_its_fact() -> None:
    test = {"field": "insured_months", "op": "ge", "value": 12, "unit": "人"}
    done = finished({"reliefs": [{"conditions": [test]}]}, TAXONOMY)
    assert done["reliefs"][0]["conditions"][0]["unit"] == "月"


def test_what_a_number_or_a_title_names_is_looked_up() -> None:
    data = {"relations": [{"type": "amends", "to": "甲发〔2020〕1号"}, {"type": "amends", "to": "乙"}]}
    found = finished(data, TAXONOMY, find={"甲发〔2020〕1号": "nat-1"}.get)
    assert [one["to"] for one in found["relations"]] == ["nat-1", "乙"]


@given(
    st.dictionaries(
        st.sampled_from(["in_force", "reliefs", "relations"]), st.none() | st.text() | st.lists(st.text())
    )
)
def test_data_of_any_shape_is_left_alone(data: dict[str, Any]) -> None:
    assert finished(data, TAXONOMY) == {"kind": "policy", **data}


# -- what the lists offer --------------------------------------------------------------------------


def sample(fact: Fact, op: str) -> object:
    if fact.type == "bool":
        return True
    if fact.type in ("choice", "set"):
        key = "430000" if fact.of == "regions" else choices_for(fact, TAXONOMY)[0][0]
        return [key] if op in ("in", "not_in") else key
    one = {"date": "2026-01-01", "rate": "0.5"}.get(fact.type, 10)
    return [one, one] if op == "between" else one


@pytest.mark.parametrize("fact", TAXONOMY.facts.values(), ids=lambda fact: str(fact.key))
def test_every_comparison_offered_for_a_fact_is_one_the_record_accepts(fact: Fact) -> None:
    relief = json.loads(to_json(an_entry()))["reliefs"][0]
    assert operators_for(fact)
    for op, _label in operators_for(fact):
        condition = {"text": "甲", "field": fact.key, "op": op, "value": sample(fact, op)}
        entry = an_entry(reliefs=[{**relief, "conditions": [condition]}])
        _entry, findings = read_record(json.loads(to_json(entry)), TAXONOMY)
        assert findings == ()


def test_without_a_fact_every_comparison_is_offered_once() -> None:
    keys = [key for key, _label in operators_for(None)]
    assert len(keys) == len(set(keys))
    assert {key for fact in TAXONOMY.facts.values() for key, _label in operators_for(fact)} == set(keys)


@pytest.mark.parametrize(
    "name", ["kinds", "types", "facts", "figures", "end_kinds", "relations", "levels", "needs"]
)
def test_every_list_has_choices_with_words(name: str) -> None:
    assert options_of(name, TAXONOMY)
    assert all(key and label for key, label in options_of(name, TAXONOMY))
