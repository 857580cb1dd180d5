"""The post of a serving process: a round each minute, in a thread of its own: mail servers may be slow."""

from __future__ import annotations

import logging
import threading

from kb.errors import KbError
from kb.outreach.alerts import Ground
from kb.outreach.post import moment_of, post
from kb.store.database import open_database
from web.site import Site

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0


def start(site: Site, stop: threading.Event | None = None) -> threading.Thread:
    """Make and send the mail that is due, each minute until ``stop`` is set; ends with the process."""
    thread = threading.Thread(target=_run, args=(site, stop or threading.Event()), name="post", daemon=True)
    thread.start()
    return thread


def _run(site: Site, stop: threading.Event) -> None:
    told = ""
    while not stop.wait(EVERY_SECONDS):
        problem = once(site)
        if problem and problem != told:
            log.error("邮件没有发出：%s", problem)
        told = problem


def once(site: Site) -> str:
    """One round; what went wrong in words, or nothing. Without a mail server nothing is wrong: mail waits."""
    try:
        moment = moment_of(site.settings)
        db = open_database(site.settings.database)
        try:
            ground = Ground(db, site.library, site.shelf, site.terms, moment.date())
            done = post(ground, site.settings, moment)
        finally:
            db.close()
    except KbError as error:
        return str(error)
    except Exception as error:  # whatever it is, the next round may succeed
        log.debug("post failed", exc_info=True)
        return type(error).__name__
    return done.problem or (done.report.problem if site.settings.smtp_url else "")
