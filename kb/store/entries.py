"""Entries and their versions: publishing, withdrawing, reading back.

Publishing writes the version, a change for the entry and for every entry whose timeline it moves, and an
audit row in one transaction. A version never changes afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.domain.entry import Entry, Relation
from kb.domain.timeline import Amendment, amendments_of
from kb.store import audit
from kb.store.database import Database, now, writing


@dataclass(frozen=True)
class Version:
    """One immutable state of an entry. ``published_at`` is UTC.

    ``published_by`` wrote it, ``reviewed_by`` looked at it and let it out; ``unreviewed`` where nobody did
    (未经第二人复核). Files are reviewed before they are loaded and have neither.
    """

    entry: Entry
    number: int
    published_at: str
    published_by: str
    reason: str
    reviewed_by: str = ""
    unreviewed: bool = False


@dataclass(frozen=True)
class Published:
    """The current state of an id. ``state`` is ``published``, ``withdrawn`` or ``merged``."""

    version: Version
    state: str
    merged_into: str | None

    @property
    def entry(self) -> Entry:
        return self.version.entry


@dataclass(frozen=True)
class Incoming:
    """A relation written in a later entry, seen from the earlier one it is about."""

    source: str
    known_on: date
    relation: Relation


_CURRENT = """
SELECT e.id, e.state, e.merged_into, v.number, v.body, v.published_at, v.published_by, v.reason,
       v.reviewed_by, v.unreviewed
FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
"""


def to_json(entry: Entry) -> str:
    """The entry as the store keeps it: JSON without defaults, so that equal entries are equal text."""
    return entry.model_dump_json(by_alias=True, exclude_defaults=True)


def publish(
    db: Database,
    entry: Entry,
    by: str,
    reason: str,
    *,
    reviewed_by: str = "",
    unreviewed: bool = False,
    acting: str = "",
) -> Version | None:
    """Make ``entry`` the current version of its id; ``None`` if that is what it already is.

    ``by`` wrote it; the audit names ``acting``, where somebody else let it out.
    """
    with writing(db):
        before = get(db, entry.id)
        body = to_json(entry)
        if before and before.state == "published" and to_json(before.entry) == body:
            return None
        number = before.version.number + 1 if before else 1
        version = Version(entry, number, now(), by, reason, reviewed_by, unreviewed)
        db.table("versions").insert(
            {
                "entry_id": entry.id,
                "number": number,
                "body": body,
                "published_at": version.published_at,
                "published_by": by,
                "reason": reason,
                "reviewed_by": reviewed_by,
                "unreviewed": int(unreviewed),
            }
        )
        _set_current(db, entry.id, entry.kind, "published", number)
        touched = _replace_relations(db, entry)
        _record(db, "publish", entry.id, number, acting or by, reason, touched)
    return version


def withdraw(db: Database, entry_id: str, by: str, reason: str, merged_into: str | None = None) -> None:
    """Take an entry out of every answer; its address stays and says so (or leads to ``merged_into``)."""
    with writing(db):
        before = get(db, entry_id)
        if before is None:
            raise KeyError(entry_id)
        state = "merged" if merged_into else "withdrawn"
        _set_current(db, entry_id, before.entry.kind, state, before.version.number, merged_into)
        touched = {a.entry for a in amendments_of(before.entry)}
        db.execute("DELETE FROM relations WHERE entry_id = ?", [entry_id])
        _record(db, "withdraw", entry_id, before.version.number, by, reason, touched)


def _set_current(
    db: Database, entry_id: str, kind: str, state: str, version: int, merged_into: str | None = None
) -> None:
    row = {"id": entry_id, "kind": kind, "state": state, "version": version, "merged_into": merged_into}
    db.table("entries").upsert(row, pk="id")


def _replace_relations(db: Database, entry: Entry) -> set[str]:
    """Write the entry's relations anew; the ids whose timeline its old or new ones move."""
    old = {
        row["target"]
        for row in db.query(
            "SELECT target FROM relations WHERE entry_id = ? AND type IN ('extends', 'repeals')", [entry.id]
        )
    }
    db.execute("DELETE FROM relations WHERE entry_id = ?", [entry.id])
    db.table("relations").insert_all(_relation_rows(entry))
    return (old | {amendment.entry for amendment in amendments_of(entry)}) - {""}


def _relation_rows(entry: Entry) -> Iterator[dict[str, object]]:
    for position, relation in enumerate(entry.relations):
        target, relief = relation.target
        yield {
            "entry_id": entry.id,
            "position": position,
            "type": relation.type,
            "target": target,
            "relief": relief,
            "target_number": relation.to_number,
            "end": relation.end.isoformat() if relation.end else None,
            "repealed_from": relation.from_.isoformat() if relation.from_ else None,
            "known_on": entry.known_on.isoformat(),
            "note": relation.note,
        }


def _record(
    db: Database, action: str, entry_id: str, version: int, by: str, reason: str, touched: set[str]
) -> None:
    """The numbered changes and the audit row of what has just been written."""
    at = now()
    change = {"action": action, "entry_id": entry_id, "version": version, "because": entry_id, "at": at}
    db.table("changes").insert(change)
    for target in sorted(touched - {entry_id}):
        held = get(db, target)
        if held:
            moved = {"action": "timeline", "entry_id": target, "version": held.version.number}
            db.table("changes").insert({**moved, "because": entry_id, "at": at})
    audit.append(db, by, action, entry_id, reason)


def version_of(row: Mapping[str, object]) -> Version:
    """The version that a row of the table says."""
    return Version(
        Entry.model_validate_json(str(row["body"])),
        int(str(row["number"])),
        str(row["published_at"]),
        str(row["published_by"]),
        str(row["reason"]),
        str(row["reviewed_by"]),
        bool(row["unreviewed"]),
    )


def _published(row: Mapping[str, object]) -> Published:
    merged = row["merged_into"]
    return Published(version_of(row), str(row["state"]), str(merged) if merged else None)


def get(db: Database, entry_id: str) -> Published | None:
    """The current state of an id, withdrawn ones included; ``None`` if it never existed."""
    rows = list(db.query(_CURRENT + "WHERE e.id = ?", [entry_id]))
    return _published(rows[0]) if rows else None


def all_current(db: Database) -> Iterator[Published]:
    """Every published entry, by id, one at a time."""
    for row in db.query(_CURRENT + "WHERE e.state = 'published' ORDER BY e.id"):
        yield _published(row)


def all_data(db: Database) -> Iterator[dict[str, Any]]:
    """The plain data of every published entry, by id, not validated: for what skims through all of them."""
    for row in db.query(_CURRENT + "WHERE e.state = 'published' ORDER BY e.id"):
        yield json.loads(str(row["body"]))


def reliefs_by_entry(db: Database) -> dict[str, frozenset[str]]:
    """The relief ids of every published entry."""
    sql = """SELECT e.id AS id, json_extract(r.value, '$.id') AS relief
             FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
             LEFT JOIN json_each(v.body, '$.reliefs') r WHERE e.state = 'published'"""
    found: dict[str, set[str]] = {}
    for row in db.query(sql):
        reliefs = found.setdefault(str(row["id"]), set())
        if row["relief"]:
            reliefs.add(str(row["relief"]))
    return {entry_id: frozenset(reliefs) for entry_id, reliefs in found.items()}


def amendments_to(db: Database, entry_id: str) -> list[Amendment]:
    """The extensions and repeals of an entry by others, oldest first."""
    return amendments_in(incoming_relations(db, entry_id))


def amendments_in(incoming: Iterable[Incoming]) -> list[Amendment]:
    """The extensions and repeals among relations."""
    return [
        Amendment(one.source, one.known_on, *one.relation.target, one.relation.end, one.relation.from_)
        for one in incoming
        if one.relation.type in ("extends", "repeals")
    ]


def incoming_relations(db: Database, entry_id: str) -> list[Incoming]:
    """What published later entries say they do to this one, oldest first."""
    sql = "SELECT * FROM relations WHERE target = ? ORDER BY known_on, entry_id, position"
    return [_incoming(row) for row in db.query(sql, [entry_id])]


def _incoming(row: dict[str, object]) -> Incoming:
    relief = f"#{row['relief']}" if row["relief"] else ""
    relation = Relation.model_validate(
        {
            "type": row["type"],
            "to": f"{row['target']}{relief}",
            "end": row["end"],
            "from": row["repealed_from"],
            "note": row["note"],
        }
    )
    return Incoming(str(row["entry_id"]), date.fromisoformat(str(row["known_on"])), relation)
