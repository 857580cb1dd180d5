"""What answers the papers of 2020, on the shipped entries and on made ones."""

from __future__ import annotations

from datetime import date

import pytest

from kb.domain.entry import Entry
from kb.outreach.answered import Answered, answered_on
from kb.search import Request, indexing, search
from kb.search.table import Filters
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry


def answered(base: Base, entry_id: str, day: date = TODAY) -> Answered:
    held = entries.get(base.db, entry_id)
    assert held
    found = answered_on(base.db, base.library, held.entry, day)
    assert found
    return found


def put(base: Base, entry: Entry) -> None:
    entries.publish(base.db, entry, "test", "")


def a_paper(**changes: object) -> Entry:
    given = {
        "kind": "recommendation",
        "doc_number": None,
        "in_force": None,
        "reliefs": [],
        "issued_on": "2020-02-24",
        "points": [{"text": "缓税", "types": ["tax"]}, {"text": "清欠", "types": ["payment"]}],
    }
    return an_entry("recommendation-99", **{**given, **changes})


@pytest.fixture
def small(base: Base) -> Base:
    """A tax policy before and one after the paper, both ended by 2026."""
    for number, issued in ((1, "2020-02-01"), (2, "2020-03-01")):
        put(base, an_entry(f"nat-2020-test-{number}", issued_on=issued, doc_number=None))
    put(base, a_paper())
    indexing.catch_up(base.library.settings, base.db)
    return base


def test_only_what_came_later_answers_a_recommendation(small: Base) -> None:
    found = answered(small, "recommendation-99")
    assert [[one.id for one in point.answers] for point in found.points] == [["nat-2020-test-2"], []]
    assert found.state == "some"


def test_it_is_answered_only_by_what_was_issued_by_the_day(small: Base) -> None:
    assert answered(small, "recommendation-99", date(2020, 2, 25)).state == "none"


def test_corrections_are_relations_in_the_papers_own_file(small: Base) -> None:
    relations = [
        {"type": "excludes", "to": "nat-2020-test-2"},
        {"type": "answers", "to": "nat-2020-test-1#defer", "note": "人工补充"},
    ]
    put(small, a_paper(relations=relations))
    indexing.catch_up(small.library.settings, small.db)
    found = answered(small, "recommendation-99")
    assert not any(point.found for point in found.points)
    assert [(one.id, one.relief, one.note) for one in found.added] == [
        ("nat-2020-test-1", "defer", "人工补充")
    ]
    assert found.state == "some"


def test_a_measure_lists_what_says_that_it_carries_it_out(small: Base) -> None:
    put(small, an_entry("measure-99", **_measure()))
    service = {"kind": "service", "relations": [{"type": "implements", "to": "measure-99"}]}
    put(small, an_entry("service-test", **service))
    indexing.catch_up(small.library.settings, small.db)
    assert [one.id for one in answered(small, "measure-99").added] == ["service-test"]


def _measure() -> dict[str, object]:
    return {
        "kind": "measure",
        "doc_number": None,
        "reliefs": [],
        "points": ["开课"],
        "issued_on": "2020-02-01",
    }


def test_what_answers_a_case_fits_its_region_and_size(shipped: Base) -> None:
    regions = shipped.terms.taxonomy.regions
    for number in range(1, 13):
        held = entries.get(shipped.db, f"case-{number:02}")
        assert held
        assert held.entry.profile
        (home,) = held.entry.regions.include
        for point in answered(shipped, held.entry.id, SPRING).points:
            for one in point.answers:
                other = entries.get(shipped.db, one.id)
                assert other
                include, exclude = other.entry.regions.include, other.entry.regions.exclude
                assert regions.applies(include, exclude, home) != "no", (held.entry.id, one.id)
                assert one.status.current
                types = {relief.type for relief in other.entry.reliefs}
                assert not point.point.types or types & set(point.point.types)


def test_a_demand_that_nothing_meets_says_so(shipped: Base) -> None:
    """Case 9 asks for taxes back; case 6 asks for longer terms as a payer."""
    for case in ("case-09", "case-06"):
        for day in (SPRING, TODAY):
            found = answered(shipped, case, day)
            assert not found.added
            for point in found.points:
                assert not point.point.can_be_answered
                assert point.point.note
                assert not point.answers


def test_the_payment_regulation_answers_what_creditors_asked(shipped: Base) -> None:
    answers = {one.id for point in answered(shipped, "measure-06").points for one in point.answers}
    assert "nat-2026-gwy-802" in answers
    recommended = {one.id for p in answered(shipped, "recommendation-8").points for one in p.answers}
    assert "nat-2026-gwy-802" in recommended


def test_the_link_to_a_search_gives_the_same(shipped: Base) -> None:
    checked = 0
    for number in range(1, 13):
        for point in answered(shipped, f"case-{number:02}", SPRING).points:
            if point.found and point.same_as_search:
                request = Request("", SPRING, Filters(**point.parameters), limit=1000)
                hits = search(shipped.library, request).hits
                found = {hit.record.id for hit in hits if hit.record.kind in ("policy", "service")}
                assert found == {one.id for one in point.answers}
                checked += 1
    assert checked


def test_other_entries_have_nothing_to_be_answered(shipped: Base) -> None:
    held = entries.get(shipped.db, "nat-2020-mohrss-11")
    assert held
    assert answered_on(shipped.db, shipped.library, held.entry, TODAY) is None
