"""Whether anybody still looks after the data: what every page says when nobody has for two months."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kb.domain.verification import is_silent
from kb.errors import KbError
from kb.store.changes import last_number
from kb.store.coverage import last_check
from kb.store.database import told
from web.site import database, site

MOST_REMEMBERED = 32
_remembered: dict[tuple[Path, int, date], date | None] = {}


def silent_since() -> date | None:
    """The day of the last check where that is so long ago that every page must say it; else ``None``.

    Counted to today, whatever day is asked about. Where the store cannot be read nothing is said: that
    failure has a page of its own, and this is on it too.
    """
    path = site().settings.database
    try:
        with told(path):
            last = _last_check(path)
    except KbError:
        return None
    return last if is_silent(last, site().today) else None


def _last_check(path: Path) -> date | None:
    """The last check, looked for once a state of the store: this is on every page."""
    db = database()
    key = (path, last_number(db), site().today)
    if key not in _remembered:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = last_check(db, site().today)
    return _remembered.get(key)
