"""A list of members as a sheet: its columns, which are the facts of the match form, and what a cell says.

Only what matching needs is read. Columns of people and telephones are not known here, so they are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.domain.company import Told
from kb.domain.taxonomy import Fact, Regions, Taxonomy
from kb.domain.telling import choices_of, in_yuan, tell
from kb.errors import KbError

SHEET, GUIDE, LISTS = "会员", "填表说明", "词表"
NAME, CODE, NEED = "name", "code", "need"
SEVERAL = "、"
_OWN = {NAME: "企业名称", CODE: "会员编号", NEED: "困难"}
_ALSO = {
    "单位名称": NAME,
    "公司名称": NAME,
    "会员名称": NAME,
    "会员单位": NAME,
    "名称": NAME,
    "编号": CODE,
    "会员号": CODE,
    "代码": CODE,
    "会员代码": CODE,
    "统一社会信用代码": CODE,
    "需求": NEED,
    "诉求": NEED,
    "主要困难": NEED,
    "地区": "region",
    "所在地区": "region",
    "省市": "region",
    "规模": "size",
    "行业": "industry",
    "细分行业": "industry",
    "人数": "headcount",
    "员工人数": "headcount",
    "职工人数": "headcount",
    "企业人数": "headcount",
    "营业收入": "revenue",
    "年营收": "revenue",
    "employees": "headcount",
}
IN_WAN = frozenset({"revenue", "assets", "taxable_income"})
"""Large sums, which people write in 万元: without a unit nobody knows what a bare figure means."""
_UNIT = re.compile(r"[（(]([^（）()]*)[）)]")
_BARE = re.compile(r"[\d.,\s—–~～至到-]+")
LONGEST_NEED = 80
_CITY = ("市", "州", "盟", "地区")
_BELOW = ("区", "县", "市", "旗", "镇", "乡", "街道", "村", "园")


@dataclass(frozen=True)
class Column:
    """A column of the list: the key of its fact, its header in the template, how to fill it in."""

    key: str
    title: str
    hint: str
    example: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A member as its row tells; ``row`` is the number in the spreadsheet."""

    row: int
    name: str
    code: str
    told: Told

    @property
    def called(self) -> str:
        """Its name, or its code where the list has no names."""
        return self.name or self.code

    @property
    def figures(self) -> tuple[object, ...]:
        """The same for companies that tell the same: what they get is the same too."""
        told = self.told
        rooms = tuple(sorted(told.rooms.items(), key=lambda pair: pair[0]))
        return (rooms, told.region, told.segments, told.certificates, told.need)


class CellError(KbError):
    """A cell that cannot be used, with what to do."""


def columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    """Every column of the template, those that members fill in first at the front."""
    facts = taxonomy.facts
    first = ("region", "size", "industry", "headcount", "revenue")
    own = (
        Column(NAME, _OWN[NAME], "企业名称和会员编号至少填一样", "某某通信工程有限公司"),
        Column(CODE, _OWN[CODE], "企业名称和会员编号至少填一样；用编号就不必写名称", "A-001"),
    )
    rest = tuple(_column(fact, taxonomy) for key, fact in facts.items() if key not in first)
    needs = tuple(term.label for term in taxonomy.needs if term.key not in taxonomy.needs_2020)
    need = Column(NEED, _OWN[NEED], "从词表里选，几项用、隔开；也可以写自己的话", needs[0], needs)
    return (*own, *(_column(facts[key], taxonomy) for key in first), need, *rest)


def _column(fact: Fact, taxonomy: Taxonomy) -> Column:
    name = fact.label.partition("（")[0]
    if fact.key in IN_WAN:
        return Column(fact.key, f"{name}（万元）", "数字或范围，单位万元", "500-1000")
    if fact.key == "region":
        hint = "省、市名称或六位行政区划代码；不写，各地的政策就只能是可能符合"
        return Column(fact.key, name, hint, "湖南省长沙市")
    labels = tuple(choices_of(fact, taxonomy).values()) if fact.type in ("choice", "set") else ()
    hint, example = _HINTS[fact.type]
    title = f"{name}（{fact.unit}）" if fact.unit else name
    return Column(fact.key, title, hint, example or (labels[0] if labels else ""), labels)


_HINTS = {
    "number": ("数字或范围", "10-29"),
    "money": ("数字或范围，单位见列名", "20000"),
    "rate": ("写成百分数", "5.5%"),
    "date": ("日期", "2026-12-31"),
    "bool": ("是 或 否", "是"),
    "choice": ("从词表里选", ""),
    "set": ("从词表里选，几项用、隔开；都没有就写 无", ""),
}


def key_of(header: str, taxonomy: Taxonomy) -> str | None:
    """The key of the column that a header names; ``None`` if it names none."""
    plain = unicodedata.normalize("NFKC", header).replace("*", "").strip()
    bare = _UNIT.sub("", plain).strip()
    for key, title in _OWN.items():
        if bare in (key, title):
            return key
    if bare in _ALSO:
        return _ALSO[bare]
    for key, fact in taxonomy.facts.items():
        if bare in (key, fact.label, fact.label.partition("（")[0]):
            return key
    return None


def is_header(line: Iterable[str], taxonomy: Taxonomy) -> bool:
    """Whether a line names columns, among them who a row is about and something of it."""
    keys = {key for cell in line if (key := key_of(cell, taxonomy))}
    return bool(keys & {NAME, CODE}) and len(keys) > 1


def unit_of(header: str) -> str:
    """What stands in the brackets of a header: ``万元``."""
    found = _UNIT.search(unicodedata.normalize("NFKC", header))
    return found[1].strip() if found else ""


def with_unit(text: str, key: str, unit: str, taxonomy: Taxonomy) -> str:
    """What a cell says with the unit of its column; :class:`CellError` where nobody can know it."""
    fact = taxonomy.facts.get(key)
    if fact is None or fact.type != "money" or not _BARE.fullmatch(unicodedata.normalize("NFKC", text)):
        return text
    if unit.startswith("万"):
        return in_yuan(text)
    if unit.startswith("元") or (not unit and key not in IN_WAN):
        return text
    if unit:
        raise CellError(f"列名里的单位「{unit[:10]}」不认识，请写 元 或 万元")
    raise CellError("不知道是元还是万元，请在列名后面写（万元），或在格子里写 800万")


def city_of(place: str, regions: Regions) -> str | None:
    """The code of the city that a place below one begins with (``长沙市岳麓区``).

    ``None`` for a region that is known itself, and where no city is named in full: 河北区 is not in 河北.
    """
    plain = "".join(unicodedata.normalize("NFKC", place).split())
    if not plain or regions.find(place) or not plain.endswith(_BELOW):
        return None
    starts = (plain[:at] for at in range(len(plain) - 1, 1, -1) if plain[:at].endswith(_CITY))
    found = (regions.find(start) for start in starts)
    return next((code for code in found if code and _is_city(code, regions)), None)


def _is_city(code: str, regions: Regions) -> bool:
    """Whether it lies in a province, or is a city of a province's rank."""
    return not code.endswith("0000") or regions.label(code).endswith("市")


def need_of(text: str, taxonomy: Taxonomy) -> str:
    """The need that a cell names: a key of the list, the labels of several, or the words themselves."""
    parts = [part for part in re.split(r"[,，、;；\n]+", text) if part.strip()]
    keys = [taxonomy.needs.find(part) for part in parts]
    if len(parts) == 1 and keys[0]:
        return keys[0]
    known = [taxonomy.needs.label(key) for key in keys if key]
    if len(known) == len(parts):
        return SEVERAL.join(known)
    if len(text) > LONGEST_NEED:
        raise CellError(f"最多 {LONGEST_NEED} 个字，请写短一些")
    return text.strip()


def told_of(cells: Mapping[str, str], taxonomy: Taxonomy) -> Told:
    """What a row's cells tell, by key and with units; :class:`KbError` for one that is not understood."""
    facts = [(key, text) for key, text in cells.items() if key in taxonomy.facts and text.strip()]
    return tell(taxonomy, facts, need=need_of(cells.get(NEED, ""), taxonomy))
