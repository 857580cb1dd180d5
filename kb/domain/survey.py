"""The survey of February 2020 as printed: what may be drawn is only what its text gives as a figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from kb.domain.entry import Point
from kb.domain.relief import Code, Text, Value

Percent = Annotated[Decimal, Field(ge=0, le=100)]
Score = Annotated[Decimal, Field(ge=0, le=10)]


class SurveySource(Value):
    """The report that every figure is from."""

    document: Text
    issued_on: date


class Sample(Value):
    """Who answered, until when, and who was not asked. ``member_share`` in per cent of all members."""

    answers: int
    member_share: Percent
    cut_off: date
    partner: str = ""
    leaves_out: Text
    section: Text


class Headline(Value):
    """The figures of the whole: per cent not reopened, difficulty here and over all trades (0-10)."""

    not_reopened: Percent
    difficulty: Score
    all_trades: Score
    scale: Text
    section: Text


class Provinces(Value):
    """Difficulty by province, and where each province stands in the tile map as ``(column, row)``."""

    section: Text
    values: dict[Code, Score]
    no_sample: tuple[Code, ...]
    tiles: dict[Code, tuple[int, int]]

    @model_validator(mode="after")
    def _every_province_once(self) -> Provinces:
        asked, silent = set(self.values), set(self.no_sample)
        if asked & silent:
            raise ValueError(f"{sorted(asked & silent)} 既有分值又写了没有样本")
        if asked | silent != set(self.tiles):
            raise ValueError(
                f"{sorted((asked | silent) ^ set(self.tiles))} 在 values、no_sample 和 tiles 里对不上"
            )
        if len(set(self.tiles.values())) != len(self.tiles):
            raise ValueError("tiles 里有两个省在同一格")
        return self


class Cluster(Value):
    """A group of provinces and its difficulty."""

    name: Text
    value: Score


class Clusters(Value):
    """The three groups the report compares."""

    section: Text
    values: tuple[Cluster, ...]


class Obstacle(Value):
    """Something that kept firms from reopening and the per cent of firms that named it."""

    label: Text
    value: Percent
    section: str = ""
    need: str = ""


class Obstacles(Value):
    """The obstacles whose figures the text prints."""

    section: Text
    values: tuple[Obstacle, ...]


class SizeClass(Value):
    """One size class: firms, their share and the share not reopened in per cent, difficulty 0-10.

    ``about`` where the text says 均在…左右.
    """

    size: Text
    companies: int
    share: Percent
    not_reopened: Percent
    difficulty: Score
    about: bool = False


class SizeClasses(Value):
    """The four size classes."""

    section: Text
    values: tuple[SizeClass, ...]


class Chain(Value):
    """One of the four chains: what was found, and its problems with what answers them."""

    key: Text
    name: Text
    section: Text
    finding: Text
    points: tuple[Point, ...]


class Finding(Value):
    """A further finding in a sentence."""

    text: Text
    section: Text


class Survey(Value):
    """The survey as ``/survey`` shows it."""

    source: SurveySource
    sample: Sample
    headline: Headline
    provinces: Provinces
    clusters: Clusters
    obstacles: Obstacles
    sizes: SizeClasses
    chains: tuple[Chain, ...]
    findings: tuple[Finding, ...] = ()
