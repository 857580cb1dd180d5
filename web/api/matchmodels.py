"""What matching answers, as pydantic models; see :mod:`web.api.models`."""

from __future__ import annotations

from typing import Literal

from web.api.models import Answer, Day, Status

Outcome = Literal["eligible", "possible", "ineligible"]


class Derived(Answer):
    """What follows from figures."""

    value: str
    rule: str


class CompanyTold(Answer):
    """The company as it was understood."""

    region: str | None
    region_label: str | None
    industries: list[str]
    facts: dict[str, str]
    certificates: list[str] | None
    derived: dict[str, Derived]
    need: str | None


class ConditionSource(Answer):
    """What a condition rests on."""

    entry: str
    section: str
    quote: str
    url: str


class Condition(Answer):
    """A condition and how it comes out."""

    text: str
    verdict: Literal["met", "failed", "unknown", "manual"]
    needed: str
    yours: str | None
    source: ConditionSource


class Estimate(Answer):
    """What a relief may be worth, in yuan. 测算不作为办理依据."""

    low: int
    high: int
    formula: str
    assumptions: list[str]


class Match(Answer):
    """A relief against the company."""

    entry: str
    relief: str
    title: str
    document: str
    doc_number: str | None
    verdict: Outcome
    conditions: list[Condition]
    missing: list[str]
    estimate: Estimate | None
    channel: str | None
    group: Literal["automatic", "declare", "apply", "bank", "use", "closed"]
    claimable: bool
    fits_need: bool
    lead: bool
    status: Status
    until: Day | None
    inferred: str | None
    confirmed_on: Day | None
    lapsed: bool
    held_back: list[Literal["stale", "lapsed"]]
    version: int


class Question(Answer):
    """A fact worth telling next."""

    field: str
    label: str
    decides: int


class MatchAnswer(Answer):
    """The reliefs of a day against a company."""

    company: CompanyTold
    as_of: Day
    matches: list[Match]
    unchecked: list[Match]
    upcoming: list[Match]
    ineligible: list[Match]
    next_questions: list[Question]
    caveat: str
