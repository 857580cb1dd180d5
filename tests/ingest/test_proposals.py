"""What a text proposes for a record: certain words only, each proposal on words that stand in the text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.document import Document
from kb.domain.extracted import Extracted, Fact
from kb.domain.proposal import Proposal, record_from
from kb.domain.sense import amounts_in
from kb.ingest.entryfile import paths
from kb.ingest.proposals import propose_all, propose_extracted
from kb.store.terms import load_terms
from kb.yamlfile import read
from tests.conftest import POLICIES
from tests.ingest.papers_in import PAPER

TAXONOMY = load_terms(POLICIES).taxonomy
HEAD = "关于试验的通知\n试发〔2026〕9号\n"
Data = dict[str, Any]


def proposals(text: str, known: dict[str, str] | None = None) -> tuple[Proposal, ...]:
    found = propose_all(text, TAXONOMY, known or {})
    assert all(text[one.start : one.end] == one.quote for one in found)
    return found


def values(sentence: str, start: str) -> list[Any]:
    """What a sentence of a paper proposes for fields that begin so."""
    return [one.value for one in proposals(HEAD + sentence) if one.field.startswith(start)]


def types(sentence: str) -> list[str]:
    return [one.value for one in proposals(HEAD + sentence) if one.field.endswith("-type")]


def test_a_paper_proposes_each_of_its_reliefs() -> None:
    found = proposals(PAPER)
    kinds = {one.field: one.value for one in found if one.field.endswith("-type")}
    assert list(kinds.values()) == ["tax", "social-insurance", "social-insurance", "technology", "jobs"]
    record = record_from(found)
    first = record["reliefs"][0]
    assert first["period"] == {
        "start": "2026-02-01",
        "end": "2026-06-30",
        "end_kind": "dated",
        "note": "2026年2月1日至2026年6月30日",
    }
    assert [one["field"] for one in first["conditions"]] == ["monthly_sales", "taxpayer"]
    assert record["reliefs"][1]["audience"] == {
        "sizes": ["micro", "small", "medium"],
        "regions": {"exclude": ["420000"]},
    }
    assert record["reliefs"][3]["worth"]["cap"] == "3000000"
    assert record["reliefs"][4]["worth"]["each"] == "1500"
    assert record["relations"] == [
        {"type": "implements", "to_number": "国试发〔2026〕1号"},
        {"type": "extends", **HELD, "end": "2027-12-31"},
    ]


@pytest.mark.parametrize(
    "sentence",
    ["除长沙市外，对承租国有房屋的企业免收三个月租金。", "对承租国有房屋的企业免收三个月租金，长沙市除外。"],
)
def test_a_place_within_the_papers_own_may_be_left_out(sentence: str) -> None:
    paper = f"湖南省试验厅{HEAD}{sentence}"
    found = {one.field: one.value for one in proposals(paper)}
    assert found["regions-include"] == ["430000"]
    assert found["reliefs-0-audience-regions-exclude"] == ["430100"]
    elsewhere = paper.replace("长沙市", "广州市")
    assert not [one for one in proposals(elsewhere) if one.field.endswith("regions-exclude")]


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("对小规模纳税人免征增值税。", ["tax"]),
        ("中小微企业免征三项社会保险单位缴费。", ["social-insurance"]),
        ("企业可以缓缴住房公积金。", ["housing-fund"]),
        ("对承租国有房屋的企业免收三个月租金。", ["rent"]),
        ("工商业电费按95%结算。", ["energy"]),
        ("对不裁员的企业返还上年度失业保险费的60%。", ["jobs"]),
        ("企业组织培训的，按每人500元标准给予补贴。", ["training"]),
        ("银行不得盲目抽贷、断贷。", []),
        ("对到期贷款不得盲目抽贷、断贷、压贷。", ["finance"]),
        ("对首次认定的企业，给予20万元一次性奖励。", ["subsidy"]),
        ("政府采购项目对小微企业给予10%的价格扣除。", ["procurement"]),
        ("机关应当在30日内支付款项。", ["payment"]),
        ("资质证书有效期自动延长至年底。", ["credentials"]),
    ],
)
def test_a_type_is_proposed_where_a_thing_and_its_deed_meet(sentence: str, kinds: list[str]) -> None:
    assert types(sentence) == kinds


@pytest.mark.parametrize(
    "sentence",
    [
        "对已停产企业不予减免增值税。",
        "该项免征增值税政策停止执行。",
        "去年全市累计减免税费3亿元，惠及企业2万户。",
        "据统计，企业已享受免征增值税优惠100万元。",
        "企业希望免征增值税、减免租金。",
        "研究制定减免租金的办法。",
        "骗取补贴资金100万元以上的企业，移送司法机关给予处罚。",
        "增值税是我国的主要税种。",
        "《关于免征增值税的通知》印发后，各地要认真学习。",
        "一、免征增值税",
        "审计局对贴息贷款开展全过程跟踪审计。",
        "各省减免社会保险费政策落实情况要及时报告。",
        "企业减收、免收的房租视同利润。",
        "对在疫情期间为承租的中小企业减免租金的园区，优先予以政策扶持。",
        "融资租赁公司酌情减免不超过6个月的租金利息。",
        "自动恢复缓缴企业的住房公积金正常缴存。",
    ],
)
def test_what_is_denied_reported_wished_or_only_named_is_no_relief(sentence: str) -> None:
    assert types(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "sure"),
    [
        ("对受困企业减免城镇土地使用税。", "likely"),
        ("近日，财政部印发通知，明确对受困企业免征增值税。", "hint"),
        ("政策措施涉及减免租金、缓缴税款。", "hint"),
        ("进一步加大稳岗返还力度，放宽标准。", "hint"),
        ("纳税人在申报时将免征增值税的销售额填入申报表。", "hint"),
        ("减免租金。", "hint"),
        ("对受困企业免征增值税。", "certain"),
    ],
)
def test_what_is_told_at_second_hand_or_only_promised_is_for_a_person_to_look_at(
    sentence: str, sure: str
) -> None:
    assert {one.confidence for one in proposals(sentence) if one.field.endswith("-type")} == {sure}


def test_nothing_said_of_a_relief_is_surer_than_the_relief() -> None:
    found = proposals("近日印发通知，对承租国有房屋的中小企业免收3个月租金。")
    assert {one.confidence for one in found if one.field.startswith("reliefs-")} == {"hint"}


def test_who_has_helped_others_is_not_helped_by_the_same_relief() -> None:
    assert types("对减免租金的企业，减征房产税。") == ["tax"]
    assert types("免租金两个月以上的企业，减征房产税。") == ["tax"]


def test_a_heading_above_what_it_announces_is_no_relief_of_its_own() -> None:
    assert types("一、减免租金。承租国有房屋的，免收3个月租金。") == ["rent"]


def test_where_lines_were_lost_the_next_item_begins_a_sentence() -> None:
    found = proposals("（责任单位：市税务局） 二、对受困企业免征增值税。")
    assert [one.quote for one in found if one.field.endswith("-type")] == ["对受困企业免征增值税。"]


HIRED = {"base": "new_hires", "each": "1000"}


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        ("对项目给予补助，最高不超过300万元。", {"cap": "3000000"}),
        ("年应纳税所得额不超过300万元的企业，减征企业所得税。", {}),
        (
            "中小微企业免征养老、失业、工伤保险单位缴费，期限不超过5个月。",
            {"base": "social_contributions", "rate": "1", "months": 5},
        ),
        ("承租国有房屋的，租金减免或者减半。", {}),
        ("承租国有房屋的，减半收取租金。", {"base": "rent", "rate": "0.5"}),
        ("招用毕业生的企业，每招用1人给予1500元一次性就业补贴。", {"base": "new_hires", "each": "1500"}),
        ("吸纳就业的企业，按每人每月500元给予岗位补贴。", {}),
        ("技术转让所得不超过500万元的部分，免征企业所得税。", {}),
        ("给予最高500万元的担保贷款，并按利率的50%给予贴息。", {}),
        ("对企业给予补贴，最高额度不超过20万元。", {"cap": "200000"}),
        ("对新招用员工的企业，按每人不超过1000元给予一次性吸纳就业补贴。", {**HIRED, "up_to": True}),
        ("对承租国有房屋的企业，减免1个月至3个月租金。", {}),
        ("免收2、3月租金。", {"base": "rent", "rate": "1", "months": 2}),
        ("2020年2月份、3月份、4月份房租减半。", {"base": "rent", "rate": "0.5", "months": 3}),
        ("除按市级政策减免50%房租外，另减免租金50%。", {}),
        ("电费按95%结算。", {"base": "electricity_cost", "rate": "0.05"}),
    ],
)
def test_figures_are_read_only_where_there_is_one_reading(sentence: str, figures: Data) -> None:
    worth = next(one for one in values(sentence, "reliefs-0-worth"))
    assert {name: value for name, value in worth.items() if name != "text"} == figures


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        ("对从业人数不超过300人的企业，减征企业所得税。", ("headcount", "le", 300)),
        ("月销售额10万元以下（含本数）的纳税人免征增值税。", ("monthly_sales", "le", 100000)),
        ("资产总额不超过5000万元的企业，减征企业所得税。", ("assets", "le", 50000000)),
        ("对裁员率不高于5.5%的企业返还失业保险费。", ("layoff_rate", "le", "0.055")),
        ("足额缴纳失业保险费12个月以上的企业，返还失业保险费的60%。", ("insured_months", "ge", 12)),
        ("对高新技术企业，减按15%的税率征收企业所得税。", ("certificates", "has", "high-tech")),
        ("对承租国有房产的企业免收租金。", ("landlord_state_owned", "eq", True)),
    ],
)
def test_a_condition_compares_a_fact_with_what_the_sentence_says(
    sentence: str, condition: tuple[str, str, Any]
) -> None:
    (found,) = values(sentence, "reliefs-0-conditions")
    assert (found["field"], found["op"], found["value"]) == condition
    assert found["source"] in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "年应纳税所得额不超过100万元的部分，减征企业所得税。",
        "对年应纳税所得额超过100万元但不超过300万元的部分，减征企业所得税。",
    ],
)
def test_the_part_of_a_figure_that_is_relieved_is_no_condition(sentence: str) -> None:
    assert values(sentence, "reliefs-0-conditions") == []


@pytest.mark.parametrize(
    ("sentence", "sizes"),
    [
        ("对中小微企业免征增值税。", [["micro", "small", "medium"]]),
        ("对小微企业免征增值税。", [["micro", "small"]]),
        ("对小微企业和个体工商户免征增值税。", []),
        ("对大型企业等其他参保单位减半征收失业保险费。", []),
        ("对小型微利企业减征企业所得税。", []),
        ("按中小企业促进法的规定减征企业所得税。", []),
        ("对受困企业特别是小微企业减征企业所得税。", []),
        ("大型企业应当在60日内支付款项。", []),
        ("对向中小企业提供担保的机构，减征企业所得税。", []),
        ("对中小微企业免征增值税，对大型企业减半征收增值税。", [["micro", "small", "medium"], ["large"]]),
    ],
)
def test_a_size_is_proposed_where_a_sentence_means_only_that(sentence: str, sizes: list[list[str]]) -> None:
    assert [one.value for one in proposals(HEAD + sentence) if one.field.endswith("-sizes")] == sizes


# -- relations -------------------------------------------------------------------------------------

HELD = {"to_number": "试发〔2020〕3号"}
OLD = "《关于试验老办法的通知》（试发〔2020〕3号）"


@pytest.mark.parametrize(
    ("sentence", "relation"),
    [
        (
            f"{OLD}执行期限延长至2027年12月31日。",
            {"type": "extends", **HELD, "end": "2027-12-31"},
        ),
        (
            f"{OLD}实施期限延长至2027年6月底。",
            {"type": "extends", **HELD, "end": "2027-06-30"},
        ),
        (
            f"自2026年3月1日起，{OLD}停止执行。",
            {"type": "repeals", **HELD, "from": "2026-03-01"},
        ),
        (f"{OLD}同时废止。", {"type": "repeals", **HELD}),
        (f"本办法替代{OLD}。", {"type": "repeals", **HELD}),
        (f"现将{OLD}转发给你们，请遵照执行。", {"type": "implements", **HELD}),
        (f"将{OLD}中的“三个月”修改为“六个月”。", {"type": "amends", **HELD}),
        (
            "财政部 税务总局公告2020年第8号停止执行。",
            {"type": "repeals", "to_number": "财政部 税务总局公告2020年第8号"},
        ),
    ],
)
def test_a_relation_names_the_earlier_paper_by_its_number(sentence: str, relation: Data) -> None:
    assert values(sentence, "relations") == [relation]


@pytest.mark.parametrize(
    "sentence",
    [
        f"{OLD}不予废止。",
        f"{OLD}已经废止。",
        f"本通知有效期延长事项由{OLD}延长至2027年12月31日。",
        f"依据{OLD}，各地做了大量工作。",
        f"{OLD}执行期限另行延长。",
        "此前规定同时废止。",
        "《未来的通知》（试发〔2030〕3号）同时废止。",
    ],
)
def test_what_is_kept_done_before_or_not_named_is_no_relation(sentence: str) -> None:
    assert values(sentence, "relations") == []


def test_a_part_that_stops_is_a_change_and_not_the_end_of_the_whole() -> None:
    (found,) = [one for one in proposals(f"{HEAD}{OLD}第三条停止执行。") if one.field.startswith("relations")]
    assert found.value["type"] == "amends"
    assert found.confidence == "likely"
    assert found.value["note"] == found.quote


def test_of_many_papers_that_stop_only_the_one_named_by_article_is_changed() -> None:
    sentence = (
        "《甲》（试发〔2023〕1号）、《乙》（试发〔2016〕2号）第三条、《丙》（试发〔2017〕4号）"
        "自2026年1月1日起停止执行。"
    )
    found = {one["to_number"]: (one["type"], one.get("from")) for one in values(sentence, "relations")}
    assert found == {
        "试发〔2023〕1号": ("repeals", "2026-01-01"),
        "试发〔2016〕2号": ("amends", None),
        "试发〔2017〕4号": ("repeals", "2026-01-01"),
    }


def test_what_is_excepted_is_left_to_a_person() -> None:
    (found,) = [
        one for one in proposals(f"{HEAD}除第三条外，{OLD}停止执行。") if one.field.startswith("relations")
    ]
    assert (found.value["type"], found.confidence) == ("amends", "hint")


def test_a_paper_that_is_held_is_named_by_its_entry() -> None:
    found = proposals(f"{HEAD}{OLD}同时废止。", {"试发[2020]3号": "nat-2020-old"})
    assert [one.value["to"] for one in found if one.field.startswith("relations")] == ["nat-2020-old"]


def test_a_paper_says_nothing_about_itself() -> None:
    assert values("《关于试验的通知》（试发〔2026〕9号）执行期限延长至2027年12月31日。", "relations") == []


# -- pages -----------------------------------------------------------------------------------------


def test_what_a_page_labels_goes_before_what_its_text_says() -> None:
    head = "发文字号：试发〔2026〕8号\n失效日期：2026-12-31\n\n"
    text = head + PAPER
    start = text.index("2026-12-31")
    said_number = "试发〔2026〕8号"
    number = text.index(said_number)
    page = Extracted(
        address="https://www.example.gov.cn/a.html",
        encoding="utf-8",
        text=text,
        body_start=len(head),
        body=Document(PAPER),
        facts=(
            Fact("doc_number", said_number, said_number, number, number + 10, "table", "发文字号", "certain"),
            Fact("expires_on", "2026-12-31", "2026-12-31", start, start + 10, "table", "失效日期", "likely"),
        ),
    )
    found = propose_extracted(page, TAXONOMY)
    assert all(text[one.start : one.end] == one.quote for one in found)
    said = {one.field: one for one in found}
    assert said["doc_number"].value == "试发〔2026〕8号"
    assert said["in_force-end"].value == "2026-12-31"
    assert said["in_force-end"].confidence == "likely"
    assert "in_force-start" not in said
    assert said["title"].value == "关于阶段性减免试验费用的通知"


# -- nothing invented ------------------------------------------------------------------------------


def shipped() -> Iterator[tuple[Data, str]]:
    """Every shipped policy and service with a text of what it keeps of its document."""
    for path in paths(POLICIES / "entries"):
        data = read(path).data
        if data["kind"] in ("policy", "service"):
            yield data, "\n".join(_lines(data))


def _lines(data: Data) -> Iterator[str]:
    yield from (data["title"], data.get("doc_number") or "")
    for relief in data.get("reliefs", ()):
        yield relief["what"]
        yield from (one["source"] + "。" for one in relief.get("conditions", ()) if one.get("source"))
        if relief.get("worth"):
            yield relief["worth"]["text"] + "。"
    yield data.get("body") or ""


def test_of_the_shipped_documents_nearly_every_proposed_type_is_one_that_people_gave_them() -> None:
    right, wrong = 0, []
    for data, text in shipped():
        held = {one["type"] for one in data.get("reliefs", ())}
        for one in proposals(text):
            if one.field.endswith("-type"):
                right += one.value in held
                wrong += [] if one.value in held else [(data["id"], one.value, one.quote)]
    assert right > 150
    assert len(wrong) <= 3, wrong


def test_of_the_shipped_documents_every_proposed_size_is_one_that_people_gave_them() -> None:
    for data, text in shipped():
        held = {size for one in data.get("reliefs", ()) for size in one.get("audience", {}).get("sizes", ())}
        for one in proposals(text):
            if one.field.endswith("-sizes"):
                assert set(one.value) <= held, (data["id"], one)


def test_every_amount_stands_in_the_words_it_is_said_to_come_from() -> None:
    for _data, text in shipped():
        for one in proposals(text):
            for name in ("cap", "each"):
                if isinstance(one.value, dict) and name in one.value:
                    assert Decimal(one.value[name]) in amounts_in(one.quote), one


PIECES = st.sampled_from(
    [
        *PAPER.splitlines(keepends=True),
        OLD,
        "同时废止。",
        "除第三条外，",
        "《",
        "》",
        "，对",
        "  ",
        "\t",
        "免征增值税。",
        "第",
        "号",
    ]
)


@given(st.lists(PIECES | st.text(max_size=12), max_size=16).map("".join))
def test_whatever_the_text_every_quote_stands_in_it(text: str) -> None:
    for one in proposals(text):
        assert one.quote.strip()
        assert one.confidence in ("certain", "likely", "hint")
