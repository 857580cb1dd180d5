"""Lines into a document: title, headings with their levels, items, tables, notes, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from kb.domain.document import Attachment, Block, BlockKind, Document, document
from kb.ingest.documents import wording
from kb.ingest.documents.lines import Line, joined, lines_of
from kb.ingest.documents.marking import marked

HEAD_LINES = 30
_TITLE_LINES = 3
_NEWS_TITLE = 80
_BODY = 40
_LOOK_AHEAD = 7
_PAPER = re.compile(r"(?:^|(?<=[\s:：]))[（(]?(?:\d{1,2}|[一二三四五六七八九十])[、.．）)]\s*")
_LABELS = re.compile(r"[:：]")
_ISSUE = re.compile(r"[（(].{1,10}[)）]|第\s*[\d一二三四五六七八九十百]+\s*[期号]|[（(]?总第.{1,10}期[)）]?")
_HEADER_NEAR = 70.0
_DATELINE = re.compile(
    r"^(?:新华社|中新[社网]|人民网|央广网|来源|原标题|本报|作者|时间)|[日报网]讯|\d日电|记者|^(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[,，电晚]|[上下]午|$)|\d{4}-\d"
)


def from_text(text: str, needs_hand: str = "") -> Document:
    """The document that plain text is: every character of it but white space is in some block."""
    lines, names = marked(lines_of(text))
    whole = _with_contents(joined(lines), names)
    shaper = _Shaper(whole, frozenset(map(wording.squeeze, names)))
    blocks = list(_merged(shaper.blocks()))
    return document(blocks, shaper.title, attachments_of(blocks), needs_hand)


def _with_contents(lines: list[Line], names: Sequence[str]) -> list[Line]:
    """Headings that the table of contents names and the page set on two lines, in one."""
    wanted = set(map(wording.squeeze, names))
    found: list[Line] = []
    for line in lines:
        before = found[-1] if found else None
        if before and before.is_body and line.is_body and wording.squeeze(before.text + line.text) in wanted:
            found[-1] = replace(before, text=wording.tight(before.text + line.text))
        else:
            found.append(line)
    return found


@dataclass
class _Shaper:
    """Goes through the lines of one document; ``names`` are those of its table of contents, squeezed."""

    lines: list[Line]
    names: frozenset[str]
    title: str = ""

    def blocks(self) -> Iterator[Block]:
        """The blocks in order, tables and notes still line by line."""
        start, end = self._title_lines()
        signed = self._signed()
        for at, line in enumerate(self.lines):
            if start <= at < end:
                if at == start:
                    text = self._joined(start, end)
                    self.title = " ".join(text.split()) if self.lines[start].flat else wording.tight(text)
                    yield Block(text, "title")
            elif line.kind:
                kind: BlockKind = "paragraph" if line.kind == "list" else _KINDS[line.kind]
                yield Block(line.text, kind)
            elif at in signed:
                yield Block(line.text, "signature")
            else:
                yield self._block(at, line)

    # -- title and signature ---------------------------------------------------------------------

    def _title_lines(self) -> tuple[int, int]:
        """Which lines are the title, the last excluded; both 0 where none is one."""
        head = self._head()
        for first in range(head):
            for many in range(1, _TITLE_LINES + 1):
                if first + many <= head and self._is_title(self.lines[first : first + many]):
                    return self._with_issuers(first), first + many
        return self._news_title(head)

    def _with_issuers(self, first: int) -> int:
        """Where a title begins that names its issuers, of whom the others stand on the lines above."""
        if not re.match(r"\S{4,30}?关于", self.lines[first].text):
            return first
        while first and self.lines[first - 1].is_body and wording.is_organ(self.lines[first - 1].text):
            first -= 1
        return first

    def _joined(self, start: int, end: int) -> str:
        """Lines as one; the parts of a title are kept apart where they were."""
        lines = self.lines[start:end]
        apart = lines[0].flat or any(wording.is_organ(line.text) for line in lines)
        return (" " if apart else "").join(line.text for line in lines)

    def _head(self) -> int:
        """How many lines stand before the first that is text or a numbered heading."""
        for at, line in enumerate(self.lines[:HEAD_LINES]):
            text = line.text
            said = wording.has_sentence(text.rstrip("！？!?")) or wording.ends_sentence(text)
            if line.is_table or wording.level_of(text) or (said and len(text) > _BODY):
                return at
        return min(len(self.lines), HEAD_LINES)

    def _is_title(self, lines: Sequence[Line]) -> bool:
        texts = [line.text for line in lines]
        plain = all(line.is_body and not self._is_data(line.text) for line in lines)
        sure = not lines[0].flat or lines[0] is self.lines[0] or "关于" in texts[0]
        whole = any(text.startswith("关于") and wording.is_title(text) for text in texts[1:])
        return plain and sure and not whole and wording.is_title("".join(texts))

    def _is_data(self, text: str) -> bool:
        """Whether a line of the head says who, when or which number rather than what it is about."""
        is_name = wording.is_organ(text) and not text.startswith("关于")
        return is_name or wording.is_day(text) or bool(_ISSUE.fullmatch(text)) or text.endswith(("：", ":"))

    def _news_title(self, head: int) -> tuple[int, int]:
        """Without a line that reads like the title of a paper: the first that is short, before any text."""
        for at, line in enumerate(self.lines[: min(head, 5)]):
            if not self._may_be_news(line):
                continue
            followed = any(len(one.text) > _BODY for one in self.lines[at + 1 : at + 12])
            if not followed or len(line.text) > _NEWS_TITLE:
                break
            return at, at + self._news_lines(at, head)
        return 0, 0

    def _news_lines(self, at: int, head: int) -> int:
        """How many lines the title is; where lines were lost, its parts were only set apart by spaces."""
        many = 1
        while self.lines[at].flat and at + many < min(head, at + _TITLE_LINES):
            if not self._may_be_news(self.lines[at + many]) or self.lines[at + many - 1].text[-1] in "！？!?":
                break
            many += 1
        return many

    def _may_be_news(self, line: Line) -> bool:
        text = line.text
        plain = line.is_body and not self._is_data(text) and not _DATELINE.search(text)
        return plain and (not wording.ends_sentence(text) or text[-1] in "！？!?") and "。" not in text

    def _signed(self) -> frozenset[int]:
        """Lines of names right above a line that is a day, with that line."""
        found: set[int] = set()
        for at, line in enumerate(self.lines):
            if line.is_body and wording.is_day(line.text):
                found.add(at)
                above = at - 1
                while above >= 0 and self.lines[above].is_body and wording.is_organ(self.lines[above].text):
                    found.add(above)
                    above -= 1
        return frozenset(found)

    # -- headings --------------------------------------------------------------------------------

    def _block(self, at: int, line: Line) -> Block:
        text = line.text
        if wording.squeeze(text) in self.names:
            return Block(text, "heading", 1)
        if wording.is_attached(text):
            return self._attached(at, text)
        level = wording.level_of(text)
        if level:
            return Block(text, "heading" if self._is_heading(at, text, level) else "item", level)
        if self._is_unnumbered(at, line):
            return Block(text, "heading", wording.UNNUMBERED)
        return Block(text, "paragraph")

    def _attached(self, at: int, text: str) -> Block:
        """An attached paper begins here, unless a signature follows: then it is only named."""
        for line in self.lines[at + 1 : at + _LOOK_AHEAD]:
            if line.is_body and (wording.is_day(line.text) or wording.is_organ(line.text)):
                return Block(text, "paragraph")
            if not _is_listed(line):
                break
        else:
            return Block(text, "paragraph")
        short = len(text) <= wording.LONGEST_HEADING
        return Block(text, "heading" if short else "paragraph", 1 if short else 0)

    def _is_heading(self, at: int, text: str, level: int) -> bool:
        alone = len(text) <= wording.LONGEST_HEADING and not wording.ends_sentence(text)
        if not alone or wording.has_sentence(text):
            return False
        after = self._next_text(at)
        return level < 4 or (bool(after) and not wording.level_of(after) and len(after) > _BODY)

    def _next_text(self, at: int) -> str:
        return next((line.text for line in self.lines[at + 1 :] if line.is_body), "")

    def _is_unnumbered(self, at: int, line: Line) -> bool:
        """A short line without an end, on its own, with text or a heading of its kind after it."""
        text = line.text
        if not 4 <= len(wording.squeeze(text)) <= 30 or wording.ends_sentence(text) or text[-1] in "，、,":
            return False
        if wording.is_caption(text) or _LABELS.search(text) or wording.is_organ(text) or text[0] in "—－(（":
            return False
        after = self._next_text(at)
        return len(after) > _BODY or after.startswith("——")


_KINDS: dict[str, BlockKind] = {"margin": "margin", "footnote": "footnote", "table": "table"}


def _is_listed(line: Line) -> bool:
    return not line.is_table and (wording.is_attached(line.text) or wording.level_of(line.text) == 4)


# -- blocks of several lines -----------------------------------------------------------------------


def _merged(blocks: Iterator[Block]) -> Iterator[Block]:
    """Rows into tables, lines of a note into notes; a table that a page broke goes on after its header."""
    held: list[Block] = []
    margins: list[Block] = []
    for block in blocks:
        if held and held[0].kind == "table" and block.kind == "margin":
            margins.append(block)
        elif held and _belongs(held, block, bool(margins)):
            held.append(block)
        else:
            yield from (*_whole(held), *margins)
            held, margins = [block], []
    yield from (*_whole(held), *margins)


def _whole(held: Sequence[Block]) -> Iterator[Block]:
    """The blocks as one, each on a line of its own."""
    if held:
        yield replace(held[0], text="\n".join(block.text for block in held))


def _belongs(held: Sequence[Block], block: Block, broken: bool) -> bool:
    """Whether ``block`` goes on with ``held``: a row with its table, also over a page."""
    if held[0].kind == block.kind == "footnote":
        return wording.level_of(block.text) > 0
    if held[0].kind != "table" or block.kind != "table":
        return False
    return not broken or block.text.count("\t") in {held[0].text.count("\t"), held[-1].text.count("\t")}


def header_again(first: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row of a table says again, nearly, what its first row says."""
    one, other = ("".join(map(wording.squeeze, cells)) for cells in (first, row))
    return len(first) == len(row) and fuzz.ratio(one, other) >= _HEADER_NEAR


# -- attached papers -------------------------------------------------------------------------------


def attachments_of(blocks: Sequence[Block]) -> tuple[Attachment, ...]:
    """The papers that the document names as attached, in order, each once."""
    names: list[str] = []
    for block in blocks:
        if wording.is_attached(block.text):
            names += _papers(wording.after_number(block.text).lstrip(":： "))
        elif names and block.kind == "paragraph" and re.match(r"\d{1,2}[.、．]", block.text):
            names += _papers(block.text)
    clean = (re.sub(r"[（(]已.{1,8}[)）]", "", name).strip(" 。；;.") for name in names)
    return tuple(Attachment(name) for name in dict.fromkeys(clean) if name)


def _papers(text: str) -> list[str]:
    if len(text) > 400:
        return []
    pieces = [one.strip() for one in _PAPER.split(text.replace("\n", " "))]
    return [one for one in pieces if one and len(one) <= 80]
