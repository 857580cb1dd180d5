"""Who is told of what without an account: what a subscription covers, asking, confirming, and the mail.

What there is to tell is worked out in :mod:`kb.outreach.notices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from kb.domain.alert import Frequency, Kind, Stand, What, is_due
from kb.domain.company import Company
from kb.domain.entry import BACKGROUND_KINDS, KINDS
from kb.domain.telling import tell
from kb.matching.catalogue import Shelf
from kb.matching.match import Matches, match
from kb.matching.words import entries_for
from kb.outreach.changed import present_stand, stand_of_record
from kb.outreach.letters import Item, already, confirmation, letter, links_of, subject_of
from kb.outreach.message import shortened
from kb.search import Library, Request, search, watermark
from kb.search.table import Filters
from kb.store import entries, outbox, subscriptions, told
from kb.store.database import Database, writing
from kb.store.private import mark
from kb.store.subscriptions import Subscription
from kb.store.terms import Terms
from kb.store.told import Notice

CHUNK = 300
HITS = 10_000
FRONT_KINDS = tuple(kind for kind in KINDS if kind not in BACKGROUND_KINDS)
ORDER: tuple[What, ...] = ("changed", "withdrawn", "new", "reminder")
TITLE = 24
"""The most characters of a title in a subject."""


@dataclass(frozen=True)
class Ground:
    """What alerts are worked out from, on one day."""

    db: Database
    library: Library
    shelf: Shelf
    terms: Terms
    today: date


# -- what a subscription covers --------------------------------------------------------------------


def covered(ground: Ground, one: Subscription) -> dict[str, Stand]:
    """The published entries that a subscription is about on the day, each as it stands."""
    if one.kind == "search":
        return {
            hit.record.id: stand_of_record(hit.record)
            for hit in search(ground.library, _request(ground, one)).hits
        }
    ids = ids_of(ground, one)
    held = (entries.get(ground.db, entry_id) for entry_id in sorted(ids))
    return {
        each.entry.id: present_stand(ground.db, each) for each in held if each and each.state == "published"
    }


def ids_of(ground: Ground, one: Subscription) -> frozenset[str]:
    """The ids of the published entries that a subscription is about on the day."""
    if one.kind == "entry":
        return frozenset({str(one.topic["entry"])})
    if one.kind == "company":
        found = matches_of(ground, one)
        return frozenset(each.offer.entry for each in (*found.matches, *found.upcoming))
    if one.kind == "search":
        return frozenset(hit.record.id for hit in search(ground.library, _request(ground, one)).hits)
    return frozenset()


def _request(ground: Ground, one: Subscription) -> Request:
    asked = one.topic.get("filters", {})
    filters = Filters(**{name: tuple(values) for name, values in asked.items()})
    return Request(
        str(one.topic.get("q", "")),
        ground.today,
        filters,
        limit=HITS,
        kinds_by_default=FRONT_KINDS,
        facets=False,
        ignore=tuple(one.topic.get("ignore", ())),
    )


def matches_of(ground: Ground, one: Subscription) -> Matches:
    """The matches of the company that a subscription is about."""
    facts = [(str(name), str(text)) for name, text in one.topic.get("facts", ())]
    told = tell(ground.terms.taxonomy, facts, need=str(one.topic.get("need", "")))
    company = Company(told, ground.terms.standards, ground.terms.taxonomy)
    fitting = entries_for(ground.library, told.need, ground.today)
    return match(ground.shelf.catalogue(ground.db), company, ground.today, fitting)


# -- subscribing -----------------------------------------------------------------------------------


def ask(
    ground: Ground,
    address: str,
    kind: Kind,
    topic: Mapping[str, object],
    name: str,
    frequency: Frequency,
    organiser: str,
) -> None:
    """Note what somebody asked for and have the address's owner asked; what is known of it does not show."""
    with writing(ground.db):
        held = subscriptions.ask(ground.db, address, kind, topic, name, frequency, ground.today)
        if held is None:
            return
        again = held.confirmed_on is not None
        made = (
            already(held.name, held.owner_salt, organiser)
            if again
            else confirmation(held.name, held.salt, organiser)
        )
        key = f"{subscriptions.MAIL}{'again' if again else 'confirm'}:{held.id}:{ground.today.isoformat()}"
        outbox.put(
            ground.db,
            key=key,
            to=address,
            subject=made.subject,
            text=made.text,
            html=made.html,
            unsubscribe=made.unsubscribe,
        )


def confirm(ground: Ground, held: Subscription) -> None:
    """Its owner wants it: what there is by now need not be told, what comes from now on is."""
    done = False
    while not done:
        at = min(watermark(ground.library), ground.shelf.catalogue(ground.db).number)
        done = told.confirm(ground.db, held, covered(ground, held), at, ground.today)


# -- into the outbox -------------------------------------------------------------------------------


def gather(ground: Ground, moment: datetime, organiser: str) -> int:
    """Put the notices that are due into the outbox, one mail for each subscriber; how many mails."""
    with writing(ground.db):
        due = [one for one in told.waiting(ground.db) if is_due(one.frequency, one.made_on, moment)]
        groups = groupby(due, lambda one: one.subscriber)
        return sum(_mail(ground.db, owner, list(notices), organiser) for owner, notices in groups)


def _mail(db: Database, subscriber: int, notices: list[Notice], organiser: str) -> bool:
    owner = told.owner(db, subscriber)
    if owner is None:
        return False
    address, salt = owner
    items = [Item(one.body["title"], tuple(one.body["lines"]), f"/entries/{one.entry}") for one in notices]
    why = [name for one in notices for name in one.body["why"]]
    subject = subject_of([one.body["subject"] for one in notices])
    made = letter(subject, items, why, organiser, links_of(salt))
    key = f"{subscriptions.MAIL}{subscriber}:{notices[-1].id}"
    told.mailed(db, notices, key)
    return outbox.put(
        db,
        key=key,
        to=address,
        subject=made.subject,
        text=made.text,
        html=made.html,
        unsubscribe=made.unsubscribe,
    )


def send_digest(
    db: Database,
    number: str,
    subject: str,
    lead: str,
    path: str,
    organiser: str,
    *,
    lines: tuple[str, ...] = (),
) -> int:
    """Have a digest mailed to everybody who subscribed to them, each once for each ``number``; how many.

    ``path`` is the page of the issue, ``lines`` what the mail says of it. Joins the open transaction.
    """
    made = 0
    with writing(db):
        for one in subscriptions.active(db, ("digest",)):
            links = replace(links_of(one.owner_salt), stop=f"/alerts/leave/{mark('leave', one.salt)}")
            item = Item(subject, lines, path)
            mail = letter(shortened(subject, 60), (item,), (one.name,), organiser, links, lead)
            made += outbox.put(
                db,
                key=f"{subscriptions.MAIL}digest:{number}",
                to=one.address,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                unsubscribe=mail.unsubscribe,
            )
    return made
