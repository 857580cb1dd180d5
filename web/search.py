"""Searching: the page, its data as JSON, CSV and Atom."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.privacy import looks_personal
from kb.outreach.feeds import Feed, atom
from kb.outreach.groups import MOST_HITS, search_message
from kb.outreach.message import caveat
from kb.outreach.results import answer_csv, answer_json
from kb.search import Answer, search
from kb.search.table import FIELDS, label_of
from kb.store import entries
from web import searchlog
from web.i18n import _
from web.links import absolute, link
from web.params import Asked, Problem, read
from web.results import Results, background_search, results
from web.sharing import entry_path, shared_search
from web.site import NAME, database, site
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
    shown = {"found": found, "background_search": background_search, **_to_share(found)}
    return render_template("search/index.html", **shown)


def _to_share(found: Results) -> dict[str, object]:
    """The message for a group and the code; nothing where nothing was found."""
    if not found.answer.hits:
        return {}
    code, words = shared_search(found.asked), found.asked.text
    about = "、".join((*([words] if words and not looks_personal(words) else ()), *_chips(found)))
    held = (entries.get(database(), hit.record.id) for hit in found.answer.hits[:MOST_HITS])
    doubted = {one.entry.id for one in held if one and one.entry.verified.doubts}
    organiser = site().settings.organiser
    text = search_message(found.answer, about, organiser, code.address, _entry_address, doubted)
    return {"message": text, "code": code}


def _chips(found: Results) -> list[str]:
    """The filters in words, Chinese on every page: the message is for a group."""
    taxonomy = site().taxonomy
    return [
        label_of(name, value, taxonomy)
        for name in FIELDS
        for value in found.asked.filters.of(name)
        if value != "all"
    ]


def _entry_address(entry_id: str) -> str:
    return absolute(entry_path(entry_id))


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
