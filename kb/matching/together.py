"""What a company could get in all: estimates are summed, but never those that exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from kb.domain.benefit import PRINCIPAL
from kb.matching.match import Match

FEW = 12
"""Up to so many reliefs that exclude each other, every combination is tried; beyond, the best first."""


@dataclass(frozen=True)
class Total:
    """The sum in yuan over each relief's own period, of ``chosen``; ``left_out`` with what each yields to."""

    low: Decimal
    high: Decimal
    chosen: tuple[Match, ...]
    left_out: tuple[tuple[Match, Match], ...] = ()


def total_of(matches: Sequence[Match]) -> Total | None:
    """The best combination of what has an estimate; ``None`` if nothing has one.

    Two reliefs exclude each other where the file of one says so, by entry or by relief, and where both
    would count the same money.
    """
    valued = [one for one in matches if one.estimate]
    if not valued:
        return None
    free = [one for one in valued if not any(exclusive(one, other) for other in valued)]
    bound = [one for one in valued if one not in free]
    best = _best(bound)
    chosen = tuple(one for one in valued if one in free or one in best)
    left = tuple((one, _winner(one, best)) for one in bound if one not in best)
    low = sum((one.estimate.low for one in chosen if one.estimate), Decimal(0))
    high = sum((one.estimate.high for one in chosen if one.estimate), Decimal(0))
    return Total(low, high, chosen, left)


def exclusive(one: Match, other: Match) -> bool:
    """Whether the two may not be had together, or would count the same money twice."""
    if one.offer.id == other.offer.id:
        return False
    return _names(one, other) or _names(other, one) or _same_money(one, other)


def _same_money(one: Match, other: Match) -> bool:
    """Interest on one and the same loan; or a relief and the one that extends it, on the same figure."""
    bases = {_base(one), _base(other)}
    if bases == {PRINCIPAL}:
        return True
    return len(bases) == 1 and (_extends(one, other) or _extends(other, one))


def _base(one: Match) -> str | None:
    return one.offer.relief.worth.base if one.offer.relief.worth else None


def _extends(one: Match, other: Match) -> bool:
    targets = {target for kind, target in one.offer.ties if kind == "extends"}
    return bool(targets & {other.offer.entry, other.offer.id})


def _names(one: Match, other: Match) -> bool:
    targets = {target for kind, target in one.offer.ties if kind == "excludes"}
    return bool(targets & {other.offer.entry, other.offer.id})


def _best(bound: list[Match]) -> list[Match]:
    """The combination without a conflict that is worth most, by what is sure first."""
    if len(bound) > FEW:
        return _greedy(bound)
    sets = (list(some) for size in range(len(bound), 0, -1) for some in combinations(bound, size))
    allowed = (some for some in sets if not any(exclusive(a, b) for a, b in combinations(some, 2)))
    return max(allowed, key=_value, default=[])


def _greedy(bound: list[Match]) -> list[Match]:
    taken: list[Match] = []
    for one in sorted(bound, key=lambda each: _value([each]), reverse=True):
        if not any(exclusive(one, other) for other in taken):
            taken.append(one)
    return taken


def _value(some: list[Match]) -> tuple[Decimal, Decimal]:
    worths = [one.estimate for one in some if one.estimate]
    return sum((w.low for w in worths), Decimal(0)), sum((w.high for w in worths), Decimal(0))


def _winner(one: Match, best: list[Match]) -> Match:
    return next(other for other in best if exclusive(one, other))
