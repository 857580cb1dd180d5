"""Paste: the text of a document becomes a draft that keeps it, with what it certainly says filled in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.taxonomy import NATION
from kb.domain.workflow import Actor
from kb.errors import KbError
from kb.ingest.proposing import propose, record_from
from kb.store import drafts
from web.accounts import actor
from web.desk.intake import take_in
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("paste", __name__, url_prefix="/desk/paste")
LONGEST = 200_000


@bp.get("")
def index() -> ResponseReturnValue:
    """The box."""
    return render_template("desk/paste.html", text="", problem="")


@bp.post("")
def add() -> ResponseReturnValue:
    """A draft of what was pasted; on to its form, or to its proposals, with the original beside it."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    problem = _problem(text)
    if not problem and request.form.get("to") == "proposals":
        try:
            return take_in(text.encode(), "粘贴的文字.txt", "paste")
        except KbError as error:
            problem = str(error)
    if problem:
        return render_template("desk/paste.html", text=text, problem=problem), 422
    me = actor()
    data = record_of(text, me)
    draft = drafts.create(database(), data, me.name, me.region, "paste", original=text)
    flash(_("已存成草稿。看得准的已经填好，每一处都写了依据，请核对；其余请您填。"))
    return redirect(link("editing.edit", number=draft.id), 303)


def _problem(text: str) -> str:
    if not text:
        return _("还没有文字。请把文件全文粘贴到框里。")
    if len(text) > LONGEST:
        return _("文字有 %(n)s 字，最多 %(most)s 字。请只粘贴正文。", n=len(text), most=LONGEST)
    return ""


def record_of(text: str, me: Actor) -> dict[str, Any]:
    """The beginning of a record: what the text certainly says, and an empty relief to fill in."""
    found = record_from(propose(text, site().taxonomy))
    if me.region != NATION:
        found.setdefault("regions", {"include": [me.region]})
    return {"kind": "policy", "reliefs": [{}], "sources": [{}], **found}
