"""Survey rounds, their answers without any identity, and what staff wrote of difficulties for reports."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_ROUNDS = """
CREATE TABLE rounds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    office TEXT NOT NULL,
    opens_on TEXT NOT NULL,
    closes_on TEXT NOT NULL,
    salt TEXT NOT NULL UNIQUE,
    obstacles TEXT NOT NULL,
    invited TEXT NOT NULL,
    closed_on TEXT NOT NULL DEFAULT '',
    results TEXT NOT NULL DEFAULT '',
    published_at TEXT NOT NULL DEFAULT '',
    opened_by TEXT NOT NULL,
    opened_at TEXT NOT NULL
);
CREATE TABLE round_answers (
    key TEXT PRIMARY KEY,
    round_id INTEGER NOT NULL REFERENCES rounds(id),
    day TEXT NOT NULL,
    region TEXT NOT NULL,
    size TEXT NOT NULL,
    segment TEXT NOT NULL,
    operating TEXT NOT NULL,
    difficulty INTEGER NOT NULL CHECK (difficulty BETWEEN 0 AND 10),
    obstacles TEXT NOT NULL,
    text TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX round_answers_of ON round_answers(round_id);
CREATE TABLE report_rows (
    difficulty_id INTEGER PRIMARY KEY REFERENCES difficulties(id) ON DELETE CASCADE,
    problem TEXT NOT NULL,
    demand TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
);
"""


@migrations()
def rounds(db: Database) -> None:
    """Rounds; answers, each under a random key that keeps no order; rows of reports."""
    for statement in statements(_ROUNDS):
        db.execute(statement)
