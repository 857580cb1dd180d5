"""What one company may get on one day, best first, with the reason for every condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from kb.domain.benefit import Estimate, estimate
from kb.domain.company import Company
from kb.domain.eligibility import Checked, Outcome, check, outcome_of
from kb.domain.relief import Window
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import StatusOn
from kb.matching.catalogue import Catalogue, Offer, Standing
from kb.matching.ways import Group

HeldBack = Literal["stale", "lapsed"]


class Match(NamedTuple):
    """A relief against a company: how it comes out, why, what it is worth, and whether it can be claimed.

    ``held_back`` is why one that would be eligible is possible only: ``stale`` 时效待核实, ``lapsed`` 待复核.
    """

    offer: Offer
    status: StatusOn
    outcome: Outcome
    checked: tuple[Checked, ...]
    estimate: Estimate | None = None
    fits: bool = False
    claimable: bool = True
    group: Group = "apply"
    windows: tuple[Window, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts whose answer would decide something, in the order of the conditions."""
        return tuple(dict.fromkeys(name for one in self.checked for name in one.awaits))

    @property
    def open_points(self) -> int:
        """还差 N 项: what is unknown or for a person to compare."""
        return sum(one.verdict in ("unknown", "manual") for one in self.checked)

    @property
    def failing(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.checked if one.verdict == "failed")


@dataclass(frozen=True)
class Question:
    """A fact worth telling next and how many possible reliefs it bears on."""

    field: str
    label: str
    decides: int


@dataclass(frozen=True)
class Matches:
    """The answer of design §5: one row a relief; nothing expired, nothing not yet issued."""

    company: Company
    day: date
    matches: tuple[Match, ...]
    unchecked: tuple[Match, ...]
    upcoming: tuple[Match, ...]
    ineligible: tuple[Match, ...]
    just_ended: tuple[Match, ...]
    questions: tuple[Question, ...]


def match(catalogue: Catalogue, company: Company, day: date, fitting: Iterable[str] = ()) -> Matches:
    """Every relief that had been issued by ``day`` against ``company``.

    ``fitting`` are the ids of entries found for the words of a need that is on no list.
    """
    found = _Finder(catalogue, company, frozenset(fitting))
    lists: dict[str, list[Match]] = {name: [] for name in _LISTS}
    for standing in catalogue.on(day):
        one = found.match(standing)
        if one is None:
            continue
        if one.outcome != "ineligible":
            lists[standing.list].append(one)
        elif standing.list == "matches":
            lists["ineligible"].append(one)
    matches = _ordered(lists["matches"])
    return Matches(
        company,
        day,
        matches,
        _ordered(lists["unchecked"]),
        _ordered(lists["upcoming"]),
        _ordered(lists["ineligible"]),
        _ordered(lists["just_ended"]),
        questions(matches, company.taxonomy),
    )


_LISTS = ("matches", "unchecked", "upcoming", "just_ended", "ineligible")


class _Finder:
    """One company's answers to the catalogue's rules, each worked out once."""

    def __init__(self, catalogue: Catalogue, company: Company, fitting: frozenset[str]) -> None:
        self._rules = catalogue.rules
        self._answers: list[Checked | None] = [None] * len(catalogue.rules)
        self._company = company
        self._fitting = fitting
        self._wanted = needs_meant(company.told.need, company.taxonomy)

    def match(self, standing: Standing) -> Match | None:
        """The match, or ``None`` for a relief of another place, which is asked about first."""
        offer = standing.offer
        if offer.rules and (first := self._answer(offer.rules[0])).verdict == "failed" and first.rule.places:
            return None
        checked = tuple([self._answers[rule] or self._answer(rule) for rule in offer.rules])
        outcome = outcome_of(checked, offer.doubts, lead=offer.lead)
        held_back = _held_back(standing.status) if outcome == "eligible" else ()
        if held_back:
            outcome = "possible"
        return Match(
            offer,
            standing.status,
            outcome,
            checked,
            self._worth(standing, outcome),
            self._fits(offer),
            standing.claimable,
            standing.group,
            standing.windows,
            held_back,
        )

    def _answer(self, rule: int) -> Checked:
        held = self._answers[rule]
        if held is None:
            held = self._answers[rule] = check(self._rules[rule], self._company)
        return held

    def _worth(self, standing: Standing, outcome: Outcome) -> Estimate | None:
        """An estimate where it makes sense: not of thin records, nor of what the company does not get."""
        offer = standing.offer
        worth = offer.relief.worth
        if worth is None or worth.base is None or offer.lead or outcome == "ineligible":
            return None
        return estimate(worth, self._company, offer.steps[0], standing.status)

    def _fits(self, offer: Offer) -> bool:
        """The entry names the company's need, or one of the other list that it maps to."""
        return not self._wanted.isdisjoint(offer.needs) or offer.entry in self._fitting


def _held_back(status: StatusOn) -> tuple[HeldBack, ...]:
    """Why nothing with this status is more than possible, however well the company fits."""
    reasons: tuple[tuple[HeldBack, bool], ...] = (("stale", status.stale), ("lapsed", status.lapsed))
    return tuple(name for name, holds in reasons if holds)


def needs_meant(need: str, taxonomy: Taxonomy) -> frozenset[str]:
    """The keys of both lists that a need's key or name stands for, or that free words name; else none."""
    key = taxonomy.needs.find(need) if need else None
    if key:
        return taxonomy.same_needs(key)
    named = [term.key for term in taxonomy.needs if any(name in need for name in (term.label, *term.also))]
    return frozenset[str]().union(*(taxonomy.same_needs(key) for key in named))


def _ordered(matches: list[Match]) -> tuple[Match, ...]:
    """Best first: see :func:`_rank`; thin records last."""
    return tuple(sorted(matches, key=_rank))


def _rank(one: Match) -> tuple[object, ...]:
    """Eligible, then fit to the need, 免减 before 补 before 缓贷, worth, soonest end, widest audience."""
    worth = one.estimate.high if one.estimate else Decimal(0)
    end = one.status.end or date.max
    offer = one.offer
    return (
        offer.lead,
        one.outcome != "eligible",
        not one.fits,
        offer.manner,
        -worth,
        end,
        -offer.breadth,
        one.open_points,
        not offer.is_nation_wide,
        offer.id,
    )


def questions(matches: Sequence[Match], taxonomy: Taxonomy) -> tuple[Question, ...]:
    """What to ask next: the facts that possible reliefs wait for, the most awaited first."""
    counts: dict[str, int] = {}
    for one in matches:
        if one.outcome == "possible":
            for name in one.missing:
                counts[name] = counts.get(name, 0) + 1
    order = {name: at for at, name in enumerate(taxonomy.facts)}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], order[item[0]]))
    return tuple(Question(name, taxonomy.facts[name].label, count) for name, count in ranked)
