"""What goes into a digest: what to suggest for a period, and each choice in words as it stands on the day."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.domain.difficulty import Difficulty
from kb.domain.digest import SECTIONS, Choice, Digest, Item, Section, plain
from kb.domain.entry import Entry
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.timeline import StatusOn
from kb.outreach.accountant import way_words
from kb.outreach.digestchanges import changes_in_words, edited_fields, ends_moved_in
from kb.outreach.message import LEAD, NOT_RELIEF, entry_audience, shortened
from kb.outreach.sheet import Sheet, sheet_on
from kb.outreach.until import until_words
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
_EVERYTHING = 1_000_000
_ISSUERS_BEFORE = re.compile(r"^(.{2,60}?)?关于(?=.{6})")


@dataclass(frozen=True)
class Suggestion:
    """Something to tell members of; ``ticked`` to begin with. One of ``hit`` and ``difficulty`` is given."""

    section: Section
    key: str
    ticked: bool = False
    hit: Hit | None = None
    difficulty: Difficulty | None = None


@dataclass(frozen=True)
class Period:
    """From the day ``since`` to ``day``, and the moment (UTC) of the issue before, empty for none."""

    since: date
    day: date
    after: str = ""


def period_for(db: Database, day: date, since: date | None = None) -> Period:
    """The period that ends on ``day``: since the day after the last issue before it, or 30 days."""
    last = next((one for one in digests.issued(db) if one.day <= day), None)
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
    return Suggestion(section, hit.record.id, hit=hit) if section else None


def _section(hit: Hit, period: Period, added: frozenset[str], edited: frozenset[str]) -> Section | None:
    record, status = hit.record, hit.status
    if period.since <= record.known_on <= period.day or (record.id in added and status.current):
        return None if record.is_amendment else "new"
    if ends_moved_in(record.id, (row.steps for row in record.rows), period.since, period.day):
        return "changed"
    if record.id in edited and status.current:
        return "changed"
    if status.status == "expired" and status.end and period.since <= status.end <= period.day:
        return "ended"
    if status.current and status.end and status.end <= period.day + timedelta(days=ENDING_DAYS):
        return "ending"
    return None


def _importance(one: Suggestion) -> tuple[object, ...]:
    """By section; then policies before services, what is sure before leads, the nation first, by date."""
    place = SECTIONS.index(one.section)
    if one.hit is None:
        return place, one.difficulty.published_at if one.difficulty else ""
    record = one.hit.record
    days = _end(one.hit.status) if one.section in ("ending", "ended") else -record.known_on.toordinal()
    region = record.regions.include[:1] if record.regions.include else (NATION,)
    return place, record.lead, record.kind != "policy", days, region, record.id


def _end(status: StatusOn) -> int:
    return status.end.toordinal() if status.end else 0


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
    if one.section in ("new", "changed", "ended") and not (status.current or status.recently_ended):
        return False
    if one.section == "new":
        return status.current
    soon = period.day + timedelta(days=ENDING_DAYS // 2)
    return one.section != "ending" or bool(one.hit.status.end and one.hit.status.end <= soon)


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
        return _of_difficulty(db, choice, taxonomy)
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
        until=until_words(status, entry.verified.confirmed_on) if not entry.is_amendment else "",
        how=_how(entry, taxonomy) if relieves else "",
        document=_document(entry),
        number=entry.doc_number or ("待核，请按文件名查找" if "doc_number" in entry.verified.doubts else ""),
        change="；".join(_changes(db, choice, period, taxonomy)),
        note=_note(entry, taxonomy),
        version=sheet.version.number,
        status=status.status,
        end=status.end.isoformat() if status.end else "",
        inferred=status.inferred,
    )


def _changes(db: Database, choice: Choice, period: Period, taxonomy: Taxonomy) -> Iterator[str]:
    if choice.section != "changed":
        return
    yield from changes_in_words(db, choice.key, period.since, period.day)
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


def _of_difficulty(db: Database, choice: Choice, taxonomy: Taxonomy) -> Item | None:
    """Only what its member agreed to make public, in staff's words."""
    held = difficulties.get(db, int(choice.key)) if choice.key.isdigit() else None
    public = held.published if held else None
    if held is None or public is None:
        return None
    place = taxonomy.regions.by_code[held.region].short if held.region in taxonomy.regions.by_code else ""
    heading = choice.heading or public.title
    answer = f"答复：{public.answer}" if public.answer else ""
    text = "\n".join(part for part in (public.text, answer) if part)
    return Item("answered", choice.key, place or "会员", heading, text)
