"""From changes to notices: who is to be told of what, once.

Two steps, each a transaction of its own, so that a kill at any moment loses nothing and repeats nothing:
:func:`follow` turns numbered changes into notices and moves the cursor, :func:`remind` makes the day's
reminders. A notice holds no words yet: :func:`kb.outreach.gathering.gather` finds them when it is due.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from kb.domain.alert import FREQUENCIES, MORNING, Frequency, Stand, What, moved, reminders, stand_json
from kb.outreach.alerts import Ground, ids_of, matches_of, problem_of
from kb.outreach.changed import change_lines, present_stand
from kb.search import watermark
from kb.store import changes, entries, subscriptions, told
from kb.store.database import writing
from kb.store.entries import Published
from kb.store.subscriptions import Subscription
from kb.store.told import Told

CHUNK = 300
ORDER: tuple[What, ...] = ("changed", "withdrawn", "new", "reminder")
"""What is told where several subscriptions of one address say different things."""
UNREADABLE = "读不懂，没有照它找新的"
"""Said of a subscription whose topic is not what it should be."""
_BROKEN = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Plan:
    """What a subscription is to be told of an entry. Without ``what`` nothing is told, only noted:
    ``stand`` is how the entry stands now, ``None`` where it is gone, ``before`` how it stood when told of."""

    subscription: Subscription
    entry: str
    what: What | None
    stand: Stand | None = None
    on: date = date.min
    before: Stand | None = None


@dataclass(frozen=True)
class Ending:
    """A subscription that is to be reminded of the day on which reliefs of an entry end."""

    subscription: Subscription
    day: date
    reliefs: tuple[str, ...] = field(default_factory=tuple)


# -- changes ---------------------------------------------------------------------------------------


def follow(ground: Ground) -> int:
    """Make notices of the changes that nobody was told of yet and that searches see; how many."""
    made = 0
    while (step := _step(ground)) is not None:
        made += step
    return made


def _step(ground: Ground) -> int | None:
    """One chunk of changes; ``None`` if there is none, or another process is at it."""
    start, seen = told.cursor(ground.db), watermark(ground.library)
    batch = [one for one in changes.since(ground.db, start, CHUNK) if one.number <= seen]
    if not batch:
        return None
    touched = {one.entry_id: one.number for one in batch}
    news, topics = _News(ground, touched), _Topics(ground)
    plans = [plan for one in subscriptions.active(ground.db) for plan in news.plans(one, topics.ids(one))]
    with writing(ground.db):
        if not told.advance(ground.db, start, batch[-1].number):
            return None
        subscriptions.note_problems(ground.db, topics.problems)
        return _write(ground, plans, touched)


class _Topics:
    """What subscriptions are about, equal ones worked out once.

    One that is not understood any more is told by what is left of it, or not at all, and the others are
    told all the same; ``problems`` says by number what is wrong with each, if anything.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._ids: dict[str, tuple[frozenset[str], str]] = {}
        self._reliefs: dict[str, frozenset[tuple[str, str]]] = {}
        self.problems: dict[int, str] = {}

    def ids(self, one: Subscription) -> frozenset[str]:
        """The entries that a subscription is about."""
        key = _topic(one)
        if key not in self._ids:
            self._ids[key] = self._found(one)
        found, self.problems[one.id] = self._ids[key]
        return found

    def _found(self, one: Subscription) -> tuple[frozenset[str], str]:
        try:
            return ids_of(self._ground, one), problem_of(self._ground, one)
        except _BROKEN:
            return frozenset(), UNREADABLE

    def reliefs(self, one: Subscription) -> frozenset[tuple[str, str]]:
        """The reliefs that fit a company, each with its entry."""
        key = _topic(one)
        if key not in self._reliefs:
            self._reliefs[key] = self._fitting(one)
        return self._reliefs[key]

    def _fitting(self, one: Subscription) -> frozenset[tuple[str, str]]:
        try:
            found = matches_of(self._ground, one)
        except _BROKEN:
            return frozenset()
        return frozenset(
            (each.offer.entry, each.offer.relief.id) for each in (*found.matches, *found.upcoming)
        )


def _topic(one: Subscription) -> str:
    return json.dumps([one.kind, one.topic], sort_keys=True)


class _News:
    """What became of the touched entries, each looked at once however many are told of it."""

    def __init__(self, ground: Ground, touched: Collection[str]) -> None:
        self._ground = ground
        self._touched = frozenset(touched)
        self._held: dict[str, tuple[Published, Stand] | None] = {}

    def plans(self, one: Subscription, ids: frozenset[str]) -> Iterator[Plan]:
        """What a subscription to the entries ``ids`` is to be told of the touched ones."""
        known = told.told(self._ground.db, one)
        for entry_id in sorted(self._touched & (ids | known.keys())):
            if plan := self._plan(one, entry_id, known.get(entry_id)):
                yield plan

    def _plan(self, one: Subscription, entry_id: str, known: Told | None) -> Plan | None:
        held = self._present(entry_id)
        if held is None:
            return Plan(one, entry_id, "withdrawn", before=known.stand) if known else None
        published, stand = held
        if known is None:
            return Plan(one, entry_id, "new", stand, self._ground.today)
        before, taxonomy = known.stand, self._ground.terms.taxonomy
        changed = change_lines(self._ground.db, published.entry, before, stand, taxonomy)
        on = self._ground.today if moved(before, stand) else known.on
        return Plan(one, entry_id, "changed" if changed else None, stand, on, before)

    def _present(self, entry_id: str) -> tuple[Published, Stand] | None:
        if entry_id not in self._held:
            held = entries.get(self._ground.db, entry_id)
            there = held is not None and held.state == "published"
            self._held[entry_id] = (held, present_stand(self._ground.db, held)) if held and there else None
        return self._held[entry_id]


def _write(ground: Ground, plans: list[Plan], touched: Mapping[str, int]) -> int:
    """Write what was worked out, one notice for each subscriber and entry; how many."""
    made = 0
    plans = sorted(plans, key=lambda plan: (plan.subscription.subscriber, plan.entry))
    for (_owner, entry_id), group in groupby(plans, lambda plan: (plan.subscription.subscriber, plan.entry)):
        listed = list(group)
        made += _note(ground, [plan for plan in listed if plan.what], touched[entry_id])
        for plan in listed:
            if plan.stand:
                told.tell(ground.db, plan.subscription, entry_id, plan.stand, plan.on)
            else:
                told.untell(ground.db, plan.subscription, entry_id)
    return made


def _note(ground: Ground, plans: list[Plan], change: int) -> bool:
    """One notice of plans that are all for one subscriber and entry: the most telling, at the quickest."""
    if not plans:
        return False
    first = min(plans, key=lambda plan: ORDER.index(plan.what or "new"))
    before = stand_json(first.before) if first.before else None
    about = [plan.subscription for plan in plans]
    return _put(ground, about, first.entry, {"before": before}, change=change)


def _put(
    ground: Ground,
    about: list[Subscription],
    entry_id: str,
    body: dict[str, Any],
    *,
    change: int = 0,
    reminder: str = "",
) -> bool:
    quickest = min((one.frequency for one in about), key=FREQUENCIES.index)
    frequency: Frequency = "now" if reminder else quickest
    body = {**body, "subs": [one.id for one in about]}
    return told.note(ground.db, about[0], entry_id, change, reminder, frequency, body, ground.today)


# -- reminders -------------------------------------------------------------------------------------


def remind(ground: Ground, moment: datetime) -> int:
    """Make the day's reminders, once a day and from the morning on; how many."""
    if moment.hour < MORNING:
        return 0
    with writing(ground.db):
        if not told.begin_day(ground.db, ground.today):
            return 0
        topics = _Topics(ground)
        found: dict[tuple[int, str, str], list[Ending]] = {}
        for one in subscriptions.active(ground.db):
            for entry_id, reminder, ending in _endings(ground, one, topics):
                found.setdefault((one.subscriber, entry_id, reminder), []).append(ending)
        return sum(_remind(ground, key[1], key[2], listed) for key, listed in sorted(found.items(), key=_key))


def _key(pair: tuple[tuple[int, str, str], list[Ending]]) -> tuple[int, str, str]:
    return pair[0]


def _endings(ground: Ground, one: Subscription, topics: _Topics) -> Iterator[tuple[str, str, Ending]]:
    """By entry and by the name of the reminder."""
    due = [
        (held.entry, days, ends)
        for held in told.told(ground.db, one).values()
        for days, ends in reminders(held.stand, held.on, ground.today)
        if _may_be_shown(ground, held.entry)
    ]
    fitting = topics.reliefs(one) if due and one.kind == "company" else None
    for entry_id, days, ends in due:
        mine = [end for end in ends if fitting is None or (entry_id, end.relief) in fitting]
        if mine and mine[0].day:
            reliefs = tuple(end.relief for end in mine)
            yield entry_id, f"{days}:{mine[0].day}", Ending(one, mine[0].day, reliefs)


def _may_be_shown(ground: Ground, entry_id: str) -> bool:
    """Whether an entry is there and its term may be shown as sure."""
    held = entries.get(ground.db, entry_id)
    return held is not None and held.state == "published" and "status" not in held.entry.verified.doubts


def _remind(ground: Ground, entry_id: str, reminder: str, endings: list[Ending]) -> bool:
    reliefs = sorted({relief for one in endings for relief in one.reliefs})
    body = {"day": endings[0].day.isoformat(), "reliefs": reliefs}
    return _put(ground, [one.subscription for one in endings], entry_id, body, reminder=reminder)
