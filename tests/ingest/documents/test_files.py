"""Files as documents: what they hold in its order, old formats and scans told apart, harm refused."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import KbError
from kb.ingest.documents import files
from kb.ingest.documents.pdf import RADICALS
from tests.ingest.documents.making import (
    a_docx,
    a_pdf,
    an_archive,
    an_xlsx,
    numbered,
    put_in_list,
    saved,
    with_part,
)

NOTICE = "关于做好试验工作的通知\n\n各单位：\n现就有关事项通知如下。\n\n一、试验范围\n全省。\n"
FOOTNOTES = """<?xml version="1.0"?><w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>—</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="1"><w:p><w:r><w:t>不含分公司。</w:t></w:r></w:p></w:footnote></w:footnotes>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_any_usual_encoding(encoding: str) -> None:
    found = files.read(NOTICE.encode(encoding), "通知.txt")
    assert found.title == "关于做好试验工作的通知"
    assert [one.text for one in found.blocks if one.level] == ["一、试验范围"]


def test_a_web_page_is_read_by_its_body() -> None:
    said = "现就有关事项通知如下，请各单位认真贯彻执行，并及时反馈试验中的情况和问题。" * 3
    body = f"<h1>关于试验的通知</h1><div><p>{said}</p></div>"
    page = f"<html><head><meta charset=utf-8></head><body>{body}</body></html>"
    found = files.read(page.encode(), "通知.html")
    assert said in found.text


def test_word_paragraphs_and_tables_keep_their_order() -> None:
    found = files.read(
        a_docx("关于试验的通知", "一、情况", [["省份", "分"], ["甲省", "1.0"]], "说明一句。"), "a.docx"
    )
    assert [(one.kind, one.text) for one in found.blocks] == [
        ("title", "关于试验的通知"),
        ("heading", "一、情况"),
        ("table", "省份\t分\n甲省\t1.0"),
        ("paragraph", "说明一句。"),
    ]


def test_numbers_that_word_draws_are_read() -> None:
    made: Any = docx.Document()
    number = numbered(made, [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")])
    for text, depth in (
        ("范围", 0),
        ("企业。", 1),
        ("大的。", 2),
        ("小的。", 2),
        ("个人。", 1),
        ("办法", 0),
        ("网上。", 1),
    ):
        put_in_list(made.add_paragraph(text), number, depth)
    found = files.read(saved(made), "a.docx")
    assert [one.text for one in found.blocks] == [
        "一、范围", "（一）企业。", "1.大的。", "2.小的。", "（二）个人。", "二、办法", "（一）网上。",
    ]  # fmt: skip


def test_footnotes_of_word_come_at_the_end_as_notes() -> None:
    packed = with_part(a_docx("正文一段。"), "word/footnotes.xml", FOOTNOTES.encode())
    assert [(one.kind, one.text) for one in files.read(packed, "a.docx").blocks][-1] == (
        "footnote",
        "注：不含分公司。",
    )


def test_what_was_struck_out_in_word_is_left_out() -> None:
    made: Any = docx.Document()
    run = made.add_paragraph("补助一万元。").runs[0]._r
    struck = run.makeelement("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}del", {})
    run.getparent().append(struck)
    struck.append(run.__copy__())
    assert files.read(saved(made), "a.docx").text == "补助一万元。"


def test_a_workbook_is_its_rows() -> None:
    found = files.read(
        an_xlsx(["试验名单"], ["序号", "企业", "金额"], [1, "甲公司", 2.5], [None, "合计", 3]), "a.xlsx"
    )
    assert [(one.kind, one.rows or one.text) for one in found.blocks] == [
        ("paragraph", "试验名单"),
        ("table", (("序号", "企业", "金额"), ("1", "甲公司", "2.5"), ("", "合计", "3"))),
    ]


def test_the_pages_of_a_pdf_follow_each_other() -> None:
    assert [one.text for one in files.read(a_pdf(["First page.", "Second page."]), "a.pdf").blocks] == [
        "First page.",
        "Second page.",
    ]


def test_radicals_that_stand_for_characters_become_these() -> None:
    assert "⼯⽀⼾⻋".translate(RADICALS) == "工支户车"


def test_a_scan_is_for_a_person_and_says_how_many_pages() -> None:
    found = files.read(a_pdf(["", ""], picture=True), "a.pdf")
    assert (found.text, found.needs_hand.startswith("扫描件：2 页")) == ("", True)
    mixed = files.read(a_pdf(["Some text on this page.", ""], picture=True), "a.pdf")
    assert mixed.text == "Some text on this page."
    assert "1 页里没有文字层" in mixed.needs_hand


def test_an_empty_pdf_is_no_scan() -> None:
    assert files.read(a_pdf([""]), "a.pdf").needs_hand == "文件里没有文字，需人工：请照原件录入"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc"),
        (OLE + b"anything", "a.wps"),
        (an_archive(**{"OFD.xml": b"<OFD/>"}), "a.ofd"),
        (b"whatever", "a.wps"),
        (b"{\\rtf1 text}", "a.rtf"),
    ],
)
def test_old_formats_say_how_to_save_them(data: bytes, name: str) -> None:
    assert files.read(data, name).needs_hand == "请在 WPS 中另存为 .docx 后再传"


def test_a_picture_is_for_a_person() -> None:
    assert "需人工" in files.read(b"\x89PNG\r\n\x1a\n....", "a.png").needs_hand


def test_a_word_file_with_nothing_but_a_picture_is_for_a_person() -> None:
    body = b"<w:drawing/>"
    made = a_docx("x")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        text = archive.read("word/document.xml").replace(b"<w:t>x</w:t>", body)
    assert "只有图片" in files.read(with_part(made, "word/document.xml", text), "a.docx").needs_hand


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空的"),
        (b"x" * 20_000_001, "20 MB"),
        (b"\x00\x01\x02\x03" * 50, "认不出"),
        (b"%PDF-1.4 nothing else", "PDF 坏了"),
        (b"PK\x03\x04 broken", "坏了"),
        (an_archive(**{"[Content_Types].xml": b"", "word__document.xml": b"<x"}), "坏了或不规范"),
        (an_archive(**{"[Content_Types].xml": b"", "xl__workbook.xml": b"<x"}), "坏了或不规范"),
        (an_archive(readme=b"text"), "压缩包不收"),
        ("试".encode() * 2_000_001, "万字"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(KbError, match=said):
        files.read(data, "a")


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_an_archive_that_unpacks_to_far_more_is_refused_unread(kind: str) -> None:
    made = a_docx("x") if kind == "docx" else an_xlsx(["x"])
    with pytest.raises(KbError, match="太大"):
        files.read(
            with_part(made, "word/bomb.xml" if kind == "docx" else "xl/bomb.xml", b" " * 60_000_000), "a"
        )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'.encode(encoding)
    with pytest.raises(KbError, match="DTD"):
        files.read(with_part(a_docx("x"), "word/settings.xml", bomb), "a.docx")


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", OLE, b"<html>", b"{\\rtf"])
)
def test_whatever_the_bytes_are_the_answer_is_a_document_or_a_reason(data: bytes, start: bytes) -> None:
    with suppress(KbError):
        found = files.read(start + data, "a.bin")
        assert found.text or found.needs_hand


def _worded(*parts: str) -> str:
    """A Word file with paragraphs that hold these runs, read."""
    made = docx.Document()
    for part in parts:
        names = nsdecls("w") + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        paragraph = parse_xml(f"<w:p {names}>{part}</w:p>")
        made.element.body.insert(len(made.element.body) - 1, paragraph)
    held = io.BytesIO()
    made.save(held)
    return files.read(held.getvalue(), "试验.docx").text


def test_a_box_on_a_paragraph_is_read_once_and_after_it() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框里的话</w:t></w:r></w:p></w:txbxContent>"
    again = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f"<mc:AlternateContent>{again}</mc:AlternateContent>"
    assert (
        _worded(f"<w:r><w:t>前一半</w:t></w:r><w:r>{both}</w:r><w:r><w:t>后一半</w:t></w:r>")
        == "前一半后一半\n\n框里的话"
    )


def test_what_was_moved_away_in_word_is_left_out_and_what_was_put_in_stays() -> None:
    gone = "<w:moveFrom><w:r><w:t>移走的话</w:t></w:r></w:moveFrom>"
    came = "<w:ins><w:r><w:t>插入的话</w:t></w:r></w:ins>"
    assert _worded(gone + came) == "插入的话"


def test_cells_over_several_columns_keep_the_others_in_theirs() -> None:
    made = docx.Document()
    table = made.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "两列"
    table.cell(0, 2).text = "三"
    table.cell(1, 0).text = "只有一格"
    table.cell(2, 1).text = "中间"
    held = io.BytesIO()
    made.save(held)
    tables = [one for one in files.read(held.getvalue(), "试验.docx").blocks if one.kind == "table"]
    assert [one.rows for one in tables] == [
        (("两列", "", "三"), ("只有一格", "", ""), ("", "中间", "")),
    ]


def test_a_page_without_text_says_how_to_bring_its_text() -> None:
    page = b'<html><frameset><frame src="a.html"></frameset></html>'
    assert "复制下来贴到工作台" in files.read(page, "框架.html").needs_hand
