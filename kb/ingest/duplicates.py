"""Near duplicates among published entries: pairs with why and how sure, for a person to decide.

Two entries of one kind are a pair when they carry one document number, or nearly one title, or nearly one
text. Different numbers are different documents however alike the titles (年度性文件、分批通知), and so are
titles that differ in a figure (2025年, 2026年); alike titles of two places say nothing. Only entries that
share a number or rare pieces of title or text are compared at all, so that ten thousand take seconds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from rapidfuzz import fuzz

from kb.domain import docnumber

Why = Literal["number", "title", "text"]

NEAR_TITLE = 90.0
NEAR_TEXT = 85.0
_COMMON = 25
"""A piece that more entries than this share tells nothing about two of them."""
_SHARED = 0.4
"""The share of the shorter one's pieces that two must have in common to be worth comparing."""
_TEXT_CHARACTERS = 3_000
_LEAST_TEXT = 60
_SHELL = re.compile(r"转载|转发|印发|关于")
_END = re.compile(r"(?:的?(?:通知|公告|意见|实施细则))+$")
_CLAUSE = re.compile(r"[。；;，,！!？?：:\n]+")
_FIGURES = re.compile(r"\d+|[一二三四五六七八九十百]+(?=[批期季年月号])")
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Card:
    """What of an entry is compared. ``title`` and ``clauses`` are squeezed, ``number`` in comparison form."""

    id: str
    kind: str
    number: str
    title: str
    figures: tuple[str, ...]
    regions: frozenset[str]
    clauses: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.clauses)[:_TEXT_CHARACTERS]


@dataclass(frozen=True)
class Pair:
    """Two entries that may be one, their ids in order; ``score`` of 100, the surest reason first."""

    one: str
    other: str
    score: float
    why: tuple[Why, ...]


def card_of(data: Mapping[str, Any]) -> Card:
    """The card of an entry's plain data."""
    title = unicodedata.normalize("NFKC", str(data.get("title", "")))
    reliefs = (f"{one.get('title', '')}。{one.get('what', '')}" for one in data.get("reliefs", ()))
    text = "\n".join([str(data.get(name, "")) for name in ("summary", "body")] + list(reliefs))
    pieces = (_NOT_WORD.sub("", piece) for piece in _CLAUSE.split(unicodedata.normalize("NFKC", text)))
    number = data.get("doc_number") or data.get("doc_number_candidate") or ""
    return Card(
        id=str(data["id"]),
        kind=str(data.get("kind", "")),
        number=docnumber.comparison_form(str(number)) if number else "",
        title=_END.sub("", _SHELL.sub("", _NOT_WORD.sub("", title))),
        figures=tuple(sorted(_FIGURES.findall(title))),
        regions=frozenset(map(str, data.get("regions", {}).get("include", ()))),
        clauses=tuple(piece for piece in pieces if len(piece) >= 4),
    )


def pairs_of(cards: Iterable[Card], apart: frozenset[tuple[str, str]] = frozenset()) -> list[Pair]:
    """The pairs among ``cards``, the surest first, without those known to be ``apart``."""
    by_id = {card.id: card for card in cards}
    found = []
    for one, other in _worth_comparing(by_id.values()):
        key = (min(one, other), max(one, other))
        if key not in apart and (pair := compared(by_id[key[0]], by_id[key[1]])):
            found.append(pair)
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))


def compared(one: Card, other: Card) -> Pair | None:
    """The pair that two entries of one kind make; ``None`` if they are clearly two."""
    if one.kind != other.kind:
        return None
    why: dict[Why, float] = {}
    if one.number and one.number == other.number:
        why["number"] = 100.0
    if not (one.number and other.number and one.number != other.number):
        why |= _alike(one, other)
    if not why:
        return None
    first, second = sorted((one.id, other.id))
    ranked = sorted(why, key=lambda name: -why[name])
    return Pair(first, second, round(max(why.values()), 1), tuple(ranked))


def _alike(one: Card, other: Card) -> dict[Why, float]:
    found: dict[Why, float] = {}
    if one.figures != other.figures:
        return found
    if one.title and one.regions == other.regions:
        title = fuzz.ratio(one.title, other.title, score_cutoff=NEAR_TITLE)
        if title:
            found["title"] = title
    if min(len(one.text), len(other.text)) >= _LEAST_TEXT:
        text = fuzz.ratio(one.text, other.text, score_cutoff=NEAR_TEXT)
        if text:
            found["text"] = text
    return found


def _worth_comparing(cards: Iterable[Card]) -> set[tuple[str, str]]:
    listed = list(cards)
    found = set(_same(listed))
    found |= _sharing({(card.kind, card.id): _shingles(card.title) for card in listed})
    found |= _sharing({(card.kind, card.id): frozenset(card.clauses) for card in listed})
    return found


def _same(cards: Iterable[Card]) -> Iterator[tuple[str, str]]:
    """Entries with one number or one title."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for card in cards:
        if card.number:
            groups["number", card.kind, card.number].append(card.id)
        groups["title", card.kind, card.title, card.figures].append(card.id)
    for ids in groups.values():
        yield from combinations(sorted(ids)[:_COMMON], 2)


def _shingles(title: str) -> frozenset[str]:
    return frozenset(title[at : at + 3] for at in range(len(title) - 2))


def _sharing(pieces: Mapping[tuple[str, str], frozenset[str]]) -> set[tuple[str, str]]:
    """Entries of one kind that share enough of their pieces, counted by the rare ones."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (kind, entry_id), own in pieces.items():
        for piece in own:
            holders[kind, piece].append(entry_id)
    rare: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    for ids in holders.values():
        if len(ids) <= _COMMON:
            rare.update(ids)
            shared.update(combinations(sorted(ids), 2))
    return {pair for pair, count in shared.items() if count >= _SHARED * min(rare[one] for one in pair)}
