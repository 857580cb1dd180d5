"""Three-valued verdicts: against brute force over exact companies, and under narrowing."""

from __future__ import annotations

import itertools
import operator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.domain.company import Company, Told
from kb.domain.eligibility import Rule, check, outcome_of, rules_of
from kb.domain.relief import Comparison
from kb.domain.room import ORDERED, Room, meet
from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import choices_of
from kb.store import entries
from kb.store.terms import Terms
from tests.conftest import Base
from tests.domain.test_company import company_of

# -- brute force over exact companies -----------------------------------------------------------------

COUNTS = [Decimal(one) / 2 for one in range(-2, 13)]
"""Whole numbers 0 to 5 and what lies between them, so that < and <= differ; the ends are never named."""
DAYS = [date(2020, 1, one) for one in range(1, 7)]
VALUES: dict[str, list[Any]] = {
    "headcount": COUNTS,
    "revenue": COUNTS,
    "layoff_rate": [one / 10 for one in COUNTS],
    "founded_on": DAYS,
    "insured": ["True", "False"],
    "size": ["micro", "small", "medium", "large"],
    "ownership": ["state", "private", "foreign", "self-employed"],
}
OPERATORS: dict[str, Any] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "between": lambda value, ends: ends[0] <= value <= ends[1],
    "in": lambda value, some: value in some,
    "not_in": lambda value, some: value not in some,
}


@dataclass(frozen=True)
class Asked:
    """A comparison as plain values, and the same as an entry writes it."""

    field: str
    op: str
    value: Any

    def holds(self, value: Any) -> bool:
        return bool(OPERATORS[self.op](value, self.value))

    @property
    def test(self) -> Comparison:
        return Comparison.model_validate({"field": self.field, "op": self.op, "value": written(self.value)})


def written(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(written(one) for one in value)
    if value in ("True", "False"):
        return value == "True"
    return value.isoformat() if isinstance(value, date) else value


def named(field: str) -> list[Any]:
    """The values that rules and companies name: beyond them lies one on either side."""
    values = VALUES[field]
    return values if isinstance(values[0], str) else values[1:-1]


@st.composite
def asked(draw: st.DrawFn, field: str) -> Asked:
    values = st.sampled_from(named(field))
    if field == "insured":
        return Asked(field, draw(st.sampled_from(["eq", "ne"])), draw(values))
    if field in ("size", "ownership"):
        op = draw(st.sampled_from(["eq", "ne", "in", "not_in"]))
        some = draw(st.lists(values, min_size=1, max_size=3, unique=True))
        return Asked(field, op, tuple(some) if op in ("in", "not_in") else some[0])
    op = draw(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge", "between"]))
    first, last = sorted(draw(st.tuples(values, values)))
    return Asked(field, op, (first, last) if op == "between" else first)


@st.composite
def left(draw: st.DrawFn, field: str) -> tuple[Room, list[Any]]:
    """What a company may leave of a fact: the room, and the exact values in it."""
    values = VALUES[field]
    if isinstance(values[0], str):
        keys = draw(st.frozensets(st.sampled_from(values), min_size=1))
        return Room(keys=keys), sorted(keys)
    low, high = sorted(draw(st.tuples(*[st.sampled_from(named(field))] * 2)))
    first, last = draw(st.sampled_from([(low, high), (low, None), (None, high), (low, low)]))
    inside = [one for one in values if (first is None or first <= one) and (last is None or one <= last)]
    return Room(first, last), inside


def expected(alternatives: list[Asked], possible: dict[str, list[Any]]) -> str:
    """Met if every company that is possible meets one of the alternatives, failed if none does."""
    fields = [one.field for one in alternatives]
    answers = {
        any(one.holds(value) for one, value in zip(alternatives, values, strict=True))
        for values in itertools.product(*(possible.get(field, VALUES[field]) for field in fields))
    }
    return {frozenset({True}): "met", frozenset({False}): "failed"}.get(frozenset(answers), "unknown")


@given(data=st.data())
def test_a_verdict_is_what_every_company_in_the_range_gets(terms: Terms, data: st.DataObject) -> None:
    fields = data.draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True))
    alternatives = [data.draw(asked(field)) for field in fields]
    known = data.draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    told = {name: data.draw(left(name)) for name in known}
    rooms = {name: room for name, (room, _) in told.items()}
    found = check(
        Rule("", tests=tuple(one.test for one in alternatives)),
        Company(Told(rooms), terms.standards, terms.taxonomy),
    )
    wanted = expected(alternatives, {name: values for name, (_, values) in told.items()})
    assert found.verdict == wanted
    assert bool(found.awaits) == (wanted == "unknown")
    assert set(found.awaits) <= set(fields)


# -- narrowing ---------------------------------------------------------------------------------------

CITIES = ("430100", "420100", "350500", "440300", "330100")


@pytest.fixture(scope="module")
def real_rules(shipped: Base) -> list[Rule]:
    """Every rule of what is shipped, each once."""
    taxonomy = shipped.terms.taxonomy
    rules = {
        rule: None
        for held in entries.all_current(shipped.db)
        for relief in held.entry.reliefs
        for rule in rules_of(held.entry, relief, taxonomy)
    }
    assert len(rules) > 100
    return list(rules)


@st.composite
def exact_companies(draw: st.DrawFn, terms: Terms) -> Told:
    """A company that knows every fact of itself, its classes those that follow from its figures."""
    rooms = {}
    for fact in terms.taxonomy.facts.values():
        if fact.key not in ("size", "low_profit", "region", "industry", "certificates"):
            rooms[fact.key] = draw(exact_rooms(fact, terms.taxonomy))
    held = draw(st.frozensets(st.sampled_from(sorted(terms.taxonomy.facts["certificates"].choices))))
    segment = draw(st.sampled_from([*terms.standards.segments, *terms.taxonomy.outside]))
    told = Told(rooms, draw(st.sampled_from(CITIES)), frozenset({segment}), held)
    derived = Company(told, terms.standards, terms.taxonomy).derived
    if "size" in derived:
        size = draw(st.sampled_from(sorted(derived["size"].room.keys or ())))
        rooms["size"] = Room(keys=frozenset({size}))
    rooms["low_profit"] = derived["low_profit"].room
    return told


@st.composite
def exact_rooms(draw: st.DrawFn, fact: Fact, taxonomy: Taxonomy) -> Room:
    if fact.type not in ORDERED:
        keys = ["True", "False"] if fact.type == "bool" else sorted(choices_of(fact, taxonomy))
        return Room(keys=frozenset({draw(st.sampled_from(keys))}))
    value: Any = draw(
        {
            "date": st.dates(date(2019, 1, 1), date(2027, 1, 1)),
            "rate": st.decimals(0, 1, places=3),
        }.get(fact.type, st.sampled_from([0, 1, 12, 30, 31, 250, 500, 10**5, 3 * 10**6, 10**8]).map(Decimal))
    )
    return Room(value, value)


@st.composite
def partly(draw: st.DrawFn, whole: Told, wider: Told | None, taxonomy: Taxonomy) -> Told:
    """Some of what ``whole`` knows, and no less than ``wider`` knows already."""
    rooms = {}
    for name, room in whole.rooms.items():
        known = wider.rooms.get(name) if wider else None
        how = draw(st.sampled_from(["exact", "wide", "none"]))
        loose = {"exact": room, "wide": draw(around(room, taxonomy.facts[name], taxonomy))}.get(how)
        both = [one for one in (known, loose) if one is not None]
        if both:
            rooms[name] = meet(both[0], both[-1])
    steps = ["", whole.region[:2] + "0000", whole.region]
    least = steps.index(wider.region) if wider else 0
    region = draw(st.sampled_from(steps[least:]))
    segments = wider.segments if wider and wider.segments else draw(some_or_none(whole.segments, frozenset()))
    known_held = wider.certificates if wider else None
    held = known_held if known_held is not None else draw(some_or_none(whole.certificates, None))
    return Told(rooms, region, segments, held)


def some_or_none(value: Any, nothing: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([value, nothing])


@st.composite
def around(draw: st.DrawFn, room: Room, fact: Fact, taxonomy: Taxonomy) -> Room:
    """A room with ``room`` in it."""
    if room.keys is not None:
        every = {"True", "False"} if fact.type == "bool" else set(choices_of(fact, taxonomy))
        return Room(keys=room.keys | draw(st.frozensets(st.sampled_from(sorted(every)))))
    if isinstance(room.low, Decimal):
        down, up = draw(st.tuples(*[st.sampled_from([0, 1, 20, 300, None])] * 2))
        return Room(None if down is None else room.low - down, None if up is None else room.low + up)
    return Room(None, room.high) if draw(st.booleans()) else Room(room.low, None)


@given(data=st.data())
def test_telling_more_never_changes_or_unmakes_a_decision(
    terms: Terms, real_rules: list[Rule], data: st.DataObject
) -> None:
    whole = data.draw(exact_companies(terms))
    less = data.draw(partly(whole, None, terms.taxonomy))
    more = data.draw(partly(whole, less, terms.taxonomy))
    companies = [Company(told, terms.standards, terms.taxonomy) for told in (less, more, whole)]
    assert not any(one.contradiction(name) for one in companies for name in ("size", "low_profit"))
    for rule in real_rules:
        answers = [check(rule, company).verdict for company in companies]
        for before, after in itertools.pairwise(answers):
            assert before in ("unknown", after), (rule, answers)


@given(data=st.data())
def test_who_knows_everything_leaves_nothing_unknown(
    terms: Terms, real_rules: list[Rule], data: st.DataObject
) -> None:
    whole = data.draw(exact_companies(terms))
    assume("size" in whole.rooms)
    company = Company(whole, terms.standards, terms.taxonomy)
    assert {check(rule, company).verdict for rule in real_rules} <= {"met", "failed", "manual"}


FACTS = (
    ("region", "长沙"),
    ("industry", "数据中心"),
    ("headcount", "10-29"),
    ("revenue", "60-200万"),
    ("size", "小型、微型"),
    ("insured", "是"),
    ("certificates", "高新技术企业"),
    ("taxpayer", "小规模纳税人"),
)


@given(order=st.permutations(FACTS))
def test_the_order_of_facts_does_not_matter(
    terms: Terms, real_rules: list[Rule], order: list[tuple[str, str]]
) -> None:
    one, other = company_of(terms, *FACTS), company_of(terms, *order)
    assert [check(rule, one) for rule in real_rules] == [check(rule, other) for rule in real_rules]
    rules = real_rules[:40]
    ahead, back = ([check(rule, one) for rule in some] for some in (rules, rules[::-1]))
    assert outcome_of(ahead) == outcome_of(back)
