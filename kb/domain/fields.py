"""What every field of the record is called, and how its value reads in words: for differences and forms.

Works on plain data (as JSON keeps it) that may be unfinished: a value of the wrong shape stands for itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from kb.domain.taxonomy import Fact, Taxonomy

Data = Mapping[str, Any]
Words = Callable[[Any, Data, Taxonomy], str]
"""A value in words; the second argument is what the value is a field of."""

_MOST_DIGITS = 30
END_KINDS = {"dated": "有截止日", "long_term": "长期有效", "unstated": "未写截止日", "ended": "已失效"}
RELATIONS = {
    "amends": "修改",
    "extends": "延长",
    "repeals": "废止",
    "succeeds": "接续",
    "implements": "落实",
    "interprets": "解读",
    "answers": "回应",
    "excludes": "不能同享",
    "stacks_with": "可以叠加",
}
LEVELS = {"verified": "已核对", "partial": "部分核对", "lead": "线索"}
OPERATORS = {
    "eq": "等于",
    "ne": "不等于",
    "lt": "低于",
    "le": "不高于",
    "gt": "高于",
    "ge": "不低于",
    "between": "介于",
    "in": "属于",
    "not_in": "不属于",
    "has": "具有",
}


def text(value: Any, _owner: Data, _taxonomy: Taxonomy) -> str:
    """Text as it is; a list on one line; whatever else as JSON."""
    if isinstance(value, list | tuple):
        return "、".join(text(one, {}, _taxonomy) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def _lines(value: Any, _owner: Data, taxonomy: Taxonomy) -> str:
    """A list of sentences, one a line."""
    return "\n".join(text(one, {}, taxonomy) for one in value) if isinstance(value, list) else str(value)


def _of(labels: Mapping[str, str]) -> Words:
    return lambda value, owner, taxonomy: labels.get(str(value), text(value, owner, taxonomy))


def _term(name: str) -> Words:
    """A key, or several, of one of the taxonomy's lists."""

    def words(value: Any, _owner: Data, taxonomy: Taxonomy) -> str:
        listed = value if isinstance(value, list) else [value]
        return "、".join(getattr(taxonomy, name).label(str(one)) for one in listed)

    return words


def number(value: Any) -> Decimal | None:
    """The figure that a value is, if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _MOST_DIGITS else None


def _plain(figure: Decimal) -> str:
    """``32,150`` and ``0.5``: no exponent, no zeros at the end."""
    whole, _dot, rest = f"{figure:,f}".partition(".")
    return f"{whole}.{rest.rstrip('0')}" if rest.rstrip("0") else whole


def _money(value: Any, owner: Data, taxonomy: Taxonomy) -> str:
    figure = number(value)
    return text(value, owner, taxonomy) if figure is None else f"{_plain(figure)} 元"


def _rate(value: Any, owner: Data, taxonomy: Taxonomy) -> str:
    figure = number(value)
    return text(value, owner, taxonomy) if figure is None else f"{_plain(figure * 100)}%"


def _fact(value: Any, owner: Data, taxonomy: Taxonomy) -> str:
    fact = taxonomy.facts.get(str(value))
    return fact.label if fact else text(value, owner, taxonomy)


def _compared(value: Any, owner: Data, taxonomy: Taxonomy) -> str:
    """What a fact is compared with: ``20 人``, ``3,000,000 元``, ``20%``, ``小型、微型``, ``是``."""
    fact = taxonomy.facts.get(str(owner.get("field", "")))
    listed = value if isinstance(value, list | tuple) else [value]
    mark = "—" if owner.get("op") == "between" else "、"
    return mark.join(_one_compared(one, fact, owner, taxonomy) for one in listed)


def _one_compared(value: Any, fact: Fact | None, owner: Data, taxonomy: Taxonomy) -> str:
    figure = number(value)
    if fact is None or isinstance(value, bool):
        return text(value, owner, taxonomy)
    if fact.of:
        return str(getattr(taxonomy, fact.of).label(str(value)))
    if figure is None or fact.type in ("choice", "set", "date"):
        return fact.choice(str(value))
    if fact.type == "rate":
        return _rate(value, owner, taxonomy)
    return f"{_plain(figure)} {owner.get('unit') or fact.unit}".strip()


def comparison_words(value: Any, taxonomy: Taxonomy) -> str:
    """``从业人数 不低于 20 人``."""
    if not isinstance(value, Mapping):
        return text(value, {}, taxonomy)
    name, op = _fact(value.get("field", ""), value, taxonomy), OPERATORS.get(str(value.get("op")), "")
    return " ".join(part for part in (name, op, _compared(value.get("value", ""), value, taxonomy)) if part)


def _any_of(value: Any, owner: Data, taxonomy: Taxonomy) -> str:
    if not isinstance(value, list):
        return text(value, owner, taxonomy)
    return "；或 ".join(comparison_words(one, taxonomy) for one in value)


@dataclass(frozen=True)
class Field:
    """One field: its label, how a value reads, what a missing one means (``default``), and what is in it.

    ``inner`` are the fields of a value that has its own; with ``many`` the value is a list of such, told
    apart by the fields in ``keys`` and called by the first of them that is filled in. The fields of a
    ``bare`` value need no word of where they are.
    """

    label: str
    words: Words = text
    default: Any = None
    figure: bool = False
    inner: Mapping[str, Field] = field(default_factory=dict)
    many: bool = False
    keys: tuple[str, ...] = ()
    bare: bool = False


def _object(label: str, inner: Mapping[str, Field]) -> Field:
    return Field(label, inner=inner, bare=True)


def _list(label: str, inner: Mapping[str, Field], *keys: str) -> Field:
    return Field(label, inner=inner, many=True, keys=keys)


_PERIOD = {
    "start": Field("开始日"),
    "end": Field("到期日"),
    "end_kind": Field("期限类型", _of(END_KINDS)),
    "note": Field("期限的原文"),
    "inferred": Field("到期日据什么推算"),
}
_REGIONS = {
    "include": Field("适用地区", _term("regions")),
    "exclude": Field("除外的地区", _term("regions")),
}
_AUDIENCE = {
    "sizes": Field("企业规模", _term("sizes")),
    "industries": Field("细分行业", _term("industries")),
    "regions": _object("地区", _REGIONS),
}
COMPARISON = {
    "field": Field("比哪一项", _fact),
    "op": Field("怎么比", _of(OPERATORS)),
    "value": Field("比较值", _compared, figure=True),
    "unit": Field("单位"),
}
"""What a condition compares: told apart where one of them changed, in one phrase where all are new."""
_CONDITION = {
    "text": Field("内容"),
    "source": Field("依据的原文"),
    **COMPARISON,
    "any": Field("满足一种即可", _any_of, inner=COMPARISON, many=True),
}
_WORTH = {
    "text": Field("好处的原文"),
    "base": Field("按什么计算", _fact),
    "rate": Field("比例", _rate, figure=True),
    "each": Field("每一个", _money, figure=True),
    "up_to": Field("只是上限", default=False),
    "months": Field("月数", figure=True),
    "floor": Field("起点", _money, figure=True),
    "cap": Field("最高", _money, figure=True),
}
_WINDOW = {
    "opens": Field("受理开始"),
    "closes": Field("受理截止"),
    "closed": Field("不再受理", default=False),
    "note": Field("受理说明"),
}
_LINK = {"title": Field("名称"), "url": Field("网址")}
_APPLY = {
    "channel": Field("办理渠道", _term("channels")),
    "where": Field("在哪里办"),
    "steps": Field("步骤", _lines),
    "materials": Field("材料"),
    "templates": _list("表格", _LINK, "title", "url"),
    "windows": _list("受理时间", _WINDOW, "opens", "closes", "note"),
    "handling_days": Field("办结工作日", figure=True),
    "url": Field("办理网址"),
    "contact": Field("咨询"),
}
_RELIEF = {
    "id": Field("编号"),
    "type": Field("支持类型", _term("types")),
    "title": Field("名称"),
    "what": Field("能得到什么"),
    "audience": _object("对象", _AUDIENCE),
    "conditions": _list("条件", _CONDITION, "text"),
    "worth": _object("好处", _WORTH),
    "period": _object("期限", _PERIOD),
    "apply": _object("怎么办", _APPLY),
}
_RELATION = {
    "type": Field("关系", _of(RELATIONS)),
    "to": Field("对方"),
    "to_number": Field("对方文号"),
    "end": Field("延长到"),
    "from": Field("停止执行的第一天"),
    "note": Field("说明"),
}
_SOURCE = {
    "document": Field("文件"),
    "section": Field("章节"),
    "url": Field("网址"),
    "snapshot": Field("快照", inner={"sha256": Field("哈希值"), "fetched_at": Field("取得时间")}),
}
_POINT = {
    "text": Field("内容"),
    "types": Field("支持类型", _term("types")),
    "needs": Field("困难", _term("needs")),
    "note": Field("说明"),
}
_PROFILE = {
    "sizes": Field("企业规模", _term("sizes")),
    "industries": Field("细分行业", _term("industries")),
    "business": Field("主要业务"),
    "problems": Field("遇到的困难", _lines),
    "demands": _list("诉求", _POINT, "text"),
}
_VERIFIED = {
    "level": Field("核对程度", _of(LEVELS), default="partial"),
    "doubts": Field("内容待核实"),
    "confirmed_on": Field("最近核对"),
    "confirmed_by": Field("核对人"),
}
ENTRY: Mapping[str, Field] = {
    "id": Field("编号"),
    "kind": Field("类别", _term("kinds")),
    "title": Field("标题"),
    "aliases": Field("别名"),
    "promise": Field("一句话好处"),
    "summary": Field("摘要"),
    "body": Field("详细内容"),
    "doc_number": Field("文号"),
    "doc_number_candidate": Field("待核的文号"),
    "issuers": Field("发文机关"),
    "issued_on": Field("成文日期"),
    "known_on": Field("公开日期"),
    "in_force": _object("期限", _PERIOD),
    "regions": _object("地区", _REGIONS),
    "reliefs": _list("支持事项", _RELIEF, "id"),
    "relations": _list("与其他文件的关系", _RELATION, "type", "to", "to_number"),
    "needs": Field("解决的困难", _term("needs")),
    "profile": Field("企业情况", inner=_PROFILE),
    "points": _list("要点", _POINT, "text"),
    "sources": _list("来源", _SOURCE, "document", "section"),
    "attachments": _list("附件", _LINK, "title", "url"),
    "verified": _object("核对", _VERIFIED),
}
"""Every field of the record, in its order."""
PRIVATE = frozenset({("doc_number_candidate",), ("verified", "confirmed_by")})
"""Fields that no reader outside the desk is ever shown."""
