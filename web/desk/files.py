"""Attachments at the desk: forms, templates and original documents, each with where it comes from."""

from __future__ import annotations

import copy
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kb.domain.workflow import Draft
from kb.errors import KbError
from kb.store import attachments, drafts, users
from kb.store.attachments import LARGEST, Attachment
from web.accounts import actor
from web.desk.drafts import allowed, visible
from web.desk.uploads import forget_form, limit_upload
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("files", __name__, url_prefix="/desk/files")


@bp.url_value_preprocessor
def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No request here is larger than an attachment may be; set before its form is read."""
    limit_upload(LARGEST)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page again, saying how large a file may be."""
    forget_form()
    told = _("文件超过 %(n)s MB。请压缩图片，或分成几个文件再传。", n=LARGEST // 1024 // 1024)
    return _page(None, told), 413


@bp.get("/")
def index() -> ResponseReturnValue:
    """All attachments and a form to add one, to the draft of ``draft`` if one is named."""
    draft = _draft(request.args.get("draft", ""))
    return _page(draft if draft and "edit" in allowed(draft) else None)


def _draft(number: str) -> Draft | None:
    """The draft that is meant, if one is; 404 for one that is not of one's office."""
    if not number:
        return None
    fine = number.isascii() and number.isdigit() and len(number) < 19
    return visible(int(number) if fine else 0)


def _may_remove(one: Attachment) -> bool:
    """Whoever uploaded it, the same office, and reviewers of the national office."""
    me, uploader = actor(), users.find(database(), one.added_by)
    same_office = uploader is not None and uploader.actor.region == me.region
    return same_office or (me.is_national and me.at_least("reviewer"))


def _page(draft: Draft | None, message: str = "") -> str:
    held = [
        (one, attachments.used_by(database(), one.sha256), attachments.is_orphan(database(), one.sha256))
        for one in attachments.listed(database())
    ]
    return render_template(
        "desk/files/index.html",
        held=held,
        draft=draft,
        places=_places(draft),
        message=message,
        largest=LARGEST // 1024 // 1024,
        may_remove=_may_remove,
    )


def _places(draft: Draft | None) -> list[tuple[str, str]]:
    """Where in a draft a paper may be put: value and label."""
    if draft is None:
        return []
    found = [("attachments", _("整份文件的附件"))]
    for relief in draft.data.get("reliefs") or ():
        if isinstance(relief, dict) and relief.get("id"):
            label = _("办理表格：%(relief)s", relief=relief.get("title") or relief["id"])
            found.append((f"relief:{relief['id']}", label))
    return found


@bp.post("/")
def add() -> ResponseReturnValue:
    """Keep a file and, where a draft is named, put it in there."""
    draft = _draft(request.form.get("draft", ""))
    if draft and "edit" not in allowed(draft):
        told = _("这份草稿现在不能改（也许刚送审或发布），文件没有存。请先撤回草稿，再选一次文件。")
        return _page(draft, told), 422
    upload = request.files.get("file")
    name = (upload.filename or "") if upload else ""
    data = upload.read() if upload and name else b""
    source = request.form.get("source", "")
    try:
        kept, is_new = attachments.add(database(), site().settings.home, data, name, source, actor().name)
    except KbError as error:
        return _page(draft, str(error)), 422
    if not is_new:
        flash(_("这个文件以前传过，来源写的是：%(source)s", source=kept.source))
    if draft:
        return _put_in(draft, kept)
    flash(_("已存下：%(name)s", name=kept.name))
    return redirect(link("files.index"), 303)


def _put_in(draft: Draft, kept: Attachment) -> ResponseReturnValue:
    title = " ".join(request.form.get("title", "").split())[:100] or kept.name.rpartition(".")[0]
    data = _with_link(draft, request.form.get("place", ""), {"title": title, "url": kept.address})
    saved = drafts.save(database(), draft.id, draft.revision, data, actor().name, wrote=False)
    flash(_("已放进草稿：%(title)s", title=title))
    if saved.forked:
        flash(_("同时有人存了这份草稿，您的改动另成一份，在这里。"))
    return redirect(link("drafts.show", number=saved.draft.id), 303)


def _with_link(draft: Draft, place: str, paper: dict[str, str]) -> dict[str, Any]:
    """The draft's data with the paper in one relief's forms, or among the attachments."""
    data = copy.deepcopy(dict(draft.data))
    relief = next((one for one in data.get("reliefs") or () if place == f"relief:{one.get('id')}"), None)
    holder, key = (relief.setdefault("apply", {}), "templates") if relief else (data, "attachments")
    held = [one for one in holder.get(key) or () if one.get("url") != paper["url"]]
    holder[key] = [*held, paper]
    return data


@bp.post("/<sha256>/remove")
def remove(sha256: str) -> ResponseReturnValue:
    """Take away a file that nothing refers to."""
    held = attachments.get(database(), sha256)
    if held and not _may_remove(held):
        abort(403)
    try:
        attachments.remove(database(), site().settings.home, sha256, actor().name)
    except KbError as error:
        return _page(None, str(error)), 409
    flash(_("附件已删掉。"))
    return redirect(link("files.index"), 303)
