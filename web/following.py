"""Following an entry or a search with one's own programs: what happened as Atom, last days for a calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from kb.outreach.calendar import Deadline, ics
from kb.outreach.changed import event_lines
from kb.outreach.duedates import deadlines_of, deadlines_of_hits
from kb.outreach.feeds import Feed, News, entry_atom
from kb.outreach.sheet import sheet_on
from kb.search import search
from kb.store import entries, history
from kb.store.entries import Published
from web.i18n import _
from web.links import absolute, link
from web.search import asked, refusal
from web.site import database, site
from web.view import view

bp = Blueprint("following", __name__)
CALENDAR_HITS = 200


def _held(entry_id: str) -> Published:
    return entries.get(database(), entry_id) or abort(404)


@bp.get("/entries/<entry_id>.atom")
def entry_feed(entry_id: str) -> ResponseReturnValue:
    """The versions, amendments and end of an entry in words, the newest first."""
    held, db = _held(entry_id), database()
    feed = Feed(
        title=held.entry.title,
        address=absolute(link("following.entry_feed", entry_id=entry_id)),
        page=absolute(link("entries.show", entry_id=entry_id)),
        entries="",
        organiser=site().settings.organiser,
    )
    events = history.events_of(db, entry_id, site().taxonomy)
    told = ((event, event_lines(db, event)) for event in events)
    news = [News(f"{event.action}-{event.at}", event.at, lines) for event, lines in told if lines]
    return Response(entry_atom(feed, news), mimetype="application/atom+xml")


@bp.get("/entries/<entry_id>.ics")
def entry_calendar(entry_id: str) -> ResponseReturnValue:
    """The last days of an entry."""
    held = _held(entry_id)
    sheet = sheet_on(database(), held, view().day) if held.state == "published" else None
    return _calendar(deadlines_of(sheet) if sheet else (), entry_id)


@bp.get("/search.ics")
def search_calendar() -> ResponseReturnValue:
    """The last days of what a search finds; 400 if a parameter was not understood."""
    wanted = asked()
    if wanted.problems:
        return refusal(wanted.problems)
    found = search(site().library, wanted.with_page(1).request(view(), limit=CALENDAR_HITS))
    return _calendar(deadlines_of_hits(found.hits, view().day), "deadlines")


def _calendar(dated: tuple[Deadline, ...], name: str) -> Response:
    if not dated:
        return Response(_("没有要记的截止日。"), 404, mimetype="text/plain")
    text = ics(dated, absolute(""), site().settings.organiser, datetime.now(UTC))
    headers = {"Content-Disposition": f'attachment; filename="{name}.ics"'}
    return Response(text, mimetype="text/calendar", headers=headers)
