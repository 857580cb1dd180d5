"""Counting what is searched for, after the answer has gone out: in memory, written a few times a minute.

Only whole questions are counted (first page, no filter, no other day), no visits of staff, bots or link
previews. A click is an entry opened from a page of results of this site. Nothing of who asked is looked at.
"""

from __future__ import annotations

import re
import threading
import time
from datetime import date
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, current_app, g, request, session, url_for

from kb.errors import KbError
from kb.search.analysis import normalise
from kb.store import searches
from kb.store.searches import Tally
from web.results import Results
from web.site import site
from web.view import view

EVERY_SECONDS = 2.0
MOST = 5_000
"""So many different queries wait in memory at most while the store cannot be written to."""
_NOBODY = re.compile(
    r"bot\b|bot/|spider|crawl|slurp|preview|curl|wget|python|java/|go-http|okhttp|scrapy|headless|monitor|feed",
    re.IGNORECASE,
)


class SearchLog:
    """The counts of this process that are not written yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._counts: dict[tuple[date, str], Tally] = {}
        self._lock = threading.Lock()
        self._written = time.monotonic()

    def count(self, day: date, query: str, tally: Tally) -> None:
        """Count a query; whatever comes when too much waits is let go."""
        with self._lock:
            if len(self._counts) < MOST or (day, query) in self._counts:
                self._counts[day, query] = self._counts.get((day, query), Tally()) + tally

    @property
    def due(self) -> bool:
        """Whether counts have waited long enough."""
        return bool(self._counts) and time.monotonic() - self._written >= EVERY_SECONDS

    def write(self) -> bool:
        """Write what waits; false where the store could not take it: then it goes on waiting."""
        with self._lock:
            taken, self._counts = self._counts, {}
            self._written = time.monotonic()
        try:
            searches.add(self._path, taken)
        except KbError:
            for (day, query), tally in taken.items():
                self.count(day, query, tally)
            return False
        return True


def log() -> SearchLog:
    """The log of the application that is answering."""
    return cast(SearchLog, current_app.extensions["searchlog"])


def asked(found: Results) -> None:
    """Count the search that is being answered, if it is a plain question of a reader."""
    wanted = found.asked
    plain = "page" not in request.args and wanted.sort == "relevance" and not view().asked
    if plain and not any(vars(wanted.filters).values()):
        g.searched = wanted.text, Tally(asked=1, found=int(found.answer.total > 0))


def _counted(response: Response) -> Response:
    """Count a search or a click of this request once it is answered; a failure of that is nobody's."""
    if response.status_code != 200 or request.method != "GET" or not _is_reader():
        return response
    text, tally = g.get("searched") or _clicked()
    query = " ".join(normalise(text[: searches.LONGEST * 2]).split())
    if searches.may_be_kept(query):
        log().count(site().today, query, tally)
    written = log()
    response.call_on_close(lambda: written.due and written.write())
    return response


def _clicked() -> tuple[str, Tally]:
    """The question whose results led to the entry that is shown."""
    if request.endpoint != "entries.show" or not request.referrer:
        return "", Tally()
    try:
        came = urlsplit(request.referrer)
        values = parse_qs(came.query, max_num_fields=100)
    except ValueError:
        return "", Tally()
    if came.netloc != request.host or came.path != url_for("search.index"):
        return "", Tally()
    return values.get("q", [""])[0], Tally(clicked=1)


def _is_reader() -> bool:
    agent = request.headers.get("User-Agent", "")
    ahead = " ".join(request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return bool(agent) and not ahead.strip() and not _NOBODY.search(agent) and "_user_id" not in session


def init_app(app: Flask, path: Path) -> None:
    """Count the searches of ``app`` into the database at ``path``."""
    app.extensions["searchlog"] = SearchLog(path)
    app.after_request(_counted)
