"""The last days of an entry, or of the hits of a search, for a calendar: no company, so no verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from kb.domain.timeline import StatusOn, status_on
from kb.outreach.calendar import PERIOD, WINDOW, Deadline
from kb.outreach.sheet import Sheet
from kb.search.engine import Hit

ENTRY = "entry"
"""Stands for the relief of an entry that has none."""


def deadlines_of(sheet: Sheet) -> tuple[Deadline, ...]:
    """The last days of an entry's reliefs and of their windows from its day on, the soonest first."""
    return tuple(sorted(_of_entry(sheet), key=lambda one: one.day))


def _of_entry(sheet: Sheet) -> Iterator[Deadline]:
    entry, document = sheet.entry, _document(sheet.entry.title, sheet.entry.doc_number)
    if not sheet.reliefs:
        yield from _of_period(sheet.status, sheet.day, entry.id, ENTRY, entry.title, document, entry.is_lead)
    for one in sheet.reliefs:
        relief = one.relief
        names = (entry.id, relief.id, relief.title, document, entry.is_lead)
        yield from _of_period(one.term.status, sheet.day, *names)
        for window in relief.apply.windows_on(sheet.day) if relief.apply else ():
            if window.closes and window.closes >= sheet.day:
                yield _deadline(window.closes, WINDOW, *names)


def deadlines_of_hits(hits: Iterable[Hit], day: date) -> tuple[Deadline, ...]:
    """The last days of the reliefs of hits from ``day`` on, the soonest first."""
    return tuple(sorted((one for hit in hits for one in _of_hit(hit, day)), key=lambda one: one.day))


def _of_hit(hit: Hit, day: date) -> Iterator[Deadline]:
    record = hit.record
    document = _document(record.title, record.doc_number)
    for row in record.rows:
        status = status_on(row.steps, record.trust, day)
        if status is not None:
            name, title = row.relief or ENTRY, row.title if row.relief else record.title
            yield from _of_period(status, day, record.id, name, title, document, record.lead)


def _of_period(
    status: StatusOn, day: date, entry: str, relief: str, title: str, document: str, lead: bool
) -> Iterator[Deadline]:
    """The end of a period that is still to come, unless its status is in doubt."""
    if status.end and status.end >= day and not status.stale:
        yield _deadline(status.end, PERIOD, entry, relief, title, document, lead, status.inferred)


def _deadline(
    day: date,
    what: str,
    entry: str,
    relief: str,
    title: str,
    document: str,
    lead: bool,
    inferred: str = "",
) -> Deadline:
    return Deadline(day, what, entry, relief, title, document, "", "", lead, inferred)


def _document(title: str, number: str | None) -> str:
    return f"《{title}》" + (f"（{number}）" if number else "")
