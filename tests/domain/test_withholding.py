"""What public statistics may not tell: small groups, and whatever would give a small one away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.domain.withholding import LEAST, Cell, can_be, told_together, withheld

COUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), max_size=12)


@st.composite
def tables(draw: st.DrawFn, most: int = 9) -> dict[Cell, int]:
    rows, columns = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    cells = product("abc"[:rows], "xyz"[:columns])
    return {cell: draw(st.integers(0, most)) for cell in cells}


def rows_of(table: Mapping[Cell, int]) -> list[str]:
    return sorted({row for row, _ in table})


def columns_of(table: Mapping[Cell, int]) -> list[str]:
    return sorted({column for _, column in table})


def has_large_totals(table: Mapping[Cell, int]) -> bool:
    totals = [
        sum(n for cell, n in table.items() if row in cell) for row in (*rows_of(table), *columns_of(table))
    ]
    return min(totals) >= LEAST


def tables_like(table: Mapping[Cell, int], hidden: frozenset[Cell]) -> Iterator[dict[Cell, int]]:
    """Every way to fill the withheld cells with the same totals, found by trying."""
    free = sorted(hidden)
    left: dict[tuple[int, str], int] = {}
    for cell in free:
        for place in enumerate(cell):
            left[place] = left.get(place, 0) + table[cell]
    yield from _filled(free, left, {})


def _filled(
    free: list[Cell], left: dict[tuple[int, str], int], filled: dict[Cell, int]
) -> Iterator[dict[Cell, int]]:
    if not free:
        yield dict(filled)
        return
    (row, column), rest = free[0], free[1:]
    most = min(left[0, row], left[1, column])
    last_of_row = all(other != row for other, _ in rest)
    last_of_column = all(other != column for _, other in rest)
    for value in range(most + 1):
        row_left, column_left = left[0, row] - value, left[1, column] - value
        if (last_of_row and row_left) or (last_of_column and column_left):
            continue
        filled[row, column] = value
        yield from _filled(rest, {**left, (0, row): row_left, (1, column): column_left}, filled)


# -- groups ----------------------------------------------------------------------------------------


@given(COUNTS)
def test_a_group_under_five_is_never_told_alone(counts: dict[str, int]) -> None:
    joined = told_together(counts)
    assert all(counts[key] >= LEAST for key in counts.keys() - joined if counts[key])


@given(COUNTS)
def test_what_is_told_together_is_two_groups_and_five_members_or_everything(counts: dict[str, int]) -> None:
    joined = told_together(counts)
    everything = {key for key, number in counts.items() if number}
    if joined and joined != everything:
        assert len(joined) >= 2
        assert sum(counts[key] for key in joined) >= LEAST


@given(COUNTS)
def test_where_every_group_is_large_enough_each_is_told(counts: dict[str, int]) -> None:
    large = {key: number + LEAST for key, number in counts.items()}
    assert told_together(large) == frozenset()


def test_one_small_group_takes_the_smallest_other_with_it() -> None:
    assert told_together({"small": 3, "large": 40, "medium": 9}) == {"small", "medium"}


def test_a_group_of_nobody_is_no_group() -> None:
    assert told_together({"none": 0, "large": 40}) == frozenset()


# -- tables of two fields --------------------------------------------------------------------------


@given(tables())
def test_no_cell_under_five_is_told(table: dict[Cell, int]) -> None:
    hidden = withheld(table)
    assert all(number >= LEAST for cell, number in table.items() if cell not in hidden)


@settings(max_examples=60)
@given(tables().filter(has_large_totals))
@example({("a", "x"): 2, ("a", "y"): 8, ("b", "x"): 9, ("b", "y"): 9})
@example({("a", "x"): 0, ("a", "y"): 5, ("b", "x"): 5, ("b", "y"): 0})
@example({("a", "x"): 1, ("a", "y"): 7, ("a", "z"): 9, ("b", "x"): 9, ("b", "y"): 9, ("b", "z"): 9})
def test_nobody_can_compute_a_withheld_cell_or_that_it_is_a_small_one(table: dict[Cell, int]) -> None:
    unsure = {cell: {table[cell]} for cell in withheld(table)}
    for other in tables_like(table, frozenset(unsure)):
        unsure = {cell: values | {other[cell]} for cell, values in unsure.items() if not is_safe(values)}
        if not unsure:
            return
    assert all(map(is_safe, unsure.values())), (table, unsure)


def is_safe(values: set[int]) -> bool:
    """Whether a cell that may have any of ``values`` is neither known nor known to be small."""
    return len(values) > 1 and max(values) >= LEAST


@settings(max_examples=40)
@given(tables(most=4), st.data())
def test_whether_a_cell_can_have_a_value_is_what_trying_all_tables_says(
    table: dict[Cell, int], data: st.DataObject
) -> None:
    hidden = frozenset(data.draw(st.sets(st.sampled_from(sorted(table)), min_size=1)))
    found = [*tables_like(table, hidden)]
    for cell in hidden:
        for value in range(14):
            assert can_be(table, hidden, cell, value) == any(one[cell] == value for one in found)


def test_a_table_of_large_cells_is_told_whole() -> None:
    table = {(row, column): 5 + len(row + column) for row in "abc" for column in "xyz"}
    assert withheld(table) == frozenset()


def test_one_small_cell_takes_three_others_with_it_and_no_more() -> None:
    table = {(row, column): 20 for row in "abcd" for column in "xyz"} | {("a", "x"): 2}
    hidden = withheld(table)
    assert len(hidden) == 4
    assert ("a", "x") in hidden


@pytest.mark.parametrize(
    "table",
    [
        {("a", "x"): 9, ("a", "y"): 9},
        {("a", "x"): 9, ("b", "x"): 9},
        {("a", "x"): 2, ("a", "y"): 2, ("b", "x"): 9, ("b", "y"): 9},
        {},
    ],
    ids=["one row", "one column", "a small total", "nothing"],
)
def test_a_table_that_cannot_be_protected_is_withheld_whole(table: dict[Cell, int]) -> None:
    assert withheld(table) == frozenset(table)


def test_a_pair_that_nobody_is_in_counts_as_a_small_cell() -> None:
    table = {("a", "x"): 9, ("a", "y"): 9, ("b", "y"): 9, ("c", "x"): 9, ("c", "y"): 9}
    assert ("b", "x") in withheld(table)
