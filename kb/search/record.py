"""What the index keeps of an entry: its text for snippets and one row a relief for filters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from pydantic import TypeAdapter

from kb.domain.entry import Entry
from kb.domain.relief import Regions, Relief
from kb.domain.timeline import Amendment, Step, Trust, timeline

_MARKDOWN = re.compile(r"^\s*(#+|[-*]|\d+\.)\s+|[*`>|]", re.M)


@dataclass(frozen=True, slots=True)
class Row:
    """One relief as filters see it; a kind without reliefs has one row of the entry's own fields.

    Both region lists must apply: the entry's and the relief's audience.
    """

    relief: str | None
    type: str | None
    title: str
    sizes: tuple[str, ...]
    industries: tuple[str, ...]
    regions: tuple[Regions, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """An entry in the index. ``text`` is what a snippet may quote: all but title and promise."""

    id: str
    kind: str
    version: int
    title: str
    promise: str
    aliases: tuple[str, ...]
    doc_number: str | None
    candidate: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    known_on: date
    regions: Regions
    needs: tuple[str, ...]
    lead: bool
    confirmed_on: date | None
    trust: Trust
    rows: tuple[Row, ...]
    text: str = ""
    is_amendment: bool = False

    @property
    def is_notice(self) -> bool:
        """A policy that changes a burden and relieves none (影响提示)."""
        return not self.offers and not self.is_amendment

    @property
    def offers(self) -> bool:
        """Whether it has something to be had; a policy without a relief is only found by its words."""
        return self.kind != "policy" or bool(self.relief_types)

    @property
    def relief_types(self) -> tuple[str, ...]:
        """The types of its reliefs, each once, in order."""
        return tuple(dict.fromkeys(row.type for row in self.rows if row.type))


_ADAPTER = TypeAdapter(Record)
SHAPE = json.dumps(_ADAPTER.json_schema(), sort_keys=True)
"""What a kept record looks like: part of the index's version, so that older records are never read."""


def to_json(record: Record) -> bytes:
    """All but the text, which a serving process leaves on disk: a few of ten thousand are shown."""
    return _ADAPTER.dump_json(record, exclude={"text"})


def from_json(data: bytes, text: str) -> Record:
    """The record, with its text."""
    return replace(_ADAPTER.validate_json(data), text=text)


def record_of(entry: Entry, version: int, amendments: Iterable[Amendment] = ()) -> Record:
    """The record of a published entry, with the timelines that later entries gave it."""
    moved = list(amendments)
    rows = [_row(entry, relief, moved) for relief in entry.reliefs] or [_own_row(entry, moved)]
    return Record(
        id=entry.id,
        kind=entry.kind,
        version=version,
        title=entry.title,
        promise=entry.promise,
        aliases=entry.aliases,
        doc_number=entry.doc_number,
        candidate=entry.doc_number_candidate,
        issuers=entry.issuers,
        issued_on=entry.issued_on,
        known_on=entry.known_on,
        regions=entry.regions,
        needs=entry.needs,
        lead=entry.is_lead,
        is_amendment=entry.is_amendment,
        confirmed_on=entry.verified.confirmed_on,
        trust=Trust.of(entry),
        rows=tuple(rows),
        text="\n".join(part for part in _texts(entry) if part),
    )


def _row(entry: Entry, relief: Relief, amendments: list[Amendment]) -> Row:
    audience = relief.audience
    own = (audience.regions,) if audience.regions.include or audience.regions.exclude else ()
    steps = timeline(entry, relief, amendments)
    return Row(
        relief.id,
        relief.type,
        relief.title,
        audience.sizes,
        audience.industries,
        (entry.regions, *own),
        steps,
    )


def _own_row(entry: Entry, amendments: list[Amendment]) -> Row:
    profile = entry.profile
    sizes, industries = (profile.sizes, profile.industries) if profile else ((), ())
    steps = timeline(entry, None, amendments)
    return Row(None, None, entry.title, sizes, industries, (entry.regions,), steps)


def _texts(entry: Entry) -> Iterator[str]:
    yield entry.summary
    for relief in entry.reliefs:
        yield f"{relief.title}。{relief.what}"
        yield relief.worth.text if relief.worth else ""
        yield from (condition.text for condition in relief.conditions)
        if relief.apply:
            yield relief.apply.where
            yield from relief.apply.steps
            yield from relief.apply.materials
    if entry.profile:
        yield entry.profile.business
        yield from entry.profile.problems
        yield from (demand.text for demand in entry.profile.demands)
    yield _MARKDOWN.sub("", entry.body)
