"""From changes to mail: who is told of what, once, and in which mail.

Two steps, each a transaction of its own, so that a kill at any moment loses nothing and repeats nothing:
:func:`follow` turns numbered changes into notices and moves the cursor, :func:`remind` makes the day's
reminders. :func:`kb.outreach.alerts.gather` then puts what is due into the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from kb.domain.alert import FREQUENCIES, MORNING, End, Frequency, Stand, What, moved, reminders
from kb.outreach.alerts import Ground, ids_of, matches_of
from kb.outreach.changed import change_lines, change_subject, name_of, present_stand
from kb.outreach.message import entry_audience, shortened
from kb.outreach.sheet import Sheet, sheet_on
from kb.outreach.until import about, until_words
from kb.search import watermark
from kb.store import changes, entries, subscriptions, told
from kb.store.database import Database, writing
from kb.store.entries import Published
from kb.store.subscriptions import Subscription
from kb.store.told import Told

CHUNK = 300
ORDER: tuple[What, ...] = ("changed", "withdrawn", "new", "reminder")
"""What is told where several subscriptions of one address say different things."""
TITLE = 18
"""The most characters of a title in a subject."""


@dataclass(frozen=True)
class Plan:
    """What a subscription is to be told of an entry. Without ``what`` nothing is told, only noted:
    ``stand`` is how the entry stands now, ``None`` where it is gone."""

    subscription: Subscription
    entry: str
    what: What | None
    subject: str = ""
    lines: tuple[str, ...] = ()
    stand: Stand | None = None
    on: date = date.min


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
    news = _News(ground, touched)
    plans = [plan for one in subscriptions.active(ground.db) for plan in news.plans(one)]
    with writing(ground.db):
        if not told.advance(ground.db, start, batch[-1].number):
            return None
        return _write(ground, plans, touched)


class _News:
    """What became of the touched entries, each looked at once however many are told of it."""

    def __init__(self, ground: Ground, touched: Collection[str]) -> None:
        self._ground = ground
        self._touched = frozenset(touched)
        self._held: dict[str, tuple[Published, Stand] | None] = {}

    def plans(self, one: Subscription) -> Iterator[Plan]:
        """What a subscription is to be told of the touched entries."""
        known = told.told(self._ground.db, one)
        about = self._touched & (ids_of(self._ground, one) | known.keys())
        for entry_id in sorted(about):
            if plan := self._plan(one, entry_id, known.get(entry_id)):
                yield plan

    def _plan(self, one: Subscription, entry_id: str, known: Told | None) -> Plan | None:
        held = self._present(entry_id)
        if held is None:
            return self._gone(one, entry_id) if known else None
        published, stand = held
        if known is None:
            return self._new(one, published, stand)
        before, taxonomy = known.stand, self._ground.terms.taxonomy
        lines = change_lines(self._ground.db, published.entry, before, stand, taxonomy)
        on = self._ground.today if moved(before, stand) else known.on
        if not lines:
            return Plan(one, entry_id, None, stand=stand, on=on)
        what = change_subject(self._ground.db, published.entry, before, stand, lines)
        subject = f"《{shortened(published.entry.title, TITLE)}》{what}"
        sheet = sheet_on(self._ground.db, published, self._ground.today)
        now = (f"现在：{_until(sheet)}",) if sheet else ()
        return Plan(one, entry_id, "changed", subject, (*lines, *now), stand, on)

    def _present(self, entry_id: str) -> tuple[Published, Stand] | None:
        if entry_id not in self._held:
            held = entries.get(self._ground.db, entry_id)
            there = held is not None and held.state == "published"
            self._held[entry_id] = (held, present_stand(self._ground.db, held)) if held and there else None
        return self._held[entry_id]

    def _gone(self, one: Subscription, entry_id: str) -> Plan:
        held = entries.get(self._ground.db, entry_id)
        into = held.merged_into if held else None
        what = f"已并入 {name_of(self._ground.db, into)}" if into else "已从本库撤下，不要再据此办理"
        title = held.entry.title if held else entry_id
        return Plan(one, entry_id, "withdrawn", f"《{shortened(title, TITLE)}》{what}", (what,))

    def _new(self, one: Subscription, published: Published, stand: Stand) -> Plan:
        entry = published.entry
        sheet = sheet_on(self._ground.db, published, self._ground.today)
        lines = [
            entry.promise,
            f"谁能享受：{entry_audience(entry, self._ground.terms.taxonomy)}",
            f"到什么时候：{_until(sheet)}" if sheet else f"{entry.known_on.isoformat()} 公布",
            f"文号：{entry.doc_number}" if entry.doc_number else "",
        ]
        subject = f"新的匹配：{entry.promise}"
        return Plan(
            one, entry.id, "new", subject, tuple(line for line in lines if line), stand, self._ground.today
        )


def _until(sheet: Sheet) -> str:
    return until_words(sheet.status, sheet.entry.verified.confirmed_on)


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


def _note(ground: Ground, plans: list[Plan], change: int, reminder: str = "") -> bool:
    """One notice of plans that are all for one subscriber and entry: the most telling, at the quickest."""
    if not plans:
        return False
    first = min(plans, key=lambda plan: ORDER.index(plan.what or "new"))
    quickest = min((plan.subscription.frequency for plan in plans), key=FREQUENCIES.index)
    body = {
        "title": _title(ground.db, first.entry),
        "subject": first.subject,
        "lines": list(first.lines),
        "why": [plan.subscription.name for plan in plans],
    }
    frequency: Frequency = "now" if reminder else quickest
    return told.note(
        ground.db, first.subscription, first.entry, change, reminder, frequency, body, ground.today
    )


def _title(db: Database, entry_id: str) -> str:
    held = entries.get(db, entry_id)
    return held.entry.title if held else entry_id


# -- reminders -------------------------------------------------------------------------------------


def remind(ground: Ground, moment: datetime) -> int:
    """Make the day's reminders, once a day and from the morning on; how many."""
    if moment.hour < MORNING:
        return 0
    with writing(ground.db):
        if not told.begin_day(ground.db, ground.today):
            return 0
        plans: dict[tuple[int, str, str], list[Plan]] = {}
        for one in subscriptions.active(ground.db):
            for reminder, plan in _reminders(ground, one):
                plans.setdefault((one.subscriber, plan.entry, reminder), []).append(plan)
        return sum(_note(ground, listed, 0, key[2]) for key, listed in sorted(plans.items()))


def _reminders(ground: Ground, one: Subscription) -> Iterator[tuple[str, Plan]]:
    due = [
        (held.entry, days, ends)
        for held in told.told(ground.db, one).values()
        for days, ends in reminders(held.stand, held.on, ground.today)
    ]
    fitting = _reliefs(ground, one) if due and one.kind == "company" else None
    for entry_id, days, ends in due:
        mine = [end for end in ends if fitting is None or (entry_id, end.relief) in fitting]
        if mine and (plan := _reminder(ground, one, entry_id, mine)):
            yield f"{days}:{mine[0].day}", plan


def _reliefs(ground: Ground, one: Subscription) -> set[tuple[str, str]]:
    found = matches_of(ground, one)
    return {(each.offer.entry, each.offer.relief.id) for each in (*found.matches, *found.upcoming)}


def _reminder(ground: Ground, one: Subscription, entry_id: str, ends: list[End]) -> Plan | None:
    """The plan of a reminder; ``None`` where the entry is gone or its term may not be shown as sure."""
    held = entries.get(ground.db, entry_id)
    sheet = sheet_on(ground.db, held, ground.today) if held and held.state == "published" else None
    first = ends[0]
    if sheet is None or "status" in sheet.entry.verified.doubts or first.day is None:
        return None
    left = (first.day - ground.today).days
    when = f"还有 {left} 天到期" if left else "今天到期"
    day = about(first.day.isoformat(), first.inferred)
    reliefs = "、".join(end.title for end in ends if end.title)
    lines = [f"{when}：{day}", f"到期的事项：{reliefs}" if reliefs else "", sheet.entry.promise]
    about_word = "约" if first.inferred else ""
    subject = f"《{shortened(sheet.entry.title, TITLE)}》{about_word}{when}（{first.words}）"
    return Plan(one, entry_id, "reminder", subject, tuple(line for line in lines if line))
