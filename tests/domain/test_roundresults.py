"""What is published of a round: nothing under five, nothing that can be computed, 2020 beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.comparison import compared
from kb.domain.roundresults import REST, Named, Results, results_of
from kb.domain.rounds import CROSSINGS, OPERATING, Round, obstacle_label, obstacles_to_ask, segments_to_ask
from kb.domain.statistics import Voice
from kb.domain.survey import Survey
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.withholding import LEAST
from kb.store.terms import Terms

OBSTACLES = ("arrears", "hiring", "returning-staff")
HELD = Round(1, "试验", NATION, date(2026, 11, 1), date(2026, 11, 20), "s", OBSTACLES, {"": 200})
VOICES = st.lists(
    st.builds(
        Voice,
        region=st.sampled_from(["430000", "110000", "310000", "540000"]),
        size=st.sampled_from(["", "micro", "small", "medium", "large"]),
        segment=st.sampled_from(["software", "construction", ""]),
        needs=st.lists(st.sampled_from(OBSTACLES), unique=True).map(tuple),
        difficulty=st.integers(0, 10),
        operating=st.sampled_from(OPERATING),
    ),
    max_size=90,
)


def voices(number: int, **changes: object) -> list[Voice]:
    base: dict[str, object] = {"region": "430000", "size": "small", "segment": "software", "difficulty": 6}
    return [Voice(**{**base, "operating": "normal", **changes})] * number  # type: ignore[arg-type]


def numbers_in(results: Results) -> list[int]:
    """Every count that readers are told."""
    groups = (*results.operating, *results.by_size, *results.by_region, *results.by_segment)
    named = (*results.obstacles, results.stopped)
    told = [one.count for one in (*groups, *results.cells, *named)]
    told += [count for one in named for count in one.by_size.values()]
    return [one for one in told if one is not None]


@settings(max_examples=80)
@given(VOICES, st.sampled_from(list(CROSSINGS)))
def test_no_number_that_is_told_stands_for_fewer_than_five(said: list[Voice], crossing: str) -> None:
    results = results_of(HELD, said, crossing)
    assert (results is None) == (len(said) < LEAST)
    if results:
        assert min(numbers_in(results)) >= LEAST


@settings(max_examples=80)
@given(VOICES)
def test_neither_those_who_say_it_nor_those_who_do_not_are_fewer_than_five(said: list[Voice]) -> None:
    results = results_of(HELD, said)
    for one in results.obstacles if results and results.obstacles else ():
        if one.count is not None:
            assert LEAST <= one.count <= len(said) - LEAST
            sizes = {group.key: group.count for group in results.by_size} if results else {}
            assert all(n is None or LEAST <= n <= sizes[key] - LEAST for key, n in one.by_size.items())


@settings(max_examples=60)
@given(VOICES)
def test_the_groups_of_a_field_add_up_to_all_answers(said: list[Voice]) -> None:
    results = results_of(HELD, said)
    if results:
        for groups in (results.operating, results.by_size, results.by_region, results.by_segment):
            assert sum(one.count for one in groups) == len(said)


@given(VOICES, st.sampled_from(list(CROSSINGS)))
def test_what_is_kept_in_the_store_comes_back_as_it_was(said: list[Voice], crossing: str) -> None:
    results = results_of(HELD, said, crossing)
    if results:
        assert Results.model_validate_json(results.model_dump_json()) == results


def test_a_small_province_is_told_with_others_and_its_name_is_not() -> None:
    results = results_of(HELD, voices(20) + voices(7, region="110000") + voices(2, region="540000"))
    assert results
    assert {one.key: one.count for one in results.by_region} == {"430000": 20, REST: 9}


def test_no_table_crosses_more_than_two_of_region_size_and_kind() -> None:
    assert all(pair is None or len(pair) == 2 for pair in CROSSINGS.values())
    fields = set(Results.model_fields)
    assert {name for name in fields if name.startswith("by_")} == {"by_size", "by_region", "by_segment"}
    assert {name for name in Named.model_fields if name.startswith("by_")} == {"by_size"}


def test_a_crossing_is_told_over_the_same_groups_as_the_tables_of_one_field() -> None:
    said = [
        one
        for region in ("430000", "110000", "310000")
        for size in ("micro", "small", "medium")
        for one in voices(8, region=region, size=size)
    ]
    results = results_of(HELD, said + voices(3, region="540000"), "region-size")
    assert results
    assert {one.row for one in results.cells} == {one.key for one in results.by_region}
    assert {one.column for one in results.cells} == {one.key for one in results.by_size}
    assert results.crossed == "region-size"


def test_a_crossing_of_nothing_but_small_cells_is_left_out() -> None:
    results = results_of(HELD, voices(5) + voices(5, region="110000", size="micro"), "region-size")
    assert results
    assert results.crossed == ""
    assert results.cells == ()


def test_those_who_stopped_are_not_told_by_size_where_they_are_joined_with_others() -> None:
    said = voices(20) + voices(6, operating="stopped") + voices(2, operating="partly")
    results = results_of(HELD, said)
    assert results
    assert [one.key for one in results.operating] == ["normal", REST]
    assert results.stopped.count is None


def test_the_share_of_members_is_known_only_where_the_invitations_were_counted() -> None:
    results = results_of(HELD, voices(50))
    assert results
    assert results.member_share == Decimal(25)
    assert results.model_copy(update={"invited": None}).member_share is None


# -- beside 2020 -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survey(terms: Terms) -> Survey:
    assert terms.survey
    return terms.survey


def a_round(**changes: object) -> Results:
    said = (
        voices(30, needs=("returning-staff", "arrears"))
        + voices(30, size="micro", operating="stopped", difficulty=9)
        + voices(10, size="micro", region="110000")
        + voices(10, operating="partly")
    )
    results = results_of(HELD, said)
    assert results
    return results.model_copy(update=changes)


def test_only_what_2020_printed_and_the_round_asked_alike_is_compared(survey: Survey) -> None:
    found = compared(a_round(), survey, NATION)
    assert [(one.key, one.now, one.then) for one in found.obstacles] == [
        ("returning-staff", Decimal("37.5"), Decimal("53.3"))
    ]
    assert set(found.new) == {"arrears", "hiring"}
    assert "疫情严重地区的员工不准进入" in found.unasked
    assert found.difficulty
    assert found.difficulty.then == Decimal("6.6")
    assert found.stopped
    assert (found.stopped.now, found.stopped.then) == (Decimal("37.5"), Decimal("32.5"))


def test_what_2020_gives_as_about_stays_about(survey: Survey) -> None:
    found = {one.key: one for one in compared(a_round(), survey, NATION).difficulty_by_size}
    assert (found["small"].about, found["micro"].about) == (True, False)


def test_a_figure_that_is_withheld_is_not_compared_either(survey: Survey) -> None:
    hidden = a_round(obstacles=(Named(key="returning-staff", count=None),))
    found = compared(hidden, survey, NATION)
    assert found.obstacles == ()
    assert found.hidden == ("returning-staff",)


def test_a_branchs_round_is_held_only_against_its_provinces_difficulty(survey: Survey) -> None:
    found = compared(a_round(), survey, "430000")
    assert found.difficulty
    assert found.difficulty.then == Decimal("4.5")
    assert (found.obstacles, found.stopped, found.difficulty_by_size) == ((), None, ())
    assert compared(a_round(), survey, "540000").difficulty is None


def test_without_the_survey_nothing_is_compared() -> None:
    assert compared(a_round(), None, NATION).difficulty is None


# -- what is asked ---------------------------------------------------------------------------------


def test_a_round_asks_the_obstacles_of_2020_and_todays_list(taxonomy: Taxonomy, survey: Survey) -> None:
    asked = obstacles_to_ask(taxonomy, survey)
    today = {term.key for term in taxonomy.needs} - taxonomy.needs_2020
    printed = {one.need for one in survey.obstacles.values if one.need}
    assert set(asked) == today | printed
    assert set(obstacles_to_ask(taxonomy, None)) == set(taxonomy.needs.by_key)


def test_an_obstacle_of_2020_is_asked_in_the_words_that_were_printed(
    taxonomy: Taxonomy, survey: Survey
) -> None:
    assert obstacle_label("returning-staff", taxonomy, survey) == "外地员工返岗隔离"
    assert obstacle_label("arrears", taxonomy, survey) == taxonomy.needs.label("arrears")


def test_basic_operators_are_not_asked_as_in_2020(taxonomy: Taxonomy) -> None:
    keys = {term.key for term in segments_to_ask(taxonomy)}
    assert "operator" not in keys
    assert "construction" in keys
    assert not keys & taxonomy.outside


@pytest.mark.parametrize(("day", "state"), [(31, "upcoming"), (1, "open"), (20, "open"), (21, "closed")])
def test_a_round_is_open_from_its_first_day_to_its_last(day: int, state: str) -> None:
    asked = date(2026, 10 if day == 31 else 11, day)
    assert HELD.state_on(asked) == state
