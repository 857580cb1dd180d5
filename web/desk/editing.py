"""Editing a draft: its form with the members' view beside it, saving by itself, and what a change does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain import docnumber
from kb.domain.dates import SHANGHAI
from kb.domain.entry import Entry
from kb.domain.findings import Finding
from kb.domain.reading import read_record
from kb.domain.taxonomy import NATION
from kb.domain.workflow import Draft
from kb.ingest.proposing import propose
from kb.store import drafts, entries, naming, users
from kb.store.drafts import Saved
from kb.store.entries import to_json
from kb.store.golden import Listed
from web.accounts import actor, count_as_idle
from web.desk import options
from web.desk.drafts import allowed, visible
from web.desk.fields import ENTRY
from web.desk.filled import Filled, Problem, problems_of
from web.desk.finishing import finished
from web.desk.form import Form, act, decode, encode
from web.desk.original import bases, pieces
from web.desk.preview import effects_of, golden_companies, preview_html
from web.i18n import _
from web.links import link
from web.site import database, site
from web.view import view

bp = Blueprint("editing", __name__, url_prefix="/desk")
CONFIRMATION = ("confirmed_on", "confirmed_by")
EMPTY = frozenset({"missing", "string_too_short", "date_type"})
"""Kinds of mistakes that are nothing but a field nobody has come to yet."""


def read(data: Mapping[str, Any]) -> tuple[Entry | None, tuple[Finding, ...]]:
    """The entry that a draft's data says, or what is wrong; relations are looked up where there are any."""
    known = entries.reliefs_by_entry(database()) if data.get("relations") else None
    return read_record(data, site().taxonomy, known)


@bp.post("/new")
def new() -> ResponseReturnValue:
    """An empty draft of a kind; a branch's begins with its own region."""
    me, kind = actor(), request.form.get("kind", "policy")
    data: dict[str, Any] = {"kind": kind if kind in site().taxonomy.kinds else "policy", "sources": [{}]}
    if kind in ("policy", "service"):
        data["reliefs"] = [{}]
    if me.region != NATION:
        data["regions"] = {"include": [me.region]}
    draft = drafts.create(database(), data, me.name, me.region, "desk")
    return redirect(link("editing.edit", number=draft.id), 303)


@bp.route("/drafts/<int:number>/edit", methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    """The form, and what it sends: kept at once, wherever it came from."""
    draft = visible(number)
    if request.method == "POST":
        return _save(draft)
    if "edit" not in allowed(draft):
        flash(_("这份草稿现在不能改，可以看。"))
        return redirect(link("drafts.show", number=number), 303)
    return _page(draft)


def _page(draft: Draft) -> ResponseReturnValue:
    entry, findings = read(draft.data)
    problems, checking = problems_of(findings, site().taxonomy), "check" in request.args
    shown = problems if checking else tuple(_of_what_was_typed(problems, findings))
    forked, taxonomy = request.args.get("forked", type=int), site().taxonomy
    values = encode(draft.data, taxonomy)
    found = propose(draft.original, taxonomy) if draft.original else ()
    return render_template(
        "desk/edit.html",
        draft=draft,
        filled=Filled(values, taxonomy, shown, bases(found, values, taxonomy)),
        left=len(problems),
        checking=checking,
        at=request.args.get("at", ""),
        tree=ENTRY,
        entry=entry,
        member_view=preview_html(entry, view().day) if entry else "",
        others=_present(draft),
        mine=drafts.get(database(), forked) if forked else None,
        twin=_twin(draft),
        original=pieces(draft.original, found),
        options=options,
        fixed=_fixed(draft),
        titles=_titles(draft.data),
        regions=[taxonomy.regions.label(one.code) for one in taxonomy.regions.all],
        facts=options.facts_json(taxonomy),
    )


def _of_what_was_typed(problems: Iterable[Problem], findings: Iterable[Finding]) -> Iterator[Problem]:
    """Before anybody asks for a check nothing is said of fields that nobody has come to yet."""
    for one, finding in zip(problems, findings, strict=True):
        if finding.kind not in EMPTY and one.name not in ("sources", "regions"):
            yield one


def _twin(draft: Draft) -> naming.Name | None:
    """The published entry that has the number of a draft which is to be a new one."""
    number = str(draft.data.get("doc_number") or "")
    if draft.base_version or not number:
        return None
    same = (
        one for one in naming.names(database()) if one.doc_number and docnumber.same(number, one.doc_number)
    )
    return next((one for one in same if one.id != draft.entry_id), None)


def _present(draft: Draft) -> list[str]:
    """Who else is editing it, by shown name."""
    names = users.shown_names(database())
    return [names.get(one, one) for one in drafts.sign_in_to(database(), draft.id, actor().name)]


def _fixed(draft: Draft) -> frozenset[str]:
    """The relief ids that are published and stay."""
    held = entries.get(database(), draft.entry_id)
    return frozenset(one.id for one in held.entry.reliefs) if held else frozenset()


def _titles(data: Mapping[str, Any]) -> dict[str, str]:
    """The titles of the entries that its relations name."""
    rows = data.get("relations")
    found = {}
    for row in rows if isinstance(rows, list) else ():
        target = str(row.get("to", "")) if isinstance(row, dict) else ""
        held = entries.get(database(), target.partition("#")[0]) if target else None
        if held:
            found[target] = held.entry.title
    return found


@bp.get("/drafts/<int:number>/effect")
def effect(number: int) -> ResponseReturnValue:
    """What publishing the draft would do to the golden companies."""
    draft = visible(number)
    entry, _findings = read(draft.data)
    return render_template(
        "desk/effect.html",
        draft=draft,
        entry=entry,
        effects=effects_of(entry, view().day) if entry else (),
        companies=len(golden_companies()),
        words=listed_words,
    )


def listed_words(verdict: Listed) -> str:
    """Where a relief stands in an answer, in words."""
    return {
        "eligible": _("初步符合"),
        "possible": _("可能符合"),
        "ineligible": _("目前不符合"),
        "unchecked": _("时效待核实"),
        "upcoming": _("还没开始"),
        "absent": _("不出现"),
    }[verdict]


# -- saving ----------------------------------------------------------------------------------------


def _save(draft: Draft) -> ResponseReturnValue:
    """Keep the form. Whoever was late gets a draft of their own, and nothing is lost."""
    what = request.form.get("do", "save")
    if what == "here":
        count_as_idle()
        return jsonify({"others": _others(_present(draft))})
    data, place = act(_data(draft, form_of(request.form)), what)
    saved = _kept(draft, data)
    if request.accept_mimetypes.best == "application/json":
        if (saved.draft.id, saved.draft.revision) == (draft.id, draft.revision):
            count_as_idle()
        return _told(saved.draft, forked=saved.forked)
    if saved.forked:
        flash(_("有人先保存了。您填的都在这一份里，没有覆盖对方的。"))
        return redirect(link("editing.edit", number=saved.draft.id, forked=draft.id), 303)
    return redirect(_next(saved.draft, what, place), 303)


def _kept(draft: Draft, data: Mapping[str, Any]) -> Saved:
    """The draft with what was typed; one that may not be changed any more leaves it in one of one's own."""
    me = actor()
    if "edit" in allowed(draft):
        return drafts.save(database(), draft.id, _revision(draft), data, me.name)
    if dict(draft.data) == dict(data):
        return Saved(draft, False)
    origin = f"draft:{draft.id}"
    for one in drafts.listed(database(), entry_id=draft.entry_id):
        if (one.author, one.origin) == (me.name, origin):
            return Saved(drafts.save(database(), one.id, one.revision, data, me.name).draft, True)
    own = drafts.create(
        database(), data, me.name, me.region, origin, draft.base_version, original=draft.original
    )
    return Saved(own, True)


def form_of(form: MultiDict[str, str]) -> Form:
    """The fields of a request, each with all its texts."""
    return {name: form.getlist(name) for name in form}


def _data(draft: Draft, form: Form) -> dict[str, Any]:
    data = finished(decode(form, site().taxonomy), site().taxonomy, _fixed(draft), find_entry)
    verified = {**data.get("verified", {}), **_confirmation(draft)}
    return {**data, **({"verified": verified} if verified else {}), "id": draft.entry_id}


def _confirmation(draft: Draft) -> dict[str, Any]:
    """When and by whom the entry was confirmed, as published: that is what checking writes, no form."""
    held = entries.get(database(), draft.entry_id)
    published = json.loads(to_json(held.entry)).get("verified", {}) if held else {}
    return {name: published[name] for name in CONFIRMATION if name in published}


def find_entry(text: str) -> str | None:
    """The id (and relief) of the entry that a number, a title or an id means."""
    name, mark, relief = text.strip().partition("#")
    if entries.get(database(), name):
        return text.strip()
    for one in naming.names(database()):
        if name in (one.id, one.title) or (one.doc_number and docnumber.same(name, one.doc_number)):
            return one.id + mark + relief
    return None


def _revision(draft: Draft) -> int:
    given = request.form.get("revision", "")
    fine = given.isascii() and given.isdigit() and len(given) < 10
    return int(given) if fine else draft.revision - 1


def _told(draft: Draft, *, forked: bool) -> ResponseReturnValue:
    """What a script is told after a save: when, what to send next time, and the members' view."""
    entry, findings = read(draft.data)
    at = datetime.now(UTC).astimezone(SHANGHAI).strftime("%H:%M")
    return jsonify(
        {
            "saved": _("已自动保存 %(at)s", at=at),
            "revision": draft.revision,
            "left": _("还有 %(n)s 处没填好", n=len(findings)) if findings else _("都填好了"),
            "others": _others(_present(draft)),
            "forked": link("editing.edit", number=draft.id) if forked else None,
            "preview": preview_html(entry, view().day) if entry else None,
        }
    )


def _others(names: list[str]) -> str:
    return _("%(names)s 正在改这份草稿", names="、".join(names)) if names else ""


def _next(draft: Draft, what: str, place: str) -> str:
    """Where to go on: at the row that a button made, at the first mistake, or with the next step."""
    if what == "done":
        _entry, findings = read(draft.data)
        if not findings:
            return link("drafts.show", number=draft.id) + "#steps"
        return link("editing.edit", number=draft.id, check=1) + "#errors"
    if place:
        return link("editing.edit", number=draft.id, at=place) + f"#f-{place}"
    if what == "save":
        flash(_("已保存。"))
    return link("editing.edit", number=draft.id)
