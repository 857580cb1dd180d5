"""What a report on members' difficulties (诉求专报) is written from: read once, then counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kb.domain.difficulty import Difficulty
from kb.domain.rounds import Round
from kb.domain.statistics import Voice
from kb.domain.taxonomy import NATION, Regions
from kb.domain.withholding import LEAST
from kb.outreach.answered import KINDS_THAT_ANSWER
from kb.search import Library, Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store import difficulties, reportrows, rounds, searches
from kb.store.database import Database
from kb.store.searches import Asked

LOOKED_AT = 200


@dataclass(frozen=True)
class Period:
    """What a report is about: the days from ``first`` to ``last``, and the region of an office."""

    first: date
    last: date
    office: str = NATION


@dataclass(frozen=True)
class Typical:
    """One line of the five-column table, in staff's words; ``needs`` where they wrote no demand."""

    size: str
    segment: str
    problem: str
    demand: str
    needs: tuple[str, ...]
    region: str


@dataclass(frozen=True)
class Channel:
    """Answers to one round within the period and region; ``invited`` is how many members it asked there.

    ``voices`` name provinces in a report of the nation, provinces or cities in one of a branch.
    """

    held: Round
    voices: tuple[Voice, ...]
    invited: int | None


@dataclass(frozen=True)
class Answering:
    """What in force answers a need: for the whole region of the report, and in its places besides."""

    need: str
    general: tuple[Hit, ...]
    local: Mapping[str, tuple[Hit, ...]]

    @property
    def is_met(self) -> bool:
        return bool(self.general) or any(self.local.values())


@dataclass(frozen=True)
class Facts:
    """All that a report says, uncounted. ``cut_off`` is when it was read, in words of China's time.

    ``told`` are the difficulties as they are counted; of these ``answered``, ``passed`` and ``closed`` went
    so far. ``deleted`` counts those that members deleted in these months.
    """

    period: Period
    cut_off: str
    told: tuple[Voice, ...]
    answered: int
    passed: int
    closed: int
    deleted: int
    channels: tuple[Channel, ...]
    typical: tuple[Typical, ...]
    answering: tuple[Answering, ...]
    searches: tuple[Asked, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody said anything in the period."""
        return not self.told and not any(one.voices for one in self.channels)

    @property
    def total(self) -> int:
        """Difficulties and answers together."""
        return len(self.told) + sum(len(one.voices) for one in self.channels)


def gather(db: Database, library: Library, period: Period, day: date, cut_off: str) -> Facts:
    """Everything a report needs, read on ``day``, whose policies count as in force."""
    regions = library.taxonomy.regions
    held = received(db, period, regions)
    told = tuple(_voice(one, period.office) for one in held)
    channels = tuple(_channels(db, period, regions))
    return Facts(
        period,
        cut_off,
        told,
        answered=sum(bool(one.answered_at) for one in held),
        passed=sum(bool(one.passed_to) for one in held),
        closed=sum(one.state == "closed" for one in held),
        deleted=difficulties.deleted_between(db, period.first, period.last) if period.office == NATION else 0,
        channels=channels,
        typical=tuple(_typical(db, held)),
        answering=tuple(_answering(library, [told, *(one.voices for one in channels)], period.office, day)),
        searches=tuple(searches.without_result(db, period.first, period.last, LEAST)),
    )


def received(db: Database, period: Period, regions: Regions) -> list[Difficulty]:
    """The difficulties of the period that lie in the office's region."""
    found = difficulties.received_between(db, period.first, period.last)
    return [one for one in found if _lies_in(one.region, period.office, regions)]


def _lies_in(code: str, office: str, regions: Regions) -> bool:
    return office == NATION or office in regions.path(code)


def place_of(code: str, office: str) -> str:
    """Where a report counts somebody: by province in one of the nation, as told in one of a branch."""
    return code[:2] + "0000" if code and office == NATION else code


def _voice(one: Difficulty, office: str) -> Voice:
    return Voice(place_of(one.region, office), one.size, one.segment, one.needs)


def _channels(db: Database, period: Period, regions: Regions) -> Iterable[Channel]:
    for held in rounds.listed(db):
        voices = tuple(
            replace(one.voice, region=place_of(one.region, period.office))
            for one in rounds.answers(db, held.id, period.first, period.last)
            if _lies_in(one.region, period.office, regions)
        )
        if voices:
            whole = period.office == held.office
            yield Channel(held, voices, held.invited.get("" if whole else period.office))


def _typical(db: Database, held: Sequence[Difficulty]) -> Iterable[Typical]:
    """Rows that staff wrote, else the rewrite that its member agreed to have published; never their text.

    Whose member agreed to neither passing on nor publishing is placed by province only.
    """
    rows = reportrows.written(db)
    for one in held:
        row, agreed = rows.get(one.id), one.published
        problem = row.problem if row else agreed.text if agreed else ""
        if problem:
            demand = row.demand if row else ""
            open_handed = bool(one.consent_forward or agreed)
            region = one.region if open_handed else place_of(one.region, NATION)
            yield Typical(one.size, one.segment, problem, demand, one.needs, region)


def _answering(
    library: Library, sources: Sequence[Sequence[Voice]], office: str, day: date
) -> Iterable[Answering]:
    """What answers each need that somebody named, the most named first."""
    places: dict[str, set[str]] = {}
    named: dict[str, int] = {}
    for one in (voice for source in sources for voice in source):
        for need in one.needs:
            named[need] = named.get(need, 0) + 1
            places.setdefault(need, set()).update({one.region} - {"", office})
    for need in sorted(named, key=lambda key: -named[key]):
        general = _in_force(library, need, office, day)
        known = {hit.record.id for hit in general}
        local = {
            place: tuple(hit for hit in _in_force(library, need, place, day) if hit.record.id not in known)
            for place in sorted(places[need])
        }
        yield Answering(need, general, {place: hits for place, hits in local.items() if hits})


def _in_force(library: Library, need: str, region: str, day: date) -> tuple[Hit, ...]:
    filters = Filters(region=(region,), need=(need,), kind=KINDS_THAT_ANSWER)
    found = search(library, Request("", day, filters, limit=LOOKED_AT, facets=False)).hits
    return tuple(hit for hit in found if not hit.record.is_notice)
