"""Hosts that asked to be left alone, and until when."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations


@migrations()
def patience(db: Database) -> None:
    """One row a host."""
    db.execute("CREATE TABLE patience (host TEXT PRIMARY KEY, until TEXT NOT NULL)")
