"""Whom a part of a sentence means: sizes, what a company must be or have, places in and places out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from kb.domain.proposal import Proposal
from kb.domain.sense import amounts_in
from kb.domain.taxonomy import Regions, Taxonomy
from kb.ingest.proposals.sentences import Piece

_NOT_A_PAPER = (
    r"(?!应当?|须|必须|不得|要|促进|发展|服务|公共|主管|工作|划型|协会|局|处|司|融资担保|信用|创业|基地|园|"
    r"数字化转型试点|特色|板)"
)
"""What may not follow: the name of a law or an office, and what those companies themselves have to do."""
_SIZES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(rf"中小微(?:企业|工业企业){_NOT_A_PAPER}"), ("micro", "small", "medium")),
    (re.compile(rf"(?<!专精特新)(?<!科技型)(?<!创新型)中小企业{_NOT_A_PAPER}"), ("micro", "small", "medium")),
    (re.compile(rf"(?<!中)小微(?:企业){_NOT_A_PAPER}|小型微型企业|小型、微型企业"), ("micro", "small")),
    (re.compile(rf"大型企业{_NOT_A_PAPER}"), ("large",)),
)


def sizes(piece: Piece) -> tuple[str, ...]:
    """The size classes that a piece is about; none where it names two groups or also others."""
    bare = piece.bare
    if re.search(
        r"等(?:其他|各类)?(?:参保)?(?:企业|单位|市场主体|经营主体)|各类企业|所有企业|个体工商户|农户|个人|重点群体|重点(?:面向|支持|扶持)|优先|"
        r"特别是|尤其|包括|渡过?难关|助力|统筹|若干(?:政策)?措施|提供保障|降低[^，。]{0,16}成本",
        bare,
    ):
        return ()
    found = {keys for pattern, keys in _SIZES if pattern.search(bare)}
    return found.pop() if len(found) == 1 else ()


# -- conditions ------------------------------------------------------------------------------------

_AT_MOST = r"(?:不超过|不高于|不足|低于|少于|未超过|小于)"
_AT_LEAST = r"(?:不低于|不少于|达到|超过|满)"
_MONEY = r"(?P<value>\d[\d,，]*(?:\.\d+)?\s*(?:万|亿)?元)"
_COUNT = r"(?P<value>\d{1,6})\s*人"
_OPS = {"不足": "lt", "低于": "lt", "少于": "lt", "小于": "lt", "超过": "gt"}
_FIGURES: tuple[tuple[str, str, str], ...] = (
    ("taxable_income", r"(?:年度?)?应纳税所得额", _MONEY),
    ("monthly_sales", r"月销售额", _MONEY),
    ("revenue", r"(?:年)?营业收入|年收入", _MONEY),
    ("assets", r"资产总额", _MONEY),
    ("headcount", r"从业人[员数](?:数)?|职工(?:总)?人数|职工总数", _COUNT),
    ("insured_headcount", r"参保(?:职工)?人数", _COUNT),
)
_SAYS = tuple(
    (
        fact,
        re.compile(
            rf"(?P<fact>{names})(?:均)?(?:在)?(?:(?P<op>{_AT_MOST}|{_AT_LEAST}){value}"
            rf"|{value.replace('value', 'below')}(?:[（(]含(?:本数)?[）)])?以(?P<side>[下内上]))"
            r"(?!但|且|至|[^，,。；]{0,14}部分)"
        ),
    )
    for fact, names, value in _FIGURES
)
_LAYOFFS = re.compile(
    r"裁员率(?P<op>不高于|不超过|低于)(?:[^，,。；\d]{0,20})(?P<value>\d{1,2}(?:\.\d+)?)[%％]"
)
_MONTHS_PAID = re.compile(
    r"(?:足额|连续|累计|依法)?(?:参保)?(?:足额)?缴纳失业保险费?(?:满)?(?P<value>\d{1,2})个月(?:[（(]含[）)])?以上"
)
_FLAGS: tuple[tuple[re.Pattern[str], str, str, Any, str], ...] = (
    (
        re.compile(r"(?:对|符合条件的?|属于|为|是)[^，,。；]{0,12}小型微利企业|小型微利企业(?:年|的)"),
        "low_profit",
        "eq",
        True,
        "小型微利企业",
    ),
    (re.compile(r"增值税小规模纳税人"), "taxpayer", "eq", "small-scale", "增值税小规模纳税人"),
    (
        re.compile(r"承租(?:[^，,。；]{0,14})国有(?:资产|房屋|房产|物业|用房|经营性房)"),
        "landlord_state_owned",
        "eq",
        True,
        "承租国有房屋",
    ),
    (re.compile(r"从事国家非限制和禁止行业"), "sector_restricted", "eq", False, "从事国家非限制和禁止行业"),
)
_CERTIFIED = re.compile(
    r"对[^，,。；]{0,16}?(?P<name>高新技术企业|科技型中小企业|创新型中小企业|专精特新中小企业|专精特新[“\"]小巨人[”\"]企业)(?=[，,]|(?:给予|按))"
)


def conditions(piece: Piece, taxonomy: Taxonomy) -> Iterator[Proposal]:
    """What a company must be or have, as comparisons, each on its own words. ``field`` is to be set."""
    for fact, pattern in _SAYS:
        match = _only(pattern, piece)
        if match and (value := _compared(fact, match, taxonomy)):
            yield _condition(piece, match, value)
    yield from _of_insurance(piece)
    for pattern, field, op, held, words in _FLAGS:
        match = pattern.search(piece.bare)
        if match and not _is_one_of_several(piece.bare, match):
            yield _condition(piece, match, {"text": words, "field": field, "op": op, "value": held})
    yield from _certificates(piece, taxonomy)


def _only(pattern: re.Pattern[str], piece: Piece) -> re.Match[str] | None:
    """The match of a pattern in the piece; ``None`` where there are several."""
    matches = list(pattern.finditer(piece.bare))
    return matches[0] if len(matches) == 1 else None


def _is_one_of_several(text: str, match: re.Match[str]) -> bool:
    return bool(re.search(r"和|及|、|或", text[max(0, match.start() - 1) : match.end() + 2]))


def _of_insurance(piece: Piece) -> Iterator[Proposal]:
    """How many may have been laid off, and for how long insurance was paid."""
    layoffs, paid = _only(_LAYOFFS, piece), _only(_MONTHS_PAID, piece)
    if layoffs and not re.search("30人|三十人|城镇调查失业率|控制目标", piece.bare):
        rate = f"{Decimal(layoffs['value']) / 100:f}"
        op = _OPS.get(layoffs["op"], "le")
        yield _condition(piece, layoffs, {"field": "layoff_rate", "op": op, "value": rate})
    if paid:
        value = {"field": "insured_months", "op": "ge", "value": int(paid["value"]), "unit": "月"}
        yield _condition(piece, paid, value)


def _certificates(piece: Piece, taxonomy: Taxonomy) -> Iterator[Proposal]:
    match = _only(_CERTIFIED, piece)
    labels = {label: key for key, label in taxonomy.facts["certificates"].choices.items()}
    key = labels.get(match["name"].replace('"', "“", 1).replace('"', "”")) if match else None
    if match and key:
        value = {"text": match["name"], "field": "certificates", "op": "has", "value": key}
        yield _condition(piece, match, value)


def _compared(fact: str, match: re.Match[str], taxonomy: Taxonomy) -> dict[str, Any] | None:
    said = match["value"] or match["below"]
    figure: Any
    if "元" in said:
        amounts = amounts_in(re.sub("[,，]", "", said))
        figure = int(next(iter(amounts))) if len(amounts) == 1 else None
    else:
        figure = int(re.sub(r"\D", "", said))
    if figure is None:
        return None
    word = match["op"] or ""
    if match["side"]:
        op = "ge" if match["side"] == "上" else "le"
    else:
        op = _OPS.get(word) or ("le" if re.fullmatch(_AT_MOST, word) else "ge")
    return {"field": fact, "op": op, "value": figure, "unit": taxonomy.facts[fact].unit}


def _condition(piece: Piece, match: re.Match[str], value: dict[str, Any]) -> Proposal:
    """A condition on the words that matched; its own text is those words unless ``value`` has another."""
    start, end = piece.start + match.start(), piece.start + match.end()
    quote = piece.text[start:end]
    whole = {"text": quote, "source": piece.words, **value}
    return Proposal("", whole, quote, start, end, "certain")


# -- places and channel ----------------------------------------------------------------------------

_OUTSIDE = re.compile(
    r"除(?P<place>[\u4e00-\u9fff]{2,8}?)(?:以)?外(?:的)?(?:各|其他|其余|地区|省|[，,])"
    r"|[，,（(](?P<but>[\u4e00-\u9fff]{2,8}?)除外"
)
_ONLY = re.compile(r"^(?:对)?(?P<place>[\u4e00-\u9fff]{2,8}?)(?:各类|的|可(?:以)?(?:免|将|对))")


def excluded(piece: Piece, regions: Regions) -> tuple[str, ...]:
    """The region that a piece leaves out: ``除湖北省外的各省``, ``，长沙市除外``."""
    found = {regions.find(match["place"] or match["but"]) for match in _OUTSIDE.finditer(piece.bare)}
    return tuple(one for one in found if one) if len(found) == 1 else ()


def included(piece: Piece, regions: Regions) -> tuple[str, ...]:
    """The one region that a piece of a nation-wide paper speaks of at its beginning: ``湖北省各类……``."""
    match = _ONLY.search(piece.bare)
    code = regions.find(match["place"]) if match else None
    return (code,) if code and code != "100000" else ()


_CHANNELS = (
    (
        re.compile(r"免申即享|无需(?:企业)?(?:另行)?申请|不用申请|直接(?:减免|返还|发放至)|后台数据比对"),
        "automatic",
    ),
    (re.compile(r"告知承诺"), "pledge"),
    (re.compile(r"自行判别、?申报享受|留存备查|申报享受|通过填写.{0,10}申报表"), "declare"),
)


def channel(piece: Piece) -> tuple[str, tuple[int, int]] | None:
    """The way to apply that a piece names, and where its words are."""
    for pattern, key in _CHANNELS:
        match = pattern.search(piece.bare)
        if match and not re.search(r"不(?:再)?(?:实行|适用|采取)", piece.bare):
            return key, (piece.start + match.start(), piece.start + match.end())
    return None
