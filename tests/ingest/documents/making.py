"""Files for tests, made as other programs make them: PDF, Word, archives of all kinds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook


def a_pdf(pages: Sequence[str], picture: bool = False) -> bytes:
    """A PDF with one Latin line of text a page; an empty page has none, and a picture if asked for."""
    first = 5
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    shown = "/XObject<</I 4 0 R>>" if picture else ""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/XObject/Subtype/Image/Width 1/Height 1/Length 1>>stream\n0\nendstream",
    ]
    for at, text in enumerate(pages):
        drawn = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
        resources = f"/Resources<</Font<</F 3 0 R>>{shown}>>/Contents {first + 2 * at + 1} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{resources}>>")
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    return _numbered(objects)


def _numbered(objects: Sequence[str]) -> bytes:
    """The objects of a PDF with the table of where each begins."""
    made, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(f"{len(made):010d} 00000 n \n")
        made += f"{number} 0 obj\n{body}\nendobj\n"
    table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{''.join(places)}"
    end = f"trailer<</Root 1 0 R/Size {len(places) + 1}>>\nstartxref\n{len(made)}\n%%EOF"
    return (made + table + end).encode("latin-1")


def a_docx(*parts: str | list[list[str]]) -> bytes:
    """A Word file of paragraphs and tables in this order."""
    made: Any = docx.Document()
    for part in parts:
        if isinstance(part, str):
            made.add_paragraph(part)
        else:
            table = made.add_table(len(part), len(part[0]))
            for row, cells in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
    return saved(made)


def saved(made: Any) -> bytes:
    """The bytes of a Word document or a workbook."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def numbered(made: Any, levels: Sequence[tuple[str, str]]) -> str:
    """Adds a list to a Word document, ``(format, text)`` a level; its id."""
    root = made.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for depth, (shape, text) in enumerate(levels):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(depth))
        for name, value in (("w:start", "1"), ("w:numFmt", shape), ("w:lvlText", text)):
            part = OxmlElement(name)
            part.set(qn("w:val"), value)
            level.append(part)
        abstract.append(level)
    root.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "88")
    of = OxmlElement("w:abstractNumId")
    of.set(qn("w:val"), "77")
    number.append(of)
    root.append(number)
    return "88"


def put_in_list(paragraph: Any, number: str, depth: int) -> None:
    """Makes a paragraph an item of a list."""
    holder = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    holder.get_or_add_numId().val = int(number)
    holder.get_or_add_ilvl().val = depth


def an_xlsx(*rows: Sequence[object]) -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    return saved(book)


def an_archive(**parts: bytes) -> bytes:
    """A ZIP archive of these parts, packed as tightly as can be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def with_part(packed: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one part put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as held, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in held.infolist():
            if part.filename != name:
                made.writestr(part, held.read(part))
        made.writestr(name, content)
    return out.getvalue()
