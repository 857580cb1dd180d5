"""What waits for staff: entries that end soon, have just ended, want checking, have no official address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kb.domain.taxonomy import Taxonomy
from kb.domain.workflow import Actor
from kb.search import Library, Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store.checking import last_checks
from kb.store.coverage import without_address
from kb.store.database import Database

ENDING_DAYS = 60
EVERYTHING = 1_000_000


@dataclass(frozen=True)
class Agenda:
    """Hits by what is to be done about them, the most urgent first."""

    ending: tuple[Hit, ...]
    ended: tuple[Hit, ...]
    due: tuple[Hit, ...]
    addressless: tuple[Hit, ...]


def agenda_on(library: Library, db: Database, actor: Actor, today: date) -> Agenda:
    """The agenda of ``today`` for the office of ``actor``."""
    filters = Filters(status=("all",), kind=("policy", "service"))
    found = search(library, Request("", today, filters, limit=EVERYTHING, facets=False)).hits
    hits = [hit for hit in found if _is_ours(hit, actor, library.taxonomy)]
    last = today + timedelta(days=ENDING_DAYS)
    missing = {key for key, one in last_checks(db).items() if one.result == "missing"}
    bare = without_address(db) | missing
    return Agenda(
        tuple(
            sorted((h for h in hits if h.status.current and h.status.end and h.status.end <= last), key=_end)
        ),
        tuple(sorted((h for h in hits if h.status.recently_ended), key=_end, reverse=True)),
        due_of(hits, today),
        tuple(hit for hit in hits if hit.record.id in bare and hit.status.current),
    )


def _is_ours(hit: Hit, actor: Actor, taxonomy: Taxonomy) -> bool:
    return actor.covers(hit.record.regions.include, taxonomy.regions)


def _end(hit: Hit) -> tuple[date, str]:
    return hit.status.end or date.max, hit.record.id


def due_of(hits: list[Hit], today: date) -> tuple[Hit, ...]:
    """What readers may use today and nobody has confirmed or whose confirmation has run out.

    What default answers show comes first, then what was longest unchecked.
    """
    waiting = [hit for hit in hits if _may_be_used(hit) and hit.record.trust.is_due(today)]
    return tuple(sorted(waiting, key=_most_relied_on))


def _most_relied_on(hit: Hit) -> tuple[bool, date, str]:
    return not hit.status.current, hit.record.confirmed_on or date.min, hit.record.id


def _may_be_used(hit: Hit) -> bool:
    return hit.status.status != "expired"
