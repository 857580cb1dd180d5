"""Who signed a paper and when: names above a day, letterheads, and papers that only send another on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kb.domain import docnumber
from kb.domain.dates import parse_date
from kb.ingest.authorities import ends_name, names_in
from kb.ingest.documents import wording

HEAD_LINES = 30
_MOST_NAMES = 12
BY = re.compile(
    r"(?:[\u4e00-\u9fff]+[\s、])*(?!转发|印发)[\u4e00-\u9fff]{2,30}?(?=\s*(?:关于|(?:转发|印发).+(?:通知|函|公告|意见)$))"
)
"""The authorities with whose names a title begins."""


@dataclass(frozen=True)
class Line:
    """A line without the white space around it, and where it begins in the text."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def lines_in(text: str) -> Iterator[Line]:
    """The lines of a text that have anything in them."""
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare:
            yield Line(bare, at + line.index(bare))
        at += len(line)


def is_title(text: str) -> bool:
    """Whether a line can be the title of a paper."""
    return wording.is_title(text) and not re.search(r"[：:]", text)


def is_number(text: str) -> bool:
    """Whether a line is a document number with its issuer and year."""
    found = docnumber.parse(text) if len(text) <= 40 else None
    return bool(found and found.agency and (found.year or found.agency.endswith("令")))


# -- signatures and letterheads -------------------------------------------------------------------


def signed(lines: list[Line]) -> tuple[list[Line], Line | None]:
    """The lines of names right above a day, and the day: the first such, as what follows is attached; without
    names the last day there is."""
    days = [at for at, line in enumerate(lines) if day_of(line.text)]
    for at in days:
        block = names_above(lines, at)
        if block:
            return block, lines[at]
    return [], lines[days[-1]] if days else None


def names_above(lines: list[Line], at: int) -> list[Line]:
    """The lines right above line ``at`` that are names; a name may be set on two lines."""
    block: list[Line] = []
    for first in range(at - 1, max(-1, at - _MOST_NAMES), -1):
        if names_in(" ".join(line.text for line in lines[first:at])):
            block = lines[first:at]
        elif not ends_name(lines[first].text) and (block or first < at - 1):
            break
    return block


def letterhead(lines: list[Line]) -> list[Line]:
    """The lines of names above the title or the number, or on a line that ends with 文件."""
    for at, line in enumerate(lines[:HEAD_LINES]):
        if line.text.endswith("文件") and names_in(line.text):
            return [line]
        heads = is_title(line.text) or line.text.startswith("关于") or is_number(line.text)
        if heads and (names := names_above(lines, at)):
            return names
    return []


def own_signature(lines: list[Line]) -> tuple[list[Line], Line | None]:
    """Names and day with which the paper itself is signed; nothing where only what it sends on is signed."""
    block, day = signed(lines)
    owners = set(_owners(lines[:HEAD_LINES]))
    if block and owners and not owners & set(names_of(block)):
        return [], None
    return block, day


def _owners(lines: Iterable[Line]) -> list[str]:
    """Who issued the paper for certain: whom its letterhead (…文件) names, or who by its title sends another
    paper on."""
    for line in lines:
        if line.text.endswith("文件") and (names := names_in(line.text)):
            return list(names)
        by = BY.match(line.text) if is_title(line.text) else None
        if by and line.text[by.end() :].lstrip().startswith("转发"):
            return list(names_in(by[0]))
    return []


def names_of(block: list[Line]) -> list[str]:
    """The authorities that lines name, each once."""
    return list(dict.fromkeys(names_in(" ".join(line.text for line in block))))


def day_of(text: str) -> date | None:
    """The day that a line is, and nothing else."""
    worded = parse_date(text.strip("（）() ")) if len(text) <= 30 else None
    return worded.exact if worded else None
