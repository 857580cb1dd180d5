"""Many members at once: the same answers as one by one, equal companies once, and what goes out."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import docx
import pytest
from openpyxl import load_workbook

from kb.domain.company import Company
from kb.domain.members import Member
from kb.domain.telling import tell
from kb.matching.catalogue import Catalogue, Shelf
from kb.matching.match import match
from kb.outreach import memberletters, members, membersheets
from kb.outreach.members import Batch, matched
from kb.outreach.message import caveat
from tests.conftest import SPRING, TODAY, Base

NAMES = ("甲通信工程", "=乙网络", "丙\x01软件")


@pytest.fixture(scope="module")
def catalogue(shipped: Base) -> Catalogue:
    return Shelf(shipped.terms.taxonomy).catalogue(shipped.db)


def member(base: Base, row: int, name: str, *facts: tuple[str, str], need: str = "") -> Member:
    told = tell(base.terms.taxonomy, facts, region="430100", need=need)
    return Member(row, name, f"A{row}", told)


def batch(base: Base, catalogue: Catalogue, listed: list[Member], day: date = TODAY) -> Batch:
    terms = base.terms
    return matched(listed, catalogue, terms.standards, terms.taxonomy, day, lambda need: ())


@pytest.fixture(scope="module")
def three(shipped: Base, catalogue: Catalogue) -> Batch:
    facts = [("headcount", "25"), ("industry", "通信工程"), ("rent", "20000")]
    listed = [member(shipped, row, name, *facts) for row, name in enumerate(NAMES, 2)]
    return batch(shipped, catalogue, listed)


def test_each_member_gets_what_it_would_get_alone(shipped: Base, catalogue: Catalogue) -> None:
    listed = [
        member(shipped, 2, "甲", ("headcount", "25"), need="arrears"),
        member(shipped, 3, "乙", ("headcount", "500"), ("size", "大型")),
        member(shipped, 4, "丙"),
    ]
    for day in (SPRING, TODAY):
        for result in batch(shipped, catalogue, listed, day).results:
            company = Company(result.member.told, shipped.terms.standards, shipped.terms.taxonomy)
            alone = match(catalogue, company, day).matches
            ids = [(one.relief.entry, one.relief.relief, one.eligible, one.fits) for one in result.lines]
            assert ids == [(m.offer.entry, m.offer.relief.id, m.outcome == "eligible", m.fits) for m in alone]
            assert len(result.eligible) + len(result.possible) == len(alone)


def test_companies_with_equal_figures_are_worked_out_once(three: Batch) -> None:
    assert (len(three.results), three.different) == (3, 1)
    assert three.results[0].lines is three.results[2].lines


def test_what_ends_within_sixty_days_is_told_soonest_first(three: Batch) -> None:
    result = three.results[0]
    assert result.soon
    days = [one.relief.last for one in result.soon]
    assert days == sorted(day for day in days if day)
    assert all(day and TODAY <= day <= TODAY + timedelta(days=60) for day in days)
    others = [one.relief.last for one in result.lines if not one.relief.soon]
    assert all(day is None or day > TODAY + members.SOON for day in others)


def test_a_need_in_own_words_is_looked_up_once(shipped: Base, catalogue: Catalogue) -> None:
    asked: list[str] = []

    def fitting(need: str) -> tuple[str, ...]:
        asked.append(need)
        return ("nat-2020-mohrss-11",)

    listed = [member(shipped, row, f"甲{row}", ("headcount", str(row)), need="工资发不出") for row in (2, 3)]
    listed.append(member(shipped, 4, "乙"))
    terms = shipped.terms
    found = matched(listed, catalogue, terms.standards, terms.taxonomy, SPRING, fitting)
    assert asked == ["工资发不出"]
    assert [any(one.fits for one in result.lines) for result in found.results] == [True, True, False]


# -- sheets ----------------------------------------------------------------------------------------


def test_the_workbook_has_a_row_a_member_and_a_row_a_match(three: Batch, shipped: Base) -> None:
    remarks = [(7, "=列", "改成 湖南", True)]
    data = membersheets.results_workbook(
        three, remarks, shipped.terms.taxonomy, "某协会", "https://kb.example.org/entries/"
    )
    book = load_workbook(io.BytesIO(data))
    overview, details, left, notes = (list(book[name].values) for name in book.sheetnames)
    assert overview[0] == membersheets.OVERVIEW
    result = three.results[0]
    counts = (len(result.eligible), len(result.possible), len(result.soon))
    assert [row[3:6] for row in overview[1:]] == [counts] * 3
    assert [row[1] for row in overview[1:]] == ["甲通信工程", "'=乙网络", "丙软件"]
    assert len(details) == 1 + 3 * len(result.lines)
    assert str(details[1][-1]).startswith("https://kb.example.org/entries/")
    assert left[1] == (7, "'=列", "没做", "改成 湖南")
    assert notes[-1] == (caveat("某协会"),)
    assert not [cell for page in book for row in page for cell in row if cell.data_type == "f"]


def test_no_address_is_made_up_where_the_site_has_none(three: Batch, shipped: Base) -> None:
    data = membersheets.results_workbook(three, (), shipped.terms.taxonomy, "", "")
    details = list(load_workbook(io.BytesIO(data))["逐项"].values)
    assert {row[-1] for row in details[1:]} == {None}


# -- texts and letters -----------------------------------------------------------------------------


def test_a_text_says_how_much_what_first_and_the_caveat(three: Batch) -> None:
    result = three.results[0]
    text = memberletters.text_of(result, TODAY, "某协会", "https://kb.example.org/m")
    assert len(text) <= memberletters.LIMIT
    assert text.startswith("【甲通信工程】按2026年11月22日查：")
    assert f"初步符合 {len(result.eligible)} 项" in text
    assert "60天内到期" in text
    assert "https://kb.example.org/m" in text
    assert text.endswith(caveat("某协会"))
    assert not {"可享受", "保证", "一定"} & {text[at : at + 3] for at in range(len(text))}
    assert "见下面的网址" not in memberletters.text_of(result, TODAY, "某协会", "")


def test_what_is_doubtful_says_so_in_text_and_letter(shipped: Base, catalogue: Catalogue) -> None:
    result = batch(shipped, catalogue, [member(shipped, 2, "甲", ("headcount", "25"))]).results[0]
    doubted = [line for line in result.lines if line.relief.doubt]
    assert doubted
    only = result._replace(lines=tuple(doubted[:3]))
    assert memberletters.text_of(only, TODAY, "", "").count("内容待核实") == 3


@pytest.mark.parametrize("length", [4, 80])
def test_a_text_is_never_too_long(three: Batch, length: int) -> None:
    for result in three.results:
        renamed = result._replace(member=replace(result.member, name="长" * length))
        text = memberletters.text_of(renamed, TODAY, "主" * 60, "https://kb.example.org/" + "x" * 90)
        assert len(text) <= memberletters.LIMIT
        assert text.endswith("正式文件为准。")


def test_who_matches_nothing_is_told_so(three: Batch) -> None:
    nothing = three.results[0]._replace(lines=(), ask=())
    assert "没有对上" in memberletters.text_of(nothing, TODAY, "", "")


def test_the_zip_has_a_file_for_each_and_one_with_all(three: Batch) -> None:
    data = memberletters.texts_zip(three, "某协会", lambda one: "")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert names == ["全部.txt", "0001-甲通信工程.txt", "0002-乙网络.txt", "0003-丙_软件.txt"]
        assert archive.read(names[1]).startswith(b"\xef\xbb\xbf")
        whole = archive.read(names[0]).decode("utf-8-sig")
    assert whole.count(caveat("某协会")) == 3
    assert "\x01" not in whole


def test_there_is_a_letter_for_each_member_on_a_page_of_its_own(three: Batch) -> None:
    doc = docx.Document(io.BytesIO(memberletters.letters(three, "某协会", lambda one: "")))
    headings = [one.text for one in doc.paragraphs if one.style and one.style.name == "Heading 1"]
    assert headings == ["甲通信工程", "=乙网络", "丙软件"]
    assert doc.element.xml.count('w:type="page"') == 2
    text = "\n".join(one.text for one in doc.paragraphs)
    assert text.count(caveat("某协会")) == 3
    assert text.count("1. ") >= 3
