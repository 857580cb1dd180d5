"""The page of matches: the step still to be taken, the groups of what a company must do, what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kb.domain.benefit import Estimate
from kb.domain.company import Company
from kb.domain.eligibility import Verdict
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import words_of
from kb.matching.match import Match, Matches, match
from kb.matching.together import Total, total_of
from kb.matching.ways import GROUPS, Group
from kb.matching.words import entries_for
from kb.search import Library
from kb.store.database import Database
from web.asking import Ask, Figure, address_of, asks_of, figures_of, value_label
from web.company import Described
from web.i18n import _
from web.reach import Reach, reach_of
from web.site import site
from web.view import View, view
from web.words import money_words

SOON_DAYS = 60
FIGURES_SHOWN = 12


@dataclass(frozen=True)
class Box:
    """A group of matches: what fits the need first, the rest folded."""

    group: Group
    title: str
    first: tuple[Match, ...]
    rest: tuple[Match, ...]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.rest)


@dataclass(frozen=True)
class Chip:
    """Something told, and the address without it."""

    label: str
    value: str
    remove: str


@dataclass(frozen=True)
class Page:
    """Everything the page of matches shows."""

    described: Described
    found: Matches
    chips: tuple[Chip, ...]
    derived: tuple[tuple[str, str, str], ...]
    boxes: tuple[Box, ...]
    asks: tuple[Ask, ...]
    figures: tuple[Figure, ...]
    soon: tuple[Match, ...]
    total: Total | None
    reach: Reach

    @property
    def nothing_fits(self) -> bool:
        return bool(self.described.told.need) and not any(one.fits for one in self.found.matches)


def found_for(db: Database, library: Library, described: Described, day: date) -> Matches:
    """The matches of the company on ``day``; free words are searched for."""
    held = site()
    company = Company(described.told, held.terms.standards, held.taxonomy)
    fitting = entries_for(library, described.told.need, day)
    return match(held.shelf.catalogue(db), company, day, fitting)


def page_of(described: Described, found: Matches, view: View) -> Page:
    """The page of ``found``."""
    taxonomy = site().taxonomy
    last = view.day + timedelta(days=SOON_DAYS)
    region = described.told.region
    types = dict.fromkeys(one.offer.relief.type for one in found.matches if one.fits)
    return Page(
        described,
        found,
        _chips(described, taxonomy),
        _derived(found.company),
        _boxes(found),
        asks_of(described, found, taxonomy),
        figures_of(described, found, taxonomy),
        tuple(one for one in found.matches if one.status.end and one.status.end <= last),
        total_of(found.matches),
        reach_of((region,) if region else (), tuple(types)[:2], view.day),
    )


def _chips(described: Described, taxonomy: Taxonomy) -> tuple[Chip, ...]:
    chips = []
    for name, values in described.codes.items():
        fact, language = taxonomy.facts.get(name), view().language
        label = fact.name(language) if fact else _("困难")
        shown = [
            value_label(fact, one, taxonomy) if fact else taxonomy.needs.label(one, language)
            for one in values
        ]
        chips.append(Chip(label, _("、").join(shown), address_of(described, **{name: None})))
    return tuple(chips)


def _derived(company: Company) -> tuple[tuple[str, str, str], ...]:
    """What follows from the figures: label, value and rule."""
    facts = company.taxonomy.facts
    return tuple(
        (facts[name].name(view().language), words_of(one.room, facts[name], company.taxonomy), one.rule)
        for name, one in company.derived.items()
    )


def group_titles() -> dict[Group, str]:
    """What the company must do, by group."""
    return {
        "automatic": _("不用申请，看看是否已享受"),
        "declare": _("报税时由会计填"),
        "apply": _("需要申请"),
        "bank": _("找银行"),
        "use": _("投标和回款时拿来用"),
        "closed": _("本年窗口已过"),
    }


def outcome_label(one: Match) -> str:
    """``可能符合（还差 2 项）``, ``目前不符合（差在：…）``."""
    if one.outcome == "eligible":
        return _("初步符合")
    if one.outcome == "ineligible":
        return _("目前不符合（差在：%(what)s）", what="、".join(checked.rule.text for checked in one.failing))
    if one.open_points:
        return _("可能符合（还差 %(n)s 项）", n=one.open_points)
    if "lapsed" in one.held_back:
        return _("可能符合（待复核）")
    return _("可能符合")


def verdict_label(verdict: Verdict) -> str:
    """How one condition comes out."""
    labels = {
        "met": _("符合"),
        "failed": _("不符合"),
        "unknown": _("待您补充"),
        "manual": _("请对照原文或问主管部门"),
    }
    return labels[verdict]


def span_label(span: tuple[Decimal, Decimal]) -> str:
    """Yuan from low to high, once where they are the same."""
    low, high = span
    if low == high:
        return money_words(low)
    return _("%(low)s 至 %(high)s", low=money_words(low), high=money_words(high))


def estimate_label(worth: Estimate) -> str:
    """What a relief is worth over its whole period."""
    return span_label((worth.low, worth.high))


def _boxes(found: Matches) -> tuple[Box, ...]:
    titles = group_titles()
    boxes = []
    for group in GROUPS:
        inside = side_by_side([one for one in found.matches if one.group == group], found.matches)
        first = [one for one in inside if _comes_first(one, found)]
        rest = [one for one in inside if one not in first]
        if inside:
            boxes.append(Box(group, titles[group], tuple(first), tuple(rest)))
    return tuple(boxes)


def _comes_first(one: Match, found: Matches) -> bool:
    """What is met and what fits the need; without a need also what has no open point."""
    if one.offer.lead:
        return False
    if one.outcome == "eligible" or one.fits:
        return True
    return not found.company.told.need and not one.open_points


def side_by_side(matches: Sequence[Match], everything: Sequence[Match]) -> list[Match]:
    """The same order, but what carries out or extends a document stands right after it."""
    roots = _roots(everything)
    families: dict[tuple[str, str], list[Match]] = {}
    for one in matches:
        kind = one.offer.relief.type
        families.setdefault((roots[one.offer.entry, kind], kind), []).append(one)
    return [
        one
        for (root, _type), members in families.items()
        for one in sorted(members, key=lambda member: (member.offer.entry != root, member.offer.known_on))
    ]


def _roots(matches: Sequence[Match]) -> dict[tuple[str, str], str]:
    """For every document and type the earliest document among the matches that it goes back to."""
    held = {(one.offer.entry, one.offer.relief.type): one.offer.follows for one in matches}

    def root(entry: str, kind: str, seen: frozenset[str] = frozenset()) -> str:
        back = (other for other in held[entry, kind] if (other, kind) in held and other not in seen)
        before = next(back, None)
        return root(before, kind, seen | {entry}) if before else entry

    return {(entry, kind): root(entry, kind) for entry, kind in held}
