"""Until when, in words that leave the site: what was worked out says so, and what was checked long ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kb.domain.company import Company
from kb.domain.telling import tell
from kb.domain.timeline import StatusOn
from kb.matching.catalogue import Shelf
from kb.matching.match import Match, Matches, match
from kb.outreach.accountant import accountant_text
from kb.outreach.calendar import deadline_lines, deadlines, ics
from kb.outreach.feeds import Feed, atom
from kb.outreach.matches import match_json, outcome_words
from kb.outreach.message import group_message
from kb.outreach.results import answer_csv, answer_lines, hit_json
from kb.outreach.sheet import sheet_json, sheet_on
from kb.outreach.until import end_words, runs_words, until_words
from kb.search import Request, search
from kb.store import entries
from tests.conftest import TODAY, Base

SHENZHEN = "sz-2024-ai-pioneer"
ABOUT = "约2026年12月17日（据有效期2年推算）"
LATER = date(2027, 6, 1)
CHECKED = date(2026, 11, 22)


def dated(**more: object) -> StatusOn:
    return StatusOn("open", True, end=date(2026, 12, 17), end_kind="dated", **more)  # type: ignore[arg-type]


def test_a_day_from_the_document_stands_as_it_is() -> None:
    assert end_words(dated()) == "2026年12月17日"


def test_a_day_that_was_worked_out_says_from_what() -> None:
    assert end_words(dated(inferred="有效期2年")) == ABOUT


@pytest.mark.parametrize(
    ("lapsed", "confirmed_on", "words"),
    [
        (False, CHECKED, "2026年12月17日止（最近核对2026年11月22日）"),
        (True, CHECKED, "2026年12月17日止（待复核，最近核对2026年11月22日）"),
        (False, None, "2026年12月17日止（时效未核对）"),
    ],
)
def test_what_was_checked_too_long_ago_is_to_be_checked_again(
    lapsed: bool, confirmed_on: date | None, words: str
) -> None:
    assert until_words(dated(lapsed=lapsed), confirmed_on) == words


OVER = StatusOn("expired", False, end=date(2021, 3, 31), end_kind="dated")
LONG = StatusOn("open", True, end_kind="long_term")
UNSTATED = StatusOn("unstated", True)


@pytest.mark.parametrize(
    ("parts", "named", "short"),
    [
        ([], "2026年12月17日止", "2026年12月17日止"),
        ([("甲", dated()), ("乙", dated())], "2026年12月17日止", "2026年12月17日止"),
        (
            [("甲", OVER), ("乙", dated())],
            "各项不同，甲：已于2021年3月31日到期；乙：2026年12月17日止",
            "各项不同，部分已到期，最晚2026年12月17日止，见链接",
        ),
        (
            [("甲", dated()), ("乙", OVER), ("丙", dated())],
            "各项不同，乙：已于2021年3月31日到期；其余：2026年12月17日止",
            "各项不同，部分已到期，最晚2026年12月17日止，见链接",
        ),
        (
            [("甲", dated()), ("乙", LONG), ("丙", UNSTATED)],
            "各项不同，甲：2026年12月17日止；乙：长期有效；丙：未写截止日",
            "各项不同，有的2026年12月17日止，有的长期有效，有的未写截止日，见链接",
        ),
        (
            [("甲", OVER), ("乙", replace(OVER, end=date(2020, 6, 30)))],
            "各项不同，甲：已于2021年3月31日到期；乙：已于2020年6月30日到期",
            "各项不同，都已到期，见链接",
        ),
    ],
)
def test_reliefs_that_end_on_different_days_are_never_given_one(
    parts: list[tuple[str, StatusOn]], named: str, short: str
) -> None:
    assert runs_words(dated(), parts, room=100, see="见链接") == named
    assert runs_words(dated(), parts, room=10, see="见链接") == short


# -- everywhere ------------------------------------------------------------------------------------


def matched(shipped: Base, day: date, *facts: tuple[str, str]) -> Matches:
    terms = shipped.terms
    company = Company(tell(terms.taxonomy, facts), terms.standards, terms.taxonomy)
    return match(Shelf(terms.taxonomy).catalogue(shipped.db), company, day)


@pytest.fixture(scope="module")
def in_shenzhen(shipped: Base) -> Matches:
    return matched(shipped, TODAY, ("region", "广东省深圳市"), ("size", "小型"))


def one_of(found: Matches, entry: str) -> Match:
    return next(one for one in found.matches if one.offer.entry == entry)


def test_every_text_about_an_inferred_end_says_about(shipped: Base, in_shenzhen: Matches) -> None:
    taxonomy, one = shipped.terms.taxonomy, one_of(in_shenzhen, SHENZHEN)
    held = entries.get(shipped.db, SHENZHEN)
    assert held
    sheet = sheet_on(shipped.db, held, TODAY)
    assert sheet
    found = search(shipped.library, Request("深圳 训力券", TODAY))
    feed = Feed("", "/", "/", "/entries/", "")
    dates = [line for line in deadline_lines(deadlines(in_shenzhen)) if sheet.entry.title in line]
    calendar = ics(deadlines(in_shenzhen), "", "", datetime(2026, 11, 22, tzinfo=UTC)).replace("\r\n ", "")
    texts = [
        group_message(sheet, taxonomy, "", ""),
        accountant_text(one, taxonomy, "", ""),
        dates[0],
        calendar,
    ]
    assert [ABOUT in text for text in texts] == [True] * len(texts)
    assert "政策到期（推算）：" in calendar
    about = "约2026-12-17（据有效期2年推算）"
    lists = [
        atom(feed, found.hits, TODAY).decode(),
        answer_csv(found, taxonomy, "/entries/"),
        "\n".join(answer_lines(found, taxonomy)),
    ]
    assert [about in text for text in lists] == [True] * len(lists)


def test_data_has_the_day_and_what_it_was_worked_out_from(shipped: Base, in_shenzhen: Matches) -> None:
    taxonomy = shipped.terms.taxonomy
    held = entries.get(shipped.db, SHENZHEN)
    assert held
    sheet = sheet_on(shipped.db, held, TODAY)
    assert sheet
    hit = next(
        hit
        for hit in search(shipped.library, Request("深圳 训力券", TODAY)).hits
        if hit.record.id == SHENZHEN
    )
    for data in (
        sheet_json(sheet, taxonomy)["status"],
        hit_json(hit, taxonomy),
        match_json(one_of(in_shenzhen, SHENZHEN)),
    ):
        assert (data["until"], data["inferred"], data["lapsed"]) == ("2026-12-17", "有效期2年", False)


def test_only_the_five_whose_notes_say_so_have_an_inferred_end(shipped: Base) -> None:
    found = [held.entry for held in entries.all_current(shipped.db)]
    inferred = {entry.id for entry in found if entry.in_force and entry.in_force.inferred}
    assert inferred == {
        "sz-2024-ai-pioneer",
        "nat-2026-mof-jin4",
        "nat-2026-mof-jin6",
        "gd-2020-20",
        "nat-2020-nhsa-6",
    }
    for entry in found:
        for relief in entry.reliefs:
            assert not (relief.period and relief.period.inferred)


# -- when a confirmation has run out ---------------------------------------------------------------

FACTS = (("region", "湖南省长沙市"), ("headcount", "20"), ("size", "小型"), ("taxpayer", "小规模纳税人"))
TELLING = (*FACTS, ("rent", "20000"), ("low_profit", "是"), ("monthly_sales", "80000"))


def test_what_is_eligible_today_is_at_most_possible_when_nobody_has_checked_again(shipped: Base) -> None:
    today = matched(shipped, TODAY, *TELLING)
    eligible = {one.offer.id for one in today.matches if one.outcome == "eligible"}
    assert eligible
    later = {one.offer.id: one for one in matched(shipped, LATER, *TELLING).matches}
    still = eligible & later.keys()
    assert still
    for name in still:
        one = later[name]
        assert (one.outcome, one.held_back) == ("possible", ("lapsed",)), name
        assert outcome_words(one) == "可能符合（待复核）"
        assert match_json(one)["held_back"] == ["lapsed"]
    assert all(one.outcome != "eligible" for one in later.values() if one.offer.confirmed_on)


def test_a_failed_condition_and_open_points_say_what_they_said(shipped: Base) -> None:
    later = matched(shipped, LATER, *TELLING)
    assert all(one.outcome == "ineligible" for one in later.ineligible)
    waiting = [one for one in later.matches if one.open_points]
    assert waiting
    assert all("还差" in outcome_words(one) and not one.held_back for one in waiting)


def test_a_past_day_is_judged_by_what_was_good_on_it(shipped: Base) -> None:
    assert all(not one.status.lapsed for one in matched(shipped, date(2027, 1, 31), *TELLING).matches)
    assert all(not one.held_back for one in matched(shipped, TODAY, *TELLING).matches)
