"""Pages as they were fetched, what is known of each address, and the runs that fetched them."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_CRAWLS = """
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    final_address TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    fetched_at TEXT NOT NULL
);
CREATE INDEX snapshots_address ON snapshots(address, id);
CREATE INDEX snapshots_sha256 ON snapshots(sha256);
CREATE TABLE pages (
    address TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    found_on TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    snapshot INTEGER REFERENCES snapshots(id),
    held_back INTEGER REFERENCES snapshots(id),
    accepted TEXT NOT NULL DEFAULT '',
    dismissed TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    proposed TEXT NOT NULL DEFAULT '{}',
    draft_id INTEGER REFERENCES drafts(id)
);
CREATE INDEX pages_source ON pages(source);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    asked TEXT NOT NULL
);
CREATE TABLE run_sources (
    run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    state TEXT NOT NULL DEFAULT 'running',
    listed INTEGER NOT NULL DEFAULT 0,
    newest TEXT,
    detail TEXT NOT NULL DEFAULT '',
    unmet TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (run_id, source)
);
CREATE INDEX run_sources_source ON run_sources(source, run_id);
CREATE TABLE run_pages (
    run_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    address TEXT NOT NULL,
    title TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    at TEXT NOT NULL,
    draft_id INTEGER,
    PRIMARY KEY (run_id, source, address),
    FOREIGN KEY (run_id, source) REFERENCES run_sources(run_id, source) ON DELETE CASCADE
);
"""


@migrations()
def crawls(db: Database) -> None:
    """Snapshots, pages and runs."""
    for statement in statements(_CRAWLS):
        db.execute(statement)
