"""Keys of programs, and the lists of members that offices asked to be kept."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_KEYS = """
CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at TEXT,
    revoked_by TEXT
);
CREATE INDEX changes_entry ON changes(entry_id, number);
"""

_LISTS = """
CREATE TABLE member_lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    office TEXT NOT NULL,
    name TEXT NOT NULL,
    members INTEGER NOT NULL,
    body TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    saved_by TEXT NOT NULL,
    used_at TEXT NOT NULL,
    UNIQUE (office, name)
);
"""


@migrations()
def apikeys(db: Database) -> None:
    """Keys of programs, of which only the hash is kept; changes found by entry."""
    for statement in statements(_KEYS):
        db.execute(statement)


@migrations()
def memberlists(db: Database) -> None:
    """Lists of members that an office saved."""
    for statement in statements(_LISTS):
        db.execute(statement)
