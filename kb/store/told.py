"""How entries stood when subscriptions were last told of them, and what is to be told next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.domain.alert import Frequency, Stand, stand_from, stand_json
from kb.store import subscriptions
from kb.store.database import Database, writing
from kb.store.outbox import Mail
from kb.store.subscriptions import Subscription


@dataclass(frozen=True)
class Told:
    """How an entry stood when a subscription was last told of it; its ends are known since ``on``."""

    entry: str
    stand: Stand
    on: date


@dataclass(frozen=True)
class Notice:
    """One thing to tell one subscriber. ``change`` is the change it comes from, 0 for a reminder.

    ``body`` is what the words are made of when the mail is, by :mod:`kb.outreach.notices`: no words yet, so
    that nothing is sent that is true no more.
    """

    id: int
    subscriber: int
    entry: str
    change: int
    reminder: str
    frequency: Frequency
    body: Mapping[str, Any]
    made_on: date


def confirm(
    db: Database, subscription: Subscription, stands: Mapping[str, Stand], at: int, today: date
) -> bool:
    """The subscription counts from now on; ``stands`` are the entries its owner need not be told of.

    They are as of change ``at``; false if subscribers were told of later ones by now: look again.
    """
    with writing(db):
        if cursor(db) > at:
            return False
        sql = "UPDATE subscriptions SET confirmed_on = ? WHERE id = ? AND confirmed_on IS NULL"
        if db.execute(sql, [today.isoformat(), subscription.id]).rowcount == 1:
            for entry, stand in stands.items():
                tell(db, subscription, entry, stand, today)
    return True


def told(db: Database, subscription: Subscription) -> dict[str, Told]:
    """Every entry that a subscription was told of, or knew at its confirmation."""
    rows = db.query("SELECT * FROM told WHERE subscription_id = ?", [subscription.id])
    return {row["entry_id"]: _told(row) for row in rows}


def _told(row: Mapping[str, Any]) -> Told:
    return Told(row["entry_id"], stand_from(json.loads(row["stand"])), date.fromisoformat(row["told_on"]))


def tell(db: Database, subscription: Subscription, entry: str, stand: Stand, on: date) -> None:
    """Note how an entry stands that a subscription now knows of, its ends since ``on``."""
    with writing(db):
        db.execute(
            "INSERT INTO told (subscription_id, entry_id, stand, told_on) SELECT ?, ?, ?, ? WHERE EXISTS"
            " (SELECT 1 FROM subscriptions WHERE id = ?) ON CONFLICT (subscription_id, entry_id)"
            " DO UPDATE SET stand = excluded.stand, told_on = excluded.told_on",
            [subscription.id, entry, json.dumps(stand_json(stand)), on.isoformat(), subscription.id],
        )


def untell(db: Database, subscription: Subscription, entry: str) -> None:
    """The entry is gone: should it come back, it is news."""
    with writing(db):
        sql = "DELETE FROM told WHERE subscription_id = ? AND entry_id = ?"
        db.execute(sql, [subscription.id, entry])


def note(
    db: Database,
    subscription: Subscription,
    entry: str,
    change: int,
    reminder: str,
    frequency: Frequency,
    body: Mapping[str, Any],
    today: date,
) -> bool:
    """Have the owner of a subscription told of something once; false if it was noted before, or they left."""
    with writing(db):
        made = db.execute(
            "INSERT INTO notices (subscriber_id, entry_id, change, reminder, frequency, body, made_on)"
            " SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM subscriptions WHERE id = ?)"
            " ON CONFLICT DO NOTHING",
            [
                subscription.subscriber,
                entry,
                change,
                reminder,
                frequency,
                json.dumps(body, ensure_ascii=False),
                today.isoformat(),
                subscription.id,
            ],
        )
    return bool(made.rowcount == 1)


def waiting(db: Database) -> list[Notice]:
    """What is noted and in no mail yet, by subscriber and number."""
    rows = db.query("SELECT * FROM notices WHERE mail IS NULL ORDER BY subscriber_id, id")
    return [
        Notice(
            id=row["id"],
            subscriber=row["subscriber_id"],
            entry=row["entry_id"],
            change=row["change"],
            reminder=row["reminder"],
            frequency=row["frequency"],
            body=json.loads(row["body"]),
            made_on=date.fromisoformat(row["made_on"]),
        )
        for row in rows
    ]


def mailed(db: Database, notices: Iterable[Notice], key: str, as_of: str) -> None:
    """Note the mail that tells of some notices, and as of when; an empty key for what needs no telling."""
    with writing(db):
        for one in notices:
            db.execute("UPDATE notices SET mail = ?, as_of = ? WHERE id = ?", [key, as_of, one.id])


def recall(db: Database, as_of: str, subscriber: int | None = None) -> dict[int, Mail]:
    """Take back mail that surely nobody has and that was written as of another moment than ``as_of``.

    Its notices wait to be told again. By subscriber, the last mail taken back; ``subscriber`` looks at
    theirs alone.
    """
    sql = """SELECT DISTINCT n.subscriber_id AS owner, o.* FROM outbox o JOIN notices n ON n.mail = o.key
             JOIN subscribers p ON p.id = n.subscriber_id AND p.address = o.recipient
             WHERE o.state = 'waiting' AND o.doubts = 0 AND n.as_of <> :as_of
             AND n.subscriber_id = coalesce(:one, n.subscriber_id) ORDER BY o.tries, o.id"""
    found = {}
    with writing(db):
        for row in list(db.query(sql, {"as_of": as_of, "one": subscriber})):
            owner = row.pop("owner")
            found[owner] = mail = Mail(**row)
            db.execute("UPDATE notices SET mail = NULL WHERE mail = ?", [mail.key])
            db.execute("DELETE FROM outbox WHERE id = ?", [mail.id])
    return found


def end(db: Database, subscription: Subscription) -> None:
    """Delete a subscription and what was to be told for it alone, mail that waits included."""
    with writing(db):
        recall(db, "", subscription.subscriber)
        subscriptions.end(db, subscription)
        sql = """DELETE FROM notices WHERE subscriber_id = ? AND mail IS NULL AND NOT EXISTS
                 (SELECT 1 FROM json_each(notices.body, '$.subs') j JOIN subscriptions s ON s.id = j.value)"""
        db.execute(sql, [subscription.subscriber])


def count_waiting(db: Database) -> int:
    """How many notices are in no mail yet."""
    return int(next(db.query("SELECT count(*) AS n FROM notices WHERE mail IS NULL"))["n"])


def owner(db: Database, subscriber: int) -> tuple[str, str] | None:
    """The address of a subscriber and the salt of its links."""
    rows = list(db.query("SELECT address, salt FROM subscribers WHERE id = ?", [subscriber]))
    return (rows[0]["address"], rows[0]["salt"]) if rows else None


def cursor(db: Database) -> int:
    """The number of the last change that subscribers were told of."""
    return int(next(db.query("SELECT change FROM alert_cursor"))["change"])


def advance(db: Database, before: int, after: int) -> bool:
    """Move the cursor in the transaction that is open; false if another process moved it first."""
    with writing(db):
        sql = "UPDATE alert_cursor SET change = ? WHERE change = ?"
        return bool(db.execute(sql, [after, before]).rowcount == 1)


def begin_day(db: Database, today: date) -> bool:
    """Note that reminders of ``today`` are made; false if they were made already."""
    with writing(db):
        sql = "UPDATE alert_cursor SET reminded_on = ? WHERE reminded_on < ?"
        return bool(db.execute(sql, [today.isoformat(), today.isoformat()]).rowcount == 1)
