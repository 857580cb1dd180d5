"""Coming in and going out: sessions of staff, their own password."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kb.domain.workflow import Actor
from kb.errors import KbError
from kb.store import users
from kb.store.secret import secret_key
from kb.store.users import User
from web.i18n import _
from web.site import database

bp = Blueprint("accounts", __name__, url_prefix="/desk")
IDLE = timedelta(hours=2)
"""After so long without a request a session is over."""
A_NAME, AN_ADDRESS = parse("8 per 15 minutes"), parse("40 per 15 minutes")
"""How many wrong passwords a login name and a network address may send."""
SECRET = frozenset({"csrf_token", "password"})
CARRIED = 400_000
"""The most characters of a form that are carried over a log-in."""


class Account(UserMixin):  # type: ignore[misc]
    """An account in one of its sessions, as Flask-Login wants it; its id ends with the session's key."""

    def __init__(self, user: User, key: str) -> None:
        self.user, self.key = user, key

    def get_id(self) -> str:
        return f"{self.user.name}:{self.key}"


def load(account_id: str) -> Account | None:
    """The account of a session; ``None`` if it was closed or the session was ended."""
    name, _sep, key = account_id.partition(":")
    user = users.find(database(), name)
    return Account(user, key) if user and user.active and key in user.session_keys else None


def current_actor() -> Actor | None:
    """Who is logged in; ``None`` for a reader. The only account of an office does a reviewer's work too."""
    if "_user_id" not in session or not current_user.is_authenticated:
        return None
    if "actor" not in g:
        me: Actor = current_user.user.actor
        lone = not me.at_least("reviewer") and users.is_alone(database(), me.region)
        g.actor = replace(me, role="reviewer") if lone else me
    return cast(Actor, g.actor)


def actor() -> Actor:
    """Who is at the desk; only for routes that ask for a role."""
    return cast(Actor, current_actor())


def is_nationwide() -> bool:
    """Whether whoever is logged in decides for every office: a reviewer of the national one."""
    me = current_actor()
    return me is not None and me.is_national and me.at_least("reviewer")


def nationwide() -> Actor:
    """Who is at the desk, for what changes the site of every office; 403 for whoever does not decide that."""
    return actor() if is_nationwide() else abort(403)


def count_as_idle() -> None:
    """This request is a script's, not a person's: it does not put off the end of the session."""
    g.idle = True


def _keep_awake(response: Response) -> Response:
    """Whatever a person does at the desk begins the idle time anew."""
    if g.get("actor") and "idle" not in g and "_user_id" in session:
        session.modified = True
    return response


def send_to_login() -> ResponseReturnValue:
    """Ask for the password; what a form sent is kept until then."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"error": _("登录已过期")}), 401
    if request.method == "GET":
        return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")), 303)
    return _login_page(
        request.path, _carried(), _("登录已过期，请重新登录；刚才填写的内容还在，登录后继续。")
    ), 401


def send_again(*, public: bool) -> ResponseReturnValue:
    """Answer a form whose token is another session's (one logged in again elsewhere): send it once more.

    A ``public`` form is a reader's, whose browser has lost the session: it leads to no log in.
    """
    if public and request.endpoint != "accounts.log_in":
        return render_template("accounts/again.html", to=request.full_path.rstrip("?"), fields=_sent()), 400
    if current_actor() is None and request.endpoint != "accounts.log_in":
        return send_to_login()
    stale = _("这一页打开以后，登录变过（比如在别的窗口重新登录了）。")
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"error": stale}), 400
    if request.endpoint == "accounts.log_in":
        again = _("这一页放得太久了，请再填一次密码。")
        to = _own_path(request.form.get("next", ""))
        return _login_page(to, request.form.get("carried", ""), again), 400
    if request.endpoint == "accounts.password":
        return render_template("accounts/password.html", message=stale + _("请再填一次。")), 400
    to = request.full_path.rstrip("?")
    return render_template("accounts/resume.html", to=to, fields=_sent(), stale=stale), 400


def _sent() -> list[tuple[str, str]]:
    """The fields of the form that was sent, but for its token and passwords: those are typed again."""
    return [one for one in request.form.items(multi=True) if one[0] not in SECRET]


def _carried() -> str:
    """The fields of the form that met a closed session, as JSON."""
    text = json.dumps([] if request.endpoint == "accounts.password" else _sent(), ensure_ascii=False)
    return text if len(text) <= CARRIED else "[]"


def _login_page(to: str, carried: str, message: str = "") -> str:
    return render_template("accounts/login.html", to=to, carried=carried, message=message)


@bp.route("/login", methods=["GET", "POST"])
def log_in() -> ResponseReturnValue:
    """The form and its answer: on to where one wanted to go, with what one had typed there."""
    to = _own_path(request.values.get("next", ""))
    if request.method == "GET":
        return redirect(to, 303) if current_actor() else _login_page(to, "")
    name, carried = request.form.get("name", "").strip().lower()[:64], request.form.get("carried", "")
    throttle = cast(Throttle, current_app.extensions["throttle"])
    if not throttle.allows(name, request.remote_addr or ""):
        return _login_page(to, carried, _too_often()), 429
    user = users.log_in(database(), name, request.form.get("password", ""))
    if user is None:
        throttle.failed(name, request.remote_addr or "")
        return _login_page(to, carried, _("登录名或密码不对，或者账号已停用。")), 401
    _begin(user)
    fields = _fields(carried)
    return render_template("accounts/resume.html", to=to, fields=fields) if fields else redirect(to, 303)


def _too_often() -> str:
    return _("试的次数太多。请过 15 分钟再试，或请管理员重设密码。")


def _begin(user: User) -> None:
    """A new session with a new token: nothing of what was there before the log-in stays."""
    session.clear()
    session.permanent = True
    login_user(Account(user, users.begin_session(database(), user.name)))


def _fields(carried: str) -> list[tuple[str, str]]:
    try:
        return [(str(name), str(value)) for name, value in json.loads(carried or "[]")]
    except (ValueError, TypeError):
        return []


def _own_path(path: str) -> str:
    """A path of the desk to go on to; anything else leads to the board."""
    fine = path.startswith("/desk") and "\\" not in path and not path.startswith("/desk/log")
    return path if fine else url_for("board.index")


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    """End this session, wherever its cookie is."""
    users.end_session(database(), actor().name, current_user.key)
    logout_user()
    session.clear()
    return redirect(url_for("home.index"), 303)


@bp.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; other sessions of the account end."""
    if request.method == "GET":
        return render_template("accounts/password.html", message="")
    me, new = actor(), request.form.get("new", "")
    throttle, address = cast(Throttle, current_app.extensions["throttle"]), request.remote_addr or ""
    if not throttle.allows(me.name, address):
        return render_template("accounts/password.html", message=_too_often()), 429
    try:
        if users.check_password(database(), me.name, request.form.get("old", "")) is None:
            throttle.failed(me.name, address)
            raise KbError(_("现在的密码不对"))
        if new != request.form.get("again", ""):
            raise KbError(_("两次输入的新密码不一样"))
        users.set_password(database(), me.name, new, me.name)
    except KbError as error:
        return render_template("accounts/password.html", message=str(error)), 422
    _begin(cast(User, users.find(database(), me.name)))
    flash(_("密码已改，其他地方的登录都已退出。"))
    return redirect(url_for("board.index"), 303)


class Throttle:
    """Counts wrong passwords of a name and of an address, in memory."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, name: str, address: str) -> bool:
        """Whether another attempt may be made."""
        fine = self._limiter.test(A_NAME, "name", name)
        return fine and self._limiter.test(AN_ADDRESS, "address", address)

    def failed(self, name: str, address: str) -> None:
        """Note a wrong password."""
        self._limiter.hit(A_NAME, "name", name)
        self._limiter.hit(AN_ADDRESS, "address", address)


def init_app(app: Flask, key: Path, *, secure: bool) -> None:
    """Sessions for ``app``: signed, closed to scripts, over TLS only where the site is ``secure``."""
    app.secret_key = secret_key(key)
    app.config.update(
        SESSION_COOKIE_NAME="kb_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=IDLE,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.after_request(_keep_awake)
    app.jinja_env.globals["is_nationwide"] = is_nationwide
    app.extensions["throttle"] = Throttle()
    manager = LoginManager(app)
    manager.session_protection = None  # addresses of phones change; the key ends sessions
    manager.user_loader(load)
