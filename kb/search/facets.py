"""What rows hold in one field, for choosing rows and for counting entries, without a look at every row.

A row has a signature: the combination of values it holds for. There are few of these, so a value is chosen
and counted by signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]
Held = Any
Test = Callable[[Held, str], bool]
Values = Callable[[Held], Sequence[bool]]
"""Which of the values to be counted hold for what a row has, in their order."""


@dataclass(frozen=True)
class Signatures:
    """A field of all rows: ``codes`` has the place of each row's signature in ``held``.

    ``holds[s, v]`` says whether signature ``s`` holds for ``values[v]``, ``names[s, v]`` whether it names
    it; only values that are named somewhere are offered. ``groups`` numbers the different pairs of entry
    and signature, ``group_owners`` and ``group_codes`` take them apart.
    """

    held: tuple[Held, ...]
    codes: Codes
    test: Test
    values: tuple[str, ...]
    holds: Mask
    names: Mask
    groups: Codes
    group_owners: Codes
    group_codes: Codes

    def mask(self, value: str) -> Mask:
        """The rows that hold for a value, whether it is among ``values`` or not."""
        good = np.array([self.test(one, value) for one in self.held], dtype=bool)
        return good[self.codes] if len(good) else np.zeros(0, dtype=bool)


def signatures(
    owner: Codes,
    of_rows: Sequence[Held],
    values: Sequence[str],
    test: Test,
    holds: Values | None = None,
    names: Values | None = None,
) -> Signatures:
    """The signatures of rows, from what each row has in the field and the values to be counted.

    ``holds`` says what ``test`` says of each of the values, ``names`` which are named if that is less.
    """
    holds = holds or (lambda held: [test(held, value) for value in values])
    order: dict[Held, int] = {}
    of_ids = {key: order.setdefault(one, len(order)) for key, one in {id(o): o for o in of_rows}.items()}
    codes = np.array([of_ids[id(one)] for one in of_rows], dtype=np.intp)
    count = max(1, len(order))
    keys, groups = np.unique(owner * count + codes, return_inverse=True)
    return Signatures(
        held=tuple(order),
        codes=codes,
        test=test,
        values=tuple(values),
        holds=_matrix(order, len(values), holds),
        names=_matrix(order, len(values), names or holds),
        groups=groups,
        group_owners=keys // count,
        group_codes=keys % count,
    )


def _matrix(order: dict[Held, int], width: int, values: Values) -> Mask:
    return np.array([values(one) for one in order], dtype=bool).reshape(len(order), width)


def counted(field: Signatures, passed: Codes) -> dict[str, int]:
    """For each value that is named how many entries have a row among the ``passed`` that holds for it."""
    here = np.zeros(len(field.group_codes), dtype=bool)
    here[field.groups[passed]] = True
    groups = np.flatnonzero(here)
    owners, codes = field.group_owners[groups], field.group_codes[groups]
    again = np.zeros(len(groups), dtype=bool)
    again[1:] = owners[1:] == owners[:-1]
    if field.holds.sum(axis=1).max(initial=0) <= 1:
        again[:] = False
    several = again.copy()
    several[:-1] |= again[1:]
    often = np.bincount(codes[~several], minlength=len(field.held)) @ field.holds.astype(np.intp)
    if several.any():
        starts = np.flatnonzero(~again[several])
        often = often + np.logical_or.reduceat(field.holds[codes[several]], starts, axis=0).sum(axis=0)
    named = field.names[np.bincount(codes, minlength=len(field.held)) > 0].any(axis=0)
    return {field.values[at]: int(often[at]) for at in np.flatnonzero(named)}
