"""The numbered changes that index, mail and any engine consume in order."""

from __future__ import annotations

from dataclasses import dataclass

from kb.store.database import Database


@dataclass(frozen=True)
class Change:
    """One row of the log. ``action`` is publish, timeline (a later entry moved its dates) or withdraw."""

    number: int
    entry_id: str
    action: str
    version: int
    because: str
    at: str


def since(db: Database, number: int, limit: int) -> list[Change]:
    """The changes after ``number`` in order, at most ``limit``."""
    sql = "SELECT * FROM changes WHERE number > ? ORDER BY number LIMIT ?"
    return [Change(**row) for row in db.query(sql, [number, limit])]


def last_number(db: Database) -> int:
    """The number of the last change; 0 before the first."""
    return int(next(db.query("SELECT coalesce(max(number), 0) AS last FROM changes"))["last"])


def last_end(db: Database, entry_id: str) -> str:
    """When an entry was last withdrawn or merged, in UTC; empty if it never was."""
    sql = "SELECT coalesce(max(at), '') AS at FROM changes WHERE entry_id = ? AND action = 'withdraw'"
    return str(next(db.query(sql, [entry_id]))["at"])
