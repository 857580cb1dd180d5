"""Periods that later documents move, and the status they give on a day (design §4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.timeline import (
    BEST_FIRST,
    Amendment,
    Step,
    Trust,
    amendments_of,
    best,
    months_after,
    status_on,
    step_on,
    timeline,
)
from tests.conftest import an_entry

ISSUED = date(2020, 2, 20)
TRUST = Trust(ISSUED, doubtful=False)
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))


def amendment(known_on: date, **changes: object) -> Amendment:
    return Amendment("later", known_on, "nat-2020-test-1", None, **changes)  # type: ignore[arg-type]


def steps_of(**changes: object) -> tuple[Step, ...]:
    return timeline(an_entry(), an_entry().reliefs[0], [amendment(date(2020, 6, 22), **changes)])


def test_an_extension_counts_only_from_the_day_it_was_issued() -> None:
    steps = steps_of(end=date(2020, 12, 31))
    before, after = step_on(steps, date(2020, 6, 21)), step_on(steps, date(2020, 6, 22))
    assert before
    assert before.end == date(2020, 6, 30)
    assert after
    assert (after.end, after.because) == (date(2020, 12, 31), "later")


def test_what_ended_before_its_extension_was_known_is_open_again_after() -> None:
    late = timeline(an_entry(), None, [amendment(date(2020, 7, 20), end=date(2020, 12, 31))])
    seen = [status_on(late, TRUST, day) for day in (date(2020, 6, 30), date(2020, 7, 1), date(2020, 7, 20))]
    assert [one and one.status for one in seen] == ["open", "expired", "open"]


def test_a_repeal_ends_the_day_before_and_never_lengthens() -> None:
    assert steps_of(repealed_from=date(2020, 5, 1))[-1].end == date(2020, 4, 30)
    assert steps_of(repealed_from=date(2021, 5, 1))[-1].end == date(2020, 6, 30)


def test_an_amendment_of_one_relief_moves_neither_the_others_nor_the_entry() -> None:
    only = Amendment("later", date(2020, 6, 22), "nat-2020-test-1", "other", end=date(2020, 12, 31))
    assert len(timeline(an_entry(), an_entry().reliefs[0], [only])) == 1
    assert len(timeline(an_entry(), None, [only])) == 1


def test_relations_become_amendments_only_where_they_move_dates() -> None:
    entry = an_entry(
        "later",
        relations=[
            {"type": "extends", "to": "a#b", "end": "2020-12-31"},
            {"type": "succeeds", "to": "a"},
            {"type": "repeals", "to_number": "试发〔2019〕2号", "from": "2020-03-01"},
        ],
    )
    assert [(a.entry, a.relief, a.end) for a in amendments_of(entry)] == [("a", "b", date(2020, 12, 31))]


def test_nothing_is_known_before_it_was_issued() -> None:
    assert status_on(steps_of(), TRUST, date(2020, 1, 31)) is None


@pytest.mark.parametrize(
    ("period", "day", "status", "current", "stale"),
    [
        ({"start": "2020-03-01", "end_kind": "long_term"}, date(2020, 2, 20), "upcoming", True, False),
        ({"start": "2020-03-01", "end_kind": "long_term"}, date(2029, 2, 20), "open", True, False),
        ({"end_kind": "unstated"}, date(2021, 2, 20), "unstated", True, False),
        ({"end_kind": "unstated"}, date(2021, 2, 21), "unstated", False, True),
        ({"end_kind": "ended"}, date(2020, 3, 1), "expired", False, False),
        ({"end": "2020-06-30", "end_kind": "dated"}, date(2020, 6, 30), "open", True, False),
        ({"end": "2020-06-30", "end_kind": "dated"}, date(2020, 7, 1), "expired", False, False),
    ],
)
def test_status_by_kind_of_end(
    period: dict[str, str], day: date, status: str, current: bool, stale: bool
) -> None:
    entry = an_entry(in_force=period, issued_on="2020-02-20")
    found = status_on(timeline(entry, None), Trust.of(entry), day)
    assert found
    assert (found.status, found.current, found.stale) == (status, current, stale)


def test_a_confirmation_keeps_what_has_no_end_current() -> None:
    entry = an_entry(in_force={"end_kind": "unstated"}, verified={"confirmed_on": "2026-11-22"})
    found = status_on(timeline(entry, None), Trust.of(entry), date(2027, 11, 22))
    assert found
    assert found.current


def test_a_doubt_about_the_status_hides_it_whatever_its_dates() -> None:
    entry = an_entry(
        in_force={"end": "2027-12-31", "end_kind": "dated"},
        verified={"doubts": {"status": "口径未核实，不可展示为有效"}},
    )
    found = status_on(timeline(entry, None), Trust.of(entry), date(2026, 11, 22))
    assert found
    assert (found.status, found.current, found.stale) == ("unstated", False, True)


def test_what_ended_in_the_last_180_days_says_so() -> None:
    steps = steps_of(end=date(2020, 12, 31))
    on_the_day, after = (status_on(steps, TRUST, date(2020, 12, 31) + timedelta(days=n)) for n in (180, 181))
    assert on_the_day
    assert on_the_day.recently_ended
    assert after
    assert not after.recently_ended


@given(
    start=st.none() | days,
    length=st.integers(0, 900),
    moves=st.lists(st.tuples(days, days, st.booleans()), max_size=4),
    day=days,
)
def test_any_chain_gives_one_status_that_agrees_with_its_dates(
    start: date | None, length: int, moves: list[tuple[date, date, bool]], day: date
) -> None:
    end = (start or ISSUED) + timedelta(days=length)
    entry = an_entry(issued_on="2020-02-20", in_force={"start": start, "end": end, "end_kind": "dated"})
    amendments = [
        amendment(known, end=when) if extends else amendment(known, repealed_from=when)
        for known, when, extends in moves
    ]
    steps = timeline(entry, None, amendments)
    if len({a.end or a.repealed_from for a in amendments}) == len(amendments):
        assert steps == timeline(entry, None, list(reversed(amendments)))
    assert [step.known_on for step in steps] == sorted(step.known_on for step in steps)
    found = status_on(steps, TRUST, day)
    if day < ISSUED:
        assert found is None
        return
    assert found is not None
    assert found.status in BEST_FIRST
    assert (found.status == "expired") == (found.end is not None and found.end < day)
    assert found.current == (found.status != "expired")


@given(statuses=st.lists(st.sampled_from(BEST_FIRST), min_size=1))
def test_an_entry_has_the_best_of_its_reliefs(statuses: list[str]) -> None:
    from kb.domain.timeline import StatusOn

    chosen = best([StatusOn(name, name != "expired") for name in statuses])  # type: ignore[arg-type]
    assert chosen
    assert BEST_FIRST.index(chosen.status) == min(BEST_FIRST.index(name) for name in statuses)  # type: ignore[arg-type]


@given(day=days, months=st.integers(0, 60))
def test_months_after_keeps_the_day_or_takes_the_last_of_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
