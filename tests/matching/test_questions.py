"""What to ask next: against brute force over every answer that could matter."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kb.domain.company import Company
from kb.domain.eligibility import check
from kb.domain.room import ORDERED, Room, listed
from kb.domain.taxonomy import Fact
from kb.domain.telling import choices_of
from kb.matching.catalogue import Catalogue
from kb.matching.match import Match, Matches, match
from kb.store.terms import Terms
from tests.conftest import SPRING, TODAY
from tests.matching.test_match import HUNAN, asked, catalogue

__all__ = ["catalogue"]  # the fixture


def answers_to(fact: Fact, terms: Terms, found: Matches) -> list[Room]:
    """Every answer that could matter: each key, and figures at and around what the rules name."""
    if fact.type == "bool":
        return [Room(keys=frozenset({one})) for one in ("True", "False")]
    if fact.type not in ORDERED:
        return [Room(keys=frozenset({one})) for one in choices_of(fact, terms.taxonomy)]
    named = {
        bound
        for one in found.matches
        for checked in one.checked
        for test in checked.rule.tests
        if test.field == fact.key
        for bound in listed(test.value)
    }
    named |= {
        floor
        for sector in terms.standards.sectors.values()
        for floors in sector.floors.values()
        for name, floor in floors.items()
        if name == fact.key
    }
    if fact.type == "date":
        values = [date.fromisoformat(str(one)) for one in named]
        near: list[object] = [one + timedelta(days=step) for one in values for step in (-1, 0, 1)]
    else:
        near = [Decimal(str(one)) + step for one in named for step in (-1, 0, 1)]
    return [Room(one, one) for one in near]  # type: ignore[arg-type]


def told_also(found: Matches, fact: Fact, room: Room, terms: Terms) -> Company:
    told = found.company.told
    facts = dict(told.rooms)
    certificates = told.certificates
    if fact.key == "certificates":
        certificates = room.keys
    else:
        facts[fact.key] = room
    more = type(told)(facts, told.region, told.segments, certificates, told.need)
    return Company(more, terms.standards, terms.taxonomy)


CHANGSHA, ZHANGZHOU = ("region", "湖南长沙"), ("region", "福建漳州")
MAINTENANCE, SOFTWARE = ("industry", "代维"), ("industry", "软件")
ASKED_OF = [
    (SPRING, HUNAN),
    (date(2020, 8, 1), (("region", "广东深圳"), SOFTWARE)),
    (TODAY, (CHANGSHA, MAINTENANCE)),
    (TODAY, (CHANGSHA, MAINTENANCE, ("headcount", "10-29"), ("taxpayer", "一般纳税人"))),
    (TODAY, (ZHANGZHOU, SOFTWARE, ("headcount", "250"), ("assets", "1"), ("taxable_income", "1"))),
]


@pytest.mark.parametrize(("day", "facts"), ASKED_OF)
def test_a_question_counts_the_reliefs_that_wait_for_it(
    catalogue: Catalogue, terms: Terms, day: date, facts: tuple[tuple[str, str], ...]
) -> None:
    """By brute force: some answer to it alone decides an open condition, or leaves it waiting for less."""
    found = asked(catalogue, terms, day, *facts)
    possible = [one for one in found.matches if one.outcome == "possible"]
    counted = {one.field: one.decides for one in found.questions}
    assert len(counted) > 3
    for fact in terms.taxonomy.facts.values():
        if fact.key in ("region", "industry") or _is_exact(found.company.told.rooms.get(fact.key)):
            continue
        companies = [told_also(found, fact, room, terms) for room in answers_to(fact, terms, found)]
        waiting = [one for one in possible if _is_moved(one, companies, fact.key, found.company)]
        assert counted.get(fact.key, 0) == len(waiting), fact.key


def _is_exact(room: Room | None) -> bool:
    return room is not None and (
        len(room.keys or ()) == 1 or (room.low is not None and room.low == room.high)
    )


def _is_moved(one: Match, companies: list[Company], name: str, now: Company) -> bool:
    for checked in one.checked:
        # 小型微利 once its three ceilings are kept waits for the trade alone.
        names = {now.asks_for(test.field) for test in checked.rule.tests}
        if checked.verdict != "unknown" or name not in names:
            continue
        for company in companies:
            after = check(checked.rule, company)
            if after.verdict != "unknown" or len(after.awaits) < len(checked.awaits):
                return True
    return False


@pytest.mark.parametrize(("day", "facts"), ASKED_OF)
def test_an_answer_removes_its_question_and_adds_none_that_was_answered(
    catalogue: Catalogue, terms: Terms, day: date, facts: tuple[tuple[str, str], ...]
) -> None:
    found = asked(catalogue, terms, day, *facts)
    for question in found.questions:
        fact = terms.taxonomy.facts[question.field]
        for room in answers_to(fact, terms, found):
            company = told_also(found, fact, room, terms)
            if company.contradiction(fact.key):
                continue
            after = match(catalogue, company, day)
            assert question.field not in {one.field for one in after.questions}


@pytest.mark.parametrize(("day", "facts"), ASKED_OF)
def test_questions_are_most_awaited_first_and_of_this_list_alone(
    catalogue: Catalogue, terms: Terms, day: date, facts: tuple[tuple[str, str], ...]
) -> None:
    found = asked(catalogue, terms, day, *facts)
    counts = [one.decides for one in found.questions]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] > 0
    waited_for = {name for one in found.matches for name in one.missing}
    assert {one.field for one in found.questions} == waited_for
    assert all(one.label == terms.taxonomy.facts[one.field].label for one in found.questions)


def test_who_says_nothing_is_asked_where_it_is(catalogue: Catalogue, terms: Terms) -> None:
    found = asked(catalogue, terms, TODAY)
    assert found.questions[0].field == "region"
    assert not any(one.offer.regions != ("100000",) and one.outcome == "eligible" for one in found.matches)
