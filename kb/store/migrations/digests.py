"""Digests: drafts, issues that never change, corrections beside them."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_DIGESTS = """
CREATE TABLE digests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'issued', 'dropped')),
    revision INTEGER NOT NULL DEFAULT 1,
    day TEXT NOT NULL,
    since TEXT NOT NULL,
    masthead TEXT NOT NULL,
    choices TEXT NOT NULL,
    items TEXT NOT NULL DEFAULT '[]',
    year INTEGER,
    number INTEGER,
    total INTEGER UNIQUE,
    word BLOB,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    issued_by TEXT NOT NULL DEFAULT '',
    issued_at TEXT NOT NULL DEFAULT '',
    UNIQUE (year, number),
    CHECK ((state = 'issued') = (total IS NOT NULL))
);
CREATE TRIGGER issued_digests_never_change BEFORE UPDATE ON digests WHEN OLD.state = 'issued'
    BEGIN SELECT RAISE(ABORT, 'an issue never changes'); END;
CREATE TRIGGER issued_digests_never_go BEFORE DELETE ON digests WHEN OLD.state = 'issued'
    BEGIN SELECT RAISE(ABORT, 'an issue never goes'); END;
CREATE TABLE digest_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest_id INTEGER NOT NULL REFERENCES digests(id),
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TRIGGER digest_notes_never_change BEFORE UPDATE ON digest_notes
    BEGIN SELECT RAISE(ABORT, 'a correction never changes'); END;
CREATE TRIGGER digest_notes_never_go BEFORE DELETE ON digest_notes
    BEGIN SELECT RAISE(ABORT, 'a correction never goes'); END;
"""


@migrations()
def digests(db: Database) -> None:
    """Digests and their corrections."""
    for statement in statements(_DIGESTS):
        db.execute(statement)
