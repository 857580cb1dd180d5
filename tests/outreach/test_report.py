"""The report on members' difficulties, from made-up ones: its shape, its figures, what is not in it."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from datetime import date, timedelta

import docx
import pytest
from docx.document import Document

from kb.domain.rounds import Answer, obstacles_to_ask
from kb.domain.taxonomy import NATION
from kb.outreach.invitation import invitation_text
from kb.outreach.message import caveat
from kb.outreach.report import Report, report_of
from kb.outreach.reportfacts import Facts, Period, gather
from kb.outreach.reporttables import ReportTable
from kb.outreach.reportword import report_docx
from kb.store import difficulties, reportrows, rounds, searches
from kb.store.database import now
from kb.store.difficulties import MEMBER
from kb.store.rounds import Planned
from tests.conftest import POLICIES, TODAY, Base, make_base

HEADINGS = [
    "一、调查方法",
    "二、样本",
    "三、困难",
    "四、典型企业反映的问题和诉求",
    "五、已有政策能答什么",
    "六、库里没有答案的",
    "七、查而无果的搜索",
]
SECRET_TEXT, SECRET_CONTACT = "绝密标记甲公司欠我们三百万元", "marker@example.com"
PERIOD = Period(
    date.fromisoformat(now()[:10]) - timedelta(days=2), date.fromisoformat(now()[:10]) + timedelta(days=2)
)
"""The days around the real one: a difficulty keeps the moment at which it was told."""


def tell(base: Base, region: str, size: str, *needs: str, forward: str = "") -> int:
    held, _token = difficulties.state_one(
        base.db,
        needs=needs,
        text=SECRET_TEXT,
        region=region,
        size=size,
        segment="construction",
        contact=SECRET_CONTACT,
        consent_forward=forward,
    )
    return held.id


def ask_round(base: Base) -> None:
    """A round with seven answers: five small companies of Hunan, two micro ones of Beijing."""
    survey, day = base.terms.survey, PERIOD.first
    plan = Planned("试验调查", day, PERIOD.last, {"": 20})
    held = rounds.open_round(base.db, plan, NATION, obstacles_to_ask(base.terms.taxonomy, survey), "liu")
    for number in range(7):
        small = number < 5
        answer = Answer(
            day,
            "430000" if small else "110000",
            "small" if small else "micro",
            "software",
            "normal" if small else "stopped",
            6 if small else 9,
            ("arrears",) if small else ("returning-staff",),
            SECRET_TEXT,
        )
        assert rounds.add_answer(base.db, held, answer, secrets.token_urlsafe(16))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """Three difficulties, one of them written up by staff, a round, and searches in vain; read only."""
    base = make_base(tmp_path_factory.mktemp("told"), POLICIES, None)
    first = tell(base, "430100", "small", "arrears", "hiring", forward="工业和信息化部")
    tell(base, "430100", "micro", "arrears")
    tell(base, "530100", "small", "qualifications")
    reportrows.write(base.db, first, "验收后一年未付款。", "明确付款期限。", "liu")
    ask_round(base)
    tallies = {(PERIOD.first, "充电桩"): searches.Tally(6), (PERIOD.first, "岸电"): searches.Tally(4)}
    searches.add(base.settings.database, tallies)
    yield base
    base.db.close()


def facts_of(base: Base, period: Period = PERIOD) -> Facts:
    return gather(base.db, base.library, period, TODAY, "2026年11月22日16:05")


def made(base: Base, period: Period = PERIOD) -> Report:
    return report_of(facts_of(base, period), base.terms.taxonomy, base.terms.survey, "试验协会", TODAY)


def opened(base: Base, period: Period = PERIOD) -> Document:
    return docx.Document(io.BytesIO(report_docx(made(base, period))))


def whole(doc: Document) -> str:
    cells = [cell.text for table in doc.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in doc.paragraphs), *cells])


def table(report: Report, caption: str) -> ReportTable:
    blocks = [one for section in report.sections for one in section.blocks if isinstance(one, ReportTable)]
    (found,) = [one for one in blocks if caption in one.caption]
    return found


# -- the file --------------------------------------------------------------------------------------


def test_the_word_file_has_the_sections_of_the_survey_report_as_headings(told: Base) -> None:
    doc = opened(told)
    assert [one.text for one in doc.paragraphs if one.style and one.style.name == "Heading 1"] == HEADINGS
    assert [one.text for one in doc.paragraphs if one.style and one.style.name == "Title"] == [
        "关于通信企业困难和诉求的专报"
    ]
    assert doc.core_properties.title == "关于通信企业困难和诉求的专报"


def test_the_word_file_holds_the_same_tables_as_the_page_in_the_same_order(told: Base) -> None:
    report, doc = made(told), opened(told)
    blocks = [one for section in report.sections for one in section.blocks if isinstance(one, ReportTable)]
    assert len(doc.tables) == len(blocks) >= 7
    for written, one in zip(doc.tables, blocks, strict=True):
        rows = [tuple(cell.text for cell in row.cells) for row in written.rows]
        assert rows == [one.head, *one.rows]
    assert [one.caption.split()[0] for one in blocks] == [f"表{n}" for n in range(1, len(blocks) + 1)]


def test_nothing_that_a_member_wrote_and_no_contact_is_in_the_file(told: Base) -> None:
    data = report_docx(made(told))
    text = whole(docx.Document(io.BytesIO(data)))
    for mark in (SECRET_TEXT, SECRET_CONTACT, "绝密标记", "甲公司"):
        assert mark not in text
        assert mark.encode() not in data


def test_every_table_says_how_it_was_counted(told: Base) -> None:
    text = whole(opened(told))
    blocks = [
        one for section in made(told).sections for one in section.blocks if isinstance(one, ReportTable)
    ]
    assert all(one.how and f"说明：{one.how}" in text for one in blocks)


def test_the_file_ends_with_what_it_is_for_and_the_caveat(told: Base) -> None:
    last = opened(told).paragraphs[-1].text
    assert "不要公开发布" in last
    assert last.endswith(caveat("试验协会"))


# -- the figures -----------------------------------------------------------------------------------


def test_the_sample_names_its_channels_the_share_of_members_and_the_cut_off(told: Base) -> None:
    text = whole(opened(told))
    assert "共收到10份" in text
    assert "反映困难3件" in text
    assert "《试验调查》答卷7份，占所发20家会员的35.0%" in text
    assert "数据截至2026年11月22日16:05" in text


def test_provinces_are_counted_and_those_without_a_sample_are_named(told: Base) -> None:
    found = table(made(told), "样本的省份")
    assert found.rows == (
        ("湖南省", "2", "5", "7", "6.0", ""),
        ("北京市", "0", "2", "2", "9.0", "不满5份，仅供参考"),
        ("云南省", "1", "0", "1", "—", "不满5份，仅供参考"),
    )
    (silent,) = [line for line in whole(opened(told)).splitlines() if line.startswith("无样本")]
    assert "西藏自治区" in silent
    assert not any(name in silent for name in ("湖南省", "北京市", "云南省"))


def test_difficulties_are_told_in_per_cent_of_all_and_by_size(told: Base) -> None:
    found = table(made(told), "会员反映的困难")
    assert found.head[2:] == ("全部\nN=3", "微型\nN=1", "小型\nN=2")
    rows = {row[0]: row[1:] for row in found.rows}
    assert rows["运营商或总包拖欠"] == ("2", "66.7", "100.0", "50.0")
    assert rows["资质证书"] == ("1", "33.3", "0.0", "50.0")


def test_answers_to_a_round_are_counted_apart_with_their_own_base(told: Base) -> None:
    found = table(made(told), "《试验调查》里的困难")
    rows = {row[0]: row[1:] for row in found.rows}
    assert found.head[2] == "全部\nN=7"
    assert rows["运营商或总包拖欠"][:2] == ("5", "71.4")
    assert rows["外地员工返岗隔离"][:2] == ("2", "28.6")


def test_a_round_is_held_against_2020_only_where_it_can_be(told: Base) -> None:
    found = table(made(told), "与2020年2月")
    rows = {row[0]: row[1:] for row in found.rows}
    assert rows["难度（分）"] == ("6.9", "6.6")
    assert "外地员工返岗隔离" not in rows
    assert "没有开工（2020年：未复工）" not in rows
    assert "开复工难度" in whole(opened(told))


def test_the_five_columns_hold_what_staff_wrote(told: Base) -> None:
    found = table(made(told), "汇总表")
    assert found.head == ("序号", "企业基本情况", "典型问题", "政策需求及建议", "所在区域")
    assert found.rows == (
        ("1", "小型企业，通信工程建设", "验收后一年未付款。", "明确付款期限。", "湖南省长沙市"),
    )
    assert "另有2件只计入前面的统计" in whole(opened(told))


def test_who_agreed_to_nothing_is_placed_by_province_only(base: Base) -> None:
    number = tell(base, "430100", "small", "arrears")
    reportrows.write(base.db, number, "验收后一年未付款。", "", "liu")
    (row,) = table(made(base), "汇总表").rows
    assert row[3:] == ("希望解决：运营商或总包拖欠", "湖南省")


def test_searches_in_vain_count_from_five(told: Base) -> None:
    found = table(made(told), "查而无果的搜索")
    assert [row[:2] for row in found.rows] == [("充电桩", "6")]


def test_answers_of_other_days_are_not_counted(told: Base) -> None:
    earlier = Period(PERIOD.first - timedelta(days=9), PERIOD.first - timedelta(days=1))
    assert facts_of(told, earlier).is_empty


def test_a_branch_counts_what_lies_in_its_region_by_city(told: Base) -> None:
    hunan = Period(PERIOD.first, PERIOD.last, "430000")
    report = made(told, hunan)
    assert report.title == "关于湖南省通信企业困难和诉求的专报"
    assert {row[0] for row in table(report, "样本的地区").rows} == {"湖南省", "湖南省长沙市"}
    assert facts_of(told, hunan).total == 7


def test_the_states_of_difficulties_are_counted(base: Base) -> None:
    tell(base, "430100", "small", "arrears")
    held = difficulties.existing(base.db, tell(base, "430100", "small", "arrears"))
    difficulties.close(base.db, difficulties.answer(base.db, held, "已回", "liu", None), "liu")
    gone = difficulties.existing(base.db, tell(base, "430100", "small", "arrears"))
    difficulties.delete(base.db, gone)
    facts = facts_of(base)
    assert (len(facts.told), facts.answered, facts.passed, facts.closed) == (2, 1, 0, 1)
    assert facts.deleted == 1
    assert MEMBER == "member"


# -- what the library answers ----------------------------------------------------------------------


def test_needs_lead_to_what_is_in_force_and_those_without_are_named(shipped: Base, base: Base) -> None:
    for need in ("arrears", "low-bids", "hiring"):
        tell(base, "430100", "small", need)
    facts = gather(base.db, shipped.library, PERIOD, TODAY, "")
    report = report_of(facts, shipped.terms.taxonomy, shipped.terms.survey, "试验协会", TODAY)
    found = table(report, "已有政策和服务")
    assert {row[0] for row in found.rows} <= {"运营商或总包拖欠", "低价中标", "招人留人"}
    (arrears,) = [row for row in found.rows if row[:2][0] == "运营商或总包拖欠" and row[1].startswith("全国")]
    assert "《保障中小企业款项支付条例" in arrears[2]
    assert all(hit.status.current for one in facts.answering for hit in one.general)
    bare = gather(base.db, base.library, PERIOD, TODAY, "")
    empty = report_of(bare, base.terms.taxonomy, base.terms.survey, "试验协会", TODAY)
    section = next(one for one in empty.sections if one.title.startswith("六"))
    assert "低价中标" in str(section.blocks[0])


def test_a_local_policy_is_named_only_where_somebody_named_the_need(shipped: Base, base: Base) -> None:
    tell(base, "430100", "small", "equipment-digital")
    facts = gather(base.db, shipped.library, PERIOD, TODAY, "")
    (one,) = facts.answering
    assert set(one.local) <= {"430000"}
    general = {hit.record.id for hit in one.general}
    assert not general & {hit.record.id for hits in one.local.values() for hit in hits}


def test_an_empty_period_makes_facts_that_say_so(base: Base) -> None:
    assert facts_of(base).is_empty
    assert "这段时间没有收到困难" in whole(opened(base))


# -- the invitation --------------------------------------------------------------------------------


def test_an_invitation_fits_a_group_message_and_keeps_link_and_caveat() -> None:
    address = "https://kb.example.org/rounds/" + "x" * 32
    text = invitation_text("长" * 400, date(2026, 11, 30), address, "试验协会")
    assert len(text) <= 300
    assert address in text
    assert text.endswith(caveat("试验协会"))
    assert "2026年11月30日" in text
