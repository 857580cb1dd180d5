"""Figures in a part of a sentence: a cap, an amount a head, months, a share; and the days between which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kb.domain.dates import WordedDate, find_lengths, parse_date
from kb.domain.sense import amounts_in
from kb.ingest.proposals.grants import Grant

_MONEY = r"\d[\d,，]*(?:\.\d+)?\s*(?:万|亿)?元"
_CAP = re.compile(
    rf"(?:最高(?:不超过|可达|给予|补贴|奖励|补助|支持|限额)?|上限(?:为|不超过)?|(?:累计|总额|合计|年度)?不超过|封顶)(?P<money>{_MONEY})"
    r"(?!以[上下]|的部分|[^，,。；]{0,12}(?:贷款|授信|融资|借款)|但|且)"
)
_NOT_WORTH = re.compile(
    r"(?:所得额?|销售额|收入|资产|总额的|利润|余额|缴费|投资额?|合同|授信|单户|每人|每名|贷款|(?<!最高)(?<!补贴)(?<!补助)(?<!奖励)额度|产值|价款|限额以)[^，,；;]{0,16}$"
)
_A_HEAD = re.compile(
    rf"每(?:新)?(?:招用|吸纳|招收|录用)?1?(?:一)?(?:人|名)(?:员工|毕业生)?[^，,。；月年天日]{{0,8}}?(?P<money>{_MONEY})(?!\s*[/／]|每)"
)
_PER_TIME = re.compile(rf"{_MONEY}\s*(?:[/／]|每)?(?:人)?[/／·]?(?:月|年|天|日)")
_MONTHS = re.compile(
    r"(?:期限|最长|免[收征除缴]|减半(?:收取|征收)?|减免|缓缴)(?:期限)?(?:最长)?(?:一般)?(?:为|不超过)?(?P<length>[0-9一二三四五六七八九十两]{1,3}个月)(?!至|到|[-—－~～])"
)
_NAMED_MONTHS = re.compile(r"(?<![\d个])(\d{1,2})(?=月份?|[、，,和]\d{1,2}月)(?!月(?:\d|底|末|前))(?!\d)")
_UNCLEAR = re.compile(r"\d月?份?\s*[至到—－～~-]\s*\d{1,2}个?月|年\d{1,2}月(?!份)|延长")
"""Months from and to, a month that may be a date, a stretch that was longer before: no count of months."""
_THREE = re.compile(r"养老.{0,12}失业.{0,12}工伤|三项社(?:会)?保(?:险)?")
_ADDED = re.compile(r"除[^，,。]{4,40}外")
"""What is added to a rent already remitted."""
_SHARE = re.compile(r"(?<![\d.])(?P<rate>\d{1,2}(?:\.\d+)?)[%％](?:结算|计收|收取)")


def worth(grant: Grant) -> dict[str, Any]:
    """The wording always; figures only where the words leave one reading."""
    bare, words = grant.piece.bare, grant.piece.words
    found: dict[str, Any] = {"text": words.rstrip("。；;，,")}
    cap = _one_amount(bare, _CAP)
    if cap is not None and not _PER_TIME.search(bare):
        found["cap"] = cap
    each = _one_amount(bare, _A_HEAD) if grant.type in ("jobs", "training") else None
    if (
        each is not None
        and grant.type == "jobs"
        and not _PER_TIME.search(bare)
        and re.search("招用|吸纳|招收|录用", bare)
    ):
        found |= {"base": "new_hires", "each": each}
        found |= {"up_to": True} if re.search(r"每(?:人|名)[^，,。；]{0,8}(?:不超过|最高)", bare) else {}
    months = _months(bare)
    if months:
        found["months"] = months
    if "each" not in found:
        found = {**found, **_share(grant, bare), **({"months": months} if months else {})}
    return found


def _one_amount(text: str, pattern: re.Pattern[str]) -> str | None:
    """The amount that the pattern finds, in yuan; ``None`` where it finds several or of something else."""
    amounts = {
        match["money"] for match in pattern.finditer(text) if not _NOT_WORTH.search(text[: match.start()])
    }
    if len(amounts) != 1:
        return None
    values = amounts_in(re.sub(r"[,，]", "", amounts.pop()))
    return f"{next(iter(values)).normalize():f}" if len(values) == 1 else None


def _months(text: str) -> int | None:
    lengths = {match["length"] for match in _MONTHS.finditer(text)}
    found = find_lengths(lengths.pop()) if len(lengths) == 1 else []
    return found[0].count if len(found) == 1 and 0 < found[0].count <= 60 else None


def _share(grant: Grant, text: str) -> dict[str, Any]:
    """The share of a known figure that is saved, where thing and deed name exactly that figure."""
    rate = _rate(text)
    if grant.type == "social-insurance" and rate and _THREE.search(text) and "单位缴费" in text:
        return {"base": "social_contributions", "rate": rate}
    if grant.type == "rent" and rate and not (_ADDED.search(text) or _UNCLEAR.search(text)):
        return {**_months_named(text), "base": "rent", "rate": rate}
    if grant.type == "tax" and rate == "1" and grant.thing in ("残疾人就业保障金", "残保金"):
        return {"base": "disability_levy", "rate": rate}
    if grant.type == "energy" and (said := list(_SHARE.finditer(text))) and len(said) == 1 and "电费" in text:
        return {"base": "electricity_cost", "rate": f"{1 - Decimal(said[0]['rate']) / 100:f}"}
    return {}


def _months_named(text: str) -> dict[str, int]:
    """Two months for ``免收2、3月租金``; nothing where none is named."""
    named = len(set(_NAMED_MONTHS.findall(text)))
    return {"months": named} if named else {}


def _rate(text: str) -> str | None:
    if re.search(r"或者?|全免|减免(?!50)|可减可免", text):
        return None
    whole = bool(re.search(r"免征|免收|免除|免缴", text))
    half = bool(re.search(r"减半|减按50[%％]|减免50[%％]", text))
    return None if whole == half else "1" if whole else "0.5"


# -- days ------------------------------------------------------------------------------------------

_N = r"[0-9〇零○一二三四五六七八九十]"
_DAY = rf"{_N}{{4}}年{_N}{{1,3}}月(?:{_N}{{1,3}}[日号])?"
_LATER = rf"(?:{_N}{{4}}年)?{_N}{{1,3}}月(?:{_N}{{1,3}}[日号]|底|末)?"
_RANGE = re.compile(rf"(?P<from>{_DAY})(?:\s*起)?\s*(?:至|到|—+|-|－|～|~)\s*(?P<to>{_LATER})")
_REFERRED = re.compile(
    r"^[^，,。；]{0,12}(?:缴纳|毕业|到期|出生|注册|登记|成立|招用|新招|发生|取得|采购|购置|购进|新购|参保|投放|发放|确诊|申报|申请|受理|提交|报名|所属期)"
)


@dataclass(frozen=True)
class Stretch:
    """A first and a last day as the words give them; months without a day are taken whole."""

    first: date
    last: date
    wording: str


def stretch(grant: Grant) -> Stretch | None:
    """The only stretch of days in the piece, unless it says when something else was paid, bought or due."""
    bare = grant.piece.bare
    matches = list(_RANGE.finditer(bare))
    if len(matches) != 1 or _REFERRED.search(bare[matches[0].end() :]):
        return None
    return stretch_of(matches[0]["from"], matches[0]["to"], matches[0][0])


def stretch_of(first: str, last: str, wording: str) -> Stretch | None:
    """The days from ``2020年2月`` to ``6月底``; ``None`` where the calendar or the order forbids it."""
    begins = parse_date(first)
    year = re.match(rf"{_N}{{4}}年", first)
    ends = _end(last if re.match(rf"{_N}{{4}}年", last) else (year[0] if year else "") + last)
    if not begins or not ends or ends.last < begins.first:
        return None
    return Stretch(begins.first, ends.last, wording)


def _end(text: str) -> WordedDate | None:
    return parse_date(re.sub(r"[底末]$", "", text))
