"""Survey rounds and their answers. An answer has no name, address or time of day, and no place in an order.

The link that a round is answered by is made from its salt with the installation's key; the store holds no
link that works. Only :func:`publish` makes public anything of the answers, once and for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from kb.domain.roundresults import Results
from kb.domain.rounds import Answer, Round
from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing
from kb.store.private import KEY, new_salt

KEPT = timedelta(days=366)
"""So long after a round's last day the words of its answers are kept."""


@dataclass(frozen=True)
class Planned:
    """What staff decide about a round: when it opens and closes, whom it asks."""

    title: str
    opens_on: date
    closes_on: date
    invited: Mapping[str, int]


def open_round(db: Database, plan: Planned, office: str, obstacles: Iterable[str], by: str) -> Round:
    """A new round with a link of its own."""
    row = {
        **_planned(plan),
        "office": office,
        "salt": new_salt(),
        "obstacles": json.dumps(list(obstacles)),
        "opened_by": by,
        "opened_at": now(),
    }
    with writing(db):
        number = cast(int, db.table("rounds").insert(row).last_pk)
        audit.append(db, by, "round-open", _subject(number), _dates(plan))
    return existing(db, number)


def change(db: Database, number: int, plan: Planned, by: str) -> Round:
    """Change title, dates or invitations; :class:`KbError` once its statistics are published."""
    with writing(db):
        _refuse_published(existing(db, number))
        db.table("rounds").update(number, {**_planned(plan), "closed_on": ""})
        audit.append(db, by, "round-change", _subject(number), _dates(plan))
    return existing(db, number)


def close(db: Database, number: int, day: date, by: str) -> Round:
    """Take no more answers from now on."""
    with writing(db):
        _refuse_published(existing(db, number))
        db.table("rounds").update(number, {"closed_on": day.isoformat()})
        audit.append(db, by, "round-close", _subject(number), day.isoformat())
    return existing(db, number)


def publish(db: Database, number: int, results: Results, day: date, by: str) -> Round:
    """Make the statistics of a closed round public as they are. There is no second version of them."""
    with writing(db):
        held = existing(db, number)
        _refuse_published(held)
        if held.state_on(day) != "closed":
            raise KbError("还没有结束的调查不能公布结果：公布以后再有人答，前后一比就能看出是谁")
        if results.answers != count(db, number):
            raise KbError("答卷数刚变过，请刷新以后再公布")
        row = {"results": results.model_dump_json(), "published_at": now()}
        db.table("rounds").update(number, row)
        audit.append(db, by, "round-publish", _subject(number), f"{results.answers} 份")
    return existing(db, number)


def unpublish(db: Database, number: int, by: str) -> Round:
    """Take the statistics off the public pages; what they are stays settled (:func:`republish`)."""
    with writing(db):
        existing(db, number)
        db.table("rounds").update(number, {"published_at": ""})
        audit.append(db, by, "round-unpublish", _subject(number))
    return existing(db, number)


def republish(db: Database, number: int, by: str) -> Round:
    """Show again the statistics that were settled before; :class:`KbError` if there are none."""
    with writing(db):
        if settled(db, number) is None:
            raise KbError("这次调查还没有公布过结果")
        db.table("rounds").update(number, {"published_at": now()})
        audit.append(db, by, "round-publish", _subject(number))
    return existing(db, number)


def add_answer(db: Database, held: Round, answer: Answer, key: str) -> bool:
    """Take in an answer; false if it takes the place of one that came before under the same ``key``.

    :class:`KbError` if the round takes no answers on the day of this one, or the key is not of its form.
    """
    if not KEY.fullmatch(key):
        raise KbError(_NOT_OURS)
    with writing(db):
        if existing(db, held.id).state_on(answer.day) != "open":
            raise KbError("这次调查现在不收答卷")
        before = count(db, held.id)
        if db.execute(_ADD, {**_row(answer), "key": key, "round_id": held.id}).rowcount != 1:
            raise KbError(_NOT_OURS)
        return count(db, held.id) > before


_NOT_OURS = "这份表不完整，请重新打开链接再填"


_ADD = """INSERT INTO round_answers
(key, round_id, day, region, size, segment, operating, difficulty, obstacles, text)
VALUES (:key, :round_id, :day, :region, :size, :segment, :operating, :difficulty, :obstacles, :text)
ON CONFLICT (key) DO UPDATE SET day = excluded.day, region = excluded.region, size = excluded.size,
segment = excluded.segment, operating = excluded.operating, difficulty = excluded.difficulty,
obstacles = excluded.obstacles, text = excluded.text
WHERE round_id = excluded.round_id"""


def _row(answer: Answer) -> dict[str, object]:
    return {**answer.__dict__, "day": answer.day.isoformat(), "obstacles": json.dumps(answer.obstacles)}


# -- looking ---------------------------------------------------------------------------------------


def get(db: Database, number: int) -> Round | None:
    """A round by its number."""
    rows = list(db.query("SELECT * FROM rounds WHERE id = ?", [number]))
    return _round(rows[0]) if rows else None


def existing(db: Database, number: int) -> Round:
    """Like :func:`get`; :class:`KbError` if there never was one."""
    held = get(db, number)
    if held is None:
        raise KbError(f"没有第 {number} 号调查")
    return held


def by_salt(db: Database, salt: str) -> Round | None:
    """The round whose link was made from ``salt``."""
    rows = list(db.query("SELECT * FROM rounds WHERE salt = ?", [salt]))
    return _round(rows[0]) if rows else None


def listed(db: Database) -> list[Round]:
    """All rounds, the one that opens last first."""
    return [_round(row) for row in db.query("SELECT * FROM rounds ORDER BY opens_on DESC, id DESC")]


def published(db: Database) -> list[Round]:
    """The rounds whose statistics are public, the latest first."""
    return [one for one in listed(db) if one.published_at]


def settled(db: Database, number: int) -> Results | None:
    """The statistics of a round as they were worked out to be published; ``None`` if they never were."""
    rows = list(db.query("SELECT results FROM rounds WHERE id = ? AND results <> ''", [number]))
    return Results.model_validate_json(rows[0]["results"]) if rows else None


def count(db: Database, number: int) -> int:
    """How many answered a round."""
    return int(next(db.query("SELECT count(*) AS n FROM round_answers WHERE round_id = ?", [number]))["n"])


def answers(db: Database, number: int, first: date | None = None, last: date | None = None) -> list[Answer]:
    """The answers to a round, of the days from ``first`` to ``last`` if given, in no order that tells."""
    sql = """SELECT * FROM round_answers WHERE round_id = ? AND day BETWEEN ? AND ? ORDER BY key"""
    span = [(first or date.min).isoformat(), (last or date.max).isoformat()]
    return [_answer(row) for row in db.query(sql, [number, *span])]


def forget_texts(db: Database, today: date) -> int:
    """Delete what was written in answers to rounds that ended longer than :data:`KEPT` ago; how many."""
    limit = (today - KEPT).isoformat()
    sql = """UPDATE round_answers SET text = '' WHERE text <> '' AND round_id IN (SELECT id FROM rounds
             WHERE min(closes_on, CASE closed_on WHEN '' THEN closes_on ELSE closed_on END) < ?)"""
    with writing(db):
        return int(db.execute(sql, [limit]).rowcount)


def _round(row: Mapping[str, Any]) -> Round:
    return Round(
        id=row["id"],
        title=row["title"],
        office=row["office"],
        opens_on=date.fromisoformat(row["opens_on"]),
        closes_on=date.fromisoformat(row["closes_on"]),
        salt=row["salt"],
        obstacles=tuple(json.loads(row["obstacles"])),
        invited=json.loads(row["invited"]),
        closed_on=date.fromisoformat(row["closed_on"]) if row["closed_on"] else None,
        published_at=row["published_at"],
        is_settled=bool(row["results"]),
        opened_by=row["opened_by"],
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    values = {name: row[name] for name in Answer.__dataclass_fields__}
    values |= {"day": date.fromisoformat(row["day"]), "obstacles": tuple(json.loads(row["obstacles"]))}
    return Answer(**values)


def _planned(plan: Planned) -> dict[str, str]:
    return {
        "title": plan.title,
        "opens_on": plan.opens_on.isoformat(),
        "closes_on": plan.closes_on.isoformat(),
        "invited": json.dumps(dict(plan.invited)),
    }


def _subject(number: int) -> str:
    return f"round-{number}"


def _dates(plan: Planned) -> str:
    return f"{plan.opens_on} — {plan.closes_on}"


def _refuse_published(held: Round) -> None:
    if held.is_settled:
        raise KbError("结果已经公布过，不能再改，也不能重开：前后一比就能看出后来答的是谁。请另开一次调查")
