"""What pasted text proposes: only what a rule is certain of, each with words that stand in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ingest.proposing import Proposal, propose, record_from
from kb.store.terms import load_terms
from tests.conftest import POLICIES

TAXONOMY = load_terms(POLICIES).taxonomy
NOTICE = """\
湖南省试验厅　湖南省财政厅
关于阶段性减免试验费用的通知
湘试发〔2026〕3号

各市州试验局：
　　为支持中小企业，根据《试验法》和湘试发〔2020〕1号，现就有关事项通知如下。
　　一、减免比例为50%，最高300万元。
　　二、本通知自2026年3月1日起施行，有效期至2027年12月31日。

　　　　　　　　湖南省试验厅
　　　　　　　　湖南省财政厅
　　　　　　　　2026年2月20日
"""


def found(text: str) -> dict[str, object]:
    return {one.field: one.value for one in propose(text, TAXONOMY)}


def test_a_notice_proposes_what_it_says_of_itself() -> None:
    assert found(NOTICE) == {
        "title": "关于阶段性减免试验费用的通知",
        "doc_number": "湘试发〔2026〕3号",
        "issuers": ["湖南省试验厅", "湖南省财政厅"],
        "issued_on": "2026-02-20",
        "regions-include": ["430000"],
        "in_force-end_kind": "dated",
        "in_force-start": "2026-03-01",
        "in_force-end": "2027-12-31",
        "in_force-note": "二、本通知自2026年3月1日起施行，有效期至2027年12月31日",
        "sources-0-document": "关于阶段性减免试验费用的通知（湘试发〔2026〕3号）",
    }


def test_proposals_make_the_beginning_of_a_record() -> None:
    record = record_from(propose(NOTICE, TAXONOMY))
    assert record["in_force"]["end"] == "2027-12-31"
    assert record["regions"] == {"include": ["430000"]}
    assert record["sources"] == [{"document": "关于阶段性减免试验费用的通知（湘试发〔2026〕3号）"}]


def test_the_table_above_a_web_page_is_read_too() -> None:
    rows = ("发文机关：财政部", "发文字号：财试〔2026〕7号", "成文日期：2026年1月5日", "标题：关于试验的公告")
    table = "\n".join(("索引号：000", *rows, "正文。"))
    assert found(table) == {
        "title": "关于试验的公告",
        "doc_number": "财试〔2026〕7号",
        "issuers": ["财政部"],
        "issued_on": "2026-01-05",
        "regions-include": ["100000"],
        "sources-0-document": "关于试验的公告（财试〔2026〕7号）",
    }


def test_a_title_in_two_lines_is_one_title() -> None:
    assert (
        found("关于支持试验企业\n渡过难关若干措施的通知\n正文。")["title"]
        == "关于支持试验企业渡过难关若干措施的通知"
    )


FIRST_HALF = {"start": "2026-01-01", "end": "2026-06-30", "end_kind": "dated"}


@pytest.mark.parametrize(
    ("sentence", "period"),
    [
        (
            "本办法自2026年1月1日起至2026年12月31日止执行。",
            {"start": "2026-01-01", "end": "2026-12-31", "end_kind": "dated"},
        ),
        ("本通知有效期至2027年6月30日。", {"end": "2027-06-30", "end_kind": "dated"}),
        ("本政策长期有效。", {"end_kind": "long_term"}),
        (
            "本办法自2026年3月1日起施行，有效期2年。",
            {
                "start": "2026-03-01",
                "end": "2028-02-29",
                "end_kind": "dated",
                "inferred": "本办法自2026年3月1日起施行，有效期2年",
            },
        ),
        ("本通知自印发之日起施行。", {}),
        ("申报时间为2026年1月1日至2026年3月31日。", {}),
        ("本通知有效期至2027年。", {}),
        ("执行期限自2026年1月1日至2026年6月30日。", FIRST_HALF),
        ("注册费零收费执行期限为2026年1月1日至2026年6月30日。", {}),
        ("给予培训补贴，实施期限至2026年6月30日。", {}),
        ("执行期限由原来的时间延长至2026年6月30日。", {}),
    ],
)
def test_a_period_is_taken_only_from_a_sentence_about_the_whole_paper(
    sentence: str, period: dict[str, str]
) -> None:
    got = {
        name.removeprefix("in_force-"): value
        for name, value in found(sentence).items()
        if name.startswith("in_force")
    }
    assert {**got, "note": ""} == {**period, "note": ""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "只有一句话。",
        "一、二、三",
        "2026",
        "各单位：\n请注意。",
        "根据财试〔2026〕7号文件的要求，我们做了很多工作。",
    ],
)
def test_what_no_rule_is_certain_of_stays_empty(text: str) -> None:
    assert found(text) == {}


def test_authorities_of_two_regions_propose_no_region() -> None:
    assert "regions-include" not in found("湖南省财政厅、湖北省财政厅\n关于试验的通知\n正文。")


PIECES = st.sampled_from(
    [
        *NOTICE.splitlines(keepends=True),
        "（财试〔２０２６〕7号）\n",
        "\r\n",
        "\u3000",
        "https://www.gov.cn/a\n",
        "关于\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=12), max_size=14).map("".join))
def test_every_quote_stands_in_the_text_letter_by_letter(text: str) -> None:
    proposals = propose(text, TAXONOMY)
    for one in proposals:
        assert isinstance(one, Proposal)
        assert one.quote == text[one.start : one.end]
        assert one.quote.strip()
    assert len({one.field for one in proposals}) == len(proposals)


SIGNED_TWICE = (
    "试验省财政厅关于印发试验办法的通知\n财试〔2026〕7号\n各市财政局：\n请认真执行。\n湖南省财政厅\n2026年1月5日\n"
    "试验办法\n第一条 内容。\n湖北省试验协会\n2025年3月2日\n"
)


def test_the_paper_itself_is_signed_before_what_is_attached() -> None:
    said = found(SIGNED_TWICE)
    assert (said["issuers"], said["issued_on"]) == (["湖南省财政厅"], "2026-01-05")


def test_who_sends_a_paper_on_is_not_who_signed_that_paper() -> None:
    said = found(
        "长沙市财政局转发湖南省财政厅关于试验工作的通知\n各单位：\n请执行。\n湖南省财政厅\n2026年1月5日\n"
    )
    assert said["issuers"] == ["长沙市财政局"]
    assert "issued_on" not in said


def test_a_letterhead_goes_before_the_signature_of_another_and_the_imprint_gives_the_day() -> None:
    said = found(
        "长沙市商务局文件\n长商〔2026〕1号\n市商务局关于试验的通知\n请执行。\n商务部办公厅\n2026年1月5日\n"
        "长沙市商务局办公室2026年1月15日印发\n"
    )
    assert (said["issuers"], said["issued_on"]) == (["长沙市商务局"], "2026-01-15")


def test_the_name_of_a_website_above_the_title_is_no_issuer() -> None:
    assert "issuers" not in found("国家税务总局湖南省税务局\n通知公告\n关于试验政策的通知\n正文。")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("石试发〔2026〕3号-试验区人民政府关于印发试验措施的通知\n正文。", "石试发〔2026〕3号"),
        ("财政部关于试验政策的通知财试〔2026〕7号\n各省：", "财试〔2026〕7号"),
        ("关于试验政策的通知（财试〔2026〕7号）\n各省：", "财试〔2026〕7号"),
        ("关于试验政策的公告\n财政部 税务总局公告2026年第8号\n正文。", "财政部 税务总局公告2026年第8号"),
        (
            "关于试验政策的公告\n财政部\n海关总署\n税务总局公告2026年第8号\n正文。",
            "财政部 海关总署 税务总局公告2026年第8号",
        ),
        ("试验市税务局关于延期的通告\n2026年第2号\n正文。", "试验市税务局通告2026年第2号"),
    ],
)
def test_a_number_beside_the_title_or_without_its_issuer_is_told_whole(text: str, number: str) -> None:
    said = found(text)
    assert said["doc_number"] == number
    assert "号" not in said["title"]


@pytest.mark.parametrize(
    ("sentence", "name", "day"),
    [
        ("本公告自2026年1月1日起施行，截止日期另行公告。", "start", "2026-01-01"),
        ("本通知适用截止时间为2026年6月30日。", "end", "2026-06-30"),
        ("以上政策措施自印发之日起实施，有效期至2026年底。", "end", "2026-12-31"),
    ],
)
def test_a_period_may_tell_only_its_start_or_name_the_end_of_a_year(
    sentence: str, name: str, day: str
) -> None:
    assert found(sentence)[f"in_force-{name}"] == day


def test_a_start_without_an_end_gives_way_to_the_sentence_that_tells_both() -> None:
    said = found("本办法自2026年1月1日起至2026年6月30日止施行。\n本办法自2025年1月1日起施行。")
    assert (said["in_force-start"], said["in_force-end"]) == ("2026-01-01", "2026-06-30")
