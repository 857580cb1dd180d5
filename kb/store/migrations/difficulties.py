"""What members told the association, what became of it, and how many were deleted."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_DIFFICULTIES = """
CREATE TABLE difficulties (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT NOT NULL UNIQUE,
    received_at TEXT NOT NULL,
    region TEXT NOT NULL,
    size TEXT NOT NULL,
    segment TEXT NOT NULL,
    needs TEXT NOT NULL,
    text TEXT NOT NULL,
    contact TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'linked', 'answered', 'passed', 'closed')),
    passed_to TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    answered_at TEXT NOT NULL DEFAULT '',
    entries TEXT NOT NULL DEFAULT '[]',
    consent_forward TEXT NOT NULL DEFAULT '',
    rewrite_title TEXT NOT NULL DEFAULT '',
    rewrite_text TEXT NOT NULL DEFAULT '',
    rewrite_answer TEXT NOT NULL DEFAULT '',
    agreed TEXT NOT NULL DEFAULT '',
    published_title TEXT NOT NULL DEFAULT '',
    published_text TEXT NOT NULL DEFAULT '',
    published_answer TEXT NOT NULL DEFAULT '',
    published_at TEXT NOT NULL DEFAULT '',
    closed_at TEXT NOT NULL DEFAULT '',
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX difficulties_received ON difficulties(received_at);
CREATE INDEX difficulties_published ON difficulties(published_at);
CREATE TABLE difficulty_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    difficulty_id INTEGER NOT NULL REFERENCES difficulties(id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX difficulty_events_of ON difficulty_events(difficulty_id);
CREATE TABLE difficulties_deleted (
    month TEXT PRIMARY KEY,
    number INTEGER NOT NULL
);
"""


@migrations()
def difficulties(db: Database) -> None:
    """Difficulties, the steps taken with them, and the count of deleted ones by month of receipt."""
    for statement in statements(_DIFFICULTIES):
        db.execute(statement)
