"""What staff wrote of a difficulty for the five-column table of a report: their words, never the member's.

A row goes with its difficulty: when the member deletes that, the row is deleted too.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.store import audit
from kb.store.database import Database, now, writing
from kb.store.difficulties import subject_of


@dataclass(frozen=True)
class ReportRow:
    """典型问题 and 政策需求及建议 of one difficulty, in staff's words; ``by`` wrote them last."""

    difficulty_id: int
    problem: str
    demand: str
    by: str


def write(db: Database, number: int, problem: str, demand: str, by: str) -> None:
    """Keep the row of a difficulty, or take it out where both texts are empty."""
    with writing(db):
        if problem or demand:
            row = {"difficulty_id": number, "problem": problem, "demand": demand, "by": by, "at": now()}
            db.table("report_rows").upsert(row, pk="difficulty_id")
        else:
            db.execute("DELETE FROM report_rows WHERE difficulty_id = ?", [number])
        audit.append(db, by, "report-row", subject_of(number))


def written(db: Database) -> dict[int, ReportRow]:
    """All rows by the number of their difficulty."""
    sql = "SELECT difficulty_id, problem, demand, by FROM report_rows"
    return {row["difficulty_id"]: ReportRow(**row) for row in db.query(sql)}
