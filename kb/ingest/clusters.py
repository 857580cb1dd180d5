"""One paper found at several places: the same number, nearly one title, nearly one text, in either script.

Fingerprints are 64-bit simhashes of the text as both scripts share it (:mod:`kb.ingest.scripts`), so that a
mirror in traditional characters has that of the page it mirrors. A near fingerprint is only a reason to
look: two texts count as one when their letters agree and their figures do. Different numbers are different
papers however alike they read.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from rapidfuzz import fuzz

from kb.domain import docnumber
from kb.ingest.scripts import common_form, simplified_number

Why = Literal["address", "number", "title", "text"]
BITS = 64
NEAR_BITS = 12
"""Fingerprints that differ in more bits are of different texts."""
NEAR_TEXT = 88.0
NEAR_TITLE = 92.0
LEAST_TEXT = 80
"""Shorter texts, in characters both scripts have, say too little to be compared."""
_COMPARED = 6_000
_SHELL = re.compile(r"转载|轉載|转发|轉發|印发|印發|关于|關於|的?通知$|的?公告$")
_FIGURES = re.compile(r"\d+(?:\.\d+)?")
_PIECE = 4
_LEAST_TITLE = 4


@dataclass(frozen=True)
class Print:
    """What of a paper is compared. ``key`` names it for the caller; ``title`` and ``text`` in common form."""

    key: str
    number: str
    title: str
    figures: tuple[str, ...]
    issued_on: str
    addresses: frozenset[str]
    text: str
    simhash: int


@dataclass(frozen=True)
class Twin:
    """Another paper that is the same, why it is thought so (the surest reason first), and how sure of 100."""

    key: str
    why: tuple[Why, ...]
    score: float


def print_of(
    key: str,
    *,
    title: str = "",
    number: str = "",
    text: str = "",
    issued_on: str = "",
    addresses: Iterable[str] = (),
    fingerprint: int | None = None,
) -> Print:
    """What is compared of a paper; any of it may be unknown. ``fingerprint``: the text's, if kept."""
    plain = unicodedata.normalize("NFKC", title)
    common = common_form(text)
    simplified = simplified_number(number) if number else ""
    return Print(
        key=key,
        number=docnumber.comparison_form(simplified) if simplified else "",
        title=common_form(_SHELL.sub("", re.sub(r"[《》（）()\s]|转载|轉載", "", plain))),
        figures=tuple(sorted(re.findall(r"\d+|[一二三四五六七八九十]+(?=[批期季年号號])", plain))),
        issued_on=issued_on,
        addresses=frozenset(one for address in addresses if (one := same_address(address))),
        text=common,
        simhash=simhash(common) if fingerprint is None else fingerprint,
    )


def same_address(address: str) -> str:
    """An address as it is compared: without scheme, ``www.``, a traditional-script gate, index and anchor."""
    bare = re.sub(r"^https?://", "", address.strip()).partition("#")[0]
    bare = re.sub(r"^big5\.(?:www\.)?[\w.-]+/gate/big5/", "", bare)
    bare = re.sub(r"^([\w.:-]+)/gate/big5/", "", bare)
    bare = re.sub(r"^www\.", "", bare)
    return re.sub(r"/(?:index\.s?html?)?$", "", bare)


# -- fingerprints ----------------------------------------------------------------------------------


def simhash(text: str) -> int:
    """The 64-bit simhash of a text's overlapping pieces of four; 0 for a text too short to have one."""
    counts = Counter(text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1))
    if not counts:
        return 0
    totals = [0] * BITS
    for piece, weight in counts.items():
        bits = int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest())
        for at in range(BITS):
            totals[at] += weight if bits >> at & 1 else -weight
    return sum(1 << at for at in range(BITS) if totals[at] > 0)


def apart(one: int, other: int) -> int:
    """In how many bits two fingerprints differ."""
    return (one ^ other).bit_count()


# -- twins -----------------------------------------------------------------------------------------


def compared(one: Print, other: Print) -> Twin | None:
    """``other`` as a twin of ``one``; ``None`` if they are clearly two or nothing says they are one."""
    why: dict[Why, float] = {}
    if one.addresses & other.addresses:
        why["address"] = 100.0
    if one.number and one.number == other.number:
        why["number"] = 100.0
    if one.number and other.number and one.number != other.number:
        return None
    if one.issued_on and other.issued_on and one.issued_on != other.issued_on and not why:
        return None
    if (score := _titles(one, other)) is not None:
        why["title"] = score
    if (score := _texts(one, other)) is not None:
        why["text"] = score
    if not why or (set(why) == {"title"} and not _backed(one, other)):
        return None
    ranked = sorted(why, key=lambda name: -why[name])
    return Twin(other.key, tuple(ranked), round(max(why.values()), 1))


def _titles(one: Print, other: Print) -> float | None:
    if min(len(one.title), len(other.title)) < _LEAST_TITLE or one.figures != other.figures:
        return None
    score = fuzz.ratio(one.title, other.title, score_cutoff=NEAR_TITLE)
    return score or None


def _backed(one: Print, other: Print) -> bool:
    """A title alone is proof only where the day is the same or one of the two has nothing else to say."""
    if one.issued_on and one.issued_on == other.issued_on:
        return True
    return min(len(one.text), len(other.text)) < LEAST_TEXT and not (one.issued_on and other.issued_on)


def _texts(one: Print, other: Print) -> float | None:
    if min(len(one.text), len(other.text)) < LEAST_TEXT or apart(one.simhash, other.simhash) > NEAR_BITS:
        return None
    score = fuzz.ratio(one.text[:_COMPARED], other.text[:_COMPARED], score_cutoff=NEAR_TEXT)
    return score if score and _same_figures(one.text, other.text) else None


def _same_figures(one: str, other: str) -> bool:
    """Whether nearly all figures of the one stand in the other: 2025 and 2026 make two papers."""
    first, second = Counter(_FIGURES.findall(one)), Counter(_FIGURES.findall(other))
    fewer = min(first.total(), second.total())
    return fewer == 0 or (first & second).total() >= 0.9 * fewer


def twins(one: Print, others: Iterable[Print]) -> list[Twin]:
    """The twins of a paper among others, the surest first."""
    found = [twin for other in others if other.key != one.key and (twin := compared(one, other))]
    return sorted(found, key=lambda twin: (-twin.score, twin.key))


# -- clusters --------------------------------------------------------------------------------------


def clusters(prints: Iterable[Print]) -> list[tuple[str, ...]]:
    """The papers that are one, as groups of two and more keys in the order given.

    Whoever is a twin of a twin belongs to the group, unless their numbers differ.
    """
    listed = list(prints)
    order = {one.key: at for at, one in enumerate(listed)}
    numbers = {one.key: one.number for one in listed}
    group = {one.key: [one.key] for one in listed}
    for first, second in _pairs(listed):
        one, other = group[first], group[second]
        if one is not other and len({numbers[key] for key in (*one, *other)} - {""}) <= 1:
            one.extend(other)
            group.update(dict.fromkeys(other, one))
    whole = {id(keys): tuple(sorted(keys, key=order.__getitem__)) for keys in group.values() if len(keys) > 1}
    return sorted(whole.values(), key=lambda keys: order[keys[0]])


def _pairs(listed: list[Print]) -> list[tuple[str, str]]:
    """The pairs that are one, the surest first, then in the order given."""
    by_key = {one.key: one for one in listed}
    order = {one.key: at for at, one in enumerate(listed)}
    found = []
    for pair in _worth_comparing(listed):
        first, second = sorted(pair, key=order.__getitem__)
        if twin := compared(by_key[first], by_key[second]):
            found.append((-twin.score, order[first], order[second], first, second))
    return [(first, second) for *_rank, first, second in sorted(found)]


def _worth_comparing(listed: list[Print]) -> set[tuple[str, str]]:
    """The pairs that share an address, a number, a day and title beginning, or a part of a fingerprint."""
    keyed: Mapping[str, Callable[[Print], Iterable[object]]] = {
        "address": lambda one: one.addresses,
        "number": lambda one: [one.number] if one.number else [],
        "title": lambda one: (
            {one.title[at : at + 8] for at in range(0, max(1, len(one.title) - 7), 4)} - {""}
        ),
        "bits": lambda one: (
            [(at, one.simhash >> at * 4 & 0xF_F) for at in range(0, 16, 2)] if one.simhash else []
        ),
    }
    found: set[tuple[str, str]] = set()
    for keys in keyed.values():
        holders: dict[object, list[str]] = defaultdict(list)
        for one in listed:
            for key in keys(one):
                holders[key].append(one.key)
        for ids in holders.values():
            found.update(combinations(ids, 2))
    return found
