"""Difficulties that members told: kept for the secretariat, followed by a private link, really deleted.

Every step is a row of ``difficulty_events`` and one of the audit; neither holds what a member wrote, its
contact or the answer. Only a hash of the private link is kept, so nobody can make one from the store.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from kb.domain.dates import SHANGHAI
from kb.domain.difficulty import CONTACT_KEPT_MONTHS, Difficulty, Rewrite, State
from kb.errors import KbError
from kb.store import audit, digests, outbox
from kb.store.database import Database, now, wipe, writing

MEMBER = "member"
"""Who acts by the private link; nobody knows more."""
TIDYING = "kb tidy"
_LONGEST_WHOLE = 8000


@dataclass(frozen=True)
class Event:
    """One step or internal comment; ``at`` is UTC, ``by`` a login name or :data:`MEMBER`."""

    at: str
    by: str
    action: str
    text: str


class ChangedMeanwhileError(KbError):
    """Somebody else did something with it since it was looked at."""


def _difficulty(row: Mapping[str, Any]) -> Difficulty:
    values = {name: row[name] for name in Difficulty.__dataclass_fields__}
    values |= {name: tuple(json.loads(row[name])) for name in ("needs", "entries")}
    return Difficulty(**values)


def hash_of(token: str) -> str:
    """What the store keeps of a private link."""
    return hashlib.sha256(token.encode()).hexdigest()


def subject_of(number: int) -> str:
    """What the audit calls a difficulty."""
    return f"difficulty-{number}"


# -- what the member does --------------------------------------------------------------------------


def state_one(
    db: Database,
    *,
    needs: Iterable[str],
    text: str,
    region: str = "",
    size: str = "",
    segment: str = "",
    contact: str = "",
    consent_forward: str = "",
    token: str = "",
) -> tuple[Difficulty, str]:
    """Take in a difficulty; also the token of its private link, which the store does not hold.

    ``token`` is the one that the form leads to (:func:`kb.store.private.token_of`). Sent again, it makes no
    second difficulty: as long as only the member did anything, what came later counts;
    :class:`ChangedMeanwhileError` for other words after that.
    """
    token = token or secrets.token_urlsafe(24)
    fields = {
        "region": region,
        "size": size,
        "segment": segment,
        "needs": json.dumps(list(needs)),
        "text": text,
        "contact": contact,
        "consent_forward": consent_forward,
    }
    with writing(db):
        before = by_token(db, token)
        held = _restated(db, before, fields) if before else _received(db, fields, token)
    if before:
        wipe(db)
    return held, token


def _received(db: Database, fields: Mapping[str, str], token: str) -> Difficulty:
    at = now()
    row = {**fields, "token_hash": hash_of(token), "received_at": at, "updated_at": at, "state": "received"}
    number = cast(int, db.table("difficulties").insert(row).last_pk)
    _note(db, number, MEMBER, "receive")
    return existing(db, number)


def _restated(db: Database, held: Difficulty, fields: Mapping[str, str]) -> Difficulty:
    """What the same form says this time, unless it says the same."""
    if all(fields[name] == value for name, value in _as_sent(held).items()):
        return held
    if {one.action for one in events(db, held.id)} - {"receive", "restate"}:
        raise ChangedMeanwhileError(
            "这一件已经交过，而且后来有过办理或补充，这次改的没有存。要改，请打开私密链接补充；"
            "要另外反映一件，再提交一次就行"
        )
    return _change(db, held, MEMBER, "restate", **fields)


def _as_sent(held: Difficulty) -> dict[str, str]:
    names = ("region", "size", "segment", "text", "contact", "consent_forward")
    return {"needs": json.dumps(held.needs), **{name: getattr(held, name) for name in names}}


def by_token(db: Database, token: str) -> Difficulty | None:
    """The difficulty that a private link leads to; ``None`` for no such link, or a deleted one."""
    rows = list(db.query("SELECT * FROM difficulties WHERE token_hash = ?", [hash_of(token)]))
    return _difficulty(rows[0]) if rows else None


def add_text(db: Database, held: Difficulty, more: str, day: date) -> Difficulty:
    """The member adds ``more``; what was settled is open again. :class:`KbError` if it grows too long."""
    with writing(db):
        held = existing(db, held.id)
        whole = "\n\n".join(part for part in (held.text, f"补充（{day.isoformat()}）：{more}") if part)
        if len(whole) > _LONGEST_WHOLE:
            raise KbError("补充的内容太多，放不下了。请另外反映一件，或者打电话给协会")
        reopened = {"state": "received", "closed_at": ""} if held.state in ("answered", "closed") else {}
        return _change(db, held, MEMBER, "add", text=whole, **reopened)


def set_forwarding(db: Database, held: Difficulty, bodies: str) -> Difficulty:
    """The member names the bodies that it may be passed on to; an empty text takes the consent back."""
    return _change(db, held, MEMBER, "consent" if bodies else "consent-off", consent_forward=bodies)


def agree(db: Database, held: Difficulty, seal: str) -> Difficulty:
    """The member agrees to the publication of the rewrite with this seal, and of no other.

    :class:`ChangedMeanwhileError` where staff have changed the words since they were shown.
    """
    with writing(db):
        held = existing(db, held.id)
        if held.rewrite is None or held.rewrite.seal != seal:
            raise ChangedMeanwhileError("秘书处刚改过这段文字，请看过现在的再定")
        return _change(db, held, MEMBER, "agree", agreed=seal)


def disagree(db: Database, held: Difficulty) -> Difficulty:
    """The member does not agree, or no more: what was published is public no longer."""
    return _change(db, held, MEMBER, "disagree", agreed="", **_UNPUBLISHED)


_UNPUBLISHED = {"published_title": "", "published_text": "", "published_answer": "", "published_at": ""}


def delete(db: Database, held: Difficulty) -> None:
    """Delete it with every word: left are a count for its month and, in the audit, that it was deleted.

    What the file still held of it is overwritten; backups made before keep theirs until they are thrown
    away.
    """
    with writing(db):
        db.execute(_COUNT_DELETED, [held.received_at[:7]])
        _forget_mail(db, held)
        digests.forget_answered(db, held.id)
        db.execute("DELETE FROM difficulties WHERE id = ?", [held.id])
        audit.append(db, MEMBER, "difficulty-delete", subject_of(held.id))
    wipe(db)


_COUNT_DELETED = """INSERT INTO difficulties_deleted (month, number) VALUES (?, 1)
ON CONFLICT (month) DO UPDATE SET number = number + 1"""


def _forget_mail(db: Database, held: Difficulty) -> None:
    if held.mail:
        outbox.forget(db, held.mail, _mail_key(held.id))


def _put_mail(db: Database, held: Difficulty, mail: tuple[str, str] | None) -> None:
    """Have a mail (subject and text) about the step that made ``held`` wait, if there is one."""
    if mail:
        subject, text = mail
        outbox.put(db, key=f"{_mail_key(held.id)}{held.revision}", to=held.mail, subject=subject, text=text)


def _mail_key(number: int) -> str:
    return f"difficulties:{number}:"


# -- what staff do ---------------------------------------------------------------------------------


def answer(db: Database, held: Difficulty, text: str, by: str, mail: tuple[str, str] | None) -> Difficulty:
    """Answer the member, or answer anew. ``mail`` is subject and text of a word to an e-mail contact."""
    with writing(db):
        done = _change(db, held, by, "answer", answer=text, answered_at=now(), state="answered")
        _put_mail(db, done, mail)
        return done


def link_entry(db: Database, held: Difficulty, entry_id: str, by: str) -> Difficulty:
    """Note an entry that answers it."""
    entries = tuple(dict.fromkeys((*held.entries, entry_id)))
    state = "linked" if held.state == "received" else held.state
    return _change(db, held, by, "link", entry_id, entries=json.dumps(entries), state=state)


def unlink_entry(db: Database, held: Difficulty, entry_id: str, by: str) -> Difficulty:
    """Take an entry away again."""
    entries = tuple(one for one in held.entries if one != entry_id)
    state = "received" if held.state == "linked" and not entries else held.state
    return _change(db, held, by, "unlink", entry_id, entries=json.dumps(entries), state=state)


def pass_on(db: Database, held: Difficulty, body: str, by: str) -> Difficulty:
    """Note that it was passed on to ``body``; :class:`KbError` if the member did not name that one."""
    if body not in held.bodies:
        raise KbError("会员没有同意转给这个单位，不能转交")
    return _change(db, held, by, "pass", passed_to=body, state="passed")


def close(db: Database, held: Difficulty, by: str) -> Difficulty:
    """Settle it: from now the contact is kept for so long and no longer."""
    return _change(db, held, by, "close", state="closed", closed_at=now())


def reopen(db: Database, held: Difficulty, by: str) -> Difficulty:
    """Open what was closed by mistake or too early."""
    return _change(db, held, by, "reopen", state="answered" if held.answer else "received", closed_at="")


def comment(db: Database, held: Difficulty, text: str, by: str) -> None:
    """Say something among colleagues; the member does not see it."""
    with writing(db):
        _note(db, held.id, by, "comment", text)


def propose(
    db: Database, held: Difficulty, rewrite: Rewrite, by: str, mail: tuple[str, str] | None = None
) -> Difficulty:
    """Put a rewrite before the member. Consent to other words is gone; what is published stays as agreed.

    ``mail`` is subject and text of a word to an e-mail contact; it goes out once for the same words.
    """
    fields = {
        "rewrite_title": rewrite.title,
        "rewrite_text": rewrite.text,
        "rewrite_answer": rewrite.answer,
        "agreed": held.agreed if held.agreed == rewrite.seal else "",
    }
    with writing(db):
        done = _change(db, held, by, "propose", **fields)
        _put_mail(db, done, mail if rewrite != held.rewrite else None)
        return done


def publish(db: Database, held: Difficulty, by: str) -> Difficulty:
    """Make the rewrite public; :class:`KbError` unless the member agreed to just these words."""
    rewrite = held.rewrite
    if rewrite is None or not held.may_be_published:
        raise KbError("会员还没有同意公开这段文字，不能公开")
    fields = {
        "published_title": rewrite.title,
        "published_text": rewrite.text,
        "published_answer": rewrite.answer,
        "published_at": now(),
    }
    return _change(db, held, by, "publish", **fields)


def unpublish(db: Database, held: Difficulty, by: str) -> Difficulty:
    """Take it from the public pages; the member's consent stays."""
    return _change(db, held, by, "unpublish", **_UNPUBLISHED)


def _change(
    db: Database, held: Difficulty, by: str, action: str, detail: str = "", **fields: object
) -> Difficulty:
    """Write ``fields`` if nobody did anything since ``held`` was read, and the step."""
    with writing(db):
        if existing(db, held.id).revision != held.revision:
            raise ChangedMeanwhileError("刚有人处理过这一件，您的还没有存。请看过最新的情况再定")
        row = {**fields, "updated_at": now(), "revision": held.revision + 1}
        db.table("difficulties").update(held.id, row)
        _note(db, held.id, by, action, detail)
    return existing(db, held.id)


def _note(db: Database, number: int, by: str, action: str, text: str = "") -> None:
    row = {"difficulty_id": number, "at": now(), "by": by, "action": action, "text": text}
    db.table("difficulty_events").insert(row)
    audit.append(db, by, f"difficulty-{action}", subject_of(number))


# -- looking ---------------------------------------------------------------------------------------


def get(db: Database, number: int) -> Difficulty | None:
    """A difficulty by its number."""
    rows = list(db.query("SELECT * FROM difficulties WHERE id = ?", [number]))
    return _difficulty(rows[0]) if rows else None


def existing(db: Database, number: int) -> Difficulty:
    """A difficulty that was there; :class:`KbError` if the member has deleted it meanwhile."""
    held = get(db, number)
    if held is None:
        raise KbError("这一件已经由会员删除了")
    return held


def events(db: Database, number: int) -> list[Event]:
    """The steps and comments in order."""
    sql = "SELECT at, by, action, text FROM difficulty_events WHERE difficulty_id = ? ORDER BY number"
    return [Event(**row) for row in db.query(sql, [number])]


def listed(db: Database, states: Iterable[State] = ()) -> list[Difficulty]:
    """All in these states, or all; the longest waiting first."""
    wanted = json.dumps(list(states))
    sql = """SELECT * FROM difficulties
             WHERE ?1 = '[]' OR state IN (SELECT value FROM json_each(?1)) ORDER BY received_at, id"""
    return [_difficulty(row) for row in db.query(sql, [wanted])]


def received_between(db: Database, first: date, last: date) -> list[Difficulty]:
    """What was received from ``first`` to ``last``, both days included and China's."""
    sql = "SELECT * FROM difficulties WHERE received_at >= ? AND received_at < ? ORDER BY received_at, id"
    return [_difficulty(row) for row in db.query(sql, _span(first, last))]


def published(db: Database) -> list[Difficulty]:
    """What staff rewrote and its member agreed to make public, the latest first."""
    sql = "SELECT * FROM difficulties WHERE published_at <> '' ORDER BY published_at DESC, id DESC"
    return [_difficulty(row) for row in db.query(sql)]


def published_between(db: Database, first: date, last: date) -> list[Difficulty]:
    """What was made public from ``first`` to ``last``, both days included and China's, in order."""
    sql = "SELECT * FROM difficulties WHERE published_at >= ? AND published_at < ? ORDER BY published_at, id"
    return [_difficulty(row) for row in db.query(sql, _span(first, last))]


def deleted_between(db: Database, first: date, last: date) -> int:
    """How many of the months from that of ``first`` to that of ``last`` were deleted by their members."""
    sql = "SELECT coalesce(sum(number), 0) AS many FROM difficulties_deleted WHERE month BETWEEN ? AND ?"
    return int(next(db.query(sql, [first.isoformat()[:7], last.isoformat()[:7]]))["many"])


def _span(first: date, last: date) -> list[str]:
    """The moments in UTC between which China's days from ``first`` to ``last`` lie."""
    days = (first, last + timedelta(days=1))
    return [_midnight(day).isoformat(timespec="microseconds") for day in days]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


# -- tidying ---------------------------------------------------------------------------------------


def forget_contacts(db: Database, today: date) -> int:
    """Delete the contacts of what was closed twelve months before ``today``, and mail to them; how many."""
    years, month = divmod(today.month - 1 - CONTACT_KEPT_MONTHS, 12)
    last_day = _last_day(today.year + years, month + 1)
    limit = date(today.year + years, month + 1, min(today.day, last_day))
    before = _midnight(limit + timedelta(days=1)).isoformat(timespec="microseconds")
    sql = "SELECT * FROM difficulties WHERE contact <> '' AND closed_at <> '' AND closed_at < ?"
    with writing(db):
        due = [_difficulty(row) for row in db.query(sql, [before])]
        for held in due:
            _forget_mail(db, held)
            _change(db, held, TIDYING, "forget-contact", contact="")
    return len(due)


def _last_day(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day
