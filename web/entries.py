"""One entry: its page and its data. Ids are for ever: what was withdrawn or merged says so."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.outreach.answered import answered_on
from kb.outreach.message import caveat, group_message
from kb.outreach.sheet import Sheet, sheet_json, sheet_on
from kb.store import entries
from kb.store.entries import Published
from web.company import SKIPPED, describe
from web.drawing import life_of
from web.links import absolute, link
from web.matching import found_for
from web.params import day_problem
from web.search import refusal
from web.site import database, site
from web.story import story_of
from web.view import view

bp = Blueprint("entries", __name__, url_prefix="/entries")
SURVEY_DAY = date(2020, 3, 10)
"""The day that the survey's companies are asked about, when the spring's relief had begun."""


@bp.get("/<entry_id>")
def show(entry_id: str) -> ResponseReturnValue:
    """The page of an entry; 404 if it never existed, 410 if it was withdrawn or merged."""
    held = _held(entry_id)
    if held.state != "published":
        into = entries.get(database(), held.merged_into) if held.merged_into else None
        return render_template("entries/gone.html", held=held, into=into), 410
    sheet = sheet_on(database(), held, view().day)
    if sheet is None:
        return render_template("entries/not_yet.html", entry=held.entry)
    return render_template("entries/show.html", **_shown(sheet))


@bp.get("/<entry_id>.json")
def as_json(entry_id: str) -> ResponseReturnValue:
    """The entry as data, with its status on the day asked about."""
    held = _held(entry_id)
    if view().bad_day:
        return refusal((day_problem(view()),))
    if held.state != "published":
        return jsonify({"error": held.state, "id": entry_id, "merged_into": held.merged_into}), 410
    sheet = sheet_on(database(), held, view().day)
    if sheet is None:
        issued = held.entry.known_on.isoformat()
        return jsonify({"id": entry_id, "as_of": view().day.isoformat(), "status": None, "known_on": issued})
    last = caveat(site().settings.organiser)
    return jsonify({**sheet_json(sheet, site().taxonomy), "caveat": last})


def _held(entry_id: str) -> Published:
    return entries.get(database(), entry_id) or abort(404)


def _similar(entry: Entry) -> tuple[tuple[date | None, str, int], ...]:
    """What a company like that of a case may get today and on the day it spoke: day, address, number."""
    if entry.profile is None:
        return ()
    profile = entry.profile
    told: dict[str, tuple[str, ...]] = {"region": entry.regions.include[:1], "industry": profile.industries}
    told |= {"size": profile.sizes[:1], "headcount": (SKIPPED,), "need": (SKIPPED,)}
    found = []
    for day in (None, SURVEY_DAY):
        address = url_for("match.index", **told, as_of=day.isoformat() if day else None)  # type: ignore[arg-type]
        described = describe(MultiDict(told), site().taxonomy)
        matches = found_for(database(), site().library, described, day or site().today)
        found.append((day, address, len(matches.matches)))
    return tuple(found)


def _shown(sheet: Sheet) -> dict[str, object]:
    address = absolute(link("entries.show", entry_id=sheet.entry.id, lang=None))
    message = group_message(sheet, site().taxonomy, site().settings.organiser, address)
    return {
        "sheet": sheet,
        "entry": sheet.entry,
        "message": message,
        "background": sheet.entry.kind in BACKGROUND_KINDS,
        "story": story_of(sheet),
        "life": life_of(sheet),
        "similar": _similar(sheet.entry),
        "answered": answered_on(database(), site().library, sheet.entry, sheet.day),
    }
