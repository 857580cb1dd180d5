"""A company in words: what people type or choose becomes what it leaves possible, and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from kb.domain.company import Told
from kb.domain.dates import parse_date
from kb.domain.room import ORDERED, Bound, Room
from kb.domain.taxonomy import Fact, Taxonomy
from kb.errors import KbError

NONE = "none"
_NONE_WORDS = frozenset({NONE, "没有", "都没有", "无"})
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?\s*(亿|万|%)?", re.ASCII)
_SCALE = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000), "%": Decimal("0.01")}
_MOST = Decimal(10) ** 15
"""A figure from here on is a slip of the keyboard."""
_TO = "(?:[-–—~]{1,2}|至|到)"
_SPAN = re.compile(f"#{_TO}#")
_DAY_SPAN = re.compile("[–—~～至到]+")
_YES, _NO = frozenset({"true", "yes", "1", "是", "有"}), frozenset({"false", "no", "0", "否", "没有"})

# What stands around a figure (#) bounds it: (from above, without the figure itself).
_MARKS = {
    "#": None,
    **dict.fromkeys(
        ("#以上", "#及以上", "#+", "#起", "≥#", ">=#", "不少于#", "至少#", "不低于#"), (False, False)
    ),
    **dict.fromkeys((">#", "超过#", "大于#", "高于#", "多于#"), (False, True)),
    **dict.fromkeys(
        ("#以下", "#及以下", "#以内", "≤#", "<=#", "不超过#", "不高于#", "不多于#"), (True, False)
    ),
    **dict.fromkeys(("<#", "低于#", "少于#", "小于#", "不到#", "不足#"), (True, True)),
}
_DAY_MARKS = {"不早于": (False, False), "晚于": (False, True), "不晚于": (True, False), "早于": (True, True)}
_EXAMPLES = {
    "number": "250、10-29、300以上 或 30以下",
    "money": "20000、2万、100-300万 或 500万以上",
    "rate": "5.5%、5-10% 或 20%以下",
}


def read_room(fact: Fact, text: str, taxonomy: Taxonomy) -> Room:
    """The room that words leave: ``250``, ``10-29``, ``300以上``, ``300万``, ``5.5%``, ``是``, ``小型``.

    Raises :class:`KbError` that names what would be understood.
    """
    text = text.strip()
    if fact.type in ORDERED:
        return _ordered_room(fact, text)
    if fact.type == "bool":
        return Room(keys=frozenset({_truth(fact, text)}))
    # Nothing written would leave nothing possible, and that is within every rule.
    return Room(keys=frozenset(_key(fact, part, taxonomy) for part in _parts(text) or [""]))


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
    if fact.of == "regions":
        accepted = "、".join(one.short for one in taxonomy.regions.provinces()) + "，或市名、六位行政区划代码"
    raise KbError(f"{fact.label} 没有「{part[:40]}」，可用：{accepted}")


def choices_of(fact: Fact, taxonomy: Taxonomy) -> dict[str, str]:
    """The keys a choice may take and their labels; for regions nothing, there are too many."""
    if fact.of and fact.of != "regions":
        return {term.key: term.label for term in getattr(taxonomy, fact.of)}
    return dict(fact.choices)


def _ordered_room(fact: Fact, text: str) -> Room:
    plain = unicodedata.normalize("NFKC", text)
    if fact.type == "date":
        return _day_room(fact, plain)
    figures, shape = _figures(plain), _shape(fact, plain)
    if _are_sound(fact, figures, plain):
        if len(figures) == 1 and shape in _MARKS:
            return _bounded(figures[0], figures[0], _MARKS[shape])
        if len(figures) == 2 and _SPAN.fullmatch(shape) and figures[0] <= figures[1]:
            return Room(figures[0], figures[1])
    raise KbError(f"{fact.label} 看不懂「{text[:40]}」，请写 {_EXAMPLES[fact.type]} 这样")


def _shape(fact: Fact, text: str) -> str:
    """The text with ``#`` for each figure and without its unit: ``不超过#``, ``#-#``."""
    counted = {"number": "个名", "money": "元¥", "rate": ""}[fact.type]
    bare = _NUMBER.sub("#", text.replace("#", "?"))
    return "".join(one for one in bare if not one.isspace() and one not in fact.unit + counted)


def _are_sound(fact: Fact, figures: list[Decimal], text: str) -> bool:
    """A percentage only for a rate, and a rate with its % or below one: a bare 5 may mean either."""
    percent = "%" in text
    if fact.type == "rate":
        return all(figure < 1 or (percent and figure == 1) for figure in figures)
    return not percent and all(figure < _MOST for figure in figures)


def _figures(text: str) -> list[Decimal]:
    """Every figure with its scale; ``100-300万`` means both in 万, ``5000-1万`` and ``5元-1万元`` do not."""
    found = list(_NUMBER.finditer(text))
    bare = [Decimal(match[1].replace(",", "") + (match[2] or "")) for match in found]
    scales = [match[3] or "" for match in found]
    figures = [figure * _SCALE[scale] for figure, scale in zip(bare, scales, strict=True)]
    if len(found) == 2 and not scales[0] and bare[0] <= bare[1]:
        between = text[found[0].end() : found[1].start()].strip()
        figures[0] *= _SCALE[scales[1]] if re.fullmatch(_TO, between) else 1
    return figures


def _bounded(first: Bound, last: Bound, mark: tuple[bool, bool] | None) -> Room:
    """From ``first`` to ``last``, or on one side of them as a mark says."""
    if mark is None:
        return Room(first, last)
    upper, is_open = mark
    if upper:
        return Room(None, first if is_open else last, high_open=is_open)
    return Room(last if is_open else first, None, low_open=is_open)


def _day_room(fact: Fact, text: str) -> Room:
    """A day, a month, a year, from one to another, or on one side of it."""
    mark = next((one for one in _DAY_MARKS if text.startswith(one)), "")
    parts = [parse_date(part) for part in _DAY_SPAN.split(text.removeprefix(mark))]
    days = [one for one in parts if one]
    if len(days) != len(parts) or len(days) > 2 - bool(mark) or days[0].first > days[-1].last:
        wanted = "2020-06-30、2020年6月 或 不早于2020年"
        raise KbError(f"{fact.label} 看不懂日期「{text[:40]}」，请写 {wanted} 这样")
    return _bounded(days[0].first, days[-1].last, _DAY_MARKS.get(mark))


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
    for name, text in facts:
        fact = _fact(name, taxonomy)
        key = fact.key
        if key == "certificates":
            none = text.strip() in _NONE_WORDS
            certificates = frozenset() if none else read_room(fact, text, taxonomy).keys
        elif key == "region":
            region = _key(fact, text, taxonomy)
        elif key == "industry":
            industries |= read_room(fact, text, taxonomy).keys or frozenset()
        else:
            rooms[key] = read_room(fact, text, taxonomy)
    return Told(rooms, region, frozenset(industries), certificates, need)


def _fact(name: str, taxonomy: Taxonomy) -> Fact:
    """The fact meant by its key or its label."""
    for fact in taxonomy.facts.values():
        if name in (fact.key, fact.label, fact.label.partition("（")[0]):
            return fact
    accepted = "、".join(f"{fact.label.partition('（')[0]}（{key}）" for key, fact in taxonomy.facts.items())
    raise KbError(f"没有「{name[:40]}」这项企业情况，可用：{accepted}")


def words_of(room: Room, fact: Fact, taxonomy: Taxonomy) -> str:
    """A room in words: ``10—29 人``, ``不超过 300 万元``, ``小型、微型``, ``是``."""
    if room.keys is not None:
        labels = {**choices_of(fact, taxonomy), "True": "是", "False": "否"}
        return (
            "、".join(labels.get(key, key) for key in sorted(room.keys, key=list(labels).index)) or "都没有"
        )
    low, high = _bound(room.low, fact), _bound(room.high, fact)
    if room.low == room.high:
        return low or "不限"
    below, most, above, least = _DAY_SIDES if fact.type == "date" else _SIDES
    if room.low is None:
        return f"{below if room.high_open else most} {high}"
    if room.high is None:
        return f"{above if room.low_open else least} {low}"
    figure, _space, unit = low.partition(" ")
    return f"{figure if unit and high.endswith(f' {unit}') else low}—{high}"


_SIDES = ("低于", "不超过", "超过", "不少于")
_DAY_SIDES = ("早于", "不晚于", "晚于", "不早于")


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


def in_yuan(wan: str) -> str:
    """A figure in 万元 as yuan is written, ``500-1000`` as ``500-1000万``; a unit is kept."""
    if "万" in wan or "亿" in wan:
        return wan
    return re.sub(r"(\d)(?=\D*$)", r"\1万", wan)
