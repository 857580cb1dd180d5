"""XLSX files as text: every sheet that has something in it, a row a line, cells parted by tabs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from openpyxl import load_workbook

from kb.errors import KbError
from kb.ingest.packed import safe_copy

MOST_ROWS = 20_000
MOST_COLUMNS = 200
_BAD = "这个 XLSX 文件坏了或不规范，读不了。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"


def text_of(data: bytes) -> str:
    """The text of a workbook; of a formula what it came to when the file was saved."""
    copy = safe_copy(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book: Any = load_workbook(copy, read_only=True, data_only=True, keep_links=False)
            lines = [line for sheet in book.worksheets for line in _sheet(sheet, len(book.worksheets) > 1)]
            book.close()
    except KbError:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise KbError(_BAD) from error
    return "\n".join(lines)


def _sheet(sheet: Any, several: bool) -> Iterator[str]:
    """A sheet's name, where there are several, and its rows."""
    sheet.reset_dimensions()
    rows = [_row(row) for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)]
    filled = [row for row in rows if any(row)]
    if not filled:
        return
    widest = max(len(row) for row in filled)
    if several:
        yield from (sheet.title, "")
    for row in filled:
        alone = [cell for cell in row if cell]
        yield alone[0] if len(alone) == 1 else "\t".join([*row, *[""] * (widest - len(row))])
    yield ""


def _row(values: tuple[Any, ...]) -> list[str]:
    """The cells of a row as text up to the last that has any, each on one line."""
    cells = [" ".join(_text(value).split()) for value in values]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return str(value)
