"""Terms and regions: one meaning for every accepted name, and where a rule applies."""

from __future__ import annotations

import pytest

from kb.domain.taxonomy import NATION, Taxonomy


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("云南", "530000"),
        ("云南省", "530000"),
        ("530000", "530000"),
        ("湖南省长沙市", "430100"),
        ("长沙", "430100"),
        ("湖南长沙", "430100"),
        ("全国", NATION),
        ("海南", "460000"),
        ("吉林", "220000"),
        ("湘西", "433100"),
        ("北京", "110000"),
    ],
)
def test_regions_are_found_by_every_name(taxonomy: Taxonomy, name: str, code: str) -> None:
    assert taxonomy.regions.find(name) == code


def test_an_unknown_region_is_none(taxonomy: Taxonomy) -> None:
    assert taxonomy.regions.find("火星") is None
    assert taxonomy.regions.find("999999") is None


@pytest.mark.parametrize(
    ("include", "exclude", "company", "answer"),
    [
        (["100000"], [], "430100", "yes"),
        (["100000"], ["420000"], "420100", "no"),
        (["430000"], [], "430100", "yes"),
        (["430100"], [], "430000", "maybe"),
        (["430100"], [], "430200", "no"),
        (["430000"], ["430100"], "430000", "maybe"),
        (["100000"], [], NATION, "yes"),
        (["430000"], [], NATION, "no"),
        (["100000"], ["420000"], NATION, "yes"),
    ],
)
def test_where_a_rule_applies(
    taxonomy: Taxonomy, include: list[str], exclude: list[str], company: str, answer: str
) -> None:
    assert taxonomy.regions.applies(include, exclude, company) == answer


def test_groups_hold_known_regions(taxonomy: Taxonomy) -> None:
    assert set(taxonomy.regions.groups) == {"长三角", "珠三角", "京津冀"}
    for members in taxonomy.regions.groups.values():
        assert all(code in taxonomy.regions.by_code for code in members)


def test_the_fourteen_types_of_the_facts_are_there(taxonomy: Taxonomy) -> None:
    labels = {term.label for term in taxonomy.types}
    assert labels == {
        "税费减免", "社保减免缓缴", "公积金缓缴", "金融信贷", "财政补贴", "租金减免", "用能降价",
        "稳岗就业", "培训", "复工复产服务", "新技术应用", "政府采购", "账款清欠", "资质信用",
    }  # fmt: skip


def test_no_two_terms_of_a_list_share_a_name(taxonomy: Taxonomy) -> None:
    lists = [taxonomy.types, taxonomy.sizes, taxonomy.industries, taxonomy.kinds]
    for terms in (*lists, taxonomy.needs_of(2020), taxonomy.needs_of(2026)):
        names = [name for term in terms for name in (term.key, term.label, *term.also)]
        assert len(set(names)) == len(names), terms


def test_needs_of_today_map_to_those_of_2020(taxonomy: Taxonomy) -> None:
    assert {need.key for need in taxonomy.needs_of(2020)} == taxonomy.needs_2020
    assert not {need.key for need in taxonomy.needs_of(2026)} & taxonomy.needs_2020
    for today, before in taxonomy.need_maps.items():
        assert today in taxonomy.needs
        assert set(before) <= taxonomy.needs_2020
