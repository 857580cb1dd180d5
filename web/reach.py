"""How much is held for where somebody looks, and whom to ask: what is not held may still exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kb.domain.taxonomy import NATION
from kb.store.changes import last_number
from kb.store.coverage import Coverage, coverage
from kb.store.terms import Hotline
from web.i18n import _
from web.site import database, site

MOST_LINES = 4


@dataclass(frozen=True)
class Reach:
    """Places with the number of policies held for each, the last check, and numbers to ask."""

    places: tuple[tuple[str, int], ...]
    confirmed_on: date | None
    lines: tuple[Hotline, ...]


def reach_of(regions: Sequence[str], types: Iterable[str], day: date) -> Reach:
    """What is held for ``regions`` and all they lie in; without a region, the nation and all other places."""
    held = _held_on(day)
    counts = held.by_region
    known = site().taxonomy.regions
    places = [(_("全国政策"), counts.get(NATION, 0))]
    asked = [code for region in regions for code in reversed(known.path(region)) if code != NATION]
    places += [(known.by_code[code].short, counts.get(code, 0)) for code in dict.fromkeys(asked)]
    if not asked:
        places.append((_("地方政策"), sum(counts.values()) - counts.get(NATION, 0)))
    lines = site().terms.hotlines_for(types)
    return Reach(tuple(places), held.confirmed_on, _few(lines))


_remembered: dict[tuple[Path, int, date], Coverage] = {}
MOST_REMEMBERED = 32


def _held_on(day: date) -> Coverage:
    """Policies by region and the last check, counted once a day and state of the store: on every page."""
    db = database()
    key = (site().settings.database, last_number(db), day)
    held = _remembered.get(key)
    if held is None:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        held = _remembered[key] = coverage(db, day)
    return held


def _few(lines: Sequence[Hotline]) -> tuple[Hotline, ...]:
    """The first that fit, and always the last: the number that takes everything."""
    return (*lines[: MOST_LINES - 1], lines[-1]) if len(lines) > MOST_LINES else tuple(lines)
