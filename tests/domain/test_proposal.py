"""Proposals put into a record and taken out again: nothing that stands elsewhere moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.proposal import Proposal, news_to, put, record_from, relief_ids, taken_out

CONDITION = {"text": "不超过300人", "field": "headcount", "op": "le", "value": 300}
FIELDS: list[tuple[str, Any]] = [
    ("title", "关于试验的通知"),
    ("issuers", ["试验部"]),
    ("in_force-end", "2027-12-31"),
    ("needs", ["hiring"]),
    ("regions-include", ["430000"]),
    ("reliefs-0-type", "tax"),
    ("reliefs-0-worth", {"text": "免征"}),
    ("reliefs-0-conditions-0", CONDITION),
    ("reliefs-1-audience-regions-exclude", ["420000"]),
    ("relations-0", {"type": "repeals", "to_number": "试发〔2020〕3号"}),
    ("sources-0-document", "关于试验的通知"),
]
IDS = {0: "tax-1", 1: "rent-1"}


def a_proposal(field: str, value: Any) -> Proposal:
    return Proposal(field, value, "", 0, 0)


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_what_was_put_in_stands_there_and_goes_again(field: str, value: Any) -> None:
    there = put({"kind": "policy"}, field, value, IDS)
    assert there != {"kind": "policy"}
    assert put(there, field, value, IDS) == there
    gone = taken_out(there, field, value, IDS)
    assert put(gone, field, value, IDS) == there


@given(st.lists(st.sampled_from(FIELDS), max_size=12))
def test_the_order_of_answers_does_not_lose_anything(steps: list[tuple[str, Any]]) -> None:
    record: dict[str, Any] = {}
    for field, value in steps:
        before = record
        record = put(record, field, value, IDS)
        assert taken_out(record, "title", "ein anderer") == record
        assert set(before) <= set(record)


def test_what_somebody_wrote_since_is_not_taken_out() -> None:
    record = put({}, "title", "关于试验的通知")
    assert taken_out({**record, "title": "改过的标题"}, "title", "关于试验的通知")["title"] == "改过的标题"


def test_a_relief_is_found_by_its_id_wherever_it_stands() -> None:
    record = {"reliefs": [{"id": "finance-1", "type": "finance"}, {"id": "tax-1"}]}
    after = put(record, "reliefs-0-worth", {"text": "免征"}, IDS)
    assert after["reliefs"][0] == {"id": "finance-1", "type": "finance"}
    assert after["reliefs"][1] == {"id": "tax-1", "worth": {"text": "免征"}}


def test_an_empty_first_relief_makes_room() -> None:
    assert put({"reliefs": [{}]}, "reliefs-0-type", "tax", IDS)["reliefs"] == [{"id": "tax-1", "type": "tax"}]


def test_proposed_reliefs_get_ids_that_are_free() -> None:
    found = relief_ids([a_proposal("reliefs-0-type", "tax"), a_proposal("reliefs-3-type", "tax")], ["tax-1"])
    assert found == {0: "tax-2", 3: "tax-3"}


def test_needs_and_regions_gather_while_a_title_is_replaced() -> None:
    fields = [("needs", ["hiring"]), ("needs", ["arrears", "hiring"]), ("title", "甲"), ("title", "乙")]
    assert record_from(a_proposal(*one) for one in fields) == {"needs": ["hiring", "arrears"], "title": "乙"}


def test_the_record_that_was_given_stays_as_it_was() -> None:
    record = {"reliefs": [{"id": "tax-1", "conditions": []}]}
    put(record, "reliefs-0-conditions-0", CONDITION, IDS)
    assert record == {"reliefs": [{"id": "tax-1", "conditions": []}]}


def test_gaps_are_filled_by_reliefs_and_relations_that_the_record_has_not_wherever_they_stand() -> None:
    record = {
        "title": "手写的标题",
        "reliefs": [{"id": "a", "type": "rent"}],
        "relations": [{"type": "extends", "to": "nat-1#one", "end": "2027-12-31"}],
    }
    offered = [
        a_proposal("title", "关于试验的通知"),
        a_proposal("issuers", ["试验部"]),
        a_proposal("reliefs-0-type", "tax"),
        a_proposal("reliefs-0-worth", {"text": "免征"}),
        a_proposal("reliefs-1-type", "rent"),
        a_proposal("reliefs-1-worth", {"text": "免租"}),
        a_proposal("relations-0", {"type": "repeals", "to_number": "试发〔2020〕3号"}),
        a_proposal("relations-1", {"type": "amends", "to": "nat-1"}),
    ]
    assert [one.field for one in news_to(offered, record)] == [
        "issuers",
        "reliefs-0-type",
        "reliefs-0-worth",
        "relations-0",
    ]


def test_another_day_than_the_record_has_is_news_and_the_same_day_is_none() -> None:
    record = {"issued_on": "2026-02-20", "in_force": {"end": "2026-12-31", "end_kind": "dated"}}
    offered = [
        a_proposal("issued_on", "2026-02-20"),
        a_proposal("in_force-end", "2027-12-31"),
        a_proposal("in_force-end_kind", "dated"),
    ]
    assert [one.field for one in news_to(offered, record)] == ["in_force-end"]
