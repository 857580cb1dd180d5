"""Whether what an entry says can be meant: rules that can be true, places inside the issuer's, 万元 and 元.

A part of ``kb check``; :mod:`kb.domain.checks` says whether the terms exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from kb.domain.entry import Entry
from kb.domain.findings import Finding, Path
from kb.domain.relief import Comparison, Condition, Relief, Worth
from kb.domain.room import ORDERED, Bound, Room, as_bound, listed, meet, room_of
from kb.domain.taxonomy import NATION, Regions, Taxonomy

_AMOUNT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(万|亿)?元|(\d[\d,，]*(?:\.\d+)?)\s*(万|亿)")
_UNITS = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


def check_sense(entry: Entry, taxonomy: Taxonomy) -> Iterator[Finding]:
    """Everything in the entry that cannot be meant, in reading order. Its terms must exist."""
    yield from _places(entry, taxonomy.regions)
    for number, relief in enumerate(entry.reliefs):
        place: Path = ("reliefs", number)
        yield from _rules(relief, place, taxonomy)
        if relief.worth:
            yield from _worth(relief.worth, (*place, "worth"))


# -- places ----------------------------------------------------------------------------------------


def issuer_region(issuer: str, regions: Regions) -> str:
    """The region an issuer's name begins with, the nearest there is; the nation where it names none."""
    name = issuer.removeprefix("中共")
    named = [region.code for region in regions.all if name.startswith(region.name)]
    return max(named, key=lambda code: len(regions.path(code)), default=NATION)


def _places(entry: Entry, regions: Regions) -> Iterator[Finding]:
    issuers = {issuer_region(issuer, regions) for issuer in entry.issuers} or {NATION}
    for number, code in enumerate(entry.regions.include):
        if not _inside(code, issuers, regions):
            who = "、".join(regions.label(one) for one in sorted(issuers))
            message = f"{regions.label(code)}不在发文机关所在的{who}之内，请核对地区或发文机关"
            yield Finding(("regions", "include", number), message)
    for number, relief in enumerate(entry.reliefs):
        for path, code in _rule_regions(relief):
            if not _inside(code, entry.regions.include, regions):
                message = f"{regions.label(code)}不在本条目的适用地区之内"
                yield Finding(("reliefs", number, *path), message)


def _rule_regions(relief: Relief) -> Iterator[tuple[Path, str]]:
    for name in ("include", "exclude"):
        for number, code in enumerate(getattr(relief.audience.regions, name)):
            yield ("audience", "regions", name, number), code
    for number, condition in enumerate(relief.conditions):
        for test in condition.tests:
            if test.field == "region":
                for code in test.value if isinstance(test.value, tuple) else (test.value,):
                    yield ("conditions", number), str(code)


def _inside(code: str, outer: Iterable[str], regions: Regions) -> bool:
    return any(one in regions.path(code) for one in outer)


# -- rules -----------------------------------------------------------------------------------------


def _rules(relief: Relief, place: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    """Values that fit their fact, and conditions that can all hold at once."""
    wrong = False
    for number, condition in enumerate(relief.conditions):
        for finding in _values(condition, (*place, "conditions", number), taxonomy):
            wrong = True
            yield finding
    if not wrong:
        yield from _contradiction(relief, place, taxonomy)


def _values(condition: Condition, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    for test in condition.tests:
        fact = taxonomy.facts[test.field]
        if fact.type not in ORDERED:
            continue
        bounds = [as_bound(value, fact) for value in listed(test.value)]
        if None in bounds:
            wanted = "2020-06-30 这样的日期" if fact.type == "date" else "数字"
            yield Finding(path, f"{fact.label} 的 value 要写{wanted}")
        elif test.op == "between" and (len(bounds) != 2 or bounds[0] > bounds[1]):  # type: ignore[operator]
            yield Finding(path, f"{fact.label} 用 between 时写两个数，小的在前：[下限, 上限]")
        elif test.op != "between" and len(bounds) != 1:
            yield Finding(path, f"{fact.label} 用 {test.op} 时只写一个数")
        elif fact.type == "rate" and any(not 0 <= one <= 1 for one in bounds):  # type: ignore[operator]
            yield Finding(path, f"{fact.label} 是比率，写小数：5.5% 写 0.055")
        elif fact.type == "money":
            yield from _amounts(bounds, f"{condition.text}{condition.source}", path)


def _contradiction(relief: Relief, place: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    rooms: dict[str, Room] = {}
    if relief.audience.sizes:
        rooms["size"] = Room(keys=frozenset(relief.audience.sizes))
    for number, condition in enumerate(relief.conditions):
        possible = [
            (test.field, met)
            for test in condition.tests
            if not (met := meet(rooms.get(test.field, Room()), _room(test, taxonomy))).is_empty
        ]
        if condition.tests and not possible:
            message = "这一条和前面的条件（或 audience）不可能同时满足，请核对数值和比较符"
            yield Finding((*place, "conditions", number), message)
            return
        if len(condition.tests) == 1:
            rooms.update(possible)


def _room(test: Comparison, taxonomy: Taxonomy) -> Room:
    fact = taxonomy.facts[test.field]
    terms = getattr(taxonomy, fact.of, None) if fact.of and fact.of != "regions" else None
    every = frozenset(terms.by_key) if terms else frozenset(fact.choices)
    if fact.of == "regions":
        return Room()
    return room_of(test, fact, every if fact.type != "bool" else frozenset({"True", "False"}))


# -- amounts ---------------------------------------------------------------------------------------


def amounts_in(text: str) -> frozenset[Decimal]:
    """Every amount of money the text names, in yuan: ``不超过300万元`` is 3000000."""
    found = set()
    for match in _AMOUNT.finditer(text):
        figure, unit = match[1] or match[3], match[2] or match[4] or ""
        found.add(Decimal(re.sub(r"[,，]", "", figure)) * _UNITS[unit])
    return frozenset(found)


def _worth(worth: Worth, path: Path) -> Iterator[Finding]:
    if worth.rate is not None and not 0 <= worth.rate <= 10:
        yield Finding((*path, "rate"), "rate 是比率，写小数：50% 写 0.5，200% 写 2")
    if worth.floor is not None and worth.cap is not None and worth.floor > worth.cap:
        yield Finding((*path, "floor"), "floor 比 cap 大")
    for name in ("each", "floor", "cap"):
        value = getattr(worth, name)
        if value is not None:
            yield from _amounts([value], worth.text, (*path, name))


def _amounts(values: Iterable[Bound | None], text: str, path: Path) -> Iterator[Finding]:
    """A figure that the text does not name, but names ten thousand times as much or as little."""
    named = amounts_in(text)
    for value in values:
        if not isinstance(value, Decimal) or value in named:
            continue
        for meant in (value * 10_000, value / 10_000):
            if meant in named:
                message = f"原文是 {_yuan(meant)} 元，这里写了 {_yuan(value)}；金额一律写元"
                yield Finding(path, message)


def _yuan(value: Decimal) -> str:
    return f"{value.normalize():f}"
