"""Pairs of entries that look alike and are two: somebody looked and said so."""

from __future__ import annotations

from dataclasses import dataclass

from kb.store import audit
from kb.store.database import Database, now, writing


@dataclass(frozen=True)
class Apart:
    """One such pair, in the order of the ids; ``at`` is UTC, ``by`` a login name."""

    one: str
    other: str
    by: str
    at: str


def keep_apart(db: Database, one: str, other: str, by: str) -> None:
    """The two are different things: do not show them as a pair again. Saying so twice is fine."""
    first, second = sorted((one, other))
    with writing(db):
        if (first, second) in pairs(db):
            return
        db.table("apart").insert({"one": first, "other": second, "by": by, "at": now()})
        audit.append(db, by, "apart", first, f"与 {second} 不是同一件")


def forget(db: Database, one: str, other: str, by: str) -> None:
    """Show the two as a pair again."""
    first, second = sorted((one, other))
    with writing(db):
        if (first, second) in pairs(db):
            db.execute("DELETE FROM apart WHERE one = ? AND other = ?", [first, second])
            audit.append(db, by, "apart-undo", first, f"与 {second} 重新列为疑似重复")


def listed(db: Database) -> list[Apart]:
    """Every pair, the latest first."""
    return [Apart(**row) for row in db.query("SELECT * FROM apart ORDER BY at DESC, one, other")]


def pairs(db: Database) -> frozenset[tuple[str, str]]:
    """The ids of every pair, each in order."""
    return frozenset((one.one, one.other) for one in listed(db))
