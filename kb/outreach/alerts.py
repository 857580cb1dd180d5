"""Who is told of what without an account: what a subscription covers, asking, confirming, and the mail.

What there is to tell is worked out in :mod:`kb.outreach.notices`, the mail in :mod:`kb.outreach.gathering`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from kb.domain.alert import Frequency, Kind, Stand
from kb.domain.company import Company
from kb.domain.entry import BACKGROUND_KINDS, KINDS
from kb.domain.telling import tell
from kb.errors import KbError
from kb.matching.catalogue import Shelf
from kb.matching.match import Matches, match
from kb.matching.words import entries_for
from kb.outreach.changed import present_stand, stand_of_record
from kb.outreach.letters import Item, Letter, already, called, confirmation, leave_links, letter, links_of
from kb.outreach.message import shortened
from kb.search import Library, Request, search, watermark
from kb.search.table import FIELDS, Filters
from kb.store import entries, outbox, subscriptions, told
from kb.store.database import Database, writing
from kb.store.subscriptions import Subscription
from kb.store.terms import Terms

HITS = 10_000
FRONT_KINDS = tuple(kind for kind in KINDS if kind not in BACKGROUND_KINDS)


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
    filters = Filters(**{name: tuple(values) for name, values in asked.items() if name in FIELDS})
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
    facts = [fact for fact in _facts(one) if not _odd(ground, fact)]
    told = tell(ground.terms.taxonomy, facts, need=str(one.topic.get("need", "")))
    company = Company(told, ground.terms.standards, ground.terms.taxonomy)
    fitting = entries_for(ground.library, told.need, ground.today)
    return match(ground.shelf.catalogue(ground.db), company, ground.today, fitting)


def _facts(one: Subscription) -> list[tuple[str, str]]:
    return [(str(name), str(text)) for name, text in one.topic.get("facts", ())]


def _odd(ground: Ground, fact: tuple[str, str]) -> bool:
    """Whether a fact is not understood any more, as when a word has left the vocabulary."""
    try:
        tell(ground.terms.taxonomy, [fact])
    except KbError:
        return True
    return False


def problem_of(ground: Ground, one: Subscription) -> str:
    """What of a subscription is not understood any more and is left aside; by its field, without values."""
    odd = [name for name, text in _facts(one) if _odd(ground, (name, text))] if one.kind == "company" else []
    odd += [name for name in one.topic.get("filters", {}) if name not in FIELDS]
    return f"不认识：{'、'.join(odd)}" if odd else ""


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
        day = ground.today.isoformat()
        put = partial(_put, ground.db, address)
        if held.confirmed_on is not None:
            links = leave_links(held) if held.kind == "digest" else links_of(held.owner_salt)
            put(f"{subscriptions.MAIL}again:{held.id}:{day}", already(called(held), links, organiser))
        elif subscriptions.may_be_asked(ground.db, held):
            key = subscriptions.confirmation_key(held, day)
            put(key, confirmation(called(held), held.salt, organiser))


def _put(db: Database, address: str, key: str, made: Letter) -> bool:
    return outbox.put(
        db,
        key=key,
        to=address,
        subject=made.subject,
        text=made.text,
        html=made.html,
        unsubscribe=made.unsubscribe,
    )


def confirm(ground: Ground, held: Subscription) -> None:
    """Its owner wants it: what there is by now need not be told, what comes from now on is.

    :class:`KbError` where the address has as many as it may.
    """
    if subscriptions.is_full(ground.db, held):
        raise KbError(
            f"一个邮箱最多 {subscriptions.MOST} 项订阅，已经满了。请先停掉不要的，再按一次“确认订阅”。"
        )
    done = False
    while not done:
        at = min(watermark(ground.library), ground.shelf.catalogue(ground.db).number)
        done = told.confirm(ground.db, held, covered(ground, held), at, ground.today)


# -- digests ---------------------------------------------------------------------------------------


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
            item = Item(subject, lines, path)
            title = shortened(subject, 60)
            mail = letter(title, (item,), (one.name,), organiser, leave_links(one), lead)
            made += _put(db, one.address, f"{subscriptions.DIGEST}{number}", mail)
    return made
