"""Being told of changes by mail without an account: ask, confirm, change, stop, delete.

Pages by private link are neither cached nor named to other sites. Whether an address is known shows nowhere.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.alert import FREQUENCIES, address_of
from kb.errors import KbError
from kb.outreach import alerts
from kb.outreach.alerts import Ground
from kb.store import private, subscriptions, told
from kb.store.database import wipe
from kb.store.private import Purpose
from kb.store.secret import secret_key
from kb.store.subscriptions import Subscription
from web import limits
from web.i18n import _
from web.links import link
from web.site import database, site
from web.wanted import Wanted, frequency, frequency_label, kind_label, wanted

bp = Blueprint("alerts", __name__, url_prefix="/alerts")
ASKING = "10 per hour"
"""How often one network may ask for mail to an address."""
QUIET = "strict-origin"
"""Nobody learns the address of a private page; with ``no-referrer`` its forms would have no origin."""


def ground() -> Ground:
    """What alerts are worked out from in this request."""
    held = site()
    return Ground(database(), held.library, held.shelf, held.terms, held.today)


def closed(page: str, status: int = 200) -> Response:
    """A page that nobody keeps and whose address goes nowhere."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


# -- asking ----------------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The form. A POST brings a company's figures, which stay out of the address, and changes nothing."""
    return _form(wanted())


def _form(one: Wanted, problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "alerts/new.html",
        wanted=one,
        problem=problem,
        address=request.form.get("address", ""),
        chosen=frequency(),
        frequencies=[(key, frequency_label(key)) for key in FREQUENCIES],
        what=kind_label(one.kind),
    )
    return closed(page, status)


@bp.post("/")
def ask() -> ResponseReturnValue:
    """Have the address asked whether it wants this; the answer is the same whatever is known of it."""
    one, address = wanted(), address_of(request.form.get("address", ""))
    if request.form.get("website"):
        return _form(one, _("最下面有一格是防广告用的，请把它清空再提交。"), 422)
    if address is None:
        return _form(one, _("邮箱地址写得不对，请检查，如 name@example.com。"), 422)
    if not limits.allows("alerts", ASKING):
        return _form(one, _("同一个网络一小时里订阅得太多了，请过一会儿再提交。"), 429)
    organiser = site().settings.organiser
    alerts.ask(ground(), address, one.kind, one.topic, one.name, frequency(), organiser)
    return redirect(link("alerts.asked"), 303)


@bp.get("/asked")
def asked() -> ResponseReturnValue:
    """What to do now: look into the mailbox."""
    return render_template("alerts/asked.html")


# -- by private link -------------------------------------------------------------------------------


def _salt(purpose: Purpose, word: str) -> str | None:
    return private.salt_of(secret_key(site().settings.secret), purpose, word)


def word_for(purpose: Purpose, salt: str) -> str:
    """The last part of a private link to ``purpose``."""
    return private.word(secret_key(site().settings.secret), purpose, salt)


def _void() -> Response:
    """A link that leads to nothing any more, or never did."""
    return closed(render_template("alerts/void.html"), 404)


@bp.route("/confirm/<word>", methods=["GET", "POST"])
def confirm(word: str) -> ResponseReturnValue:
    """A button to confirm with: programs that look into mail open links, but press nothing."""
    held = subscriptions.by_salt(database(), _salt("confirm", word))
    if held is None:
        return _void()
    if request.method == "GET":
        return _asking(held)
    try:
        alerts.confirm(ground(), held)
    except KbError as error:
        return _asking(held, str(error), word_for("manage", held.owner_salt), 422)
    return _to_manage(held, new=1)


def _asking(held: Subscription, problem: str = "", manage: str = "", status: int = 200) -> Response:
    how = frequency_label(held.frequency)
    page = render_template("alerts/confirm.html", held=held, how=how, problem=problem, manage=manage)
    return closed(page, status)


def _to_manage(held: Subscription, **values: object) -> ResponseReturnValue:
    word = word_for("manage", held.owner_salt)
    return closed_redirect(link("alerts.manage", word=word, **values))


def closed_redirect(address: str) -> Response:
    """303 to a page by private link."""
    response = make_response(redirect(address, 303))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@bp.route("/manage/<word>", methods=["GET", "POST"])
def manage(word: str) -> ResponseReturnValue:
    """What an address is told of, how often; one or all of it can be ended here."""
    salt = _salt("manage", word)
    held = subscriptions.of_owner(database(), salt)
    if request.method == "POST":
        return _managed(word, salt, held)
    if not held:
        return _void()
    rows = [(one, kind_label(one.kind)) for one in held]
    frequencies = [(key, frequency_label(key)) for key in FREQUENCIES]
    page = render_template(
        "alerts/manage.html",
        word=word,
        rows=rows,
        frequencies=frequencies,
        is_new="new" in request.args,
        is_saved="saved" in request.args,
    )
    return closed(page)


def _managed(word: str, salt: str | None, held: list[Subscription]) -> ResponseReturnValue:
    what, number = request.form.get("do", ""), request.form.get("id", type=int)
    if what == "delete":
        subscriptions.end_all(database(), salt)
        wipe(database())
        return closed_redirect(link("alerts.ended"))
    one = next((each for each in held if each.id == number), None)
    if one and what == "end":
        told.end(database(), one)
    elif one and what == "frequency":
        subscriptions.set_frequency(database(), one, frequency())
    gone = not subscriptions.of_owner(database(), salt)
    return closed_redirect(link("alerts.ended") if gone else link("alerts.manage", word=word, saved=1))


@bp.route("/stop/<word>", methods=["GET", "POST"])
def stop(word: str) -> ResponseReturnValue:
    """One click ends all alerts of an address (RFC 8058); a person gets a button first."""
    salt = _salt("stop", word)
    if request.method == "POST":
        subscriptions.end_alerts(database(), salt)
        return _left(salt)
    held = [one for one in subscriptions.of_owner(database(), salt) if one.kind != "digest"]
    return _stopping(held) if held else _void()


@bp.route("/leave/<word>", methods=["GET", "POST"])
def leave(word: str) -> ResponseReturnValue:
    """One click ends one subscription, that to the digests."""
    held = subscriptions.by_salt(database(), _salt("leave", word))
    if request.method == "POST":
        if held:
            told.end(database(), held)
        return _left(held.owner_salt if held else None)
    return _stopping([held]) if held else _void()


def _left(owner_salt: str | None) -> Response:
    """What has ended, and which kinds of mail of theirs go on."""
    kinds = dict.fromkeys(one.kind for one in subscriptions.of_owner(database(), owner_salt))
    return closed(render_template("alerts/ended.html", left=[kind_label(kind) for kind in kinds]))


def _stopping(held: list[Subscription]) -> Response:
    manage_word = word_for("manage", held[0].owner_salt)
    return closed(render_template("alerts/stop.html", held=held, manage=manage_word))


@bp.get("/ended")
def ended() -> ResponseReturnValue:
    """Nothing is held any more."""
    return render_template("alerts/ended.html")
