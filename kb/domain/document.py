"""A document as read: one stored text, and what in it is title, heading, paragraph, item, table or note.

Every quote is taken from ``Document.text`` and occurs in it letter by letter. ``text[start:end]`` of a block
is the block's own text; between two blocks stands white space only, so no character belongs to none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

BlockKind = Literal["title", "heading", "paragraph", "item", "table", "footnote", "signature", "margin"]
"""``item`` is a numbered paragraph that brings its own text (``（一）建立机制。在……``), ``margin`` what a
page adds to the text: running headers, page numbers, a table of contents."""
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Block:
    """One piece of a document. ``level`` is above 0 where it opens a section, 1 the widest.

    ``anchor`` comes from the block's own words, so that a change elsewhere leaves it as it is. In a table
    rows are lines and cells are parted by tabs.
    """

    text: str
    kind: BlockKind
    level: int = 0
    anchor: str = ""
    start: int = 0
    end: int = 0

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells of a table, row by row, without white space around them."""
        lines = self.text.split("\n") if self.kind == "table" else []
        return tuple(tuple(cell.strip() for cell in line.split("\t")) for line in lines)


@dataclass(frozen=True)
class Attachment:
    """A paper that belongs to a document: what it is called and, where known, its web address."""

    name: str
    address: str = ""


@dataclass(frozen=True)
class Document:
    """A document read. ``needs_hand`` says, in words for staff, why a person must do it; else empty."""

    text: str = ""
    blocks: tuple[Block, ...] = ()
    title: str = ""
    attachments: tuple[Attachment, ...] = ()
    needs_hand: str = ""


@dataclass(frozen=True)
class Section:
    """A block that opens a section with the blocks under it and the narrower sections in it.

    ``opening`` is ``None`` for what stands before the first heading of its level.
    """

    opening: Block | None
    level: int
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = field(default=())

    @property
    def anchor(self) -> str:
        """The anchor of its opening; empty without one."""
        return self.opening.anchor if self.opening else ""

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return next((block.start for block in walk(self)), 0)

    @property
    def end(self) -> int:
        """Where it ends in the text, with all its parts."""
        return max((block.end for block in walk(self)), default=0)


def document(
    blocks: Iterable[Block],
    title: str = "",
    attachments: tuple[Attachment, ...] = (),
    needs_hand: str = "",
) -> Document:
    """A document of these blocks in this order: its text, their places and anchors follow from them."""
    placed: list[Block] = []
    seen: dict[str, int] = {}
    at = 0
    for block in blocks:
        name = anchor_of(block)
        seen[name] = seen.get(name, 0) + 1
        anchor = name if seen[name] == 1 else f"{name}-{seen[name]}"
        placed.append(replace(block, anchor=anchor, start=at, end=at + len(block.text)))
        at += len(block.text) + len(BETWEEN)
    text = BETWEEN.join(block.text for block in placed)
    return Document(text, tuple(placed), title, attachments, needs_hand)


def anchor_of(block: Block) -> str:
    """The anchor that a block's own words give, white space left out; ``s`` for what opens a section."""
    bare = "".join(block.text.split())
    return ("s" if block.level else "p") + hashlib.sha256(bare.encode()).hexdigest()[:10]


def sections(whole: Document) -> tuple[Section, ...]:
    """The tree of sections; what stands before the first heading comes first, without an opening."""
    return tuple(_grown(list(whole.blocks)))


def _grown(blocks: list[Block]) -> Iterator[Section]:
    """Sections of the widest level among ``blocks``, each with what follows it up to the next."""
    levels = [block.level for block in blocks if block.level]
    top = min(levels, default=0)
    starts = [at for at, block in enumerate(blocks) if top and block.level == top]
    first = starts[0] if starts else len(blocks)
    if first:
        yield _section(None, top, blocks[:first])
    for at, end in zip(starts, [*starts[1:], len(blocks)], strict=False):
        yield _section(blocks[at], top, blocks[at + 1 : end])


def _section(opening: Block | None, level: int, inside: list[Block]) -> Section:
    own = next((at for at, block in enumerate(inside) if block.level), len(inside))
    return Section(opening, level, tuple(inside[:own]), tuple(_grown(inside[own:])))


def walk(section: Section) -> Iterator[Block]:
    """Every block of a section and its parts, in the order of the text."""
    if section.opening:
        yield section.opening
    yield from section.blocks
    for part in section.parts:
        yield from walk(part)
