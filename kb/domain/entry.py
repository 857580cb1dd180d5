"""The record: Entry, Relief, Condition, Relation, Source and the values they are made of.

All are frozen and accept no unknown key. Terms (types, sizes, segments, needs, regions) are keys of the
taxonomy; that they exist is checked by :mod:`kb.domain.checks`, which knows the vocabulary.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Kind = Literal["policy", "measure", "recommendation", "case", "service"]
EndKind = Literal["dated", "long_term", "unstated", "ended"]
Level = Literal["verified", "partial", "lead"]
RelationType = Literal[
    "amends",
    "extends",
    "repeals",
    "succeeds",
    "implements",
    "interprets",
    "answers",
    "excludes",
    "stacks_with",
]
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "has"]

KINDS: tuple[Kind, ...] = ("policy", "service", "measure", "recommendation", "case")
BACKGROUND_KINDS: frozenset[str] = frozenset({"measure", "recommendation", "case"})
"""Papers of the 2020 survey: history, shown apart from what can be used today (design §5)."""

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
EntryId = Annotated[str, StringConstraints(pattern=rf"^{ID.pattern}$", max_length=64)]
Code = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Value(BaseModel):
    """Base of all values: frozen, strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Value):
    """When something applies. ``end`` is the last day it applies; ``note`` keeps the document's wording."""

    start: date | None = None
    end: date | None = None
    end_kind: EndKind
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Period:
        if (self.end_kind == "dated") != (self.end is not None):
            raise ValueError("end_kind 为 dated 时必须写 end，其他情形不得写 end")
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end {self.end} 早于 start {self.start}")
        return self


class Regions(Value):
    """Where a rule applies: in ``include`` and everything below, less ``exclude`` and everything below."""

    include: tuple[Code, ...] = ()
    exclude: tuple[Code, ...] = ()


class Audience(Value):
    """A short way to write conditions on size, segment and region. An empty list restricts nothing."""

    sizes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: Regions = Regions()


class Comparison(Value):
    """A comparison with one fact of the company: ``field`` ``op`` ``value`` ``unit``."""

    field: str
    op: Operator
    value: bool | int | Decimal | str | tuple[Decimal | int | str, ...]
    unit: str = ""


class Condition(Value):
    """One requirement of a relief, in our words, with the sentence it rests on.

    With neither ``field`` nor ``any`` it is manual: a person must compare it with the document.
    """

    text: Text
    source: str = ""
    field: str | None = None
    op: Operator | None = None
    value: bool | int | Decimal | str | tuple[Decimal | int | str, ...] | None = None
    unit: str = ""
    any: tuple[Comparison, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Condition:
        given = [part is not None for part in (self.field, self.op, self.value)]
        if any(given) and not all(given):
            raise ValueError("field、op、value 三项要么都写，要么都不写（不写即为人工对照）")
        if self.field and self.any:
            raise ValueError("field 与 any 不能同时写")
        return self

    @property
    def tests(self) -> tuple[Comparison, ...]:
        """The alternatives of which one must hold; empty for a manual condition."""
        if self.field is not None and self.op is not None and self.value is not None:
            return (Comparison(field=self.field, op=self.op, value=self.value, unit=self.unit),)
        return self.any


class Worth(Value):
    """What a relief is worth. ``text`` always keeps the wording; the rest only where figures exist.

    ``base`` names a company figure in yuan (a month, or a principal), ``rate`` the share of it saved,
    ``months`` for how long, ``floor`` and ``cap`` in yuan. Where the base is a count (people hired),
    ``each`` is the yuan for one of it. A ``base`` in yuan a year saves ``rate`` of it once a year.
    ``up_to`` where the document gives the figure as a maximum (不超过).
    """

    text: Text
    base: str | None = None
    rate: Decimal | None = None
    each: Decimal | None = None
    up_to: bool = False
    months: int | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None


class Window(Value):
    """A stretch of time in which applications are taken. Days are inclusive; a missing day is unknown.

    ``closed`` is true where no more are taken although the last day is not known.
    """

    opens: date | None = None
    closes: date | None = None
    closed: bool = False
    note: str = ""


class Link(Value):
    """A named paper: a form, a template, an attachment. ``url`` may be unknown."""

    title: Text
    url: str = ""


class Apply(Value):
    """How a company gets a relief. ``channel`` is a key of the taxonomy's channels."""

    channel: str
    where: str = ""
    steps: tuple[Text, ...] = ()
    materials: tuple[Text, ...] = ()
    templates: tuple[Link, ...] = ()
    windows: tuple[Window, ...] = ()
    handling_days: int | None = None
    url: str = ""
    contact: str = ""

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows to speak of on ``day``: one that opens more than a year later was not announced yet."""
        last = day + timedelta(days=366)
        return tuple(one for one in self.windows if one.opens is None or one.opens <= last)


class Relief(Value):
    """One thing a company can get from an entry. Its global id is ``entry#relief``."""

    id: EntryId
    type: str
    title: Text
    what: Text
    audience: Audience = Audience()
    conditions: tuple[Condition, ...] = ()
    worth: Worth | None = None
    period: Period | None = None
    apply: Apply | None = None


class Relation(Value):
    """What this document does to an earlier one; written in the later document only.

    ``to`` is ``entry`` or ``entry#relief``; ``to_number`` names a document we do not hold.
    ``extends`` sets ``end``; ``repeals`` has ``from``, the first day the earlier one no longer applies.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    type: RelationType
    to: str | None = None
    to_number: str | None = None
    end: date | None = None
    from_: date | None = Field(default=None, alias="from")
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Relation:
        if (self.to is None) == (self.to_number is None):
            raise ValueError("关系要写 to（本库条目）或 to_number（本库没有的文件），二者选一")
        if (self.type == "extends") != (self.end is not None):
            raise ValueError("type 为 extends 时必须写 end，其他类型不得写 end")
        if (self.type == "repeals") != (self.from_ is not None):
            raise ValueError("type 为 repeals 时必须写 from（停止执行的第一天），其他类型不得写 from")
        return self

    @property
    def target(self) -> tuple[str, str | None]:
        """``(entry id, relief id or None)``; the entry id is empty for a document we do not hold."""
        entry, _, relief = (self.to or "").partition("#")
        return entry, relief or None


class Snapshot(Value):
    """The raw page a source was read from: SHA-256 of its bytes and the UTC time it was fetched."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    fetched_at: str


class Source(Value):
    """Where an entry comes from. ``url`` is empty where no official address is known."""

    document: Text
    section: str = ""
    url: str = ""
    snapshot: Snapshot | None = None


class Verified(Value):
    """How far our data was checked. ``doubts`` maps a field of the record to what is doubtful about it."""

    level: Level = "partial"
    doubts: dict[str, str] = Field(default_factory=dict)
    confirmed_on: date | None = None
    confirmed_by: str = ""


class Point(Value):
    """One thing asked for or promised in a paper of 2020, and what counts as an answer to it.

    A relief answers it when its type is one of ``types`` and its entry meets one of ``needs``; an empty
    list restricts nothing. With both empty nothing answers it, and ``note`` says why.
    A plain sentence stands for a point with its text alone.
    """

    text: Text
    types: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, data: object) -> object:
        return {"text": data} if isinstance(data, str) else data

    @property
    def can_be_answered(self) -> bool:
        return bool(self.types or self.needs)


class Profile(Value):
    """What a case of the 2020 survey tells about its company."""

    sizes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    business: Text
    problems: tuple[Text, ...]
    demands: tuple[Point, ...]


class Entry(Value):
    """One published thing with an id that stays for ever."""

    id: EntryId
    kind: Kind
    title: Text
    aliases: tuple[Text, ...] = ()
    promise: Text
    summary: str = ""
    body: str = ""
    doc_number: str | None = None
    doc_number_candidate: str | None = None
    issuers: tuple[Text, ...] = ()
    issued_on: date | None = None
    known_on: date
    in_force: Period | None = None
    regions: Regions
    reliefs: tuple[Relief, ...] = ()
    relations: tuple[Relation, ...] = ()
    needs: tuple[str, ...] = ()
    profile: Profile | None = None
    points: tuple[Point, ...] = ()
    sources: tuple[Source, ...] = ()
    attachments: tuple[Link, ...] = ()
    verified: Verified = Verified()

    @model_validator(mode="before")
    @classmethod
    def _known_when_issued(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("known_on") is None and data.get("issued_on") is not None:
            return {**data, "known_on": data["issued_on"]}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Entry:
        if self.doc_number and self.doc_number_candidate:
            raise ValueError("doc_number 与 doc_number_candidate（文号待核）不能同时写")
        if self.issued_on and self.known_on < self.issued_on:
            raise ValueError(f"known_on {self.known_on} 早于 issued_on {self.issued_on}")
        names = [relief.id for relief in self.reliefs]
        if len(set(names)) != len(names):
            raise ValueError("reliefs 中有重复的 id")
        if self.kind == "case" and self.profile is None:
            raise ValueError("案例必须写 profile（business、problems、demands）")
        return self

    @property
    def asked_or_promised(self) -> tuple[Point, ...]:
        """What answers are looked for: a case's demands, a recommendation's or a measure's points."""
        return self.profile.demands if self.profile else self.points

    @property
    def is_notice(self) -> bool:
        """True for a document that changes a burden and relieves none (影响提示): never offered as relief."""
        return self.kind == "policy" and not self.reliefs

    @property
    def is_lead(self) -> bool:
        """True for a thin record (索引条目): a pointer only, never estimated, possible at most."""
        return self.verified.level == "lead"
