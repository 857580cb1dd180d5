"""The Word template of digests: which one is used, what is wrong with it, another one uploaded."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kb.errors import KbError
from kb.outreach import word
from kb.outreach.wordstyles import LARGEST
from kb.store import audit
from kb.store.atomic import write_whole
from web.accounts import nationwide
from web.desk.uploads import forget_form, limit_upload
from web.digests import template_file, word_response
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("template", __name__, url_prefix="/desk/digests/template")


def template_notice() -> str:
    """Why staff's template is passed over; empty where there is none or it is used."""
    held = template_file(site().settings.home)
    return word.template_problem(held) if held.exists() else ""


@bp.url_value_preprocessor
def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No request here is larger than a template may be; set before its form is read."""
    limit_upload(LARGEST)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page again, saying how large a template may be."""
    forget_form()
    return _page(_("模板超过 %(n)s MB，请去掉里面的大图再传。", n=LARGEST // 1024 // 1024)), 413


def _page(message: str = "") -> str:
    held = template_file(site().settings.home)
    return render_template(
        "desk/digests/template.html", held=held.exists(), notice=template_notice(), message=message
    )


@bp.get("/")
def index() -> ResponseReturnValue:
    """Which template is used, one to begin with, and the form for another."""
    return _page()


@bp.get("/digest.docx")
def download() -> ResponseReturnValue:
    """The template in use, or ours with every style in it."""
    held = template_file(site().settings.home)
    if held.exists() and not template_notice():
        return word_response(held.read_bytes(), "digest-template")
    return word_response(word.sample(), "digest-template")


@bp.post("/")
def add() -> ResponseReturnValue:
    """Another template, looked through before it replaces the one in use; ``remove`` goes back to ours.

    Only for the office that issues.
    """
    by = nationwide().name
    held = template_file(site().settings.home)
    if request.form.get("remove"):
        held.unlink(missing_ok=True)
        audit.append(database(), by, "digest-template", "digest.docx", "改回自带的样式")
        flash(_("改回自带的样式了。"))
        return redirect(link("template.index"), 303)
    data = request.files["file"].read() if "file" in request.files else b""
    problem = word.template_problem(data) if data else _("没有选文件，或者文件是空的")
    if problem:
        return _page(problem), 422
    try:
        write_whole(held, data)
    except KbError as error:
        return _page(str(error)), 422
    audit.append(database(), by, "digest-template", "digest.docx", f"{len(data)} 字节")
    flash(_("模板换好了，下一期起用它。已出的各期不变。"))
    return redirect(link("template.index"), 303)
