"""How a period moves when later documents extend or repeal it, and what status that gives on a day.

Rules: design §4 "Time" and "Status". Nothing here writes a status; it is always computed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from kb.domain.entry import Entry
from kb.domain.relief import EndKind, Period, Relief
from kb.domain.verification import good_until

Status = Literal["open", "upcoming", "unstated", "expired"]
BEST_FIRST: tuple[Status, ...] = ("open", "upcoming", "unstated", "expired")
RECENT_DAYS = 180
_RECENT = timedelta(days=RECENT_DAYS)
UNSTATED_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """What was known from ``known_on`` on: first and last day, and the entry that says so.

    ``inferred`` is what the last day was worked out from, empty where a document gives it.
    """

    known_on: date
    start: date | None
    end: date | None
    end_kind: EndKind
    because: str
    inferred: str = ""


@dataclass(frozen=True)
class Amendment:
    """One extension or repeal of a target (``entry`` or one relief of it) by the entry ``because``."""

    because: str
    known_on: date
    entry: str
    relief: str | None
    end: date | None = None
    repealed_from: date | None = None


@dataclass(frozen=True, slots=True)
class StatusOn:
    """The status on a day. ``current`` is false for what default lists leave out.

    ``stale`` is 时效待核实; ``recently_ended`` is 刚到期 (ended in the last 180 days).
    ``end`` is the last day as known on that day, ``because`` the entry that set it, ``inferred`` what it
    was worked out from. ``lapsed`` is 待复核: confirmed once, too long ago to rely on.
    """

    status: Status
    current: bool
    stale: bool = False
    recently_ended: bool = False
    start: date | None = None
    end: date | None = None
    end_kind: EndKind = "unstated"
    because: str = ""
    inferred: str = ""
    lapsed: bool = False


def amendments_of(entry: Entry) -> tuple[Amendment, ...]:
    """The extensions and repeals that ``entry`` makes to entries of this knowledge base."""
    found = []
    for relation in entry.relations:
        target, relief = relation.target
        if target and relation.type in ("extends", "repeals"):
            found.append(Amendment(entry.id, entry.known_on, target, relief, relation.end, relation.from_))
    return tuple(found)


def own_period(entry: Entry, relief: Relief | None) -> Period:
    """A relief's own period; without one its entry's; without that, one with no end stated."""
    period = (relief.period if relief else None) or entry.in_force
    return period or Period(start=entry.issued_on, end_kind="unstated")


def timeline(entry: Entry, relief: Relief | None, amendments: Iterable[Amendment] = ()) -> tuple[Step, ...]:
    """The steps of a period in the order in which they became known.

    An amendment of the whole entry moves each of its reliefs; one of a single relief moves that alone
    and never the entry's own term.
    """
    period = own_period(entry, relief)
    steps = [Step(entry.known_on, period.start, period.end, period.end_kind, entry.id, period.inferred)]
    mine = [
        a for a in amendments if a.entry == entry.id and a.relief in (None, relief.id if relief else None)
    ]
    for amendment in sorted(mine, key=_order):
        steps.append(_after(steps[-1], amendment))
    return tuple(steps)


def _order(amendment: Amendment) -> tuple[date, str, date]:
    """As they became known; of one day by entry, then the earlier date first, so that order is total."""
    return amendment.known_on, amendment.because, amendment.end or amendment.repealed_from or date.max


def _after(step: Step, amendment: Amendment) -> Step:
    if amendment.repealed_from is None:
        end = amendment.end
    else:
        last = amendment.repealed_from - timedelta(days=1)
        end = min(step.end, last) if step.end else last
    known_on = max(step.known_on, amendment.known_on)
    inferred = step.inferred if amendment.repealed_from and end == step.end else ""
    because = amendment.because
    return replace(step, known_on=known_on, end=end, end_kind="dated", because=because, inferred=inferred)


def step_on(steps: Iterable[Step], day: date) -> Step | None:
    """The last step known on ``day``; ``None`` if nothing had been issued by then."""
    last = None
    for step in steps:
        if step.known_on <= day:
            last = step
    return last


@lru_cache(maxsize=4096)
def months_after(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first_of_next = date(day.year + years + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


@dataclass(frozen=True, slots=True)
class Trust:
    """What of an entry's verification bears on status.

    ``since`` is the day it was surely alive last (issued or confirmed); ``doubtful`` a doubt about the
    status itself (不可展示为有效), which hides it whatever its dates; ``good_until`` the last day on which
    its confirmation is good, ``None`` if it has none.
    """

    since: date
    doubtful: bool
    good_until: date | None = None

    @classmethod
    def of(cls, entry: Entry) -> Trust:
        days = [entry.issued_on or entry.known_on, entry.verified.confirmed_on]
        return cls(max(day for day in days if day), "status" in entry.verified.doubts, good_until(entry))

    def is_due(self, day: date) -> bool:
        """Whether staff should check the entry on ``day``: never confirmed, or too long ago."""
        return self.good_until is None or day > self.good_until

    def has_lapsed(self, day: date) -> bool:
        """Whether a confirmation was given and has run out by ``day`` (待复核)."""
        return self.good_until is not None and day > self.good_until


def status_on(steps: Iterable[Step], trust: Trust, day: date) -> StatusOn | None:
    """The status on ``day``; ``None`` for what had not been issued by then."""
    step = step_on(steps, day)
    if step is None:
        return None
    status, current, stale = _standing(step, trust, day)
    return StatusOn(
        status=status,
        current=current,
        stale=stale,
        recently_ended=status == "expired" and step.end is not None and day - step.end <= _RECENT,
        start=step.start,
        end=step.end,
        end_kind=step.end_kind,
        because=step.because,
        inferred=step.inferred,
        lapsed=trust.has_lapsed(day),
    )


def _standing(step: Step, trust: Trust, day: date) -> tuple[Status, bool, bool]:
    """The status, whether it is current and whether it is stale."""
    if step.end_kind == "ended" or (step.end is not None and step.end < day):
        return "expired", False, False
    if trust.doubtful:
        return "unstated", False, True
    if step.start is not None and step.start > day:
        return "upcoming", True, False
    if step.end_kind == "unstated":
        stale = day > months_after(trust.since, UNSTATED_MONTHS)
        return "unstated", not stale, stale
    return "open", True, False


def rank(status: StatusOn) -> tuple[int, bool]:
    """Sort key, best first: open, upcoming, unstated (current before stale), expired (recent first)."""
    return BEST_FIRST.index(status.status), not (status.current or status.recently_ended)


def best(statuses: Iterable[StatusOn | None]) -> StatusOn | None:
    """The best of several statuses, as an entry has of its reliefs; the latest end among equals."""
    known = [status for status in statuses if status is not None]
    if len(known) < 2:
        return known[0] if known else None
    first = min(rank(status) for status in known)
    return max((s for s in known if rank(s) == first), key=lambda s: s.end or date.max)
