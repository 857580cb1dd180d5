"""Word documents as text: paragraphs with the numbers Word draws, tables in their places, footnotes.

Headers and footers of pages are left out: they belong to the page. Text that was struck out by tracked
changes is left out too, what was put in is read.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cn2an
import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from kb.errors import KbError
from kb.ingest.packed import safe_copy

_BAD = "这个 DOCX 文件坏了或不规范，读不了。请用 WPS 或 Word 打开，另存为 .docx 再传"
_CHINESE = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "taiwaneseCounting",
        "japaneseCounting",
        "ideographDigital",
    }
)
_CIRCLES = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_LETTERS = frozenset({"lowerLetter", "upperLetter"})
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEFT_OUT = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}rPr", f"{_W}pPr", f"{_MC}Fallback"})
_MOST_COLUMNS = 63


def text_of(data: bytes) -> tuple[str, int]:
    """The text of a DOCX, a paragraph or a row a line, and how many pictures stand in it."""
    copy = safe_copy(data)
    try:
        read: Any = docx.Document(copy)
        notes = _footnotes(copy)
        numbers = _Numbers(read)
        lines = list(_lines(read.element.body, numbers))
        pictures = sum(1 for _ in read.element.body.iter(f"{_W}drawing", f"{_W}pict"))
    except KbError:
        raise
    except Exception as error:  # python-docx raises whatever it stumbles over
        raise KbError(_BAD) from error
    return "\n".join([*lines, *notes]), pictures


def _lines(body: Any, numbers: _Numbers) -> Iterator[str]:
    """Paragraphs and rows in the order of the document; a table is set off by empty lines."""
    for part in body.iterchildren():
        if part.tag == f"{_W}p":
            yield from _paragraph(part, numbers)
        elif part.tag == f"{_W}tbl":
            yield ""
            yield from _rows(part, numbers)
            yield ""
        elif part.tag == f"{_W}sdt":
            content = part.find(f"{_W}sdtContent")
            yield from _lines(content, numbers) if content is not None else ()


def _paragraph(part: Any, numbers: _Numbers) -> Iterator[str]:
    """Its lines, then those of the boxes that hang on it."""
    said = _words(part)
    number = numbers.next(part) if said.strip() else ""
    yield from f"{number}{said}".split("\n")
    for box in part.iter(f"{_W}txbxContent"):
        if _owner(box) is part and not _is_left_out(box):
            yield from _lines(box, numbers)


def _owner(part: Any) -> Any:
    """The paragraph that something stands in."""
    return next(part.iterancestors(f"{_W}p"), None)


def _is_left_out(part: Any) -> bool:
    """Whether something was struck out or moved away, or says again, for old programs, what stands before."""
    return any(above.tag in _LEFT_OUT for above in part.iterancestors())


def _words(part: Any) -> str:
    """The text of a paragraph, without what was deleted and without the boxes that hang on it."""
    said = []
    for one in part.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if _owner(one) is not part or _is_left_out(one):
            continue
        if one.tag == f"{_W}t":
            said.append(one.text or "")
        elif one.tag == f"{_W}noBreakHyphen":
            said.append("-")
        else:
            said.append(_white(one))
    return "".join(said)


def _white(part: Any) -> str:
    if part.tag == f"{_W}tab":
        return " "
    return "\f" if part.get(f"{_W}type") == "page" else "\n"


def _rows(table: Any, numbers: _Numbers) -> Iterator[str]:
    """The rows of a table, cells parted by tabs; a cell over several columns or rows is said once."""
    for row in table.iterchildren(f"{_W}tr"):
        cells = []
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            above = merged is not None and merged.get(f"{_W}val") != "restart"
            own = (part for part in cell.iter(f"{_W}p") if _owner(part) is None)
            said = [line for part in own for line in _paragraph(part, numbers)]
            cells.append("" if above else " ".join(" ".join(said).split()))
            cells += [""] * (_span(cell) - 1)
        yield "\t".join(cells)


def _span(cell: Any) -> int:
    """How many columns a cell takes."""
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    said = span.get(f"{_W}val", "") if span is not None else ""
    return min(int(said), _MOST_COLUMNS) if said.isascii() and said.isdigit() and int(said) else 1


def _footnotes(copy: io.BytesIO) -> list[str]:
    """The footnotes and endnotes, each as ``注：…``."""
    found = []
    with zipfile.ZipFile(copy) as archive:
        for name in ("word/footnotes.xml", "word/endnotes.xml"):
            if name not in archive.namelist():
                continue
            root: Any = parse_xml(archive.read(name))
            for note in root:
                said = " ".join(_words(part).strip() for part in note.iter(f"{_W}p")).strip()
                if note.get(f"{_W}type") is None and said:
                    found.append(f"注：{said}")
    return found


# -- numbers that Word draws -----------------------------------------------------------------------


@dataclass
class _Numbers:
    """The automatic numbers of a document, counted as Word counts them."""

    read: Any
    counts: dict[str, Counter[int]] = field(default_factory=dict)

    def next(self, part: Any) -> str:
        """The number of this paragraph as drawn; empty where it has none."""
        name, depth = self._place(part)
        level = self._level(name, depth) if name else None
        if level is None:
            return ""
        counts = self.counts.setdefault(self._abstract(name), Counter())
        start = level.find(f"{_W}start")
        first = int(start.get(f"{_W}val", "1")) if start is not None else 1
        counts[depth] = counts[depth] + 1 if counts[depth] else first
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        return self._drawn(name, level, counts)

    def _place(self, part: Any) -> tuple[str, int]:
        """The list and the depth a paragraph is at, its own or its style's."""
        for holder in (part.find(f"{_W}pPr"), self._style(part)):
            numbered = holder.find(f"{_W}numPr") if holder is not None else None
            name = numbered.find(f"{_W}numId") if numbered is not None else None
            if name is not None and numbered is not None:
                depth = numbered.find(f"{_W}ilvl")
                shown = name.get(f"{_W}val", "")
                return ("" if shown == "0" else shown), int(depth.get(f"{_W}val")) if depth is not None else 0
        return "", 0

    def _style(self, part: Any) -> Any:
        named = part.find(f"{_W}pPr/{_W}pStyle")
        if named is None:
            return None
        for style in self.read.styles.element.iterchildren(f"{_W}style"):
            if style.get(f"{_W}styleId") == named.get(f"{_W}val"):
                return style.find(f"{_W}pPr")
        return None

    def _numbering(self) -> Any:
        for relation in self.read.part.rels.values():
            if relation.reltype.endswith("/numbering"):
                return relation.target_part.element
        return None

    def _abstract(self, name: str) -> str:
        numbering = self._numbering()
        for one in numbering.iterchildren(qn("w:num")) if numbering is not None else ():
            if one.get(f"{_W}numId") == name:
                return str(one.find(f"{_W}abstractNumId").get(f"{_W}val"))
        return ""

    def _level(self, name: str, depth: int) -> Any:
        wanted, numbering = self._abstract(name), self._numbering()
        for one in numbering.iterchildren(qn("w:abstractNum")) if numbering is not None else ():
            if one.get(f"{_W}abstractNumId") == wanted:
                levels = one.iterchildren(f"{_W}lvl")
                return next((lvl for lvl in levels if lvl.get(f"{_W}ilvl") == str(depth)), None)
        return None

    def _drawn(self, name: str, level: Any, counts: Counter[int]) -> str:
        """``（%1）`` with the counts put in; bullets are not drawn."""
        shape, shown = level.find(f"{_W}numFmt"), level.find(f"{_W}lvlText")
        kind = shape.get(f"{_W}val") if shape is not None else "decimal"
        if shown is None or kind in ("bullet", "none"):
            return ""
        text = str(shown.get(f"{_W}val", ""))
        for depth in range(9):
            if f"%{depth + 1}" in text:
                own = self._level(name, depth)
                of = own.find(f"{_W}numFmt") if own is not None else None
                kind = of.get(f"{_W}val") if of is not None else "decimal"
                text = text.replace(f"%{depth + 1}", _figure(max(1, counts[depth]), kind))
        return text if text.endswith(("、", "）", ")", ".", "．")) else f"{text} "


def _figure(count: int, kind: str) -> str:
    """A count as a format of Word writes it."""
    if kind in _CHINESE:
        return str(cn2an.an2cn(count, "low")).removeprefix("一" if 10 <= count < 20 else "")
    if kind in _CIRCLES and count <= 20:
        return chr(0x2460 + count - 1)
    if kind in _LETTERS and count <= 26:
        letter = chr(ord("a") + count - 1)
        return letter if kind == "lowerLetter" else letter.upper()
    return str(count)
