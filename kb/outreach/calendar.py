"""The days not to miss among a company's matches: as lines of text, and as a calendar file (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kb.domain.dates import in_words
from kb.errors import KbError
from kb.matching.match import Match, Matches
from kb.outreach.accountant import document_words
from kb.outreach.matches import GROUPS, outcome_words
from kb.outreach.message import LEAD, caveat
from kb.outreach.until import about

WINDOW = "受理截止"
PERIOD = "政策到期"
OCTETS = 75
"""Most octets of a line in UTF-8, without its line break (RFC 5545, 3.1)."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Deadline:
    """The last day of something: of taking applications, of the relief, or both at once (``what``).

    ``inferred`` is what the relief's last day was worked out from, empty where its document gives it.
    """

    day: date
    what: str
    entry: str
    relief: str
    title: str
    document: str
    how: str
    verdict: str
    lead: bool = False
    inferred: str = ""

    @property
    def name(self) -> str:
        """``受理截止：稳岗返还``, with a word of doubt for a lead and for a day that was worked out."""
        what = f"{self.what}（推算）" if self.inferred else self.what
        return f"{what}：{self.title}" + (f"（{LEAD}）" if self.lead else "")

    @property
    def when(self) -> str:
        """The day in words: ``2026年12月31日``, ``约2026年12月17日（据有效期2年推算）``."""
        return about(in_words(self.day), self.inferred)


def deadlines(found: Matches) -> tuple[Deadline, ...]:
    """The last days from the day asked about on, of eligible and possible reliefs, the soonest first.

    One for a relief and a day: where its window and its period end together, ``what`` names both.
    """
    listed = (one for one in found.matches if one.outcome != "ineligible")
    dated = ((day, what, one) for one in listed for day, what in _ends(one, found.day))
    return tuple(_deadline(*each) for each in sorted(dated, key=lambda each: each[0]))


def _ends(one: Match, today: date) -> Iterator[tuple[date, str]]:
    days: dict[date, list[str]] = {}
    for window in one.windows:
        if window.closes and not window.closed:
            days[window.closes] = [WINDOW]
    if one.status.end:
        days.setdefault(one.status.end, []).append(PERIOD)
    for day, what in days.items():
        if day >= today:
            yield day, "、".join(what)


def _deadline(day: date, what: str, one: Match) -> Deadline:
    offer = one.offer
    return Deadline(
        day=day,
        what=what,
        entry=offer.entry,
        relief=offer.relief.id,
        title=offer.relief.title,
        document=document_words(offer),
        how=GROUPS[one.group],
        verdict=outcome_words(one),
        lead=offer.lead,
        inferred=one.status.inferred if PERIOD in what else "",
    )


def deadline_lines(listed: Iterable[Deadline]) -> tuple[str, ...]:
    """``2026年12月31日 政策到期：稳岗返还，《…》（…）``, one a deadline; the caveat is the page's to add."""
    return tuple(f"{one.when} {one.name}，{one.document}" for one in listed)


def ics(listed: Iterable[Deadline], base_url: str, organiser: str, stamp: datetime) -> str:
    """The deadlines as a calendar: an all-day event each, with a reminder seven days before.

    ``base_url`` is put before each entry's path, without it events have no link; ``stamp`` is an aware
    moment, written in UTC. The same relief and day keep their UID, so that a second import moves nothing.
    Raises :class:`KbError` where there are no deadlines: a calendar without events is not valid.
    """
    events = [line for one in listed for line in _event(one, base_url, organiser, stamp)]
    if not events:
        raise KbError("没有查到带截止日的事项，所以没有日历可以下载")
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//relief-kb//Relief Finder//ZH", "CALSCALE:GREGORIAN")
    lines = (*head, f"X-WR-CALNAME:{escaped('惠企政策办理期限')}", *events, "END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(one: Deadline, base_url: str, organiser: str, stamp: datetime) -> Iterator[str]:
    address = f"{base_url}/entries/{one.entry}#{one.relief}" if base_url else ""
    yield "BEGIN:VEVENT"
    yield f"UID:{one.entry}#{one.relief}-{one.day:%Y%m%d}@relief-kb"
    yield f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(one.name)}"
    yield f"DESCRIPTION:{escaped(_description(one, organiser, address))}"
    if address:
        yield f"URL:{address}"
    yield "TRANSP:TRANSPARENT"
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P7D")
    yield f"DESCRIPTION:{escaped(f'还有 7 天，{one.name}')}"
    yield from ("END:VALARM", "END:VEVENT")


def _description(one: Deadline, organiser: str, address: str) -> str:
    """What most calendars show under the title; the address again, because some hide the URL field."""
    when = f"到期：{one.when}" if one.inferred else ""
    fits = "；".join(part for part in (one.verdict, one.how) if part)
    lines = (one.document, when, fits, address, caveat(organiser))
    return "\n".join(line for line in lines if line)


def escaped(text: str) -> str:
    """``text`` as a TEXT value: line breaks as ``\\n``, the four marked characters escaped, no controls."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", plain).translate(_ESCAPES)


def folded(line: str) -> str:
    """A content line with a break and a blank where it reaches :data:`OCTETS`, never inside a character."""
    parts, size = [""], 0
    for character in line:
        length = len(character.encode())
        if size + length > OCTETS:
            parts.append("")
            size = 1  # the blank that marks a continuation counts
        parts[-1] += character
        size += length
    return "\r\n ".join(parts)
