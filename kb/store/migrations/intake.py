"""What came in by itself or was handed in, and what is proposed for it."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_INTAKE = """
CREATE TABLE intake (
    draft_id INTEGER PRIMARY KEY REFERENCES drafts(id),
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    simhash TEXT NOT NULL,
    reliefs TEXT NOT NULL,
    notes TEXT NOT NULL
);
CREATE INDEX intake_address ON intake(address);
CREATE TABLE proposals (
    draft_id INTEGER NOT NULL REFERENCES intake(draft_id),
    number INTEGER NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    quote TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    confidence TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    said TEXT,
    by TEXT,
    at TEXT,
    PRIMARY KEY (draft_id, number)
);
"""


@migrations()
def intake(db: Database) -> None:
    """Papers that wait to be read, and each proposal with what was said to it."""
    for statement in statements(_INTAKE):
        db.execute(statement)
