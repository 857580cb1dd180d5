"""Size classes and 小型微利 from figures, ranges and segments; what is stated against what follows."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import yamlfile
from kb.domain.company import CLASSES, Company, Standards, Told
from kb.domain.eligibility import Rule, check
from kb.domain.relief import Comparison
from kb.domain.room import Room
from kb.domain.telling import tell
from kb.store.terms import Terms

FIGURES = ("headcount", "revenue", "assets")
LABELS = {"大型": "large", "中型": "medium", "小型": "small", "微型": "micro"}
IS, IS_NOT = Room(keys=frozenset({"True"})), Room(keys=frozenset({"False"}))


def company_of(terms: Terms, *facts: tuple[str, str]) -> Company:
    """A company from words."""
    return Company(tell(terms.taxonomy, facts), terms.standards, terms.taxonomy)


def exactly(**figures: int) -> dict[str, Room]:
    return {name: Room(Decimal(value), Decimal(value)) for name, value in figures.items()}


def classes_of(terms: Terms, rooms: dict[str, Room], *sectors: str) -> frozenset[str]:
    """The classes left to a company that may be counted in ``sectors``; all where nothing follows."""
    standards = replace(terms.standards, segments={"equipment": sectors})
    told = Told(rooms, segments=frozenset({"equipment"}))
    derived = Company(told, standards, terms.taxonomy).derived.get("size")
    return derived.room.keys or frozenset() if derived else frozenset(CLASSES)


# -- the classes, against the document ---------------------------------------------------------------


@pytest.fixture(scope="module")
def document(shared: Path) -> dict[str, Any]:
    data: dict[str, Any] = yamlfile.read(shared / "facts" / "size-classes.yml").data
    return data


def in_yuan(name: str, value: int) -> Decimal:
    return Decimal(value) * (1 if name == "headcount" else 10_000)


def test_every_boundary_is_the_documents(document: dict[str, Any], terms: Terms) -> None:
    wanted = {
        sector["name"]: {
            LABELS[label]: {
                name: in_yuan(name, bound["ge"])
                for figure in sector["classes"][label]["all"]
                for name, bound in figure.items()
            }
            for label in ("大型", "中型", "小型")
        }
        for sector in document["sme_size"]["industries"]
    }
    assert {sector.label: dict(sector.floors) for sector in terms.standards.sectors.values()} == wanted


def by_the_document(sector: dict[str, Any], figures: dict[str, int]) -> str:
    """The first class whose rule holds, as the document words it (所有下限 or 任一项低于)."""
    for label in LABELS:
        ((how, tests),) = sector["classes"][label].items()
        held = [
            figures[name] >= in_yuan(name, bound["ge"])
            if "ge" in bound
            else figures[name] < in_yuan(name, bound["lt"])
            for test in tests
            for name, bound in test.items()
        ]
        if (all if how == "all" else any)(held):
            return LABELS[label]
    raise AssertionError(figures)


def test_each_side_of_every_boundary_has_the_documents_class(document: dict[str, Any], terms: Terms) -> None:
    keys = {sector.label: sector.key for sector in terms.standards.sectors.values()}
    for sector in document["sme_size"]["industries"]:
        floors = terms.standards.sectors[keys[sector["name"]]].floors
        near = {
            name: sorted({int(floors[size][name]) - step for size in CLASSES[:-1] for step in (0, 1)})
            for name in sector["metrics"]
        }
        for values in itertools.product(*near.values()):
            figures = dict(zip(near, values, strict=True))
            found = classes_of(terms, exactly(**figures), keys[sector["name"]])
            assert found == {by_the_document(sector, figures)}, (sector["name"], figures)


def test_the_documents_own_examples(terms: Terms) -> None:
    assert classes_of(terms, exactly(headcount=2500, revenue=5_000_000), "transmission") == {"small"}
    assert classes_of(terms, exactly(headcount=2500, revenue=800_000), "transmission") == {"micro"}


def test_the_ceilings_of_low_profit_are_the_documents(document: dict[str, Any], terms: Terms) -> None:
    rule = document["small_low_profit"]["rule"]["all"]
    wanted = {name: in_yuan(name, one["le"]) for part in rule for name, one in part.items() if "le" in one}
    assert dict(terms.standards.low_profit) == wanted


# -- ranges ------------------------------------------------------------------------------------------


def points(standards: Standards, name: str) -> list[int]:
    """Values around every boundary of a figure in any sector, ascending."""
    floors = {
        int(sector.floors[size][name])
        for sector in standards.sectors.values()
        for size in CLASSES[:-1]
        if name in sector.floors[size]
    }
    return sorted({0} | {floor - step for floor in floors for step in (0, 1)})


@st.composite
def spans(draw: st.DrawFn, terms: Terms) -> dict[str, tuple[int, int]]:
    """For some figures a first and a last value."""
    chosen = draw(st.lists(st.sampled_from(FIGURES), unique=True))
    return {
        name: tuple(sorted(draw(st.tuples(*[st.sampled_from(points(terms.standards, name))] * 2))))
        for name in chosen
    }


def rooms_of(found: dict[str, tuple[int, int]]) -> dict[str, Room]:
    return {name: Room(Decimal(low), Decimal(high)) for name, (low, high) in found.items()}


@given(data=st.data())
def test_a_range_leaves_the_classes_of_the_companies_in_it(terms: Terms, data: st.DataObject) -> None:
    sector = data.draw(st.sampled_from(sorted(terms.standards.sectors)))
    found = data.draw(spans(terms))
    needed = terms.standards.sectors[sector].floors["large"]
    inside = [
        [
            one
            for one in points(terms.standards, name)
            if name not in found or found[name][0] <= one <= found[name][1]
        ]
        for name in needed
    ]
    exact = [
        classes_of(terms, exactly(**dict(zip(needed, values, strict=True))), sector)
        for values in itertools.product(*inside)
    ]
    assert classes_of(terms, rooms_of(found), sector) == frozenset[str]().union(*exact)


@given(data=st.data())
def test_narrowing_a_figure_never_adds_a_class(terms: Terms, data: st.DataObject) -> None:
    sectors = data.draw(st.lists(st.sampled_from(sorted(terms.standards.sectors)), min_size=1, unique=True))
    found = data.draw(spans(terms))
    narrow = dict(found)
    for name in data.draw(st.lists(st.sampled_from(FIGURES), unique=True)):
        low, high = found.get(name, (0, 10**10))
        inside = [one for one in points(terms.standards, name) if low <= one <= high]
        first, last = sorted(data.draw(st.tuples(*[st.sampled_from(inside)] * 2)))
        narrow[name] = (first, last)
    assert classes_of(terms, rooms_of(narrow), *sectors) <= classes_of(terms, rooms_of(found), *sectors)


def test_one_certain_figure_below_a_floor_rules_a_class_out(terms: Terms) -> None:
    company = company_of(terms, ("industry", "通信设备制造"), ("headcount", "10-29"))
    assert company.derived["size"].room == Room(keys=frozenset({"small", "micro"}))
    assert "工信部联企业〔2011〕300号" in company.derived["size"].rule
    assert "工业" in company.derived["size"].rule


# -- segments ----------------------------------------------------------------------------------------


@given(data=st.data())
def test_several_sectors_leave_what_any_of_them_leaves(terms: Terms, data: st.DataObject) -> None:
    rooms = rooms_of(data.draw(spans(terms)))
    sectors = terms.standards.segments["maintenance"]
    assert len(sectors) > 2
    alone = [classes_of(terms, rooms, sector) for sector in sectors]
    assert classes_of(terms, rooms, *sectors) == frozenset[str]().union(*alone)


def test_a_segment_in_two_sectors_is_decided_only_where_they_agree(terms: Terms) -> None:
    facts = ("industry", "数据中心"), ("headcount", "50")
    apart = company_of(terms, *facts, ("revenue", "60万")).derived["size"]
    agreed = company_of(terms, *facts, ("revenue", "100万")).derived["size"]
    assert apart.room == Room(keys=frozenset({"small", "micro"}))
    assert agreed.room == Room(keys=frozenset({"small"}))


@pytest.mark.parametrize("facts", [(), (("industry", "零售"),), (("industry", "光缆、零售"),)])
def test_nothing_follows_where_the_sector_is_not_known(terms: Terms, facts: Any) -> None:
    company = company_of(terms, ("headcount", "5"), ("revenue", "1万"), ("assets", "1万"), *facts)
    assert "size" not in company.derived


# -- what is stated ----------------------------------------------------------------------------------


def test_a_stated_class_that_the_figures_contradict_is_unknown_and_both_are_shown(terms: Terms) -> None:
    facts = ("industry", "光缆"), ("headcount", "500"), ("revenue", "1亿")
    company = company_of(terms, *facts, ("size", "微型"))
    assert company.contradiction("size")
    assert company.room("size") is None
    for sizes in (("micro",), ("medium",), ("large",)):
        answer = check(Rule("", tests=(Comparison(field="size", op="in", value=sizes),)), company)
        assert answer.verdict == "unknown"
        assert answer.yours.startswith("微型；但按数字算是 中型（按")


def test_a_stated_class_and_the_figures_narrow_each_other(terms: Terms) -> None:
    company = company_of(terms, ("industry", "光缆"), ("headcount", "10-29"), ("size", "小型、中型"))
    assert not company.contradiction("size")
    assert company.room("size") == Room(keys=frozenset({"small"}))


# -- 小型微利 ----------------------------------------------------------------------------------------

KEPT = (("headcount", "250"), ("taxable_income", "200万"), ("assets", "3000万"))
AT_MOST = (("headcount", "300"), ("taxable_income", "300万"), ("assets", "5000万"))


def test_low_profit_is_not_a_size_class(terms: Terms) -> None:
    facts = ("industry", "软件"), ("revenue", "2000万"), ("sector_restricted", "否")
    company = company_of(terms, *KEPT, *facts)
    assert company.room("size") == Room(keys=frozenset({"medium"}))
    assert company.room("low_profit") == IS


def test_the_ceilings_themselves_are_inside(terms: Terms) -> None:
    assert company_of(terms, *AT_MOST, ("sector_restricted", "否")).room("low_profit") == IS


@pytest.mark.parametrize("over", [("headcount", "301"), ("taxable_income", "3000001"), ("assets", "5001万")])
def test_one_ceiling_passed_is_enough(terms: Terms, over: tuple[str, str]) -> None:
    assert company_of(terms, over).room("low_profit") == IS_NOT
    facts = {**dict(AT_MOST), "sector_restricted": "否", over[0]: over[1]}
    assert company_of(terms, *facts.items()).room("low_profit") == IS_NOT


def test_a_restricted_trade_is_never_low_profit(terms: Terms) -> None:
    assert company_of(terms, *KEPT, ("sector_restricted", "是")).room("low_profit") == IS_NOT


def test_a_trade_that_nothing_was_said_of_leaves_it_open(terms: Terms) -> None:
    company = company_of(terms, *KEPT)
    assert company.room("low_profit") is None
    assert company.asks_for("low_profit") == "sector_restricted"


@pytest.mark.parametrize("wide", [("headcount", "200-400"), ("assets", "5000万以上")])
def test_a_range_across_a_ceiling_leaves_it_open(terms: Terms, wide: tuple[str, str]) -> None:
    facts = {**dict(KEPT), "sector_restricted": "否", wide[0]: wide[1]}
    company = company_of(terms, *facts.items())
    assert company.room("low_profit") is None
    assert company.asks_for("low_profit") == "low_profit"


def test_nothing_told_leaves_everything_open(terms: Terms) -> None:
    company = company_of(terms)
    assert company.derived == {}
    assert [company.room(name) for name in terms.taxonomy.facts] == [None] * len(terms.taxonomy.facts)
