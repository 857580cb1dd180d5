"""The text for the accountant: everything it needs to say, nothing that is not confirmed, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.benefit import Estimate
from kb.domain.company import Company
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import tell
from kb.matching.catalogue import Catalogue, Shelf
from kb.matching.match import Match, Matches, match
from kb.outreach.accountant import (
    LEAD,
    LIMIT,
    NO_PAPERS,
    NOT_A_BASIS,
    NOTHING,
    POINTS,
    accountant_text,
    accountant_text_of,
    estimate_words,
    number_words,
)
from kb.outreach.message import caveat
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry

LINK = "https://kb.example.org/entries/x"
ORGANISER = "某省通信行业协会"
LEVY = "nat-2026-mof-2023-8#exempt-thirty"


@pytest.fixture(scope="module")
def catalogue(shipped: Base) -> Catalogue:
    return Shelf(shipped.terms.taxonomy).catalogue(shipped.db)


def matched(catalogue: Catalogue, shipped: Base, day: date = TODAY, **facts: str) -> Matches:
    taxonomy = shipped.terms.taxonomy
    told = tell(taxonomy, facts.items())
    return match(catalogue, Company(told, shipped.terms.standards, taxonomy), day)


def made(base: Base, day: date = TODAY, entry: Entry | None = None, **facts: str) -> Match:
    """The one match of a base with one entry."""
    entries.publish(base.db, entry or an_entry(in_force={"end_kind": "long_term"}), "test", "")
    (one,) = matched(Shelf(base.terms.taxonomy).catalogue(base.db), base, day, **facts).matches
    return one


def every(found: Matches) -> Iterator[Match]:
    for listed in (found.matches, found.unchecked, found.upcoming, found.ineligible, found.just_ended):
        yield from listed


def by_id(found: Matches, name: str) -> Match:
    (one,) = [one for one in found.matches if one.offer.id == name]
    return one


def a_relief(**apply: object) -> dict[str, object]:
    way = {"channel": "declare", "where": "电子税务局", **apply}
    return {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。", "apply": way}


def an_offer(**relief: object) -> Entry:
    return an_entry(in_force={"end_kind": "long_term"}, reliefs=[{**a_relief(), **relief}])


def test_it_says_what_where_with_what_and_until_when(catalogue: Catalogue, shipped: Base) -> None:
    found = matched(catalogue, shipped, region="430100", headcount="10-29", disability_levy="20000-30000")
    text = accountant_text(by_id(found, LEVY), shipped.terms.taxonomy, ORGANISER, LINK)
    lines = text.split("\n")
    assert lines[0] == "【发给会计】30人及以下企业免征残保金"
    assert lines[1] == "对照结果：初步符合"
    assert "文件：《财政部关于延续实施残疾人就业保障金优惠政策的公告》" in lines
    assert "文号：财政部公告2023年第8号" in lines
    assert "要做什么：报税时由会计填" in lines
    assert "在哪办：申报享受（残疾人就业服务机构核定，再申报残保金）" in lines
    assert "步骤：1. 先到残疾人就业服务机构核定；2. 申报残保金时自动适用" in lines
    assert f"要准备：{NO_PAPERS}" in lines
    assert "到什么时候：2027年12月31日止（最近核对2026年11月22日）" in lines
    assert any(line.startswith("测算：20,000—30,000 元；") for line in lines)
    assert lines[-3:] == [NOT_A_BASIS, LINK, caveat(ORGANISER)]


def test_open_conditions_say_who_has_to_look(base: Base, taxonomy: Taxonomy) -> None:
    conditions = [
        {"text": "不超过30人", "field": "headcount", "op": "le", "value": 30},
        {"text": "有试验合同"},
        {"text": "有电费", "field": "electricity_cost", "op": "gt", "value": 0},
    ]
    one = made(base, entry=an_offer(conditions=conditions), headcount="20-40", electricity_cost="500")
    text = accountant_text(one, taxonomy, ORGANISER, LINK)
    points = text.partition("还要确认：\n")[2].split("\n")[:3]
    assert points[0] == f"- 待补充：不超过30人（本企业：{one.checked[0].yours}）"
    assert points[1:] == ["- 请对照原文：有试验合同", LINK]
    assert one.checked[0].yours
    assert "有电费" not in text
    assert "对照结果：可能符合（还差 2 项）" in text


def test_papers_forms_address_and_windows_are_told(base: Base, taxonomy: Taxonomy) -> None:
    relief = a_relief(
        steps=["登录填写"],
        materials=["承诺书"],
        templates=[{"title": "申请表"}],
        url="https://example.org/form",
        contact="12366",
        windows=[{"opens": "2026-12-01", "closes": "2026-12-20", "note": "第二批"}],
    )
    one = made(base, entry=an_offer(**relief))
    lines = accountant_text(one, taxonomy, ORGANISER, LINK).split("\n")
    assert "步骤：登录填写" in lines
    assert "要准备：承诺书、申请表" in lines
    assert "办理网址：https://example.org/form" in lines
    assert "咨询：12366" in lines
    assert "受理时间：还没开始受理（2026年12月1日起至2026年12月20日，第二批）" in lines


def test_a_window_that_has_shut_is_told_as_shut(base: Base, taxonomy: Taxonomy) -> None:
    one = made(base, entry=an_offer(**a_relief(windows=[{"closes": "2026-10-01"}])))
    text = accountant_text(one, taxonomy, ORGANISER, LINK)
    assert "受理时间：本年窗口已过（至2026年10月1日）" in text
    assert "要做什么：本年窗口已过" in text


def test_what_has_no_way_to_apply_says_whom_to_ask(base: Base, taxonomy: Taxonomy) -> None:
    text = accountant_text(made(base), taxonomy, ORGANISER, LINK)
    assert "在哪办：未写明，请问主管部门" in text
    assert f"要准备：{NO_PAPERS}" in text


def test_a_number_that_is_not_confirmed_stays_hidden(base: Base, taxonomy: Taxonomy) -> None:
    entry = an_entry(
        in_force={"end_kind": "long_term"},
        doc_number=None,
        doc_number_candidate="试发〔2020〕99号",
        verified={"doubts": {"doc_number": "文号待核", "period": "未核"}},
    )
    one = made(base, entry=entry)
    text = accountant_text(one, taxonomy, ORGANISER, LINK)
    assert "文号：待核，请按文件名查找" in text
    assert "99号" not in text
    assert "内容待核实：期限\n" in text


def test_leads_say_so_and_estimate_nothing(base: Base, taxonomy: Taxonomy) -> None:
    worth = {"text": "免", "base": "disability_levy", "rate": 1}
    entry = an_entry(
        in_force={"end_kind": "long_term"},
        reliefs=[a_relief() | {"worth": worth}],
        verified={"level": "lead"},
    )
    worked_out = Estimate(Decimal(1), Decimal(2), "公式")
    one = made(base, entry=entry, disability_levy="20000")._replace(estimate=worked_out)
    for text in (accountant_text(one, taxonomy, "", LINK), accountant_text_of([one], taxonomy, "", LINK)):
        assert LEAD in text
        assert "测算" not in text


def test_what_is_too_long_gives_way_and_what_matters_stays(base: Base, taxonomy: Taxonomy) -> None:
    conditions = [{"text": f"第{number}条" + "要" * 60} for number in range(30)]
    relief = a_relief(materials=["表" * 300]) | {"what": "减" * 800, "conditions": conditions}
    text = accountant_text(made(base, entry=an_offer(**relief)), taxonomy, ORGANISER, LINK)
    assert LIMIT - 20 <= len(text) <= LIMIT
    assert "…" in text
    assert "文号：试发〔2020〕1号\n" in text
    assert "到什么时候：长期有效" in text
    assert text.endswith(f"{LINK}\n{caveat(ORGANISER)}")


def test_a_link_too_long_for_the_text_is_left_out(base: Base, taxonomy: Taxonomy) -> None:
    text = accountant_text(made(base), taxonomy, ORGANISER, "https://kb.example.org/?q=" + "x" * LIMIT)
    assert "xxx" not in text
    assert text.endswith(caveat(ORGANISER))
    assert len(accountant_text(made(base), taxonomy, "长" * LIMIT * 2, LINK)) == LIMIT


FACTS = {
    "region": st.sampled_from(["430100", "430000", "440300", "310000", "110000", "420100", "530000"]),
    "headcount": st.sampled_from(["1-9", "10-29", "30-99", "100-299", "300以上"]),
    "industry": st.sampled_from(["通信代维", "软件", "通信工程", "设备制造"]),
    "taxpayer": st.sampled_from(["small-scale", "general"]),
    "rent": st.sampled_from(["20000", "1万-3万"]),
    "social_contributions": st.sampled_from(["30000", "2万-9万"]),
    "disability_levy": st.sampled_from(["20000", "1万-3万"]),
    "loan_principal": st.sampled_from(["300万", "100-900万"]),
}


@settings(max_examples=25)
@given(
    facts=st.fixed_dictionaries({}, optional=FACTS),
    day=st.sampled_from([date(2020, 2, 15), SPRING, date(2022, 7, 1), TODAY]),
)
def test_every_shipped_relief_fits_and_shows_only_confirmed_numbers(
    catalogue: Catalogue, shipped: Base, facts: dict[str, str], day: date
) -> None:
    candidates = _candidates(shipped)
    assert len(candidates) > 10
    found = matched(catalogue, shipped, day, **facts)
    for one in every(found):
        text = accountant_text(one, shipped.terms.taxonomy, ORGANISER, LINK)
        assert len(text) <= LIMIT
        assert text.endswith(f"{LINK}\n{caveat(ORGANISER)}")
        assert (LEAD in text) == one.offer.lead
        assert (NOT_A_BASIS in text) == (one.estimate is not None)
        assert one.offer.doc_number is None or one.offer.doc_number in text
        assert candidates.get(one.offer.entry, "\0") not in text.replace(" ", "")


def _candidates(shipped: Base) -> dict[str, str]:
    held = (one.entry for one in entries.all_current(shipped.db))
    return {
        one.id: one.doc_number_candidate.replace(" ", "")
        for one in held
        if one.doc_number_candidate is not None
    }


def test_some_of_the_reliefs_tried_have_a_candidate_number(catalogue: Catalogue, shipped: Base) -> None:
    shown = {one.offer.entry for day in (SPRING, TODAY) for one in every(matched(catalogue, shipped, day))}
    assert shown & _candidates(shipped).keys()


def test_several_are_numbered_under_one_link(catalogue: Catalogue, shipped: Base) -> None:
    found = matched(catalogue, shipped, region="430100", headcount="10-29", disability_levy="20000")
    text = accountant_text_of(found.matches, shipped.terms.taxonomy, ORGANISER, LINK)
    lines = text.split("\n")
    assert lines[0] == f"【发给会计】请看这 {len(found.matches)} 项能不能办、怎么办"
    for number, one in enumerate(found.matches, 1):
        assert any(line.startswith(f"{number}. {one.offer.relief.title}：") for line in lines)
    assert text.count(LINK) == text.count(caveat(ORGANISER)) == text.count(NOT_A_BASIS) == 1
    assert lines[-2:] == [LINK, caveat(ORGANISER)]
    assert "测算：20,000 元" in lines


def test_one_of_several_is_short(base: Base, taxonomy: Taxonomy) -> None:
    conditions = [{"text": "要" * 60 + str(number)} for number in range(5)]
    one = made(base, entry=an_offer(**a_relief(materials=["承诺书"]), conditions=conditions))
    lines = accountant_text_of([one, one], taxonomy, ORGANISER, "").split("\n")
    assert lines[1:6] == [
        "1. 缓交试验费用：可能符合（还差 5 项）",
        "《关于阶段性缓缴试验费用的通知》（试发〔2020〕1号）；长期有效（时效未核对）",
        "申报享受（电子税务局）",
        "要准备：承诺书",
        lines[5],
    ]
    assert len(lines[5]) == len("还要确认：") + POINTS
    assert lines[6].startswith("2. ")


def test_nothing_to_send_says_so(taxonomy: Taxonomy) -> None:
    assert accountant_text_of([], taxonomy, ORGANISER, "") == f"{NOTHING}\n{caveat(ORGANISER)}"


def test_estimates_and_numbers_in_words(catalogue: Catalogue, shipped: Base) -> None:
    found = matched(catalogue, shipped, region="430100", headcount="10-29", disability_levy="20000")
    worth = by_id(found, LEVY).estimate
    assert worth
    assert estimate_words(worth) == "20,000 元"
    assert estimate_words(replace(worth, high=worth.high * 2)) == "20,000—40,000 元"
    nameless = replace(by_id(found, LEVY).offer, doc_number=None, doubts=())
    assert number_words(nameless) == ""


@pytest.mark.parametrize(
    ("period", "day", "words"),
    [
        ({"end_kind": "unstated"}, date(2020, 3, 1), "未写截止日"),
        ({"end": "2020-06-30", "end_kind": "dated"}, date(2020, 3, 1), "2020年6月30日止"),
        ({"end_kind": "unstated"}, TODAY, "时效待核实"),
        ({"start": "2027-01-01", "end_kind": "long_term"}, TODAY, "2027年1月1日起，长期有效"),
        ({"end": "2026-10-31", "end_kind": "dated"}, TODAY, "已于2026年10月31日到期"),
    ],
)
def test_until_when_in_words(
    base: Base, taxonomy: Taxonomy, period: dict[str, str], day: date, words: str
) -> None:
    entries.publish(base.db, an_entry(in_force=period), "test", "")
    (one,) = every(matched(Shelf(taxonomy).catalogue(base.db), base, day))
    assert f"到什么时候：{words}（" in accountant_text(one, taxonomy, ORGANISER, LINK)
