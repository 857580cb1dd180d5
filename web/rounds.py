"""Survey rounds as members see them: the form behind an invite link, what was published of closed ones."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain.roundresults import Results
from kb.domain.rounds import HARDEST, OPERATING, Answer, Round, regions_to_ask, segments_to_ask
from kb.domain.withholding import LEAST
from kb.errors import KbError
from kb.store import private, rounds
from kb.store.secret import secret_key
from web import limits
from web.i18n import _
from web.links import absolute, link
from web.roundresults import obstacle_name, operating_words, page_of
from web.site import database, site

bp = Blueprint("rounds", __name__)
UNSURE = "-"
"""The value that says: I do not know, or none of these."""
LONGEST_TEXT = 1000
ANSWERING = "120 per hour"
"""How often one network may answer: a company, or many behind one address of a telephone network."""
_REMEMBERED = timedelta(days=120)


@dataclass(frozen=True)
class Filled:
    """A form as it came: the answer if it is whole, what is wrong by field, what was typed."""

    values: MultiDict[str, str]
    problems: dict[str, str]
    answer: Answer | None = None


def invite_address(held: Round) -> str:
    """The link that members answer a round by; whoever has it can answer, and read nothing."""
    word = private.word(secret_key(site().settings.secret), "round", held.salt)
    return absolute(link("rounds.answer", token=word, lang=None, as_of=None))


def invited_to(token: str) -> Round:
    """The round of an invite link; 404 for no link of ours."""
    salt = private.salt_of(secret_key(site().settings.secret), "round", token)
    return (rounds.by_salt(database(), salt) if salt else None) or abort(404)


@bp.route("/rounds/<token>", methods=["GET", "POST"])
def answer(token: str) -> ResponseReturnValue:
    """The form; a whole one is taken in and thanked for. Nothing typed is lost on an error."""
    held = invited_to(token)
    if held.state_on(site().today) != "open":
        return _shut(held)
    if request.method == "POST":
        return _taken(held, token)
    if request.cookies.get(_cookie(held)) and "again" not in request.args:
        return _quiet(render_template("rounds/thanks.html", held=held, token=token, again=True))
    return _form(held, Filled(MultiDict(), {}))


@bp.get("/rounds/<token>/thanks")
def thanks(token: str) -> ResponseReturnValue:
    """What somebody sees who has answered."""
    return _quiet(render_template("rounds/thanks.html", held=invited_to(token), token=token, again=False))


def _shut(held: Round) -> ResponseReturnValue:
    """That nothing is taken in now; what was typed meanwhile is given back, to be told in another way."""
    typed = request.form.get("text", "").strip()
    needs = request.form.getlist("obstacle")
    codes = {name: request.form.get(name, "") for name in ("region", "size")}
    where = {**codes, "industry": request.form.get("segment", ""), "need": needs}
    page = render_template(
        "rounds/shut.html",
        held=held,
        state=held.state_on(site().today),
        is_sent=request.method == "POST",
        typed=typed,
        telling={name: value for name, value in where.items() if value and value != UNSURE},
    )
    return (_quiet(page), 409) if request.method == "POST" else _quiet(page)


def _taken(held: Round, token: str) -> ResponseReturnValue:
    filled = read(held, request.form)
    if filled.answer is None:
        return _form(held, filled)
    if not limits.allows("rounds", ANSWERING):
        told = _("同一个网络一小时里交得太多了。答过的都还在，请过一会儿再交。")
        return _form(held, Filled(filled.values, {"key": told})), 429
    try:
        rounds.add_answer(database(), held, filled.answer, request.form.get("key", ""))
    except KbError as error:
        if invited_to(token).state_on(site().today) != "open":
            return _shut(invited_to(token))
        return _form(held, Filled(filled.values, {"key": str(error)}))
    response = make_response(redirect(link("rounds.thanks", token=token), 303))
    response.set_cookie(
        _cookie(held),
        "1",
        max_age=_REMEMBERED,
        path="/rounds",
        httponly=True,
        samesite="Lax",
        secure=site().settings.base_url.startswith("https:"),
    )
    return response


def _cookie(held: Round) -> str:
    return f"kb_answered_{held.id}"


def _form(held: Round, filled: Filled) -> Response:
    taxonomy = site().taxonomy
    given = filled.values.get("key", "")
    return _quiet(
        render_template(
            "rounds/answer.html",
            held=held,
            filled=filled,
            key=given if private.KEY.fullmatch(given) else private.new_key(),
            regions=regions_to_ask(held.office, taxonomy),
            segments=segments_to_ask(taxonomy),
            operating=operating_words(),
            groups=_obstacle_groups(held),
            unsure=UNSURE,
            hardest=HARDEST,
            longest=LONGEST_TEXT,
            label=obstacle_name,
        )
    )


def _quiet(page: str) -> Response:
    """A page that no cache keeps."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _obstacle_groups(held: Round) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Today's list first; the obstacles of 2020 after it, both to be ticked freely."""
    old = site().taxonomy.needs_2020
    today = tuple(one for one in held.obstacles if one not in old)
    return (
        (_("现在常见的困难"), today),
        (_("2020年调查问过的困难"), tuple(one for one in held.obstacles if one in old)),
    )


def read(held: Round, form: MultiDict[str, str]) -> Filled:
    """The answer that a form holds, or what is still wrong with it; nothing raises."""
    taxonomy = site().taxonomy
    problems: dict[str, str] = {}
    region = _one_of(form, "region", [one.code for one in regions_to_ask(held.office, taxonomy)])
    size = _one_of(form, "size", [*taxonomy.sizes.by_key, UNSURE])
    segment = _one_of(form, "segment", [*(one.key for one in segments_to_ask(taxonomy)), UNSURE])
    operating = _one_of(form, "operating", OPERATING)
    difficulty = _one_of(form, "difficulty", [str(one) for one in range(HARDEST + 1)])
    text = form.get("text", "").strip()
    words = problem_words()
    given = {"region": region, "size": size, "segment": segment}
    given |= {"operating": operating, "difficulty": difficulty}
    problems |= {name: words[name] for name, value in given.items() if not value}
    if len(text) > LONGEST_TEXT:
        problems["text"] = _("最多 %(n)s 个字，现在是 %(m)s 个。", n=LONGEST_TEXT, m=len(text))
    if problems:
        return Filled(form, problems)
    told = {name: "" if value == UNSURE else value for name, value in given.items()}
    ticked = set(form.getlist("obstacle"))
    return Filled(
        form,
        {},
        Answer(
            day=site().today,
            region=told["region"],
            size=told["size"],
            segment=told["segment"],
            operating=told["operating"],
            difficulty=int(told["difficulty"]),
            obstacles=tuple(one for one in held.obstacles if one in ticked),
            text=text,
        ),
    )


def _one_of(form: MultiDict[str, str], name: str, known: Container[str]) -> str:
    value = form.get(name, "")
    return value if value in known else ""


def problem_words() -> dict[str, str]:
    """What to say where a question was left out."""
    return {
        "region": _("请选企业在哪里。"),
        "size": _("请选企业规模，拿不准就选“说不准”。"),
        "segment": _("请选最接近的一类，都不像就选“其他”。"),
        "operating": _("请选现在的经营情况。"),
        "difficulty": _("请在 0 到 10 里选一个。"),
    }


# -- what was published ----------------------------------------------------------------------------


@bp.get("/survey/rounds")
def index() -> ResponseReturnValue:
    """The rounds whose statistics are public."""
    return render_template("rounds/index.html", rounds=rounds.published(database()))


@bp.get("/survey/rounds/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """The public statistics of one round."""
    held, results = _published(number)
    return render_template("rounds/show.html", held=held, page=page_of(held, results))


@bp.get("/survey/rounds/<int:number>.json")
def as_json(number: int) -> ResponseReturnValue:
    """The same as data; ``null`` is what is not told."""
    held, results = _published(number)
    head = {"title": held.title, "office": held.office}
    days = {"opens_on": held.opens_on.isoformat(), "last_day": held.last_day.isoformat()}
    return jsonify({**head, **days, "least": LEAST, **results.model_dump(mode="json")})


def _published(number: int) -> tuple[Round, Results]:
    held = rounds.get(database(), number)
    results = rounds.settled(database(), number) if held and held.published_at else None
    return (held, results) if held and results else abort(404)
