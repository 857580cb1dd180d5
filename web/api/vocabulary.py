"""What suggestions, vocabulary and survey answer, as pydantic models; see :mod:`web.api.models`."""

from __future__ import annotations

from typing import Literal

from kb.domain.survey import Survey
from web.api.models import Answer


class Completion(Answer):
    """Something to search for, or an entry to go to."""

    label: str
    query: str
    id: str
    tag: str
    address: str


class SuggestAnswer(Answer):
    """What somebody who is typing may be after."""

    query: str
    suggestions: list[Completion]


class Term(Answer):
    """A word of a list."""

    key: str
    label: str
    en: str


class Region(Answer):
    """A region by GB/T 2260 code."""

    code: str
    name: str
    short: str
    parent: str | None


class Fact(Answer):
    """A figure or property of a company that a condition may test."""

    key: str
    label: str
    en: str
    type: Literal["number", "money", "rate", "date", "bool", "choice", "set"]
    unit: str
    choices: list[Term]


class TaxonomyAnswer(Answer):
    """Every list of keys with their labels."""

    kinds: list[Term]
    types: list[Term]
    sizes: list[Term]
    industries: list[Term]
    channels: list[Term]
    statuses: list[Term]
    needs: list[Term]
    need_maps: dict[str, list[str]]
    regions: list[Region]
    facts: list[Fact]


class SurveyAnswer(Answer):
    """The survey of February 2020 as printed: per cent as text, difficulty from 0 to 10."""

    survey: Survey
    caveat: str
