"""Places, segments, alternatives, certificates, words, and what caps an outcome."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.company import Company, Told
from kb.domain.eligibility import DECIDING_DOUBTS, Checked, Rule, check, outcome_of, rules_of
from kb.domain.relief import Comparison
from kb.domain.taxonomy import Taxonomy
from kb.store.terms import Terms
from tests.conftest import an_entry
from tests.domain.test_company import company_of, exactly

# -- regions -----------------------------------------------------------------------------------------


def relief_rules(taxonomy: Taxonomy, regions: dict[str, Any], **relief: Any) -> tuple[Rule, ...]:
    base = {"id": "one", "type": "tax", "title": "缓交", "what": "缓交。", **relief}
    entry = an_entry(regions=regions, reliefs=[base])
    return rules_of(entry, entry.reliefs[0], taxonomy)


NATION_BUT_HUBEI = {"include": ["100000"], "exclude": ["420000"]}


@pytest.mark.parametrize(
    ("regions", "where", "verdict"),
    [
        ({"include": ["430100"]}, "430100", "met"),
        ({"include": ["430100"]}, "430000", "unknown"),
        ({"include": ["430100"]}, "430200", "failed"),
        ({"include": ["430100"]}, "440000", "failed"),
        ({"include": ["430000"]}, "430100", "met"),
        ({"include": ["430000"]}, "", "unknown"),
        ({"include": ["430000"]}, "100000", "unknown"),
        (NATION_BUT_HUBEI, "420000", "failed"),
        (NATION_BUT_HUBEI, "420100", "failed"),
        (NATION_BUT_HUBEI, "430000", "met"),
        (NATION_BUT_HUBEI, "100000", "unknown"),
        ({"include": ["440000"], "exclude": ["440300"]}, "440000", "unknown"),
        ({"include": ["440000"], "exclude": ["440300"]}, "440300", "failed"),
        ({"include": ["440000"], "exclude": ["440300"]}, "440100", "met"),
    ],
)
def test_a_place_is_met_failed_or_open(
    terms: Terms, regions: dict[str, Any], where: str, verdict: str
) -> None:
    company = Company(Told(region=where), terms.standards, terms.taxonomy)
    (rule,) = relief_rules(terms.taxonomy, regions)
    found = check(rule, company)
    assert found.verdict == verdict
    assert found.awaits == (("region",) if verdict == "unknown" else ())
    assert found.yours == (terms.taxonomy.regions.label(where) if where not in ("", "100000") else "")


def test_a_national_rule_asks_nothing_of_the_place(taxonomy: Taxonomy) -> None:
    assert relief_rules(taxonomy, {"include": ["100000"]}) == ()


def test_a_reliefs_own_places_narrow_its_entrys(terms: Terms) -> None:
    (rule,) = relief_rules(
        terms.taxonomy, {"include": ["440000"]}, audience={"regions": {"exclude": ["440300"]}}
    )
    assert [
        check(rule, company_of(terms, ("region", name))).verdict for name in ("深圳", "广州", "湖南")
    ] == [
        "failed",
        "met",
        "failed",
    ]
    assert check(rule, company_of(terms, ("region", "广州"))).needed == "广东省；全国（不含广东省深圳市）"


# -- segments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "told", "verdict"),
    [
        (["software"], "软件", "met"),
        (["software", "cable"], "光缆、代维", "met"),
        (["software"], "光缆", "manual"),
        (["other-manufacturing"], "光缆", "manual"),
        (["hospitality", "transport"], "光缆", "failed"),
        (["hospitality", "other-outside"], "光缆", "manual"),
        (["hospitality"], "光缆、零售", "manual"),
        (["hospitality"], "外贸", "manual"),
        (["hospitality"], "餐饮", "met"),
    ],
)
def test_a_segment_is_a_tag_that_only_quite_other_trades_rule_out(
    terms: Terms, wanted: list[str], told: str, verdict: str
) -> None:
    company = company_of(terms, ("industry", told))
    nation = {"include": ["100000"]}
    (rule,) = relief_rules(terms.taxonomy, nation, audience={"industries": wanted})
    as_condition = Rule(
        "", tests=(Comparison.model_validate({"field": "industry", "op": "in", "value": wanted}),)
    )
    assert [check(one, company).verdict for one in (rule, as_condition)] == [verdict] * 2
    assert check(rule, company_of(terms)).awaits == ("industry",)


def test_a_trade_that_is_left_out_is_for_a_person_to_compare(terms: Terms) -> None:
    rule = Rule("", tests=(Comparison(field="industry", op="not_in", value=("cable", "software")),))
    told = [(), (("industry", "光缆"),), (("industry", "代维"),)]
    assert [check(rule, company_of(terms, *facts)).verdict for facts in told] == ["unknown", "manual", "met"]


# -- alternatives and certificates -------------------------------------------------------------------

SIX_TAXES = Rule(
    "小规模纳税人、小型微利企业或个体工商户",
    tests=(
        Comparison(field="taxpayer", op="eq", value="small-scale"),
        Comparison(field="low_profit", op="eq", value=True),
        Comparison(field="ownership", op="eq", value="self-employed"),
    ),
)


@pytest.mark.parametrize(
    ("facts", "verdict", "awaits"),
    [
        ((), "unknown", ("taxpayer", "low_profit", "ownership")),
        ((("taxpayer", "小规模纳税人"),), "met", ()),
        ((("taxpayer", "一般纳税人"),), "unknown", ("low_profit", "ownership")),
        ((("taxpayer", "一般纳税人"), ("headcount", "301")), "unknown", ("ownership",)),
        ((("taxpayer", "一般纳税人"), ("headcount", "301"), ("ownership", "民营")), "failed", ()),
        (
            (("headcount", "9"), ("taxable_income", "1"), ("assets", "1"), ("ownership", "民营")),
            "unknown",
            ("taxpayer", "sector_restricted"),
        ),
    ],
)
def test_one_of_several_must_hold(terms: Terms, facts: Any, verdict: str, awaits: tuple[str, ...]) -> None:
    found = check(SIX_TAXES, company_of(terms, *facts))
    assert (found.verdict, found.awaits) == (verdict, awaits)
    assert found.needed == "增值税纳税人类型 小规模纳税人 或 是否小型微利企业 是 或 经济性质 个体工商户"


@pytest.mark.parametrize(
    ("told", "op", "verdict"),
    [
        (None, "has", "unknown"),
        ("none", "has", "failed"),
        ("高新技术企业", "has", "failed"),
        ("高新技术企业、专精特新中小企业", "has", "met"),
        ("none", "not_in", "met"),
        ("专精特新中小企业", "not_in", "failed"),
    ],
)
def test_who_lists_certificates_lists_all(terms: Terms, told: str | None, op: str, verdict: str) -> None:
    facts = [("certificates", told)] if told else []
    rule = Rule(
        "", tests=(Comparison.model_validate({"field": "certificates", "op": op, "value": "specialised"}),)
    )
    assert check(rule, company_of(terms, *facts)).verdict == verdict


def test_what_was_needed_and_what_was_said_are_in_words(terms: Terms) -> None:
    rule = Rule("", "原句", tests=(Comparison(field="headcount", op="le", value=30),))
    found = check(rule, company_of(terms, ("headcount", "10-29")))
    assert (found.needed, found.yours, found.rule.source) == (
        "从业人数 不超过 30 人",
        "10—29 人",
        "原句",
    )
    day = Rule("", tests=(Comparison(field="founded_on", op="ge", value="2020-01-01"),))
    assert check(day, company_of(terms)).needed == "成立日期 不早于 2020-01-01"
    other = Rule("", tests=(Comparison(field="headcount", op="ne", value=30),))
    assert check(other, company_of(terms)).needed == "从业人数 不是 30 人"
    kinds = Rule("", tests=(Comparison(field="ownership", op="not_in", value=("state", "foreign")),))
    assert check(kinds, company_of(terms)).needed == "经济性质 不是 国有、外资"


# -- the outcome -------------------------------------------------------------------------------------

STRUCTURED = Rule("一", tests=(Comparison(field="insured", op="eq", value=True),))


def answers(*verdicts: str, rule: Rule = STRUCTURED) -> list[Checked]:
    return [Checked(rule, one) for one in verdicts]  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["met", "failed", "unknown", "manual"])))
def test_all_met_is_eligible_and_one_failed_ineligible(verdicts: list[str]) -> None:
    wanted = "ineligible" if "failed" in verdicts else "eligible" if set(verdicts) == {"met"} else "possible"
    assert outcome_of(answers(*verdicts)) == wanted


def test_without_structured_conditions_nothing_is_more_than_possible(terms: Terms) -> None:
    company = company_of(terms, ("region", "长沙"))
    rules = relief_rules(terms.taxonomy, {"include": ["430000"]})
    assert [check(rule, company).verdict for rule in rules] == ["met"]
    assert outcome_of(check(rule, company) for rule in rules) == "possible"
    assert outcome_of([]) == "possible"
    assert outcome_of([check(Rule("人工对照"), company)]) == "possible"


def test_leads_and_deciding_doubts_cap_at_possible(taxonomy: Taxonomy) -> None:
    assert {"audience", "conditions", "benefit", "period", "status", "regions"} == DECIDING_DOUBTS
    assert taxonomy.doubts.by_key.keys() >= DECIDING_DOUBTS
    for doubt in taxonomy.doubts.by_key:
        wanted = "possible" if doubt in DECIDING_DOUBTS else "eligible"
        assert outcome_of(answers("met"), [doubt]) == wanted
        assert outcome_of(answers("met", "failed"), [doubt]) == "ineligible"
    assert outcome_of(answers("met"), lead=True) == "possible"
    assert outcome_of(answers("failed"), lead=True) == "ineligible"


def test_the_audience_is_conditions_too(terms: Terms) -> None:
    rules = relief_rules(
        terms.taxonomy,
        {"include": ["100000"]},
        audience={"sizes": ["micro", "small"]},
        conditions=[{"text": "参保", "source": "参保单位", "field": "insured", "op": "eq", "value": True}],
    )
    assert [(rule.text, rule.source) for rule in rules] == [
        ("企业规模是微型、小型", ""),
        ("参保", "参保单位"),
    ]
    company = company_of(terms, ("size", "小型"), ("insured", "是"))
    assert outcome_of(check(rule, company) for rule in rules) == "eligible"


def test_each_exact_figure_decides_a_threshold(terms: Terms) -> None:
    rule = Rule("", tests=(Comparison(field="headcount", op="le", value=30),))
    company = [Company(Told(exactly(headcount=one)), terms.standards, terms.taxonomy) for one in (29, 30, 31)]
    assert [check(rule, one).verdict for one in company] == ["met", "met", "failed"]
