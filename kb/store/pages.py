"""What is known of each address that sources list: when it was asked last, its good snapshot, its draft."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from kb.errors import KbError
from kb.store import audit, snapshots
from kb.store.database import Database, writing

Outcome = Literal[
    "new", "changed", "unchanged", "known", "irrelevant", "hand", "shrunk", "gone", "blocked", "failed"
]
OUTCOMES: tuple[Outcome, ...] = (
    "new",
    "changed",
    "shrunk",
    "hand",
    "gone",
    "blocked",
    "failed",
    "known",
    "irrelevant",
    "unchanged",
)
"""What a visit brought, what wants a person first. ``known`` adds nothing to what is held already,
``hand`` cannot be read by a machine, ``shrunk`` is suspiciously shorter and waits."""
TO_SEE: tuple[Outcome, ...] = ("shrunk", "hand", "gone")
"""Outcomes that wait for a person."""
GONE = "gone"
"""What a page is noted as ``dismissed`` for that was not there."""


@dataclass(frozen=True)
class Page:
    """An address of a source. ``text`` and ``proposed`` (field to value) are of the good ``snapshot``;
    ``held_back`` is a newer one that is suspiciously shorter; ``accepted`` its hash once a person took it,
    ``dismissed`` once a person did not (``gone`` where the page was not there).
    """

    address: str
    source: str
    title: str
    found_on: str
    checked_at: str
    outcome: Outcome
    detail: str = ""
    snapshot: int | None = None
    held_back: int | None = None
    accepted: str = ""
    dismissed: str = ""
    text: str = ""
    proposed: Mapping[str, Any] | None = None
    draft_id: int | None = None


def get(db: Database, address: str) -> Page | None:
    """What is known of an address; ``None`` if it was never visited."""
    for row in db.query("SELECT * FROM pages WHERE address = ?", [address]):
        return _page(row)
    return None


def checked(db: Database, addresses: Iterable[str]) -> dict[str, str]:
    """When each of the addresses was last asked (UTC), whatever the source; no others are named."""
    sql = """SELECT address, checked_at FROM pages
             WHERE address IN (SELECT value FROM json_each(?))"""
    rows = db.query(sql, [json.dumps(list(addresses))])
    return {str(row["address"]): str(row["checked_at"]) for row in rows}


def keep(db: Database, page: Page) -> None:
    """Write down what is known of an address now."""
    row = {**vars(page), "proposed": json.dumps(page.proposed or {}, ensure_ascii=False)}
    with writing(db):
        db.table("pages").upsert(row, pk="address")


def to_see(db: Database) -> list[Page]:
    """The pages that wait for a person, the latest first."""
    marks = ", ".join("?" * len(TO_SEE))
    sql = f"SELECT * FROM pages WHERE outcome IN ({marks}) ORDER BY checked_at DESC, address"  # noqa: S608
    return [_page(row) for row in db.query(sql, list(TO_SEE))]


def accept(db: Database, address: str, by: str) -> None:
    """Let the shorter state of a page count from the next run on; :class:`KbError` if none waits."""
    with writing(db):
        page = get(db, address)
        if page is None or page.held_back is None:
            raise KbError("这个网址没有待看的新内容，也许已经处理过了")
        sha256 = snapshots.existing(db, page.held_back).sha256
        row = {"accepted": sha256, "outcome": "unchanged", "checked_at": ""}
        db.table("pages").update(address, row)
        audit.append(db, by, "page-accept", address, sha256)


def dismiss(db: Database, address: str, by: str) -> None:
    """A person has seen it: the good snapshot stays, and the same finding is not shown again."""
    with writing(db):
        page = get(db, address)
        if page is None:
            raise KbError("没有这个网址")
        refused = snapshots.existing(db, page.held_back).sha256 if page.held_back else GONE
        row = {"outcome": "unchanged", "held_back": None, "detail": "", "dismissed": refused}
        db.table("pages").update(address, row)
        audit.append(db, by, "page-dismiss", address, "")


def _page(row: Mapping[str, Any]) -> Page:
    return Page(**{**row, "proposed": json.loads(row["proposed"])})


def day_of_listing(day: date | None) -> str:
    """How a list's day is kept: ISO, or empty where it gave none."""
    return day.isoformat() if day else ""


def entry_at(db: Database, address: str) -> str | None:
    """The published entry that names an address among its sources; ``None`` if none does."""
    sql = """SELECT e.id AS id FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version,
             json_each(v.body, '$.sources') s
             WHERE e.state = 'published' AND instr(v.body, :url) AND json_extract(s.value, '$.url') = :url
             ORDER BY e.id LIMIT 1"""
    for row in db.query(sql, {"url": address}):
        return str(row["id"])
    return None
