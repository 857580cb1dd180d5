"""Bytes to tables: every way a spreadsheet saves its rows, and what is refused with what to do."""

import csv
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kb.domain.columns import COLUMNS, SHEET
from kb.domain.taxonomy import Taxonomy
from kb.errors import KbError
from kb.ingest.sheetfile import LARGEST, read_table
from kb.ingest.tables import MOST_ROWS, Table
from kb.outreach.sheets import as_csv, as_workbook
from tests.ingest.rows import blank_row

HEADER = ("编号", "标题", "成文日期")
ROW = ("a-1", "试验", "2020-02-20")


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def book_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(rows: Sequence[Sequence[object]]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    return book


def cells(table: Table) -> list[tuple[str, ...]]:
    return [tuple(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    assert cells(read_table(csv_bytes([HEADER, ROW], encoding, delimiter))) == [ROW]


def test_a_stated_separator_is_believed_and_counted_as_a_row() -> None:
    table = read_table(b"sep=;\n" + csv_bytes([HEADER, ROW], delimiter=";"))
    assert [(row.number, row.get("编号")) for row in table.rows] == [(3, "a-1")]


def test_columns_may_come_in_any_order_and_rows_keep_their_numbers() -> None:
    table = read_table(csv_bytes([("标题", "编号"), (), ("试验", "a-1"), ("", ""), ("再试", "a-2")]))
    assert [(row.number, row.get("编号")) for row in table.rows] == [(3, "a-1"), (5, "a-2")]


def test_an_unknown_column_is_told_and_not_read() -> None:
    table = read_table(csv_bytes([(*HEADER, "备注"), (*ROW, "随便")]))
    assert [(one.column, one.what) for one in table.remarks] == [("备注", "note")]
    assert cells(table) == [ROW]


def test_a_line_above_the_header_is_passed_over() -> None:
    assert cells(read_table(csv_bytes([("2026年惠企政策登记表",), HEADER, ROW]))) == [ROW]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("编号", "标题", "标 题")], "两次"),
        ([("甲", "乙"), ("1", "2")], "没有认出表头"),
        ([("概要",), ("只有概要",)], "没有认出表头"),
        ([HEADER, *[ROW] * (MOST_ROWS + 1)], "超过"),
    ],
)
def test_what_cannot_be_a_sheet_says_why(rows: list[tuple[str, ...]], told: str) -> None:
    with pytest.raises(KbError, match=told):
        read_table(csv_bytes(rows))
    with pytest.raises(KbError, match=told):
        read_table(book_bytes(book_of(rows)))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "空的"),
        (b"x" * (LARGEST + 1), "超过 5 MB"),
        (b"\xd0\xcf\x11\xe0rest", "旧版 Excel"),
        (b"PK\x03\x04nothing", "坏了"),
        (b"\xff\xff\xff", "编码"),
        ('编号,标题\n"a,b\n'.encode(), "引号"),
    ],
)
def test_a_file_that_is_no_sheet_says_what_to_do(data: bytes, told: str) -> None:
    with pytest.raises(KbError, match=told):
        read_table(data)


def test_a_row_longer_than_the_header_is_an_error_of_that_row() -> None:
    table = read_table(csv_bytes([HEADER, (*ROW, "多", "出"), ROW]))
    assert [(one.row, one.what) for one in table.remarks] == [(2, "error")]
    assert [row.number for row in table.rows] == [3]


def test_real_dates_numbers_and_truths_become_text() -> None:
    book = book_of([("编号", "标题", "成文日期", "公开日期", "办结天数", "概要", "文号")])
    book.worksheets[0].append(["a", 110000, datetime(2020, 2, 20), date(2020, 2, 21), 5.0, True, 0.5])
    assert cells(read_table(book_bytes(book))) == [
        ("a", "110000", "2020-02-20", "2020-02-21", "5", "是", "0.5")
    ]


def test_the_last_cell_of_a_row_may_be_empty_and_is_there_all_the_same() -> None:
    book = book_of([HEADER, ROW, ("a-2", "再试", None)])
    assert cells(read_table(book_bytes(book))) == [ROW, ("a-2", "再试", "")]
    assert cells(read_table(csv_bytes([HEADER, ("a-2", "再试")]))) == [("a-2", "再试")]


def test_cells_merged_downwards_all_say_the_same() -> None:
    book = book_of([HEADER, ROW, (None, None, "2020-02-21"), (None, None, "2020-02-22")])
    book.worksheets[0].merge_cells("A2:A4")
    book.worksheets[0].merge_cells("B2:B3")
    assert [row.get("编号") for row in read_table(book_bytes(book)).rows] == ["a-1", "a-1", "a-1"]
    assert [row.get("标题") for row in read_table(book_bytes(book)).rows] == ["试验", "试验", ""]


def test_cells_merged_across_are_an_error_of_their_row() -> None:
    book = book_of([HEADER, ROW])
    book.worksheets[0].merge_cells("B2:C2")
    (remark,) = read_table(book_bytes(book)).remarks
    assert (remark.row, remark.what) == (2, "error")
    assert "取消合并" in remark.message


def test_a_title_merged_across_above_the_header_is_no_error() -> None:
    book = book_of([("登记表",), HEADER, ROW])
    book.worksheets[0].merge_cells("A1:C1")
    assert read_table(book_bytes(book)).remarks == ()


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://x")', "#REF!"])
def test_a_formula_is_an_error_of_its_row_and_is_never_computed(formula: str) -> None:
    table = read_table(book_bytes(book_of([HEADER, ("a-1", formula, "")])))
    assert [(one.row, one.what) for one in table.remarks] == [(2, "error")]
    assert "B2" in table.remarks[0].message


def test_the_page_of_entries_is_found_among_others() -> None:
    book = book_of([("封面",)])
    book.create_sheet("数据").append(list(HEADER))
    book["数据"].append(list(ROW))
    assert cells(read_table(book_bytes(book))) == [ROW]
    book.create_sheet(SHEET).append(["编号", "标题"])
    book[SHEET].append(["b-1", "名为条目的那一页"])
    assert cells(read_table(book_bytes(book))) == [("b-1", "名为条目的那一页")]


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_unpacks_to_far_more_is_not_opened() -> None:
    bomb = repacked(book_bytes(book_of([HEADER, ROW])), "xl/media/zeros.bin", b"\0" * 30_000_000)
    with pytest.raises(KbError, match="太大"):
        read_table(bomb)


def test_a_part_that_lies_about_its_size_is_read_no_further_than_it_says() -> None:
    honest = repacked(book_bytes(book_of([HEADER, ROW])), "xl/theme/theme1.xml", b" " * 20_000_000)
    place = honest.rindex(b"PK\x01\x02", 0, honest.rindex(b"xl/theme/theme1.xml"))
    said = struct.pack("<I", 10)
    local = honest.index(b"xl/theme/theme1.xml") - 30
    lying = bytearray(honest)
    lying[place + 24 : place + 28] = lying[local + 22 : local + 26] = said
    tracemalloc.start()
    with suppress(KbError):
        read_table(bytes(lying))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_declares_entities_is_not_read(encoding: str) -> None:
    part = '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "b">]><sst/>'.encode(encoding)
    with pytest.raises(KbError, match="DTD"):
        read_table(repacked(book_bytes(book_of([HEADER, ROW])), "xl/sharedStrings.xml", part))


def test_a_row_far_below_stops_nothing() -> None:
    data = book_bytes(book_of([HEADER, ROW]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b'<row r="2"', b'<row r="999999999"')
    table = read_table(repacked(data, "xl/worksheets/sheet1.xml", sheet))
    assert table.rows == ()


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", "编号,标题\n".encode()):
        with suppress(KbError):
            read_table(start + data)


@settings(max_examples=60)
@given(st.integers(min_value=0), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused_in_words(place: int, value: int) -> None:
    data = bytearray(book_bytes(book_of([HEADER, ROW])))
    data[place % len(data)] = value
    with suppress(KbError):
        read_table(bytes(data))


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=40)


@settings(max_examples=60)
@given(
    st.sampled_from(["", "=", "＋", "-", "@", "'=", "''@", '"', "a\nb", "مرحبا\u202e", "_x000A_", "x005F_"]),
    CELL,
)
def test_what_is_written_into_a_cell_is_read_out_of_it(taxonomy: Taxonomy, start: str, text: str) -> None:
    """In CSV and in XLSX, where nothing becomes a formula either."""
    row = {**blank_row(), "编号": "a-1", "概要": start + text}
    for data in (as_csv([row]).encode(), as_workbook([row], taxonomy)):
        table = read_table(data)
        assert table.remarks == ()
        assert table.rows[0].get("概要") == start + text
        assert len(table.columns) == len(COLUMNS)
