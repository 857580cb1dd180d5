"""The schema, append only: never change a migration that has been released, add the next one."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("kb")

_FIRST = """
CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('published', 'withdrawn', 'merged')),
    version INTEGER NOT NULL,
    merged_into TEXT REFERENCES entries(id),
    FOREIGN KEY (id, version) REFERENCES versions(entry_id, number) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE versions (
    entry_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    published_at TEXT NOT NULL,
    published_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (entry_id, number)
);
CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;
CREATE TRIGGER versions_never_go BEFORE DELETE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never goes'); END;
CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id TEXT NOT NULL REFERENCES entries(id),
    action TEXT NOT NULL CHECK (action IN ('publish', 'timeline', 'withdraw')),
    version INTEGER NOT NULL,
    because TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE relations (
    entry_id TEXT NOT NULL REFERENCES entries(id),
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    target TEXT NOT NULL,
    relief TEXT,
    target_number TEXT,
    end TEXT,
    repealed_from TEXT,
    known_on TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (entry_id, position)
);
CREATE INDEX relations_target ON relations(target);
CREATE TABLE files (
    entry_id TEXT PRIMARY KEY REFERENCES entries(id),
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id TEXT NOT NULL,
    body TEXT NOT NULL,
    origin TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    base_version INTEGER,
    created_at TEXT NOT NULL,
    UNIQUE (entry_id, sha256)
);
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit never changes'); END;
CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit never goes'); END;
"""


@migrations()
def first(db: Database) -> None:
    """Entries, immutable versions, numbered changes, relations, files, drafts, audit."""
    for statement in _statements(_FIRST):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """The statements of a script one by one, since ``executescript`` would commit on its own."""
    found, current = [], ""
    for line in script.strip().splitlines():
        current += line + "\n"
        inside_trigger = current.startswith("CREATE TRIGGER") and not line.rstrip().endswith("END;")
        if line.rstrip().endswith(";") and not inside_trigger:
            found.append(current)
            current = ""
    return found
