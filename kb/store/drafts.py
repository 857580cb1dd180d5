"""Drafts: versions in the making, their steps and comments. Nothing saved is ever overwritten unseen."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from kb.domain.entry import Entry
from kb.domain.taxonomy import NATION
from kb.domain.workflow import AFTER, NEED_A_REASON, OPEN, Draft, State, Step
from kb.errors import KbError
from kb.store import audit, users
from kb.store.database import Database, now, writing
from kb.store.entries import to_json

PRESENT = timedelta(seconds=90)
"""How long somebody counts as editing after the last sign of it."""
_WORDS = {
    "submit": "送审",
    "send": "报送全国",
    "recall": "撤回",
    "publish": "发布",
    "return": "退回",
    "drop": "放弃",
    "reopen": "重新打开",
}


@dataclass(frozen=True)
class Saved:
    """What became of a save. ``forked`` is true where it was made a draft of its own, since another had
    saved meanwhile."""

    draft: Draft
    forked: bool


@dataclass(frozen=True)
class Event:
    """One step or comment of a draft; ``at`` is UTC, ``by`` a login name."""

    at: str
    by: str
    action: str
    text: str


def _draft(row: Mapping[str, Any]) -> Draft:
    values = {name: row[name] for name in Draft.__dataclass_fields__}
    values["data"] = json.loads(row["data"])
    values["vouched"] = tuple(json.loads(row["vouched"]))
    values["due_on"] = date.fromisoformat(row["due_on"]) if row["due_on"] else None
    return Draft(**values)


def create(
    db: Database,
    data: Mapping[str, Any],
    by: str,
    office: str,
    origin: str,
    base_version: int | None = None,
    original: str = "",
    sha256: str = "",
) -> Draft:
    """A new draft of ``data``; without an id in it, one that no entry has is proposed."""
    with writing(db):
        whole = dict(data) if data.get("id") else {"id": _free_id(db, data), **data}
        at = now()
        row = {
            **_shown(whole),
            "state": "draft",
            "office": office,
            "home": office,
            "origin": origin,
            "original": original,
            "sha256": sha256,
            "base_version": base_version,
            "author": by,
            "created_at": at,
            "updated_at": at,
            "updated_by": by,
            "vouched": json.dumps([by]),
        }
        number = cast(int, db.table("drafts").insert(row).last_pk)
        note(db, number, by, "create", origin)
        audit.append(db, by, "draft-create", str(whole["id"]), f"草稿 {number}，{origin}")
    return existing(db, number)


def _shown(data: Mapping[str, Any]) -> dict[str, object]:
    """The columns that lists show, taken from the record."""
    return {
        "entry_id": str(data.get("id", "")),
        "kind": str(data.get("kind") or "policy"),
        "title": str(data.get("title") or "").strip(),
        "data": json.dumps(data, ensure_ascii=False),
    }


def _free_id(db: Database, data: Mapping[str, Any]) -> str:
    """``d2026-0001`` and on: the year of the document or of today, and the next free number."""
    year = str(data.get("issued_on") or now())[:4]
    start = f"d{year if year.isdigit() else now()[:4]}-"
    sql = """SELECT max(CAST(substr(id, ?) AS INTEGER)) AS last FROM
             (SELECT id FROM entries WHERE id GLOB ?
              UNION SELECT entry_id FROM drafts WHERE entry_id GLOB ?)"""
    pattern = f"{start}[0-9]*"
    last = next(db.query(sql, [len(start) + 1, pattern, pattern]))["last"] or 0
    return f"{start}{last + 1:04d}"


def get(db: Database, number: int) -> Draft | None:
    """A draft in any state; ``None`` if there never was one of this number."""
    rows = list(db.query("SELECT * FROM drafts WHERE id = ?", [number]))
    return _draft(rows[0]) if rows else None


def existing(db: Database, number: int) -> Draft:
    """Like :func:`get`; :class:`KbError` if there never was one."""
    draft = get(db, number)
    if draft is None:
        raise KbError(f"没有 {number} 号草稿")
    return draft


def by_token(db: Database, token: str) -> Draft | None:
    """The open draft that a preview link leads to."""
    rows = list(db.query("SELECT * FROM drafts WHERE token = ?", [token])) if token else []
    draft = _draft(rows[0]) if rows else None
    return draft if draft and draft.state in OPEN else None


def listed(db: Database, states: Iterable[State] = OPEN, entry_id: str | None = None) -> list[Draft]:
    """The drafts in ``states``, of one entry if asked for, what was touched last first."""
    wanted = list(states)
    marks = ", ".join("?" * len(wanted))
    one = " AND entry_id = ?" if entry_id else ""
    sql = f"SELECT * FROM drafts WHERE state IN ({marks}){one} ORDER BY updated_at DESC, id DESC"  # noqa: S608
    return [_draft(row) for row in db.query(sql, [*wanted, *([entry_id] if entry_id else [])])]


def save(
    db: Database, number: int, revision: int, data: Mapping[str, Any], by: str, *, wrote: bool = True
) -> Saved:
    """Keep what was typed. Where another saved after ``revision``, it becomes a draft of its own.

    Without ``wrote`` the text stays that of those who vouch for it: a paper was added, sides were joined.
    """
    with writing(db):
        held = existing(db, number)
        if dict(held.data) == dict(data):
            return Saved(held, False)
        if held.revision != revision or held.state not in OPEN:
            return Saved(_fork(db, held, data, by), True)
        row = {**_shown(data), "revision": revision + 1, "updated_at": now()}
        if wrote:
            row |= {"updated_by": by, "vouched": json.dumps([by])}
        db.table("drafts").update(number, row)
    return Saved(existing(db, number), False)


def rebase(db: Database, draft: Draft, data: Mapping[str, Any], base_version: int | None, by: str) -> Draft:
    """The draft with ``data``, both sides' text joined, now made from another published version."""
    with writing(db):
        saved = save(db, draft.id, draft.revision, data, by, wrote=False)
        db.table("drafts").update(saved.draft.id, {"base_version": base_version})
        note(db, saved.draft.id, by, "rebase", str(base_version))
        detail = f"草稿 {saved.draft.id} 合入第 {base_version} 版"
        audit.append(db, by, "draft-rebase", draft.entry_id, detail)
    return existing(db, saved.draft.id)


def _fork(db: Database, held: Draft, data: Mapping[str, Any], by: str) -> Draft:
    """The draft that ``by`` already has beside ``held`` brought up to ``data``, or a new one."""
    origin = f"draft:{held.id}"
    mine = [one for one in listed(db, entry_id=held.entry_id) if (one.author, one.origin) == (by, origin)]
    if mine:
        return save(db, mine[0].id, mine[0].revision, data, by).draft
    user = users.find(db, by)
    office = user.actor.region if user else held.office
    return create(db, data, by, office, origin, held.base_version, held.original)


def move(db: Database, draft: Draft, step: Step, by: str, text: str = "", office: str | None = None) -> Draft:
    """Take ``step``; :class:`KbError` if the draft moved meanwhile or a reason is missing."""
    if step in NEED_A_REASON and not text.strip():
        raise KbError(f"{_WORDS[step]}要写明理由，对方才知道怎么改")
    with writing(db):
        held = existing(db, draft.id)
        if (held.state, held.revision) != (draft.state, draft.revision):
            raise KbError("这份草稿刚被别人改过或处理过，请看过最新的样子再定")
        row = {"state": AFTER[step], "office": office or _office_after(held, step), "token": held.token}
        if AFTER[step] not in OPEN:
            row["token"] = None
        if step in ("submit", "send"):
            row["vouched"] = json.dumps(sorted({*held.vouched, by}))
        db.table("drafts").update(draft.id, row)
        note(db, draft.id, by, step, text.strip())
        detail = f"草稿 {draft.id}，{_WORDS[step]}" + (f"：{text.strip()}" if text.strip() else "")
        audit.append(db, by, f"draft-{step}", held.entry_id, detail)
    return existing(db, draft.id)


def _office_after(draft: Draft, step: Step) -> str:
    if step == "send":
        return NATION
    return draft.home if step in ("return", "recall") else draft.office


def assign(db: Database, number: int, assignee: str, due_on: date | None, by: str) -> None:
    """Give a draft to somebody, until a day; an empty name gives it to nobody."""
    with writing(db):
        row = {"assignee": assignee, "due_on": due_on.isoformat() if due_on else None}
        db.table("drafts").update(number, row)
        until = f"，{due_on} 前" if due_on else ""
        note(db, number, by, "assign", (assignee or "无人") + until)
        entry_id, told = existing(db, number).entry_id, f"草稿 {number} 交给 {assignee or '无人'}{until}"
        audit.append(db, by, "draft-assign", entry_id, told)


def note(db: Database, number: int, by: str, action: str, text: str) -> None:
    """Write a step or comment to a draft's story."""
    row = {"draft_id": number, "at": now(), "by": by, "action": action, "text": text}
    with writing(db):
        db.table("draft_events").insert(row)


def events(db: Database, number: int) -> list[Event]:
    """The story of a draft, oldest first."""
    sql = "SELECT at, by, action, text FROM draft_events WHERE draft_id = ? ORDER BY number"
    return [Event(**row) for row in db.query(sql, [number])]


def share(db: Database, number: int, by: str) -> str:
    """The word of its preview link, made when first asked for; without an account it shows the draft only."""
    with writing(db):
        held = existing(db, number)
        if held.token:
            return held.token
        token = secrets.token_urlsafe(24)
        db.table("drafts").update(number, {"token": token})
        note(db, number, by, "share", "")
        audit.append(db, by, "draft-share", held.entry_id, f"草稿 {number} 的预览链接")
    return token


def unshare(db: Database, number: int, by: str) -> None:
    """The preview link leads nowhere any more."""
    with writing(db):
        db.table("drafts").update(number, {"token": None})
        note(db, number, by, "unshare", "")
        audit.append(db, by, "draft-unshare", existing(db, number).entry_id, f"草稿 {number} 的预览链接停用")


def sign_in_to(db: Database, number: int, by: str) -> list[str]:
    """Note that ``by`` is editing; who else is at this or another draft of the entry, by login name."""
    since = (datetime.now(UTC) - PRESENT).isoformat(timespec="microseconds")
    with writing(db):
        row = {"draft_id": number, "by": by, "seen_at": now()}
        db.table("editing").upsert(row, pk=("draft_id", "by"))
        db.execute("DELETE FROM editing WHERE seen_at < ?", [since])
    sql = """SELECT DISTINCT by FROM editing JOIN drafts ON drafts.id = draft_id
             WHERE entry_id = (SELECT entry_id FROM drafts WHERE id = ?) AND by <> ? ORDER BY by"""
    return [str(row["by"]) for row in db.query(sql, [number, by])]


def keep_of_file(db: Database, entry: Entry, origin: str, sha256: str, base_version: int | None) -> bool:
    """Keep what a file says that may not be published over the store; false if it is kept already."""
    with writing(db):
        sql = "SELECT 1 FROM drafts WHERE entry_id = ? AND sha256 = ?"
        if list(db.query(sql, [entry.id, sha256])):
            return False
        data = json.loads(to_json(entry))
        create(db, data, "kb load", NATION, f"file:{origin}", base_version, sha256=sha256)
    return True
