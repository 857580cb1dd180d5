"""A digest as a Word file in the form of the association's briefings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kb.domain.dates import in_words
from kb.domain.digest import SECTION_NAMES, Digest, Item
from kb.outreach import word
from kb.outreach.qr import MOST

_NUMERALS = "一二三四五"
_LINE, _ABOVE, _PAGE = 28.0, 8.0, 637.0
"""Height of a line, of the room above a heading and of a page's text in points, to work out pages."""
_FIGURES_A_LINE, _FIGURES_A_ROW = 54, 53
"""Half-width places in a line of the text and of the 目录."""


def digest_word(digest: Digest, organiser: str, link: str, template: Path | None = None) -> bytes:
    """The issue: masthead, number, 编印单位 and date, 目录, items, where it comes from, caveat, 报 and 送."""
    doc = word.new_document(digest.title, template=template, author=digest.masthead.editor)
    items = [item for _section, held in digest.sections for item in held]
    _masthead(doc, digest)
    word.contents(doc, _contents(digest, items))
    word.page_break(doc)
    if digest.masthead.lead:
        word.paragraph(doc, digest.masthead.lead)
    for at, (section, held) in enumerate(digest.sections):
        word.heading(doc, f"{_NUMERALS[at]}、{SECTION_NAMES[section]}", 1)
        for item in held:
            _item(doc, item, f"item{items.index(item) + 1}")
    _end(doc, digest, organiser, link)
    return word.as_bytes(doc)


def _masthead(doc: word.Document, digest: Digest) -> None:
    head = digest.masthead
    word.paragraph(doc, head.name, "报头")
    if head.edition:
        word.paragraph(doc, f"（{head.edition}）", "居中")
    word.paragraph(doc, digest.numbering, "刊号")
    line = word.paragraph(doc, f"{head.editor}\t{in_words(digest.day)}", "刊期")
    word.rule(line, colour="C00000", points=2.25)
    word.paragraph(doc, "目　录", "目录题")


def _contents(digest: Digest, items: list[Item]) -> Iterator[tuple[str, str, int]]:
    pages = _pages(digest, items)
    for number, item in enumerate(items, 1):
        yield f"{number}. {item.title}", f"item{number}", pages[number - 1]


def _item(doc: word.Document, item: Item, bookmark: str) -> None:
    word.heading(doc, item.title, 2, bookmark=bookmark)
    word.paragraph(doc, item.text)
    for label, text in item.lines:
        word.labelled(doc, label, text)


def _end(doc: word.Document, digest: Digest, organiser: str, link: str) -> None:
    head = digest.masthead
    if head.sources:
        word.paragraph(doc, f"（信息来源说明：{head.sources}）", "说明")
    word.caveat_line(doc, organiser)
    if 0 < len(link) <= MOST:
        word.qr(doc, link, "扫码看网页版和以后的变化")
    lines = [f"报：{head.report_to}" if head.report_to else "", f"送：{head.send_to}" if head.send_to else ""]
    lines = [line for line in (*lines, f"{head.editor}　{in_words(digest.day)}印发") if line]
    for at, line in enumerate(lines):
        one = word.paragraph(doc, line, "报送")
        if at == 0:
            word.rule(one, points=1, above=True)
        word.rule(one, points=1 if at == len(lines) - 1 else 0.5)


def _pages(digest: Digest, items: list[Item]) -> list[int]:
    """The page of each item, worked out from the lines of the standard's page; the fields correct it."""
    height = 0.0
    first = 2 + int(_contents_height(digest, items) // _PAGE)
    height += _height(digest.masthead.lead)
    found = []
    started: set[str] = set()
    for item in items:
        if item.section not in started:
            started.add(item.section)
            height += _LINE + _ABOVE
        height = _not_torn(height + _ABOVE, _height(item.title))
        found.append(first + int(height // _PAGE))
        height += _height(item.title) + sum(map(_height, item.text.split("\n")))
        height += sum(_height(f"{label}：{text}") for label, text in item.lines)
    return found


def _not_torn(height: float, needed: float) -> float:
    """Where a heading begins: with no room for it and a line of text it goes to the next page."""
    left = _PAGE - height % _PAGE
    return height + left if left < needed + _LINE else height


def _contents_height(digest: Digest, items: list[Item]) -> float:
    masthead = 78 + 3 * _LINE + (_LINE if digest.masthead.edition else 0) + 30
    lines = (_lines(f"{number}. {item.title}", _FIGURES_A_ROW) for number, item in enumerate(items, 1))
    return masthead + sum(lines) * _LINE


def _height(text: str) -> float:
    """How high a paragraph of the body stands, its first line two characters in."""
    return _lines(f"    {text}", _FIGURES_A_LINE) * _LINE if text else 0.0


def _lines(text: str, places: int) -> int:
    """How many lines a text takes; Latin letters and figures take half the place of a character."""
    taken = sum(1 if letter.isascii() else 2 for letter in text)
    return -(-taken // places)
