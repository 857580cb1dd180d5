"""A table of text by column title: its header found, its rows numbered as the spreadsheet numbers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.domain.columns import ID, Column, find_column
from kb.errors import KbError

MOST_ROWS = 5_000
MOST_COLUMNS = 300
HEADER_WITHIN = 20
KEYS = frozenset({ID, "文号", "标题"})
"""With none of these columns nobody knows what a row is about."""

Line = Sequence[str]
What = Literal["error", "protected", "note"]


@dataclass(frozen=True)
class Row:
    """One row with its number in the spreadsheet; ``cells`` by column title, only those that are there."""

    number: int
    cells: Mapping[str, str]

    def get(self, title: str) -> str:
        """What stands in a column; empty where nothing does."""
        return self.cells.get(title, "")


@dataclass(frozen=True)
class Remark:
    """Something to say about a place of the sheet, with what to do where it is an error."""

    row: int
    column: str
    message: str
    what: What = "error"


@dataclass(frozen=True)
class Table:
    """The columns that were known, the rows with anything in them, and what is to be said of them."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...]


def table_of(lines: Iterable[Line], remarks: Iterable[Remark] = ()) -> Table:
    """The table of a sheet's lines; :class:`KbError` where no header is found or it has a column twice."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if any(line))
    top, header = _header(numbered)
    told: list[Remark] = []
    columns = _columns(header, top, told)
    rows: list[Row] = []
    for number, line in numbered:
        if any(cell.strip() for cell in line[len(header) :]):
            told.append(Remark(number, "", "这一行比表头多出几格，可能是分隔或引号不对，请对照表头检查"))
            continue
        cells = {one.title: line[place] for place, one in columns.items() if place < len(line)}
        if any(cell.strip() for cell in cells.values()):
            rows.append(Row(number, cells))
        if len(rows) > MOST_ROWS:
            raise KbError(f"超过 {MOST_ROWS} 行。请分成几个文件，每次传一个")
    told += [one for one in remarks if one.row > top]
    return Table(tuple(columns.values()), tuple(rows), tuple(told))


def is_header(line: Line) -> bool:
    """Whether a line names columns, of which one tells what a row is about."""
    return bool(KEYS & {column.title for name in line if (column := find_column(name))})


def _header(numbered: Iterator[tuple[int, Line]]) -> tuple[int, Line]:
    for number, line in numbered:
        if is_header(line):
            return number, line
        if number > HEADER_WITHIN:
            break
    raise KbError("没有认出表头。要有一行写着编号、文号或标题这样的列名，请下载模板照着写")


def _columns(header: Line, top: int, told: list[Remark]) -> dict[int, Column]:
    """The known columns by their place; a name that is not known is told."""
    found: dict[int, Column] = {}
    for place, name in enumerate(header):
        column = find_column(name)
        if column is None:
            if name.strip():
                told.append(Remark(top, name.strip()[:40], "不认识这一列，没有读", "note"))
        elif column in found.values():
            raise KbError(f"表头里「{column.title}」出现了两次。请删掉一列，不知道该信哪一列")
        else:
            found[place] = column
    return found
