"""What members said, counted: plain records in, counts, means and percentages out.

Answers to a survey round and difficulties told to the association are both read as :class:`Voice`, so that
one way of counting serves both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Field = Literal["region", "size", "segment"]
FIELDS: tuple[Field, ...] = ("region", "size", "segment")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Voice:
    """One member's say. An empty ``region``, ``size`` or ``segment`` was not told.

    ``difficulty`` is 0-10, the higher the harder; ``operating`` one of :data:`kb.domain.rounds.OPERATING`.
    """

    region: str = ""
    size: str = ""
    segment: str = ""
    needs: tuple[str, ...] = ()
    difficulty: int | None = None
    operating: str = ""

    def of(self, field: Field) -> str:
        """The value of one of the three fields that a member is described by."""
        return {"region": self.region, "size": self.size, "segment": self.segment}[field]


@dataclass(frozen=True)
class Share:
    """How many of ``base`` named ``key``."""

    key: str
    count: int
    base: int

    @property
    def percent(self) -> Decimal | None:
        """In per cent with one decimal; ``None`` of nobody."""
        return percent(self.count, self.base)


def percent(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` in per cent, rounded half up to one decimal; ``None`` of nothing."""
    return (Decimal(100) * part / whole).quantize(_TENTH, ROUND_HALF_UP) if whole else None


def mean_difficulty(voices: Iterable[Voice]) -> Decimal | None:
    """The mean of the difficulties told, rounded half up to one decimal; ``None`` where none was."""
    told = [one.difficulty for one in voices if one.difficulty is not None]
    return (Decimal(sum(told)) / len(told)).quantize(_TENTH, ROUND_HALF_UP) if told else None


def grouped(voices: Iterable[Voice], field: Field) -> dict[str, tuple[Voice, ...]]:
    """The voices by region, size or segment, in the order of the keys; ``""`` for those who did not tell."""
    found: dict[str, list[Voice]] = {}
    for one in voices:
        found.setdefault(one.of(field), []).append(one)
    return {key: tuple(found[key]) for key in sorted(found)}


def counted(voices: Iterable[Voice], field: Field) -> dict[str, int]:
    """How many voices each region, size or segment has; those without any are left out."""
    return {key: len(those) for key, those in grouped(voices, field).items()}


def crossed(voices: Iterable[Voice], row: Field, column: Field) -> dict[tuple[str, str], int]:
    """How many voices each pair of two fields has; those without any are left out."""
    return dict(Counter((one.of(row), one.of(column)) for one in voices))


def shares(voices: Sequence[Voice], keys: Iterable[str]) -> tuple[Share, ...]:
    """How many voices named each of ``keys``, the most named first, else in the order given."""
    named = Counter(need for one in voices for need in set(one.needs))
    found = [Share(key, named[key], len(voices)) for key in keys]
    return tuple(sorted(found, key=lambda one: -one.count))


def shares_by(
    voices: Iterable[Voice], keys: Sequence[str], field: Field
) -> Mapping[str, Mapping[str, Share]]:
    """The same within each region, size or segment: ``found[group][key]``."""
    return {
        group: {one.key: one for one in shares(those, keys)}
        for group, those in grouped(voices, field).items()
    }
