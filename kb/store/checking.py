"""Comparing published entries with their originals: what came out, and the confirmation it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.domain.workflow import Actor
from kb.errors import KbError
from kb.store import audit, entries
from kb.store.database import Database, now, writing

Result = Literal["same", "changed", "missing"]
_SAID = {"same": "核对：无变化", "changed": "核对：有变化", "missing": "核对：找不到原文"}


@dataclass(frozen=True)
class Check:
    """The last comparison of an entry: the day in China, who, and what came out."""

    entry_id: str
    day: date
    by: str
    result: Result


def record(db: Database, entry_id: str, version: int, result: Result, actor: Actor, today: date) -> None:
    """Note what came out of comparing ``version``. Unchanged, the entry is confirmed on ``today``.

    :class:`KbError` if another version was published meanwhile: that one was not compared.
    """
    with writing(db):
        held = entries.get(db, entry_id)
        if held is None or held.state != "published" or held.version.number != version:
            raise KbError("这个条目刚发布了新的一版，请照新的再核对一遍")
        row = {"entry_id": entry_id, "day": today.isoformat(), "at": now(), "by": actor.name}
        db.table("checks").insert({**row, "result": result})
        if result == "same":
            _confirm(db, held.version, actor, today)
        else:
            audit.append(db, actor.name, f"check-{result}", entry_id, _SAID[result])


def _confirm(db: Database, version: entries.Version, actor: Actor, today: date) -> None:
    """A version that differs in its confirmation alone; a second person's look counts as a review."""
    verified = version.entry.verified.model_copy(update={"confirmed_on": today, "confirmed_by": actor.shown})
    confirmed = version.entry.model_copy(update={"verified": verified})
    second = version.unreviewed and version.published_by != actor.name
    entries.publish(
        db,
        confirmed,
        version.published_by if second else actor.name,
        _SAID["same"],
        reviewed_by=actor.name if second else version.reviewed_by,
        unreviewed=version.unreviewed and not second,
        acting=actor.name,
    )


def last_checks(db: Database) -> dict[str, Check]:
    """The last comparison of every entry that was ever compared, by id."""
    sql = """SELECT entry_id, day, by, result FROM checks
             WHERE number IN (SELECT max(number) FROM checks GROUP BY entry_id)"""
    return {
        str(row["entry_id"]): Check(row["entry_id"], date.fromisoformat(row["day"]), row["by"], row["result"])
        for row in db.query(sql)
    }


def done_on(db: Database, day: date, by: str) -> int:
    """How many entries somebody compared on a day."""
    sql = "SELECT count(DISTINCT entry_id) AS n FROM checks WHERE day = ? AND by = ?"
    return int(next(db.query(sql, [day.isoformat(), by]))["n"])
