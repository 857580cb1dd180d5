"""What was searched for, as counts by day and query: nobody's address, session or time of day.

Queries that look like personal data, and long ones, are not kept at all. What is older than
:data:`KEPT` goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from kb.domain.privacy import looks_personal
from kb.store import audit
from kb.store.database import Database, now, open_database, writing

Missing = Literal["result", "click"]

KEPT = timedelta(days=400)
LONGEST = 40
PATIENCE_MS = 200
SETTLEMENTS = ("synonym", "alias", "entry", "ignored")


@dataclass(frozen=True)
class Tally:
    """How often a query was asked, how often it found something, how often a hit was opened."""

    asked: int = 0
    found: int = 0
    clicked: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.asked + other.asked, self.found + other.found, self.clicked + other.clicked)


Counts = Mapping[tuple[date, str], Tally]


@dataclass(frozen=True)
class Asked:
    """A query over some days with its counts; ``last`` is the last day on which it was asked."""

    query: str
    tally: Tally
    last: date


@dataclass(frozen=True)
class Settled:
    """A query that somebody has seen to. ``what`` is one of :data:`SETTLEMENTS`."""

    query: str
    what: str
    by: str
    at: str


def may_be_kept(query: str) -> bool:
    """Whether a query may be counted: not empty, not long, nothing personal in it."""
    return 0 < len(query) <= LONGEST and query.isprintable() and not looks_personal(query)


def add(path: Path, counts: Counts) -> None:
    """Add ``counts`` in one short transaction; what may not be kept is left out.

    Gives up after a fifth of a second: :class:`kb.errors.KbError` where the store is busy or full.
    """
    kept = {key: tally for key, tally in counts.items() if may_be_kept(key[1])}
    if not kept:
        return
    with closing(open_database(path)) as db:
        db.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        with writing(db):
            for (day, query), tally in kept.items():
                db.execute(_ADD, [day.isoformat(), query, tally.asked, tally.found, tally.clicked])
            oldest = max(day for day, _query in kept) - KEPT
            db.execute("DELETE FROM searches WHERE day < ?", [oldest.isoformat()])


def forget_old(db: Database, today: date) -> int:
    """Delete the counts of days that are longer ago than :data:`KEPT`; how many."""
    sql = "DELETE FROM searches WHERE day < ?"
    with writing(db):
        return int(db.execute(sql, [(today - KEPT).isoformat()]).rowcount)


_ADD = """INSERT INTO searches (day, query, asked, found, clicked) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (day, query) DO UPDATE SET asked = asked + excluded.asked, found = found + excluded.found,
clicked = clicked + excluded.clicked"""

_MISSED = """SELECT s.query AS query, sum(s.asked) AS asked, sum(s.found) AS found, sum(s.clicked) AS clicked,
max(s.day) AS last FROM searches s LEFT JOIN settled_searches t ON t.query = s.query
WHERE s.day >= :since AND (t.query IS NULL OR (t.what <> 'ignored' AND s.day > date(t.at, '+8 hours')))
GROUP BY s.query HAVING sum(s.asked) > 0 AND {test} ORDER BY asked DESC, last DESC, s.query LIMIT :limit"""
_TESTS: dict[Missing, str] = {
    "result": "sum(s.found) = 0",
    "click": "sum(s.found) > 0 AND sum(s.clicked) = 0",
}


def missed(db: Database, missing: Missing, since: date, limit: int = 100) -> list[Asked]:
    """The queries that found nothing (``result``) or whose hits nobody opened (``click``), most asked first.

    Those seen to come again only when they are asked on a later day; ignored ones never do.
    """
    sql = _MISSED.format(test=_TESTS[missing])
    rows = db.query(sql, {"since": since.isoformat(), "limit": limit})
    return [_asked(row) for row in rows]


def without_result(db: Database, first: date, last: date, least: int) -> list[Asked]:
    """The queries of these days that never found anything and were asked ``least`` times or more, most first.

    What somebody has since seen to is among them, unless it needs nothing.
    """
    sql = """SELECT s.query AS query, sum(s.asked) AS asked, sum(s.found) AS found, sum(s.clicked) AS clicked,
    max(s.day) AS last FROM searches s LEFT JOIN settled_searches t ON t.query = s.query
    WHERE s.day BETWEEN ? AND ? AND coalesce(t.what, '') <> 'ignored'
    GROUP BY s.query HAVING sum(s.asked) >= ? AND sum(s.found) = 0 ORDER BY asked DESC, s.query"""
    return [_asked(row) for row in db.query(sql, [first.isoformat(), last.isoformat(), least])]


def _asked(row: dict[str, object]) -> Asked:
    tally = Tally(*(int(str(row[name])) for name in ("asked", "found", "clicked")))
    return Asked(str(row["query"]), tally, date.fromisoformat(str(row["last"])))


def total(db: Database, since: date) -> Tally:
    """Everything counted since a day."""
    sql = """SELECT coalesce(sum(asked), 0) AS asked, coalesce(sum(found), 0) AS found,
             coalesce(sum(clicked), 0) AS clicked FROM searches WHERE day >= ?"""
    return Tally(**next(db.query(sql, [since.isoformat()])))


def settle(db: Database, query: str, what: str, by: str) -> None:
    """Somebody has seen to a query: it leaves the lists."""
    with writing(db):
        row = {"query": query, "what": what, "by": by, "at": now()}
        db.table("settled_searches").upsert(row, pk="query")
        audit.append(db, by, "search-settle", query, what)


def unsettle(db: Database, query: str, by: str) -> None:
    """Put a query back on the lists."""
    with writing(db):
        db.execute("DELETE FROM settled_searches WHERE query = ?", [query])
        audit.append(db, by, "search-unsettle", query)


def settled(db: Database, limit: int = 100) -> list[Settled]:
    """The queries that were seen to, the latest first."""
    sql = "SELECT * FROM settled_searches ORDER BY at DESC LIMIT ?"
    return [Settled(**row) for row in db.query(sql, [limit])]
