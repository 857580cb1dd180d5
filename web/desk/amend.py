"""登记延期或废止: a notice is entered once, what it changes is chosen, and everything else follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain import docnumber
from kb.domain.entry import Entry
from kb.domain.taxonomy import NATION
from kb.search import Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store import drafts, entries
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.site import database, site
from web.view import read_day

bp = Blueprint("amend", __name__, url_prefix="/desk/amend")
SHOWN = 12


@dataclass(frozen=True)
class Target:
    """A relief, or a whole entry without any, that may be ticked; ``value`` names it in a relation."""

    value: str
    entry: Entry
    title: str


@bp.get("/")
def index() -> ResponseReturnValue:
    """First what is changed is looked for and chosen (``to``), then the notice is written."""
    return _page({}, ())


def _page(
    form: dict[str, Any], problems: tuple[tuple[str, str], ...], status: int = 200
) -> ResponseReturnValue:
    chosen = list(dict.fromkeys(request.values.getlist("to")))
    page = render_template(
        "desk/amend.html",
        targets=[one for entry_id in chosen for one in _targets(entry_id)],
        chosen=chosen,
        found=_found(request.args.get("q", "").strip(), chosen),
        form=form,
        problems=dict(problems),
        offices=site().taxonomy.regions.provinces(),
        nation=NATION,
    )
    return page, status


def _targets(entry_id: str) -> Iterator[Target]:
    held = entries.get(database(), entry_id)
    if held is None or held.state != "published":
        return
    for relief in held.entry.reliefs:
        yield Target(f"{entry_id}#{relief.id}", held.entry, relief.title)
    if not held.entry.reliefs:
        yield Target(entry_id, held.entry, held.entry.title)


def _found(words: str, chosen: list[str]) -> list[Hit]:
    if not words:
        return []
    wanted = Request(
        words, site().today, Filters(status=("all",), kind=("policy",)), limit=SHOWN, facets=False
    )
    return [hit for hit in search(site().library, wanted).hits if hit.record.id not in chosen]


@bp.post("/")
def add() -> ResponseReturnValue:
    """A draft of the notice with its relations; what is wrong is said beside its field."""
    form = {name: request.form.get(name, "").strip() for name in request.form if name != "csrf_token"}
    ticked = request.form.getlist("relief")
    problems = tuple(_problems(form, ticked))
    if problems:
        return _page({**form, "relief": ticked}, problems, 422)
    me = actor()
    draft = drafts.create(database(), _record(form, ticked), me.name, me.region, "amend")
    return redirect(link("drafts.show", number=draft.id), 303)


def _problems(form: dict[str, str], ticked: list[str]) -> Iterator[tuple[str, str]]:
    if not form.get("title"):
        yield "title", _("写上通知的标题")
    if _day(form, "issued_on") is None:
        yield "issued_on", _("写成文日期，如 2026-11-20 或 2026年11月20日")
    if not ticked:
        yield "relief", _("勾选它延长或停止的事项，至少一项")
    if form.get("does") not in ("extends", "repeals"):
        yield "does", _("选一样：延长，还是停止")
    if _day(form, "day") is None:
        yield "day", _("写新的日期，如 2026-12-31")
    if form.get("number") and docnumber.parse(form["number"]) is None:
        yield "number", _("文号的写法像 财税〔2026〕12号、税务总局公告2026年第3号")


def _day(form: dict[str, str], name: str) -> date | None:
    return read_day(form.get(name, ""))


def _record(form: dict[str, str], ticked: list[str]) -> dict[str, Any]:
    """The notice as a record: no relief of its own, one relation for each that was ticked."""
    issued, day = _day(form, "issued_on"), _day(form, "day")
    extends = form["does"] == "extends"
    number = form.get("number") or None
    source = {"document": form["title"] + (f"（{number}）" if number else ""), "url": form.get("url", "")}
    record = {
        "kind": "policy",
        "title": form["title"],
        "promise": form.get("promise") or _promise(extends, str(day)),
        "doc_number": number,
        "issuers": [one for one in form.get("issuers", "").replace("，", "、").split("、") if one.strip()],
        "issued_on": str(issued),
        "regions": {"include": _places(ticked)},
        "relations": [_relation(one, extends, str(day), form.get("note", "")) for one in ticked],
        "sources": [{name: value for name, value in source.items() if value}],
    }
    return {name: value for name, value in record.items() if value}


def _promise(extends: bool, day: str) -> str:
    return f"原来的政策延长到 {day}。" if extends else f"原来的政策从 {day} 起停止执行。"


def _relation(target: str, extends: bool, day: str, note: str) -> dict[str, str]:
    what = {"type": "extends", "end": day} if extends else {"type": "repeals", "from": day}
    return {**what, "to": target, **({"note": note} if note else {})}


def _places(ticked: list[str]) -> list[str]:
    """Where the amended entries apply: a notice that moves them applies there too."""
    found: dict[str, None] = {}
    for target in ticked:
        held = entries.get(database(), target.partition("#")[0])
        found |= dict.fromkeys(held.entry.regions.include if held else ())
    return list(found)
