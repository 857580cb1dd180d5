"""Rules that can be true, places inside the issuer's, 万元 and 元."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.checks import check_entry
from kb.domain.relief import Comparison
from kb.domain.room import Room, meet, room_of
from kb.domain.sense import amounts_in, issuer_region
from kb.domain.taxonomy import Taxonomy
from tests.conftest import an_entry


def relief(**changes: Any) -> dict[str, Any]:
    return {"id": "defer", "type": "tax", "title": "缓交", "what": "缓交三个月。", **changes}


def messages(taxonomy: Taxonomy, **changes: Any) -> list[str]:
    return [finding.message for finding in check_entry(an_entry(**changes), taxonomy)]


def rule(field: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"text": "条件", "field": field, "op": op, "value": value, **more}


numbers = st.integers(min_value=-3, max_value=3)
tests_of_a_number = st.one_of(
    st.tuples(st.sampled_from(["eq", "lt", "le", "gt", "ge"]), numbers),
    st.tuples(st.just("between"), st.tuples(numbers, numbers).map(lambda pair: tuple(sorted(pair)))),
)


def holds(test: tuple[str, Any], value: Fraction) -> bool:
    op, given_value = test
    if op == "between":
        return bool(given_value[0] <= value <= given_value[1])
    return bool(
        {
            "eq": value == given_value,
            "lt": value < given_value,
            "le": value <= given_value,
            "gt": value > given_value,
            "ge": value >= given_value,
        }[op]
    )


@given(st.lists(tests_of_a_number, min_size=1, max_size=4))
def test_rules_about_a_number_contradict_exactly_when_no_number_fits(
    taxonomy: Taxonomy, rules: list[tuple[str, Any]]
) -> None:
    fact = taxonomy.facts["headcount"]
    room = Room()
    for op, value in rules:
        test = Comparison.model_validate({"field": "headcount", "op": op, "value": value})
        room = meet(room, room_of(test, fact, frozenset()))
    halves = (Fraction(step, 4) for step in range(-20, 21))
    assert room.is_empty == (not any(all(holds(one, value) for one in rules) for value in halves))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["eq", "ne", "in", "not_in"]),
            st.sets(st.sampled_from(["micro", "small", "medium", "large"]), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_rules_about_a_choice_contradict_exactly_when_no_choice_fits(
    taxonomy: Taxonomy, rules: list[tuple[str, set[str]]]
) -> None:
    fact, every = taxonomy.facts["size"], frozenset(taxonomy.sizes.by_key)
    room, left = Room(), set(every)
    for op, values in rules:
        chosen = {min(values)} if op in ("eq", "ne") else values
        value = min(values) if op in ("eq", "ne") else tuple(sorted(values))
        test = Comparison.model_validate({"field": "size", "op": op, "value": value})
        room = meet(room, room_of(test, fact, every))
        left &= chosen if op in ("eq", "in") else every - chosen
    assert room.is_empty == (not left)


def test_conditions_that_cannot_all_hold_are_found(taxonomy: Taxonomy) -> None:
    conditions = [rule("headcount", "le", 300), rule("headcount", "gt", 300)]
    assert "不可能同时满足" in messages(taxonomy, reliefs=[relief(conditions=conditions)])[0]
    sound = [rule("headcount", "le", 300), rule("headcount", "ge", 300)]
    assert not messages(taxonomy, reliefs=[relief(conditions=sound)])


def test_a_condition_may_not_contradict_the_audience(taxonomy: Taxonomy) -> None:
    small = {"sizes": ["micro", "small"]}
    bad = relief(audience=small, conditions=[rule("size", "eq", "large")])
    assert "不可能同时满足" in messages(taxonomy, reliefs=[bad])[0]


def test_one_possible_alternative_is_enough(taxonomy: Taxonomy) -> None:
    either = {
        "text": "两者之一",
        "any": [
            {"field": "headcount", "op": "gt", "value": 300},
            {"field": "low_profit", "op": "eq", "value": True},
        ],
    }
    assert not messages(taxonomy, reliefs=[relief(conditions=[rule("headcount", "le", 300), either])])
    neither = {"text": "两者之一", "any": [{"field": "headcount", "op": "gt", "value": 300}]}
    assert messages(taxonomy, reliefs=[relief(conditions=[rule("headcount", "le", 300), neither])])


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (rule("headcount", "le", "三百"), "要写数字"),
        (rule("founded_on", "ge", "2019年"), "这样的日期"),
        (rule("layoff_rate", "le", 5.5), "5.5% 写 0.055"),
        (rule("headcount", "between", [300, 10]), "小的在前"),
        (rule("headcount", "le", [10, 20]), "只写一个数"),
        (rule("taxable_income", "le", 300, source="年应纳税所得额不超过300万元"), "原文是 3000000 元"),
        (rule("revenue", "le", 30000000000, source="营业收入300万元以下"), "原文是 3000000 元"),
    ],
)
def test_a_value_that_does_not_fit_its_fact_is_found(
    taxonomy: Taxonomy, condition: dict[str, Any], said: str
) -> None:
    (found,) = messages(taxonomy, reliefs=[relief(conditions=[condition])])
    assert said in found


def test_worth_in_yuan_must_agree_with_its_words(taxonomy: Taxonomy) -> None:
    wrong = relief(worth={"text": "最高补助20万元", "cap": 20})
    assert messages(taxonomy, reliefs=[wrong]) == ["原文是 200000 元，这里写了 20；金额一律写元"]
    assert not messages(taxonomy, reliefs=[relief(worth={"text": "最高补助20万元", "cap": 200000})])
    assert messages(taxonomy, reliefs=[relief(worth={"text": "5到3", "floor": 5, "cap": 3})])
    assert messages(taxonomy, reliefs=[relief(worth={"text": "减50%", "rate": 50})])


def test_amounts_are_read_in_yuan() -> None:
    assert amounts_in("每人1,500元，最高300万元，总额1.5亿元") == {
        Decimal(1500),
        Decimal(3_000_000),
        Decimal(150_000_000),
    }
    assert amounts_in("招用3人以上，减50%") == frozenset()


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("湖南省财政厅", "430000"),
        ("中共浙江省委", "330000"),
        ("长沙市人民政府", "430100"),
        ("财政部", "100000"),
        ("中国通信企业协会", "100000"),
        ("新疆维吾尔自治区人民政府", "650000"),
    ],
)
def test_an_issuer_is_known_by_its_name(taxonomy: Taxonomy, issuer: str, code: str) -> None:
    assert issuer_region(issuer, taxonomy.regions) == code


def test_a_province_makes_no_rule_for_another(taxonomy: Taxonomy) -> None:
    outside = messages(taxonomy, issuers=["湖南省人民政府"], regions={"include": ["100000"]})
    assert "不在发文机关所在的湖南省之内" in outside[0]
    assert not messages(taxonomy, issuers=["湖南省人民政府"], regions={"include": ["430100"]})
    assert not messages(taxonomy, issuers=["财政部", "湖南省人民政府"], regions={"include": ["430000"]})


def test_a_relief_stays_inside_its_entry(taxonomy: Taxonomy) -> None:
    beyond = relief(audience={"regions": {"include": ["420000"]}})
    found = messages(taxonomy, regions={"include": ["430000"]}, reliefs=[beyond])
    assert found == ["湖北省不在本条目的适用地区之内"]
    within = relief(conditions=[rule("region", "in", ["430100", "430200"])])
    assert not messages(taxonomy, regions={"include": ["430000"]}, reliefs=[within])
