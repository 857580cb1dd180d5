"""What the lists of the form offer, and which comparisons fit which fact."""

from __future__ import annotations

from typing import Any

from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import choices_of
from web.i18n import _

Option = tuple[str, str]
ORDERED = ("number", "money", "rate")


def said(text: str) -> str:
    """A text of the form's data in the language of the page."""
    return _(text) if text else ""


def options_of(name: str, taxonomy: Taxonomy) -> tuple[Option, ...]:
    """The keys and labels of a list of the form."""
    if name in ("kinds", "types", "sizes", "channels", "doubts", "industries", "needs"):
        return tuple((term.key, term.label) for term in getattr(taxonomy, name))
    if name in ("facts", "figures"):
        facts = taxonomy.facts.values()
        return tuple(
            (one.key, one.label) for one in facts if name == "facts" or one.type in ("number", "money")
        )
    return _words()[name]


def blank_of(name: str) -> str:
    """What it means to choose nothing."""
    words = {
        "types": _("请选一个"),
        "facts": _("算不了，请人对照"),
        "figures": _("不算，只写文字"),
        "levels": _("部分核对"),
        "end_kinds": _("请选一个"),
        "channels": _("没写明"),
        "relations": _("请选一个"),
    }
    return words.get(name, _("没选"))


def _words() -> dict[str, tuple[Option, ...]]:
    return {
        "end_kinds": (
            ("dated", _("有截止日")),
            ("long_term", _("长期有效")),
            ("unstated", _("没见到截止日")),
            ("ended", _("已失效，不知道哪天失效")),
        ),
        "relations": (
            ("extends", _("延长它")),
            ("repeals", _("废止它")),
            ("amends", _("修改它，不动期限")),
            ("succeeds", _("接续它")),
            ("implements", _("落实它")),
            ("interprets", _("解读它")),
            ("answers", _("回应它")),
            ("excludes", _("不能和它同时享受")),
            ("stacks_with", _("可以和它叠加")),
        ),
        "levels": (("verified", _("已核对")), ("lead", _("线索：只见标题或开头"))),
        "operators": (),
    }


def operators_for(fact: Fact | None) -> tuple[Option, ...]:
    """The comparisons that fit a fact, in words; without a fact those of every type."""
    found = _operators()
    if fact is None:
        return tuple(dict(one for each in found.values() for one in reversed(each)).items())
    return found[fact.type]


def _operators() -> dict[str, tuple[Option, ...]]:
    figures = (
        ("le", _("不超过（含本数）")),
        ("lt", _("低于（不含本数）")),
        ("ge", _("不低于（含本数）")),
        ("gt", _("超过（不含本数）")),
        ("between", _("在两个数之间")),
        ("eq", _("等于")),
        ("ne", _("不等于")),
    )
    days = (
        ("ge", _("不早于（含当天）")),
        ("gt", _("晚于")),
        ("le", _("不晚于（含当天）")),
        ("lt", _("早于")),
        ("between", _("在两天之间")),
        ("eq", _("就在这一天")),
        ("ne", _("不在这一天")),
    )
    return {
        **dict.fromkeys(ORDERED, figures),
        "date": days,
        "bool": (("eq", _("应当")), ("ne", _("不应当"))),
        "choice": (("in", _("属于其中一种")), ("not_in", _("不属于")), ("eq", _("是")), ("ne", _("不是"))),
        "set": (("has", _("有其中一种")), ("in", _("属于其中一种")), ("not_in", _("没有"))),
    }


def facts_json(taxonomy: Taxonomy) -> dict[str, Any]:
    """What a script needs to fit comparison and value to the chosen fact."""
    facts = {
        one.key: {
            "type": one.type,
            "unit": one.unit,
            "of": one.of,
            "choices": list(choices_of(one, taxonomy).items()),
        }
        for one in taxonomy.facts.values()
    }
    return {"facts": facts, "operators": _operators()}


def choices_for(fact: Fact | None, taxonomy: Taxonomy) -> tuple[Option, ...]:
    """The values of a fact that are ticked from a list; none where they are typed."""
    return tuple(choices_of(fact, taxonomy).items()) if fact and fact.type in ("choice", "set") else ()
