"""Who asked to be told of what, without an account.

A subscription counts from its confirmation on (:func:`kb.store.told.confirm`). Deleting a subscriber deletes
everything about them, the mail that waits for them included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kb.domain.alert import FREQUENCIES, Frequency, Kind
from kb.store import outbox
from kb.store.database import Database, writing
from kb.store.private import new_salt

MAIL = "alerts:"
"""How the keys of all mail begin that subscriptions cause."""
DIGEST = f"{MAIL}digest:"
"""How the keys of digests begin."""
UNCONFIRMED = timedelta(days=14)
"""How long an address is kept whose owner did not confirm."""
RESENT = 2
"""So often is one confirmation sent at most: once, and once more on another day."""
MOST = 20
"""The most confirmed subscriptions of one address."""
CONFIRMATIONS = 5
"""The most confirmations that an address is asked for before it answers one or they are forgotten."""


@dataclass(frozen=True)
class Subscription:
    """What one address is told of: a search, a company, an entry or the digests.

    ``topic`` is plain data by ``kind``, ``name`` what it is called to its owner. ``confirmed_on`` is
    ``None`` until then. ``salt`` makes its own links, ``owner_salt`` those of the address.
    """

    id: int
    subscriber: int
    address: str
    owner_salt: str
    kind: Kind
    topic: Mapping[str, Any]
    name: str
    frequency: Frequency
    salt: str
    made_on: date
    confirmed_on: date | None


_SELECT = """SELECT s.*, p.address AS address, p.salt AS owner_salt FROM subscriptions s
JOIN subscribers p ON p.id = s.subscriber_id """


def _subscription(row: Mapping[str, Any]) -> Subscription:
    confirmed = row["confirmed_on"]
    return Subscription(
        id=row["id"],
        subscriber=row["subscriber_id"],
        address=row["address"],
        owner_salt=row["owner_salt"],
        kind=row["kind"],
        topic=json.loads(row["topic"]),
        name=row["name"],
        frequency=row["frequency"],
        salt=row["salt"],
        made_on=date.fromisoformat(row["made_on"]),
        confirmed_on=date.fromisoformat(confirmed) if confirmed else None,
    )


def ask(
    db: Database,
    address: str,
    kind: Kind,
    topic: Mapping[str, Any],
    name: str,
    frequency: Frequency,
    today: date,
) -> Subscription | None:
    """The subscription that somebody asked for, new or held already; ``None`` for an address that has too
    many unconfirmed ones. The caller must not let anybody see which it was."""
    words = json.dumps(topic, ensure_ascii=False, sort_keys=True)
    with writing(db):
        db.execute(
            "INSERT INTO subscribers (address, salt, made_on) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [address, new_salt(), today.isoformat()],
        )
        owner = next(db.query("SELECT id FROM subscribers WHERE address = ?", [address]))["id"]
        held = _of_topic(db, owner, kind, words)
        if held is None and _unconfirmed(db, owner) >= CONFIRMATIONS:
            return None
        if held is None:
            values = [owner, kind, words, name, frequency, new_salt(), today.isoformat()]
            db.execute(
                "INSERT INTO subscriptions (subscriber_id, kind, topic, name, frequency, salt, made_on)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        elif held.confirmed_on is None:
            sql = "UPDATE subscriptions SET frequency = ?, name = ? WHERE id = ?"
            db.execute(sql, [frequency, name, held.id])
        return _of_topic(db, owner, kind, words)


def _of_topic(db: Database, owner: int, kind: str, words: str) -> Subscription | None:
    where = "WHERE s.subscriber_id = ? AND s.kind = ? AND s.topic = ?"
    return next(map(_subscription, db.query(_SELECT + where, [owner, kind, words])), None)


def _unconfirmed(db: Database, owner: int) -> int:
    sql = "SELECT count(*) AS n FROM subscriptions WHERE subscriber_id = ? AND confirmed_on IS NULL"
    return int(next(db.query(sql, [owner]))["n"])


def is_full(db: Database, subscription: Subscription) -> bool:
    """Whether its address has as many confirmed ones as it may, this one aside."""
    sql = """SELECT count(*) AS n FROM subscriptions
             WHERE subscriber_id = ? AND id <> ? AND confirmed_on IS NOT NULL"""
    return int(next(db.query(sql, [subscription.subscriber, subscription.id]))["n"]) >= MOST


def may_be_asked(db: Database, subscription: Subscription) -> bool:
    """Whether the address may be sent a confirmation of this subscription once more."""
    start = confirmation_key(subscription, "")
    sql = "SELECT count(*) AS n FROM outbox WHERE recipient = ? AND substr(key, 1, ?) = ?"
    return int(next(db.query(sql, [subscription.address, len(start), start]))["n"]) < RESENT


def confirmation_key(subscription: Subscription, day: str) -> str:
    """The key of the mail that asks on a day."""
    return f"{MAIL}confirm:{subscription.id}:{day}"


def names_of(db: Database, subscriber: int) -> dict[int, str]:
    """What the confirmed subscriptions of an address are called, by number."""
    sql = "SELECT id, name FROM subscriptions WHERE subscriber_id = ? AND confirmed_on IS NOT NULL"
    return {row["id"]: row["name"] for row in db.query(sql, [subscriber])}


def note_problems(db: Database, problems: Mapping[int, str]) -> None:
    """Note what of subscriptions, by number, is not understood any more; empty where all is."""
    with writing(db):
        for number, problem in problems.items():
            sql = "UPDATE subscriptions SET problem = ? WHERE id = ? AND problem <> ?"
            db.execute(sql, [problem, number, problem])


def with_problems(db: Database) -> list[tuple[Subscription, str]]:
    """The confirmed subscriptions of which something is not understood any more, and what."""
    where = "WHERE s.problem <> '' AND s.confirmed_on IS NOT NULL ORDER BY s.id"
    return [(_subscription(row), row["problem"]) for row in db.query(_SELECT + where)]


def by_salt(db: Database, salt: str | None) -> Subscription | None:
    """The subscription whose own links carry ``salt``."""
    return next(map(_subscription, db.query(_SELECT + "WHERE s.salt = ?", [salt])), None)


def of_owner(db: Database, salt: str | None) -> list[Subscription]:
    """The confirmed subscriptions of the address whose links carry ``salt``, the oldest first."""
    where = "WHERE p.salt = ? AND s.confirmed_on IS NOT NULL ORDER BY s.id"
    return [_subscription(row) for row in db.query(_SELECT + where, [salt])]


def active(db: Database, kinds: Iterable[Kind] = ("search", "company", "entry")) -> list[Subscription]:
    """Every confirmed subscription of some kinds, by number."""
    where = "WHERE s.confirmed_on IS NOT NULL AND s.kind IN (SELECT value FROM json_each(?)) ORDER BY s.id"
    return [_subscription(row) for row in db.query(_SELECT + where, [json.dumps(list(kinds))])]


def set_frequency(db: Database, subscription: Subscription, frequency: Frequency) -> None:
    """How often from now on."""
    if frequency in FREQUENCIES:
        with writing(db):
            sql = "UPDATE subscriptions SET frequency = ? WHERE id = ?"
            db.execute(sql, [frequency, subscription.id])


def end(db: Database, subscription: Subscription) -> None:
    """Delete a subscription; with the last one goes everything about its owner.

    With that to the digests go those that wait. What is to be told for others: see :func:`kb.store.told.end`.
    """
    with writing(db):
        db.execute("DELETE FROM subscriptions WHERE id = ?", [subscription.id])
        if subscription.kind == "digest":
            outbox.forget_waiting(db, subscription.address, DIGEST)
        left = "SELECT 1 FROM subscriptions WHERE subscriber_id = ?"
        if not list(db.query(left, [subscription.subscriber])):
            end_all(db, subscription.owner_salt)


def end_alerts(db: Database, owner_salt: str | None) -> None:
    """Delete all of somebody's subscriptions but that to the digests, and what waits to be told."""
    with writing(db):
        for one in of_owner(db, owner_salt):
            if one.kind != "digest":
                db.execute("DELETE FROM notices WHERE subscriber_id = ? AND mail IS NULL", [one.subscriber])
                outbox.forget_waiting(db, one.address, f"{MAIL}{one.subscriber}:")
                end(db, one)


def end_all(db: Database, owner_salt: str | None) -> bool:
    """Delete everything about an address: its subscriptions and their mail; false if none is held."""
    with writing(db):
        rows = list(db.query("SELECT id, address FROM subscribers WHERE salt = ?", [owner_salt]))
        for row in rows:
            outbox.forget(db, row["address"], MAIL)
            db.execute("DELETE FROM subscribers WHERE id = ?", [row["id"]])
    return bool(rows)


def counts(db: Database) -> dict[Kind, int]:
    """How many confirmed subscriptions there are of each kind."""
    sql = "SELECT kind, count(*) AS n FROM subscriptions WHERE confirmed_on IS NOT NULL GROUP BY kind"
    return {row["kind"]: int(row["n"]) for row in db.query(sql)}


def forget_unconfirmed(db: Database, today: date) -> int:
    """Delete what was asked for and not confirmed in :data:`UNCONFIRMED`; how many subscriptions."""
    before = (today - UNCONFIRMED).isoformat()
    with writing(db):
        sql = "SELECT salt FROM subscriptions WHERE confirmed_on IS NULL AND made_on < ?"
        found = [one for row in db.query(sql, [before]) if (one := by_salt(db, row["salt"]))]
        for one in found:
            end(db, one)
    return len(found)
