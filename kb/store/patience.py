"""Hosts that said when to come back (Retry-After): kept from run to run, so that nobody is asked too soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kb.store.database import Database, now, writing

LONGEST = timedelta(days=7)
"""No host is left alone for longer, whatever it says."""


def left(db: Database) -> dict[str, float]:
    """For how many seconds from now on each host is to be left alone."""
    moment = datetime.now(UTC)
    rows = db.query("SELECT host, until FROM patience WHERE until > ?", [now()])
    return {row["host"]: (datetime.fromisoformat(row["until"]) - moment).total_seconds() for row in rows}


def keep(db: Database, hosts: Mapping[str, float]) -> None:
    """Note for how many seconds from now on hosts are to be left alone; all others may be asked."""
    moment = datetime.now(UTC)
    rows = [
        {"host": host, "until": (moment + _at_most(seconds)).isoformat(timespec="microseconds")}
        for host, seconds in hosts.items()
    ]
    with writing(db):
        db.execute("DELETE FROM patience")
        db.table("patience").insert_all(rows)


def _at_most(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, LONGEST.total_seconds()))
