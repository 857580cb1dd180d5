"""An entry as a poster for a notice board: few words, large, on one A4 page."""

from __future__ import annotations

from dataclasses import dataclass

from kb.domain.dates import in_words
from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.domain.taxonomy import Taxonomy
from kb.outreach.message import LEAD, NOT_RELIEF, entry_audience, entry_ways, shortened
from kb.outreach.sheet import ReliefOn, Sheet
from kb.outreach.until import checked_words, running_words

HEADLINE = 60
SHOWN = 4
"""Reliefs that stand on the poster; the others are counted."""
LENGTHS = {1: 220, 2: 110, 3: 80, 4: 60}
"""Characters for each of so many reliefs: what fits on the page at a size that is read standing."""
AUDIENCE = 120
WAY = 120
SUMMARY = 160
SIZES = ((30, 16), (26, 14), (22, 12.5), (19, 11))
"""Points of the title and of the text: the style sheet has the same, by number."""
POINT = 0.3528
WIDTH, ROOM = 180.0, 140.0
"""Millimetres of an A4 page for the words: across, and down beside head, code and caveat."""


@dataclass(frozen=True)
class Offered:
    """One relief in a few words: its title (empty where it is the only one), what it gives, until when."""

    title: str
    what: str
    until: str


@dataclass(frozen=True)
class Poster:
    """The words of the poster. ``until`` is empty where each relief has its own; ``more`` are not shown.

    ``gist`` is for what offers nothing; ``issued`` says who issued it and when, ``notes`` what is not
    verified or no relief, ``checked`` when the status was last checked.
    """

    entry: Entry
    headline: str
    issued: str
    gets: tuple[Offered, ...]
    gist: str
    more: int
    who: str
    until: str
    how: str
    notes: tuple[str, ...]
    checked: str

    @property
    def density(self) -> int:
        """Which of :data:`SIZES` it is written in, from 1 on: the largest that leaves it on one page."""
        fitting = (at for at, (title, text) in enumerate(SIZES, 1) if self._height(title, text) <= ROOM)
        return next(fitting, len(SIZES))

    def _height(self, title: float, text: float) -> float:
        """How many millimetres of the page the words take with a title and a text so many points large."""
        paragraphs = [f"{one.title} {one.what} {one.until}" for one in self.gets]
        paragraphs += [self.gist, self.who, self.until, self.how] + (["另有"] if self.more else [])
        height = _lines(self.headline, WIDTH, title) * title * POINT * 1.3
        height += sum(_lines(one, WIDTH - 6, text) * text * POINT * 1.55 + 2 for one in paragraphs if one)
        return height + 4 * (text * POINT * 1.5 + 4) + 10 * len(self.notes)


def _lines(text: str, width: float, size: float) -> int:
    """Lines of ``text`` in ``size`` points over ``width`` millimetres."""
    places = sum(0.6 if letter.isascii() else 1 for letter in text)
    return int(places * size * POINT / width) + 1


def poster_of(sheet: Sheet, taxonomy: Taxonomy) -> Poster:
    """The poster of an entry on the day of ``sheet``; papers of 2020 have neither audience nor period."""
    entry, background = sheet.entry, sheet.entry.kind in BACKGROUND_KINDS
    spoken = not background and not entry.is_amendment
    ends = {running_words(one.term.status) for one in sheet.reliefs}
    shown = sheet.reliefs[:SHOWN]
    applies = bool(sheet.reliefs) and spoken
    return Poster(
        entry=entry,
        headline=shortened(entry.promise.rstrip("。"), HEADLINE),
        issued=_issued(entry),
        gets=tuple(_offered(one, len(shown), len(ends) > 1) for one in shown),
        gist="" if shown else shortened(_gist(entry), SUMMARY),
        more=len(sheet.reliefs) - len(shown),
        who=shortened(entry_audience(entry, taxonomy), AUDIENCE) if spoken else "",
        until=running_words(sheet.status) if spoken and len(ends) < 2 else "",
        how=shortened(entry_ways(entry, taxonomy), WAY) if applies else "",
        notes=tuple(_notes(sheet, background)),
        checked="" if background else checked_words(sheet.status, entry.verified.confirmed_on),
    )


def _gist(entry: Entry) -> str:
    """What it is about, where it offers nothing: of a case what troubled the company."""
    return entry.summary or ("；".join(entry.profile.problems) if entry.profile else "")


def _offered(one: ReliefOn, of: int, dated: bool) -> Offered:
    what = shortened(one.relief.what, LENGTHS[of])
    return Offered(one.relief.title if of > 1 else "", what, running_words(one.term.status) if dated else "")


def _notes(sheet: Sheet, background: bool) -> list[str]:
    entry, notes = sheet.entry, []
    if background:
        notes.append("2020年调查的背景资料，不是可以申请的政策")
    elif sheet.status.status == "expired":
        notes.append("已失效，只供查阅，请不要张贴")
    elif sheet.status.stale:
        notes.append("时效待核实，核实以前请不要张贴")
    if entry.is_amendment:
        notes.append("这份通知延长或停止别的政策，自己没有可以申请的内容")
    if entry.is_notice:
        notes.append(NOT_RELIEF)
    if entry.is_lead:
        notes.append(LEAD)
    elif entry.verified.doubts:
        notes.append("有内容待核实，见网页")
    return notes


def _issued(entry: Entry) -> str:
    day = in_words(entry.issued_on) if entry.issued_on else ""
    return "，".join(part for part in ("、".join(entry.issuers), day) if part)
