"""What goes into a digest: what to suggest for a period, and each choice in words as it stands on the day."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.domain.difficulty import Difficulty
from kb.domain.digest import MEMBER, SECTIONS, Choice, Digest, Item, Section, plain
from kb.domain.entry import Entry
from kb.domain.taxonomy import NATION, Taxonomy
from kb.outreach.accountant import way_words
from kb.outreach.digestchanges import changes_in_words, edited_fields, ends_moved_in
from kb.outreach.groups import dated_rows
from kb.outreach.message import LEAD, NOT_RELIEF, entry_audience, shortened
from kb.outreach.sheet import Sheet, sheet_on
from kb.outreach.until import Dated, checked_words, differ, named_words, runs_words
from kb.search import Library, Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store import difficulties, digests, entries
from kb.store.database import Database

ENDING_DAYS = 60
"""What ends within so many days is suggested as ending soon; with half of them it is ticked."""
FIRST_PERIOD = timedelta(days=30)
TICKED = 12
"""So many are ticked to begin with: what a member reads in one sitting."""
PLACES = 3
HEADING = 40
SHORTEST = 4
ENDS = 110
"""Most characters for the ends of reliefs that differ: a group's message has room for so many."""
SEE = "见网页"
_EVERYTHING = 1_000_000
_NUMBER = re.compile(r"[0-9]{1,18}")
_ISSUERS_BEFORE = re.compile(r"^(.{2,60}?)?关于(?=.{6})")


@dataclass(frozen=True)
class Suggestion:
    """Something to tell members of; ``ticked`` to begin with. One of ``hit`` and ``difficulty`` is given.

    ``ends`` are the reliefs for whose end it is suggested, the nearest first.
    """

    section: Section
    key: str
    ticked: bool = False
    hit: Hit | None = None
    difficulty: Difficulty | None = None
    ends: tuple[Dated, ...] = ()

    @property
    def end(self) -> date | None:
        """The nearest day for whose sake it is suggested as ending or ended."""
        return next((status.end for _title, status in self.ends), None)

    @property
    def named(self) -> str:
        """Those reliefs in words where it has others too; else empty."""
        several = self.hit is not None and len(self.ends) < len(self.hit.record.rows)
        return named_words(self.ends) if self.ends and several else ""


@dataclass(frozen=True)
class Period:
    """From the day ``since`` to ``day``, and the moment (UTC) of the issue before, empty for none."""

    since: date
    day: date
    after: str = ""


def period_for(db: Database, day: date, since: date | None = None) -> Period:
    """The period that ends on ``day``: since the day after the last issue before it, or 30 days."""
    before = [one for one in digests.issued(db) if one.day <= day]
    last = max(before, key=lambda one: (one.day, one.total), default=None)
    first = last.day + timedelta(days=1) if last else day - FIRST_PERIOD
    return Period(since or min(first, day), day, last.issued_at if last else "")


def suggest(library: Library, db: Database, period: Period) -> tuple[Suggestion, ...]:
    """What happened in the period, by section, what matters most first; the first :data:`TICKED` ticked."""
    filters = Filters(status=("all",), kind=("policy", "service"))
    hits = search(library, Request("", period.day, filters, limit=_EVERYTHING, facets=False)).hits
    added = digests.added_since(db, period.after) if period.after else frozenset()
    edited = _edited(db, period, library.taxonomy)
    found = [one for hit in hits if (one := _of_hit(hit, period, added, edited))]
    found.extend(
        Suggestion("answered", str(one.id), difficulty=one)
        for one in difficulties.published_between(db, period.since, period.day)
    )
    return _ticked(sorted(found, key=_importance), period)


def _edited(db: Database, period: Period, taxonomy: Taxonomy) -> frozenset[str]:
    ids = digests.edited_since(db, period.after) if period.after else frozenset()
    return frozenset(one for one in ids if edited_fields(db, one, period.after, taxonomy))


def _of_hit(hit: Hit, period: Period, added: frozenset[str], edited: frozenset[str]) -> Suggestion | None:
    section = _section(hit, period, added, edited)
    ends = _ends(section, dated_rows(hit.record, period.day), period)
    return Suggestion(section, hit.record.id, hit=hit, ends=ends) if section else None


def _section(hit: Hit, period: Period, added: frozenset[str], edited: frozenset[str]) -> Section | None:
    record, status = hit.record, hit.status
    parts = dated_rows(record, period.day)
    if period.since <= record.known_on <= period.day or (record.id in added and status.current):
        return None if record.is_amendment else "new"
    if ends_moved_in(record.id, (row.steps for row in record.rows), period.since, period.day, added):
        return "changed"
    if record.id in edited and status.current:
        return "changed"
    return next((name for name in ("ended", "ending") if _ends(name, parts, period)), None)


def _ends(section: Section | None, parts: Iterable[Dated], period: Period) -> tuple[Dated, ...]:
    """Of a section about ends the reliefs that put an entry there, the nearest end first.

    What ended on the day of the issue before was still running in it, and so has ended since.
    """
    first, last = period.since - timedelta(days=1), period.day + timedelta(days=ENDING_DAYS)
    found = [
        (status.end, (title, status))
        for title, status in parts
        if status.end
        and (
            (section == "ended" and status.status == "expired" and first <= status.end < period.day)
            or (section == "ending" and status.current and status.end <= last)
        )
    ]
    return tuple(part for _end, part in sorted(found, key=lambda one: one[0]))


def _importance(one: Suggestion) -> tuple[object, ...]:
    """By section; then policies before services, what is sure before leads, the nation first, by date."""
    place = SECTIONS.index(one.section)
    if one.hit is None:
        return place, one.difficulty.published_at if one.difficulty else ""
    record = one.hit.record
    days = one.end.toordinal() if one.end else -record.known_on.toordinal()
    region = record.regions.include[:1] if record.regions.include else (NATION,)
    return place, record.lead, record.kind != "policy", days, region, record.id


def _ticked(found: list[Suggestion], period: Period) -> tuple[Suggestion, ...]:
    """Answers, changes and ends come on the list for sure; what is new takes the places that are left."""
    wanted = [one for one in found if _is_worth_it(one, period)]
    first = sorted(wanted, key=lambda one: one.section == "new")[:TICKED]
    keys = {(one.section, one.key) for one in first}
    return tuple(replace(one, ticked=(one.section, one.key) in keys) for one in found)


def _is_worth_it(one: Suggestion, period: Period) -> bool:
    if one.hit is None:
        return True
    if one.hit.record.lead:
        return False
    status = one.hit.status
    if one.section in ("new", "changed") and not (status.current or status.recently_ended):
        return False
    if one.section == "ended":
        return any(each.recently_ended for _title, each in one.ends)
    if one.section == "new":
        return status.current
    soon = period.day + timedelta(days=ENDING_DAYS // 2)
    return one.section != "ending" or bool(one.end and one.end <= soon)


# -- in words --------------------------------------------------------------------------------------


def items_of(db: Database, digest: Digest, taxonomy: Taxonomy) -> tuple[Item, ...]:
    """The choices of a draft in words on its day; what is not there any more is left out."""
    period = period_for(db, digest.day, digest.since)
    made = (_item(db, choice, period, taxonomy) for choice in digest.choices)
    return tuple(one for one in made if one)


def seal(items: Iterable[Item]) -> str:
    """Stands for just these items: what was previewed is what is issued."""
    text = json.dumps(plain(tuple(items)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _item(db: Database, choice: Choice, period: Period, taxonomy: Taxonomy) -> Item | None:
    if not choice.is_entry:
        return _of_difficulty(db, choice)
    held = entries.get(db, choice.key)
    sheet = sheet_on(db, held, period.day) if held and held.state == "published" else None
    return _of_sheet(db, sheet, choice, period, taxonomy) if sheet else None


def _of_sheet(db: Database, sheet: Sheet, choice: Choice, period: Period, taxonomy: Taxonomy) -> Item:
    entry, status = sheet.entry, sheet.status
    relieves = not (entry.is_notice or entry.is_amendment)
    return Item(
        section=choice.section,
        key=choice.key,
        place=place_of(entry, taxonomy),
        heading=choice.heading or heading_of(entry),
        text=entry.promise,
        who=entry_audience(entry, taxonomy) if relieves else "",
        until=_until(sheet, choice.section) if not entry.is_amendment else "",
        how=_how(entry, taxonomy) if relieves else "",
        document=_document(entry),
        number=entry.doc_number or ("待核，请按文件名查找" if "doc_number" in entry.verified.doubts else ""),
        change="；".join(_changes(db, sheet, choice, period, taxonomy)),
        note=_note(entry, taxonomy),
        version=sheet.version.number,
        status=status.status,
        end=status.end.isoformat() if status.end else "",
        inferred=status.inferred,
    )


def _until(sheet: Sheet, section: Section) -> str:
    """Until when its reliefs run, each by name unless the change names those that it is about."""
    room = 0 if section in ("ended", "ending") else ENDS
    words = runs_words(sheet.status, sheet.dated, room, SEE)
    return f"{words}（{checked_words(sheet.status, sheet.entry.verified.confirmed_on)}）"


def _changes(db: Database, sheet: Sheet, choice: Choice, period: Period, taxonomy: Taxonomy) -> Iterator[str]:
    """What moved or was rewritten; of an end, whose it is where not all reliefs end with it."""
    if choice.section in ("ended", "ending") and differ(sheet.dated):
        both = (_ends("ended", sheet.dated, period), _ends("ending", sheet.dated, period))
        yield from (named_words(ends) for ends in both if ends)
    if choice.section != "changed":
        return
    yield from changes_in_words(db, choice.key, period.since, period.day, period.after)
    if period.after and (fields := edited_fields(db, choice.key, period.after, taxonomy)):
        yield f"内容有更新：{'、'.join(fields)}"


def place_of(entry: Entry, taxonomy: Taxonomy) -> str:
    """地区或单位: who offers a service; else where it applies: 全国, 湖南, 湖南、湖北、江西等 5 地."""
    if entry.kind == "service" and entry.issuers:
        return entry.issuers[0]
    codes = entry.regions.include
    if not codes or NATION in codes:
        return "全国"
    names = [taxonomy.regions.by_code[code].short for code in codes]
    if len(names) > PLACES:
        return f"{'、'.join(names[:PLACES])}等 {len(names)} 地"
    return "、".join(names)


def heading_of(entry: Entry) -> str:
    """A short title: its relief's where there is one alone, else its own without the issuers before it."""
    if entry.kind == "policy" and len(entry.reliefs) == 1:
        return shortened(entry.reliefs[0].title, HEADING)
    title = entry.title
    if entry.issuers and len(title) - len(entry.issuers[0]) >= SHORTEST:
        title = title.removeprefix(entry.issuers[0])
    return shortened(_ISSUERS_BEFORE.sub("", title), HEADING)


def _document(entry: Entry) -> str:
    if entry.kind != "policy":
        return ""
    by = "、".join(entry.issuers)
    return (
        f"{by}《{entry.title}》"
        if by and not entry.title.startswith(entry.issuers[0])
        else f"《{entry.title}》"
    )


def _how(entry: Entry, taxonomy: Taxonomy) -> str:
    ways = dict.fromkeys(way_words(one.apply, taxonomy) for one in entry.reliefs if one.apply)
    return "；".join(ways) or "未写明，请问主管部门"


def _note(entry: Entry, taxonomy: Taxonomy) -> str:
    """What is not verified, and that a burden is no relief."""
    doubts = "、".join(taxonomy.doubts.label(key) for key in entry.verified.doubts if key != "doc_number")
    told = LEAD if entry.is_lead else f"内容待核实：{doubts}" if doubts else ""
    return "；".join(part for part in (NOT_RELIEF if entry.is_notice else "", told) if part)


def _of_difficulty(db: Database, choice: Choice) -> Item | None:
    """Only what its member agreed to make public, in staff's words: no place, no heading besides."""
    held = difficulties.get(db, int(choice.key)) if _NUMBER.fullmatch(choice.key) else None
    public = held.published if held else None
    if held is None or public is None:
        return None
    answer = f"答复：{public.answer}" if public.answer else ""
    text = "\n".join(part for part in (public.text, answer) if part)
    return Item("answered", choice.key, MEMBER, public.title, text, seal=public.seal)
