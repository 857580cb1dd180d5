"""A list of members read from a sheet: what is wrong is named by row and column, the rest is done."""

from __future__ import annotations

import io
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from csv import writer as writer_of

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kb.domain.members import columns
from kb.domain.taxonomy import Taxonomy
from kb.errors import KbError
from kb.ingest.members import MOST_MEMBERS, packed, read, unpacked
from kb.outreach.membersheets import template, template_csv

HEAD = "企业名称,会员编号,所在地,从业人数,年营业收入（万元）,困难,联系人"
GOOD = "甲公司,A1,湖南省长沙市,25,800,减税和社保,王某"


def csv(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\n".join((head, *rows)).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_list_is_read_in_every_usual_encoding(taxonomy: Taxonomy, encoding: str) -> None:
    sheet = read(csv(GOOD, encoding=encoding), taxonomy)
    (one,) = sheet.members
    assert (one.name, one.code, one.told.region, one.row) == ("甲公司", "A1", "430100", 2)
    assert one.told.rooms["revenue"].low == 8_000_000
    assert one.told.need in {term.key for term in taxonomy.needs}


def test_a_wrong_cell_is_named_and_only_its_row_is_left_out(taxonomy: Taxonomy) -> None:
    rows = (GOOD, "乙公司,A2,火星,很多,800,,", "丙公司,A3,湖南,5,,,", ",,湖南,5,,,")
    sheet = read(csv(*rows), taxonomy)
    assert [one.name for one in sheet.members] == ["甲公司", "丙公司"]
    assert {(one.row, one.column) for one in sheet.errors} == {
        (3, "所在地"),
        (3, "从业人数"),
        (5, "企业名称"),
    }
    assert sheet.left_out == 2
    assert all("请写" in one.message or "可用" in one.message or "填" in one.message for one in sheet.errors)


def test_columns_of_people_are_neither_read_nor_kept(taxonomy: Taxonomy) -> None:
    sheet = read(csv(GOOD), taxonomy)
    assert [one.column for one in sheet.remarks] == ["联系人"]
    assert "王某" not in str(sheet.cells)
    assert "王某" not in zlib.decompress(urlsafe_b64decode(packed(sheet.cells))).decode()


def test_what_is_odd_but_can_be_done_is_said_and_done(taxonomy: Taxonomy) -> None:
    sheet = read(csv(GOOD, GOOD, "乙公司,A2,,5,,,"), taxonomy)
    assert len(sheet.members) == 3
    notes = {one.row: one.message for one in sheet.remarks if one.row > 1}
    assert "同一家" in notes[3]
    assert "所在地" in notes[4]
    assert not sheet.errors


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "空"),
        ("标题,文号\n甲,1".encode(), "表头"),
        (csv(GOOD, head=HEAD.replace("会员编号", "单位名称")), "同一列"),
        (csv(*["甲,A,湖南,1,,,"] * (MOST_MEMBERS + 1)), "分成几个"),
        (b"\xd0\xcf\x11\xe0 old", "xlsx"),
    ],
)
def test_what_is_no_list_says_what_to_do(taxonomy: Taxonomy, data: bytes, told: str) -> None:
    with pytest.raises(KbError, match=told):
        read(data, taxonomy)


def test_a_workbook_is_read_whatever_its_pages_are_called(taxonomy: Taxonomy) -> None:
    book = Workbook()
    book.active.title = "封面"
    page = book.create_sheet("2026年")
    page.append(["某协会会员名单"])
    page.append(["单位名称", "地区", "人数", "营业收入（万元）"])
    page.append(["甲公司", "湖南", 25, 800.5])
    page.append(["乙公司", "湖南", "=1+1", 1])
    out = io.BytesIO()
    book.save(out)
    sheet = read(out.getvalue(), taxonomy)
    (one,) = sheet.members
    assert (one.row, one.told.rooms["headcount"].low, one.told.rooms["revenue"].low) == (3, 25, 8_005_000)
    assert "公式" in sheet.errors[0].message


def test_the_template_is_a_list_of_nobody(taxonomy: Taxonomy) -> None:
    for data in (template(taxonomy), template_csv(taxonomy).encode()):
        sheet = read(data, taxonomy)
        assert (sheet.members, sheet.remarks) == ((), ())
        assert len(sheet.cells.heads) == len(columns(taxonomy))


def test_every_example_of_the_template_is_understood(taxonomy: Taxonomy) -> None:
    listed = columns(taxonomy)
    rows = [
        ",".join(f'"{cell}"' for cell in cells)
        for cells in zip(*[(c.title, c.example) for c in listed], strict=True)
    ]
    sheet = read("\n".join(rows).encode(), taxonomy)
    assert not sheet.errors
    assert len(sheet.members) == 1


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["甲", "乙", ""]), st.text(max_size=8), st.text(max_size=5)), max_size=6
    )
)
def test_whatever_is_typed_a_list_survives_its_journey_with_the_page(
    taxonomy: Taxonomy, rows: list[tuple[str, str, str]]
) -> None:
    out = io.StringIO()
    writer = writer_of(out)
    writer.writerow(["企业名称", "困难", "从业人数"])
    writer.writerows(rows)
    try:
        sheet = read(out.getvalue().encode("utf-8", "replace"), taxonomy)
    except KbError:
        return
    again = unpacked(packed(sheet.cells), taxonomy)
    assert again.members == sheet.members
    assert again.remarks == sheet.remarks


@pytest.mark.parametrize(
    "word",
    [
        "",
        "x",
        "é",
        urlsafe_b64encode(zlib.compress(b"[1]")).decode(),
        urlsafe_b64encode(zlib.compress(b'[{"name": 1}, [[1, 2]], []]')).decode(),
        urlsafe_b64encode(zlib.compress(b"[" * 100_000)).decode(),
        urlsafe_b64encode(zlib.compress(b" " * 20_000_000)).decode(),
    ],
)
def test_a_list_that_was_tampered_with_is_refused(taxonomy: Taxonomy, word: str) -> None:
    with pytest.raises(KbError, match="重新选文件"):
        unpacked(word, taxonomy)
