"""The list of members: which header means what, units, needs."""

from __future__ import annotations

import pytest

from kb.domain.company import Told
from kb.domain.members import (
    CODE,
    NAME,
    NEED,
    CellError,
    Member,
    city_of,
    columns,
    is_header,
    key_of,
    need_of,
    with_unit,
)
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import tell


def test_every_column_of_the_template_is_read_back_as_what_it_is(taxonomy: Taxonomy) -> None:
    listed = columns(taxonomy)
    assert [key_of(one.title, taxonomy) for one in listed] == [one.key for one in listed]
    assert {one.key for one in listed} == {NAME, CODE, NEED, *taxonomy.facts}


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("企业名称*", NAME),
        ("单位名称", NAME),
        ("统一社会信用代码", CODE),
        ("年营业收入(万元)", "revenue"),
        ("营业收入（元）", "revenue"),
        (" 员工人数 ", "headcount"),
        ("headcount", "headcount"),
        ("联系人", None),
        ("手机", None),
        ("", None),
    ],
)
def test_a_header_is_known_by_its_usual_names_and_people_by_none(
    taxonomy: Taxonomy, header: str, key: str | None
) -> None:
    assert key_of(header, taxonomy) == key


def test_a_header_needs_somebody_and_something(taxonomy: Taxonomy) -> None:
    assert is_header(("企业名称", "所在地"), taxonomy)
    assert not is_header(("企业名称", "备注"), taxonomy)
    assert not is_header(("所在地", "规模"), taxonomy)


@pytest.mark.parametrize(
    ("text", "key", "unit", "read"),
    [
        ("800", "revenue", "万元", "800万"),
        ("500-1000", "revenue", "万元", "500-1000万"),
        ("800万", "revenue", "元", "800万"),
        ("8000000", "revenue", "元", "8000000"),
        ("20000", "rent", "元/月", "20000"),
        ("2", "rent", "万元", "2万"),
        ("20000", "rent", "", "20000"),
        ("25", "headcount", "", "25"),
        ("湖南", "region", "", "湖南"),
    ],
)
def test_a_figure_has_the_unit_of_its_column(
    taxonomy: Taxonomy, text: str, key: str, unit: str, read: str
) -> None:
    assert with_unit(text, key, unit, taxonomy) == read


@pytest.mark.parametrize("unit", ["", "美元"])
def test_a_large_sum_without_a_known_unit_is_not_guessed(taxonomy: Taxonomy, unit: str) -> None:
    with pytest.raises(CellError, match="万元"):
        with_unit("800", "revenue", unit, taxonomy)


def test_a_need_is_a_key_several_names_or_words(taxonomy: Taxonomy) -> None:
    first, second = taxonomy.needs_of(2026)[:2]
    assert need_of(first.label, taxonomy) == first.key
    assert need_of(f"{first.label}；{second.key}", taxonomy) == f"{first.label}、{second.label}"
    assert need_of("老板的钱不够发工资", taxonomy) == "老板的钱不够发工资"
    with pytest.raises(CellError, match="写短一些"):
        need_of("长" * 81, taxonomy)


def test_companies_that_tell_the_same_have_the_same_figures(taxonomy: Taxonomy) -> None:
    one = tell(taxonomy, [("headcount", "25"), ("rent", "2万")], region="430100")
    same = tell(taxonomy, [("rent", "20000"), ("headcount", "25")], region="430100")
    other = tell(taxonomy, [("headcount", "26")], region="430100")
    assert Member(1, "甲", "", one).figures == Member(2, "乙", "", same).figures
    assert Member(1, "甲", "", one).figures != Member(1, "甲", "", other).figures
    assert Member(1, "", "A1", Told()).called == "A1"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("长沙市岳麓区", "430100"),
        ("湖南省长沙市岳麓区麓谷街道", "430100"),
        ("湖南省 长沙市 长沙县", "430100"),
        ("北京市朝阳区", "110000"),
    ],
)
def test_a_place_below_a_city_is_found_by_its_city(taxonomy: Taxonomy, place: str, code: str) -> None:
    assert city_of(place, taxonomy.regions) == code


@pytest.mark.parametrize(
    "place", ["", "长沙市", "430100", "河北区", "朝阳区", "湖南省岳麓区", "火星", "吉林某处"]
)
def test_no_city_is_guessed(taxonomy: Taxonomy, place: str) -> None:
    assert city_of(place, taxonomy.regions) is None
