"""Results of many members as a workbook, and the workbook in which their list is filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from kb.domain.cells import escaped, tidy
from kb.domain.dates import in_words
from kb.domain.members import GUIDE, LISTS, SHEET, Column, columns
from kb.domain.taxonomy import Taxonomy
from kb.outreach.accountant import NOT_A_BASIS
from kb.outreach.members import Batch, Line, Result
from kb.outreach.message import caveat

OVERVIEW = (
    "会员编号",
    "企业名称",
    "所在地",
    "初步符合",
    "可能符合",
    "60天内到期",
    "先看这几项",
    "补充这些能看得更准",
)
DETAILS = (
    "会员编号",
    "企业名称",
    "支持事项",
    "对照结果",
    "对上困难",
    "60天内到期",
    "到什么时候",
    "受理时间",
    "要做什么",
    "在哪办",
    "还要确认",
    "测算",
    "能得到什么",
    "文件",
    "说明",
    "网址",
)
_WIDTHS = {
    "企业名称": 26,
    "支持事项": 30,
    "先看这几项": 60,
    "到什么时候": 34,
    "还要确认": 50,
    "能得到什么": 50,
}
_WIDTHS |= {
    "怎么改": 60,
    "文件": 44,
    "网址": 44,
    "补充这些能看得更准": 32,
    "要做什么": 22,
    "在哪办": 26,
    "受理时间": 26,
}
FEW = 3
VALIDATED_ROWS = 5001
_HEAD = Font(bold=True)
_WASH = PatternFill("solid", fgColor="E8EEF4")
_WRAP = Alignment(vertical="top", wrap_text=True)
Remarks = Iterable[tuple[int, str, str, bool]]
"""What is to be said of the list: row, column, what to do, and whether the row was left out for it."""
GUIDE_LINES = (
    "一行一家会员。企业名称和会员编号至少填一样，其余有多少填多少；空着就是不知道，结果会写还差什么。",
    "所在地写到市，如 湖南省长沙市。人数和金额可以写一个数，也可以写范围，如 10-29、500-1000、300以上。",
    "金额的单位写在列名里；格子里也可以自己带单位，如 800万。",
    "联系人、电话这些列用不着：不认识的列不会读，也不会留下。",
    "有一格看不懂的，那一行不做，报告里写明哪一行哪一列怎么改；其余的行照做。",
)


def results_workbook(
    batch: Batch, remarks: Remarks, taxonomy: Taxonomy, organiser: str, entry_address: str
) -> bytes:
    """The results: a row a member, a row a match, rows that were left out, and what to know.

    ``entry_address`` is put before an entry's id to make its link; without it there are no links.
    """
    book = Workbook(write_only=True)
    overview = _page(book, "总览", OVERVIEW)
    for one in batch.results:
        overview.append(_overview(one, taxonomy))
    details = _page(book, "逐项", DETAILS)
    for row in _details(batch.results, entry_address):
        details.append(row)
    left = _page(book, "要改的", ("行", "列", "做了没有", "怎么改"))
    for number, column, message, is_left_out in remarks:
        left.append([number, _text(column), "没做" if is_left_out else "做了", _text(message)])
    notes = _page(book, "说明", ("说明",))
    for line in notes_of(batch, organiser):
        notes.append([_text(line)])
    return _bytes(book)


def notes_of(batch: Batch, organiser: str) -> tuple[str, ...]:
    """What everybody must know who reads the results."""
    return (
        f"按{in_words(batch.day)}查，{len(batch.results)} 家。",
        "初步符合：写成数据的条件都对上了；可能符合：还有要补充或对照原文的。都不等于一定能享受。",
        f"{NOT_A_BASIS}。",
        caveat(organiser),
    )


def _page(book: Workbook, title: str, head: Sequence[str]) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, name in enumerate(head, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 13)
    sheet.append([_cell(sheet, name, head=True) for name in head])
    return sheet


def _overview(one: Result, taxonomy: Taxonomy) -> list[str | int]:
    region = taxonomy.regions.label(one.member.told.region) if one.member.told.region else ""
    first = "；".join(line.relief.title for line in (*one.eligible, *one.possible)[:FEW])
    counts = (len(one.eligible), len(one.possible), len(one.soon))
    who = (_text(one.member.code), _text(one.member.name), region)
    return [*who, *counts, _text(first), _text("、".join(one.ask))]


def _details(results: Iterable[Result], entry_address: str) -> Iterator[list[str | None]]:
    cells: dict[int, list[str | None]] = {}
    for one in results:
        who = [_text(one.member.code), _text(one.member.name)]
        for line in one.lines:
            if id(line) not in cells:
                cells[id(line)] = _line(line, entry_address)
            yield [*who, *cells[id(line)]]


def _line(line: Line, entry_address: str) -> list[str | None]:
    relief = line.relief
    told = (
        relief.title,
        line.verdict,
        "是" if line.fits else "",
        "是" if relief.soon else "",
        relief.until,
        relief.windows,
        relief.todo,
        relief.way,
        line.open,
        line.worth,
        relief.what,
        relief.document,
        relief.doubt,
        f"{entry_address}{relief.entry}#{relief.relief}" if entry_address else "",
    )
    return [_text(one) or None for one in told]


def _text(text: str) -> str:
    """The text as a cell that is taken for no formula and holds nothing a cell cannot."""
    return escaped(tidy(text))


def template(taxonomy: Taxonomy) -> bytes:
    """The empty list with words to choose from and a guide."""
    book = Workbook(write_only=True)
    listed = columns(taxonomy)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "C2"
    lists = [one for one in listed if one.choices]
    for number, one in enumerate(listed, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(12, 2 * len(one.title))
        made = _validation(one, lists)
        made.add(f"{letter}2:{letter}{VALIDATED_ROWS}")
        sheet.data_validations.append(made)
    sheet.append([_cell(sheet, one.title, head=True) for one in listed])
    _add_guide(book, listed)
    words = book.create_sheet(LISTS)
    words.append([_cell(words, one.title, head=True) for one in lists])
    for number in range(max(len(one.choices) for one in lists)):
        words.append([one.choices[number] if number < len(one.choices) else None for one in lists])
    return _bytes(book)


def _validation(one: Column, lists: Sequence[Column]) -> DataValidation:
    made = DataValidation(type=None, allow_blank=True)
    if one.choices:
        letter = get_column_letter(lists.index(one) + 1)
        formula = f"'{LISTS}'!${letter}$2:${letter}${len(one.choices) + 1}"
        made = DataValidation(type="list", formula1=formula, allow_blank=True)
        made.showErrorMessage = False
    made.showInputMessage = True
    made.promptTitle, made.prompt = one.title[:32], one.hint[:250]
    return made


def _add_guide(book: Workbook, listed: Sequence[Column]) -> None:
    sheet = book.create_sheet(GUIDE)
    for letter, width in zip("ABC", (34, 60, 26), strict=True):
        sheet.column_dimensions[letter].width = width
    for line in GUIDE_LINES:
        sheet.append(["说明", _cell(sheet, line)])
    sheet.append([])
    sheet.append([_cell(sheet, text, head=True) for text in ("列", "怎么填", "例子")])
    for one in listed:
        sheet.append([one.title, _cell(sheet, one.hint), _cell(sheet, one.example)])


def template_csv(taxonomy: Taxonomy) -> str:
    """The head of the list as CSV that opens rightly in Excel."""
    out = io.StringIO()
    csv.writer(out).writerow([one.title for one in columns(taxonomy)])
    return "\ufeff" + out.getvalue()


def _cell(sheet: Any, text: str, *, head: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, value=_text(text))
    cell.alignment = _WRAP
    if head:
        cell.font, cell.fill = _HEAD, _WASH
    return cell


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def file_name(day: date, ending: str) -> str:
    """What the file of results is called."""
    return f"members-{day.isoformat()}.{ending}"
