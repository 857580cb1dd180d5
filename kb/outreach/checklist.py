"""办理清单: what a company may get and what to do for it, as a sheet to print and to work through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kb.domain.company import Company
from kb.domain.room import Room
from kb.domain.telling import words_of
from kb.matching.match import Match, Matches
from kb.matching.ways import GROUPS as ORDER
from kb.matching.ways import Group
from kb.outreach.accountant import (
    NOT_A_BASIS,
    estimate_words,
    number_words,
    open_points,
    papers,
    way_words,
    windows_words,
)
from kb.outreach.matches import GROUPS, outcome_words
from kb.outreach.message import LEAD, caveat
from kb.outreach.until import until_words


@dataclass(frozen=True)
class Item:
    """One relief in words; ``version`` is the version of the entry the words are from.

    ``number``, ``windows``, ``estimate`` and ``lead`` are empty where there is nothing to say; ``open`` are
    the conditions still to be answered or compared. ``entry`` and ``relief`` are its ids.
    """

    entry: str
    relief: str
    version: int
    title: str
    document: str
    number: str
    what: str
    way: str
    steps: tuple[str, ...]
    materials: tuple[str, ...]
    windows: str
    until: str
    verdict: str
    open: tuple[str, ...]
    estimate: str
    lead: str


@dataclass(frozen=True)
class Section:
    """The items for which the company must do the same kind of thing; ``label`` says what."""

    group: Group
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Checklist:
    """The sheet for ``day``. ``company`` are pairs of label and words, ``notes`` the lines at its foot."""

    day: date
    company: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(len(section.items) for section in self.sections)


def checklist_of(found: Matches, organiser: str) -> Checklist:
    """The sheet of what the company may get on the day: eligible and possible reliefs, in their order."""
    listed = [one for one in found.matches if one.outcome != "ineligible"]
    sections = tuple(section for group in ORDER if (section := _section(group, listed, found.company)).items)
    notes = (NOT_A_BASIS, caveat(organiser))
    return Checklist(found.day, tuple(company_words(found.company)), sections, notes)


def _section(group: Group, listed: list[Match], company: Company) -> Section:
    items = tuple(_item(one, company) for one in listed if one.group == group)
    return Section(group, GROUPS[group], items)


def _item(one: Match, company: Company) -> Item:
    offer, relief, apply = one.offer, one.offer.relief, one.offer.relief.apply
    return Item(
        entry=offer.entry,
        relief=relief.id,
        version=offer.version,
        title=relief.title,
        document=offer.title,
        number=number_words(offer),
        what=relief.what,
        way=way_words(apply, company.taxonomy),
        steps=apply.steps if apply else (),
        materials=papers(apply),
        windows=windows_words(one),
        until=until_words(one.status, offer.confirmed_on),
        verdict=outcome_words(one),
        open=open_points(one),
        estimate=estimate_words(one.estimate) if one.estimate and not offer.lead else "",
        lead=LEAD if offer.lead else "",
    )


def company_words(company: Company) -> Iterator[tuple[str, str]]:
    """What the company told, then what its figures add to that, each as label and words."""
    told, taxonomy = company.told, company.taxonomy
    if told.region:
        yield _label(company, "region"), taxonomy.regions.label(told.region)
    if told.segments:
        segments = (term.label for term in taxonomy.industries if term.key in told.segments)
        yield _label(company, "industry"), "、".join(segments)
    for name, fact in taxonomy.facts.items():
        if room := told.rooms.get(name):
            yield _label(company, name), words_of(room, fact, taxonomy)
    if told.certificates is not None:
        certificates = Room(keys=told.certificates)
        yield (
            _label(company, "certificates"),
            words_of(certificates, taxonomy.facts["certificates"], taxonomy),
        )
    for name, derived in company.derived.items():
        words = words_of(derived.room, taxonomy.facts[name], taxonomy)
        yield f"{_label(company, name)}（推算）", f"{words}（{derived.rule}）"
    if told.need:
        yield "困难", taxonomy.needs.label(taxonomy.needs.find(told.need) or told.need)


def _label(company: Company, name: str) -> str:
    return company.taxonomy.facts[name].label.partition("（")[0]
