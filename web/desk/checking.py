"""核对模式: one entry after the other beside its original; three answers, then the next comes by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import cast

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.timeline import Trust
from kb.errors import KbError
from kb.outreach.agenda import agenda_on
from kb.search.indexing import catch_up
from kb.store import checking, drafts, entries
from kb.store.checking import Result
from kb.store.entries import Published, to_json
from web.accounts import actor
from web.desk.preview import preview_html
from web.i18n import _
from web.links import link
from web.site import database, site
from web.view import view

bp = Blueprint("checking", __name__, url_prefix="/desk/checking")
LEFT_ALONE = timedelta(days=30)
"""How long an entry whose original was not found is not asked about again."""


def queue() -> list[str]:
    """The ids that want checking, the longest unchecked first, less those looked for in vain lately."""
    agenda = agenda_on(site().library, database(), actor(), site().today)
    last = checking.last_checks(database())
    since = site().today - LEFT_ALONE
    in_vain = {key for key, one in last.items() if one.result != "same" and one.day > since}
    return [hit.record.id for hit in agenda.due if hit.record.id not in in_vain]


@bp.get("/")
def index() -> ResponseReturnValue:
    """The next entry to check; ``entry`` asks for a certain one, ``after`` passes one over."""
    waiting = queue()
    asked, after = request.args.get("entry", ""), request.args.get("after", "")
    if asked:
        return _page(_published(asked), waiting)
    at = waiting.index(after) + 1 if after in waiting else 0
    following = waiting[at:] or waiting[:at]
    return _page(_published(following[0]) if following else None, waiting)


def _published(entry_id: str) -> Published:
    held = entries.get(database(), entry_id)
    if held is None or held.state != "published":
        abort(404)
    return held


def _page(held: Published | None, waiting: list[str]) -> ResponseReturnValue:
    return render_template(
        "desk/checking.html",
        held=held,
        entry=held.entry if held else None,
        lapsed=held is not None and Trust.of(held.entry).has_lapsed(site().today),
        member_view=preview_html(held.entry, view().day) if held else "",
        left=len(waiting),
        done=checking.done_on(database(), site().today, actor().name),
        last=checking.last_checks(database()).get(held.entry.id) if held else None,
    )


@bp.post("/<entry_id>")
def answer(entry_id: str) -> ResponseReturnValue:
    """What came out of the comparison; a change leads to the form, anything else to the next entry."""
    held, me, result = _published(entry_id), actor(), request.form.get("result", "")
    if result not in ("same", "changed", "missing") or not me.covers(
        held.entry.regions.include, site().taxonomy.regions
    ):
        abort(403)
    version = request.form.get("version", type=int) or 0
    try:
        checking.record(database(), entry_id, version, cast(Result, result), me, site().today)
    except KbError as error:
        flash(str(error))
        return redirect(link("checking.index", entry=entry_id), 303)
    if result == "changed":
        data = json.loads(to_json(held.entry))
        draft = drafts.create(database(), data, me.name, me.region, "edit", held.version.number)
        return redirect(link("editing.edit", number=draft.id), 303)
    catch_up(site().library.settings, database())
    flash(_("上一条：%(title)s，%(what)s。", title=held.entry.title, what=_said(cast(Result, result))))
    return redirect(link("checking.index", after=entry_id), 303)


def _said(result: Result) -> str:
    return _("无变化，已记下今天核对") if result == "same" else _("找不到原文，30 天内不再问")
