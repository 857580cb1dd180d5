"""Runs of the crawler: what each source gave, page by page, kept for the desk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from kb.errors import KbError
from kb.store.database import Database, now, writing
from kb.store.pages import OUTCOMES, Outcome

_TROUBLES: tuple[Outcome, ...] = ("failed", "blocked", "shrunk", "hand", "gone")
_TURNS = 30
"""How many turns of a source are looked through for what was tried in vain."""
State = Literal["running", "done", "blocked", "failed", "interrupted"]


@dataclass(frozen=True)
class RunPage:
    """What one visit of a run brought; ``at`` is UTC."""

    address: str
    title: str
    outcome: Outcome
    detail: str
    at: str
    draft_id: int | None


@dataclass(frozen=True)
class SourceRun:
    """One source in one run. ``listed`` documents were found in its lists, ``newest`` is the latest day
    they give; ``unmet`` are failed expectations in words; ``counts`` how often each outcome came."""

    source: str
    name: str
    started_at: str
    finished_at: str | None
    state: State
    listed: int
    newest: str | None
    detail: str
    unmet: tuple[str, ...]
    counts: Mapping[Outcome, int] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        """How often an outcome came."""
        return self.counts.get(outcome, 0)

    @property
    def is_well(self) -> bool:
        """Whether nothing about it wants a person."""
        troubles = sum(self.count(one) for one in _TROUBLES)
        return self.state == "done" and not self.unmet and not troubles


@dataclass(frozen=True)
class Run:
    """One run. ``asked`` says what for (``due``, ``all`` or a source's id); times are UTC."""

    id: int
    started_at: str
    finished_at: str | None
    asked: str
    sources: tuple[SourceRun, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How often an outcome came, over all sources."""
        return sum(one.count(outcome) for one in self.sources)


def begin(db: Database, asked: str) -> int:
    """The number of a new run. What an earlier one left open was interrupted, for only one runs at a time."""
    with writing(db):
        interrupt(db)
        number = db.table("runs").insert({"started_at": now(), "asked": asked}).last_pk
    return int(str(number))


def interrupt(db: Database) -> None:
    """Note that whatever run is open goes on no more."""
    with writing(db):
        at = now()
        db.execute(
            "UPDATE run_sources SET state = 'interrupted', finished_at = ? WHERE state = 'running'", [at]
        )
        db.execute("UPDATE runs SET finished_at = ? WHERE finished_at IS NULL", [at])


def begin_source(db: Database, run: int, source: str, name: str) -> None:
    """Note that a source's turn has come."""
    with writing(db):
        db.table("run_sources").insert({"run_id": run, "source": source, "name": name, "started_at": now()})


def note_page(
    db: Database,
    run: int,
    source: str,
    address: str,
    title: str,
    outcome: Outcome,
    detail: str,
    draft_id: int | None = None,
) -> None:
    """Note what a visit brought."""
    row = {
        "run_id": run,
        "source": source,
        "address": address,
        "title": title,
        "outcome": outcome,
        "detail": detail,
        "at": now(),
        "draft_id": draft_id,
    }
    with writing(db):
        db.table("run_pages").upsert(row, pk=("run_id", "source", "address"))


def end_source(
    db: Database,
    run: int,
    source: str,
    state: State,
    detail: str = "",
    listed: int = 0,
    newest: str | None = None,
    unmet: Iterable[str] = (),
) -> None:
    """Note how a source's turn ended."""
    row = {
        "finished_at": now(),
        "state": state,
        "detail": detail,
        "listed": listed,
        "newest": newest,
        "unmet": json.dumps(list(unmet), ensure_ascii=False),
    }
    with writing(db):
        db.table("run_sources").update((run, source), row)


def end(db: Database, run: int) -> Run:
    """Note that a run is over; the whole of it."""
    with writing(db):
        db.table("runs").update(run, {"finished_at": now()})
    return existing(db, run)


def get(db: Database, number: int) -> Run | None:
    """A run with its sources; ``None`` if there is none of this number."""
    for row in db.query("SELECT * FROM runs WHERE id = ?", [number]):
        return Run(**row, sources=_sources(db, number))
    return None


def existing(db: Database, number: int) -> Run:
    """Like :func:`get`; :class:`KbError` if there is none."""
    run = get(db, number)
    if run is None:
        raise KbError(f"没有 {number} 号采集记录")
    return run


def recent(db: Database, limit: int) -> list[Run]:
    """The last runs with their sources, the latest first."""
    rows = list(db.query("SELECT * FROM runs ORDER BY id DESC LIMIT ?", [limit]))
    return [Run(**row, sources=_sources(db, row["id"])) for row in rows]


def _sources(db: Database, run: int) -> tuple[SourceRun, ...]:
    counts: dict[str, dict[Outcome, int]] = {}
    sql = "SELECT source, outcome, count(*) AS many FROM run_pages WHERE run_id = ? GROUP BY source, outcome"
    for row in db.query(sql, [run]):
        counts.setdefault(row["source"], {})[row["outcome"]] = row["many"]
    rows = db.query("SELECT * FROM run_sources WHERE run_id = ? ORDER BY started_at, source", [run])
    return tuple(_source(row, counts.get(row["source"], {})) for row in rows)


def _source(row: Mapping[str, Any], counts: Mapping[Outcome, int]) -> SourceRun:
    values = {name: value for name, value in row.items() if name != "run_id"}
    return SourceRun(**{**values, "unmet": tuple(json.loads(row["unmet"])), "counts": counts})


def pages(db: Database, run: int, source: str) -> list[RunPage]:
    """The visits of one source in one run, what wants a person first."""
    sql = (
        "SELECT address, title, outcome, detail, at, draft_id FROM run_pages WHERE run_id = ? AND source = ?"
    )
    found = [RunPage(**row) for row in db.query(sql, [run, source])]
    return sorted(found, key=lambda one: (OUTCOMES.index(one.outcome), one.at, one.address))


def tried(db: Database, source: str) -> dict[str, str]:
    """When each address was visited last in the last turns of a source (UTC), whatever came of it."""
    sql = f"""SELECT address, max(at) AS at FROM run_pages WHERE source = :source AND run_id IN (
              SELECT run_id FROM run_sources WHERE source = :source ORDER BY run_id DESC LIMIT {_TURNS})
              GROUP BY address"""  # noqa: S608
    return {str(row["address"]): str(row["at"]) for row in db.query(sql, {"source": source})}


def last_of(db: Database) -> dict[str, SourceRun]:
    """The last turn of each source, whatever came of it."""
    sql = "SELECT source, max(run_id) AS run FROM run_sources GROUP BY source"
    found: dict[str, SourceRun] = {}
    for row in list(db.query(sql)):
        found |= {one.source: one for one in _sources(db, row["run"]) if one.source == row["source"]}
    return found


def is_due(last: SourceRun | None, every_hours: int, moment: datetime | None = None) -> bool:
    """Whether a source's turn has come again: never had, not finished well, or long enough ago.

    Ten minutes early count, so that a daily job of cron does not slip by a day.
    """
    if last is None or last.finished_at is None or last.state != "done":
        return True
    age = (moment or datetime.now(UTC)) - datetime.fromisoformat(last.started_at)
    return age >= timedelta(hours=every_hours) - timedelta(minutes=10)
