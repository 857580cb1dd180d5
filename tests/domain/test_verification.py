"""How long a confirmation lasts, and what it means when it has run out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.entry import Entry
from kb.domain.timeline import Trust, amendments_of, status_on, timeline
from kb.domain.verification import good_until, has_inferred_end, is_due, is_silent, is_yearly
from tests.conftest import an_entry

CHECKED = date(2026, 11, 22)
LONG_TERM = {"start": "2026-02-01", "end_kind": "long_term"}
THIS_YEAR = {"start": "2026-01-01", "end": "2026-12-31", "end_kind": "dated"}
INFERRED = {"start": "2026-02-01", "end": "2028-01-31", "end_kind": "dated", "inferred": "有效期2年"}
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
periods = st.sampled_from([LONG_TERM, THIS_YEAR, INFERRED])


def confirmed(on: date | None, in_force: dict[str, str], **relief: object) -> Entry:
    """An entry of 2026 with one relief that was confirmed on a day."""
    own = {"id": "defer", "type": "tax", "title": "缓交", "what": "缓交三个月。", **relief}
    verified = {"confirmed_on": on.isoformat()} if on else {}
    return an_entry(issued_on="2026-02-01", in_force=in_force, reliefs=[own], verified=verified)


def rounds(*windows: dict[str, object]) -> dict[str, object]:
    return {"apply": {"channel": "apply", "windows": list(windows)}}


def test_a_confirmation_lasts_180_days() -> None:
    assert good_until(confirmed(CHECKED, LONG_TERM)) == date(2027, 5, 21)


def test_where_the_end_was_inferred_it_lasts_90_days() -> None:
    assert good_until(confirmed(CHECKED, INFERRED)) == date(2027, 2, 20)


def test_for_a_yearly_policy_it_ends_with_the_january_that_follows() -> None:
    assert good_until(confirmed(CHECKED, THIS_YEAR)) == date(2027, 1, 31)
    assert good_until(confirmed(date(2026, 2, 1), THIS_YEAR)) == date(2026, 7, 31)


def test_what_was_never_confirmed_has_nothing_to_run_out_and_is_due() -> None:
    entry = confirmed(None, LONG_TERM)
    assert good_until(entry) is None
    assert is_due(entry, CHECKED)


@given(on=days, period=periods, day=days)
def test_it_is_due_exactly_after_the_last_good_day(on: date, period: dict[str, str], day: date) -> None:
    entry = confirmed(on, period)
    last = good_until(entry)
    assert last is not None
    assert is_due(entry, day) == (day > last)
    assert not is_due(entry, on)
    assert Trust.of(entry).is_due(day) == Trust.of(entry).has_lapsed(day) == (day > last)


@given(on=days, period=periods)
def test_no_rule_makes_it_last_longer_than_180_days(on: date, period: dict[str, str]) -> None:
    entry = confirmed(on, period)
    last = good_until(entry)
    assert last is not None
    assert on <= last <= on + timedelta(days=180)
    if is_yearly(entry):
        assert last <= date(on.year + 1, 1, 31)
    if has_inferred_end(entry):
        assert last <= on + timedelta(days=90)


@given(on=days, later=st.integers(1, 400), period=periods)
def test_a_later_check_never_lasts_less_long(on: date, later: int, period: dict[str, str]) -> None:
    first, second = (good_until(confirmed(day, period)) for day in (on, on + timedelta(days=later)))
    assert first is not None
    assert second is not None
    assert first <= second


# -- what is yearly --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "yearly"),
    [
        (THIS_YEAR, True),
        ({**THIS_YEAR, "start": "2025-12-31"}, True),
        ({**THIS_YEAR, "start": "2025-12-30"}, True),
        ({**THIS_YEAR, "start": "2025-12-29"}, False),
        ({**THIS_YEAR, "end": "2026-12-30"}, False),
        ({**THIS_YEAR, "end": "2027-12-31"}, False),
        ({"end": "2026-12-31", "end_kind": "dated"}, True),
        ({"end": "2027-12-31", "end_kind": "dated"}, False),
        (LONG_TERM, False),
    ],
)
def test_a_period_that_ends_with_its_calendar_year_is_yearly(period: dict[str, str], yearly: bool) -> None:
    assert is_yearly(confirmed(CHECKED, period)) == yearly


@pytest.mark.parametrize(
    ("window", "yearly"),
    [
        ({"opens": "2026-06-01", "closes": "2026-08-31"}, True),
        ({"closes": "2026-08-31"}, True),
        ({"closed": True}, True),
        ({"note": "签合同之日起两年内提出"}, False),
    ],
)
def test_applications_taken_in_rounds_make_it_yearly(window: dict[str, object], yearly: bool) -> None:
    assert is_yearly(confirmed(CHECKED, LONG_TERM, **rounds(window))) == yearly


def test_the_entrys_own_period_does_not_count_where_every_relief_has_another() -> None:
    entry = confirmed(CHECKED, {**THIS_YEAR, "inferred": "暂定一年"}, period=LONG_TERM)
    assert not is_yearly(entry)
    assert not has_inferred_end(entry)


# -- on a day --------------------------------------------------------------------------------------


def test_on_2027_06_01_what_was_checked_in_november_has_lapsed() -> None:
    entry = confirmed(CHECKED, LONG_TERM)
    steps, trust = timeline(entry, None), Trust.of(entry)
    lapsed = [
        status.lapsed
        for day in (CHECKED, date(2027, 5, 21), date(2027, 5, 22), date(2027, 6, 1))
        if (status := status_on(steps, trust, day))
    ]
    assert lapsed == [False, False, True, True]


def test_what_was_never_confirmed_never_lapses() -> None:
    entry = confirmed(None, LONG_TERM)
    status = status_on(timeline(entry, None), Trust.of(entry), date(2035, 1, 1))
    assert status is not None
    assert not status.lapsed


def test_an_inferred_end_is_so_until_a_document_sets_one() -> None:
    entry = confirmed(CHECKED, INFERRED)
    move = {"type": "extends", "to": entry.id, "end": "2028-12-31"}
    later = an_entry("later", issued_on="2026-06-01", in_force=None, relations=[move], reliefs=[])
    steps = timeline(entry, entry.reliefs[0], amendments_of(later))
    found = [status_on(steps, Trust.of(entry), day) for day in (date(2026, 5, 31), date(2026, 6, 1))]
    assert [(status.inferred, str(status.end)) for status in found if status] == [
        ("有效期2年", "2028-01-31"),
        ("", "2028-12-31"),
    ]


@pytest.mark.parametrize(("stops", "inferred"), [("2027-06-01", ""), ("2029-01-01", "有效期2年")])
def test_a_repeal_after_an_inferred_end_leaves_it_inferred(stops: str, inferred: str) -> None:
    entry = confirmed(CHECKED, INFERRED)
    stop = {"type": "repeals", "to": entry.id, "from": stops}
    later = an_entry("later", issued_on="2026-06-01", in_force=None, relations=[stop], reliefs=[])
    status = status_on(timeline(entry, None, amendments_of(later)), Trust.of(entry), CHECKED)
    assert status is not None
    assert status.inferred == inferred


def test_only_an_end_can_be_inferred() -> None:
    with pytest.raises(ValueError, match="inferred"):
        confirmed(CHECKED, {**LONG_TERM, "inferred": "有效期2年"})


# -- nobody looks any more -------------------------------------------------------------------------


@pytest.mark.parametrize(("later", "silent"), [(0, False), (59, False), (60, True), (400, True)])
def test_sixty_days_without_any_check_are_silence(later: int, silent: bool) -> None:
    assert is_silent(CHECKED, CHECKED + timedelta(days=later)) == silent


def test_an_empty_knowledge_base_is_not_silent() -> None:
    assert not is_silent(None, CHECKED)
