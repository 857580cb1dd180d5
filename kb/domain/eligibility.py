"""Whether a company meets what a relief asks, condition by condition, and why.

Unknown is never yes and never no (design §4): a range decides when the whole range decides, what a
document does not restrict excludes nobody, and what cannot be computed is for a person to compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kb.domain.company import Company
from kb.domain.entry import Entry
from kb.domain.relief import Comparison, Condition, Regions, Relief
from kb.domain.room import ORDERED, Room, as_bound, listed, meet, room_of, within
from kb.domain.taxonomy import NATION, Fact, Taxonomy
from kb.domain.telling import choices_of, words_of

Verdict = Literal["met", "failed", "unknown", "manual"]
Outcome = Literal["eligible", "possible", "ineligible"]
DECIDING_DOUBTS = frozenset({"audience", "conditions", "benefit", "period", "status", "regions"})
"""Doubts that touch whether a company gets something: with one, nothing is more than possible."""
TRUTHS = frozenset({"True", "False"})


@dataclass(frozen=True)
class Rule:
    """One requirement: comparisons of which one must hold, or places, or segments; neither is manual."""

    text: str
    source: str = ""
    tests: tuple[Comparison, ...] = ()
    places: tuple[Regions, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def is_structured(self) -> bool:
        """Whether a machine decides something about the company itself, not only where it is."""
        return bool(self.tests or self.segments)


@dataclass(frozen=True)
class Checked:
    """A rule against a company: what was needed, what the company said, and how it comes out.

    ``awaits`` are the facts whose answer may decide an unknown one.
    """

    rule: Rule
    verdict: Verdict
    needed: str = ""
    yours: str = ""
    awaits: tuple[str, ...] = ()


def rules_of(entry: Entry, relief: Relief, taxonomy: Taxonomy) -> tuple[Rule, ...]:
    """What a relief asks, its audience first; a rule for the whole nation asks nothing of the place."""
    audience = relief.audience
    rules = []
    own = (audience.regions,) if audience.regions.include or audience.regions.exclude else ()
    if entry.regions != Regions(include=(NATION,)) or own:
        rules.append(Rule("在适用地区内", places=(entry.regions, *own)))
    if audience.sizes:
        names = "、".join(taxonomy.sizes.label(size) for size in audience.sizes)
        test = Comparison(field="size", op="in", value=audience.sizes)
        rules.append(Rule(f"企业规模是{names}", tests=(test,)))
    if audience.industries:
        names = "、".join(taxonomy.industries.label(one) for one in audience.industries)
        rules.append(Rule(f"属于{names}", segments=audience.industries))
    return (*rules, *map(_rule, relief.conditions))


def _rule(condition: Condition) -> Rule:
    return Rule(condition.text, condition.source, condition.tests)


def check(rule: Rule, company: Company) -> Checked:
    """The rule against the company."""
    if rule.places:
        return _check_place(rule, company)
    if rule.segments:
        return _check_segment(rule, company)
    if rule.tests:
        return _check_tests(rule, company)
    return Checked(rule, "manual", needed=rule.text)


def _check_place(rule: Rule, company: Company) -> Checked:
    regions, code = company.taxonomy.regions, company.told.region
    needed = "；".join(_place_words(one, company.taxonomy) for one in rule.places if one != _NATION)
    awaits = ("region",)
    if code in ("", NATION):  # a company is somewhere: the whole nation says no more than nothing
        return Checked(rule, "unknown", needed, awaits=awaits)
    yours = regions.label(code)
    answers = {regions.applies(one.include or (NATION,), one.exclude, code) for one in rule.places}
    if "no" in answers:
        return Checked(rule, "failed", needed, yours)
    if answers == {"yes"}:
        return Checked(rule, "met", needed, yours)
    return Checked(rule, "unknown", needed, yours, awaits)


_NATION = Regions(include=(NATION,))


def _place_words(one: Regions, taxonomy: Taxonomy) -> str:
    inside = "、".join(taxonomy.regions.label(code) for code in one.include or (NATION,))
    outside = "、".join(taxonomy.regions.label(code) for code in one.exclude)
    return f"{inside}（不含{outside}）" if outside else inside


def _check_segment(rule: Rule, company: Company) -> Checked:
    """A segment is a tag that members choose themselves: only trades quite apart from it rule it out."""
    labels, told = company.taxonomy.industries, company.told.segments
    needed = "、".join(labels.label(one) for one in rule.segments)
    if not told:
        return Checked(rule, "unknown", needed, awaits=("industry",))
    yours = "、".join(labels.label(one) for one in sorted(told))
    return Checked(rule, _compared(told, frozenset(rule.segments), company), needed, yours)


def _compared(told: frozenset[str], wanted: frozenset[str], company: Company) -> Verdict:
    if told & wanted:
        return "met"
    apart = wanted <= company.standards.disjoint and not told & company.taxonomy.outside
    return "failed" if apart else "manual"


def _check_tests(rule: Rule, company: Company) -> Checked:
    """One of the alternatives must hold; all must fail for the rule to fail."""
    verdicts = [decide(test, company) for test in rule.tests]
    # An answer may still decide what is unknown; what is manual none will.
    ranked: tuple[Verdict, ...] = ("met", "unknown", "manual", "failed")
    verdict = next(one for one in ranked if one in verdicts)
    needed = " 或 ".join(needed_words(test, company.taxonomy) for test in rule.tests)
    yours = dict.fromkeys(_told_words(test.field, company) for test in rule.tests)
    open_tests = (test for test, one in zip(rule.tests, verdicts, strict=True) if verdict == one == "unknown")
    awaits = dict.fromkeys(company.asks_for(test.field) for test in open_tests)
    return Checked(rule, verdict, needed, "；".join(one for one in yours if one), tuple(awaits))


def decide(test: Comparison, company: Company) -> Verdict:
    """One comparison with what the company left possible: met or failed only when all of it decides."""
    fact = company.taxonomy.facts[test.field]
    if test.field == "certificates":
        return _decide_certificates(test, company.told.certificates)
    if test.field == "industry":
        return _decide_segment(test, company)
    if test.field == "region":
        return _check_place(Rule("", places=(_as_places(test),)), company).verdict
    room = company.room(test.field)
    if room is None:
        return "unknown"
    if fact.type in ORDERED and test.op == "ne":
        return _decide_other(test, fact, room)
    wanted = room_of(test, fact, _every(fact, company.taxonomy))
    if within(room, wanted):
        return "met"
    return "failed" if meet(room, wanted).is_empty else "unknown"


def _as_places(test: Comparison) -> Regions:
    codes = tuple(str(code) for code in listed(test.value))
    if test.op in ("eq", "in"):
        return Regions(include=codes)
    return Regions(include=(NATION,), exclude=codes)


def _every(fact: Fact, taxonomy: Taxonomy) -> frozenset[str]:
    return TRUTHS if fact.type == "bool" else frozenset(choices_of(fact, taxonomy))


def _decide_other(test: Comparison, fact: Fact, room: Room) -> Verdict:
    value = as_bound(test.value, fact)
    point = Room(value, value)
    if room == point:
        return "failed"
    return "met" if meet(room, point).is_empty else "unknown"


def _decide_certificates(test: Comparison, held: frozenset[str] | None) -> Verdict:
    """Who lists its certificates lists all of them."""
    return "unknown" if held is None else _has(test, held)


def _decide_segment(test: Comparison, company: Company) -> Verdict:
    told = company.told.segments
    if not told:
        return "unknown"
    named = frozenset(str(one) for one in listed(test.value))
    if test.op in ("eq", "in"):
        return _compared(told, named, company)
    return "manual" if told & named else "met"


def _has(test: Comparison, held: frozenset[str]) -> Verdict:
    wanted = {str(one) for one in listed(test.value)}
    has = bool(held & wanted)
    return "met" if has != (test.op in ("ne", "not_in")) else "failed"


def needed_words(test: Comparison, taxonomy: Taxonomy) -> str:
    """What a comparison asks, in words: ``从业人数 不超过 300 人``."""
    fact = taxonomy.facts[test.field]
    label = fact.label.partition("（")[0]
    if fact.of == "regions":
        return f"{label} {_place_words(_as_places(test), taxonomy)}"
    without = "不是 " if test.op in ("ne", "not_in") else ""
    if fact.type in ORDERED:
        same = test.model_copy(update={"op": "eq"}) if without else test
        room = room_of(same, fact, frozenset())
    else:
        room = Room(keys=frozenset(str(one) for one in listed(test.value)))
    return f"{label} {without}{words_of(room, fact, taxonomy)}"


def _told_words(name: str, company: Company) -> str:
    """What the company said of a fact, with both sides where they contradict each other."""
    taxonomy, told = company.taxonomy, company.told
    fact = taxonomy.facts[name]
    if name == "certificates":
        return "" if told.certificates is None else words_of(Room(keys=told.certificates), fact, taxonomy)
    if name == "region":
        return taxonomy.regions.label(told.region) if told.region else ""
    if name == "industry":
        return "、".join(taxonomy.industries.label(one) for one in sorted(told.segments))
    stated, derived = told.rooms.get(name), company.derived.get(name)
    parts = [words_of(stated, fact, taxonomy)] if stated else []
    if derived and (not stated or company.contradiction(name)):
        parts.append(f"{words_of(derived.room, fact, taxonomy)}（{derived.rule}）")
    return "；但按数字算是 ".join(parts)


def outcome_of(checked: Iterable[Checked], doubts: Iterable[str] = (), *, lead: bool = False) -> Outcome:
    """All met is eligible, one failed ineligible; the rest, leads, doubt and unstructured rules possible."""
    met = True
    for one in (seen := tuple(checked)):
        if one.verdict == "failed":
            return "ineligible"
        met = met and one.verdict == "met"
    structured = met and any(one.rule.is_structured for one in seen)
    return "eligible" if structured and not lead and DECIDING_DOUBTS.isdisjoint(doubts) else "possible"
