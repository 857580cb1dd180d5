"""The texts that drafts were made from: what is published was written from them, what waits still is."""

from __future__ import annotations

from dataclasses import dataclass

from kb.domain.workflow import OPEN
from kb.store.database import Database

IMPORTED = ("intake:import", "intake:upload")
"""The origins of drafts whose original is a whole paper."""


@dataclass(frozen=True)
class Waiting:
    """An open draft of an imported paper, by its number, and what it is made of."""

    draft_id: int
    entry_id: str
    kind: str
    title: str
    original: str


def of_published(db: Database, entry_id: str) -> list[str]:
    """The originals of an entry's published drafts that came from an imported paper."""
    sql = "SELECT original FROM drafts WHERE entry_id = ? AND state = 'published' AND origin IN (?, ?)"
    return [str(row["original"]) for row in db.query(sql, [entry_id, *IMPORTED])]


def waiting(db: Database) -> list[Waiting]:
    """The open drafts that came from imported papers, the earliest first."""
    marks = ", ".join("?" * len(OPEN))
    sql = f"""SELECT id AS draft_id, entry_id, kind, title, original FROM drafts
              WHERE origin IN (?, ?) AND state IN ({marks}) ORDER BY id"""  # noqa: S608
    return [Waiting(**row) for row in db.query(sql, [*IMPORTED, *OPEN])]
