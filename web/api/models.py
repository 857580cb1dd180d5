"""What the interface answers, as pydantic models: every answer is made through them, and so described.

Keys and codes are as in ``kb search --json`` and ``kb match --json``; days are ISO, moments UTC, money yuan.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from kb.domain.entry import Kind

Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Record = Annotated[dict[str, Any], WithJsonSchema({"x-record": "Entry"})]
"""The record of an entry as the files write it, less what no reader is shown."""
State = Literal["published", "withdrawn", "merged"]
Status = Literal["upcoming", "open", "expired", "unstated"]


class Answer(BaseModel):
    """Base: nothing is answered that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Answer):
    """A list in pages: ``next`` is the address of the next one, null at the end."""

    next: str | None
    cursor: str | None


class FacetValue(Answer):
    """A value of a facet and how many entries have it."""

    value: str
    label: str
    count: int


class Option(Answer):
    """Something that may have been meant."""

    label: str
    query: str
    id: str


class Suggestion(Answer):
    """A question back."""

    about: Literal["number", "spelling", "instead", "ended"]
    message: str
    options: list[Option]


class Understood(Answer):
    """Words of the query that name values of a filter."""

    field: str
    values: list[str]
    label: str
    words: str


class Hit(Answer):
    """An entry that was found. ``snippet`` is HTML with ``<mark>``, everything else escaped."""

    id: str
    kind: Kind
    title: str
    promise: str
    doc_number: str | None
    issuers: list[str]
    issued_on: Day | None
    status: Status
    stale: bool
    until: Day | None
    inferred: str | None
    confirmed_on: Day | None
    lapsed: bool
    relief_types: list[str]
    regions: list[str]
    score: float
    snippet: str
    address: str


class SearchAnswer(Paged):
    """What a search found."""

    query: str
    as_of: Day
    total: int
    took_ms: float
    suggestion: Suggestion | None
    facets: dict[str, list[FacetValue]]
    hits: list[Hit]
    hidden: int
    understood: list[Understood]
    instead: str | None
    notices: list[str]
    caveat: str


class Item(Answer):
    """An entry in a list."""

    id: str
    kind: Kind
    title: str
    promise: str
    doc_number: str | None
    issuers: list[str]
    issued_on: Day | None
    known_on: Day
    version: int
    published_at: Instant
    address: str


class EntriesAnswer(Paged):
    """Published entries by id."""

    as_of: Day | None
    entries: list[Item]
    caveat: str


class StatusOn(Answer):
    """A period on a day. ``until`` is the last day as known then, ``inferred`` what it was worked out by."""

    status: Status
    current: bool
    stale: bool
    recently_ended: bool
    start: Day | None
    until: Day | None
    inferred: str | None
    end_kind: Literal["dated", "long_term", "unstated", "ended"]
    because: str
    lapsed: bool


class Tie(Answer):
    """A relation, seen from this entry."""

    direction: Literal["out", "in"]
    type: str
    entry: str | None
    number: str | None
    title: str | None
    known_on: Day
    end: Day | None


class EntryAnswer(Answer):
    """An entry on a day."""

    id: str
    version: int
    published_at: Instant
    as_of: Day
    known_at: Instant | None
    status: StatusOn
    good_until: Day | None
    unreviewed: bool
    kind_label: str
    region_labels: list[str]
    relief_status: dict[str, StatusOn]
    related: list[Tie]
    address: str
    record: Record
    caveat: str


class VersionRow(Answer):
    """A version in a list, the reason as its makers gave it."""

    number: int
    published_at: Instant
    reason: str
    unreviewed: bool


class VersionsAnswer(Answer):
    """All versions of an entry, the newest first."""

    id: str
    state: State
    merged_into: str | None
    versions: list[VersionRow]


class VersionAnswer(VersionRow):
    """One version, whole."""

    id: str
    record: Record
    caveat: str


class Change(Answer):
    """A numbered change. After it the entry is as ``record`` says or, where that is null, not published:
    withdrawn, or merged into ``merged_into``. ``because`` is the entry that moved its dates."""

    number: int
    at: Instant
    action: Literal["publish", "timeline", "withdraw"]
    entry: str
    version: int
    because: str
    state: State
    merged_into: str | None
    record: Record | None


class ChangesAnswer(Paged):
    """Changes after a number, in order. ``last`` is the number to go on after, ``latest`` the store's."""

    after: int
    last: int
    latest: int
    changes: list[Change]


class ProblemPart(Answer):
    """A parameter that was not understood, and what would be."""

    parameter: str
    value: str
    message: str
    accepted: list[dict[str, str]]


class Trouble(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    problems: Annotated[list[ProblemPart], Field(default_factory=list)]
