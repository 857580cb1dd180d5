"""Lines into a document: title, headings with their levels, items, tables, notes, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from kb.domain.document import Attachment, Block, BlockKind, Document, document
from kb.ingest.documents import wording
from kb.ingest.documents.headlines import title_lines, title_of
from kb.ingest.documents.lines import Line, joined, lines_of
from kb.ingest.documents.marking import marked

_BODY = 40
_LOOK_AHEAD = 7
_PAPER = re.compile(r"(?:^|(?<=[\s:：]))[（(]?(?:\d{1,2}|[一二三四五六七八九十])[、.．）)]\s*")
_LABELS = re.compile(r"[:：]")
_HEADER_NEAR = 70.0


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
        start, end = title_lines(self.lines)
        signed = self._signed()
        for at, line in enumerate(self.lines):
            if start <= at < end:
                if at == start:
                    text = title_of(self.lines[start:end])
                    whole = " ".join(text.split()) if self.lines[start].flat else wording.title_form(text)
                    self.title = wording.without_number(whole)[0]
                    yield Block(text, "title")
            elif line.kind:
                kind: BlockKind = "paragraph" if line.kind == "list" else _KINDS[line.kind]
                yield Block(line.text, kind)
            elif at in signed:
                yield Block(line.text, "signature")
            else:
                yield self._block(at, line)

    # -- signatures ------------------------------------------------------------------------------

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
        after = (self.lines[place] for place in range(at + 1, len(self.lines)))
        return next((line.text for line in after if line.is_body), "")

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
