"""Many members at once: for each what it may get on a day, as short lines that many of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from kb.domain.company import Company, Standards
from kb.domain.members import Member
from kb.domain.taxonomy import Taxonomy
from kb.matching.catalogue import Catalogue, Offer
from kb.matching.match import Match, Matches, match
from kb.outreach.accountant import (
    document_words,
    doubt_words,
    estimate_words,
    open_points,
    way_words,
    windows_words,
)
from kb.outreach.matches import GROUPS, outcome_words
from kb.outreach.message import LEAD
from kb.outreach.until import until_words

SOON = timedelta(days=60)
Fitting = Callable[[str], Iterable[str]]
"""The entries that the words of a need find."""


class Relief(NamedTuple):
    """What is the same for every member: a relief in words. ``last`` is the first day that ends something."""

    entry: str
    relief: str
    title: str
    what: str
    document: str
    number: str
    until: str
    windows: str
    todo: str
    way: str
    doubt: str
    last: date | None
    soon: bool


class Line(NamedTuple):
    """A relief for a member. ``open`` is what is still to be told or compared, ``worth`` the estimate."""

    relief: Relief
    eligible: bool
    verdict: str
    open: str
    worth: str
    fits: bool


class Result(NamedTuple):
    """What a member may get: best first. ``ask`` are the facts that would decide most."""

    member: Member
    lines: tuple[Line, ...]
    ask: tuple[str, ...]

    @property
    def eligible(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.eligible)

    @property
    def possible(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if not one.eligible)

    @property
    def soon(self) -> tuple[Line, ...]:
        """What ends, or stops taking applications, within sixty days, the soonest first."""
        ending = (one for one in self.lines if one.relief.soon)
        return tuple(sorted(ending, key=lambda one: one.relief.last or date.max))


@dataclass(frozen=True)
class Batch:
    """The results of a list, in its order, and how many different companies were worked out for it."""

    day: date
    results: tuple[Result, ...]
    different: int


def matched(
    members: Iterable[Member],
    catalogue: Catalogue,
    standards: Standards,
    taxonomy: Taxonomy,
    day: date,
    fitting: Fitting,
) -> Batch:
    """What each member may get on ``day``; companies with equal figures are worked out once."""
    words = _Words(taxonomy)
    found: dict[tuple[object, ...], tuple[tuple[Line, ...], tuple[str, ...]]] = {}
    needs: dict[str, tuple[str, ...]] = {}
    results = []
    for one in members:
        key = one.figures
        if key not in found:
            need = one.told.need
            if need not in needs:
                needs[need] = tuple(fitting(need)) if need else ()
            company = Company(one.told, standards, taxonomy)
            found[key] = words.of(match(catalogue, company, day, needs[need]))
        results.append(Result(one, *found[key]))
    return Batch(day, tuple(results), len(found))


class _Words:
    """Matches in words; what several members read is held once."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._reliefs: dict[str, Relief] = {}
        self._texts: dict[str, str] = {}

    def of(self, found: Matches) -> tuple[tuple[Line, ...], tuple[str, ...]]:
        """The lines of the eligible and possible reliefs, and what to ask."""
        ask = tuple(one.label.partition("（")[0] for one in found.questions[:3])
        return tuple(self._line(one, found.day) for one in found.matches), ask

    def _line(self, one: Match, day: date) -> Line:
        worth = estimate_words(one.estimate) if one.estimate and not one.offer.lead else ""
        return Line(
            self._relief(one, day),
            one.outcome == "eligible",
            self._once(outcome_words(one)),
            self._once("；".join(open_points(one))),
            self._once(worth),
            one.fits,
        )

    def _once(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _relief(self, one: Match, day: date) -> Relief:
        held = self._reliefs.get(one.offer.id)
        if held is None:
            held = self._reliefs[one.offer.id] = self._told(one, day)
        return held

    def _told(self, one: Match, day: date) -> Relief:
        offer = one.offer
        last = min(_ends(one, day), default=None)
        return Relief(
            entry=offer.entry,
            relief=offer.relief.id,
            title=offer.relief.title,
            what=offer.relief.what,
            document=document_words(offer),
            number=offer.doc_number or f"《{offer.title}》",
            until=until_words(one.status, offer.confirmed_on),
            windows=windows_words(one),
            todo=GROUPS[one.group],
            way=way_words(offer.relief.apply, self._taxonomy),
            doubt=_doubt(offer, self._taxonomy),
            last=last,
            soon=last is not None and last <= day + SOON,
        )


def _ends(one: Match, day: date) -> Iterator[date]:
    """The last days from ``day`` on: of the relief, and of taking applications for it."""
    for window in one.windows:
        if window.closes and not window.closed and window.closes >= day:
            yield window.closes
    if one.status.end and one.status.end >= day:
        yield one.status.end


def _doubt(offer: Offer, taxonomy: Taxonomy) -> str:
    if offer.lead:
        return LEAD
    doubts = doubt_words(offer, taxonomy)
    return f"内容待核实：{doubts}" if doubts else ""
