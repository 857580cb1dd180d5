"""A round beside the survey of February 2020: only figures that mean the same and were printed then."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kb.domain.roundresults import Named, Results
from kb.domain.statistics import percent
from kb.domain.survey import Survey
from kb.domain.taxonomy import NATION


@dataclass(frozen=True)
class Beside:
    """One figure now and then; ``about`` where 2020 printed it as 左右. Per cent, or 0-10 for difficulty."""

    key: str
    now: Decimal
    then: Decimal
    about: bool = False


@dataclass(frozen=True)
class Comparison:
    """What can be held against 2020. ``unasked`` are obstacles that 2020 printed and the round did not ask,
    ``new`` those that the round asked and 2020 printed no figure for, ``hidden`` those with too few answers.
    """

    difficulty: Beside | None = None
    stopped: Beside | None = None
    difficulty_by_size: tuple[Beside, ...] = ()
    stopped_by_size: tuple[Beside, ...] = ()
    difficulty_by_region: tuple[Beside, ...] = ()
    obstacles: tuple[Beside, ...] = ()
    unasked: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def compared(results: Results, survey: Survey | None, office: str) -> Comparison:
    """The figures of a round beside those of 2020.

    Of a branch's round only its province's difficulty: the other figures of 2020 are the nation's.
    """
    if survey is None:
        return Comparison()
    if office != NATION:
        then = survey.provinces.values.get(office)
        return Comparison(difficulty=Beside(office, results.difficulty, then) if then is not None else None)
    head, printed = survey.headline, {one.need: one for one in survey.obstacles.values if one.need}
    return Comparison(
        difficulty=Beside("", results.difficulty, head.difficulty),
        stopped=_share(results.stopped, results.answers, head.not_reopened),
        difficulty_by_size=_difficulty_by_size(results, survey),
        stopped_by_size=_stopped_by_size(results, survey),
        difficulty_by_region=_difficulty_by_region(results, survey),
        obstacles=tuple(
            found
            for one in results.obstacles
            if one.key in printed and (found := _share(one, results.answers, printed[one.key].value))
        ),
        unasked=tuple(one.label for one in survey.obstacles.values if not _is_asked(one.need, results)),
        new=tuple(one.key for one in results.obstacles if one.key not in printed),
        hidden=tuple(one.key for one in results.obstacles if one.key in printed and one.count is None),
    )


def _is_asked(need: str, results: Results) -> bool:
    return any(one.key == need for one in results.obstacles)


def _share(one: Named, base: int, then: Decimal) -> Beside | None:
    now = percent(one.count, base) if one.count is not None else None
    return Beside(one.key, now, then) if now is not None else None


def _difficulty_by_size(results: Results, survey: Survey) -> tuple[Beside, ...]:
    held = {one.key: one.difficulty for one in results.by_size}
    return tuple(
        Beside(one.size, now, one.difficulty, one.about)
        for one in survey.sizes.values
        if (now := held.get(one.size)) is not None
    )


def _stopped_by_size(results: Results, survey: Survey) -> tuple[Beside, ...]:
    found = []
    for one in survey.sizes.values:
        count, base = results.stopped.by_size.get(one.size), results.count_of("size", one.size)
        now = percent(count, base) if count is not None and base else None
        if now is not None:
            found.append(Beside(one.size, now, one.not_reopened))
    return tuple(found)


def _difficulty_by_region(results: Results, survey: Survey) -> tuple[Beside, ...]:
    then = survey.provinces.values
    return tuple(
        Beside(one.key, one.difficulty, then[one.key])
        for one in results.by_region
        if one.key in then and one.difficulty is not None
    )
