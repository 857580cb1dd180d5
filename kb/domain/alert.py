"""What somebody may be told of without an account: what, how often, and how an entry stood when told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from kb.domain.entry import Entry
from kb.domain.fields import END_KINDS
from kb.domain.timeline import Amendment, timeline

Kind = Literal["search", "company", "entry", "digest"]
KINDS: tuple[Kind, ...] = ("search", "company", "entry", "digest")
Frequency = Literal["now", "daily", "weekly"]
FREQUENCIES: tuple[Frequency, ...] = ("now", "daily", "weekly")
"""The quickest first."""
What = Literal["changed", "withdrawn", "new", "reminder"]
"""What there is to tell; of the first three the first that applies."""
BEFORE_END = (30, 7)
"""How many days before an end somebody is reminded."""
MORNING = 8
"""Nothing that can wait is sent before this hour, Shanghai time."""
LONGEST = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}"
)


def address_of(text: str) -> str | None:
    """The mail address that somebody typed, in lower case; ``None`` if it is none."""
    plain = text.strip()
    return plain.lower() if len(plain) <= LONGEST and _ADDRESS.fullmatch(plain) else None


@dataclass(frozen=True)
class End:
    """The end of a relief, or of an entry that has none (``relief`` empty), and the entry that set it."""

    relief: str
    title: str
    day: date | None
    kind: str
    because: str
    inferred: str = ""

    @property
    def words(self) -> str:
        """``2020-06-30``, ``约2026-12-17``, ``长期有效``."""
        if self.day is None:
            return END_KINDS.get(self.kind, "")
        return f"约{self.day.isoformat()}" if self.inferred else self.day.isoformat()


@dataclass(frozen=True)
class Stand:
    """How an entry stood: its version and its ends, as amended by what had been published."""

    version: int
    ends: tuple[End, ...]


@dataclass(frozen=True)
class Moved:
    """An end that is another now; ``title`` names the reliefs, empty where all moved alike."""

    title: str
    before: str
    after: str
    because: str


def stand_of(entry: Entry, version: int, amendments: Iterable[Amendment]) -> Stand:
    """How ``entry`` stands with ``amendments``."""
    made = tuple(amendments)
    ends = []
    for relief in entry.reliefs or (None,):
        last = timeline(entry, relief, made)[-1]
        name, title = (relief.id, relief.title) if relief else ("", "")
        ends.append(End(name, title, last.end, last.end_kind, last.because, last.inferred))
    return Stand(version, tuple(ends))


def moved(before: Stand, after: Stand) -> tuple[Moved, ...]:
    """The ends that are others now, one for all reliefs that moved alike."""
    was = {one.relief: one for one in before.ends}
    pairs = [(was[one.relief], one) for one in after.ends if one.relief in was]
    alike: dict[tuple[str, str, str], list[str]] = {}
    for old, new in pairs:
        if old.words != new.words:
            alike.setdefault((old.words, new.words, new.because), []).append(new.title)
    everything = [titles for titles in alike.values() if len(titles) == len(pairs)]
    return tuple(Moved("" if everything else "、".join(titles), *how) for how, titles in alike.items())


def reminders(stand: Stand, told_on: date, today: date) -> Iterator[tuple[int, tuple[End, ...]]]:
    """The reminders due on ``today``: how many days they are meant for, and the ends of one day.

    Each is due from its day until the next one is, so that a day on which nothing ran loses none. Who was
    told of the end on that day or later needs no reminder of it.
    """
    for end in sorted({one.day for one in stand.ends if one.day}):
        for days, following in zip(BEFORE_END, (*BEFORE_END[1:], -1), strict=True):
            first, last = end - timedelta(days=days), end - timedelta(days=following + 1)
            if told_on < first <= today <= last:
                yield days, tuple(one for one in stand.ends if one.day == end)


def is_due(frequency: Frequency, made_on: date, moment: datetime) -> bool:
    """Whether what was noted on ``made_on`` goes out at ``moment``, an aware time in Shanghai.

    Daily: on a later day; weekly: in a later week, which begins on Monday; both from the morning on.
    """
    if frequency == "now":
        return True
    today = moment.date()
    begins = today if frequency == "daily" else today - timedelta(days=today.weekday())
    return made_on < begins and moment.hour >= MORNING


def stand_json(stand: Stand) -> dict[str, Any]:
    """A stand as the store keeps it."""
    ends = [
        [e.relief, e.title, e.day.isoformat() if e.day else None, e.kind, e.because, e.inferred]
        for e in stand.ends
    ]
    return {"version": stand.version, "ends": ends}


def stand_from(data: Mapping[str, Any]) -> Stand:
    """The stand that :func:`stand_json` wrote."""
    ends = (
        End(relief, title, date.fromisoformat(day) if day else None, kind, because, inferred)
        for relief, title, day, kind, because, inferred in data["ends"]
    )
    return Stand(int(data["version"]), tuple(ends))
