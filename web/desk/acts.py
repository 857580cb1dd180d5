"""What staff do with a published entry: change it, look at its versions, restore one, withdraw it."""

from __future__ import annotations

import json

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.timeline import Trust
from kb.domain.workflow import may_see
from kb.search.indexing import catch_up
from kb.store import drafts, entries, history, users
from kb.store.entries import Published, to_json
from web.accounts import actor
from web.desk import wording
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("acts", __name__, url_prefix="/desk/entries")
LONGEST = 400


def held_entry(entry_id: str) -> Published:
    """The entry in any state; 404 if it never existed."""
    return entries.get(database(), entry_id) or abort(404)


@bp.get("/<entry_id>")
def show(entry_id: str) -> ResponseReturnValue:
    """One entry as staff see it: its state, its versions with who and why, drafts of it."""
    held = held_entry(entry_id)
    me = actor()
    return render_template(
        "desk/entry.html",
        held=held,
        entry=held.entry,
        lapsed=Trust.of(held.entry).has_lapsed(site().today),
        events=history.events_of(database(), entry_id, site().taxonomy),
        drafts=[one for one in drafts.listed(database(), entry_id=entry_id) if may_see(me, one)],
        names=users.shown_names(database()),
        ours=me.covers(held.entry.regions.include, site().taxonomy.regions),
        words=wording,
    )


@bp.post("/<entry_id>/edit")
def edit(entry_id: str) -> ResponseReturnValue:
    """Begin a draft of the entry, or go on with one's own."""
    held, me = held_entry(entry_id), actor()
    for one in drafts.listed(database(), entry_id=entry_id):
        if one.author == me.name and one.origin == "edit" and one.state in ("draft", "returned"):
            return redirect(link("editing.edit", number=one.id), 303)
    data = json.loads(to_json(held.entry))
    draft = drafts.create(database(), data, me.name, me.region, "edit", held.version.number)
    return redirect(link("editing.edit", number=draft.id), 303)


@bp.post("/<entry_id>/restore")
def restore(entry_id: str) -> ResponseReturnValue:
    """A draft that says what an older version said; it is published like any other."""
    held, me = held_entry(entry_id), actor()
    number = request.form.get("version", type=int) or abort(400)
    old = history.version(database(), entry_id, number) or abort(404)
    data = json.loads(to_json(old.entry))
    origin = f"restore:{number}"
    draft = drafts.create(database(), data, me.name, me.region, origin, held.version.number)
    flash(_("已照第 %(n)s 版另起草稿，看过以后发布。", n=number))
    return redirect(link("drafts.show", number=draft.id), 303)


@bp.post("/<entry_id>/withdraw")
def withdraw(entry_id: str) -> ResponseReturnValue:
    """Take an entry out of every answer; its address stays and says so."""
    held, me = held_entry(entry_id), actor()
    reason = request.form.get("reason", "").strip()
    if not me.covers(held.entry.regions.include, site().taxonomy.regions):
        abort(403)
    if not reason:
        flash(_("撤下要写明理由，读者会看到。"))
    elif held.state == "published":
        entries.withdraw(database(), entry_id, me.name, reason[:LONGEST])
        catch_up(site().library.settings, database())
        flash(_("已撤下。网址还在，读者会看到已撤下的说明；要恢复，照旧版另起草稿发布。"))
    return redirect(link("acts.show", entry_id=entry_id), 303)
