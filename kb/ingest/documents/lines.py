"""Text as lines: with the signals that typesetting left (indents, gaps, page breaks, full widths), joined
again where a page or a column broke them. Nothing but white space is ever taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.ingest import authorities
from kb.ingest.documents import wording

_FLAT_CHARACTERS = 800
_FLAT_LEAST = 60
_LOOK_BACK = 200
_LONGEST_JOINED = 20_000
_LONGEST_SIGNED = 150
_FOOTER = 80
_WRAPPED_LINES = 8
_WIDEST = 130
_FULL = 0.85
_LONG = 24
_WHITE = re.compile(r"\s+")
_WORD = re.compile(r"\S+")
_NUMERAL = "[0-9〇零○Ｏ一二三四五六七八九十]"
_SIGNED_DAY = re.compile(
    rf"(?<=\s)[（(]?{_NUMERAL}{{4}}\s*年\s*{_NUMERAL}{{1,3}}\s*月\s*{_NUMERAL}{{1,3}}\s*日[)）]?(?=\s|$)"
)
_BREAKS = re.compile(r"\r\n|[\n\r\x0b\x1c-\x1e\x85\u2028\u2029]")
_LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}[:：]")
_DAY = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{1,2}日|\d{4}年第\d{1,4}号")
_LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Line:
    """A line without the white space around it, and what was around it.

    ``indent`` in columns; ``gap`` the empty lines before it; ``page`` whether a page began there;
    ``trailing`` whether white space followed; ``flat`` whether it is part of a text that lost its lines.
    ``kind`` is set for what is no running text.
    """

    text: str
    indent: int = 0
    gap: int = 0
    page: bool = False
    trailing: bool = False
    kind: str = ""
    flat: bool = False

    @property
    def is_table(self) -> bool:
        return self.kind == "table"

    @property
    def is_body(self) -> bool:
        return not self.kind


def lines_of(text: str) -> list[Line]:
    """The lines of a text that have anything in them."""
    found: list[Line] = []
    gap, page = 0, False
    for raw, flat in _raw_lines(text):
        page = page or raw.startswith("\f")
        bare = raw.replace("\f", " ")
        if not bare.strip():
            gap += 1
            continue
        row = bool(found) and found[-1].is_table and not gap
        found.append(_line(bare, gap, page, flat, row))
        gap, page = 0, False
    return found


def _raw_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Lines of the text; a form feed begins one, and a text that lost its lines gets them back (true)."""
    for chunk in re.split(r"(?=\f)", text):
        pieces = _BREAKS.split(chunk)
        filled = sum(bool(piece.strip()) for piece in pieces)
        lost = sum(map(len, pieces)) > _FLAT_LEAST and filled <= 1 + len(chunk) // _FLAT_CHARACTERS
        for piece in pieces:
            if lost and "\t" not in piece:
                yield from ((part, True) for part in _unflattened(piece))
            else:
                yield piece, False


def _line(raw: str, gap: int, page: bool, flat: bool, row: bool) -> Line:
    """``row`` where a row of a table stands right above: then a single cell is one too."""
    text = raw.strip()
    indent = wording.width(raw[: len(raw) - len(raw.lstrip())].expandtabs(4))
    if ("\t" in text and not _is_numbered_by_tab(text)) or (row and "\t" in raw):
        cells = raw.strip("\n\r \u3000\xa0")
        return Line(cells, 0, gap, page, False, "table", flat)
    return Line(" ".join(text.split("\t")), indent, gap, page, raw != raw.rstrip(), "", flat)


def _is_numbered_by_tab(text: str) -> bool:
    """Whether the only tab stands behind a number, as word processors put it."""
    first, _, rest = text.partition("\t")
    return "\t" not in rest and len(first) <= 6 and wording.level_of(first + " ") > 0


# -- text that lost its lines ----------------------------------------------------------------------


def _unflattened(text: str) -> Iterator[str]:
    """One long line parted where a line must have ended: before numbers, after sentences, in the head, around
    names and day of a signature."""
    start, in_head = 0, True
    ends, inside = _signed(text)
    for white in _WHITE.finditer(text):
        left = text[max(start, white.start() - _LOOK_BACK) : white.start()]
        right = text[white.end() : white.end() + 80]
        in_head = in_head and "。" not in left and white.start() < _FLAT_CHARACTERS
        is_headline = in_head and ("，" not in left or not start)
        if not left.strip() or not right or white.start() in inside:
            continue
        if white.start() in ends or _parts(left.strip(), right, white[0], is_headline):
            yield text[start : white.start()]
            start = white.start()
    yield text[start:]


def _signed(text: str) -> tuple[set[int], set[int]]:
    """Where the lines of signatures ended, and the spaces inside of one: whole names, then a day."""
    ends: set[int] = set()
    inside: set[int] = set()
    for day in _SIGNED_DAY.finditer(text):
        inside |= {day.start() + at.start() for at in _WHITE.finditer(day[0])}
        names, within = _names_before(text, day.start())
        inside |= within
        alone = len(text) - day.end() <= _FOOTER and text[_before(text, day.start()) - 1] not in ":："
        if names or alone:
            ends |= {*names, _before(text, day.start()), day.end()}
    return ends, inside


def _before(text: str, at: int) -> int:
    """Where the white space that ends at ``at`` begins."""
    while at and text[at - 1].isspace():
        at -= 1
    return at


def _names_before(text: str, at: int) -> tuple[set[int], set[int]]:
    """Where the names that end before ``at`` begin (the space before each), and the spaces inside of them."""
    words = list(_WORD.finditer(text, max(0, at - _LONGEST_SIGNED), at))
    begins: set[int] = set()
    inside: set[int] = set()
    while words:
        last = words.pop()
        if authorities.ends_name(last[0]) and words and authorities.begins_name(words[-1][0]):
            inside.add(words[-1].end())
            last = words.pop()
        elif not authorities.names_in(last[0]):
            break
        begins.add(_before(text, last.start()))
    return begins, inside


def _parts(left: str, right: str, white: str, in_head: bool) -> bool:
    """Whether a line ended between ``left`` and ``right``."""
    if "\u3000\u3000" in white or wording.level_of(right):
        return True
    if wording.ends_sentence(left):
        return left[-1] not in "：:" or len(left) > 10
    if wording.is_day(left[-20:].strip()) or wording.is_organ(left):
        return True
    if wording.level_of(left) and len(left) <= wording.LONGEST_HEADING and not _LATIN.match(right):
        return not wording.has_sentence(left)
    both = (not _LATIN.match(right) or bool(_DAY.match(right))) and not _LATIN.match(left[-1])
    return in_head and both and len(left) >= 4


# -- lines joined again ----------------------------------------------------------------------------


def joined(lines: Sequence[Line]) -> list[Line]:
    """Lines that a page or column broke in one; what stood in between comes after the whole."""
    rule = _Wrapped.of(lines)
    found: list[Line] = []
    aside: list[Line] = []
    last: Line | None = None
    for line in lines:
        if last is None or not found[-1].is_body:
            found.append(line)
            last = line
        elif not line.is_body and not line.is_table and _may_go_on(rule, found[-1], last):
            aside.append(line)
        elif line.is_body and _goes_on(rule, found[-1], last, line, bool(aside)):
            found[-1] = replace(found[-1], text=_glued(found[-1].text, line.text))
            last = line
        else:
            found += [*aside, line]
            aside, last = [], line
    return [*found, *aside]


def _glued(one: str, other: str) -> str:
    """Two parts of a sentence; a space between words that are not Chinese."""
    both = one[-1:].isascii() and other[:1].isascii() and one[-1:].isalnum() and other[:1].isalnum()
    return f"{one} {other}" if both else one + other


def _may_go_on(rule: _Wrapped, current: Line, last: Line) -> bool:
    if rule.full:
        return last.trailing is False and wording.width(last.text) >= rule.full * 0.8
    return _is_open(current.text)


def _goes_on(rule: _Wrapped, current: Line, last: Line, line: Line, apart: bool) -> bool:
    """Whether ``line`` is the rest of the paragraph that ``last`` is the latest line of."""
    starts = wording.level_of(line.text) or wording.is_note(line.text) or wording.is_caption(line.text)
    if starts or len(current.text) > _LONGEST_JOINED:
        return False
    if rule.full:
        return rule.goes_on(last, line)
    return (line.gap > 0 or line.page or apart) and _is_open(current.text) and not _LABEL.match(line.text)


def _is_open(text: str) -> bool:
    """Whether a paragraph that stands on one line broke off: long, with marks inside, none at its end."""
    if wording.ends_sentence(text) or text[-1] in "）)》”" or _LABEL.match(text):
        return False
    if wording.level_of(text):
        return wording.has_sentence(text)
    if len(text) < _LONG:
        return False
    if wording.is_title(text) or wording.is_caption(text) or text.startswith("—"):
        return False
    return any(mark in text for mark in "，。；、：")


@dataclass(frozen=True)
class _Wrapped:
    """How a paper set in lines of one width ends its paragraphs. ``full`` is that width, 0 for others."""

    full: int = 0
    gaps: bool = False
    trails: bool = False
    indents: bool = False

    @staticmethod
    def of(lines: Sequence[Line]) -> _Wrapped:
        body = [line for line in lines if line.is_body]
        widths = sorted(wording.width(line.text) for line in body)
        if len(body) < _WRAPPED_LINES:
            return _Wrapped()
        widest = widths[int(len(widths) * 0.9)]
        filled = [max(1, widest) * _FULL <= wording.width(line.text) <= widest * 1.12 for line in body]
        if widest > _WIDEST or widest < 20 or sum(filled) < 0.5 * len(body):
            return _Wrapped()
        full = [line for line, whole in zip(body, filled, strict=True) if whole]
        short = [line for line, whole in zip(body, filled, strict=True) if not whole]
        return _Wrapped(
            widest,
            gaps=sum(line.gap > 0 for line in full) < 0.6 * len(full),
            trails=_share(short, "trailing") > 0.5 and _share(full, "trailing") < 0.2,
            indents=0.03 < sum(line.indent >= 2 for line in body) / len(body) < 0.6,
        )

    def goes_on(self, last: Line, line: Line) -> bool:
        if wording.width(last.text) < self.full * 0.8:
            return last.text[-1:] in "，、" and not last.trailing
        if self.trails:
            return not last.trailing
        if self.gaps and line.gap and not line.page:
            return not wording.ends_sentence(last.text)
        if self.indents:
            return line.indent < 2
        return not wording.ends_sentence(last.text)


def _share(lines: Sequence[Line], name: str) -> float:
    return sum(bool(getattr(line, name)) for line in lines) / max(1, len(lines))
