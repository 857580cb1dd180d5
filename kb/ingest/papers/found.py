"""What an association's paper proposes: entries with the words they stand on, and tables of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kb.domain.proposal import Proposal


@dataclass(frozen=True)
class Item:
    """An entry that a paper proposes.

    ``number`` is its place in the paper's own count; ``section`` and ``anchor`` where it stands; ``passage``
    its words, letter by letter; ``proposals`` the fields found; ``data`` the beginning of its record.
    ``subject`` tells services of one provider apart and is empty for other kinds.
    """

    kind: str
    number: str
    title: str
    section: str
    anchor: str
    passage: str
    start: int
    proposals: tuple[Proposal, ...]
    data: Mapping[str, Any]
    subject: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.passage)


@dataclass(frozen=True)
class Figure:
    """A figure of a region, letter by letter at ``start`` of the text."""

    region: str
    value: Decimal
    quote: str
    start: int


@dataclass(frozen=True)
class Figures:
    """A table of figures by region: what it is called, where it stands, its figures in its order.

    ``unread`` are names in its columns of regions that are none.
    """

    caption: str
    section: str
    anchor: str
    values: tuple[Figure, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """All that a paper proposes. ``remarks`` say, in Chinese, what a person should look at."""

    items: tuple[Item, ...] = ()
    figures: tuple[Figures, ...] = ()
    remarks: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """How many items are of a kind."""
        return sum(item.kind == kind for item in self.items)


def proposal(
    text: str, field: str, value: Any, start: int, end: int, confidence: str = "certain"
) -> Proposal:
    """A field's value with its quote; the confidence is one of the three words of proposals."""
    known: Any = confidence
    return Proposal(field, value, text[start:end], start, end, confidence=known)
