"""An association's own papers: what they propose one by one, each with words that stand in the text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ingest import papers
from kb.ingest.documents import from_text
from kb.ingest.papers import Found
from kb.ingest.papers.comparing import compared, is_told, print_of, revised
from kb.store.terms import load_terms
from tests.conftest import POLICIES
from tests.ingest.papers.making import BRIEFING, OTHER, REPORT

TAXONOMY = load_terms(POLICIES).taxonomy


def find(text: str) -> Found:
    paper = from_text(text)
    head = papers.head_of(paper)
    assert head
    return papers.find(paper, head, TAXONOMY)


def of_kind(found: Found, kind: str) -> list[papers.Item]:
    return [one for one in found.items if one.kind == kind]


def test_a_paper_says_who_issued_it_when_and_as_what() -> None:
    report, briefing = (papers.head_of(from_text(text)) for text in (REPORT, BRIEFING))
    assert report
    assert report.document == "试验省通信行业协会《关于会员单位经营困难与相关建议的调查报告》（2026年5月8日）"
    assert briefing
    assert (
        briefing.document == "中国试验行业协会《试验行业服务会员信息简报》（协会专刊）第7期（2026年6月1日）"
    )


@pytest.mark.parametrize("issuer", ["试验省财政厅", "试验市人民政府办公室", "试验有限公司"])
def test_a_paper_of_anybody_else_is_no_paper_of_an_association(issuer: str) -> None:
    assert (
        papers.head_of(from_text(f"{issuer}\n关于试验的报告\n正文一段。\n\n{issuer}\n2026年5月8日")) is None
    )


def test_measures_and_recommendations_are_found_with_their_places() -> None:
    found = find(REPORT)
    assert [(one.number, one.title, one.section) for one in of_kind(found, "measure")] == [
        ("一", "搭建融资平台", "附件2“服务会员的3条举措”第一条“搭建融资平台”"),
        ("二", "开展培训", "附件2“服务会员的3条举措”第二条“开展培训”"),
        ("三", "调解纠纷", "附件2“服务会员的3条举措”第三条“调解纠纷”"),
    ]
    assert of_kind(found, "measure")[1].data["body"] == "协会每月组织一次网上免费培训，欢迎会员单位参加。"
    assert [(one.title, one.section) for one in of_kind(found, "recommendation")] == [
        ("及时结算工程款", "二、有关建议（一）"),
        ("规范低价竞标", "二、有关建议（二）"),
    ]
    assert found.remarks == ()


def test_another_count_than_the_heading_says_is_told() -> None:
    assert find(REPORT.replace("的 3 条", "的 4 条")).remarks == (
        "“服务会员的4条举措”写的是 4 条，读到 3 条，请对照原文",
    )


def test_cases_tell_size_business_problems_demands_and_region() -> None:
    first, second, third = of_kind(find(REPORT), "case")
    assert first.title == "湖南长沙一家小型企业的困难和诉求（通信线路施工）"
    assert first.data["regions"] == {"include": ["430100"]}
    assert first.data["profile"] == {
        "sizes": ["small"],
        "business": "通信线路施工",
        "problems": ["工程款拖欠超过180天。", "材料涨价20%。"],
        "demands": [{"text": "按月结算。"}, {"text": "允许调价"}],
    }
    assert second.data["profile"]["problems"] == ["订单减少一半。"]
    assert third.data["profile"]["problems"] == ["回款慢；", "招不到人"]
    assert third.section == "附件1“典型企业情况汇总表”序号3"


def test_figures_by_region_are_read_from_every_pair_of_columns() -> None:
    (table,) = find(REPORT).figures
    assert table.caption == "表1各地经营难度（分）"
    assert {one.region: one.value for one in table.values} == {
        "430000": Decimal("7.5"),
        "360000": Decimal("5.5"),
        "330000": Decimal("3.5"),
        "320000": Decimal("3.0"),
        "420000": Decimal("6.0"),
        "440000": Decimal(4),
    }
    assert table.unread == ("未知省 1.0",)


def test_services_are_named_one_by_one_with_who_offers_them() -> None:
    assert [(one.title, one.section) for one in find(BRIEFING).items] == [
        ("湖南省试验行业协会免费法律咨询", "湖南协会·用心服务会员“全力服务 帮助会员单位发展”"),
        ("湖南省试验行业协会了解困难和需求", "湖南协会·用心服务会员“全力服务 帮助会员单位发展”"),
        ("湖南省试验行业协会网上培训", "湖南协会·用心服务会员“全力服务 帮助会员单位发展”"),
        ("江西省试验行业协会政策梳理和发送", "江西协会·帮助企业渡难关"),
        ("江西省试验行业协会网上培训", "江西协会·帮助企业渡难关"),
        ("光缆维护网上培训", "江西协会·帮助企业渡难关"),
        ("机房巡检网上培训", "江西协会·帮助企业渡难关"),
    ]


def test_courses_are_of_the_association_that_the_short_name_stands_for() -> None:
    assert [one.data["issuers"] for one in find(BRIEFING).items][-2:] == [["中国试验行业协会"]] * 2


@pytest.mark.parametrize(
    "sentence",
    [
        "协会暂停了原定的网上培训课程，会员单位请留意通知。",
        "协会组织党员认真学习政策，号召会员单位捐款。",
        "协会走访会员单位，送去节日的问候。",
    ],
)
def test_what_serves_nobody_is_no_service(sentence: str) -> None:
    text = f"湖南省试验行业协会\n关于年度工作的总结\n\n{sentence}\n\n湖南省试验行业协会\n2026年1月5日\n"
    assert find(text).items == ()


@pytest.mark.parametrize("text", [REPORT, BRIEFING])
def test_every_quote_stands_in_the_text_where_it_says(text: str) -> None:
    paper, found = from_text(text), find(text)
    for item in found.items:
        assert paper.text[item.start : item.end] == item.passage
        for one in item.proposals:
            assert paper.text[one.start : one.end] == one.quote
    for table in found.figures:
        for figure in table.values:
            assert paper.text[figure.start : figure.start + len(figure.quote)] == figure.quote


@given(st.text("一二（）、。1. \n\t省份问题企业基本情况诉求建议举措协会湖南附件", max_size=200))
def test_whatever_follows_an_associations_title_is_read(text: str) -> None:
    find(f"试验协会\n关于试验情况的报告\n试验协会\n2026年5月8日\n{text}")


# -- beside what is published ----------------------------------------------------------------------


def held(text: str) -> list[dict[str, object]]:
    return [{"id": f"held-{at}", **one.data} for at, one in enumerate(find(text).items)]


def never(_entry_id: str, _passage: str) -> bool:
    return False


def test_what_is_published_is_found_again_and_proposes_nothing() -> None:
    outcomes = compared(find(REPORT).items, held(REPORT), never, TAXONOMY)
    assert {one.what for one in outcomes} == {"unchanged"}
    assert [one.entry_id for one in outcomes] == [f"held-{at}" for at in range(8)]


def test_a_changed_passage_proposes_a_revision_of_its_entry_alone() -> None:
    later = REPORT.replace("最迟不超过60日", "最迟不超过30日").replace(
        "2、允许调价", "2、允许调价。3、缩短质保期"
    )
    changed = [
        one for one in compared(find(later).items, held(REPORT), never, TAXONOMY) if one.what != "unchanged"
    ]
    assert [(one.what, one.item.title) for one in changed] == [
        ("changed", "及时结算工程款"),
        ("changed", "湖南长沙一家小型企业的困难和诉求（通信线路施工）"),
    ]
    body = str((changed[0].data or {})["body"])
    assert "60日" in body
    assert "30日" in body
    assert [one.after for one in changed[1].changes] == ["内容：缩短质保期"]


def test_words_that_an_entry_was_written_from_propose_nothing_however_it_puts_them() -> None:
    entries = [{**one, "body": "我们自己的话。"} for one in held(REPORT)]
    prints = {print_of(one.passage) for one in find(REPORT).items}
    outcomes = compared(
        find(REPORT).items, entries, lambda _id, passage: print_of(passage) in prints, TAXONOMY
    )
    assert {one.what for one in outcomes} == {"unchanged"}


def test_a_fingerprint_is_the_same_however_lines_and_quotation_marks_are_set() -> None:
    assert print_of("建议“按月”结算，最迟 60 日") == print_of("建议「按月」结算,\n最迟60日")
    assert print_of("最迟60日") != print_of("最迟30日")


def test_a_revision_keeps_all_that_the_entry_says() -> None:
    item = of_kind(find(REPORT), "case")[0]
    mine = {**held(REPORT)[2], **dict(item.data), "id": "c", "needs": ["arrears"], "promise": "我们写的。"}
    mine["profile"] = {
        "business": "通信线路施工",
        "sizes": ["small"],
        "problems": ["欠款"],
        "demands": [{"text": "甲"}],
    }
    data = revised(item, mine)
    assert (data["needs"], data["promise"]) == (["arrears"], "我们写的。")
    assert data["profile"]["problems"][0] == "欠款"
    assert data["profile"]["demands"][0] == {"text": "甲"}


@pytest.mark.parametrize(
    ("said", "told", "expected"),
    [
        ("工程款拖欠超过180天。", "运营商拖欠工程款，超过180天没有付", True),
        ("工程款拖欠超过180天。", "运营商拖欠工程款，超过90天没有付", False),
        ("减免社保费用。", "希望推荐业务", False),
    ],
)
def test_a_point_is_told_by_words_of_ones_own_but_not_by_other_figures(
    said: str, told: str, expected: bool
) -> None:
    assert is_told(said, told) is expected


def test_another_associations_paper_in_other_words_is_read_the_same() -> None:
    found = find(OTHER)
    counts = {kind: len(of_kind(found, kind)) for kind in ("measure", "recommendation", "case")}
    assert counts == {"measure": 4, "recommendation": 4, "case": 2}
    assert [one.title for one in of_kind(found, "measure")][:2] == ["政策送达行动", "技能提升行动"]
    large, small = (one.data for one in of_kind(found, "case"))
    assert (large["profile"]["sizes"], large["regions"]) == (["large"], {"include": ["510100"]})
    assert small["profile"]["sizes"] == ["small", "micro"]
    assert "小型企业" not in small["title"]
    assert len(found.figures[0].values) == 5
    assert found.remarks == ()
