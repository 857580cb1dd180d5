"""Mail that waits to be sent, and who asked to be told of what."""

from __future__ import annotations

from sqlite_utils import Database

from kb.store.migrations.base import migrations, statements

_OUTBOX = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    unsubscribe TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'claimed', 'handing', 'sent', 'failed')),
    tries INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    not_before TEXT NOT NULL DEFAULT '',
    said TEXT NOT NULL DEFAULT '',
    made_at TEXT NOT NULL,
    moved_at TEXT NOT NULL,
    UNIQUE (key, recipient)
);
CREATE INDEX outbox_state ON outbox(state, not_before);
"""


@migrations()
def outbox(db: Database) -> None:
    """Every mail that is to be sent, once for each key and recipient."""
    for statement in statements(_OUTBOX):
        db.execute(statement)


_ALERTS = """
CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    salt TEXT NOT NULL UNIQUE,
    made_on TEXT NOT NULL
);
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('search', 'company', 'entry', 'digest')),
    topic TEXT NOT NULL,
    name TEXT NOT NULL,
    frequency TEXT NOT NULL CHECK (frequency IN ('now', 'daily', 'weekly')),
    salt TEXT NOT NULL UNIQUE,
    made_on TEXT NOT NULL,
    confirmed_on TEXT,
    UNIQUE (subscriber_id, kind, topic)
);
CREATE TABLE told (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions(id) ON DELETE CASCADE,
    entry_id TEXT NOT NULL,
    stand TEXT NOT NULL,
    told_on TEXT NOT NULL,
    PRIMARY KEY (subscription_id, entry_id)
);
CREATE INDEX told_entry ON told(entry_id);
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers(id) ON DELETE CASCADE,
    entry_id TEXT NOT NULL,
    change INTEGER NOT NULL,
    reminder TEXT NOT NULL,
    frequency TEXT NOT NULL,
    body TEXT NOT NULL,
    made_on TEXT NOT NULL,
    mail TEXT,
    UNIQUE (subscriber_id, entry_id, change, reminder)
);
CREATE INDEX notices_waiting ON notices(mail, subscriber_id);
CREATE TABLE alert_cursor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    change INTEGER NOT NULL,
    reminded_on TEXT NOT NULL
);
INSERT INTO alert_cursor SELECT 1, coalesce(max(number), 0), '' FROM changes;
"""


@migrations()
def alerts(db: Database) -> None:
    """Subscriptions, how entries stood when they were told of them, what is to be told, and the cursor."""
    for statement in statements(_ALERTS):
        db.execute(statement)


_FRESH = """
ALTER TABLE notices ADD COLUMN as_of TEXT NOT NULL DEFAULT '';
ALTER TABLE subscriptions ADD COLUMN problem TEXT NOT NULL DEFAULT '';
"""


@migrations()
def alerts_fresh(db: Database) -> None:
    """As of when a waiting mail was written, and what of a subscription is not understood any more."""
    for statement in statements(_FRESH):
        db.execute(statement)
