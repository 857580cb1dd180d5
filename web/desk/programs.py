"""Keys of programs: made by the national administrator, shown once, revoked at once."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.errors import KbError
from kb.store import apikeys, users
from web.accounts import actor
from web.api import keys
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("programs", __name__, url_prefix="/desk/programs")


@bp.before_request
def only_national() -> None:
    """The interface is the whole library's, so its keys are the national office's."""
    if not actor().is_national:
        abort(403)


def _page(message: str = "", key: str = "") -> str:
    return render_template(
        "desk/programs.html",
        keys=apikeys.listed(database()),
        names=users.shown_names(database()),
        rate=keys.rate_words(site().settings.rate_limit),
        keyed_rate=keys.rate_words(site().settings.api_rate_limit),
        message=message,
        key=key,
    )


@bp.get("/")
def index() -> ResponseReturnValue:
    """The keys there are, without their text."""
    return _page()


@bp.post("/")
def add() -> ResponseReturnValue:
    """A new key: this answer alone shows it."""
    try:
        _held, key = apikeys.add(database(), request.form.get("name", ""), actor().name)
    except KbError as error:
        return _page(str(error)), 422
    answer = make_response(_page(key=key))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<int:number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    """End a key at once."""
    try:
        held = apikeys.revoke(database(), number, actor().name)
    except KbError:
        abort(404)
    flash(_("给「%(name)s」的密钥已撤销。", name=held.name))
    return redirect(link("programs.index"), 303)
