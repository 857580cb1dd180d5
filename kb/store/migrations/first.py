"""Entries, their desk and its upkeep."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

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
    for statement in statements(_FIRST):
        db.execute(statement)


_DESK = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    shown TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('editor', 'reviewer', 'admin')),
    region TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    session_key TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    last_login_at TEXT
);
ALTER TABLE versions ADD COLUMN reviewed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN unreviewed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drafts RENAME TO drafts_of_files;
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'review', 'submitted', 'returned', 'published', 'dropped')),
    office TEXT NOT NULL,
    home TEXT NOT NULL,
    origin TEXT NOT NULL,
    original TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    base_version INTEGER,
    revision INTEGER NOT NULL DEFAULT 1,
    author TEXT NOT NULL,
    assignee TEXT NOT NULL DEFAULT '',
    due_on TEXT,
    token TEXT UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    vouched TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX drafts_entry ON drafts(entry_id);
CREATE INDEX drafts_state ON drafts(state);
INSERT INTO drafts (id, entry_id, kind, title, data, state, office, home, origin, sha256, base_version,
                    author, created_at, updated_at, updated_by)
    SELECT id, entry_id, coalesce(json_extract(body, '$.kind'), 'policy'),
           coalesce(json_extract(body, '$.title'), entry_id), body, 'draft', '100000', '100000',
           'file:' || origin, sha256, base_version, 'kb load', created_at, created_at, 'kb load'
    FROM drafts_of_files;
DROP TABLE drafts_of_files;
CREATE TABLE draft_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    draft_id INTEGER NOT NULL REFERENCES drafts(id),
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX draft_events_draft ON draft_events(draft_id);
CREATE TABLE editing (
    draft_id INTEGER NOT NULL REFERENCES drafts(id),
    by TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (draft_id, by)
);
CREATE TABLE attachments (
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    source TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at TEXT NOT NULL
);
"""

_UPKEEP = """
ALTER TABLE audit ADD COLUMN previous TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE TABLE addresses (
    url TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('ok', 'suspect', 'broken', 'unknown')),
    detail TEXT NOT NULL,
    final_url TEXT NOT NULL,
    failed_days INTEGER NOT NULL,
    failed_on TEXT,
    checked_at TEXT NOT NULL
);
CREATE TABLE apart (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (one, other),
    CHECK (one < other)
);
CREATE TABLE searches (
    day TEXT NOT NULL,
    query TEXT NOT NULL,
    asked INTEGER NOT NULL,
    found INTEGER NOT NULL,
    clicked INTEGER NOT NULL,
    PRIMARY KEY (day, query)
);
CREATE TABLE settled_searches (
    query TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE words (
    kind TEXT NOT NULL CHECK (kind IN ('synonym', 'lexicon')),
    word TEXT NOT NULL,
    other TEXT NOT NULL,
    weight REAL NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (kind, word, other)
);
"""


@migrations()
def desk(db: Database) -> None:
    """Accounts; drafts with their steps, keepers and comments; who is editing; attachments; who reviewed."""
    for statement in statements(_DESK):
        db.execute(statement)


@migrations()
def upkeep(db: Database) -> None:
    """The audit's chain; states of addresses; pairs that are no duplicates; searches; words of the desk."""
    for statement in statements(_UPKEEP):
        db.execute(statement)


_CHECKS = """
CREATE TABLE checks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id TEXT NOT NULL REFERENCES entries(id),
    day TEXT NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('same', 'changed', 'missing'))
);
CREATE INDEX checks_entry ON checks(entry_id);
"""


@migrations()
def checks(db: Database) -> None:
    """What came out each time somebody compared an entry with its original."""
    for statement in statements(_CHECKS):
        db.execute(statement)
