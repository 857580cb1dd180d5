"""疑似重复: pairs of entries that may be one, side by side, to be merged or kept apart."""

from __future__ import annotations

import json
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.differences import differences
from kb.domain.entry import Entry
from kb.errors import KbError
from kb.ingest.duplicates import Pair, card_of, compared, pairs_of
from kb.search.indexing import catch_up
from kb.store import apart, changes, entries, merging
from kb.store.database import open_database
from kb.store.entries import to_json
from web.accounts import actor
from web.desk.options import options_of
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("duplicates", __name__, url_prefix="/desk/duplicates")
LONGEST = 400


def found_pairs() -> list[Pair]:
    """The pairs among what is published now, less those known to be two."""
    known = apart.pairs(database())
    found = _pairs_at(site().settings.database, changes.last_number(database()))
    return [pair for pair in found if (pair.one, pair.other) not in known]


@lru_cache(maxsize=2)
def _pairs_at(path: Path, _change: int) -> tuple[Pair, ...]:
    """The pairs after one change, found once: ten thousand entries take some seconds."""
    with closing(open_database(path)) as db:
        return tuple(pairs_of(card_of(data) for data in entries.all_data(db)))


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every pair with why, the surest first; then those that were looked at and kept apart."""
    pairs, known = found_pairs(), apart.listed(database())
    ids = {name for pair in pairs for name in (pair.one, pair.other)}
    ids |= {name for two in known for name in (two.one, two.other)}
    return render_template(
        "desk/upkeep/duplicates.html",
        pairs=pairs,
        apart=known,
        titles={one: held.entry.title for one in ids if (held := entries.get(database(), one))},
        why=why_words(),
    )


def why_words() -> dict[str, str]:
    """Why two entries may be one."""
    return {"number": _("文号相同"), "title": _("标题几乎一样"), "text": _("内容几乎一样")}


@bp.get("/pair")
def pair() -> ResponseReturnValue:
    """Two entries side by side: where they differ, what either would take over, what is in the way."""
    return _page(_published("one"), _published("other"))


def _published(field: str) -> Entry:
    held = entries.get(database(), request.values.get(field, ""))
    return held.entry if held and held.state == "published" else abort(404)


def _page(one: Entry, other: Entry, message: str = "", status: int = 200) -> ResponseReturnValue:
    if one.id == other.id:
        abort(404)
    before, after = (json.loads(to_json(entry)) for entry in (one, other))
    page = render_template(
        "desk/upkeep/pair.html",
        one=one,
        other=other,
        pair=compared(card_of(before), card_of(after)),
        why=why_words(),
        changes=[row for row in differences(before, after, site().taxonomy) if row.path[:1] != ("id",)],
        plans=[merging.plan(database(), kept.id, gone.id) for kept, gone in ((one, other), (other, one))],
        parts=part_words(),
        relations=dict(options_of("relations", site().taxonomy)),
        message=message,
        ours=not _others(one, other),
        reason=request.form.get("reason", ""),
    )
    return page, status


def part_words() -> dict[str, str]:
    """What can be taken over from the one that goes."""
    return {
        "aliases": _("标题和别名"),
        "needs": _("对应的困难"),
        "sources": _("来源"),
        "attachments": _("附件"),
        "relations": _("与其他文件的关系"),
    }


@bp.post("/apart")
def keep_apart() -> ResponseReturnValue:
    """These are two."""
    one, other = _published("one"), _published("other")
    try:
        _check_office(one, other)
    except KbError as error:
        return _page(one, other, str(error), 422)
    apart.keep_apart(database(), one.id, other.id, actor().name)
    flash(_("记下了：%(one)s 和 %(other)s 不是同一件。", one=one.id, other=other.id))
    return redirect(link("duplicates.index"), 303)


@bp.post("/together")
def undo_apart() -> ResponseReturnValue:
    """Look at the two again."""
    one, other = request.form.get("one", ""), request.form.get("other", "")
    held = [found.entry for name in (one, other) if (found := entries.get(database(), name))]
    try:
        _check_office(*held)
    except KbError as error:
        flash(str(error))
        return redirect(link("duplicates.index"), 303)
    apart.forget(database(), one, other, actor().name)
    return redirect(link("duplicates.index"), 303)


@bp.post("/merge")
def merge() -> ResponseReturnValue:
    """Merge one into the other; what is in the way is said, and nothing has happened."""
    stays, goes, me = _published("stays"), _published("goes"), actor()
    reason = request.form.get("reason", "").strip()[:LONGEST]
    try:
        plan = merging.plan(database(), stays.id, goes.id)
        _check_office(stays, goes, *plan.pointing)
        if not reason:
            raise KbError(_("合并要写明理由，以后查历史看得到"))
        carried = [name for name in merging.CARRIED if f"carry-{name}" in request.form]
        merging.merge(database(), stays.id, goes.id, me.name, reason, carried)
    except KbError as error:
        return _page(stays, goes, str(error), 422)
    catch_up(site().library.settings, database())
    flash(_("%(goes)s 已并入 %(stays)s，原来的网址会转到这里。", goes=goes.id, stays=stays.id))
    return redirect(link("acts.show", entry_id=stays.id), 303)


def _check_office(*touched: Entry) -> None:
    """:class:`KbError` where one of the entries is another office's."""
    others = _others(*touched)
    if others:
        raise KbError(_("%(ids)s 不归本办公室管，请报全国办公室处理", ids="、".join(others)))


def _others(*touched: Entry) -> list[str]:
    """The ids of those that are another office's."""
    regions, me = site().taxonomy.regions, actor()
    return [entry.id for entry in touched if not me.covers(entry.regions.include, regions)]
