"""Accounts: who may come in, as what, for which office; and the audit to read."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.taxonomy import NATION
from kb.domain.workflow import ROLES, Actor, Role
from kb.errors import KbError
from kb.store import audit as audits
from kb.store import users
from kb.store.users import User
from web.accounts import actor
from web.desk import wording
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("people", __name__, url_prefix="/desk/people")
AUDIT_ROWS = 100


def _may_manage(me: Actor, region: str) -> bool:
    """The national administrator manages every office, one of a branch its own."""
    return me.is_national or me.region == region


def _is_of(me: Actor, user: User) -> bool:
    return _may_manage(me, user.actor.region)


def _page(message: str = "", status: int = 200) -> ResponseReturnValue:
    me = actor()
    found = [one for one in users.everyone(database()) if _is_of(me, one)]
    regions = site().taxonomy.regions
    offices = (NATION, *(one.code for one in regions.provinces())) if me.is_national else (me.region,)
    page = render_template(
        "desk/people.html", people=found, roles=ROLES, offices=offices, words=wording, message=message
    )
    return page, status


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every account that one may manage, and the form for a new one."""
    return _page()


@bp.post("/")
def add() -> ResponseReturnValue:
    """A new account."""
    form = request.form
    role, region = _role_and_office()
    new = Actor(form.get("name", ""), form.get("shown", ""), role, region)
    try:
        user = users.add(database(), new, form.get("password", ""), actor().name)
    except KbError as error:
        return _page(str(error), 422)
    flash(_("账号 %(name)s 建好了。请把登录名和临时密码当面告诉本人，登录后自己改。", name=user.name))
    return redirect(link("people.index"), 303)


def _role_and_office() -> tuple[Role, str]:
    role, region = request.form.get("role", "editor"), request.form.get("region", actor().region)
    if role not in ROLES or region not in site().taxonomy.regions.by_code:
        abort(400)
    if not _may_manage(actor(), region):
        abort(403)
    return role, region


@bp.post("/<name>")
def change(name: str) -> ResponseReturnValue:
    """Another role or office, a new password, or closing and opening an account."""
    user = users.find(database(), name) or abort(404)
    if not _may_manage(actor(), user.actor.region):
        abort(403)
    try:
        flash(_changed(user))
    except KbError as error:
        return _page(str(error), 422)
    return redirect(link("people.index"), 303)


def _changed(user: User) -> str:
    me, db, what = actor().name, database(), request.form.get("do", "")
    if what == "password":
        users.set_password(db, user.name, request.form.get("password", ""), me)
        return _("%(name)s 的密码重设了，原来的登录都已退出。", name=user.actor.shown)
    if what in ("close", "open"):
        users.set_active(db, user.name, what == "open", me)
        return (
            _("%(name)s 已停用。", name=user.actor.shown)
            if what == "close"
            else _("%(name)s 已启用。", name=user.actor.shown)
        )
    role, region = _role_and_office()
    users.set_role(db, user.name, role, region, me)
    return _("%(name)s 的角色改好了。", name=user.actor.shown)


@bp.get("/audit")
def audit() -> ResponseReturnValue:
    """Who did what, latest first; ``subject`` and ``before`` narrow it. A branch sees its own accounts'."""
    me = actor()
    ours = None if me.is_national else [one.name for one in users.everyone(database()) if _is_of(me, one)]
    before = request.args.get("before", type=int)
    rows = audits.recent(
        database(), subject=request.args.get("subject") or None, limit=AUDIT_ROWS, before=before, about=ours
    )
    return render_template("desk/audit.html", rows=rows, names=users.shown_names(database()))
