"""A survey round: who asks whom, until when, and what a member answers in a minute, without a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from kb.domain.statistics import Field, Voice
from kb.domain.survey import Survey
from kb.domain.taxonomy import NATION, Region, Taxonomy, Term

State = Literal["upcoming", "open", "closed"]
OPERATING: tuple[str, ...] = ("normal", "partly", "stopped")
"""正常经营 · 部分开工 · 没有开工. The third is what 2020 called 未复工."""
HARDEST = 10
CROSSINGS: Mapping[str, tuple[Field, Field] | None] = {
    "": None,
    "region-size": ("region", "size"),
    "segment-size": ("segment", "size"),
    "region-segment": ("region", "segment"),
}
"""Which two fields a round's public statistics may cross: one pair, settled when they are published."""
_NOT_ASKED = "operator"
"""As in 2020: the basic operators are not asked, so that the figures are of the same kind of company."""


@dataclass(frozen=True)
class Round:
    """A round of an ``office``. ``invited`` is how many members are asked, by province; ``""`` for all.

    ``salt`` is what its invite link is made from (:mod:`kb.store.private`); ``obstacles`` are the keys asked
    about, settled when it was made. ``closed_on`` is the day it was closed
    before its time; ``published_at`` is when its statistics were published (UTC), empty while they are not.
    ``is_settled`` once they were worked out to be published: from then on nothing of it changes.
    """

    id: int
    title: str
    office: str
    opens_on: date
    closes_on: date
    salt: str
    obstacles: tuple[str, ...]
    invited: Mapping[str, int] = field(default_factory=dict)
    closed_on: date | None = None
    published_at: str = ""
    is_settled: bool = False
    opened_by: str = ""

    def state_on(self, day: date) -> State:
        """Whether it can be answered on ``day``."""
        if self.closed_on or day > self.closes_on:
            return "closed"
        return "upcoming" if day < self.opens_on else "open"

    @property
    def last_day(self) -> date:
        """The last day on which it could be answered."""
        return min(self.closes_on, self.closed_on) if self.closed_on else self.closes_on

    @property
    def is_national(self) -> bool:
        return self.office == NATION


@dataclass(frozen=True)
class Answer:
    """What one member answered: no name, no contact, no time of day. ``text`` is for staff only."""

    day: date
    region: str
    size: str
    segment: str
    operating: str
    difficulty: int
    obstacles: tuple[str, ...]
    text: str = ""

    @property
    def voice(self) -> Voice:
        """The answer as it is counted, without the words."""
        return Voice(self.region, self.size, self.segment, self.obstacles, self.difficulty, self.operating)


def obstacles_to_ask(taxonomy: Taxonomy, survey: Survey | None) -> tuple[str, ...]:
    """The obstacles that 2020 printed a figure for, then today's list.

    Without the survey's file the whole list of 2020 takes its place.
    """
    of_2020 = [one.need for one in survey.obstacles.values if one.need] if survey else []
    old = of_2020 or [term.key for term in taxonomy.needs if term.key in taxonomy.needs_2020]
    return (*old, *(term.key for term in taxonomy.needs if term.key not in taxonomy.needs_2020))


def obstacle_label(key: str, taxonomy: Taxonomy, survey: Survey | None, language: str = "zh") -> str:
    """What an obstacle is called: as 2020 printed it, where it did, so that the same thing is asked."""
    printed = {one.need: one.label for one in survey.obstacles.values if one.need} if survey else {}
    return printed[key] if language == "zh" and key in printed else taxonomy.needs.label(key, language)


def regions_to_ask(office: str, taxonomy: Taxonomy) -> tuple[Region, ...]:
    """Where a member may be: the provinces, or for a branch its province and the cities of it."""
    if office == NATION:
        return taxonomy.regions.provinces()
    return tuple(one for one in taxonomy.regions.all if office in taxonomy.regions.path(one.code))


def segments_to_ask(taxonomy: Taxonomy) -> tuple[Term, ...]:
    """The segments of the sector, without the basic operators."""
    listed = (term for term in taxonomy.industries if term.key not in taxonomy.outside)
    return tuple(term for term in listed if term.key != _NOT_ASKED)
