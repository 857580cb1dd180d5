"""Word files: the page, fonts and styles of GB/T 9704-2012, read back as another program reads them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from kb.outreach import word
from kb.outreach.wordstyles import LOOKS, field_runs


def read(doc: Document) -> Document:
    """The document as it comes back from its bytes."""
    return docx.Document(io.BytesIO(word.as_bytes(doc)))


def east_asian(doc: Document, style: str) -> str:
    fonts = doc.styles[style].element.rPr.find(qn("w:rFonts"))
    return str(fonts.get(qn("w:eastAsia")))


def test_the_page_is_a4_with_the_margins_of_the_standard() -> None:
    section = read(word.new_document("试")).sections[0]
    sides = (section.page_width, section.page_height)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(one.cm, 1) for one in sides if one] == [21.0, 29.7]
    assert [round(one.cm, 1) for one in margins if one] == [3.7, 3.5, 2.8, 2.6]


def test_body_and_headings_have_the_fonts_sizes_and_lines_of_the_standard() -> None:
    made = word.new_document("试")
    word.paragraph(made, "正文")
    for level in (1, 2, 3):
        word.heading(made, f"{level} 级", level)
    doc = read(made)
    body, first, second, third = doc.paragraphs
    assert [one.style.name for one in doc.paragraphs] == ["Body Text", "Heading 1", "Heading 2", "Heading 3"]
    assert [east_asian(doc, one.style.name) for one in (body, first, second, third)] == [
        "仿宋_GB2312",
        "黑体",
        "楷体_GB2312",
        "仿宋_GB2312",
    ]
    assert {one.style.font.size for one in doc.paragraphs} == {Pt(16)}
    assert body.style.paragraph_format.line_spacing == Pt(28)
    indent = body.style.element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    levels = [one.style.element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) for one in (first, second)]
    assert levels == ["0", "1"]


def test_every_east_asian_font_names_what_may_stand_for_it() -> None:
    package = zipfile.ZipFile(io.BytesIO(word.as_bytes(word.new_document("试"))))
    fonts = package.read("word/fontTable.xml").decode()
    for name, other in (("仿宋_GB2312", "仿宋"), ("楷体_GB2312", "楷体"), ("黑体", "SimHei")):
        assert f'w:name="{name}"' in fonts
        assert f'w:altName w:val="{other}' in fonts


def test_the_footer_has_the_page_number_between_dashes() -> None:
    footer = read(word.new_document("试")).sections[0].footer
    assert footer.paragraphs[0].text == "— 1 —"
    assert [one.text for one in footer._element.iter(qn("w:instrText"))] == [" PAGE "]


def test_a_table_repeats_its_head_and_tears_no_row() -> None:
    made = word.new_document("试")
    word.table(made, ("序号", "问题"), [("1", "贷款\n到期"), ("2", "招人")], (2.0, 8.0))
    table = read(made).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["序号", "问题"],
        ["1", "贷款\n到期"],
        ["2", "招人"],
    ]
    head, *rest = table.rows
    assert head._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in (head, *rest))
    assert [round(column.width.cm, 1) for column in table.columns if column.width] == [2.0, 8.0]


def test_a_qr_code_is_a_picture_with_its_address_as_text_and_none_without_an_address() -> None:
    made = word.new_document("试")
    word.qr(made, "", "没有")
    assert made.paragraphs == []
    word.qr(made, "https://kb.example.org/digests/1", "扫码看全文")
    doc = read(made)
    (shape,) = doc.inline_shapes
    assert shape._inline.docPr.get("descr") == "扫码看全文：https://kb.example.org/digests/1"
    assert doc.paragraphs[-1].text == "扫码看全文"


def test_what_xml_cannot_hold_is_left_out_and_lines_become_paragraphs() -> None:
    made = word.new_document("标\x00题")
    word.paragraph(made, "一\x0b\ud800行\r\n第二行￾")
    doc = read(made)
    assert [one.text for one in doc.paragraphs] == ["一行", "第二行"]
    assert doc.core_properties.title == "标题"


def test_every_paper_ends_with_the_caveat() -> None:
    made = word.new_document("试")
    word.caveat_line(made, "试验协会", estimates=True)
    text = read(made).paragraphs[-1].text
    assert text.startswith("本库由 试验协会 整理")
    assert text.endswith("测算不作为办理依据。")


# -- templates of staff ---------------------------------------------------------------------------


def a_template(path: Path, *, page_number: bool = False) -> Path:
    """What an association may make of a new Word file: Letter paper, a header, a heading in red."""
    doc = docx.Document()
    doc.add_paragraph("这里的文字不用")
    doc.styles["Heading 1"].font.size = Pt(20)
    doc.sections[0].header.paragraphs[0].text = "试验协会"
    doc.sections[0].left_margin = Cm(4)
    if page_number:
        field_runs(doc.sections[0].footer.paragraphs[0], "PAGE", "1")
    doc.save(str(path))
    return path


def test_a_template_gives_page_styles_and_header_and_what_it_lacks_is_added(tmp_path: Path) -> None:
    template = a_template(tmp_path / "digest.docx")
    assert word.template_problem(template) == ""
    made = word.new_document("试", template=template)
    word.heading(made, "一、标题", 1)
    word.paragraph(made, "惠企政策简报", "报头")
    doc = read(made)
    assert [one.text for one in doc.paragraphs] == ["一、标题", "惠企政策简报"]
    assert doc.styles["Heading 1"].font.size == Pt(20)
    assert doc.sections[0].header.paragraphs[0].text == "试验协会"
    assert round(doc.sections[0].left_margin.cm) == 4
    assert east_asian(doc, "报头") == "方正小标宋简体"
    assert doc.sections[0].footer.paragraphs[0].text == "— 1 —"


def test_the_page_number_of_a_template_stays_the_only_one(tmp_path: Path) -> None:
    template = a_template(tmp_path / "digest.docx", page_number=True)
    footer = read(word.new_document("试", template=template)).sections[0].footer
    assert len(list(footer._element.iter(qn("w:instrText")))) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "打不开"),
        (b"no word file at all", "打不开"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"x" * (6 * 1024 * 1024), "超过"),
    ],
)
def test_a_file_that_is_no_template_says_what_to_do_and_is_passed_over(
    tmp_path: Path, data: bytes, told: str
) -> None:
    path = tmp_path / "digest.docx"
    path.write_bytes(data)
    assert told in word.template_problem(path)
    doc = read(word.new_document("试", template=path))
    assert round(doc.sections[0].left_margin.cm, 1) == 2.8


def test_a_template_that_reaches_outside_or_brings_a_macro_is_refused(tmp_path: Path) -> None:
    path = a_template(tmp_path / "digest.docx")
    outside, macro = tmp_path / "outside.docx", tmp_path / "macro.docx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(outside, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/_rels/document.xml.rels":
                link = (
                    b'<Relationship Id="rId99" Target="http://127.0.0.1:1/t.dotm" TargetMode="External" Type='
                    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
                )
                data = data.replace(b"</Relationships>", link + b"</Relationships>")
            new.writestr(name, data)
    macro.write_bytes(path.read_bytes())
    with zipfile.ZipFile(macro, "a") as package:
        package.writestr("word/vbaProject.bin", b"x")
    assert "文件以外" in word.template_problem(outside)
    assert "宏" in word.template_problem(macro)


def test_a_template_that_calls_something_else_by_one_of_our_names_says_which(tmp_path: Path) -> None:
    path = a_template(tmp_path / "digest.docx")
    doc = docx.Document(str(path))
    doc.styles.add_style("报头", WD_STYLE_TYPE.CHARACTER)
    doc.save(str(path))
    assert "“报头”不是段落样式" in word.template_problem(path)


def test_our_own_sample_shows_every_style_and_is_a_template_itself(tmp_path: Path) -> None:
    path = tmp_path / "digest.docx"
    path.write_bytes(word.sample())
    assert word.template_problem(path) == ""
    shown = {one.style.name for one in docx.Document(str(path)).paragraphs}
    assert shown >= {look.name for look in LOOKS.values()}
