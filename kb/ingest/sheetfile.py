"""The bytes of a CSV or XLSX file as a table, within limits; what cannot be read says what to do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator

from kb.domain.cells import unescaped
from kb.domain.columns import SHEET
from kb.errors import KbError
from kb.ingest import workbook
from kb.ingest.tables import MOST_COLUMNS, Line, Remark, Table, is_header, table_of

LARGEST = 5 * 1024 * 1024
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_table(data: bytes) -> Table:
    """The table in the bytes of a file; :class:`KbError` with what to do where it is none."""
    return table_of(*read_lines(data, SHEET, is_header))


def read_lines(
    data: bytes, page: str, has_header: Callable[[Line], bool]
) -> tuple[Iterable[Line], Iterable[Remark]]:
    """The lines of a file and what in them cannot be taken; :class:`KbError` where it is no sheet.

    Of a workbook it is the page of that name, else the first with a header.
    """
    if len(data) > LARGEST:
        raise KbError(f"文件超过 {LARGEST // 1024 // 1024} MB。请分成几个文件，每次传一个")
    if not data.strip():
        raise KbError("文件是空的")
    if data.startswith(_OLD_EXCEL):
        raise KbError("这是旧版 Excel（xls）或加了密码的文件，读不了。请另存为 .xlsx（不加密码）或 CSV 再传")
    if data.startswith(b"PK"):
        return workbook.read(data, page, has_header)
    return _lines(_decoded(data)), ()


def _lines(text: str) -> Iterator[Line]:
    first, _sep, rest = text.partition("\n")
    stated = re.fullmatch(r"sep=(.)\s*", first)
    delimiter = stated[1] if stated else max(",;\t", key=first.count)
    if stated:
        yield ()
    stream = io.StringIO(rest if stated else text, newline="")
    try:
        for fields in csv.reader(stream, delimiter=delimiter, strict=True):
            yield [unescaped(one) for one in fields[:MOST_COLUMNS]]
    except csv.Error as error:
        raise KbError(
            f"CSV 的引号或换行不对，或者一格太长（{error}）。请用表格软件另存为 XLSX 再传"
        ) from error


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise KbError("认不出文字的编码。请在表格软件里另存为“CSV UTF-8”或 XLSX 再传")
