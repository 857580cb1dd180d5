"""Digests in the store: drafts, issues with their number, corrections. An issue never changes; only what
its member deleted is taken out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from kb.domain.digest import Choice, Digest, Item, Masthead, Note, ordered, plain
from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing

_COLUMNS = """id, state, revision, day, since, masthead, choices, items, number, total, created_by,
created_at, updated_by, updated_at, issued_by, issued_at"""
MOST = 60
"""Items of one issue: more than that nobody reads in one paper."""


class ChangedDigestError(KbError):
    """Somebody else saved or issued the draft meanwhile, or what it is about changed: look again."""


def _digest(row: Mapping[str, Any]) -> Digest:
    return Digest(
        **{
            **row,
            "day": date.fromisoformat(row["day"]),
            "since": date.fromisoformat(row["since"]),
            "masthead": Masthead(**json.loads(row["masthead"])),
            "choices": tuple(Choice(**one) for one in json.loads(row["choices"])),
            "items": tuple(Item(**one) for one in json.loads(row["items"])),
            "number": row["number"] or 0,
            "total": row["total"] or 0,
        }
    )


def _json(value: object) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def create(
    db: Database, day: date, since: date, choices: Iterable[Choice], masthead: Masthead, by: str
) -> Digest:
    """A draft of an issue; :class:`KbError` where nothing or too much was chosen or the days are reversed."""
    row = {**_row(day, since, choices, masthead), "state": "draft", "created_by": by, "created_at": now()}
    with writing(db):
        made = db.table("digests").insert({**row, "updated_by": by, "updated_at": row["created_at"]})
        number = cast(int, made.last_pk)
        audit.append(db, by, "digest-create", f"digest-{number}", f"{since}—{day}")
    return existing(db, number)


def _row(day: date, since: date, choices: Iterable[Choice], masthead: Masthead) -> dict[str, object]:
    chosen = ordered(choices)
    if not chosen:
        raise KbError("一条也没有选。请至少勾选一条，再下一步")
    if len(chosen) > MOST:
        raise KbError(f"一期最多 {MOST} 条，现在选了 {len(chosen)} 条。请少选一些，其余的放到下一期")
    if since > day:
        raise KbError("“从哪天起”晚于“到哪天止”。请把两个日期改对")
    days = {"day": day.isoformat(), "since": since.isoformat()}
    return {**days, "masthead": _json(masthead), "choices": _json(chosen)}


def save(
    db: Database,
    draft: Digest,
    by: str,
    *,
    choices: Iterable[Choice] | None = None,
    masthead: Masthead | None = None,
    days: tuple[date, date] | None = None,
) -> Digest:
    """Keep what was changed of a draft, ``days`` as (day, since).

    :class:`ChangedDigestError` if another saved or issued it since ``draft`` was read.
    """
    day, since = days or (draft.day, draft.since)
    row = _row(day, since, draft.choices if choices is None else choices, masthead or draft.masthead)
    with writing(db):
        _check_same(db, draft)
        change = {"revision": draft.revision + 1, "updated_by": by, "updated_at": now()}
        db.table("digests").update(draft.id, {**row, **change})
    return existing(db, draft.id)


def _check_same(db: Database, draft: Digest) -> Digest:
    held = existing(db, draft.id)
    if (held.state, held.revision) != ("draft", draft.revision):
        raise ChangedDigestError("这一期刚被同事改过或处理过，请看过最新的样子再定")
    return held


def drop(db: Database, draft: Digest, by: str) -> None:
    """Give a draft up."""
    with writing(db):
        _check_same(db, draft)
        db.table("digests").update(draft.id, {"state": "dropped", "updated_by": by, "updated_at": now()})
        audit.append(db, by, "digest-drop", f"digest-{draft.id}")


def next_numbers(db: Database, year: int) -> tuple[int, int]:
    """The number within ``year`` and the one over all years that the next issue gets."""
    sql = """SELECT coalesce(max(total), 0) + 1 AS total,
             coalesce(max(CASE WHEN year = ? THEN number END), 0) + 1 AS number FROM digests"""
    row = next(db.query(sql, [year]))
    return int(row["number"]), int(row["total"])


def has_issues(db: Database) -> bool:
    """Whether any issue was given a number here."""
    return next_numbers(db, 0)[1] > 1


def issue(
    db: Database,
    draft: Digest,
    items: tuple[Item, ...],
    by: str,
    word: Callable[[Digest], bytes],
    *,
    start: tuple[int, int] = (1, 1),
    after: Callable[[Digest], object] | None = None,
) -> Digest:
    """Give the draft its number and keep it with its items and its Word file for good, in one transaction.

    ``start`` are the numbers of the very first issue here, for who has issued on paper before. ``after`` is
    done with the issue in the same transaction (mail). :class:`ChangedDigestError` as in :func:`save`.
    """
    with writing(db):
        held = _check_same(db, draft)
        if not items:
            raise KbError("这一期没有内容，不能出刊")
        number, total = next_numbers(db, held.day.year)
        if total == 1:
            number, total = max(1, start[0]), max(1, start[1])
        at = now()
        found = replace(held, state="issued", items=items, number=number, total=total)
        found = replace(found, issued_by=by, issued_at=at, updated_by=by, updated_at=at)
        row = {"state": "issued", "items": _json(items), "year": held.day.year, "number": number}
        row |= {"total": total, "word": word(found), "issued_by": by, "issued_at": at}
        db.table("digests").update(held.id, {**row, "updated_by": by, "updated_at": at})
        audit.append(db, by, "digest-issue", f"digest-{held.id}", found.title)
        if after:
            after(found)
    return found


def forget_answered(db: Database, number: int) -> None:
    """Take the words of a deleted difficulty out of every issue; nothing else of an issue ever changes.

    What is left of the item is that it stood there. The Word file goes too, and is made anew on demand.
    Joins the transaction that is open.
    """
    key = str(number)
    sql = """SELECT DISTINCT digests.id AS id, items FROM digests, json_each(items) AS one
             WHERE state = 'issued' AND json_extract(one.value, '$.section') = 'answered'
             AND json_extract(one.value, '$.key') = ?"""
    with writing(db):
        for row in list(db.query(sql, [key])):
            items = [Item(**one) for one in json.loads(row["items"])]
            left = [one if one.is_entry or one.key != key else Item("answered", key) for one in items]
            db.table("digests").update(row["id"], {"items": _json(left), "word": None})


def get(db: Database, digest_id: int) -> Digest | None:
    """A draft or issue by its id; ``None`` if there never was one."""
    rows = list(db.query(f"SELECT {_COLUMNS} FROM digests WHERE id = ?", [digest_id]))  # noqa: S608
    return _digest(rows[0]) if rows else None


def existing(db: Database, digest_id: int) -> Digest:
    """Like :func:`get`; :class:`KbError` if there never was one."""
    found = get(db, digest_id)
    if found is None:
        raise KbError(f"没有编号 {digest_id} 的简报")
    return found


def by_number(db: Database, total: int) -> Digest | None:
    """The issue 总第 ``total`` 期; ``None`` if there is none."""
    sql = f"SELECT {_COLUMNS} FROM digests WHERE total = ? AND state = 'issued'"  # noqa: S608
    rows = list(db.query(sql, [total]))
    return _digest(rows[0]) if rows else None


def issued(db: Database, limit: int = 1000) -> list[Digest]:
    """The issues, the latest first."""
    sql = f"SELECT {_COLUMNS} FROM digests WHERE state = 'issued' ORDER BY total DESC LIMIT ?"  # noqa: S608
    return [_digest(row) for row in db.query(sql, [limit])]


def drafts(db: Database) -> list[Digest]:
    """What is in the making, touched last first."""
    sql = f"SELECT {_COLUMNS} FROM digests WHERE state = 'draft' ORDER BY updated_at DESC"  # noqa: S608
    return [_digest(row) for row in db.query(sql)]


def word_of(db: Database, digest_id: int) -> bytes:
    """The Word file of an issue, just as it was when issued; empty for a draft, and for an issue that a
    deleted difficulty was taken out of."""
    rows = list(db.query("SELECT word FROM digests WHERE id = ?", [digest_id]))
    return bytes(rows[0]["word"] or b"") if rows else b""


def add_note(db: Database, digest: Digest, text: str, by: str) -> None:
    """Put a correction beside an issue; :class:`KbError` where there is no text or no issue."""
    text = " ".join(text.split())
    if not text:
        raise KbError("请写清楚更正什么：原来怎么写，应当怎么写")
    if digest.state != "issued":
        raise KbError("还没有出刊，直接改就行，不用更正")
    with writing(db):
        row = {"digest_id": digest.id, "at": now(), "by": by, "text": text[:1000]}
        db.table("digest_notes").insert(row)
        audit.append(db, by, "digest-note", f"digest-{digest.id}", text[:1000])


def notes(db: Database, digest_id: int) -> list[Note]:
    """The corrections of an issue, oldest first."""
    sql = "SELECT at, by, text FROM digest_notes WHERE digest_id = ? ORDER BY id"
    return [Note(**row) for row in db.query(sql, [digest_id])]


def added_since(db: Database, moment: str) -> frozenset[str]:
    """The entries whose first version was published after ``moment`` (UTC)."""
    sql = "SELECT entry_id FROM versions WHERE number = 1 AND published_at > ?"
    return frozenset(str(row["entry_id"]) for row in db.query(sql, [moment]))


def edited_since(db: Database, moment: str) -> frozenset[str]:
    """The entries of which another version was published after ``moment`` (UTC)."""
    sql = "SELECT DISTINCT entry_id FROM versions WHERE number > 1 AND published_at > ?"
    return frozenset(str(row["entry_id"]) for row in db.query(sql, [moment]))
