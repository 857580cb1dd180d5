"""What answers the papers of 2020 on a day: a case's demands, a recommendation's and a measure's points.

Computed by searching, so that a link gives the same list; corrections are ``answers`` and ``excludes``
relations in the paper's own file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from kb.domain.entry import BACKGROUND_KINDS, KINDS, Entry, Point
from kb.domain.taxonomy import NATION
from kb.domain.timeline import StatusOn, rank
from kb.outreach.sheet import Sheet, sheet_on
from kb.search import Library, Request, search
from kb.search.engine import Hit
from kb.search.table import FIELDS, Filters
from kb.store import entries
from kb.store.database import Database

LOOKED_AT = 1000
KINDS_THAT_ANSWER = tuple(kind for kind in KINDS if kind not in BACKGROUND_KINDS)
State = Literal["all", "some", "none"]


@dataclass(frozen=True)
class Answering:
    """An entry that answers, as much of it as a list shows."""

    id: str
    promise: str
    name: str
    status: StatusOn
    relief: str = ""
    note: str = ""


@dataclass(frozen=True)
class PointAnswered:
    """A point with the best of its ``total`` answers; ``filters`` is the search that lists them all.

    ``ended`` counts answers that are over or 时效待核实 where only what can be used now was asked for.
    ``same_as_search`` is false where a person or a day took some of that search's hits out.
    """

    point: Point
    filters: Filters
    ended: int = 0
    answers: tuple[Answering, ...] = ()
    same_as_search: bool = True

    @property
    def total(self) -> int:
        return len(self.answers)

    @property
    def found(self) -> bool:
        return self.total > 0

    @property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """The parameters of the search that lists all answers, as an address carries them."""
        given = {name: self.filters.of(name) for name in FIELDS}
        return {name: values for name, values in given.items() if values and name != "kind"}

    @property
    def parameters_of_all(self) -> dict[str, tuple[str, ...]]:
        """The same with what is over or 时效待核实."""
        return {**self.parameters, "status": ("all",)}


@dataclass(frozen=True)
class Answered:
    """All points of a paper on ``day``. ``added`` are answers that a person put in by hand, and for a
    measure the entries whose own files say that they carry it out.

    ``ever`` says whether ended answers count: for recommendations and measures they do, for a case only
    what its company could use on the day.
    """

    points: tuple[PointAnswered, ...]
    added: tuple[Answering, ...]
    ever: bool

    @property
    def state(self) -> State:
        """Whether every point is answered, some are, or none is; a hand-made answer counts as some."""
        found = [one.found for one in self.points]
        if found and all(found):
            return "all"
        return "some" if any(found) or self.added else "none"


def answered_on(db: Database, library: Library, entry: Entry, day: date) -> Answered | None:
    """What answers a paper of 2020 on ``day``; ``None`` for other entries and papers without points."""
    if entry.kind not in BACKGROUND_KINDS:
        return None
    ever = entry.kind != "case"
    dropped = frozenset(r.target[0] for r in entry.relations if r.type == "excludes")
    points = tuple(_point(library, entry, point, day, ever, dropped) for point in entry.asked_or_promised)
    added = tuple(one for one in _added(db, entry, day) if ever or one.status.current)
    return Answered(points, added, ever) if points or added else None


def point_answered(
    library: Library,
    point: Point,
    filters: Filters,
    day: date,
    after: date | None = None,
    dropped: frozenset[str] = frozenset(),
) -> PointAnswered:
    """What answers one point among what ``filters`` let through, the best first, less ``dropped``."""
    chosen = replace(filters, type=point.types, need=point.needs, kind=KINDS_THAT_ANSWER)
    if not point.can_be_answered:
        return PointAnswered(point, chosen)
    asked = Request("", day, chosen, limit=LOOKED_AT, facets=False, after=after)
    kept = [hit for hit in search(library, asked).hits if hit.record.id not in dropped]
    kept.sort(key=_nation_first)
    everything = search(library, replace(asked, filters=replace(chosen, status=("all",)))).hits
    ended = {hit.record.id for hit in everything} - {hit.record.id for hit in kept} - dropped
    whole = not (after or dropped)
    return PointAnswered(point, chosen, len(ended), tuple(map(_answering, kept)), whole)


def _nation_first(hit: Hit) -> tuple[object, ...]:
    """By standing, and where that is equal rules for the whole nation before those of one place."""
    return rank(hit.status), hit.record.lead, NATION not in hit.record.regions.include


def _point(
    library: Library, entry: Entry, point: Point, day: date, ever: bool, dropped: frozenset[str]
) -> PointAnswered:
    """What was issued after a recommendation may answer it; what came with a measure may carry it out."""
    filters = Filters(status=("all",)) if ever else _of_company(entry)
    last_before = entry.known_on - timedelta(days=1 if entry.kind == "measure" else 0)
    return point_answered(library, point, filters, day, last_before if ever else None, dropped)


def _of_company(entry: Entry) -> Filters:
    """What a case's company may use: in its region, for its size, not for another trade."""
    profile = entry.profile
    if profile is None:
        return Filters()
    return Filters(region=entry.regions.include, size=profile.sizes, industry=profile.industries)


def _answering(hit: Hit) -> Answering:
    record = hit.record
    return Answering(record.id, record.promise, record.doc_number or f"《{record.title}》", hit.status)


def _added(db: Database, entry: Entry, day: date) -> Iterator[Answering]:
    """The hand-made answers of the paper's file, then what says of itself that it carries the paper out."""
    made = [(*r.target, r.note) for r in entry.relations if r.type == "answers" and r.to]
    for incoming in entries.incoming_relations(db, entry.id):
        if incoming.relation.type in ("implements", "answers"):
            made.append((incoming.source, None, incoming.relation.note))
    for target, relief, note in made:
        held = entries.get(db, target)
        sheet = sheet_on(db, held, day) if held and held.state == "published" else None
        if sheet:
            yield _of_sheet(sheet, relief, note)


def _of_sheet(sheet: Sheet, relief: str | None, note: str) -> Answering:
    term = next((one.term for one in sheet.reliefs if one.relief.id == relief), sheet.term)
    entry = sheet.entry
    name = entry.doc_number or f"《{entry.title}》"
    return Answering(entry.id, entry.promise, name, term.status, relief or "", note)
