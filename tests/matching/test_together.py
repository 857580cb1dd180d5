"""What is summed and what is not: reliefs that exclude each other are never added up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.company import Company
from kb.domain.entry import Entry
from kb.domain.telling import tell
from kb.matching.catalogue import Shelf
from kb.matching.match import Match, match
from kb.matching.together import Total, exclusive, total_of
from kb.store import entries
from tests.conftest import TODAY, Base, an_entry

RENT = [("rent", "1000")]


def a_policy(number: int, months: int, excludes: Iterable[str] = ()) -> Entry:
    relief = {
        "id": "rent",
        "type": "rent",
        "title": f"免租 {months} 个月",
        "what": "免租。",
        "worth": {"text": f"免{months}个月", "base": "rent", "rate": 1, "months": months},
    }
    return an_entry(
        f"nat-2026-test-{number}",
        doc_number=None,
        issued_on="2026-01-01",
        in_force={"start": "2026-01-01", "end_kind": "long_term"},
        reliefs=[relief],
        relations=[{"type": "excludes", "to": target} for target in excludes],
    )


def matches(base: Base, *policies: Entry, facts: list[tuple[str, str]] = RENT) -> tuple[Match, ...]:
    for policy in policies:
        entries.publish(base.db, policy, "test", "")
    company = Company(tell(base.terms.taxonomy, facts), base.terms.standards, base.terms.taxonomy)
    return match(Shelf(base.terms.taxonomy).catalogue(base.db), company, TODAY).matches


def total(found: tuple[Match, ...]) -> Total:
    summed = total_of(found)
    assert summed
    return summed


def test_what_does_not_exclude_is_added_up(base: Base) -> None:
    found = total(matches(base, a_policy(1, 3), a_policy(2, 2)))
    assert (found.low, found.high) == (Decimal(5000), Decimal(5000))
    assert not found.left_out


def test_of_two_that_exclude_each_other_the_better_is_named(base: Base) -> None:
    found = total(matches(base, a_policy(1, 3), a_policy(2, 5, ["nat-2026-test-1#rent"]), a_policy(3, 1)))
    assert found.high == Decimal(6000)
    ((yields, winner),) = found.left_out
    assert (yields.offer.entry, winner.offer.entry) == ("nat-2026-test-1", "nat-2026-test-2")


def test_two_small_ones_may_be_better_than_the_large_one_that_excludes_both(base: Base) -> None:
    large = a_policy(3, 4, ["nat-2026-test-1", "nat-2026-test-2"])
    found = total(matches(base, a_policy(1, 3), a_policy(2, 2), large))
    assert {one.offer.entry for one in found.chosen} == {"nat-2026-test-1", "nat-2026-test-2"}
    assert found.high == Decimal(5000)


def test_without_a_figure_there_is_no_sum(base: Base) -> None:
    assert total_of(matches(base, a_policy(1, 3), facts=[])) is None


@given(data=st.data())
def test_the_best_combination_is_the_best_there_is(shipped: Base, data: st.DataObject) -> None:
    """Against brute force, over random sets of reliefs and random exclusions between them."""
    found = _valued(shipped)
    places = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True))
    some = [found[place % len(found)] for place in places if place < len(found)] or found[:1]
    pairs = list(combinations([one.offer.id for one in some], 2))
    excluded = set(data.draw(st.lists(st.sampled_from(pairs), unique=True))) if pairs else set()
    tied = [_tied(one, excluded) for one in some]
    summed = total(tuple(tied))
    assert not any(exclusive(a, b) for a, b in combinations(summed.chosen, 2))
    assert summed.low == max(_worth(each) for each in _allowed(tied))


def _allowed(tied: list[Match]) -> list[tuple[Match, ...]]:
    sets = [each for size in range(len(tied) + 1) for each in combinations(tied, size)]
    return [each for each in sets if not any(exclusive(a, b) for a, b in combinations(each, 2))]


def _worth(some: Iterable[Match]) -> Decimal:
    return sum((one.estimate.low for one in some if one.estimate), Decimal(0))


def _tied(one: Match, excluded: set[tuple[str, str]]) -> Match:
    from dataclasses import replace

    ties: tuple[Any, ...] = tuple(("excludes", other) for own, other in excluded if own == one.offer.id)
    return one._replace(offer=replace(one.offer, ties=ties))


def _valued(shipped: Base) -> list[Match]:
    facts = [("rent", "20000"), ("disability_levy", "30000"), ("new_hires", "3"), ("loan_principal", "100万")]
    company = Company(tell(shipped.terms.taxonomy, facts), shipped.terms.standards, shipped.terms.taxonomy)
    found = match(Shelf(shipped.terms.taxonomy).catalogue(shipped.db), company, TODAY).matches
    return [one for one in found if one.estimate and one.estimate.low]


def test_an_extension_and_what_it_extends_are_one_sum(shipped: Base) -> None:
    """11号 and 49号 exempt the same contributions; jin2, jin4 and jin5 subsidise the same loan."""
    facts = [("region", "430100"), ("size", "small"), ("insured", "是"), ("social_contributions", "20000")]
    summed = total(_on(shipped, [*facts, ("electricity_cost", "10000")], date(2020, 8, 1)))
    assert summed.high == Decimal(225_500)
    loan = total(_on(shipped, [("region", "430100"), ("loan_principal", "500万")], TODAY))
    assert [one.offer.relief.worth.base for one in loan.chosen if one.offer.relief.worth].count(
        "loan_principal"
    ) == 1


def _on(shipped: Base, facts: list[tuple[str, str]], day: date) -> tuple[Match, ...]:
    company = Company(tell(shipped.terms.taxonomy, facts), shipped.terms.standards, shipped.terms.taxonomy)
    return match(Shelf(shipped.terms.taxonomy).catalogue(shipped.db), company, day).matches
