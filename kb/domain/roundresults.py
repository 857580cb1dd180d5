"""What is published of a closed round: nothing under five, never more than two fields crossed, said once.

The results are worked out when staff publish them and kept as they are, so that a public page never touches
an answer and no two versions can be held against each other. Of region, size and segment at most one pair is
crossed. What a round found beside figures of February 2020 is :mod:`kb.domain.comparison`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pydantic import Field

from kb.domain import statistics
from kb.domain.relief import Value
from kb.domain.rounds import CROSSINGS, OPERATING, Round
from kb.domain.statistics import Voice, mean_difficulty, percent, shares
from kb.domain.withholding import LEAST, told_together, withheld

REST = "*"
"""The key of what is told together because its parts are too small."""


class Group(Value):
    """Some answers, at least :data:`LEAST`: how many and, where asked for, their mean difficulty (0-10)."""

    key: str
    count: int
    difficulty: Decimal | None = None


class Crossing(Value):
    """One cell of two fields; ``count`` is ``None`` where it is not told."""

    row: str
    column: str
    count: int | None
    difficulty: Decimal | None = None


class Named(Value):
    """Something that answers named: how many, and how many within each size; ``None`` where not told."""

    key: str
    count: int | None
    by_size: dict[str, int | None] = Field(default_factory=dict)


class Results(Value):
    """The published statistics of a round. ``crossed`` names the two fields of ``cells``, if any."""

    answers: int
    cut_off: date
    invited: int | None
    difficulty: Decimal
    operating: tuple[Group, ...]
    by_size: tuple[Group, ...]
    by_region: tuple[Group, ...]
    by_segment: tuple[Group, ...]
    crossed: str = ""
    cells: tuple[Crossing, ...] = ()
    obstacles: tuple[Named, ...]
    stopped: Named

    @property
    def member_share(self) -> Decimal | None:
        """Answers in per cent of the members invited; ``None`` where that number was not given."""
        return percent(self.answers, self.invited) if self.invited else None

    def groups(self, field: statistics.Field) -> tuple[Group, ...]:
        """The groups by region, size or segment."""
        return {"region": self.by_region, "size": self.by_size, "segment": self.by_segment}[field]

    def count_of(self, field: statistics.Field, key: str) -> int | None:
        """How many answers a group has, if it is told."""
        return next((one.count for one in self.groups(field) if one.key == key), None)


def results_of(held: Round, voices: Sequence[Voice], crossing: str = "") -> Results | None:
    """What may be published of a round; ``None`` with fewer than :data:`LEAST` answers."""
    if len(voices) < LEAST:
        return None
    operating = _groups(voices, lambda one: one.operating, OPERATING)
    by_size = _groups(voices, lambda one: one.size)
    return Results(
        answers=len(voices),
        cut_off=held.last_day,
        invited=held.invited.get(""),
        difficulty=mean_difficulty(voices) or Decimal(0),
        operating=operating,
        by_size=by_size,
        by_region=_groups(voices, lambda one: one.region),
        by_segment=_groups(voices, lambda one: one.segment),
        **_crossed(voices, crossing),
        obstacles=tuple(
            _named(voices, one.key, by_size, _names(one.key)) for one in shares(voices, held.obstacles)
        ),
        stopped=_stopped(voices, operating, by_size),
    )


def _names(key: str) -> Callable[[Voice], bool]:
    return lambda one: key in one.needs


def _groups(
    voices: Sequence[Voice], of: Callable[[Voice], str], order: Sequence[str] = ()
) -> tuple[Group, ...]:
    """The groups that may be told, in ``order`` or the largest first, and the rest as one at the end."""
    keys = _collapsed([of(one) for one in voices])
    found: dict[str, list[Voice]] = {}
    for one in voices:
        found.setdefault(keys[of(one)], []).append(one)
    ranked = sorted(found, key=lambda key: _rank(key, len(found[key]), order))
    return tuple(
        Group(key=key, count=len(found[key]), difficulty=mean_difficulty(found[key])) for key in ranked
    )


def _rank(key: str, count: int, order: Sequence[str]) -> tuple[object, ...]:
    return key == REST, key == "", order.index(key) if key in order else -count, key


def _collapsed(values: Iterable[str]) -> Mapping[str, str]:
    """Each value with the key of the group that it is told in."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    joined = told_together(counts)
    return {value: REST if value in joined else value for value in counts}


def _crossed(voices: Sequence[Voice], crossing: str) -> dict[str, object]:
    """The one table of two fields, over the groups that the tables of one field tell."""
    fields = CROSSINGS.get(crossing)
    if fields is None:
        return {}
    row, column = (_collapsed([voice.of(one) for voice in voices]) for one in fields)
    pairs: dict[tuple[str, str], list[Voice]] = {
        (one, other): [] for one in set(row.values()) for other in set(column.values())
    }
    for voice in voices:
        pairs[row[voice.of(fields[0])], column[voice.of(fields[1])]].append(voice)
    hidden = withheld({pair: len(those) for pair, those in pairs.items()})
    if len(hidden) == len(pairs):
        return {}
    cells = tuple(
        Crossing(row=pair[0], column=pair[1], count=None)
        if pair in hidden
        else Crossing(row=pair[0], column=pair[1], count=len(those), difficulty=mean_difficulty(those))
        for pair, those in sorted(pairs.items())
    )
    return {"crossed": crossing, "cells": cells}


def _stopped(voices: Sequence[Voice], operating: Sequence[Group], by_size: Sequence[Group]) -> Named:
    """Those who have not begun work; not told where they were joined with others above."""
    if all(one.key != OPERATING[-1] for one in operating):
        return Named(key=OPERATING[-1], count=None)
    return _named(voices, OPERATING[-1], by_size, lambda one: one.operating == OPERATING[-1])


def _named(
    voices: Sequence[Voice], key: str, by_size: Sequence[Group], says: Callable[[Voice], bool]
) -> Named:
    """Who says so, of all and by size. Those who do not are a cell too: neither may be small."""
    yes = sum(map(says, voices))
    if min(yes, len(voices) - yes) < LEAST:
        return Named(key=key, count=None)
    keys = _collapsed(one.size for one in voices)
    table = {(group.key, side): 0 for group in by_size for side in ("yes", "no")}
    for one in voices:
        table[keys[one.size], "yes" if says(one) else "no"] += 1
    hidden = withheld(table)
    told = {group.key: None if (group.key, "yes") in hidden else table[group.key, "yes"] for group in by_size}
    return Named(key=key, count=yes, by_size=told)
