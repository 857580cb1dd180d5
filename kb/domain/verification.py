"""How long a confirmation that something still applies lasts, and whether it has run out on a day.

A confirmation is ``verified.confirmed_on``: the day on which somebody last saw that the entry applies as it
stands here. What was never confirmed has nothing to run out; it says 时效未核对 and is due all the same.
"""

from __future__ import annotations

from datetime import date, timedelta

from kb.domain.entry import Entry
from kb.domain.relief import Period, Window

GOOD_DAYS = 180
GOOD_DAYS_INFERRED = 90
"""Where the document gives no end and ours was worked out, a longer silence says less."""
SILENT_DAYS = 60
"""After so many days without any confirmation at all the whole site says so."""
_YEAR_DAYS = 366


def good_until(entry: Entry) -> date | None:
    """The last day on which the confirmation of ``entry`` is good; ``None`` if it was never confirmed.

    A yearly policy is looked at again when its year has turned: by the end of the January that follows.
    """
    confirmed = entry.verified.confirmed_on
    if confirmed is None:
        return None
    last = confirmed + timedelta(days=GOOD_DAYS_INFERRED if has_inferred_end(entry) else GOOD_DAYS)
    return min(last, date(confirmed.year + 1, 1, 31)) if is_yearly(entry) else last


def is_due(entry: Entry, day: date) -> bool:
    """Whether ``entry`` wants checking on ``day``: its confirmation has run out, or it never had one."""
    last = good_until(entry)
    return last is None or day > last


def is_silent(last_check: date | None, today: date) -> bool:
    """Whether nothing at all has been checked for so long that every page must say so."""
    return last_check is not None and (today - last_check).days >= SILENT_DAYS


def has_inferred_end(entry: Entry) -> bool:
    """Whether one of the ends that the entry's reliefs run to was worked out, not read in the document."""
    return any(period.inferred for period in _periods(entry))


def is_yearly(entry: Entry) -> bool:
    """Whether the policy is made anew each year, so that the turn of the year may change it.

    That is so where applications are taken in rounds (a window with a day, or one that is closed), and
    where a period ends with its calendar year: on 31 December, at most 366 days after it began. A period
    without a first day counts from the day of issue. A window that is only a note says nothing of rounds.
    """
    windows = (window for relief in entry.reliefs if relief.apply for window in relief.apply.windows)
    return any(map(_is_round, windows)) or any(_ends_with_its_year(p, entry) for p in _periods(entry))


def _is_round(window: Window) -> bool:
    return window.closed or bool(window.opens or window.closes)


def _ends_with_its_year(period: Period, entry: Entry) -> bool:
    end, start = period.end, period.start or entry.issued_on or entry.known_on
    return end is not None and (end.month, end.day) == (12, 31) and (end - start).days <= _YEAR_DAYS


def _periods(entry: Entry) -> list[Period]:
    """The periods that count: each relief's own or else the entry's; the entry's if it has no relief."""
    found = [relief.period or entry.in_force for relief in entry.reliefs] or [entry.in_force]
    return [period for period in found if period]
