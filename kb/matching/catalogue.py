"""All reliefs ready to be matched: rules shared between them, timelines, and what a result shows.

Kept in the process and brought level with the store's changes; the store remains the truth.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from kb.domain.company import CLASSES
from kb.domain.eligibility import Rule, rules_of
from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.domain.relief import Relief, Window
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.timeline import Amendment, StatusOn, Step, Trust, status_on, timeline
from kb.matching.ways import Group, how_to_get, manner
from kb.store import changes, entries
from kb.store.database import Database

FAMILY_TIES = frozenset({"implements", "extends"})
CHUNK = 500
DAYS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """One relief of a published entry. ``rules`` are places in the catalogue's list of rules, that of
    the place first; ``manner`` and ``breadth`` (how many size classes) put it in order."""

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
    manner: int
    breadth: int

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


@dataclass(frozen=True, slots=True)
class Standing:
    """An offer on a day: its status, the list it belongs to, and how it is got then."""

    offer: Offer
    status: StatusOn
    list: str
    group: Group
    claimable: bool
    windows: tuple[Window, ...]


def standing_on(offer: Offer, day: date) -> Standing | None:
    """How an offer stands; ``None`` for what had not been issued by ``day`` or has long ended."""
    status = status_on(offer.steps, offer.trust, day) if offer.known_on <= day else None
    name = list_of(status) if status else ""
    if status is None or not name:
        return None
    apply = offer.relief.apply
    group, claimable = how_to_get(apply, day)
    return Standing(offer, status, name, group, claimable, apply.windows_on(day) if apply else ())


def list_of(status: StatusOn) -> str:
    """Which list of an answer a status belongs to; nothing for what has long ended."""
    if status.status == "expired":
        return "just_ended" if status.recently_ended else ""
    if status.status == "upcoming":
        return "upcoming"
    return "matches" if status.current else "unchecked"


class Catalogue:
    """The offers at one change number; never altered."""

    def __init__(self, number: int, rules: tuple[Rule, ...], offers: Iterable[Offer]) -> None:
        self.number = number
        self.rules = rules
        self.offers = tuple(offers)
        self._days: dict[date, tuple[Standing, ...]] = {}

    def on(self, day: date) -> tuple[Standing, ...]:
        """Every offer that is of any interest on ``day``, worked out once a day."""
        held = self._days.get(day)
        if held is None:
            found = (standing_on(offer, day) for offer in self.offers)
            held = tuple(one for one in found if one)
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            self._days[day] = held
        return held


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
            if self._catalogue.number > last:
                self._forget()
            while self._catalogue.number < (last := changes.last_number(db)):
                self._follow(db, last)
            return self._catalogue

    def _forget(self) -> None:
        """Begin anew: the store was put back to an earlier state."""
        self._rules, self._offers, self._catalogue = {}, {}, Catalogue(0, (), ())

    def _follow(self, db: Database, last: int) -> None:
        first = self._catalogue.number == 0
        if first:
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
        if first:
            _set_aside()

    def _put(self, db: Database, entry: Entry, version: int) -> None:
        if entry.kind in BACKGROUND_KINDS or not entry.reliefs:
            self._offers.pop(entry.id, None)
            return
        amendments = entries.amendments_to(db, entry.id)
        self._offers[entry.id] = offers_of(entry, version, amendments, self._rules, self._taxonomy)


def offers_of(
    entry: Entry, version: int, amendments: list[Amendment], rules: dict[Rule, int], taxonomy: Taxonomy
) -> tuple[Offer, ...]:
    """An offer for each relief of an entry; ``rules`` numbers every rule met so far and is added to."""
    if entry.kind in BACKGROUND_KINDS:
        return ()
    return tuple(_offer(entry, relief, version, amendments, rules, taxonomy) for relief in entry.reliefs)


def _offer(
    entry: Entry,
    relief: Relief,
    version: int,
    amendments: list[Amendment],
    rules: dict[Rule, int],
    taxonomy: Taxonomy,
) -> Offer:
    asked = rules_of(entry, relief, taxonomy)
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
        rules=tuple(rules.setdefault(rule, len(rules)) for rule in asked),
        steps=timeline(entry, relief, amendments),
        trust=Trust.of(entry),
        manner=manner(relief),
        breadth=len(relief.audience.sizes or CLASSES),
    )


def _set_aside() -> None:
    """Let collections pass the catalogue by: walking ten thousand offers took longer than a match.

    They hold no cycles, so those that are replaced are freed all the same.
    """
    gc.collect()
    gc.freeze()


def _changed(db: Database, number: int) -> list[str]:
    """The ids of all entries changed after a change number, each once."""
    found: dict[str, None] = {}
    while rows := changes.since(db, number, CHUNK):
        found |= dict.fromkeys(row.entry_id for row in rows)
        number = rows[-1].number
    return list(found)
