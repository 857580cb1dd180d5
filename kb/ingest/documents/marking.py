"""Which lines are no running text: page numbers, running headers, contents, notes, lists of papers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from rapidfuzz import fuzz

from kb.ingest.documents import wording
from kb.ingest.documents.lines import Line

_CONTENTS = re.compile(r"目\s*[录次]")
_NUMBER = re.compile(r"\d{1,3}")
_DIGITS = re.compile(r"\d+")
_FIRST = re.compile(r"(?:[:：]|^)\s*[（(]?[1一１①][、.．）)]?")
_NEXT = re.compile(r"[（(]?(\d{1,2}|[二三四五六七八九十])[、.．）)]")
_SHORT = 60
_PAGES = 3
_NEAR = 80.0


def marked(lines: Sequence[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """The lines with what is no running text marked ``margin``, ``footnote`` or ``list``; and the names that
    the table of contents lists."""
    found, names = _contents(list(lines))
    found = _page_numbers(found)
    found = _running(found)
    found = _like_the_title(found)
    return _notes(found), names


def _contents(lines: list[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """The table of contents: its heading and the lines with a page at their end right after it."""
    start = next((at for at, line in enumerate(lines) if _CONTENTS.fullmatch(line.text)), None)
    if start is None:
        return lines, ()
    end = start + 1
    names: list[str] = []
    while end < len(lines) and (name := wording.contents_name(lines[end].text)):
        names.append(wording.after_number(name) if wording.level_of(name) == 4 else name)
        end += 1
    if not names:
        return lines, ()
    return _mark(lines, range(start, end), "margin"), tuple(names)


def _mark(lines: list[Line], places: Iterable[int], kind: str) -> list[Line]:
    chosen = set(places)
    return [replace(line, kind=kind) if at in chosen else line for at, line in enumerate(lines)]


def _page_numbers(lines: list[Line]) -> list[Line]:
    """What can only be a page number, and bare numbers at page breaks that count upwards."""
    sure = [at for at, line in enumerate(lines) if line.is_body and wording.is_page_number(line.text)]
    bare = [at for at, line in enumerate(lines) if line.is_body and _NUMBER.fullmatch(line.text)]
    values = [int(lines[at].text) for at in bare]
    at_edge = all(_is_at_edge(lines, at) for at in bare)
    if len(bare) >= 2 and at_edge and all(b - a == 1 for a, b in pairwise(values)):
        sure += bare
    return _mark(lines, sure, "margin")


def _is_at_edge(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is the first or last of its page, or stands alone where no pages are known."""
    after = lines[at + 1] if at + 1 < len(lines) else None
    return lines[at].page or after is None or after.page or (lines[at].gap > 0 and after.gap > 0)


def _running(lines: list[Line]) -> list[Line]:
    """Short lines that stand at the edge of at least three pages, figures aside."""
    edges = [at for at, line in enumerate(lines) if line.is_body and _is_page_edge(lines, at)]
    said = Counter(_like(lines[at].text) for at in edges)
    chosen = [at for at in edges if len(lines[at].text) <= _SHORT and said[_like(lines[at].text)] >= _PAGES]
    return _mark(lines, chosen, "margin")


def _is_page_edge(lines: Sequence[Line], at: int) -> bool:
    return lines[at].page or (at + 1 < len(lines) and lines[at + 1].page)


def _like(text: str) -> str:
    return _DIGITS.sub("0", wording.squeeze(text))


def _like_the_title(lines: list[Line]) -> list[Line]:
    """Lines further down that say nearly what the head says: issuer and title set above each page."""
    head = [line.text for line in lines[:8] if line.is_body]
    said = (*head, *map("".join, pairwise(head)))
    titles = [wording.squeeze(text) for text in said if len(text) >= 12 and wording.is_title(text)]
    chosen = [at for at, line in enumerate(lines) if at >= 12 and _is_header(line, titles)]
    return _mark(lines, chosen, "margin")


def _is_header(line: Line, titles: Sequence[str]) -> bool:
    text = wording.squeeze(line.text)
    alone = line.is_body and line.gap > 0 and 12 <= len(text) <= _SHORT
    if not alone or wording.level_of(line.text) or wording.has_sentence(text) or text[-1:] in "，：:,":
        return False
    return any(fuzz.ratio(text, title) >= _NEAR for title in titles)


def _notes(lines: list[Line]) -> list[Line]:
    """Notes and lists of attached papers, with the numbered lines that go on with them."""
    found: list[Line] = []
    kind, number = "", 0
    for line in lines:
        starts = line.is_body and wording.is_note(line.text)
        if starts or (line.is_body and _lists_papers(line.text)):
            kind = "footnote" if starts else "list"
            number = 1 if _FIRST.search(line.text[:20]) else 0
            found.append(replace(line, kind=kind))
        elif number and line.is_body and _goes_on(line, number, kind):
            number += 1
            found.append(replace(line, kind=kind))
        else:
            number = number if line.kind == "margin" else 0
            found.append(line)
    return found


def _goes_on(line: Line, number: int, kind: str) -> bool:
    """Whether a line is number ``number + 1`` of a note or list."""
    match = _NEXT.match(line.text)
    value = match[1] if match else ""
    counts = value == str(number + 1) or value == "一二三四五六七八九十"[number : number + 1]
    return counts and line.gap <= 1 and (kind == "footnote" or len(line.text) <= _SHORT)


def _lists_papers(text: str) -> bool:
    """``附件：1. …``: a list, not the heading of an attached paper."""
    return wording.is_attached(text) and bool(re.match(r"[-•·]?\s*附\s*件\s*[:：]\s*[（(]?1[、.．）)]", text))
