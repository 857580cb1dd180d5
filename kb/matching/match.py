"""What one company may get on one day, best first, with the reason for every condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from kb.domain.benefit import Estimate, estimate
from kb.domain.company import CLASSES, Company
from kb.domain.eligibility import Checked, Outcome, check, outcome_of
from kb.domain.entry import Apply, Window
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import StatusOn
from kb.matching.catalogue import Catalogue, Offer, Standing

Group = Literal["automatic", "declare", "apply", "bank", "use", "closed"]
GROUPS: tuple[Group, ...] = ("automatic", "declare", "apply", "bank", "use", "closed")
"""What the company must do: nothing, its accountant in a return, apply, ask its bank, claim in bids and
payments, or wait because this year's window has shut."""
_BY_CHANNEL: dict[str, Group] = {
    "automatic": "automatic",
    "declare": "declare",
    "record": "declare",
    "pledge": "apply",
    "apply": "apply",
    "bank": "bank",
    "bid": "use",
    "complaint": "use",
}
_DEFERS = ("缓", "延期", "延长", "展期", "续贷")


@dataclass(frozen=True)
class Match:
    """A relief against a company: how it comes out, why, what it is worth, and whether it can be claimed."""

    offer: Offer
    status: StatusOn
    outcome: Outcome
    checked: tuple[Checked, ...]
    estimate: Estimate | None = None
    fits: bool = False
    claimable: bool = True
    group: Group = "apply"
    windows: tuple[Window, ...] = ()

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
    found = _Finder(catalogue, company, day, frozenset(fitting))
    lists: dict[str, list[Match]] = {name: [] for name in _LISTS}
    for standing in catalogue.on(day):
        name = _list_of(standing.status)
        one = found.match(standing) if name else None
        if one is None:
            continue
        if one.outcome != "ineligible":
            lists[name].append(one)
        elif name == "matches":
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


def _list_of(status: StatusOn) -> str:
    """Which list a status belongs to; nothing for what has long ended."""
    if status.status == "expired":
        return "just_ended" if status.recently_ended else ""
    if status.status == "upcoming":
        return "upcoming"
    return "matches" if status.current else "unchecked"


class _Finder:
    """One company's answers to the catalogue's rules, each worked out once."""

    def __init__(self, catalogue: Catalogue, company: Company, day: date, fitting: frozenset[str]) -> None:
        self._rules = catalogue.rules
        self._answers: list[Checked | None] = [None] * len(catalogue.rules)
        self._company = company
        self._day = day
        self._fitting = fitting

    def match(self, standing: Standing) -> Match | None:
        """The match, or ``None`` for a relief of another place."""
        offer, status = standing.offer, standing.status
        checked = tuple(self._answer(rule) for rule in offer.rules)
        if any(one.verdict == "failed" and one.rule.places for one in checked):
            return None
        outcome = outcome_of(checked, offer.doubts, lead=offer.lead)
        if outcome == "eligible" and status.stale:
            outcome = "possible"
        worth = None
        if outcome != "ineligible" and not offer.lead:
            worth = estimate(offer.relief.worth, self._company, offer.steps[0], status)
        group, claimable = how_to_get(offer.relief.apply, self._day)
        fits = self._fits(offer)
        apply = offer.relief.apply
        windows = apply.windows_on(self._day) if apply else ()
        return Match(offer, status, outcome, checked, worth, fits, claimable, group, windows)

    def _answer(self, rule: int) -> Checked:
        held = self._answers[rule]
        if held is None:
            held = self._answers[rule] = check(self._rules[rule], self._company)
        return held

    def _fits(self, offer: Offer) -> bool:
        """The entry names the company's need, or one of the other list that it maps to."""
        if not self._company.told.need:
            return False
        wanted = needs_meant(self._company.told.need, self._company.taxonomy)
        return bool(wanted.intersection(offer.needs)) if wanted else offer.entry in self._fitting


def needs_meant(need: str, taxonomy: Taxonomy) -> frozenset[str]:
    """The keys of both lists that a need's key or name stands for; none for free words."""
    key = taxonomy.needs.find(need)
    return taxonomy.same_needs(key) if key else frozenset()


def how_to_get(apply: Apply | None, day: date) -> tuple[Group, bool]:
    """What the company must do, and whether it can on ``day``: in force and claimable are two answers."""
    if apply is None:
        return "apply", True
    group = _BY_CHANNEL[apply.channel]
    windows = apply.windows_on(day)
    if not windows or any(_is_open(one.opens, one.closes, one.closed, day) for one in windows):
        return group, True
    later = any(one.opens and one.opens > day for one in windows)
    return (group, False) if later else ("closed", False)


def _is_open(opens: date | None, closes: date | None, closed: bool, day: date) -> bool:
    return not closed and (opens is None or opens <= day) and (closes is None or closes >= day)


def manner(offer: Offer) -> int:
    """0 for 免、减, 1 for 补, 2 for 缓、贷: 减免重于缓交 (the survey's seventh recommendation)."""
    relief = offer.relief
    if relief.type == "finance" or any(word in relief.title for word in _DEFERS):
        return 2
    return 1 if relief.type in ("subsidy", "jobs", "training", "technology") else 0


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
        manner(offer),
        -worth,
        end,
        -len(offer.relief.audience.sizes or CLASSES),
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
