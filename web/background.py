"""The thread of a serving process that keeps the index level with the store and writes what waits.

Once a day it deletes what is kept no longer than was promised (:mod:`kb.store.tidying`).

What searches need of a new generation is made here too, so that no reader waits for it.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from datetime import date

from kb.errors import KbError
from kb.search.indexing import catch_up
from kb.store.database import open_database
from kb.store.tidying import tidy
from web.searchlog import SearchLog
from web.site import Site

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0


def start(
    site: Site, stop: threading.Event | None = None, searches: SearchLog | None = None
) -> threading.Thread:
    """Catch up, and write what ``searches`` has counted, each second until ``stop`` is set.

    The thread ends with the process.
    """
    thread = threading.Thread(
        target=_run, args=(site, stop or threading.Event(), searches), name="catch-up", daemon=True
    )
    thread.start()
    return thread


def _run(site: Site, stop: threading.Event, searches: SearchLog | None) -> None:
    told = ""
    tidied: date | None = None
    while not stop.is_set():
        problem = once(site)
        tidied = tidied_on(site, tidied)
        if searches is not None and searches.due:
            searches.write()
        if problem and problem != told:
            log.error("索引没有跟上：%s", problem)
        told = problem
        stop.wait(EVERY_SECONDS)


def tidied_on(site: Site, last: date | None) -> date | None:
    """Delete what is due, once a day and on starting; the day for which that is done now."""
    today = site.today
    if last == today:
        return last
    try:
        with closing(open_database(site.settings.database)) as db:
            tidy(db, today)
    except KbError as error:
        log.error("到期的资料没有删掉，稍后再试：%s", error)
        return last
    return today


def once(site: Site) -> str:
    """One round; what went wrong in words, or nothing."""
    try:
        db = open_database(site.settings.database)
        try:
            catch_up(site.live.index_settings(db), db, timeout=0)
        finally:
            db.close()
        library = site.library
        library.reader.reading(library.book)
    except KbError as error:
        return str(error)
    except Exception as error:  # whatever it is, the next round may succeed
        log.debug("catch up failed", exc_info=True)
        return f"{type(error).__name__}: {error}"
    return ""
