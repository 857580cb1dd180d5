"""What publishing an amendment does to the terms of other entries, told before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kb.domain.entry import Entry
from kb.domain.relief import Relief
from kb.domain.timeline import Amendment, Step, amendments_of, timeline
from kb.store import entries
from kb.store.database import Database


@dataclass(frozen=True)
class Moved:
    """One term that moves: the entry, its relief (``None`` for its own term), the last days before and after.

    ``None`` is no stated last day.
    """

    entry: Entry
    relief: Relief | None
    before: date | None
    after: date | None


def affected_by(db: Database, amending: Entry) -> tuple[Moved, ...]:
    """The terms that ``amending`` moves once it is published, with what it says already taken off."""
    targets = dict.fromkeys(one.entry for one in amendments_of(amending))
    return tuple(moved for target in targets for moved in _moved(db, target, amending))


def _moved(db: Database, target: str, amending: Entry) -> Iterator[Moved]:
    held = entries.get(db, target)
    if held is None or held.state != "published":
        return
    others = [one for one in entries.amendments_to(db, target) if one.because != amending.id]
    with_it = [*others, *amendments_of(amending)]
    for relief in held.entry.reliefs or (None,):
        before, after = _last(held.entry, relief, others), _last(held.entry, relief, with_it)
        if before.because != after.because or before.end != after.end:
            yield Moved(held.entry, relief, before.end, after.end)


def _last(entry: Entry, relief: Relief | None, amendments: list[Amendment]) -> Step:
    return timeline(entry, relief, amendments)[-1]
