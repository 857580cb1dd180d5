"""Searching: the page, its data as JSON, CSV and Atom."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from kb.outreach.feeds import Feed, atom
from kb.outreach.message import caveat
from kb.outreach.results import answer_csv, answer_json
from kb.search import Answer, search
from web import searchlog
from web.i18n import _
from web.links import absolute, link
from web.params import Asked, Problem, read
from web.results import background_search, results
from web.site import NAME, site
from web.view import view

bp = Blueprint("search", __name__)
EXPORT_ROWS = 1000
FEED_ROWS = 30


def asked() -> Asked:
    """The search that the present address asks for."""
    return read(request.args, site().taxonomy, view())


@bp.get("/search")
def index() -> ResponseReturnValue:
    """The results page."""
    found = results(site().library, asked(), view())
    searchlog.asked(found)
    return render_template("search/index.html", found=found, background_search=background_search)


@bp.get("/search.json")
def as_json() -> ResponseReturnValue:
    """One page of the answer as JSON; 400 with the accepted values if a parameter was not understood."""
    wanted = asked()
    if wanted.problems:
        return refusal(wanted.problems)
    answer = search(site().library, wanted.request(view()))
    data = answer_json(answer, site().taxonomy)
    return jsonify({**data, "page": wanted.page, "caveat": caveat(site().settings.organiser)})


@bp.get("/search.csv")
def as_csv() -> ResponseReturnValue:
    """The whole answer as CSV for a spreadsheet."""
    wanted = asked()
    if wanted.problems:
        return refusal(wanted.problems)
    answer = _first(wanted, EXPORT_ROWS)
    text = answer_csv(answer, site().taxonomy, _entries_address()) + _last_line()
    headers = {"Content-Disposition": 'attachment; filename="relief-kb.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@bp.get("/search.atom")
def as_atom() -> ResponseReturnValue:
    """The first hits as an Atom feed."""
    wanted = asked()
    if wanted.problems:
        return refusal(wanted.problems)
    parameters = wanted.parameters()
    feed = Feed(
        title=f"{NAME}：{wanted.text[:60]}" if wanted.text else NAME,
        address=absolute(link("search.as_atom", **parameters)),
        page=absolute(link("search.index", **parameters)),
        entries=_entries_address(),
        organiser=site().settings.organiser,
    )
    document = atom(feed, _first(wanted, FEED_ROWS).hits, view().day)
    return Response(document, mimetype="application/atom+xml")


def refusal(problems: tuple[Problem, ...]) -> ResponseReturnValue:
    """400 that names what was not understood and what would be."""
    told = [asdict(one) for one in problems]
    message = _("有参数看不懂：") + "；".join(one.message for one in problems)
    return jsonify({"error": message, "problems": told}), 400


def _first(wanted: Asked, rows: int) -> Answer:
    return search(site().library, wanted.with_page(1).request(view(), limit=rows))


def _entries_address() -> str:
    return absolute(link("home.index").partition("?")[0] + "entries/")


def _last_line() -> str:
    """The caveat as the last row."""
    out = io.StringIO()
    csv.writer(out).writerow([caveat(site().settings.organiser)])
    return out.getvalue()
