"""Which relief applies to us: three taps to the answer, then one fact at a time; also as data."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.matching.match import Match, Matches
from kb.outreach.accountant import accountant_text, accountant_text_of
from kb.outreach.calendar import deadline_lines, deadlines, ics
from kb.outreach.checklist import checklist_of
from kb.outreach.groups import match_message
from kb.outreach.matches import matches_json
from kb.outreach.message import caveat
from web.asking import first_step
from web.company import Described, describe, named
from web.i18n import _
from web.links import absolute, link
from web.matching import found_for, page_of
from web.params import Problem, day_problem
from web.search import refusal
from web.sharing import entry_path, shared_match
from web.site import database, site
from web.view import view

bp = Blueprint("match", __name__)
TO_ACCOUNTANT = frozenset({"automatic", "declare", "use"})
ACCOUNTED = 30
"""As many reliefs as one message to an accountant stays readable with."""


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
    code = shared_match(described)
    dated = deadlines(found)
    return {
        "page": page_of(described, found, view()),
        "described": described,
        "found": found,
        "code": code,
        "message": match_message(found, described.codes, site().settings.organiser, code.address),
        "deadlines": deadline_lines(dated),
        "headcount": found.company.room("headcount"),
        "to_accountant": _to_accountant,
        "all_to_accountant": _all_to_accountant(found, code.address),
    }


def _to_accountant(one: Match) -> str:
    address = absolute(f"{entry_path(one.offer.entry)}#{one.offer.relief.id}")
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
    code = shared_match(described)
    return render_template("match/checklist.html", sheet=sheet, described=described, code=code)


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
def as_json() -> ResponseReturnValue:
    """The matches as data, by the contract of ``kb match``; 400 names what was not understood."""
    values = named(request.args)
    described = describe(values, site().taxonomy)
    problems = [*described.problems, *_unknown(values)]
    if view().bad_day:
        problems.append(day_problem(view()))
    if problems:
        return refusal(tuple(problems))
    found = found_for(database(), site().library, described, view().day)
    return jsonify({**matches_json(found), "caveat": caveat(site().settings.organiser)})


def _unknown(values: MultiDict[str, str]) -> list[Problem]:
    known = {*site().taxonomy.facts, "need", "skip", "as_of", "lang", "all"}
    accepted = "、".join(sorted(site().taxonomy.facts))
    odd = [name[:40] for name in values if name not in known]
    return [
        Problem(name, "", _("没有「%(name)s」这项企业情况，可用：%(known)s", name=name, known=accepted))
        for name in odd
    ]
