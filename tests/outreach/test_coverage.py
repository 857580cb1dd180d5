"""The grid of regions and types, and the count of policies a reader is told."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.outreach.coverage import grid_json, grid_on
from kb.search import Request, search
from kb.search.table import Filters
from kb.store import entries
from kb.store.coverage import coverage
from tests.conftest import SPRING, TODAY, Base


def test_every_province_has_a_line_even_without_a_policy(shipped: Base) -> None:
    codes = [line.region.code for line in grid_on(shipped.library, TODAY).lines]
    provinces = {region.code for region in shipped.terms.taxonomy.regions.provinces()}
    assert provinces < set(codes)
    assert codes[0] == "100000"


@settings(max_examples=20)
@given(
    day=st.sampled_from([date(2020, 2, 15), SPRING, TODAY, date(2027, 1, 5)]),
    kind=st.sampled_from(["tax", "finance", "jobs", "rent", "technology"]),
)
def test_the_cells_count_what_a_search_finds(shipped: Base, day: date, kind: str) -> None:
    grid = grid_on(shipped.library, day)
    nation = Filters(region=("100000",), type=(kind,), kind=("policy", "service"))
    hits = search(shipped.library, Request("", day, nation, limit=1000)).hits
    cell = grid.lines[0].cells[kind]
    assert bool(hits) == bool(cell.current)
    assert cell.current >= len(hits)
    assert 0 <= cell.current <= cell.ever


def test_nothing_issued_later_is_counted(shipped: Base) -> None:
    early, late = grid_on(shipped.library, date(2020, 2, 1)), grid_on(shipped.library, TODAY)
    assert sum(cell.ever for cell in early.total.values()) < sum(cell.ever for cell in late.total.values())
    assert "nat-2020-mof-sta-8" not in str(grid_json(early, shipped.terms.taxonomy))


def test_policies_are_counted_for_every_region_they_name(shipped: Base) -> None:
    expected: dict[str, int] = {}
    for held in entries.all_current(shipped.db):
        if held.entry.kind == "policy" and held.entry.known_on <= SPRING:
            for code in held.entry.regions.include:
                expected[code] = expected.get(code, 0) + 1
    assert coverage(shipped.db, SPRING).by_region == expected


def test_entries_are_counted_by_kind_and_level_with_the_last_day_one_was_confirmed(shipped: Base) -> None:
    held = [one.entry for one in entries.all_current(shipped.db) if one.entry.known_on <= TODAY]
    counted = coverage(shipped.db, TODAY)
    assert counted.by_kind == Counter(one.kind for one in held)
    assert counted.by_level == Counter(one.verified.level for one in held)
    assert counted.confirmed_on == max(one.verified.confirmed_on or date.min for one in held)
