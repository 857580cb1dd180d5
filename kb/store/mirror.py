"""What programs read to follow us: changes with the version they speak of, and published entries by id."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.domain.entry import Entry
from kb.store.database import Database
from kb.store.entries import Published, version_of


@dataclass(frozen=True)
class Step:
    """A change and what the entry is after it: ``record`` is ``None`` where it is not published.

    ``state`` is how the entry is left by it; ``merged_into`` is known while that is how it stands. What
    moves the dates of an entry that had been withdrawn leaves it withdrawn.
    """

    number: int
    at: str
    action: str
    entry: str
    version: int
    because: str
    state: str
    merged_into: str | None
    record: Entry | None


_STEPS = """
SELECT c.number, c.at, c.action, c.entry_id, c.version, c.because, v.body, e.merged_into,
       (SELECT own.action FROM changes own WHERE own.entry_id = c.entry_id AND own.number <= c.number
        AND own.action IN ('publish', 'withdraw') ORDER BY own.number DESC LIMIT 1) AS left_by,
       NOT EXISTS (SELECT 1 FROM changes later WHERE later.entry_id = c.entry_id
                   AND later.action IN ('publish', 'withdraw') AND later.number > c.number) AS is_last
FROM changes c JOIN entries e ON e.id = c.entry_id
JOIN versions v ON v.entry_id = c.entry_id AND v.number = c.version
WHERE c.number > ? ORDER BY c.number LIMIT ?
"""


def steps_after(db: Database, number: int, limit: int) -> list[Step]:
    """The changes after ``number`` in order, at most ``limit``; all together rebuild what is published."""
    return [_step(row) for row in db.query(_STEPS, [number, limit])]


def _step(row: Mapping[str, Any]) -> Step:
    gone = row["left_by"] == "withdraw"
    into = row["merged_into"] if gone and row["is_last"] else None
    return Step(
        number=row["number"],
        at=row["at"],
        action=row["action"],
        entry=row["entry_id"],
        version=row["version"],
        because=row["because"],
        state="published" if not gone else "merged" if into else "withdrawn",
        merged_into=into,
        record=None if gone else Entry.model_validate_json(row["body"]),
    )


def mark_of(db: Database, number: int) -> str:
    """What tells the change of this number from another store's; empty if there is none."""
    rows = db.query("SELECT entry_id, action, at FROM changes WHERE number = ?", [number])
    found = next(rows, None)
    text = "|".join(map(str, found.values())) if found else ""
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


_AFTER = """
SELECT e.id, e.state, e.merged_into, v.number, v.body, v.published_at, v.published_by, v.reason,
       v.reviewed_by, v.unreviewed
FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
WHERE e.state = 'published' AND e.id > :after AND (:kind = '' OR e.kind = :kind)
  AND (:day = '' OR json_extract(v.body, '$.known_on') <= :day)
ORDER BY e.id LIMIT :limit
"""


def published_after(db: Database, after: str, limit: int, kind: str = "", day: str = "") -> list[Published]:
    """Published entries with ids after ``after``, by id; of one ``kind``, known by ``day``, if given."""
    rows = db.query(_AFTER, {"after": after, "limit": limit, "kind": kind, "day": day})
    return [Published(version_of(row), row["state"], row["merged_into"]) for row in rows]
