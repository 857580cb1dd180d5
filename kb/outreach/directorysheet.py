"""The directory as a workbook, one row a relief, to filter and to sort; every cell is text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kb.domain.cells import escaped, tidy
from kb.outreach.directory import Directory, Item
from kb.outreach.settled import settled

SHEET, ABOUT = "目录", "说明"
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_HEAD = Font(bold=True)
_WASH = PatternFill("solid", fgColor="E8EEF4")
_WRAP = Alignment(vertical="top", wrap_text=True)

COLUMNS: tuple[tuple[str, int, Callable[[Item], str]], ...] = (
    ("地区", 14, lambda one: one.place),
    ("支持类型", 14, lambda one: one.type),
    ("类别", 10, lambda one: one.kind),
    ("事项", 30, lambda one: one.title),
    ("能得到什么", 50, lambda one: one.what),
    ("好处原文", 30, lambda one: one.worth),
    ("谁能享受", 30, lambda one: one.who),
    ("条件", 50, lambda one: "\n".join(one.conditions)),
    ("状态", 12, lambda one: one.status),
    ("到什么时候", 26, lambda one: one.until),
    ("最近核对", 24, lambda one: one.checked),
    ("怎么办", 30, lambda one: one.how),
    ("步骤", 40, lambda one: one.steps),
    ("材料", 40, lambda one: one.materials),
    ("咨询", 24, lambda one: one.contact),
    ("文件", 50, lambda one: one.document),
    ("文号", 24, lambda one: one.number),
    ("发文机关", 30, lambda one: one.issuers),
    ("成文日期", 16, lambda one: one.issued),
    ("来源", 50, lambda one: one.source),
    ("官方网址", 40, lambda one: one.url),
    ("内容待核实", 40, lambda one: "\n".join(one.doubts)),
    ("编号", 28, lambda one: f"{one.entry}#{one.relief}" if one.relief else one.entry),
    ("版本", 8, lambda one: str(one.version)),
)
"""Title, width in characters and content of each column."""


def directory_sheet(found: Directory) -> bytes:
    """The workbook; the same bytes for the same state of the store."""
    book = Workbook(write_only=True)
    book.properties.title = found.title
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "E2"
    for number, (_title, width, _content) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(found.items) + 1}"
    sheet.append([_cell(sheet, title, head=True) for title, _width, _content in COLUMNS])
    for item in found.items:
        sheet.append([_cell(sheet, content(item)) for _title, _width, content in COLUMNS])
    about = book.create_sheet(ABOUT)
    about.column_dimensions["A"].width = 100
    for note in (found.title, *found.notes, *([found.site] if found.site else [])):
        about.append([_cell(about, note)])
    out = io.BytesIO()
    book.save(out)
    return settled(out.getvalue(), found.day)


def _cell(sheet: object, text: str, *, head: bool = False) -> Cell | None:
    """A cell of text, whatever the text looks like; none for no text."""
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value="")  # type: ignore[arg-type]
    cell.value = _ESCAPE_LIKE.sub("_x005F_", tidy(escaped(text)))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = _WRAP
    if head:
        cell.font, cell.fill = _HEAD, _WASH
    return cell
