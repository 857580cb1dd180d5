"""What was published when: the versions of an entry, and everything as it was known at a moment.

Moments are aware datetimes. Nothing here writes: an older version is restored by publishing it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from kb.domain.differences import Difference, differences
from kb.domain.entry import Entry, Relation
from kb.domain.fields import END_KINDS
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import Amendment, Step, amendments_of, timeline
from kb.store.database import Database
from kb.store.entries import Incoming, Published, Version, version_of

Action = Literal["publish", "withdraw", "merge", "amend"]


@dataclass(frozen=True)
class Event:
    """A publication (``number`` is the version's), the end of one, or an amendment by another entry.

    ``changes`` is what a version changed of the one before it, nothing for the first, or how an amendment
    moved the ends; ``back`` is true for the return of what had been withdrawn; ``because`` is the entry
    that amends it, or that it was merged into.
    """

    action: Action
    at: str
    by: str
    reason: str
    number: int = 0
    reviewed_by: str = ""
    unreviewed: bool = False
    changes: tuple[Difference, ...] = ()
    back: bool = False
    because: str = ""


def as_data(entry: Entry) -> dict[str, Any]:
    """The record as plain data, without what is as it always is."""
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def version(db: Database, entry_id: str, number: int) -> Version | None:
    """One version of an entry; ``None`` if there is none of this number."""
    rows = db.query("SELECT * FROM versions WHERE entry_id = ? AND number = ?", [entry_id, number])
    return next((version_of(row) for row in rows), None)


def versions_of(db: Database, entry_id: str) -> list[Version]:
    """Every version of an entry, the newest first."""
    rows = db.query("SELECT * FROM versions WHERE entry_id = ? ORDER BY number DESC", [entry_id])
    return [version_of(row) for row in rows]


def events_of(db: Database, entry_id: str, taxonomy: Taxonomy) -> list[Event]:
    """All that happened to an entry, the newest first, each version with what it changed in words."""
    told = _Told(db, entry_id, taxonomy)
    sql = """SELECT entry_id, action, version, at FROM changes WHERE action IN ('publish', 'withdraw')
             AND entry_id IN (SELECT value FROM json_each(?)) ORDER BY number"""
    rows = db.query(sql, [json.dumps([entry_id, *told.amenders])])
    found = [event for row in rows if (event := told.event(row))]
    return found[::-1]


class _Told:
    """Follows the changes of an entry and of those that ever amended it, in order."""

    def __init__(self, db: Database, entry_id: str, taxonomy: Taxonomy) -> None:
        self._id, self._taxonomy = entry_id, taxonomy
        self._versions = {one.number: one for one in versions_of(db, entry_id)}
        self._ends = _ends(db, entry_id)
        self._current: Version | None = None
        self._amending = _amending(db, entry_id)
        self._amendments: dict[str, tuple[Amendment, ...]] = {}
        self._begun = False

    @property
    def amenders(self) -> list[str]:
        return sorted({version.entry.id for version in self._amending.values()})

    def event(self, row: Mapping[str, Any]) -> Event | None:
        """What a change means to the entry; ``None`` for one of another entry that moves nothing."""
        if row["entry_id"] != self._id:
            return self._amended(row)
        if row["action"] == "withdraw":
            self._current = None
            return next(self._ends)
        back, self._begun = self._begun and self._current is None, True
        self._current = one = self._versions[row["version"]]
        return _publication(one, self._versions.get(one.number - 1), self._taxonomy, back)

    def _amended(self, row: Mapping[str, Any]) -> Event | None:
        by = self._amending.get((row["entry_id"], row["version"]))
        made = amendments_of(by.entry) if by and row["action"] == "publish" else ()
        before = self._last_days()
        self._amendments[row["entry_id"]] = tuple(one for one in made if one.entry == self._id)
        after = self._last_days()
        if before == after:
            return None
        changes = tuple(
            Difference(("reliefs", name, "end") if name else ("end",), label, days, after[name][1])
            for name, (label, days) in before.items()
            if days != after[name][1]
        )
        who = by.published_by if by else ""
        return Event("amend", row["at"], who, "", changes=changes, because=row["entry_id"])

    def _last_days(self) -> dict[str, tuple[str, str]]:
        """The label and last day of every relief, or of the entry if it has none, as amended so far."""
        entry = self._current.entry if self._current else None
        if entry is None:
            return {}
        made = [one for several in self._amendments.values() for one in several]
        if not entry.reliefs:
            return {"": ("到期日", _last_day(timeline(entry, None, made)))}
        return {
            one.id: (f"支持事项“{one.title}” · 到期日", _last_day(timeline(entry, one, made)))
            for one in entry.reliefs
        }


def _last_day(steps: Sequence[Step]) -> str:
    """The last day that is known of a period, or why there is none."""
    last = steps[-1]
    return last.end.isoformat() if last.end else END_KINDS[last.end_kind]


def _amending(db: Database, entry_id: str) -> dict[tuple[str, int], Version]:
    """Every version of another entry that extends or repeals this one, by id and number."""
    sql = "SELECT * FROM versions WHERE instr(body, :mention) AND entry_id <> :id"
    found = map(version_of, db.query(sql, {"id": entry_id, "mention": f'"{entry_id}'}))
    return {
        (one.entry.id, one.number): one
        for one in found
        if any(made.entry == entry_id for made in amendments_of(one.entry))
    }


def _publication(one: Version, before: Version | None, taxonomy: Taxonomy, back: bool) -> Event:
    changes = differences(as_data(before.entry), as_data(one.entry), taxonomy) if before else ()
    return Event(
        action="publish",
        at=one.published_at,
        by=one.published_by,
        reason=one.reason,
        number=one.number,
        reviewed_by=one.reviewed_by,
        unreviewed=one.unreviewed,
        changes=changes,
        back=back,
    )


def _ends(db: Database, entry_id: str) -> Iterator[Event]:
    """Its withdrawals, oldest first, each with the audit row written in the same transaction.

    What it was merged into is known while that is how it stands: of the last one.
    """
    sql = """WITH ends AS (SELECT at, row_number() OVER (ORDER BY number) AS place FROM changes
                           WHERE entry_id = :id AND action = 'withdraw'),
                  whys AS (SELECT actor, detail, row_number() OVER (ORDER BY number) AS place FROM audit
                           WHERE entry_id = :id AND action = 'withdraw')
             SELECT ends.at AS at, coalesce(whys.actor, '') AS by, coalesce(whys.detail, '') AS reason,
                    CASE WHEN ends.place = (SELECT max(place) FROM ends) THEN e.merged_into END AS merged
             FROM ends LEFT JOIN whys USING (place) JOIN entries e ON e.id = :id ORDER BY ends.place"""
    for row in db.query(sql, {"id": entry_id}):
        merged = str(row["merged"] or "")
        yield Event("merge" if merged else "withdraw", row["at"], row["by"], row["reason"], because=merged)


# -- as it was known -------------------------------------------------------------------------------

_KNOWN = """
WITH last AS (
    SELECT c.entry_id AS entry_id, max(c.number) AS number
    FROM changes c JOIN versions v ON v.entry_id = c.entry_id AND v.number = c.version
    WHERE c.entry_id IN ({}) AND
        ((c.action = 'publish' AND v.published_at <= :at) OR (c.action = 'withdraw' AND c.at <= :at))
    GROUP BY c.entry_id)
SELECT v.* FROM last JOIN changes c ON c.number = last.number AND c.action = 'publish'
JOIN versions v ON v.entry_id = c.entry_id AND v.number = c.version
"""
"""The versions of some entries that were published at a moment: the last, unless it had been withdrawn."""
_SPEAKING = "SELECT entry_id FROM versions WHERE instr(body, :mention)"


def entry_at(db: Database, entry_id: str, moment: datetime) -> Published | None:
    """The entry as it was published at ``moment``; ``None`` if it was not (not yet, or withdrawn)."""
    rows = db.query(_KNOWN.format(":id"), {"at": _stamp(moment), "id": entry_id})
    return next((Published(version_of(row), "published", None) for row in rows), None)


def relations_at(db: Database, entry_id: str, moment: datetime) -> list[Incoming]:
    """What the entries published at ``moment`` said that they do to this one, oldest first."""
    sql = f"""SELECT v.entry_id AS source, json_extract(v.body, '$.known_on') AS known_on, r.value AS relation
              FROM ({_KNOWN.format(_SPEAKING)}) v, json_each(v.body, '$.relations') r
              ORDER BY known_on, source, r.key"""  # noqa: S608 - only our own constants
    found = map(_incoming, db.query(sql, {"at": _stamp(moment), "mention": f'"{entry_id}'}))
    return [one for one in found if one.relation.target[0] == entry_id]


def _incoming(row: Mapping[str, Any]) -> Incoming:
    relation = Relation.model_validate_json(row["relation"])
    return Incoming(row["source"], date.fromisoformat(row["known_on"]), relation)


def _stamp(moment: datetime) -> str:
    """A moment as the store writes it: UTC to the microsecond, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
