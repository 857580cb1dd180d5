"""Which relief applies to us: three taps to the answer, then one fact at a time; also as data."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain.telling import in_yuan
from kb.matching.match import Match, Matches
from kb.outreach.accountant import accountant_text, accountant_text_of
from kb.outreach.calendar import deadline_lines, deadlines, ics
from kb.outreach.checklist import checklist_of
from kb.outreach.matches import matches_json
from kb.outreach.message import caveat
from kb.outreach.qr import MOST, qr_svg
from web.asking import first_step
from web.company import Described, describe
from web.i18n import _
from web.links import absolute, link
from web.matching import found_for, page_of
from web.params import Problem, day_problem
from web.search import refusal
from web.site import database, site
from web.view import view

bp = Blueprint("match", __name__)
TO_ACCOUNTANT = frozenset({"automatic", "declare", "use"})
ACCOUNTED = 30
"""As many reliefs as one message to an accountant stays readable with."""
_ALIASES = {"employees": "headcount"}
"""What the command line calls a fact, where it is not the fact's own name."""


@bp.route("/match", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """The next of the three steps, or the matches. A POST carries figures that stay out of the address."""
    described = describe(request.values, site().taxonomy)
    if request.method == "POST" and request.form.get("keep"):
        return redirect(link("match.index", **described.everything()), 303)
    step = None if described.has_figures else first_step(described, view())
    if step and "all" not in request.args:
        return render_template("match/step.html", step=step, described=described, number=_number(step.field))
    found = found_for(database(), site().library, described, view().day)
    return render_template("match/index.html", **_shown(described, found))


def _number(field: str) -> int:
    return ("region", "headcount", "need").index(field) + 1


def _shown(described: Described, found: Matches) -> dict[str, object]:
    address = absolute(link("match.index", **{**described.parameters(), "lang": None}))
    dated = deadlines(found)
    return {
        "page": page_of(described, found, view()),
        "described": described,
        "found": found,
        "address": address,
        "qr": _qr(address),
        "deadlines": deadline_lines(dated),
        "headcount": found.company.room("headcount"),
        "to_accountant": _to_accountant,
        "all_to_accountant": _all_to_accountant(found, address),
    }


def _qr(address: str) -> str:
    """The QR code of a public address; none without ``KB_BASE_URL`` or for an address too long to scan."""
    if not site().settings.base_url or len(address) > MOST:
        return ""
    return qr_svg(address)


def _to_accountant(one: Match) -> str:
    address = absolute(link("entries.show", entry_id=one.offer.entry, lang=None, _anchor=one.offer.relief.id))
    return accountant_text(one, site().taxonomy, site().settings.organiser, address)


def _all_to_accountant(found: Matches, address: str) -> str:
    """What an accountant should look at, in one message: automatic, in returns, for payments due.

    What is met or fits the need comes first; nothing if there is nothing.
    """
    shown = [one for one in found.matches if one.group in TO_ACCOUNTANT and not one.offer.lead]
    first = [one for one in shown if one.fits or one.outcome == "eligible"]
    rest = [one for one in shown if one not in first]
    if not shown:
        return ""
    listed = [*first, *rest][:ACCOUNTED]
    return accountant_text_of(listed, site().taxonomy, site().settings.organiser, address)


@bp.route("/match/unchecked", methods=["GET", "POST"])
def unchecked() -> ResponseReturnValue:
    """What fits or may fit but is 时效待核实: one click away, never among the matches."""
    described = describe(request.values, site().taxonomy)
    found = found_for(database(), site().library, described, view().day)
    return render_template("match/unchecked.html", found=found, described=described)


@bp.route("/match/checklist", methods=["GET", "POST"])
def checklist() -> ResponseReturnValue:
    """The sheet to print: what to do, with the day, the versions used and the caveat."""
    described = describe(request.values, site().taxonomy)
    found = found_for(database(), site().library, described, view().day)
    sheet = checklist_of(found, site().settings.organiser)
    return render_template("match/checklist.html", sheet=sheet, described=described)


@bp.route("/match/deadlines.ics", methods=["GET", "POST"])
def calendar() -> ResponseReturnValue:
    """The deadlines of the matches for a calendar."""
    described = describe(request.values, site().taxonomy)
    found = found_for(database(), site().library, described, view().day)
    dated = deadlines(found)
    if not dated:
        return Response(_("没有要记的截止日。"), 404, mimetype="text/plain")
    base = site().settings.base_url or request.url_root.rstrip("/")
    text = ics(dated, base, site().settings.organiser, datetime.now(UTC))
    headers = {"Content-Disposition": 'attachment; filename="deadlines.ics"'}
    return Response(text, mimetype="text/calendar", headers=headers)


@bp.get("/match.json")
@bp.route("/api/v1/match", methods=["GET", "POST"])
def as_json() -> ResponseReturnValue:
    """The matches as data, by the contract of ``kb match``; 400 names what was not understood."""
    values = _api_values()
    described = describe(values, site().taxonomy)
    problems = [*described.problems, *_unknown(values), *_bad_body()]
    if view().bad_day:
        problems.append(day_problem(view()))
    if problems:
        return refusal(tuple(problems))
    found = found_for(database(), site().library, described, view().day)
    return jsonify({**matches_json(found), "caveat": caveat(site().settings.organiser)})


def _api_values() -> MultiDict[str, str]:
    """Parameters of the address, a form or a JSON object, under the names of the command line."""
    given = [(name, str(value)) for name, value in request.values.items(multi=True)]
    values: MultiDict[str, str] = MultiDict()
    for name, value in [*given, *_from_json(request.get_json(silent=True))]:
        if name == "fact":
            name, _equals, value = value.partition("=")
        name = _ALIASES.get(name.strip(), name.strip())
        values.add(name, in_yuan(value) if name == "revenue" and _is_api() else value)
    return values


def _is_api() -> bool:
    """The interface takes revenue in 万元, as the command line does; the page takes yuan."""
    return request.path.startswith("/api/")


def _from_json(body: object) -> list[tuple[str, str]]:
    """The values of a JSON object as text, a list as several of one name."""
    if not isinstance(body, dict):
        return []
    listed = {name: given if isinstance(given, list) else [given] for name, given in body.items()}
    return [(str(name), str(one)) for name, given in listed.items() for one in given]


def _bad_body() -> list[Problem]:
    """A JSON body that is none, or no object."""
    if not request.is_json or isinstance(request.get_json(silent=True), dict):
        return []
    return [Problem("body", "", _('请求的正文要是一个 JSON 对象，如 {"region": "430100"}'))]


def _unknown(values: MultiDict[str, str]) -> list[Problem]:
    known = {*site().taxonomy.facts, "need", "skip", "as_of", "lang", "all"}
    accepted = "、".join(sorted(site().taxonomy.facts))
    odd = [name[:40] for name in values if name not in known]
    return [
        Problem(name, "", _("没有「%(name)s」这项企业情况，可用：%(known)s", name=name, known=accepted))
        for name in odd
    ]
