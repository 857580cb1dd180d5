"""A member tells the association a difficulty, follows it by a private link, decides what becomes of it.

What is typed goes in the body of a POST only: neither an address nor a log ever holds it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.domain.difficulty import LONGEST_BODY, LONGEST_CONTACT, LONGEST_MORE, LONGEST_TEXT, Difficulty
from kb.errors import KbError
from kb.outreach.message import caveat
from kb.outreach.qr import MOST, qr_svg
from kb.outreach.sheet import Sheet, sheet_on
from kb.store import difficulties, entries, private
from kb.store.secret import secret_key
from web import limits
from web.i18n import _
from web.links import absolute, link
from web.site import database, site
from web.telling import Told, answers_to, needs_today, problems_of, read

bp = Blueprint("difficulties", __name__)
STATING, ACTING = "10 per hour", "60 per hour"
"""How often one network may tell a difficulty, and act by private links."""
AGAIN = "60 per hour"
"""How often the form given back says once more what the library holds; without it nothing typed is lost."""


# -- telling ---------------------------------------------------------------------------------------


@bp.get("/difficulties/new")
def new() -> ResponseReturnValue:
    """First who, where and which difficulty; with these (``step=2``) what answers it, and the words."""
    told = read()
    if request.args.get("step") == "2":
        return _second(told)
    return render_template("difficulties/new.html", told=told, **_choices())


@bp.post("/difficulties/new")
def add() -> ResponseReturnValue:
    """Take it in and lead to its private page; on a mistake the form again, with all that was typed."""
    told = read()
    problems = problems_of(told)
    if problems:
        return _second(told, problems), 400
    if not _may_tell():
        return _second(
            told, {"": _("同一个网络一小时里提交得太多了。写的都还在下面，请过一会儿再提交。")}
        ), 429
    try:
        token = _taken_in(told)
    except difficulties.ChangedMeanwhileError as error:
        return _second(told, {"": str(error)}, key=private.new_key()), 409
    except KbError as error:
        return _second(told, {"": str(error)}), 503
    return redirect(link("difficulties.mine", token=token, new=1), 303)


def _form_token() -> str:
    """The token that the form as it was sent leads to, each time the same; empty for a form without key."""
    given = request.form.get("key", "")
    if not private.KEY.fullmatch(given):
        return ""
    return private.token_of(secret_key(site().settings.secret), given)


def _may_tell() -> bool:
    """Whether this network may; the same form once more is no second difficulty."""
    token = _form_token()
    if token and difficulties.by_token(database(), token):
        return limits.allows("difficulty", ACTING)
    return limits.allows("difficulties", STATING)


def _taken_in(told: Told) -> str:
    """Store it; the token of its private link."""
    _held, token = difficulties.state_one(
        database(),
        needs=told.need,
        text=told.text,
        region=told.region,
        size=told.size,
        segment=told.industry,
        contact=told.contact,
        consent_forward=told.bodies if told.forward else "",
        token=_form_token(),
    )
    return token


def _second(told: Told, problems: dict[str, str] | None = None, key: str = "") -> str:
    given = key or request.form.get("key", "")
    may_search = request.method == "GET" or limits.allows("difficulties again", AGAIN)
    return render_template(
        "difficulties/tell.html",
        told=told,
        problems=problems or {},
        key=given if private.KEY.fullmatch(given) else private.new_key(),
        answers=answers_to(told) if may_search else None,
        longest={"text": LONGEST_TEXT, "contact": LONGEST_CONTACT, "bodies": LONGEST_BODY},
        spam=request.form.get("website", "")[:200],
    )


def _choices() -> dict[str, object]:
    taxonomy = site().taxonomy
    return {
        "needs": needs_today(),
        "provinces": taxonomy.regions.provinces(),
        "segments": [term for term in taxonomy.industries if term.key not in taxonomy.outside],
    }


# -- the private page ------------------------------------------------------------------------------


def by_link(token: str) -> Difficulty:
    """The difficulty of a private link; 404 for any other word."""
    return difficulties.by_token(database(), token) or abort(404)


@bp.get("/difficulties/mine/<token>")
def mine(token: str) -> ResponseReturnValue:
    """State, answer and entries of one's difficulty; with ``new`` the link itself, to be kept."""
    return _mine(token, by_link(token))


def _mine(token: str, held: Difficulty, typed: str = "", problem: str = "", bodies: str = "") -> str:
    address = absolute(url_for("difficulties.mine", token=token))
    is_new = "new" in request.args
    return render_template(
        "difficulties/mine.html",
        held=held,
        token=token,
        address=address,
        qr=_qr(address) if is_new else "",
        is_new=is_new,
        entries=entries_of(held),
        typed=typed,
        bodies=bodies,
        problem=problem,
        longest={"more": LONGEST_MORE, "bodies": LONGEST_BODY},
        steps=[one for one in difficulties.events(database(), held.id) if one.action in _FOR_MEMBERS],
        words=step_words(),
    )


_FOR_MEMBERS = frozenset(
    {"receive", "restate", "add", "answer", "pass", "close", "reopen", "publish", "unpublish"}
)


def step_words() -> dict[str, str]:
    """What happened, as the member is told it."""
    return {
        "receive": _("协会收到"),
        "restate": _("您改好重交了"),
        "add": _("您补充了情况"),
        "answer": _("协会答复"),
        "pass": _("转给了您同意的单位"),
        "close": _("办结"),
        "reopen": _("重新办理"),
        "publish": _("公开了您同意的文字"),
        "unpublish": _("不再公开"),
    }


def _qr(address: str) -> str:
    return qr_svg(address) if site().settings.base_url and len(address) <= MOST else ""


def entries_of(held: Difficulty) -> list[Sheet]:
    """The published entries that staff linked, as they are today."""
    found = (entries.get(database(), one) for one in held.entries)
    shown = [one for one in found if one is not None and one.state == "published"]
    sheets = (sheet_on(database(), one, site().today) for one in shown)
    return [one for one in sheets if one is not None]


@bp.post("/difficulties/mine/<token>/add")
def add_text(token: str) -> ResponseReturnValue:
    """Add to what was told."""
    held, more = by_link(token), request.form.get("more", "").strip()
    if not more:
        return _mine(token, held, problem=_("补充的内容是空的。")), 400
    if len(more) > LONGEST_MORE:
        told = _("补充一次最多 %(most)s 字，现在是 %(n)s 字。", most=LONGEST_MORE, n=len(more))
        return _mine(token, held, more, told), 400
    return _done(token, lambda: difficulties.add_text(database(), held, more, site().today), more)


@bp.post("/difficulties/mine/<token>/forwarding")
def forwarding(token: str) -> ResponseReturnValue:
    """Consent to its being passed on to the bodies named, or with ``withdraw`` take the consent back."""
    held, bodies = by_link(token), request.form.get("bodies", "").strip()
    if request.form.get("withdraw"):
        bodies = ""
    elif not 0 < len(bodies) <= LONGEST_BODY:
        told = _("请写明同意转给哪个单位，最多 %(most)s 字。", most=LONGEST_BODY)
        return _mine(token, held, problem=told, bodies=bodies), 400
    return _done(token, lambda: difficulties.set_forwarding(database(), held, bodies))


@bp.post("/difficulties/mine/<token>/publication")
def publication(token: str) -> ResponseReturnValue:
    """Agree to the publication of just the words that were shown, or to none."""
    held, seal = by_link(token), request.form.get("seal", "")
    if request.form.get("agree"):
        return _done(token, lambda: difficulties.agree(database(), held, seal))
    return _done(token, lambda: difficulties.disagree(database(), held))


def _done(token: str, act: Callable[[], object], typed: str = "") -> ResponseReturnValue:
    """Do it and show the page anew; if it cannot be done now, the page says why and keeps what was typed."""
    if not limits.allows("difficulty", ACTING):
        told = _("同一个网络一小时里提交得太多了，请过一会儿再试。")
        return _mine(token, by_link(token), typed, told), 429
    try:
        act()
    except KbError as error:
        return _mine(token, by_link(token), typed, str(error)), 409
    return redirect(link("difficulties.mine", token=token, done=1), 303)


@bp.post("/difficulties/mine/<token>/delete")
def delete(token: str) -> ResponseReturnValue:
    """Delete everything, once that is confirmed."""
    held = by_link(token)
    if not request.form.get("sure"):
        return _mine(token, held, problem=_("要删除，请先勾选“确认删除”。")), 400
    difficulties.delete(database(), held)
    return redirect(link("difficulties.deleted"), 303)


@bp.get("/difficulties/deleted")
def deleted() -> ResponseReturnValue:
    """That it was deleted, and what that means."""
    return render_template("difficulties/deleted.html")


# -- what is public --------------------------------------------------------------------------------


@bp.get("/difficulties")
def index() -> ResponseReturnValue:
    """What members agreed to make public, in the secretariat's words, with the answers."""
    shown = [(held, entries_of(held)) for held in difficulties.published(database())]
    return render_template("difficulties/index.html", shown=shown)


@bp.get("/difficulties.json")
def as_json() -> ResponseReturnValue:
    """The same as data."""
    rows = [_row(held) for held in difficulties.published(database())]
    return jsonify({"difficulties": rows, "caveat": caveat(site().settings.organiser)})


def _row(held: Difficulty) -> dict[str, object]:
    return {
        "title": held.published_title,
        "text": held.published_text,
        "answer": held.published_answer,
        "published_at": held.published_at,
        "entries": [absolute(link("entries.show", entry_id=one.entry.id)) for one in entries_of(held)],
    }


@bp.after_request
def keep_to_itself(response: Response) -> Response:
    """Forms and private pages are kept by nobody, found by no robot, and their address goes nowhere.

    The referrer is the bare host and not left out: without one, a browser sends ``Origin: null``, and
    forms from nowhere are refused.
    """
    if request.endpoint not in ("difficulties.index", "difficulties.as_json"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "strict-origin"
    if request.endpoint not in ("difficulties.index", "difficulties.as_json", "difficulties.new"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
