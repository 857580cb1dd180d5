"""Looking after what is there: the overview, web addresses, and what members searched for in vain."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.ingest.fetching import agent
from kb.ingest.guard import PUBLIC
from kb.ingest.links import LINK, check_all
from kb.search import Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store import addresses, drafts, entries, searches, words
from kb.store.entries import to_json
from web import searchlog
from web.accounts import actor, nationwide
from web.desk.duplicates import found_pairs
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("upkeep", __name__, url_prefix="/desk/upkeep")
DAYS = (30, 90, 365)
AT_THE_DESK = replace(LINK, seconds=20.0)
"""Somebody waits for the answer."""
ROWS = 50
SHOWN = 300
"""How many addresses one page lists; the worst are among them."""
OFFERED = 8


@dataclass(frozen=True)
class Task:
    """One part of the upkeep on the overview: how many things wait, and what to do about them."""

    title: str
    address: str
    count: int
    what: str


@bp.get("/")
def index() -> ResponseReturnValue:
    """What there is to look after, with how much of it waits."""
    searchlog.log().write()
    states = Counter(one.state for one in addresses.lines(database()))
    since = site().today - timedelta(days=DAYS[0])
    missed = len(searches.missed(database(), "result", since))
    tasks = (
        Task(
            _("网址检查"),
            link("upkeep.links"),
            states["broken"] + states["suspect"],
            _("打不开的和可疑的网址，换成现在的。"),
        ),
        Task(_("疑似重复"), link("duplicates.index"), len(found_pairs()), _("看是不是同一件，是就合并。")),
        Task(
            _("搜不到的词"), link("upkeep.asked"), missed, _("会员搜过没有结果的词：补同义词、别名或条目。")
        ),
        Task(
            _("词表"), link("words.index"), len(words.listed(database())), _("工作台加的同义词和分词用的词。")
        ),
    )
    return render_template("desk/upkeep/index.html", tasks=tasks)


@bp.get("/links", endpoint="links")
def addresses_page() -> ResponseReturnValue:
    """Every address that entries point to with its state; ``state`` narrows to one."""
    lines = addresses.lines(database())
    wanted = request.args.get("state", "")
    return render_template(
        "desk/upkeep/links.html",
        lines=[one for one in lines if wanted in ("", one.state)][:SHOWN],
        shown=SHOWN,
        counts=Counter(one.state for one in lines),
        wanted=wanted,
        states=state_words(),
        roles=role_words(),
        failed_days=addresses.FAILED_DAYS,
    )


def state_words() -> dict[str, tuple[str, str]]:
    """What the states are called, each with its symbol, the worst first."""
    return {
        "broken": ("expired", _("打不开")),
        "suspect": ("stale", _("可疑")),
        "unknown": ("unstated", _("看不出")),
        "never": ("upcoming", _("没查过")),
        "ok": ("open", _("正常")),
    }


def role_words() -> dict[str, str]:
    """What an address is there for."""
    return {
        "source": _("来源"),
        "apply": _("办理入口"),
        "template": _("表格样本"),
        "attachment": _("附件"),
    }


@bp.post("/links/check")
def check() -> ResponseReturnValue:
    """Check one address that an entry uses, now."""
    url = request.form.get("url", "")
    if url not in {one.url for one in addresses.lines(database())}:
        abort(404)
    guard = current_app.config.get("GUARD", PUBLIC)
    (found,) = check_all(database(), [url], agent(site().settings), site().today, guard, AT_THE_DESK)
    flash(_("查过了：%(what)s", what=found.detail))
    return redirect(link("upkeep.links", state=request.form.get("state")), 303)


@bp.get("/searches")
def asked() -> ResponseReturnValue:
    """What members asked that found nothing, or of which nothing was opened."""
    searchlog.log().write()
    days = request.args.get("days", DAYS[0], type=int)
    days = days if days in DAYS else DAYS[0]
    since = site().today - timedelta(days=days)
    return render_template(
        "desk/upkeep/searches.html",
        nothing=searches.missed(database(), "result", since, ROWS),
        unopened=searches.missed(database(), "click", since, ROWS),
        total=searches.total(database(), since),
        settled=searches.settled(database(), ROWS),
        settlements=settlement_words(),
        days=days,
        choices=DAYS,
        kept=searches.KEPT.days,
    )


def settlement_words() -> dict[str, str]:
    """What came of a query."""
    return {
        "synonym": _("加了同义词"),
        "alias": _("加了别名"),
        "entry": _("开始写条目"),
        "ignored": _("不用管"),
    }


@bp.get("/searches/one")
def one_query() -> ResponseReturnValue:
    """One query: what it finds now, and the entries whose alias it could be (``find`` looks for others)."""
    query = _query(request.args.get("q", ""))
    find = request.args.get("find", "").strip()[:80]
    return render_template(
        "desk/upkeep/query.html",
        query=query,
        find=find,
        hits=_hits(find or query),
        weight=words.USUAL_WEIGHT,
    )


def _hits(text: str) -> tuple[Hit, ...]:
    wanted = Request(text, site().today, Filters(status=("all",)), limit=OFFERED, facets=False)
    return search(site().library, wanted).hits


def _query(text: str) -> str:
    return text if searches.may_be_kept(text) else abort(400)


@bp.post("/searches/settle")
def settle() -> ResponseReturnValue:
    """This query needs nothing."""
    searches.settle(database(), _query(request.form.get("q", "")), "ignored", nationwide().name)
    return redirect(link("upkeep.asked"), 303)


@bp.post("/searches/unsettle")
def unsettle() -> ResponseReturnValue:
    """Put a query back on the lists."""
    searches.unsettle(database(), _query(request.form.get("q", "")), nationwide().name)
    return redirect(link("upkeep.asked"), 303)


@bp.post("/searches/alias")
def alias() -> ResponseReturnValue:
    """A draft of an entry with the query as one more alias."""
    query, me = _query(request.form.get("q", "")), actor()
    held = entries.get(database(), request.form.get("entry", "").strip())
    if held is None or held.state != "published":
        flash(_("没有在发布的条目 %(id)s", id=request.form.get("entry", "")[:64]))
        return redirect(link("upkeep.one_query", q=query), 303)
    data = json.loads(to_json(held.entry))
    data["aliases"] = list(dict.fromkeys((*held.entry.aliases, query)))
    draft = drafts.create(database(), data, me.name, me.region, "edit", held.version.number)
    _settle_by_draft(query, "alias")
    flash(_("已起草稿，把“%(query)s”加成别名；看过以后发布。", query=query))
    return redirect(link("drafts.show", number=draft.id), 303)


@bp.post("/searches/begin")
def begin() -> ResponseReturnValue:
    """A draft of a new entry that answers the query."""
    query, me = _query(request.form.get("q", "")), actor()
    data = {"kind": "policy", "aliases": [query]}
    draft = drafts.create(database(), data, me.name, me.region, "desk")
    drafts.note(database(), draft.id, me.name, "comment", f"会员搜“{query}”没有找到合适的")
    _settle_by_draft(query, "entry")
    return redirect(link("editing.edit", number=draft.id), 303)


def _settle_by_draft(query: str, what: str) -> None:
    """A draft of the national office sees to a query for all; a branch's leaves it on the lists."""
    if actor().is_national:
        searches.settle(database(), query, what, actor().name)
