"""The record: Entry with its relations, sources and verification; its reliefs are :mod:`kb.domain.relief`.

All are frozen and accept no unknown key. Terms (types, sizes, segments, needs, regions) are keys of the
taxonomy; that they exist is checked by :mod:`kb.domain.checks`, which knows the vocabulary.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from kb.domain.relief import EntryId, Link, Period, Regions, Relief, Text, Value

Kind = Literal["policy", "measure", "recommendation", "case", "service"]
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

KINDS: tuple[Kind, ...] = ("policy", "service", "measure", "recommendation", "case")
BACKGROUND_KINDS: frozenset[str] = frozenset({"measure", "recommendation", "case"})
"""Papers of the 2020 survey: history, shown apart from what can be used today (design §5)."""


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
        return self.kind == "policy" and not self.reliefs and not self.is_amendment

    @property
    def is_amendment(self) -> bool:
        """True for a document without relief of its own that extends or stops others' (延期或废止通知)."""
        moves = any(relation.type in ("extends", "repeals") for relation in self.relations)
        return self.kind == "policy" and not self.reliefs and moves

    @property
    def is_lead(self) -> bool:
        """True for a thin record (索引条目): a pointer only, never estimated, possible at most."""
        return self.verified.level == "lead"
