"""What a relief is worth: from given figures only, over the period as known on a day."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.benefit import SUMMED, Estimate, estimate, months_inside, whole_months
from kb.domain.company import Company, Told
from kb.domain.relief import Worth
from kb.domain.room import Room
from kb.domain.timeline import StatusOn, Step
from kb.matching.catalogue import Shelf
from kb.store.terms import Terms
from tests.conftest import SPRING, Base
from tests.domain.test_company import company_of, exactly

FEBRUARY, JUNE, DECEMBER = date(2020, 2, 1), date(2020, 6, 30), date(2020, 12, 31)


def worth_of(**figures: Any) -> Worth:
    return Worth.model_validate({"text": "照文件", **figures})


def found(
    terms: Terms,
    worth: Worth | None,
    *facts: tuple[str, str],
    start: date | None = FEBRUARY,
    end: date | None = JUNE,
    now_end: date | None = None,
) -> Estimate | None:
    """The estimate for a company in words; ``now_end`` where the end was moved."""
    first = Step(FEBRUARY, start, end, "dated" if end else "unstated", "one")
    now = StatusOn("open", True, start=start, end=now_end or end)
    return estimate(worth, company_of(terms, *facts), first, now)


def known(one: Estimate | None) -> Estimate:
    assert one is not None
    return one


RENT = worth_of(base="rent", rate=1, months=3)


def test_a_monthly_figure_counts_for_its_months(terms: Terms) -> None:
    one = known(found(terms, RENT, ("rent", "2万")))
    assert (one.low, one.high, one.months) == (60_000, 60_000, 3)
    assert one.formula == "月租金 2 万元/月 × 100% × 3 个月"
    assert one.a_month == (20_000, 20_000)
    assert one.assumptions == ()


def test_without_months_the_whole_period_counts_and_says_so(terms: Terms) -> None:
    one = known(found(terms, worth_of(base="electricity_cost", rate="0.05"), ("electricity_cost", "10000")))
    assert (one.low, one.months) == (2_500, 5)
    assert one.assumptions == ("按整个期限 2020-02-01 至 2020-06-30 计",)


def test_without_an_end_a_year_is_assumed_and_said(terms: Terms) -> None:
    one = known(found(terms, worth_of(base="rent", rate="0.5"), ("rent", "100"), end=None))
    assert (one.low, one.months, one.assumptions) == (600, 12, ("没有终点，按一年 12 个月计",))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [(date(2020, 9, 16), DECEMBER, 3), (FEBRUARY, date(2020, 3, 30), 1), (date(2020, 2, 7), JUNE, 4)],
)
def test_a_period_that_is_not_whole_months_counts_the_whole_ones_in_it(
    terms: Terms, start: date, end: date, months: int
) -> None:
    one = known(found(terms, worth_of(base="rent", rate=1), ("rent", "100"), start=start, end=end))
    assert (one.low, one.months) == (100 * months, months)
    assert one.assumptions == (f"{start} 至 {end} 只计其中的整月，按 {months} 个月计",)


def test_a_period_without_a_start_counts_from_the_day_it_was_known(terms: Terms) -> None:
    assert known(found(terms, worth_of(base="rent", rate=1), ("rent", "100"), start=None)).months == 5


def test_an_extension_adds_months_and_a_repeal_takes_some(terms: Terms) -> None:
    whole = worth_of(base="rent", rate=1, months=5)
    longer = known(found(terms, whole, ("rent", "100"), now_end=DECEMBER))
    shorter = known(found(terms, whole, ("rent", "100"), now_end=date(2020, 4, 30)))
    assert (longer.months, longer.low, shorter.months) == (11, 1100, 3)
    assert longer.assumptions == ("按整个期限 2020-02-01 至 2020-12-31 计",)


def test_months_that_are_fewer_than_the_period_stay_when_it_moves(terms: Terms) -> None:
    assert known(found(terms, RENT, ("rent", "100"), now_end=DECEMBER)).months == 3


@pytest.mark.parametrize(("day", "months"), [(SPRING, 5), (date(2020, 8, 1), 11)])
def test_the_exemption_of_2020_is_worth_what_was_known_on_the_day(
    shipped: Base, day: date, months: int
) -> None:
    terms = shipped.terms
    standing = next(
        one
        for one in Shelf(terms.taxonomy).catalogue(shipped.db).on(day)
        if one.offer.id == "nat-2020-mohrss-11#exempt-sme"
    )
    company = company_of(terms, ("social_contributions", "2万"))
    one = known(estimate(standing.offer.relief.worth, company, standing.offer.steps[0], standing.status))
    assert (one.low, one.high, one.months) == (20_000 * months, 20_000 * months, months)


# -- other bases -------------------------------------------------------------------------------------


def test_a_head_count_is_multiplied_by_the_yuan_for_each(terms: Terms) -> None:
    one = known(found(terms, worth_of(base="new_hires", each=1500), ("new_hires", "3-5")))
    assert (one.low, one.high, one.months, one.a_month) == (4_500, 7_500, None, None)
    assert one.formula == "新招用人数 3—5 人 × 1,500 元"
    assert one.assumptions == ("按新招用的人全部符合条件计",)


def test_a_figure_a_year_counts_once(terms: Terms) -> None:
    one = known(
        found(terms, worth_of(base="disability_levy", rate="0.5", months=9), ("disability_levy", "8000"))
    )
    assert (one.low, one.months, one.assumptions) == (4_000, None, ("按一年计",))


def test_interest_on_a_loan_counts_for_a_year(terms: Terms) -> None:
    worth = worth_of(base="loan_principal", rate="0.015", cap=100_000)
    one = known(found(terms, worth, ("loan_principal", "300万")))
    assert (one.low, one.assumptions) == (45_000, ("利息按一年计", "最高 100,000 元"))


def test_up_to_may_be_nothing(terms: Terms) -> None:
    one = known(found(terms, worth_of(base="new_hires", each=1500, up_to=True), ("new_hires", "4")))
    assert (one.low, one.high) == (0, 6_000)
    assert "文件写的是不超过，实际可能更少" in one.assumptions


def test_floor_and_cap_bound_both_ends(terms: Terms) -> None:
    worth = worth_of(base="new_hires", each=1000, floor=3000, cap=8000)
    ends = {}
    for people in ("1-5", "5-20", "9", "1"):
        one = known(found(terms, worth, ("new_hires", people)))
        ends[people] = (int(one.low), int(one.high))
    assert ends == {"1-5": (3000, 5000), "5-20": (5000, 8000), "9": (8000, 8000), "1": (3000, 3000)}


def test_a_range_without_an_end_needs_a_cap(terms: Terms) -> None:
    assert found(terms, worth_of(base="new_hires", each=1000), ("new_hires", "5以上")) is None
    one = known(found(terms, worth_of(base="new_hires", each=1000, cap=8000), ("new_hires", "5以上")))
    assert (one.low, one.high) == (5000, 8000)
    assert found(terms, worth_of(base="rent", rate=0, cap=8000), ("rent", "5以上")) is not None


# -- nothing from figures that were not given --------------------------------------------------------


@pytest.mark.parametrize(
    "worth",
    [
        None,
        worth_of(),
        worth_of(base="rent"),
        worth_of(rate=1, months=3),
        worth_of(base="electricity_cost", rate=1),
    ],
)
def test_without_a_formula_or_its_figure_there_is_no_estimate(terms: Terms, worth: Worth | None) -> None:
    assert found(terms, worth, ("rent", "2万"), ("headcount", "30"), ("revenue", "100万")) is None


def test_nothing_to_pay_is_worth_nothing_which_is_not_unknown(terms: Terms) -> None:
    one = known(found(terms, RENT, ("rent", "0")))
    assert (one.low, one.high, one.a_month) == (0, 0, (0, 0))


def test_a_figure_known_only_from_above_is_not_enough(terms: Terms) -> None:
    assert found(terms, RENT, ("rent", "2万以下")) is None


EXEMPT = worth_of(base="social_contributions", rate=1, months=5)
PARTS = (
    ("pension_contribution", "16000"),
    ("unemployment_contribution", "500-700"),
    ("injury_contribution", "200"),
)


def test_the_three_insurances_are_summed(terms: Terms) -> None:
    one = known(found(terms, EXEMPT, *PARTS))
    assert (one.low, one.high) == (5 * 16_700, 5 * 16_900)
    assert one.assumptions == ("三项单位缴费按您填的养老、失业、工伤相加",)


@pytest.mark.parametrize("left_out", SUMMED)
def test_the_sum_needs_all_three(terms: Terms, left_out: str) -> None:
    given = [part for part in PARTS if part[0] != left_out]
    capped = EXEMPT.model_copy(update={"cap": Decimal(90_000)})
    assert found(terms, EXEMPT, *given) is None
    assert found(terms, capped, *given) is None


def test_a_sum_that_was_given_comes_before_its_parts(terms: Terms) -> None:
    one = known(found(terms, EXEMPT, *PARTS, ("social_contributions", "1万")))
    assert (one.low, one.assumptions) == (50_000, ())


def test_a_part_without_an_upper_end_leaves_the_sum_without_one(terms: Terms) -> None:
    parts = {**dict(PARTS), "injury_contribution": "200以上"}
    assert found(terms, EXEMPT, *parts.items()) is None
    capped = EXEMPT.model_copy(update={"cap": Decimal(90_000)})
    one = known(found(terms, capped, *parts.items()))
    assert (one.low, one.high) == (5 * 16_700, 90_000)


# -- shares ------------------------------------------------------------------------------------------


def test_per_person_needs_a_head_count_with_two_ends() -> None:
    one = Estimate(Decimal(1000), Decimal(3000), "", months=3)
    assert one.a_head(Room(Decimal(10), Decimal(20))) == (50, 300)
    assert one.a_month == (333, 1000)
    for heads in (None, Room(Decimal(10)), Room(None, Decimal(10)), Room(Decimal(0), Decimal(10))):
        assert one.a_head(heads) is None


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (FEBRUARY, JUNE, 5),
        (FEBRUARY, date(2020, 2, 29), 1),
        (date(2019, 12, 1), date(2020, 1, 31), 2),
        (FEBRUARY, date(2020, 2, 28), None),
        (date(2020, 2, 2), JUNE, None),
        (JUNE, FEBRUARY, None),
        (None, JUNE, None),
        (FEBRUARY, None, None),
    ],
)
def test_whole_months(start: date | None, end: date | None, months: int | None) -> None:
    assert whole_months(start, end) == months


days = st.dates(date(2019, 1, 1), date(2024, 12, 31))


@given(one=days, other=days)
def test_months_inside_are_those_whose_every_day_is(one: date, other: date) -> None:
    start, end = sorted((one, other))
    firsts = [date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)]
    inside = [
        first
        for first, after in itertools.pairwise(firsts)
        if start <= first and after.toordinal() - 1 <= end.toordinal()
    ]
    assert months_inside(start, end) == len(inside)
    assert whole_months(start, end) in (None, len(inside))


amounts = st.integers(0, 10**9)
WORTHS = st.builds(
    lambda base, rate, months, bounds, up_to: worth_of(
        base=base, rate=rate, months=months, floor=bounds[0], cap=bounds[1], up_to=up_to
    ),
    st.sampled_from(["rent", "disability_levy", "loan_principal", "assets"]),
    st.decimals(0, 2, places=3),
    st.none() | st.integers(1, 12),
    st.tuples(amounts, amounts).map(sorted) | st.just([None, None]),
    st.booleans(),
)


@given(worth=WORTHS, figures=st.lists(amounts, min_size=2, max_size=2))
def test_more_to_pay_is_never_worth_less_and_a_range_is_its_ends(
    terms: Terms, worth: Worth, figures: list[int]
) -> None:
    low, high = sorted(figures)
    assert worth.base
    first, now = Step(FEBRUARY, FEBRUARY, JUNE, "dated", ""), StatusOn("open", True, start=FEBRUARY, end=JUNE)

    def of(rooms: dict[str, Room]) -> Estimate:
        company = Company(Told(rooms), terms.standards, terms.taxonomy)
        return known(estimate(worth, company, first, now))

    less, more = (of(exactly(**{worth.base: one})) for one in (low, high))
    both = of({worth.base: Room(Decimal(low), Decimal(high))})
    assert less.low <= more.low
    assert less.high <= more.high
    assert (both.low, both.high) == (less.low, more.high)
    assert 0 <= both.low <= both.high
    assert worth.cap is None or both.high <= worth.cap
