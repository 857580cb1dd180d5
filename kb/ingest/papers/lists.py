"""Measures and recommendations: numbered lists under a heading that calls itself so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kb.domain.dates import number_of
from kb.domain.document import Block, Document, Section, walk
from kb.ingest.documents import wording
from kb.ingest.papers.found import Item, proposal
from kb.ingest.papers.reading import Head, Place, headline, label, places, rest

_KINDS: Mapping[str, re.Pattern[str]] = {
    "measure": re.compile(r"举措|措施|(?:服务|支持|帮助|助力)[^，。]{0,12}(?:行动|事项|实事|承诺|办法)"),
    "recommendation": re.compile(r"建议"),
}
_STATED = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[条项点]")
_FEWEST = 2


def items(paper: Document, head: Head, regions: list[str]) -> Iterator[Item]:
    """Every measure and recommendation of the paper, in its order."""
    for kind, place in _lists(paper):
        for part in _numbered(place.section):
            if part.opening:
                yield _item(paper, head, kind, Place(part, place.path), part.opening, regions)


def remarks(paper: Document) -> Iterator[str]:
    """Where a heading says how many there are and another number was found."""
    for _kind, place in _lists(paper):
        name = _called(place.section)
        stated, found = _count(name), len(_numbered(place.section))
        if stated and stated != found:
            yield f"“{name}”写的是 {stated} 条，读到 {found} 条，请对照原文"


def _lists(paper: Document) -> Iterator[tuple[str, Place]]:
    for place in places(paper):
        opening = place.section.opening
        if opening is None or opening.kind != "heading" or len(_numbered(place.section)) < _FEWEST:
            continue
        for kind, words in _KINDS.items():
            if words.search(_called(place.section)):
                yield kind, place
                break


def _called(section: Section) -> str:
    """What a section is called; of a bare 附件2 the line below it says so."""
    opening, first = section.opening, section.blocks[0] if section.blocks else None
    if opening is None or not wording.is_attached(opening.text) or wording.after_number(opening.text):
        return headline(opening) if opening else ""
    below = first is not None and len(first.text) <= wording.LONGEST_HEADING
    return first.text if first and below and not wording.has_sentence(first.text) else ""


def _numbered(section: Section) -> list[Section]:
    """The numbered parts right under a section."""
    own = [part for part in section.parts if part.opening and wording.number_of(part.opening.text)]
    return [part for part in own if part.opening and not wording.is_attached(part.opening.text)]


def _count(name: str) -> int:
    match = _STATED.search(name)
    if not match:
        return 0
    return number_of(match[1]) or 0


def _item(paper: Document, head: Head, kind: str, place: Place, block: Block, regions: list[str]) -> Item:
    number, title = wording.number_of(block.text), headline(block)
    start, end = block.start, max(one.end for one in walk(place.section))
    section = label(place, _as_article(number, title) if kind == "measure" else "")
    inside = [rest(block), *(one.text for one in list(walk(place.section))[1:] if one.kind != "margin")]
    body = "\n\n".join(text for text in inside if text)
    source = {"document": head.document, "section": section}
    at = block.text.find(title)
    named = (start + at, start + at + len(title)) if at >= 0 else (start, block.end)
    proposals = (
        proposal(paper.text, "title", title, *named),
        proposal(paper.text, "body", body, start, end),
        proposal(paper.text, "sources-0", source, start, block.end),
    )
    data: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "body": body,
        "issuers": [head.issuer],
        **({"issued_on": head.issued_on.isoformat()} if head.issued_on else {}),
        "regions": {"include": regions},
        "sources": [source],
    }
    passage = paper.text[start:end]
    return Item(
        kind, number.strip("、.．（）()"), title, section, block.anchor, passage, start, proposals, data
    )


def _as_article(number: str, title: str) -> str:
    """``第六条“协调解决工程欠款问题”``."""
    return f"第{number.strip('、.．（）()')}条“{title}”"
