"""What the store holds, counted: for the home page, the about page and operators."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date

from kb.domain import dates
from kb.store.database import Database


@dataclass(frozen=True)
class Coverage:
    """Published entries by kind and by level of verification, and the latest day one was confirmed.

    ``by_region`` has how many policies are held for each region code they name.
    """

    by_kind: dict[str, int]
    by_level: dict[str, int]
    by_region: dict[str, int]
    confirmed_on: date | None

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


_CURRENT = """FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
              WHERE e.state = 'published' AND json_extract(v.body, '$.known_on') <= :day"""


_COUNTED = f"""SELECT e.kind AS kind, count(*) AS n, json_extract(v.body, '$.regions.include') AS regions,
    coalesce(json_extract(v.body, '$.verified.level'), 'partial') AS level,
    max(json_extract(v.body, '$.verified.confirmed_on')) AS last
    {_CURRENT} GROUP BY kind, level, regions"""


def coverage(db: Database, day: date) -> Coverage:
    """What had been issued by ``day``, counted over the current versions, each read once."""
    kinds, levels, regions = Counter[str](), Counter[str](), Counter[str]()
    last = ""
    for row in db.query(_COUNTED, {"day": day.isoformat()}):
        kinds[row["kind"]] += row["n"]
        levels[row["level"]] += row["n"]
        named = json.loads(row["regions"] or "[]") if row["kind"] == "policy" else ()
        regions.update(dict.fromkeys(named, row["n"]))
        last = max(last, row["last"] or "")
    return Coverage(
        dict(kinds), dict(sorted(levels.items())), dict(regions), date.fromisoformat(last) if last else None
    )


def without_address(db: Database) -> frozenset[str]:
    """The published entries none of whose sources has an official address."""
    sql = """SELECT e.id AS id FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
             WHERE e.state = 'published' AND NOT EXISTS (
                 SELECT 1 FROM json_each(v.body, '$.sources') s
                 WHERE coalesce(json_extract(s.value, '$.url'), '') <> '')"""
    return frozenset(str(row["id"]) for row in db.query(sql))


def last_check(db: Database, today: date) -> date | None:
    """The latest day up to ``today`` on which any published entry was confirmed; ``None`` in an empty store.

    A store in which nothing ever was counts from the day (in China) on which its first entry was published.
    """
    sql = """SELECT max(json_extract(v.body, '$.verified.confirmed_on'))
                        FILTER (WHERE json_extract(v.body, '$.verified.confirmed_on') <= ?) AS confirmed,
                    (SELECT min(published_at) FROM versions) AS first
             FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
             WHERE e.state = 'published'"""
    found = next(db.query(sql, [today.isoformat()]))
    if found["confirmed"]:
        return date.fromisoformat(str(found["confirmed"]))
    return dates.day_of(str(found["first"])) if found["first"] else None
