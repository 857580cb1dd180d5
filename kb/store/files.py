"""Which file an entry was last loaded from or dumped to."""

from __future__ import annotations

from dataclasses import dataclass

from kb.store.database import Database, writing


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
