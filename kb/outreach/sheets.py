"""Entries as a sheet, one row a relief: CSV, and an XLSX workbook with lists to choose from and a guide.

The same columns are read back by the intake of sheets. Every cell is text: nothing in it is a formula.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from kb.domain.cells import LONGEST, TOO_LONG, escaped
from kb.domain.columns import CHOICES, COLUMNS, GUIDE, ID, LISTS, SHEET, VERSION, Column
from kb.domain.taxonomy import Taxonomy
from kb.domain.values import rows_of, words_of
from kb.store import entries
from kb.store.database import Database

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VALIDATED_ROWS = 5001
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_HEAD = Font(bold=True)
_WASH = PatternFill("solid", fgColor="E8EEF4")
_WRAP = Alignment(vertical="top", wrap_text=True)
_WIDE = {"标题": 40, "一句话好处": 40, "概要": 40, "能得到什么": 40, "条件（每行一条）": 40, "好处原文": 30}

Row = Mapping[str, str]

GUIDE_LINES = (
    "一行写一项支持事项。一份文件有几项，就写几行，整份文件的内容每行重复，或者只在第一行写、其余合并单元格。",
    "带 * 的列必填。新条目：编号、版本、事项编号都空着。改已有的条目：先导出，改完再传，编号和版本不要动。",
    "版本是导出时的第几版。导出以后有人在工作台改过的地方，以工作台为准，表里的不会盖掉它，报告里会说明。",
    "没有版本的行只补已有条目空着的地方。删掉一行不会删掉事项；要删，到工作台里删。",
    "表里写不下的（带计算规则的条件、关系、存疑、第二个来源等）原样保留。",
    "上传以后先看逐行报告，确认再导入；导入只做成草稿，不会直接发布。",
    "日期写 2020-02-20 或 2020年2月20日。以 = + - @ 开头的内容导出时前面带一个单引号，传回来会去掉。",
)
"""How to fill the sheet in, for the workbook and for the page of help."""


def rows_for(db: Database, entry_ids: Iterable[str], taxonomy: Taxonomy) -> Iterator[Row]:
    """The rows of the published entries among ``entry_ids``, in that order, each entry once."""
    for entry_id in dict.fromkeys(entry_ids):
        held = entries.get(db, entry_id)
        if held and held.state == "published":
            data = json.loads(entries.to_json(held.entry))
            yield from rows_of(data, held.version.number, taxonomy)


def as_csv(rows: Iterable[Row]) -> str:
    """The sheet as CSV; the mark at its beginning makes Excel read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([one.title for one in COLUMNS])
    for row in rows:
        writer.writerow([_safe(row[one.title]) for one in COLUMNS])
    return "\ufeff" + out.getvalue()


def as_workbook(rows: Iterable[Row], taxonomy: Taxonomy) -> bytes:
    """The sheet as an XLSX workbook with lists to choose from, a guide and the words that may be used.

    Without rows it is the template to fill in.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    lists = _lists(taxonomy)
    for number, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDE.get(column.title, 16)
        validation = _validation(column, lists)
        if validation:
            letter = get_column_letter(number)
            validation.add(f"{letter}2:{letter}{VALIDATED_ROWS}")
            sheet.data_validations.append(validation)
    sheet.append([_cell(sheet, header_of(one), head=True) for one in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, _safe(row[one.title])) for one in COLUMNS])
    _add_guide(book)
    _add_lists(book, lists)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def header_of(column: Column) -> str:
    """The header as the workbook shows it: ``*`` marks what must be filled in."""
    return f"{column.title}*" if column.required else column.title


def _safe(text: str) -> str:
    cell = escaped(text)
    return cell if len(cell) <= LONGEST else TOO_LONG


def _cell(sheet: object, text: str, *, head: bool = False) -> Cell | None:
    """A cell of text, whatever the text looks like; none for no text."""
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value="")  # type: ignore[arg-type]
    cell.value = _ESCAPE_LIKE.sub("_x005F_", text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = _WRAP
    if head:
        cell.font, cell.fill = _HEAD, _WASH
    return cell


def _lists(taxonomy: Taxonomy) -> dict[str, list[str]]:
    """The words that may stand in a column, by the name of their list."""
    found = {name: list(labels.values()) for name, labels in CHOICES.items()}
    for column in COLUMNS:
        if column.kind in ("term", "terms"):
            found[column.of] = list(words_of(getattr(taxonomy, column.of)).values())
    found["regions"] = [taxonomy.regions.label(one.code) for one in taxonomy.regions.all]
    return found


def _validation(column: Column, lists: Mapping[str, Sequence[str]]) -> DataValidation | None:
    """The list to choose from in a column; where several may be written it only proposes."""
    if column.title in (ID, VERSION):
        return _prompted(DataValidation(type=None, allow_blank=True), column)
    if column.of not in lists:
        return None
    letter = get_column_letter(list(lists).index(column.of) + 1)
    formula = f"'{LISTS}'!${letter}$2:${letter}${len(lists[column.of]) + 1}"
    made = DataValidation(type="list", formula1=formula, allow_blank=True)
    made.showErrorMessage = column.kind in ("term", "choice")
    made.errorTitle, made.error = column.title, f"请从列表里选，词见“{LISTS}”页"
    return _prompted(made, column)


def _prompted(made: DataValidation, column: Column) -> DataValidation:
    made.showInputMessage = True
    made.promptTitle, made.prompt = column.title, column.hint[:250]
    return made


def _add_guide(book: Workbook) -> None:
    sheet = book.create_sheet(GUIDE)
    for letter, width in zip("ABCD", (22, 8, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    for line in GUIDE_LINES:
        sheet.append([_cell(sheet, "说明"), _cell(sheet, ""), _cell(sheet, line)])
    sheet.append([])
    sheet.append([_cell(sheet, text, head=True) for text in ("列", "必填", "怎么填", "例子")])
    for one in COLUMNS:
        parts = (one.title, "是" if one.required else "", one.hint, escaped(one.example))
        sheet.append([_cell(sheet, text) for text in parts])


def _add_lists(book: Workbook, lists: Mapping[str, Sequence[str]]) -> None:
    sheet = book.create_sheet(LISTS)
    sheet.append([_cell(sheet, _titles(name), head=True) for name in lists])
    for number in range(max(map(len, lists.values()))):
        sheet.append([_cell(sheet, words[number] if number < len(words) else "") for words in lists.values()])


def _titles(name: str) -> str:
    """The columns that a list is for."""
    return "、".join(one.title for one in COLUMNS if one.of == name)
