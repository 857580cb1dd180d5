"""Digests: drafts, issues that never change, corrections beside them.

One change of an issue is let through: an answered difficulty losing its words, and the Word file with it,
because its member deleted it.
"""

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
CREATE TRIGGER issued_digests_never_change BEFORE UPDATE ON digests WHEN OLD.state = 'issued' AND NOT (
    NEW.word IS NULL
    AND (NEW.id, NEW.state, NEW.revision, NEW.day, NEW.since, NEW.masthead, NEW.choices, NEW.year,
         NEW.number, NEW.total, NEW.created_by, NEW.created_at, NEW.updated_by, NEW.updated_at,
         NEW.issued_by, NEW.issued_at)
     IS (OLD.id, OLD.state, OLD.revision, OLD.day, OLD.since, OLD.masthead, OLD.choices, OLD.year,
         OLD.number, OLD.total, OLD.created_by, OLD.created_at, OLD.updated_by, OLD.updated_at,
         OLD.issued_by, OLD.issued_at)
    AND json_array_length(NEW.items) = json_array_length(OLD.items)
    AND NEW.items <> OLD.items
    AND NOT EXISTS (
        SELECT 1 FROM json_each(OLD.items) AS was JOIN json_each(NEW.items) AS became ON became.key = was.key
        WHERE became.value <> was.value
        AND (json_extract(was.value, '$.section') <> 'answered' OR became.value <>
             json_object('section', 'answered', 'key', json_extract(was.value, '$.key')))))
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
