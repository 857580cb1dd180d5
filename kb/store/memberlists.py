"""Lists of members that an office asked to be kept, so that they need not be handed in again.

Kept is what the sheet said, for the office that saved it alone; nothing of it goes into the audit but how
many rows there were. A list that nobody has used for :data:`KEPT` goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing

KEPT = timedelta(days=365)
LONGEST_NAME = 60


@dataclass(frozen=True)
class MemberList:
    """A kept list: its name and size, whose it is, when it was saved and last used (UTC)."""

    id: int
    office: str
    name: str
    members: int
    saved_at: str
    saved_by: str
    used_at: str


def save(db: Database, office: str, name: str, members: int, table: str, by: str) -> MemberList:
    """Keep a list for an office; one of the same name there is replaced."""
    called = " ".join(name.split())[:LONGEST_NAME]
    if not called:
        raise KbError("请给名单起个名字，如 2026年会员")
    at = now()
    row = {"office": office, "name": called, "members": members, "body": table, "saved_at": at}
    with writing(db):
        db.execute("DELETE FROM member_lists WHERE office = ? AND name = ?", [office, called])
        number = db.table("member_lists").insert({**row, "saved_by": by, "used_at": at}).last_pk
        audit.append(db, by, "members-save", f"members:{number}", f"{members} 家")
    return MemberList(int(str(number)), office, called, members, at, by, at)


def listed(db: Database, office: str) -> list[MemberList]:
    """The lists of an office, the newest first."""
    sql = """SELECT id, office, name, members, saved_at, saved_by, used_at FROM member_lists
             WHERE office = ? ORDER BY id DESC"""
    return [MemberList(**row) for row in db.query(sql, [office])]


def read(db: Database, office: str, number: int) -> str | None:
    """What a list of this office says, as it was saved; ``None`` if it has none of this number."""
    sql = "SELECT body FROM member_lists WHERE id = ? AND office = ?"
    body = next((str(row["body"]) for row in db.query(sql, [number, office])), None)
    if body is not None:
        with writing(db):
            db.execute("UPDATE member_lists SET used_at = ? WHERE id = ?", [now(), number])
    return body


def delete(db: Database, office: str, number: int, by: str) -> bool:
    """Delete a list for good; false if the office has none of this number."""
    with writing(db):
        held = [one for one in listed(db, office) if one.id == number]
        if held:
            db.execute("DELETE FROM member_lists WHERE id = ?", [number])
            audit.append(db, by, "members-delete", f"members:{number}", f"{held[0].members} 家")
    return bool(held)


def forget_unused(db: Database, today: date) -> int:
    """Delete what nobody has used for :data:`KEPT` up to ``today``; how many lists went."""
    before = (today - KEPT).isoformat()
    with writing(db):
        return int(db.execute("DELETE FROM member_lists WHERE used_at < ?", [before]).rowcount)
