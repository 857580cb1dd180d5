"""Companies against everything that is shipped: what is offered, in which order, and what is asked next."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kb.domain.company import CLASSES, Company
from kb.domain.eligibility import check
from kb.domain.room import Room
from kb.domain.telling import tell
from kb.matching.catalogue import Catalogue, Shelf
from kb.matching.match import Match, Matches, match
from kb.store.terms import Terms
from tests.conftest import SPRING, TODAY, Base

HUNAN = (("region", "湖南省长沙市"), ("size", "小型"), ("industry", "通信工程"))
DAYS = (date(2020, 2, 10), SPRING, date(2020, 6, 25), date(2020, 8, 1), date(2023, 5, 1), TODAY)
LISTS = ("matches", "unchecked", "upcoming", "ineligible", "just_ended")


@pytest.fixture(scope="module")
def catalogue(shipped: Base) -> Catalogue:
    return Shelf(shipped.terms.taxonomy).catalogue(shipped.db)


def asked(catalogue: Catalogue, terms: Terms, day: date, *facts: tuple[str, str], need: str = "") -> Matches:
    company = Company(tell(terms.taxonomy, facts, need=need), terms.standards, terms.taxonomy)
    return match(catalogue, company, day)


@pytest.fixture(scope="module")
def in_spring(catalogue: Catalogue, terms: Terms) -> Matches:
    """The company of the issue: Changsha, small, network building, on 2020-03-10."""
    return asked(catalogue, terms, SPRING, *HUNAN, need="减税和社保")


def by_id(matches: tuple[Match, ...]) -> dict[str, Match]:
    return {one.offer.id: one for one in matches}


# -- the company -----------------------------------------------------------------------------


def test_the_exemption_of_2020_is_there_with_every_condition_explained(in_spring: Matches) -> None:
    one = by_id(in_spring.matches)["nat-2020-mohrss-11#exempt-sme"]
    assert (one.outcome, one.fits, one.group, one.missing) == ("possible", True, "automatic", ("insured",))
    assert [(checked.verdict, checked.needed, checked.yours) for checked in one.checked] == [
        ("met", "全国（不含湖北省）", "湖南省长沙市"),
        ("met", "企业规模 微型、小型、中型", "小型"),
        ("unknown", "是否参加企业职工社会保险 是", ""),
    ]
    assert one.checked[2].rule.source == "参加企业职工基本养老、失业、工伤保险的单位，不含机关事业单位"
    assert one.status.end == date(2020, 6, 30)


def test_nothing_is_from_elsewhere_unknown_that_day_or_over(in_spring: Matches) -> None:
    everything = [one for name in LISTS for one in getattr(in_spring, name)]
    assert len(everything) > 50
    for one in everything:
        assert set(one.offer.regions) <= {"100000", "430000", "430100"}
        assert one.offer.known_on <= SPRING
    for one in (*in_spring.matches, *in_spring.unchecked, *in_spring.ineligible):
        assert one.status.status in ("open", "unstated")
        assert one.status.end is None or one.status.end >= SPRING
        assert one.status.start is None or one.status.start <= SPRING
    assert any(one.offer.regions == ("430000",) for one in everything)
    assert "nat-2020-mohrss-11#exempt-sme-hubei" not in by_id(tuple(everything))


def test_what_fails_is_named(in_spring: Matches) -> None:
    (failing,) = by_id(in_spring.ineligible)["nat-2020-mohrss-11#half-large"].failing
    assert (failing.rule.text, failing.needed, failing.yours) == ("企业规模是大型", "企业规模 大型", "小型")


def test_what_ended_lately_is_kept_apart(in_spring: Matches) -> None:
    assert in_spring.just_ended
    for one in in_spring.just_ended:
        assert one.status.end
        assert timedelta(0) < SPRING - one.status.end <= timedelta(days=180)


# -- the three kinds of small ------------------------------------------------------------------------


def test_a_medium_company_is_not_refused_what_low_profit_companies_get(
    catalogue: Catalogue, terms: Terms
) -> None:
    facts = ("headcount", "250"), ("taxable_income", "200万"), ("assets", "3000万")
    sized = ("industry", "软件"), ("revenue", "3000万")
    for more in ((), sized):
        open_trade = asked(catalogue, terms, TODAY, *facts, *more)
        one = by_id(open_trade.matches)["nat-2026-mof-sta-2023-12#low-profit-income-tax"]
        assert (one.outcome, one.missing) == ("possible", ("sector_restricted",))
        told = asked(catalogue, terms, TODAY, *facts, *more, ("sector_restricted", "否"))
        one = by_id(told.matches)["nat-2026-mof-sta-2023-12#low-profit-income-tax"]
        assert (one.outcome, one.missing) == ("eligible", ())
    assert told.company.derived["size"].room == Room(keys=frozenset({"medium"}))


def test_ten_to_twenty_nine_people_decides_the_thirty_rule(catalogue: Catalogue, terms: Terms) -> None:
    found = asked(catalogue, terms, TODAY, ("headcount", "10-29"))
    one = by_id(found.matches)["nat-2026-mof-2023-8#exempt-thirty"]
    assert (one.outcome, one.missing) == ("eligible", ())
    assert (one.checked[0].needed, one.checked[0].yours) == ("从业人数 不超过 30 人", "10—29 人")
    assert {"nat-2026-mof-2023-8#half", "nat-2026-mof-2023-8#ninety-percent"} <= set(by_id(found.ineligible))


# -- the lists ---------------------------------------------------------------------------------------

COMPANIES = (
    (),
    HUNAN,
    (("region", "广东"), ("headcount", "100-299"), ("industry", "软件")),
    (("region", "福建漳州"), ("headcount", "300+"), ("industry", "通信设备")),
)
FIGURES = (("insured", "是"), ("rent", "2万"), ("social_contributions", "2万"))


@pytest.fixture(params=list(itertools.product(DAYS, COMPANIES)), ids=str)
def found(request: pytest.FixtureRequest, catalogue: Catalogue, terms: Terms) -> Matches:
    day, facts = request.param
    return asked(catalogue, terms, day, *facts, *FIGURES, need="税和社保负担")


def test_every_relief_is_in_one_list_and_in_the_right_one(found: Matches, catalogue: Catalogue) -> None:
    ids = [one.offer.id for name in LISTS for one in getattr(found, name)]
    assert len(ids) == len(set(ids))
    assert {one.outcome for one in found.matches} <= {"eligible", "possible"}
    assert all(one.status.current for one in found.matches)
    assert all(one.status.stale and one.outcome == "possible" for one in found.unchecked)
    assert all(one.status.status == "upcoming" and one.status.start > found.day for one in found.upcoming)  # type: ignore[operator]
    for one in found.ineligible:
        assert one.status.current
        assert one.failing
        assert not any(checked.rule.places for checked in one.failing)


def test_what_is_in_no_list_is_over_from_elsewhere_or_failed(found: Matches, catalogue: Catalogue) -> None:
    listed = {one.offer.id for name in LISTS for one in getattr(found, name)}
    for standing in catalogue.on(found.day):
        if standing.offer.id in listed or standing.status.status == "expired":
            continue
        answers = [check(catalogue.rules[rule], found.company) for rule in standing.offer.rules]
        failed = [one for one in answers if one.verdict == "failed"]
        assert failed, standing.offer.id
        waits = standing.status.status == "upcoming" or not standing.status.current
        assert waits or any(one.rule.places for one in failed)


def test_leads_are_last_never_estimated_and_never_eligible(found: Matches) -> None:
    for name in LISTS:
        rows = [one.offer.lead for one in getattr(found, name)]
        assert rows == sorted(rows)
    for one in found.matches:
        if one.offer.lead:
            assert (one.outcome, one.estimate) == ("possible", None)


def test_the_order_is_as_documented(found: Matches) -> None:
    """Eligible, fit, 免减 before 补 before 缓贷, worth, soonest end, widest audience; leads after all."""
    for ahead, behind in itertools.pairwise(found.matches):
        first, second = _documented(ahead), _documented(behind)
        assert first <= second, (ahead.offer.id, behind.offer.id)


def _documented(one: Match) -> tuple[object, ...]:
    end = one.status.end or date.max
    worth = one.estimate.high if one.estimate else Decimal(0)
    sizes = len(one.offer.relief.audience.sizes or CLASSES)
    return one.offer.lead, one.outcome == "possible", not one.fits, one.offer.manner, -worth, end, -sizes


def test_the_lists_of_these_days_are_not_empty(catalogue: Catalogue, terms: Terms) -> None:
    """So that the tests above can fail."""
    held = dict.fromkeys(LISTS, False)
    traits = set()
    for day, facts in itertools.product(DAYS, COMPANIES):
        here = asked(catalogue, terms, day, *facts, *FIGURES)
        held = {name: held[name] or bool(getattr(here, name)) for name in LISTS}
        traits |= {(one.outcome, one.offer.lead, one.estimate is None) for one in here.matches}
    assert all(held.values()), held
    assert traits >= {
        ("eligible", False, False),
        ("eligible", False, True),
        ("possible", False, False),
        ("possible", True, True),
    }


def test_free_words_fit_the_entries_that_were_found_for_them(catalogue: Catalogue, terms: Terms) -> None:
    taxonomy = terms.taxonomy
    company = Company(tell(taxonomy, HUNAN, need="房东不肯降价"), terms.standards, taxonomy)
    fitting = [one for one in match(catalogue, company, SPRING, ["hn-2020-3"]).matches if one.fits]
    assert {one.offer.entry for one in fitting} == {"hn-2020-3"}


@pytest.mark.parametrize(
    ("change", "outcome", "estimated"),
    [
        ({}, "eligible", True),
        ({"lead": True}, "possible", False),
        ({"doubts": ("benefit",)}, "possible", True),
    ],
)
def test_a_thin_or_doubtful_record_is_possible_and_a_thin_one_not_estimated(
    catalogue: Catalogue, terms: Terms, change: dict[str, Any], outcome: str, estimated: bool
) -> None:
    offers = (one for one in catalogue.offers if one.id == "nat-2020-mohrss-11#exempt-sme")
    changed = Catalogue(1, catalogue.rules, [replace(one, **change) for one in offers])
    (one,) = asked(changed, terms, SPRING, *HUNAN, *FIGURES).matches
    assert (one.outcome, one.estimate is not None) == (outcome, estimated)
