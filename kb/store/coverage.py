"""What the store holds, counted: for the home page, the about page and operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.domain import dates
from kb.store.database import Database


@dataclass(frozen=True)
class Coverage:
    """Published entries by kind and by level of verification, and the latest day one was confirmed."""

    by_kind: dict[str, int]
    by_level: dict[str, int]
    confirmed_on: date | None

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


_CURRENT = """FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
              WHERE e.state = 'published' AND json_extract(v.body, '$.known_on') <= :day"""


_REGION_ROWS = f"""SELECT region.value AS code, count(*) AS n
    FROM (SELECT v.body AS body {_CURRENT} AND e.kind = 'policy'),
    json_each(body, '$.regions.include') AS region GROUP BY 1"""  # noqa: S608 - only our own constant


def policies_by_region(db: Database, day: date) -> dict[str, int]:
    """How many policies issued by ``day`` are held for each region code they name."""
    rows = db.query(_REGION_ROWS, {"day": day.isoformat()})
    return {str(row["code"]): int(row["n"]) for row in rows}


def coverage(db: Database, day: date) -> Coverage:
    """What had been issued by ``day``, counted over the current versions."""
    at = {"day": day.isoformat()}
    kinds = db.query(f"SELECT e.kind AS name, count(*) AS n {_CURRENT} GROUP BY e.kind", at)
    level = "coalesce(json_extract(v.body, '$.verified.level'), 'partial')"
    levels = db.query(f"SELECT {level} AS name, count(*) AS n {_CURRENT} GROUP BY 1", at)
    last = next(db.query(f"SELECT max(json_extract(v.body, '$.verified.confirmed_on')) AS d {_CURRENT}", at))[
        "d"
    ]
    return Coverage(
        {str(row["name"]): int(row["n"]) for row in kinds},
        {str(row["name"]): int(row["n"]) for row in levels},
        date.fromisoformat(str(last)) if last else None,
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
