"""Messages for a chat: what they say of a search and of a company, and that they always fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.company import Company, Told
from kb.domain.telling import tell
from kb.matching.catalogue import Shelf
from kb.matching.match import Matches, match
from kb.outreach.groups import match_message, search_message
from kb.outreach.message import LIMIT, caveat, group_message
from kb.outreach.sheet import Sheet, sheet_on
from kb.search import Answer, Request, search
from kb.search.table import Filters
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base

ORGANISER = "中国通信企业协会"
LINK = "https://kb.example.org/search?q=%E8%B4%B7%E6%AC%BE"
SHORT = "https://kb.example.org/m/430100/10-29/loan-turnover/-"
QUESTIONS = ("", "贷款", "社保", "运营商拖欠工程款", "稳岗返还", "租金", "稳岗*", "没有这种东西的词")


def entry_link(entry_id: str) -> str:
    return f"https://kb.example.org/e/{entry_id}"


@pytest.fixture(scope="module")
def answers(shipped: Base) -> list[Answer]:
    filters = (Filters(), Filters(region=("430000",)), Filters(status=("all",)))
    days = (TODAY, SPRING)
    return [
        search(shipped.library, Request(words, day, one))
        for words in QUESTIONS
        for day in days
        for one in filters
    ]


@pytest.fixture(scope="module")
def company(shipped: Base) -> Company:
    facts = [("region", "430100"), ("headcount", "10-29"), ("industry", "maintenance"), ("rent", "20000")]
    told = tell(shipped.terms.taxonomy, facts, need="loan-turnover")
    return Company(told, shipped.terms.standards, shipped.terms.taxonomy)


@pytest.fixture(scope="module")
def found(shipped: Base, company: Company) -> Matches:
    return match(Shelf(shipped.terms.taxonomy).catalogue(shipped.db), company, TODAY)


def test_a_search_says_question_day_number_and_the_best_with_their_links(shipped: Base) -> None:
    answer = search(shipped.library, Request("贷款周转", TODAY))
    first = answer.hits[0].record
    lines = search_message(answer, "贷款周转", ORGANISER, LINK, entry_link).split("\n")
    assert lines[0] == f"【查政策】贷款周转：按2026年11月22日查，找到 {answer.total} 件"
    assert lines[1].startswith(f"1. {first.promise[:9]}")
    assert lines[1].endswith(entry_link(first.id))
    assert "最近核对2026年11月22日" in lines
    assert lines[-1] == caveat(ORGANISER)


def test_what_is_not_verified_is_marked_in_a_search(shipped: Base) -> None:
    answer = search(shipped.library, Request("贷款周转", TODAY))
    doubted = {answer.hits[0].record.id}
    marked = search_message(answer, "", ORGANISER, LINK, entry_link, doubted)
    assert "内容待核实" in marked.split("\n")[1]
    plain = search_message(answer, "", ORGANISER, LINK, entry_link)
    assert "内容待核实" not in plain.split("\n")[1]


def test_the_link_of_a_search_stands_whole_where_there_is_room(shipped: Base) -> None:
    answer = search(shipped.library, Request("贷款", TODAY))
    text = search_message(answer, "贷款", "", "http://a.cn/search?q=x", lambda one: f"http://a.cn/e/{one}")
    assert "http://a.cn/search?q=x" in text.split("\n")
    assert "http://a.cn/e/" in text


odd = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=400)


@settings(max_examples=150)
@given(data=st.data(), question=odd, organiser=odd, link=odd)
def test_a_search_always_fits_a_chat(
    answers: list[Answer], data: st.DataObject, question: str, organiser: str, link: str
) -> None:
    answer = data.draw(st.sampled_from(answers))
    text = search_message(answer, question, organiser, link, entry_link)
    assert len(text) <= LIMIT
    if len(caveat(organiser)) < LIMIT - 40:
        assert text.endswith(caveat(organiser))
    assert text.startswith("【查政策】")


def test_a_match_says_who_how_many_and_the_first_of_each_group(found: Matches) -> None:
    told = ("region", "headcount", "need")
    text = match_message(found, told, ORGANISER, SHORT)
    head, *lines = text.split("\n")
    assert head.startswith("【惠企政策对照】长沙、10—29 人、贷款周转，按2026年11月22日查：初步符合 ")
    eligible = sum(one.outcome == "eligible" for one in found.matches)
    assert f"初步符合 {eligible} 项，可能符合 {len(found.matches) - eligible} 项" in head
    assert sum(line.startswith(("不用申请：", "报税时填：", "需要申请：", "找银行：")) for line in lines) >= 2
    assert lines[-2:] == [SHORT, caveat(ORGANISER)]
    assert len(text) <= LIMIT


def test_a_match_names_no_figure_and_no_fact_that_its_link_does_not(found: Matches) -> None:
    text = match_message(found, ("region",), ORGANISER, SHORT)
    assert "长沙" in text
    assert "10—29" not in text
    assert "贷款周转" not in text.split("\n")[0]
    assert "20000" not in text
    assert "元" not in text.split("\n")[0]


def test_a_match_says_what_is_not_verified(found: Matches) -> None:
    listed = match_message(found, (), ORGANISER, SHORT).split("\n")
    titles = {one.offer.relief.title: one.offer for one in found.matches}
    doubtful = [line for line in listed for title, one in titles.items() if title in line and one.doubts]
    assert doubtful
    assert all("待核实" in line for line in doubtful) or "以上各项都有内容待核实" in "".join(listed)


def test_where_nothing_fits_the_message_says_so(shipped: Base, company: Company) -> None:
    long_ago = match(Shelf(shipped.terms.taxonomy).catalogue(shipped.db), company, date(2001, 1, 1))
    text = match_message(long_ago, ("region",), ORGANISER, SHORT)
    assert "目前没有查到对应政策" in text
    assert text.endswith(f"{SHORT}\n{caveat(ORGANISER)}")


REGIONS = ("", "100000", "430000", "430100", "420000", "110000", "310000")


@settings(max_examples=60)
@given(
    region=st.sampled_from(REGIONS),
    people=st.sampled_from(("1-9", "10-29", "300+")),
    industry=st.sampled_from(("maintenance", "software", "construction")),
    day=st.sampled_from((TODAY, SPRING, date(2022, 7, 1))),
    organiser=odd,
    link=odd,
)
def test_a_match_always_fits_a_chat(
    shipped: Base, shelf: Shelf, region: str, people: str, industry: str, day: date, organiser: str, link: str
) -> None:
    facts = [("region", region), ("headcount", people), ("industry", industry)]
    told: Told = tell(shipped.terms.taxonomy, [one for one in facts if one[1]])
    company = Company(told, shipped.terms.standards, shipped.terms.taxonomy)
    found = match(shelf.catalogue(shipped.db), company, day)
    text = match_message(found, ("region", "headcount", "industry", "need"), organiser, link)
    assert len(text) <= LIMIT
    if len(caveat(organiser)) < LIMIT - 40:
        assert text.endswith(caveat(organiser))


@pytest.fixture(scope="module")
def shelf(shipped: Base) -> Shelf:
    return Shelf(shipped.terms.taxonomy)


# -- one entry -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheets(shipped: Base) -> list[Sheet]:
    days = (TODAY, SPRING, date(2020, 8, 1))
    held = [(one, day) for one in entries.all_current(shipped.db) for day in days]
    return [sheet for one, day in held if (sheet := sheet_on(shipped.db, one, day))]


def test_what_is_not_verified_is_marked_in_every_entry(shipped: Base, sheets: list[Sheet]) -> None:
    for sheet in sheets:
        text = group_message(sheet, shipped.terms.taxonomy, ORGANISER, entry_link(sheet.entry.id))
        doubtful = sheet.entry.is_lead or bool(sheet.entry.verified.doubts)
        assert ("\n注意：" in text and "待核实" in text) == doubtful, sheet.entry.id
        assert len(text) <= LIMIT


@pytest.mark.parametrize(
    ("key", "day", "told"),
    [
        ("nat-2020-mof-sta-13", date(2021, 4, 10), "湖北小规模纳税人免增值税：已于2021年3月31日到期；"),
        ("nat-2026-nfra-13", TODAY, "中型企业流动资金贷款续贷：2027年9月30日止；其余：长期有效"),
        ("fj-zz-2026-job", TODAY, "未写截止日；其余：2026年12月31日止"),
        ("nat-2026-mof-caiku-19", TODAY, "工程采购预留份额提高到40%：未写截止日；其余：长期有效"),
    ],
)
def test_reliefs_that_end_on_different_days_are_named(shipped: Base, key: str, day: date, told: str) -> None:
    held = entries.get(shipped.db, key)
    sheet = sheet_on(shipped.db, held, day) if held else None
    assert sheet
    text = group_message(sheet, shipped.terms.taxonomy, ORGANISER, entry_link(key))
    assert "到什么时候：各项不同，" in text
    assert told in text
    tight = group_message(sheet, shipped.terms.taxonomy, "某" * 50, "https://kb.example.org/" + "x" * 60)
    assert "到什么时候：各项不同，" in tight
    assert "，见链接（" in tight


def test_a_search_gives_no_day_of_one_relief_for_all(shipped: Base) -> None:
    answer = search(shipped.library, Request("小规模纳税人 增值税 湖北", date(2021, 4, 10)))
    hit = next(one for one in answer.hits if one.record.id == "nat-2020-mof-sta-13")
    text = search_message(replace(answer, hits=(hit,)), "增值税", ORGANISER, LINK, entry_link)
    assert "（各项不同，部分已到期，最晚2021年12月31日止，见链接" in text


@settings(max_examples=200)
@given(data=st.data(), organiser=odd, link=odd)
def test_an_entry_always_fits_a_chat(
    shipped: Base, sheets: list[Sheet], data: st.DataObject, organiser: str, link: str
) -> None:
    sheet = data.draw(st.sampled_from(sheets))
    text = group_message(sheet, shipped.terms.taxonomy, organiser, link)
    assert len(text) <= LIMIT
    assert text.startswith("【")
    if len(organiser) < 40:
        assert text.endswith(caveat(organiser))
