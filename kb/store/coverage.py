"""What the store holds, counted: for the home page, the about page and operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
