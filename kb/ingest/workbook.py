"""XLSX files as lines of text: opened with care, nothing in them computed, resolved or fetched."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from kb.domain.cells import unescaped
from kb.domain.columns import SHEET
from kb.errors import KbError
from kb.ingest.packed import safe_copy
from kb.ingest.tables import HEADER_WITHIN, MOST_COLUMNS, MOST_ROWS, Line, Remark, is_header

_LAST_ROW = 1_048_576
_SPELLED = re.compile(r"_x005[Ff]_(?=x[0-9A-Fa-f]{4}_)")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z0-9:$]{2,30})["']""")
_BAD = "这个 XLSX 文件坏了或不规范，读不了。请用表格软件打开，另存为 XLSX 再传"


def read(
    data: bytes, page: str = SHEET, has_header: Callable[[Line], bool] = is_header
) -> tuple[list[list[str]], list[Remark]]:
    """The lines of a sheet, merged cells filled in, and what in them cannot be taken.

    It is the sheet called ``page``, else the first with a header. :class:`KbError` with what to do where
    the file is damaged, too large, or made to do harm.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book: Any = load_workbook(safe_copy(data), read_only=True, keep_links=False)
            lines, remarks = _read(_sheet(book, page, has_header))
            book.close()
    except KbError:
        raise
    except Exception as error:  # zipfile and openpyxl raise whatever they stumble over
        raise KbError(_BAD) from error
    return lines, remarks


def _sheet(book: Any, page: str, has_header: Callable[[Line], bool]) -> Any:
    """The page of that name, else the first that has a header, else the first."""
    if page in book.sheetnames:
        return book[page]
    return next((one for one in book.worksheets if _has_header(one, has_header)), book.worksheets[0])


def _has_header(sheet: Any, has_header: Callable[[Line], bool]) -> bool:
    rows = sheet.iter_rows(max_row=HEADER_WITHIN, max_col=MOST_COLUMNS, values_only=True)
    return any(has_header([str(value or "") for value in row]) for row in rows)


def _read(sheet: Any) -> tuple[list[list[str]], list[Remark]]:
    sheet.reset_dimensions()
    lines: list[list[str]] = []
    remarks: list[Remark] = []
    filled = 0
    for number, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=MOST_COLUMNS), start=1):
        line = _line(row, number, remarks)
        lines.append(line)
        filled += bool(line)
        if filled > MOST_ROWS + HEADER_WITHIN or number >= _LAST_ROW:
            break
    remarks += _fill_merged(lines, sheet)
    widest = max(map(len, lines), default=0)
    return [line + [""] * (widest - len(line)) if line else line for line in lines], remarks


def _line(row: Any, number: int, remarks: list[Remark]) -> list[str]:
    """The texts of a row up to its last cell with anything in it."""
    line: list[str] = []
    for place, cell in enumerate(row, start=1):
        if cell.value is None:
            continue
        letter = get_column_letter(place)
        line += [""] * (place - 1 - len(line))
        line.append("" if cell.data_type in "fe" else _text(cell.value))
        if cell.data_type == "f":
            told = f"{letter}{number} 格是公式，不是内容。请复制这一列，“粘贴为数值”以后再传"
            remarks.append(Remark(number, "", told))
        elif cell.data_type == "e":
            remarks.append(Remark(number, "", f"{letter}{number} 格是公式的错误（{cell.value}），请改成内容"))
    return line


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, str):
        plain = value.replace("_x000D_", "")
        return unescaped(_SPELLED.sub("_", plain))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _fill_merged(lines: list[list[str]], sheet: Any) -> Iterator[Remark]:
    """Cells merged downwards all say what the first one says; cells merged across columns are told."""
    for first_column, first, last_column, last in _merged(sheet):
        if first > len(lines) or first_column > MOST_COLUMNS:
            continue
        if last_column > first_column:
            yield Remark(first, "", "这一行合并了几列，不知道内容属于哪一列。请取消合并再传")
            continue
        said = lines[first - 1][first_column - 1 :][:1]
        for line in lines[first:last]:
            line += [""] * (first_column - len(line))
            line[first_column - 1] = said[0] if said else ""


def _merged(sheet: Any) -> Iterator[tuple[int, int, int, int]]:
    """The merged ranges: first column and row, last column and row."""
    with sheet.parent._archive.open(sheet._worksheet_path) as part:
        for match in _MERGED.finditer(part.read()):
            first_column, first, last_column, last = range_boundaries(match[1].decode())
            if first_column and first and last_column and last:
                yield first_column, first, last_column, last
