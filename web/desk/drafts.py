"""Drafts: the list, one draft with its story and steps, publishing, the preview link, two that met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.differences import Difference, Merged, differences, merge3
from kb.domain.entry import Entry
from kb.domain.findings import Finding
from kb.domain.reading import read_record
from kb.domain.workflow import (
    OPEN,
    Draft,
    State,
    Step,
    is_unreviewed,
    may_see,
    steps,
)
from kb.errors import KbError
from kb.outreach.affected import affected_by
from kb.search.indexing import catch_up
from kb.store import drafts, entries, history, publishing, users
from kb.store.publishing import StaleDraftError
from web.accounts import actor
from web.desk import wording
from web.desk.filled import problems_of
from web.desk.preview import effects_of, preview_html
from web.i18n import _
from web.links import absolute, link
from web.site import database, site
from web.view import read_day, view

bp = Blueprint("drafts", __name__, url_prefix="/desk/drafts")
LONGEST = 4000


@bp.get("/")
def index() -> ResponseReturnValue:
    """The drafts that one's office may see; ``state`` narrows them, ``state=done`` shows what is settled."""
    me = actor()
    asked = request.args.get("state", "")
    open_ones = tuple(one for one in OPEN if asked in ("", one))
    states: tuple[State, ...] = ("published", "dropped") if asked == "done" else open_ones
    found = [one for one in drafts.listed(database(), states) if may_see(me, one)]
    return render_template(
        "desk/drafts/index.html",
        drafts=found,
        asked=asked,
        names=users.shown_names(database()),
        words=wording,
    )


def visible(number: int) -> Draft:
    """The draft, if one's office may see it; else 404."""
    draft = drafts.get(database(), number)
    if draft is None or not may_see(actor(), draft):
        abort(404)
    return draft


def read(draft: Draft) -> tuple[Entry | None, tuple[Finding, ...]]:
    """The entry that a draft's data says, or what is still wrong with it."""
    return read_record(draft.data, site().taxonomy, entries.reliefs_by_entry(database()))


def allowed(draft: Draft) -> tuple[Step, ...]:
    """What whoever is logged in may do with the draft."""
    me = actor()
    alone = users.is_alone(database(), me.region)
    touched = publishing.touched(database(), draft)
    return steps(me, draft, site().taxonomy.regions, alone=alone, touched=touched)


def published_data(entry_id: str, number: int | None = None) -> Mapping[str, Any]:
    """The record of an entry as plain data, at a version or as it is now; empty if there is none."""
    version = history.version(database(), entry_id, number) if number else None
    held = None if number else entries.get(database(), entry_id)
    entry = version.entry if version else held.entry if held else None
    return history.as_data(entry) if entry else {}


def changed(draft: Draft) -> tuple[Difference, ...]:
    """What the draft changes of what is published, in words."""
    return differences(published_data(draft.entry_id), draft.data, site().taxonomy)


def met(draft: Draft) -> Draft | None:
    """The draft that somebody else saved first, where this one was kept beside it."""
    kind, _sep, number = draft.origin.partition(":")
    return drafts.get(database(), int(number)) if kind == "draft" else None


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One draft: what it changes, what is wrong, its story, and the steps one may take."""
    draft = visible(number)
    entry, findings = read(draft)
    first = met(draft)
    return render_template(
        "desk/drafts/show.html",
        draft=draft,
        first=first,
        apart=differences(first.data, draft.data, site().taxonomy) if first else (),
        problems=problems_of(findings, site().taxonomy),
        changes=changed(draft),
        member_view=preview_html(entry, view().day) if entry else "",
        affected=affected_by(database(), entry) if entry else (),
        effects=len(effects_of(entry, view().day)) if entry else None,
        events=drafts.events(database(), number),
        others=[
            one
            for one in drafts.listed(database(), entry_id=draft.entry_id)
            if one.id != number and may_see(actor(), one)
        ],
        steps=allowed(draft),
        people=[one for one in users.everyone(database()) if one.active and may_see(one.actor, draft)],
        names=users.shown_names(database()),
        shared=absolute(link("drafts.shared", token=draft.token)) if draft.token else "",
        published=entries.get(database(), draft.entry_id),
        words=wording,
        alone_with_it=is_unreviewed(actor(), draft),
    )


@bp.post("/<int:number>/comment")
def comment(number: int) -> ResponseReturnValue:
    """Say something about the draft."""
    draft, text = visible(number), request.form.get("text", "").strip()
    if text:
        drafts.note(database(), draft.id, actor().name, "comment", text[:LONGEST])
    return _back(number, "story")


@bp.post("/<int:number>/assign")
def assign(number: int) -> ResponseReturnValue:
    """Give the draft to somebody, until a day."""
    draft, name = visible(number), request.form.get("assignee", "")
    typed = request.form.get("due_on", "").strip()
    until = read_day(typed)
    if typed and until is None:
        flash(_("看不懂日期“%(text)s”，没有改。请写成 2026-12-31 这样。", text=typed[:40]))
        return _back(number)
    if name and name not in users.shown_names(database()):
        abort(400)
    drafts.assign(database(), draft.id, name, until, actor().name)
    flash(_("已交给 %(name)s。", name=users.shown_names(database())[name]) if name else _("现在没有交给谁。"))
    return _back(number)


@bp.post("/<int:number>/step")
def step(number: int) -> ResponseReturnValue:
    """Take a step of the work flow; publishing is one."""
    draft = visible(number)
    wanted, text = cast(Step, request.form.get("step", "")), request.form.get("reason", "").strip()
    if wanted not in allowed(draft) or request.form.get("revision") != str(draft.revision):
        flash(_("这一步现在不能由您来做，可能刚有人处理过。请看最新的状态。"))
        return _back(number)
    entry, findings = read(draft)
    if entry is None and wanted in ("submit", "send", "publish"):
        flash(_("还有 %(n)s 处要改，改好才能往下走。", n=len(findings)))
        return redirect(link("editing.edit", number=number, check="1"), 303)
    try:
        if wanted == "publish" and entry:
            return _published(draft, entry, text)
        return _moved(draft, wanted, text)
    except StaleDraftError as error:
        flash(str(error))
        return redirect(link("drafts.compare", number=number), 303)
    except KbError as error:
        flash(str(error))
        return _back(number, "steps")


def _moved(draft: Draft, wanted: Step, text: str) -> ResponseReturnValue:
    moved = drafts.move(database(), draft, wanted, actor().name, text[:LONGEST])
    flash(
        _(
            "好了：%(what)s。现在是“%(state)s”。",
            what=wording.action_words(wanted),
            state=wording.state_words(moved.state),
        )
    )
    return redirect(link("board.index") if wanted == "drop" else link("drafts.show", number=draft.id), 303)


def _published(draft: Draft, entry: Entry, text: str) -> ResponseReturnValue:
    reason = text or (_("更新") if draft.base_version else _("新增"))
    publishing.publish_draft(database(), draft, entry, actor(), reason[:LONGEST], site().taxonomy.regions)
    catch_up(site().library.settings, database())
    flash(_("已发布，现在会员就能搜到。"))
    return redirect(link("acts.show", entry_id=entry.id), 303)


def _back(number: int, place: str = "") -> ResponseReturnValue:
    return redirect(link("drafts.show", number=number) + (f"#{place}" if place else ""), 303)


@bp.post("/<int:number>/share")
def share(number: int) -> ResponseReturnValue:
    """Make the preview link for somebody outside, or stop it."""
    draft = visible(number)
    if request.form.get("stop"):
        drafts.unshare(database(), draft.id, actor().name)
    else:
        drafts.share(database(), draft.id, actor().name)
    return _back(number, "share")


@bp.get("/shared/<token>")
def shared(token: str) -> ResponseReturnValue:
    """The draft as members would see it, for whoever has the link; 404 once it is settled."""
    draft = drafts.by_token(database(), token) or abort(404)
    entry, _findings = read(draft)
    member_view = preview_html(entry, view().day) if entry else ""
    return render_template("desk/drafts/shared.html", draft=draft, member_view=member_view)


# -- two that met ----------------------------------------------------------------------------------


def _merged(draft: Draft) -> Merged:
    base = published_data(draft.entry_id, draft.base_version) if draft.base_version else {}
    return merge3(base, draft.data, published_data(draft.entry_id))


@bp.get("/<int:number>/compare")
def compare(number: int) -> ResponseReturnValue:
    """What was published meanwhile beside what the draft changes, and where the two disagree."""
    draft = visible(number)
    held, base = published_data(draft.entry_id), published_data(draft.entry_id, draft.base_version)
    taxonomy = site().taxonomy
    return render_template(
        "desk/drafts/compare.html",
        draft=draft,
        theirs=differences(base, held, taxonomy),
        mine=differences(base, draft.data, taxonomy),
        merged=_merged(draft),
        published=entries.get(database(), draft.entry_id),
    )


@bp.post("/<int:number>/settle")
def settle(number: int) -> ResponseReturnValue:
    """Carry the draft over to what is published now; where both changed, ``keep`` says whose is kept."""
    draft = visible(number)
    if "edit" not in allowed(draft):
        abort(403)
    held = entries.get(database(), draft.entry_id)
    if request.form.get("seen") != str(held.version.number if held else ""):
        flash(_("比对的时候又发布了新的一版，请照新的再比对一遍。"))
        return redirect(link("drafts.compare", number=number), 303)
    merged = _merged(draft)
    if merged.conflicts and request.form.get("keep") not in ("mine", "theirs"):
        flash(_("两边都改了同一处，请先选留哪一边。"))
        return redirect(link("drafts.compare", number=number), 303)
    data = merged.kept(request.form.get("keep", "mine"))
    number_now = held.version.number if held else None
    joined = drafts.rebase(database(), draft, data, number_now, actor().name)
    flash(_("两边的改动合到一起了，请再看一遍。"))
    return _back(joined.id)
