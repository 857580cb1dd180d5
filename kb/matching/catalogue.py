"""All reliefs ready to be matched: rules shared between them, timelines, and what a result shows.

Kept in the process and brought level with the store's changes; the store remains the truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock

from kb.domain.eligibility import Rule, rules_of
from kb.domain.entry import BACKGROUND_KINDS, Entry, Relief
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.timeline import Amendment, StatusOn, Step, Trust, status_on, timeline
from kb.store import changes, entries
from kb.store.database import Database

FAMILY_TIES = frozenset({"implements", "extends"})
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """One relief of a published entry. ``rules`` are places in the catalogue's list of rules."""

    entry: str
    version: int
    title: str
    promise: str
    doc_number: str | None
    issuers: tuple[str, ...]
    section: str
    url: str
    regions: tuple[str, ...]
    needs: tuple[str, ...]
    doubts: tuple[str, ...]
    lead: bool
    confirmed_on: date | None
    known_on: date
    ties: tuple[tuple[str, str], ...]
    relief: Relief
    rules: tuple[int, ...]
    steps: tuple[Step, ...]
    trust: Trust

    @property
    def id(self) -> str:
        """The global id, ``entry#relief``."""
        return f"{self.entry}#{self.relief.id}"

    @property
    def is_nation_wide(self) -> bool:
        return NATION in self.regions

    @property
    def follows(self) -> tuple[str, ...]:
        """The documents that this one carries out or extends."""
        targets = (target for kind, target in self.ties if kind in FAMILY_TIES)
        return tuple(dict.fromkeys(target.partition("#")[0] for target in targets))


@dataclass(frozen=True)
class Standing:
    """An offer and its status on a day."""

    offer: Offer
    status: StatusOn


class Catalogue:
    """The offers at one change number; never altered."""

    def __init__(self, number: int, rules: tuple[Rule, ...], offers: Iterable[Offer]) -> None:
        self.number = number
        self.rules = rules
        self.offers = tuple(offers)
        self._days = lru_cache(maxsize=8)(self._standing_on)

    def on(self, day: date) -> tuple[Standing, ...]:
        """Every offer that had been issued by ``day`` with its status then, worked out once a day."""
        return self._days(day)

    def _standing_on(self, day: date) -> tuple[Standing, ...]:
        found = []
        for offer in self.offers:
            if offer.known_on <= day and (status := status_on(offer.steps, offer.trust, day)):
                found.append(Standing(offer, status))
        return tuple(found)


class Shelf:
    """Holds the catalogue of a process and brings it level with the store when asked; safe for threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._lock = Lock()
        self._rules: dict[Rule, int] = {}
        self._offers: dict[str, tuple[Offer, ...]] = {}
        self._catalogue = Catalogue(0, (), ())

    def catalogue(self, db: Database) -> Catalogue:
        """The catalogue at the store's last change; only what changed is read again."""
        last = changes.last_number(db)
        if self._catalogue.number == last:
            return self._catalogue
        with self._lock:
            while self._catalogue.number < (last := changes.last_number(db)):
                self._follow(db, last)
            return self._catalogue

    def _follow(self, db: Database, last: int) -> None:
        if self._catalogue.number == 0:
            for held in entries.all_current(db):
                self._put(db, held.entry, held.version.number)
        else:
            for entry_id in _changed(db, self._catalogue.number):
                held_now = entries.get(db, entry_id)
                if held_now and held_now.state == "published":
                    self._put(db, held_now.entry, held_now.version.number)
                else:
                    self._offers.pop(entry_id, None)
        offers = (offer for entry_id in sorted(self._offers) for offer in self._offers[entry_id])
        self._catalogue = Catalogue(last, tuple(self._rules), offers)

    def _put(self, db: Database, entry: Entry, version: int) -> None:
        if entry.kind in BACKGROUND_KINDS or not entry.reliefs:
            self._offers.pop(entry.id, None)
            return
        amendments = entries.amendments_to(db, entry.id)
        self._offers[entry.id] = tuple(
            self._offer(entry, relief, version, amendments) for relief in entry.reliefs
        )

    def _offer(self, entry: Entry, relief: Relief, version: int, amendments: list[Amendment]) -> Offer:
        rules = rules_of(entry, relief, self._taxonomy)
        source = entry.sources[0] if entry.sources else None
        return Offer(
            entry=entry.id,
            version=version,
            title=entry.title,
            promise=entry.promise,
            doc_number=entry.doc_number,
            issuers=entry.issuers,
            section=source.section if source else "",
            url=source.url if source else "",
            regions=entry.regions.include,
            needs=entry.needs,
            doubts=tuple(entry.verified.doubts),
            lead=entry.is_lead,
            confirmed_on=entry.verified.confirmed_on,
            known_on=entry.known_on,
            ties=tuple((relation.type, relation.to) for relation in entry.relations if relation.to),
            relief=relief,
            rules=tuple(self._rules.setdefault(rule, len(self._rules)) for rule in rules),
            steps=timeline(entry, relief, amendments),
            trust=Trust.of(entry),
        )


def _changed(db: Database, number: int) -> list[str]:
    """The ids of all entries changed after a change number, each once."""
    found: dict[str, None] = {}
    while rows := changes.since(db, number, CHUNK):
        found |= dict.fromkeys(row.entry_id for row in rows)
        number = rows[-1].number
    return list(found)
