"""What publishing a change does to the golden companies, worked out beside the store and never in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kb.domain.company import Company, Standards
from kb.domain.eligibility import Checked, Rule
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import Amendment, amendments_of, status_on
from kb.matching.catalogue import Catalogue, Offer, offers_of
from kb.matching.golden import deciding, listed
from kb.matching.match import match
from kb.store import entries
from kb.store.database import Database
from kb.store.golden import Golden, Listed


@dataclass(frozen=True)
class Effect:
    """One verdict, or one last day, that a change moves for a golden company asked about on ``day``.

    ``before`` and ``after`` say where the relief stands; ``ended`` and ``ends`` its last day then and now.
    ``reasons`` are the conditions that decide the new verdict, none where time or doubt does.
    """

    company: Golden
    day: date
    relief: str
    title: str
    before: Listed
    after: Listed
    ended: date | None
    ends: date | None
    reasons: tuple[Checked, ...]


def effect(
    db: Database,
    golden: Iterable[Golden],
    taxonomy: Taxonomy,
    standards: Standards,
    after: Entry,
    today: date,
) -> tuple[Effect, ...]:
    """What publishing ``after`` would move, by company, each on its own day and on ``today``."""
    held = entries.get(db, after.id)
    before = held.entry if held and held.state == "published" else None
    touched = _touched(before, after)
    rules: dict[Rule, int] = {}
    old_offers = list(_offers(db, touched, before, after.id, rules, taxonomy))
    new_offers = list(_offers(db, touched, after, after.id, rules, taxonomy))
    old, new = (Catalogue(0, tuple(rules), offers) for offers in (old_offers, new_offers))
    return tuple(
        one
        for company in golden
        for day in dict.fromkeys((company.day, today))
        for one in _moved(company, Company(company.told, standards, taxonomy), day, old, new)
    )


def _touched(before: Entry | None, after: Entry) -> tuple[str, ...]:
    """The entry itself and every entry whose period its old or new relations move."""
    moved = [one.entry for entry in (before, after) if entry for one in amendments_of(entry)]
    return tuple(dict.fromkeys((after.id, *moved)))


def _offers(
    db: Database,
    touched: Iterable[str],
    own: Entry | None,
    own_id: str,
    rules: dict[Rule, int],
    taxonomy: Taxonomy,
) -> Iterator[Offer]:
    """The offers of the touched entries if ``own`` is what ``own_id`` says."""
    for entry_id in touched:
        entry = own if entry_id == own_id else _published(db, entry_id)
        if entry:
            yield from offers_of(entry, 0, _amendments(db, entry_id, own, own_id), rules, taxonomy)


def _published(db: Database, entry_id: str) -> Entry | None:
    held = entries.get(db, entry_id)
    return held.entry if held and held.state == "published" else None


def _amendments(db: Database, entry_id: str, own: Entry | None, own_id: str) -> list[Amendment]:
    """What moves an entry's period, with what ``own`` says in place of what the store has of it."""
    others = [one for one in entries.amendments_to(db, entry_id) if one.because != own_id]
    return others + [one for one in (amendments_of(own) if own else ()) if one.entry == entry_id]


def _moved(golden: Golden, company: Company, day: date, old: Catalogue, new: Catalogue) -> Iterator[Effect]:
    before, after = listed(match(old, company, day)), listed(match(new, company, day))
    was, now = ({one.id: one for one in held.offers} for held in (old, new))
    for relief in dict.fromkeys((*was, *now)):
        one = before.get(relief, "absent"), after.get(relief, "absent")
        ends = _end(was.get(relief), day), _end(now.get(relief), day)
        if one[0] == one[1] and (ends[0] == ends[1] or one[1] == "absent"):
            continue
        offer = now.get(relief) or was[relief]
        reasons = tuple(deciding(now.get(relief), one[1], company, new))
        yield Effect(golden, day, relief, offer.relief.title, *one, *ends, reasons)


def _end(offer: Offer | None, day: date) -> date | None:
    status = status_on(offer.steps, offer.trust, day) if offer and offer.known_on <= day else None
    return status.end if status else None
