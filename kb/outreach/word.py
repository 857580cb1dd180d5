"""Word files in the form of official papers (GB/T 9704-2012): page, fonts, styles, page number, tables, QR.

Everything that goes out as a Word file is built with these few verbs; python-docx is used nowhere else.
Staff may lay a template of their own under it (:mod:`kb.outreach.wordstyles` says what is taken of it).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import segno
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kb.outreach import message
from kb.outreach.wordstyles import LOOKS, field_runs, opened, style_name, template_problem

__all__ = [
    "WORD_TYPE",
    "Document",
    "as_bytes",
    "caveat_line",
    "clean",
    "contents",
    "heading",
    "labelled",
    "new_document",
    "page_break",
    "paragraph",
    "qr",
    "rule",
    "sample",
    "table",
    "template_problem",
]

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
QR_CM = 3.2
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEFORE_BORDERS = ("w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:widowControl")
_BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")


def clean(text: str) -> str:
    """``text`` without the characters that XML cannot hold, its line ends as ``\\n``."""
    return _NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def new_document(title: str, *, template: Path | None = None, author: str = "") -> Document:
    """An empty A4 document with margins, styles and page number set, called ``title`` in its properties.

    ``template`` gives page, styles, header and footer; what it lacks is added. One that cannot be used is
    passed over (:func:`template_problem` says why).
    """
    doc = opened(template)
    doc.core_properties.title = clean(title)
    doc.core_properties.author = clean(author)
    doc.core_properties.comments = ""
    doc.core_properties.language = "zh-CN"
    return doc


def heading(doc: Document, text: str, level: int = 1, *, bookmark: str = "") -> Paragraph:
    """A heading that shows in the outline: level 1 黑体, 2 楷体, 3 仿宋 bold; 0 is the title of the paper.

    ``bookmark`` names it for :func:`contents`.
    """
    one = _written(_begun(doc, "标题" if level == 0 else f"标题{level}"), text)
    if bookmark:
        _mark(one, bookmark)
    return one


def paragraph(doc: Document, text: str, style: str = "正文") -> Paragraph:
    """``text`` in ``style``, a paragraph for each of its lines; the last one. Styles: 正文, 标题, 副标题,
    报头, 刊号, 刊期, 目录题, 居中, 右对齐, 说明, 目录, 报送, 表头, 表格.
    """
    for line in clean(text).split("\n"):
        one = _written(_begun(doc, style), line)
    return one


def labelled(doc: Document, label: str, text: str, style: str = "正文") -> Paragraph:
    """A paragraph that begins with its label in 黑体: ``谁能享受：…``."""
    one = _begun(doc, style)
    first = one.add_run(clean(f"{label}："))
    _in_chinese(first).set(qn("w:eastAsia"), "黑体")
    return _written(one, text)


def page_break(doc: Document) -> None:
    """The next paragraph begins a new page."""
    doc.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def rule(one: Paragraph, *, colour: str = "000000", points: float = 1.5, above: bool = False) -> None:
    """A line across the page below (or above) a paragraph."""
    properties = one._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        _put_in_order(properties, borders, _BEFORE_BORDERS)
    side = OxmlElement("w:top" if above else "w:bottom")
    for name, value in (("val", "single"), ("sz", str(int(points * 8))), ("space", "6"), ("color", colour)):
        side.set(qn(f"w:{name}"), value)
    borders.insert(0 if above else len(borders), side)


def contents(doc: Document, items: Iterable[tuple[str, str, int]]) -> None:
    """目录: for each (text, bookmark, page as worked out) a line that leads to the heading, dots, its page.

    The page is a field: LibreOffice sets it on opening, Word on 更新域 (F9); until then ``page`` stands.
    """
    for text, bookmark, page in items:
        line = _begun(doc, "目录")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), bookmark)
        line._p.append(link)
        runs = [
            line.add_run(clean(text)),
            line.add_run("\t"),
            *field_runs(line, f"PAGEREF {bookmark} \\h", str(page)),
        ]
        for run in runs:
            _in_chinese(run)
            link.append(run._r)


def table(
    doc: Document,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths_cm: Sequence[float] | None = None,
) -> Table:
    """A ruled table; its head is repeated on every page and no row is torn across two."""
    listed = list(rows)
    made: Table = doc.add_table(rows=1 + len(listed), cols=len(head))
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    _rule_cells(made)
    _fill(made.rows[0].cells, head, "表头")
    _flag(made.rows[0]._tr.get_or_add_trPr(), "w:cantSplit", "w:tblHeader")
    for place, row in zip(list(made.rows)[1:], listed, strict=True):
        _fill(place.cells, row, "表格")
        _flag(place._tr.get_or_add_trPr(), "w:cantSplit")
    if widths_cm:
        made.autofit = False
        for column, width in zip(made.columns, widths_cm, strict=True):
            column.width = Cm(width)
            for cell in column.cells:
                cell.width = Cm(width)
    return made


def qr(doc: Document, address: str, label: str) -> None:
    """The QR code of ``address`` with ``label`` below it, centred; nothing without an address."""
    if not address:
        return
    picture = io.BytesIO()
    segno.make_qr(address, error="m", encoding="utf-8", boost_error=False).save(
        picture, kind="png", scale=8, border=4
    )
    picture.seek(0)
    shape = doc.add_paragraph(style=style_name("图")).add_run().add_picture(picture, width=Cm(QR_CM))
    shape._inline.docPr.set("descr", clean(f"{label}：{address}"))
    paragraph(doc, label, "居中说明")


def caveat_line(doc: Document, organiser: str, *, estimates: bool = False) -> Paragraph:
    """The sentence that everything we publish ends with; with ``estimates`` that they are no basis."""
    words = message.caveat(organiser) + ("测算不作为办理依据。" if estimates else "")
    return paragraph(doc, words, "说明")


def sample() -> bytes:
    """A file in which every style stands once with its name: what staff change to make a template."""
    doc = new_document("简报模板")
    for style in LOOKS:
        paragraph(doc, f"{style}（样式名：{style_name(style)}）", style)
    table(doc, ("表头", "表头"), (("表格文字", "表格文字"),))
    return as_bytes(doc)


def as_bytes(doc: Document) -> bytes:
    """The finished file."""
    file = io.BytesIO()
    doc.save(file)
    return file.getvalue()


def _begun(doc: Document, style: str) -> Paragraph:
    """An empty paragraph; given its style by id, which spares python-docx a search of all styles."""
    one = doc.add_paragraph()
    one._p.style = doc.styles[style_name(style)].style_id
    return one


def _written(one: Paragraph, text: str) -> Paragraph:
    if text:
        _in_chinese(one.add_run(clean(text)))
    return one


def _in_chinese(run: Run) -> BaseOxmlElement:
    """Quotation marks, dashes and dots, which both scripts have, in the Chinese font; the run's fonts."""
    fonts: BaseOxmlElement = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:hint"), "eastAsia")
    return fonts


def _mark(one: Paragraph, name: str) -> None:
    number = str(len(one.part.element.findall(f".//{qn('w:bookmarkStart')}")) + 1)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:id"), number)
    start.set(qn("w:name"), name)
    end.set(qn("w:id"), number)
    one._p.insert(1, start)
    one._p.append(end)


def _put_in_order(parent: BaseOxmlElement, child: BaseOxmlElement, after: Sequence[str]) -> None:
    """Put ``child`` behind the last of ``after`` that is there: the schema asks for one order."""
    place = 0
    for at, one in enumerate(parent):
        if one.tag in {qn(name) for name in after}:
            place = at + 1
    parent.insert(place, child)


def _rule_cells(made: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for name in _BORDERS:
        side = OxmlElement(f"w:{name}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            side.set(qn(f"w:{key}"), value)
        borders.append(side)
    _put_in_order(made._tbl.tblPr, borders, ("w:tblStyle", "w:tblW", "w:jc", "w:tblInd"))


def _fill(cells: Sequence[_Cell], texts: Sequence[str], style: str) -> None:
    for cell, text in zip(cells, texts, strict=True):
        lines = clean(text).split("\n")
        for line, one in zip(
            lines, [cell.paragraphs[0], *(cell.add_paragraph() for _ in lines[1:])], strict=True
        ):
            one.style = style_name(style)
            _written(one, line)


def _flag(parent: BaseOxmlElement, *names: str) -> None:
    for name in names:
        parent.append(OxmlElement(name))
