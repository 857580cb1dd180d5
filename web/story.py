"""The life of an entry as dated events: issued, begun, extended, ended, and its ties to other documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kb.outreach.sheet import Reference, Sheet, Tie
from web.i18n import _


@dataclass(frozen=True)
class Event:
    """Something that happened on ``day``; ``details`` name the reliefs concerned and their new end.

    ``inferred`` is what the day was worked out from, where no document gives it.
    """

    day: date
    text: str
    other: Reference | None = None
    number: str = ""
    details: tuple[tuple[str, date | None], ...] = ()
    note: str = ""
    inferred: str = ""


def story_of(sheet: Sheet) -> tuple[Event, ...]:
    """The events in order; only the issue itself if nothing else is known."""
    events = [
        Event(sheet.entry.issued_on or sheet.entry.known_on, _("本文件公布")),
        *_own(sheet),
        *_ties(sheet.ties),
    ]
    return tuple(sorted(events, key=lambda event: event.day))


def _own(sheet: Sheet) -> Iterator[Event]:
    terms = [one.term for one in sheet.reliefs] or [sheet.term]
    starts = [term.first.start for term in terms if term.first.start]
    ends = {term.status.end: term.status.inferred for term in terms if term.status.end}
    if starts:
        yield Event(min(starts), _("最早的一项开始执行") if len(set(starts)) > 1 else _("开始执行"))
    if ends:
        text = _("最晚的一项到期") if len(ends) > 1 else _("到期")
        yield Event(max(ends), text, inferred=ends[max(ends)])


def _ties(ties: Iterable[Tie]) -> Iterator[Event]:
    grouped: dict[tuple[str, str, str], list[Tie]] = {}
    for tie in ties:
        who = tie.other.id if tie.other else tie.relation.to_number or ""
        grouped.setdefault((tie.direction, tie.relation.type, who), []).append(tie)
    return (_event(group) for group in grouped.values())


def _event(group: list[Tie]) -> Event:
    first = group[0]
    other = first.other
    words = _incoming_words() if first.direction == "in" else _outgoing_words() if other else _absent_words()
    day = other.known_on if other and first.direction == "out" else first.known_on
    details = dict.fromkeys((tie.relief if tie.direction == "in" else "", tie.relation.end) for tie in group)
    kept = tuple((relief, end) for relief, end in details if relief or end)
    note = "；".join(dict.fromkeys(tie.relation.note for tie in group if tie.relation.note))
    return Event(day, words[first.relation.type], other, first.relation.to_number or "", kept, note)


def _incoming_words() -> dict[str, str]:
    return {
        "amends": _("修改了本文件"),
        "extends": _("延长了本文件的期限"),
        "repeals": _("停止了本文件的执行"),
        "succeeds": _("接续本文件"),
        "implements": _("落实本文件"),
        "interprets": _("解读本文件"),
        "answers": _("回应本文件"),
        "excludes": _("不能与本文件同时享受"),
        "stacks_with": _("可以与本文件同时享受"),
    }


def _outgoing_words() -> dict[str, str]:
    """Said at the day on which the other document was issued."""
    return {
        "amends": _("公布，后来由本文件修改"),
        "extends": _("公布，期限后来由本文件延长"),
        "repeals": _("公布，后来由本文件停止执行"),
        "succeeds": _("公布，后来由本文件接续"),
        "implements": _("公布，由本文件落实"),
        "interprets": _("公布，由本文件解读"),
        "answers": _("公布，由本文件回应"),
        "excludes": _("公布，不能与本文件同时享受"),
        "stacks_with": _("公布，可以与本文件同时享受"),
    }


def _absent_words() -> dict[str, str]:
    """Said of a document that we do not hold, at the day of our own."""
    return {
        "amends": _("本文件修改了它"),
        "extends": _("本文件延长了它的期限"),
        "repeals": _("本文件停止了它的执行"),
        "succeeds": _("本文件接续它"),
        "implements": _("本文件落实它"),
        "interprets": _("本文件解读它"),
        "answers": _("本文件回应它"),
        "excludes": _("不能与它同时享受"),
        "stacks_with": _("可以与它同时享受"),
    }
