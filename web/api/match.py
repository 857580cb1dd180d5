"""Reliefs against a company. Figures that are to stand in no address are sent as the JSON body of a POST."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import in_yuan
from kb.outreach.matches import matches_json
from kb.outreach.message import caveat
from web.api import parameters
from web.api.kinds import Pair, Told, Words
from web.api.matchmodels import MatchAnswer
from web.api.parameters import MOST_VALUES, Given, Parameter
from web.api.problems import RefusedError, refuse
from web.api.serving import Resource, bp, respond, serve
from web.company import ALIASES, LONGEST_NEED, MANY, describe, named
from web.i18n import _
from web.matching import found_for
from web.params import Problem
from web.site import database, site
from web.view import view


def told(taxonomy: Taxonomy) -> tuple[Parameter, ...]:
    """What a company may tell: every fact by its key, and as the command line calls them."""
    facts = taxonomy.facts
    revenue = _("年营业收入，单位万元，也可以写 500-1000 或 800万")
    return (
        *(
            Parameter(key, Told(fact), revenue if key == "revenue" else _fact(fact), key in MANY)
            for key, fact in facts.items()
        ),
        Parameter("employees", Told(facts["headcount"]), _("同 headcount"), example="10-29"),
        Parameter("fact", Pair(), _("字段=值，可以写几个，如 rent=20000"), many=True),
        Parameter("need", Words(LONGEST_NEED), _("困难：清单里的代码或名称，或者自己的话")),
        parameters.as_of(),
        parameters.lang(),
    )


def _fact(fact: Fact) -> str:
    return fact.en if view().language == "en" and fact.en else fact.label


RESOURCE = Resource(
    "match",
    "/match",
    MatchAnswer,
    lambda: _("对照"),
    lambda: _(
        "同 kb match：一个支持事项一行，每个条件都有结果和依据。数字不想留在网址里就用 POST，"
        "正文是 JSON 对象，字段同名。"
    ),
    told,
    (),
    "region=430100&employees=10-29&size=small",
    told,
)


@serve(RESOURCE)
def show(given: Given) -> dict[str, Any]:
    """The matches of the company in the address."""
    return _matched(given)


@bp.post("/match", endpoint="match_posted")
def posted() -> ResponseReturnValue:
    """The matches of the company in the body; no cache keeps them."""
    if not request.is_json:
        raise RefusedError("not-json")
    refuse(_in_the_address())
    body = _body()
    given = parameters.read(told(site().taxonomy), MultiDict(_texts(body)), site().taxonomy)
    return respond(RESOURCE, _matched(given), keep=False)


def _in_the_address() -> Iterator[Problem]:
    for name in request.args:
        if name not in ("as_of", "lang"):
            yield Problem(name[:40], "", _("用 POST 时 %(name)s 要写在正文里", name=name[:40]))


def _body() -> dict[str, Any]:
    """The object that was sent; what of the address may stand there is taken in where the body is silent."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        refuse([Problem("body", "", _('请求的正文要是一个 JSON 对象，如 {"region": "430100"}'))])
        return {}
    return {**request.args.to_dict(), **body}


def _texts(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The members of a JSON object as texts, a list as several of one name."""
    found, problems = [], []
    for name, value in body.items():
        listed = value[: MOST_VALUES + 1] if isinstance(value, list) else [value]
        for one in listed:
            if isinstance(one, bool | int | float | str):
                found.append((_clean(name), _text(one)))
            else:
                what = _("%(name)s 要是文字、数字、true 或 false，或者它们的列表", name=_clean(name)[:40])
                problems.append(Problem(_clean(name)[:40], "", what))
    refuse(problems)
    return found


def _text(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _clean(value) if isinstance(value, str) else f"{Decimal(str(value)):f}"


def _clean(text: str) -> str:
    """Text without the halves of pairs that JSON can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _matched(given: Given) -> dict[str, Any]:
    described = describe(_values(given), site().taxonomy)
    refuse([*_unknown(given), *described.problems])
    found = found_for(database(), site().library, described, given.day() or site().today)
    return {**matches_json(found), "caveat": caveat(site().settings.organiser)}


def _values(given: Given) -> MultiDict[str, str]:
    """What was told by the keys of facts; of revenue without a unit it is known that it is 万元."""
    values = named(given.texts)
    if "revenue" in values:
        values.setlist("revenue", [in_yuan(one) for one in values.getlist("revenue")])
    return values


def _unknown(given: Given) -> Iterator[Problem]:
    """What ``fact`` names that is no fact."""
    facts = site().taxonomy.facts
    accepted = tuple({"value": key, "label": fact.label} for key, fact in facts.items())
    for text in given.all("fact"):
        name, equals, value = str(text).partition("=")
        known = ALIASES.get(name.strip(), name.strip()) in facts
        if not (known and equals and value.strip()):
            what = _("fact 要写成 字段=值，如 rent=20000；字段可用：%(known)s", known="、".join(facts))
            yield Problem("fact", str(text)[:40], what, accepted)
