"""One entry: its page and its data. Ids are for ever: what was withdrawn or merged says so."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, abort, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.outreach.answered import answered_on
from kb.outreach.duedates import deadlines_of
from kb.outreach.message import caveat, group_message
from kb.outreach.sheet import Sheet, sheet_json, sheet_on
from kb.store import entries, history
from kb.store.entries import Published
from web.company import SKIPPED, describe
from web.drawing import life_of
from web.links import absolute_papers
from web.matching import found_for
from web.params import Problem, day_problem
from web.search import refusal
from web.sharing import shared_entry
from web.site import database, site
from web.story import story_of
from web.view import bad_moment_notice, view

bp = Blueprint("entries", __name__, url_prefix="/entries")
SURVEY_DAY = date(2020, 3, 10)
"""The day that the survey's companies are asked about, when the spring's relief had begun."""


@bp.get("/<entry_id>")
def show(entry_id: str) -> ResponseReturnValue:
    """The page of an entry; 404 if it never existed, 410 if it was withdrawn or merged.

    With ``known_at`` the page is as it was published at that moment.
    """
    held = _held(entry_id)
    if moment := view().known_at:
        return _replay(held, moment)
    if held.state != "published":
        into = entries.get(database(), held.merged_into) if held.merged_into else None
        return render_template("entries/gone.html", held=held, into=into), 410
    sheet = sheet_on(database(), held, view().day)
    if sheet is None:
        return render_template("entries/not_yet.html", entry=held.entry)
    return render_template("entries/show.html", **_shown(sheet))


def _replay(held: Published, moment: datetime) -> ResponseReturnValue:
    """What was said at a moment; the entry may be gone by now, or may not have been there yet."""
    then = history.entry_at(database(), held.entry.id, moment)
    if then is None:
        return render_template("history/absent.html", entry=held.entry)
    sheet = sheet_on(database(), then, view().day, moment)
    if sheet is None:
        return render_template("entries/not_yet.html", entry=then.entry)
    drawn = {"story": story_of(sheet), "life": life_of(sheet)}
    background = sheet.entry.kind in BACKGROUND_KINDS
    return render_template(
        "entries/show.html", sheet=sheet, entry=sheet.entry, background=background, **drawn
    )


@bp.get("/<entry_id>.json")
def as_json(entry_id: str) -> ResponseReturnValue:
    """The entry as data, with its status on the day asked about."""
    held = _held(entry_id)
    if view().bad_day:
        return refusal((day_problem(view()),))
    if view().bad_moment:
        message = bad_moment_notice(view().bad_moment)
        return refusal((Problem("known_at", view().bad_moment, message),))
    if moment := view().known_at:
        return _replay_json(held, moment)
    if held.state != "published":
        return jsonify({"error": held.state, "id": entry_id, "merged_into": held.merged_into}), 410
    sheet = sheet_on(database(), held, view().day)
    if sheet is None:
        issued = held.entry.known_on.isoformat()
        return jsonify({"id": entry_id, "as_of": view().day.isoformat(), "status": None, "known_on": issued})
    last = caveat(site().settings.organiser)
    return jsonify({**absolute_papers(sheet_json(sheet, site().taxonomy)), "caveat": last})


def _replay_json(held: Published, moment: datetime) -> ResponseReturnValue:
    """What was said at a moment, as data; ``status`` is null where nothing was."""
    then = history.entry_at(database(), held.entry.id, moment)
    sheet = sheet_on(database(), then, view().day, moment) if then else None
    shown = {"known_at": moment.astimezone(UTC).isoformat()}
    if sheet is None:
        none = {"id": held.entry.id, "as_of": view().day.isoformat(), "status": None, "version": None}
        return jsonify({**none, **shown})
    last = caveat(site().settings.organiser)
    return jsonify({**absolute_papers(sheet_json(sheet, site().taxonomy)), **shown, "caveat": last})


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
    code = shared_entry(sheet.entry.id)
    message = group_message(sheet, site().taxonomy, site().settings.organiser, code.address)
    return {
        "sheet": sheet,
        "entry": sheet.entry,
        "message": message,
        "code": code,
        "background": sheet.entry.kind in BACKGROUND_KINDS,
        "dated": deadlines_of(sheet),
        "story": story_of(sheet),
        "life": life_of(sheet),
        "similar": _similar(sheet.entry),
        "answered": answered_on(database(), site().library, sheet.entry, sheet.day),
    }
