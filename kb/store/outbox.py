"""Mail that is to be sent, one row for each key and recipient, so that nothing is sent twice.

Whoever wants a mail sent calls :func:`put` inside its own transaction: the row is there if and only if
what it tells of is. A row is waiting, claimed (a process is about to talk to the server), handing (the
text is on its way and the server's answer not yet noted), sent or failed. After a kill, a claimed row was
surely not sent and a handing row may have been: both wait again, the latter with one more of ``doubts``,
of which :data:`DOUBTS` are the most.

What was sent keeps no text. A text may hold marks of private links (see :mod:`kb.store.private`), which
are filled in on sending, so that the store holds no link that works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from kb.domain.dates import SHANGHAI
from kb.store.database import Database, now, writing

State = Literal["waiting", "claimed", "handing", "sent", "failed"]
KEPT = timedelta(days=90)
"""How long it is remembered that a mail was sent."""
DOUBTS = 3
"""So often is a mail sent without an answer; then it has failed, for it may have arrived each time."""
STATES: tuple[State, ...] = ("waiting", "claimed", "handing", "sent", "failed")


@dataclass(frozen=True)
class Mail:
    """One row. ``tries`` counts what was refused for a time, ``doubts`` how often it was sent again without
    knowing whether it had arrived, ``said`` is the server's last word; times are UTC."""

    id: int
    key: str
    recipient: str
    subject: str
    text: str
    html: str
    unsubscribe: str
    state: State
    tries: int
    doubts: int
    not_before: str
    said: str
    made_at: str
    moved_at: str


def put(
    db: Database, *, key: str, to: str, subject: str, text: str, html: str = "", unsubscribe: str = ""
) -> bool:
    """Have a mail sent once to ``to``; false if one with this key to this address was put before.

    ``key`` begins with whose it is (``digests:12``); ``unsubscribe`` is the address for one click
    (RFC 8058), for mail that somebody subscribed to. Joins the transaction that is open.
    """
    at = now()
    with writing(db):
        made = db.execute(
            "INSERT INTO outbox (key, recipient, subject, text, html, unsubscribe, made_at, moved_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, recipient) DO NOTHING",
            [key, to, subject, text, html, unsubscribe, at, at],
        )
    return bool(made.rowcount == 1)


def claim(db: Database, moment: datetime) -> Mail | None:
    """The next mail that may be sent at ``moment``, now claimed; ``None`` if nothing waits.

    The oldest first; one that was put off comes when its time has come.
    """
    sql = """UPDATE outbox SET state = 'claimed', moved_at = ? WHERE id =
             (SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= ? ORDER BY id LIMIT 1)
             RETURNING *"""
    with writing(db):
        rows = list(db.query(sql, [now(), _stamp(moment)]))
    return _mail(rows[0]) if rows else None


def is_anything_due(db: Database, moment: datetime) -> bool:
    """Whether :func:`claim` would find something."""
    sql = "SELECT 1 FROM outbox WHERE state = 'waiting' AND not_before <= ? LIMIT 1"
    return bool(list(db.query(sql, [_stamp(moment)])))


def hand(db: Database, mail: Mail) -> bool:
    """Note that the text is being handed over now; false if the mail was taken back meanwhile."""
    with writing(db):
        moved = db.execute(
            "UPDATE outbox SET state = 'handing', moved_at = ? WHERE id = ? AND state = 'claimed'",
            [now(), mail.id],
        )
    return bool(moved.rowcount == 1)


def sent(db: Database, mail: Mail) -> None:
    """The server took it: its text is not needed any more."""
    _move(db, mail, state="sent", said="", text="", html="", unsubscribe="")


def failed(db: Database, mail: Mail, said: str) -> None:
    """The server will never take it; ``said`` is why."""
    _move(db, mail, state="failed", said=said)


def put_off(db: Database, mail: Mail, said: str, until: datetime) -> None:
    """The server would not take it now: once more at ``until``."""
    _move(db, mail, state="waiting", said=said, tries=mail.tries + 1, not_before=_stamp(until))


def give_back(db: Database, mail: Mail, said: str = "") -> None:
    """It was not sent for a reason that is not its own: it may be tried at once."""
    _move(db, mail, state="waiting", said=said)


def doubt(db: Database, mail: Mail, said: str, last: str, until: datetime) -> None:
    """The server may have taken it and did not say: once more at ``until``, and after :data:`DOUBTS` no more.

    ``said`` is what happened, ``last`` what is told of one that is given up.
    """
    if mail.doubts + 1 >= DOUBTS:
        _move(db, mail, state="failed", said=last, doubts=mail.doubts + 1)
    else:
        with writing(db):
            put_off(db, mail, said, until)
            _move(db, mail, doubts=mail.doubts + 1)


def _move(db: Database, mail: Mail, **values: object) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    with writing(db):
        db.execute(
            f"UPDATE outbox SET {names}, moved_at = ? WHERE id = ?",  # noqa: S608 - our own names
            [*values.values(), now(), mail.id],
        )


def recover(db: Database, last: str) -> int:
    """Make rows wait again that a killed process left; call while nobody else is sending. How many.

    ``last`` is told of one that is given up, having been sent :data:`DOUBTS` times without an answer.
    """
    given_up = f"state = 'handing' AND doubts + 1 >= {DOUBTS}"
    with writing(db):
        sql = f"""UPDATE outbox SET doubts = doubts + (state = 'handing'), said = iif({given_up}, ?, said),
                  state = iif({given_up}, 'failed', 'waiting') WHERE state IN ('claimed', 'handing')"""  # noqa: S608
        return int(db.execute(sql, [last]).rowcount)


def retry(db: Database, number: int | None = None) -> int:
    """Have failed mail, or one of it, tried again at once, and what was put off too; how many."""
    which = "" if number is None else " AND id = :id"
    sql = f"""UPDATE outbox SET state = 'waiting', tries = 0, not_before = '', said = '', moved_at = :now
              WHERE (state = 'failed' OR (state = 'waiting' AND not_before <> '')){which}"""  # noqa: S608
    with writing(db):
        return int(db.execute(sql, {"now": now(), "id": number}).rowcount)


def forget(db: Database, to: str, prefix: str) -> int:
    """Delete the rows to an address whose key begins with ``prefix``, sent or not; how many.

    Uniqueness goes with them: the caller must not put the same key again.
    """
    with writing(db):
        sql = "DELETE FROM outbox WHERE recipient = ? AND substr(key, 1, ?) = ?"
        return int(db.execute(sql, [to, len(prefix), prefix]).rowcount)


def forget_waiting(db: Database, to: str, prefix: str) -> int:
    """Delete what :func:`forget` would and is not sent; how many."""
    with writing(db):
        sql = "DELETE FROM outbox WHERE recipient = ? AND substr(key, 1, ?) = ? AND state <> 'sent'"
        return int(db.execute(sql, [to, len(prefix), prefix]).rowcount)


def counts(db: Database) -> dict[State, int]:
    """How many rows there are in each state."""
    rows = db.query("SELECT state, count(*) AS many FROM outbox GROUP BY state")
    found = {row["state"]: int(row["many"]) for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def keep_off(db: Database, key: str, to: str, other: Mail) -> None:
    """A waiting mail takes the place of ``other``: it comes no sooner, and what was refused is counted on."""
    with writing(db):
        db.execute(
            "UPDATE outbox SET tries = ?, not_before = ?, said = ? WHERE key = ? AND recipient = ?",
            [other.tries, other.not_before, other.said, key, to],
        )


def listed(db: Database, state: State, limit: int = 50) -> list[Mail]:
    """The rows in a state, the latest first."""
    sql = "SELECT * FROM outbox WHERE state = ? ORDER BY moved_at DESC, id DESC LIMIT ?"
    return [_mail(row) for row in db.query(sql, [state, limit])]


def find(db: Database, key: str, to: str) -> Mail | None:
    """The row of a key and an address."""
    rows = list(db.query("SELECT * FROM outbox WHERE key = ? AND recipient = ?", [key, to]))
    return _mail(rows[0]) if rows else None


def oldest_waiting(db: Database) -> str:
    """Since when the oldest unsent mail waits, in UTC; empty if none does."""
    sql = "SELECT coalesce(min(made_at), '') AS at FROM outbox WHERE state NOT IN ('sent', 'failed')"
    return str(next(db.query(sql))["at"])


def forget_old(db: Database, today: date) -> int:
    """Delete what was sent or failed more than :data:`KEPT` before a day; how many."""
    before = datetime.combine(today, time(), SHANGHAI) - KEPT
    with writing(db):
        sql = "DELETE FROM outbox WHERE state IN ('sent', 'failed') AND moved_at < ?"
        return int(db.execute(sql, [_stamp(before)]).rowcount)


def masked(address: str) -> str:
    """``z…@e….cn``: enough to tell addresses apart for somebody who knows them, no more."""
    name, _at, domain = address.partition("@")
    host, _dot, last = domain.rpartition(".")
    return f"{name[:1]}…@{host[:1]}….{last}" if host else f"{name[:1]}…"


def _mail(row: Mapping[str, Any]) -> Mail:
    return Mail(**row)


def _stamp(moment: datetime) -> str:
    """A moment as the store writes it; see :func:`kb.store.database.now`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
