"""An entry as a reader sees it on a day: every period with what moved it, and its ties to other entries.

What had not been issued by that day is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from kb.domain.entry import BACKGROUND_KINDS, Entry, Relation
from kb.domain.relief import Relief
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import Amendment, StatusOn, Step, Trust, best, status_on, timeline
from kb.domain.verification import good_until
from kb.store import entries, history
from kb.store.database import Database, now
from kb.store.entries import Incoming, Published, Version

_PRIVATE: dict[str, Any] = {"doc_number_candidate": True, "verified": {"confirmed_by"}}


@dataclass(frozen=True)
class Reference:
    """Another entry, as much of it as a link needs."""

    id: str
    title: str
    promise: str
    doc_number: str | None
    known_on: date
    kind: str = "policy"

    @property
    def name(self) -> str:
        """Its number, or its title where it has none."""
        return self.doc_number or f"《{self.title}》"


@dataclass(frozen=True)
class Term:
    """A period on a day. ``first`` is the period as first written, ``mover`` what set the present end.

    ``repealed`` is true where the mover stopped it, false where it set an end.
    """

    status: StatusOn
    first: Step
    mover: Reference | None = None
    repealed: bool = False


@dataclass(frozen=True)
class ReliefOn:
    """A relief and its period on the day."""

    relief: Relief
    term: Term


@dataclass(frozen=True)
class Tie:
    """A relation seen from one of its two sides; ``other`` is ``None`` for a document we do not hold."""

    direction: Literal["out", "in"]
    relation: Relation
    known_on: date
    other: Reference | None
    relief: str = ""


@dataclass(frozen=True)
class Sheet:
    """Everything a page, a message or a data file says about an entry on ``day``."""

    version: Version
    day: date
    term: Term
    reliefs: tuple[ReliefOn, ...]
    ties: tuple[Tie, ...]

    @property
    def entry(self) -> Entry:
        return self.version.entry

    @property
    def status(self) -> StatusOn:
        return self.term.status

    @property
    def dated(self) -> tuple[tuple[str, StatusOn], ...]:
        """Every relief's title with its status."""
        return tuple((one.relief.title, one.term.status) for one in self.reliefs)


def sheet_on(db: Database, held: Published, day: date, known_at: datetime | None = None) -> Sheet | None:
    """The entry on ``day``; ``None`` if it had not been issued by then.

    With ``known_at`` what others do to it, and what they are called, is as it was published at that moment;
    ``held`` is then the entry's own state at it.
    """
    entry = held.entry
    related = history.relations_at(db, entry.id, known_at) if known_at else None
    incoming = entries.incoming_relations(db, entry.id) if related is None else related
    amendments = entries.amendments_in(incoming)
    known = _References(db, known_at)
    own = _term(entry, None, amendments, day, known)
    if entry.known_on > day or own is None:
        return None
    reliefs = [
        ReliefOn(one, term) for one in entry.reliefs if (term := _term(entry, one, amendments, day, known))
    ]
    ties = (*_outgoing(entry, known), *_incoming(incoming, entry, day, known))
    return Sheet(held.version, day, _best([one.term for one in reliefs]) or own, tuple(reliefs), ties)


def sheet_of_draft(db: Database, entry: Entry, day: date) -> Sheet:
    """An entry that is not published, as it would read on ``day``; one issued later, on the day it is.

    The amendments that others make to it are the store's; its version is 0.
    """
    held = Published(Version(entry, 0, now(), "", ""), "published", None)
    sheet = sheet_on(db, held, max(day, entry.known_on))
    if sheet is None:
        raise ValueError(entry.id)
    return sheet


class _References(dict[str, Reference | None]):
    """Other entries by id, read when first asked for, as they are or as they were at a moment."""

    def __init__(self, db: Database, known_at: datetime | None) -> None:
        super().__init__()
        self._db, self._known_at = db, known_at

    def __missing__(self, entry_id: str) -> Reference | None:
        at = self._known_at
        held = history.entry_at(self._db, entry_id, at) if at else entries.get(self._db, entry_id)
        self[entry_id] = _reference(held.entry) if held and held.state == "published" else None
        return self[entry_id]


def _reference(entry: Entry) -> Reference:
    return Reference(entry.id, entry.title, entry.promise, entry.doc_number, entry.known_on, entry.kind)


def _term(
    entry: Entry, relief: Relief | None, amendments: list[Amendment], day: date, known: _References
) -> Term | None:
    steps = timeline(entry, relief, amendments)
    status = status_on(steps, Trust.of(entry), day)
    if status is None:
        return None
    if status.because == entry.id:
        return Term(status, steps[0])
    repealed = any(a.because == status.because and a.repealed_from for a in amendments)
    return Term(status, steps[0], known[status.because], repealed)


def _best(terms: list[Term]) -> Term | None:
    top = best(term.status for term in terms)
    return next((term for term in terms if term.status == top), None)


def _outgoing(entry: Entry, known: _References) -> Iterable[Tie]:
    """The papers of 2020 have no ties of their own: their relations correct what answers them."""
    for relation in () if entry.kind in BACKGROUND_KINDS else entry.relations:
        target, relief = relation.target
        other = known[target] if target else None
        if other or relation.to_number:
            yield Tie("out", relation, entry.known_on, other, relief or "")


def _incoming(related: Iterable[Incoming], entry: Entry, day: date, known: _References) -> Iterable[Tie]:
    titles = {relief.id: relief.title for relief in entry.reliefs}
    for incoming in related:
        other = known[incoming.source]
        if incoming.known_on <= day and other and other.kind not in BACKGROUND_KINDS:
            relief = titles.get(incoming.relation.target[1] or "", "")
            yield Tie("in", incoming.relation, incoming.known_on, other, relief)


def sheet_json(sheet: Sheet, taxonomy: Taxonomy) -> dict[str, Any]:
    """The sheet as data: the record without what is never shown, and what was computed for the day."""
    record = sheet.entry.model_dump(mode="json", by_alias=True, exclude=_PRIVATE, exclude_defaults=True)
    return {
        **record,
        "version": sheet.version.number,
        "published_at": sheet.version.published_at,
        "as_of": sheet.day.isoformat(),
        "status": _status_json(sheet.status),
        "good_until": good.isoformat() if (good := good_until(sheet.entry)) else None,
        "unreviewed": sheet.version.unreviewed,
        "kind_label": taxonomy.kinds.label(sheet.entry.kind),
        "region_labels": [taxonomy.regions.label(code) for code in sheet.entry.regions.include],
        "relief_status": {one.relief.id: _status_json(one.term.status) for one in sheet.reliefs},
        "related": [_tie_json(tie) for tie in sheet.ties],
    }


def _status_json(status: StatusOn) -> dict[str, Any]:
    return {
        "status": status.status,
        "current": status.current,
        "stale": status.stale,
        "recently_ended": status.recently_ended,
        "start": status.start.isoformat() if status.start else None,
        "until": status.end.isoformat() if status.end else None,
        "inferred": status.inferred or None,
        "end_kind": status.end_kind,
        "because": status.because,
        "lapsed": status.lapsed,
    }


def _tie_json(tie: Tie) -> dict[str, Any]:
    return {
        "direction": tie.direction,
        "type": tie.relation.type,
        "entry": tie.other.id if tie.other else None,
        "number": tie.relation.to_number or (tie.other.doc_number if tie.other else None),
        "title": tie.other.title if tie.other else None,
        "known_on": tie.known_on.isoformat(),
        "end": tie.relation.end.isoformat() if tie.relation.end else None,
    }
