"""What of a count must not be told, so that nobody can be picked out of public statistics.

A group is told only with :data:`LEAST` members or more; smaller ones are told together
(:func:`told_together`). In a table of two fields a small cell is withheld, and as many others with it that
nobody can compute it from the totals (:func:`withheld`): for all that a reader can know, each small cell
might have :data:`LEAST` or more, and no withheld cell has only one possible value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

LEAST = 5
"""The fewest members that a published number may stand for."""

Cell = tuple[str, str]
_Node = tuple[str, str]


def told_together(counts: Mapping[str, int]) -> frozenset[str]:
    """The groups that are told as one: those under :data:`LEAST`, and the smallest others until they are at
    least two and have :data:`LEAST` members. Groups of nobody are no groups; none if all can be told."""
    there = {key: number for key, number in counts.items() if number > 0}
    joined = {key for key, number in there.items() if number < LEAST}
    others = sorted(there.keys() - joined, key=lambda key: (there[key], key))
    while joined and others and (len(joined) < 2 or sum(there[key] for key in joined) < LEAST):
        joined.add(others.pop(0))
    return frozenset(joined)


def withheld(table: Mapping[Cell, int]) -> frozenset[Cell]:
    """The cells of a table of rows and columns that are not told beside the totals of both.

    A pair that is not in ``table`` counts as 0, which is a small cell too. Every total must be at least
    :data:`LEAST` and there must be two rows and two columns; otherwise all cells are withheld.
    """
    full = {(row, column): table.get((row, column), 0) for row in _rows(table) for column in _columns(table)}
    if min(len(_rows(table)), len(_columns(table))) < 2 or _has_small_total(full):
        return frozenset(full)
    hidden = {cell for cell, number in full.items() if number < LEAST}
    while exposed := [cell for cell in sorted(hidden) if _is_exposed(full, hidden, cell)]:
        for cell in exposed:
            if _is_exposed(full, hidden, cell):
                hidden.update(_beside(full, hidden, cell))
    return frozenset(hidden)


def _rows(table: Iterable[Cell]) -> list[str]:
    return sorted({row for row, _ in table})


def _columns(table: Iterable[Cell]) -> list[str]:
    return sorted({column for _, column in table})


def _has_small_total(full: Mapping[Cell, int]) -> bool:
    totals: dict[_Node, int] = {}
    for (row, column), number in full.items():
        for node in (("row", row), ("column", column)):
            totals[node] = totals.get(node, 0) + number
    return min(totals.values(), default=0) < LEAST


def _beside(full: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> set[Cell]:
    """What to withhold with an exposed cell: the other corners of the rectangle that costs the fewest told
    cells and members and gives it room enough; failing that any other, failing that the smallest cell."""
    found = []
    for other in full:
        if other[0] != cell[0] and other[1] != cell[1]:
            corners = {(cell[0], other[1]), (other[0], cell[1]), other}
            added = corners - hidden
            if added:
                room = min(full[cell[0], other[1]], full[other[0], cell[1]])
                short = room < max(1, LEAST - full[cell])
                found.append((short, len(added), sum(full[one] for one in added), other, added))
    if found:
        return min(found)[-1]
    return {min((number, one) for one, number in full.items() if one not in hidden)[1]}


def _is_exposed(full: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> bool:
    """Whether a reader of all that is told could find a withheld cell's value, or that it is a small one."""
    if full[cell] < LEAST:
        return not can_be(full, hidden, cell, LEAST)
    return not (can_be(full, hidden, cell, full[cell] + 1) or can_be(full, hidden, cell, full[cell] - 1))


def can_be(table: Mapping[Cell, int], hidden: Iterable[Cell], cell: Cell, value: int) -> bool:
    """Whether ``cell`` could have ``value`` with the same totals and the same told cells, no cell below 0."""
    numbers = {one: table[one] for one in hidden}
    step = 1 if value > numbers[cell] else -1
    while numbers[cell] != value:
        path = _balance(numbers, cell, step)
        if path is None:
            return False
        numbers[cell] += step
        for one, change in path:
            numbers[one] += change
    return True


def _balance(numbers: Mapping[Cell, int], cell: Cell, step: int) -> list[tuple[Cell, int]] | None:
    """Changes of other withheld cells by one that keep all totals when ``cell`` changes by ``step``."""
    start, goal = (("column", cell[1]), ("row", cell[0]))[::step]
    came: dict[_Node, tuple[_Node, Cell, int]] = {}
    waiting = deque([start])
    while waiting and goal not in came:
        node = waiting.popleft()
        for other, one, change in _moves(numbers, node, cell):
            if other not in came and other != start:
                came[other] = (node, one, change)
                waiting.append(other)
    return _way_back(came, start, goal) if goal in came else None


def _moves(numbers: Mapping[Cell, int], node: _Node, without: Cell) -> list[tuple[_Node, Cell, int]]:
    """What can be changed at a node: a row gives to a column, a column takes from a row that has some."""
    kind, name = node
    if kind == "row":
        return [(("column", one[1]), one, 1) for one in numbers if one[0] == name and one != without]
    column = [one for one, number in numbers.items() if one[1] == name and number > 0]
    return [(("row", one[0]), one, -1) for one in column if one != without]


def _way_back(
    came: Mapping[_Node, tuple[_Node, Cell, int]], start: _Node, goal: _Node
) -> list[tuple[Cell, int]]:
    path, node = [], goal
    while node != start:
        node, one, change = came[node]
        path.append((one, change))
    return path
