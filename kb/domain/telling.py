"""A company in words: what people type or choose becomes what it leaves possible, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from kb.domain.company import Told
from kb.domain.dates import parse_date
from kb.domain.room import ORDERED, Room
from kb.domain.taxonomy import Fact, Taxonomy
from kb.errors import KbError

NONE = "none"
_NUMBER = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(亿|万|%|％)?")
_SCALE = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000), "%": Decimal("0.01")}
_SPAN = re.compile(r"\s*(?:[-–—~～]|至|到)\s*")
_YES, _NO = frozenset({"true", "yes", "1", "是", "有"}), frozenset({"false", "no", "0", "否", "没有"})


def read_room(fact: Fact, text: str, taxonomy: Taxonomy) -> Room:
    """The room that words leave: ``250``, ``10-29``, ``300以上``, ``300万``, ``5.5%``, ``是``, ``小型``.

    Raises :class:`KbError` that names what would be understood.
    """
    text = text.strip()
    if fact.type in ORDERED:
        return _ordered_room(fact, text)
    if fact.type == "bool":
        return Room(keys=frozenset({_truth(fact, text)}))
    return Room(keys=frozenset(_key(fact, part, taxonomy) for part in _parts(text)))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,，、\s]+", text) if part]


def _truth(fact: Fact, text: str) -> str:
    if text.lower() in _YES | _NO:
        return str(text.lower() in _YES)
    raise KbError(f"{fact.label} 请写 是 或 否，现在是「{text[:40]}」")


def _key(fact: Fact, part: str, taxonomy: Taxonomy) -> str:
    labels = choices_of(fact, taxonomy)
    for key, label in labels.items():
        if part in (key, label):
            return key
    terms = getattr(taxonomy, fact.of, None) if fact.of and fact.of != "regions" else None
    found = terms.find(part) if terms else taxonomy.regions.find(part) if fact.of else None
    if found:
        return str(found)
    accepted = "、".join(f"{label}（{key}）" for key, label in labels.items())
    raise KbError(f"{fact.label} 没有「{part[:40]}」，可用：{accepted}")


def choices_of(fact: Fact, taxonomy: Taxonomy) -> dict[str, str]:
    """The keys a choice may take and their labels; for regions nothing, there are too many."""
    if fact.of and fact.of != "regions":
        return {term.key: term.label for term in getattr(taxonomy, fact.of)}
    return dict(fact.choices)


def _ordered_room(fact: Fact, text: str) -> Room:
    if fact.type == "date":
        return _day_room(fact, text)
    figures = [_figure(match) for match in _NUMBER.finditer(text)]
    bare = _NUMBER.sub("", text)
    if len(figures) == 2 and _SPAN.fullmatch(bare.replace(fact.unit, "").replace("元", "") or "-"):
        low, high = sorted(_same_scale(figures, text))
        return Room(low, high)
    if len(figures) != 1:
        raise KbError(f"{fact.label} 看不懂「{text[:40]}」，请写 250、10-29、300以上 或 30以下 这样")
    return _open_room(figures[0], bare)


def _figure(match: re.Match[str]) -> Decimal:
    scale = _SCALE[(match[2] or "").replace("％", "%")]
    return Decimal(re.sub(r"[,，]", "", match[1])) * scale


def _same_scale(figures: list[Decimal], text: str) -> list[Decimal]:
    """``100-300万`` means both in 万."""
    units = [match[2] or "" for match in _NUMBER.finditer(text)]
    if units[0] == "" and units[1] in ("万", "亿"):
        return [figures[0] * _SCALE[units[1]], figures[1]]
    return figures


def _open_room(figure: Decimal, words: str) -> Room:
    if any(mark in words for mark in ("以上", "+", "≥", ">")):
        return Room(figure, None)
    if any(mark in words for mark in ("以下", "以内", "不超过", "≤", "<")):
        return Room(None, figure)
    return Room(figure, figure)


def _day_room(fact: Fact, text: str) -> Room:
    found = parse_date(text)
    day: date | None = found.exact if found else None
    if day is None:
        raise KbError(f"{fact.label} 看不懂日期「{text[:40]}」，请写 2020-06-30 这样")
    return Room(day, day)


def tell(
    taxonomy: Taxonomy,
    facts: Iterable[tuple[str, str]] = (),
    *,
    region: str = "",
    segments: Iterable[str] = (),
    need: str = "",
) -> Told:
    """A description from words: ``facts`` as ``(key, text)``; raises :class:`KbError` for what is unknown."""
    rooms: dict[str, Room] = {}
    certificates: frozenset[str] | None = None
    industries = set(segments)
    for key, text in facts:
        fact = taxonomy.facts.get(key)
        if fact is None:
            raise KbError(f"没有「{key[:40]}」这项企业情况，可用：{'、'.join(taxonomy.facts)}")
        if key == "certificates":
            certificates = frozenset() if text in (NONE, "没有") else read_room(fact, text, taxonomy).keys
        elif key == "region":
            region = _key(fact, text, taxonomy)
        elif key == "industry":
            industries |= read_room(fact, text, taxonomy).keys or frozenset()
        else:
            rooms[key] = read_room(fact, text, taxonomy)
    return Told(rooms, region, frozenset(industries), certificates, need)


def words_of(room: Room, fact: Fact, taxonomy: Taxonomy) -> str:
    """A room in words: ``10—29 人``, ``不超过 300 万元``, ``小型、微型``, ``是``."""
    if room.keys is not None:
        labels = {**choices_of(fact, taxonomy), "True": "是", "False": "否"}
        return (
            "、".join(labels.get(key, key) for key in sorted(room.keys, key=list(labels).index)) or "都没有"
        )
    low, high = _bound(room.low, fact), _bound(room.high, fact)
    if room.low == room.high:
        return low
    if room.low is None:
        return f"{'低于' if room.high_open else '不超过'} {high}" if room.high is not None else "不限"
    if room.high is None:
        return f"{'超过' if room.low_open else '不少于'} {low}"
    return f"{low}—{high}"


def _bound(value: object, fact: Fact) -> str:
    if value is None:
        return ""
    if not isinstance(value, Decimal):
        return str(value)
    if fact.type == "rate":
        return f"{(value * 100).normalize():f}%"
    if fact.type == "money" and value >= 10_000:
        return f"{(value / 10_000).normalize():f} 万{fact.unit}"
    return f"{value.normalize():f} {fact.unit}".strip()
