"""The directory as a Word file to print: title page, contents with pages, one block a relief."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.domain.dates import in_words
from kb.outreach import word
from kb.outreach.directory import Directory, Item, Part, facts_of
from kb.outreach.qr import MOST
from kb.outreach.settled import settled

_SMALL, _BODY, _PAGE = 18.0, 28.0, 637.0
"""Height of a line of small print, of a heading and of a page's text in points, to work out pages."""
_SMALL_WIDTH, _HEADING_WIDTH, _CONTENTS_WIDTH = 72, 50, 53
"""Half-width places in a line of each."""
_ABOVE = 10.0
_BETWEEN = 0.5
"""What is left free between Chinese and Latin letters, in half-width places."""
_TOKEN = re.compile(r"[!-~]+?(?:/|(?![!-~]))| |[^ -~][，。；：、）》”？！]*")


def directory_word(found: Directory, organiser: str) -> bytes:
    """The directory; the same bytes for the same state of the store."""
    doc = word.new_document(found.title, author=organiser)
    _title_page(doc, found, organiser)
    word.paragraph(doc, "目　录", "目录题")
    word.contents(doc, _contents(found))
    word.paragraph(doc, "页码如有出入，在目录上点右键选“更新域”。", "说明")
    for number, part in enumerate(found.parts, 1):
        word.page_break(doc)
        word.heading(doc, _part_title(part), 1, bookmark=f"part{number}")
        for at, group in enumerate(part.groups, 1):
            word.heading(doc, group.title, 2, bookmark=f"part{number}group{at}")
            for item in group.items:
                _item(doc, item)
    return settled(word.as_bytes(doc), found.day)


def _title_page(doc: word.Document, found: Directory, organiser: str) -> None:
    word.heading(doc, found.title, 0)
    word.paragraph(doc, f"{in_words(found.day)}　共 {len(found.items)} 项", "副标题")
    if organiser:
        word.paragraph(doc, organiser, "居中")
    for note in found.notes:
        word.paragraph(doc, note, "说明")
    if 0 < len(found.site) <= MOST:
        word.qr(doc, found.site, f"网上看最新的：{found.site}")
    word.page_break(doc)


def _part_title(part: Part) -> str:
    return f"{part.title}（{part.total} 项）"


def _item(doc: word.Document, item: Item) -> None:
    word.heading(doc, item.title, 3)
    for label, text in facts_of(item):
        word.labelled(doc, label, text, "表格")


def _contents(found: Directory) -> Iterator[tuple[str, str, int]]:
    """Places and types with their pages, worked out from the lines; the fields correct them."""
    lines = sum(1 + len(part.groups) for part in found.parts)
    page = 2 + int((lines * _BODY + 2 * _BODY) // _PAGE)
    for number, part in enumerate(found.parts, 1):
        page, height = page + 1, _BODY + _ABOVE
        yield _part_title(part), f"part{number}", page
        for at, group in enumerate(part.groups, 1):
            height = _begun(height, _BODY + _ABOVE + _SMALL)
            yield (
                f"　　{group.title}（{len(group.items)} 项）",
                f"part{number}group{at}",
                page + int(height // _PAGE),
            )
            height += _BODY
            for item in group.items:
                height = _after(height, item)
        page += int((height - 1) // _PAGE)


def _begun(height: float, needed: float) -> float:
    """Where something that is not torn begins."""
    left = _PAGE - height % _PAGE
    return height + left if left < needed else height


def _after(height: float, item: Item) -> float:
    title = _lines(f"    {item.title}", _HEADING_WIDTH) * _BODY
    height = _begun(height, title + _SMALL) + title
    for label, text in facts_of(item):
        height += sum(_lines(line, _SMALL_WIDTH) for line in f"{label}：{text}".split("\n")) * _SMALL
    return height


def _lines(text: str, places: int) -> int:
    """How many lines a text takes: Latin words are not torn, no line begins with a closing mark."""
    lines, taken, before = 1, 0.0, ""
    for token in _TOKEN.findall(text):
        latin = token[0].isascii()
        width = float(len(token) if latin else 2 * len(token))
        if before and before.isascii() != latin:
            width += _BETWEEN
        if taken + width > places and taken:
            lines, taken = lines + 1, 0.0
        whole, taken = divmod(taken + width, places)
        lines += int(whole)
        before = token[-1]
    return lines
