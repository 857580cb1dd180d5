"""The values of one fact that are possible: an interval of ordered values, or a set of keys.

A condition leaves room, and what a company tells leaves room; comparing the two decides the condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from kb.domain.relief import Comparison
from kb.domain.taxonomy import Fact

Bound = Decimal | date
ORDERED = frozenset({"number", "money", "rate", "date"})


@dataclass(frozen=True)
class Room:
    """The values of one fact that are still possible: an interval of ordered values, or a set of keys.

    ``low`` and ``high`` are ``None`` where unbounded; ``open`` ends do not belong to it.
    """

    low: Bound | None = None
    high: Bound | None = None
    low_open: bool = False
    high_open: bool = False
    keys: frozenset[str] | None = None

    @property
    def is_empty(self) -> bool:
        if self.keys is not None:
            return not self.keys
        if self.low is None or self.high is None:
            return False
        if self.low == self.high:
            return self.low_open or self.high_open
        return self.low > self.high  # type: ignore[operator]  # both are of the fact's one type


def room_of(test: Comparison, fact: Fact, every: frozenset[str]) -> Room:
    """The values for which ``test`` holds; ``every`` are the fact's keys. Everything if it cannot be told."""
    if fact.type in ORDERED:
        return _interval(test, fact)
    if fact.type == "set":
        return Room()
    given = test.value if isinstance(test.value, tuple) else (test.value,)
    keys = frozenset(str(value) for value in given)
    return Room(keys=keys if test.op in ("eq", "in") else every - keys)


def _interval(test: Comparison, fact: Fact) -> Room:
    bounds = [as_bound(value, fact) for value in listed(test.value)]
    if not bounds or None in bounds or test.op == "ne":
        return Room()
    first = bounds[0]
    return {
        "eq": Room(first, first),
        "lt": Room(None, first, high_open=True),
        "le": Room(None, first),
        "gt": Room(first, None, low_open=True),
        "ge": Room(first, None),
        "between": Room(first, bounds[-1]),
    }[test.op]


def listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def as_bound(value: object, fact: Fact) -> Bound | None:
    """A value as the fact measures it: a day, or a number; ``None`` for what is neither."""
    if isinstance(value, bool):
        return None
    try:
        return date.fromisoformat(str(value)) if fact.type == "date" else Decimal(str(value))
    except (ValueError, InvalidOperation):
        return None


def meet(one: Room, other: Room) -> Room:
    """What is possible under both."""
    if one.keys is not None or other.keys is not None:
        keys = [room.keys for room in (one, other) if room.keys is not None]
        return Room(keys=frozenset.intersection(*keys))
    low, low_open = _tighter((one.low, one.low_open), (other.low, other.low_open), upper=False)
    high, high_open = _tighter((one.high, one.high_open), (other.high, other.high_open), upper=True)
    return Room(low, high, low_open, high_open)


def _tighter(
    one: tuple[Bound | None, bool], other: tuple[Bound | None, bool], *, upper: bool
) -> tuple[Bound | None, bool]:
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one[0], one[1] or other[1]
    first_is_less = one[0] < other[0]  # type: ignore[operator]
    return one if first_is_less == upper else other


def within(inner: Room, outer: Room) -> bool:
    """Whether every value of ``inner`` is one of ``outer``'s."""
    return meet(inner, outer) == inner
