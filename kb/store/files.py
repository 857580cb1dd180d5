"""Which file an entry was last loaded from or dumped to, and drafts that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass

from kb.domain.entry import Entry
from kb.store.database import Database, now, writing
from kb.store.entries import to_json


@dataclass(frozen=True)
class Remembered:
    """The file an entry came from: its path, the SHA-256 of its bytes, the version it became."""

    entry_id: str
    path: str
    sha256: str
    version: int


def remembered(db: Database) -> dict[str, Remembered]:
    """What is remembered of every entry that ever came from a file."""
    return {row["entry_id"]: Remembered(**row) for row in db.query("SELECT * FROM files")}


def remember(db: Database, entry_id: str, path: str, sha256: str, version: int) -> None:
    """Note that the file now says the same as ``version``."""
    row = {"entry_id": entry_id, "path": path, "sha256": sha256, "version": version}
    with writing(db):
        db.table("files").upsert(row, pk="entry_id")


def keep_draft(db: Database, entry: Entry, origin: str, sha256: str, base_version: int | None) -> bool:
    """Keep an entry that may not be published yet; false if this very one is kept already."""
    with writing(db):
        held = db.query("SELECT 1 FROM drafts WHERE entry_id = ? AND sha256 = ?", [entry.id, sha256])
        if list(held):
            return False
        db.table("drafts").insert(
            {
                "entry_id": entry.id,
                "body": to_json(entry),
                "origin": origin,
                "sha256": sha256,
                "base_version": base_version,
                "created_at": now(),
            }
        )
    return True
