"""What words of a free query name: recognised softly, at the borders of words, never as a filter."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.taxonomy import Taxonomy
from kb.search import Library, Request, indexing, numerals, search
from kb.search import query as queries
from kb.search.query import Recognised
from kb.search.table import Filters
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry


def named(
    library: Library, text: str, day: date = TODAY, **more: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The values that a query names, by field."""
    answer = search(library, Request(text, day, limit=0, facets=False, **more))
    found: dict[str, tuple[str, ...]] = {}
    for one in answer.query.recognised:
        found[one.field] = (*found.get(one.field, ()), *one.values)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("杭州小企业租金", {"region": ("330100",), "size": ("small",), "type": ("rent",)}),
        ("浙江省杭州市 房租", {"region": ("330100",), "type": ("rent",)}),
        ("浙江 杭州", {"region": ("330100",)}),
        ("北京上海", {"region": ("110000", "310000")}),
        ("长三角企业", {"region": ("310000", "320000", "330000", "340000")}),
        ("吉林社保费", {"region": ("220000",), "type": ("social-insurance",)}),
        ("小微企业贷款", {"size": ("micro", "small"), "type": ("finance",)}),
        ("中小企业", {"size": ("micro", "small", "medium")}),
        ("人社部 稳岗返还", {"issuer": ("人力资源社会保障部",), "type": ("jobs",)}),
        ("2020年 房租", {"year": ("2020",), "type": ("rent",)}),
        ("2020年3月10日 复工", {"as_of": ("2020-03-10",), "type": ("reopening",)}),
        ("2020-03-10", {"as_of": ("2020-03-10",)}),
        ("運營商拖欠", {"need": ("arrears",)}),
        ("没有订单", {"need": ("fewer-orders",)}),
        ("", {}),
    ],
)
def test_words_name_values_of_filters(shipped: Base, text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert named(shipped.library, text) == expected


@pytest.mark.parametrize(
    "text", ["西南通信设备", "扩大连续缴纳", "集中卫生", "中山大学", "2020年13月40日", "贸易来宾客"]
)
def test_a_name_inside_other_words_is_no_name(shipped: Base, text: str) -> None:
    assert not {"region", "as_of"} & named(shipped.library, text).keys()


@pytest.mark.parametrize("text", ["小型微利企业所得税", "小规模纳税人增值税", "增值税小规模"])
def test_the_other_two_kinds_of_small_are_no_size(shipped: Base, text: str) -> None:
    assert "size" not in named(shipped.library, text)


def test_every_region_is_known_by_its_names(shipped: Base, taxonomy: Taxonomy) -> None:
    for name, code in taxonomy.regions.names().items():
        assert named(shipped.library, name).get("region") == (code,), name


def test_the_year_in_a_document_number_is_no_year(shipped: Base) -> None:
    assert "year" not in named(shipped.library, "人社部发〔2020〕11号")
    assert "year" not in named(shipped.library, "财政部 税务总局公告2023年第7号 研发")


def test_needs_are_those_of_the_day(shipped: Base) -> None:
    assert named(shipped.library, "客户流失", SPRING)["need"] == ("customers-lost",)
    assert "need" not in named(shipped.library, "客户流失", TODAY)


def test_what_is_a_filter_already_or_to_be_ignored_is_not_recognised(shipped: Base) -> None:
    assert named(shipped.library, "杭州租金", ignore=("region",)) == {"type": ("rent",)}
    assert "region" not in named(shipped.library, "region:长沙 杭州租金")


def test_recognised_words_leave_nothing_out(shipped: Base) -> None:
    soft = search(shipped.library, Request("杭州 租金", SPRING, limit=100))
    hard = search(shipped.library, Request("杭州 租金", SPRING, Filters(region=("330100",)), limit=100))
    assert soft.filters.region == ()
    assert {hit.record.id for hit in hard.hits} < {hit.record.id for hit in soft.hits}


def test_the_place_named_comes_first_then_its_province_and_the_nation_then_others(base: Base) -> None:
    places = {"a": "410000", "b": "100000", "c": "330000", "d": "330100"}
    for name, code in places.items():
        entry = an_entry(
            f"nat-2020-{name}", title="关于减免租金的通知", doc_number=None, regions={"include": [code]}
        )
        entries.publish(base.db, entry, "x", "")
    indexing.catch_up(base.library.settings, base.db)
    hits = search(base.library, Request("杭州租金", TODAY, Filters(status=("all",)))).hits
    order = [hit.record.id[-1] for hit in hits]
    assert order[0] == "d"
    assert set(order[1:3]) == {"b", "c"}
    assert order[3] == "a"


def test_what_is_put_in_order_anew_keeps_to_the_place(shipped: Base) -> None:
    hits = search(shipped.library, Request("杭州小企业租金", SPRING, limit=3)).hits
    places = [code for hit in hits for code in hit.record.regions.include]
    assert set(places) <= {"330100", "330000", "100000"}


def test_region_and_type_weigh_on_one_same_relief(base: Base) -> None:
    def reliefs(first: str, second: str) -> list[dict[str, object]]:
        here, there = {"regions": {"include": ["330100"]}}, {"regions": {"include": ["330200"]}}
        return [
            {"id": "a", "type": first, "title": "甲", "what": "甲", "audience": here},
            {"id": "b", "type": second, "title": "乙", "what": "乙", "audience": there},
        ]

    for name, kinds in (("a", ("tax", "rent")), ("b", ("rent", "tax"))):
        entry = an_entry(f"nat-2020-{name}", doc_number=None, reliefs=reliefs(*kinds))
        entries.publish(base.db, entry, "x", "")
    indexing.catch_up(base.library.settings, base.db)
    hits = search(base.library, Request("杭州 租金 试验费用", TODAY, Filters(status=("all",)))).hits
    assert [hit.record.id for hit in hits] == ["nat-2020-b", "nat-2020-a"]


# The frame of a question


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("请问房租能不能免？", "房租 免"),
        ("我们公司社保怎么办", "社保"),
        ("小规模纳税人有哪些优惠吗", "小规模纳税人 优惠"),
        ("怎么办", "怎么办"),
        ("怎么", "怎么"),
    ],
)
def test_the_frame_of_a_question_is_not_looked_for(taxonomy: Taxonomy, raw: str, text: str) -> None:
    query = queries.parse(raw, taxonomy)
    assert query.text == text
    assert query.words == raw.replace("？", "?")


def test_a_phrase_in_quotes_is_left_alone(taxonomy: Taxonomy) -> None:
    assert queries.parse("“怎么办”", taxonomy).phrases == ("怎么办",)


# Document numbers within words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请看人社部发〔2026〕39号 稳岗", "nat-2026-mohrss-39"),
        ("财金2026年4号", "nat-2026-mof-jin4"),
        ("国务院令802号 付款", "nat-2026-gwy-802"),
        ("2023年第7号公告 研发", "nat-2026-mof-sta-2023-7"),
        ("802号文", "nat-2026-gwy-802"),
        ("802号 付款", "nat-2026-gwy-802"),
    ],
)
def test_a_number_among_words_comes_first(shipped: Base, text: str, expected: str) -> None:
    assert search(shipped.library, Request(text, TODAY)).hits[0].record.id == expected


@pytest.mark.parametrize("text", ["3月1号 复工", "1号楼", "2020年3月10号"])
def test_a_day_or_a_house_is_no_document(taxonomy: Taxonomy, text: str) -> None:
    assert queries.parse(text, taxonomy).numbers == ()


# Figures


@given(number=st.integers(0, 9999))
def test_chinese_numerals_read_back(number: int) -> None:
    assert numerals.to_number(numerals.to_words(number)) == number


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("免3个月房租", ["三个月"]),
        ("免三个月房租", ["3个月"]),
        ("价格扣除20%", ["百分之二十"]),
        ("百分之五十", ["50%"]),
        ("两年", ["2年"]),
        ("5g 2020年 第一批 三免三减半", []),
    ],
)
def test_figures_are_also_looked_for_written_the_other_way(text: str, others: list[str]) -> None:
    assert [one for one, _ in numerals.variants(text)] == others


def test_either_way_of_writing_finds_the_other(base: Base) -> None:
    entries.publish(base.db, an_entry(body="可以缓缴三个月。"), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    assert search(base.library, Request("3个月", TODAY, Filters(status=("all",)))).total == 1


def test_recognised_values_are_frozen() -> None:
    one = Recognised("region", ("330100",), "杭州")
    assert {one} == {Recognised("region", ("330100",), "杭州")}
