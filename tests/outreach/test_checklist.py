"""The sheet to print: every match once, in its group, with what it was made from."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kb.domain.company import Company
from kb.domain.room import Room
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import tell, words_of
from kb.matching.catalogue import Shelf
from kb.matching.match import Matches, match
from kb.matching.ways import GROUPS
from kb.outreach.accountant import NOT_A_BASIS
from kb.outreach.checklist import Checklist, Item, checklist_of
from kb.outreach.message import LEAD, caveat
from kb.store import entries
from tests.conftest import TODAY, Base

ORGANISER = "某省通信行业协会"
FACTS = {
    "region": "430100",
    "headcount": "10-29",
    "industry": "通信工程",
    "revenue": "200万",
    "certificates": "高新技术企业",
    "disability_levy": "20000-30000",
}


@pytest.fixture(scope="module")
def found(shipped: Base) -> Matches:
    taxonomy = shipped.terms.taxonomy
    told = tell(taxonomy, FACTS.items(), need="税和社保负担")
    company = Company(told, shipped.terms.standards, taxonomy)
    return match(Shelf(taxonomy).catalogue(shipped.db), company, TODAY)


@pytest.fixture(scope="module")
def sheet(found: Matches) -> Checklist:
    return checklist_of(found, ORGANISER)


def items(sheet: Checklist) -> dict[str, Item]:
    return {f"{item.entry}#{item.relief}": item for section in sheet.sections for item in section.items}


def test_every_match_is_there_once_in_its_group(found: Matches, sheet: Checklist) -> None:
    groups = [section.group for section in sheet.sections]
    assert groups == [group for group in GROUPS if any(one.group == group for one in found.matches)]
    for section in sheet.sections:
        listed = [one.offer.id for one in found.matches if one.group == section.group]
        assert [f"{item.entry}#{item.relief}" for item in section.items] == listed
    assert sheet.total == len(found.matches) > 10


def test_nothing_ineligible_is_on_it(found: Matches) -> None:
    """The list it reads holds none; should one get there, it still is not printed."""
    assert found.ineligible
    mixed = replace(found, matches=(*found.matches, *found.ineligible))
    assert checklist_of(mixed, ORGANISER) == checklist_of(found, ORGANISER)


def test_it_bears_its_day_its_company_and_the_caveat(sheet: Checklist, taxonomy: Taxonomy) -> None:
    assert sheet.day == TODAY
    assert sheet.notes == (NOT_A_BASIS, caveat(ORGANISER))
    company, headcount = dict(sheet.company), taxonomy.facts["headcount"]
    assert company["所在地"] == "湖南省长沙市"
    assert company["所属细分行业"] == "通信工程建设"
    assert company["从业人数"] == words_of(Room(Decimal(10), Decimal(29)), headcount, taxonomy)
    assert company["资质证书"] == "高新技术企业"
    assert company["企业规模（推算）"].startswith("微型（按")
    assert "工信部联企业〔2011〕300号" in company["企业规模（推算）"]
    assert company["困难"] == "税和社保负担"


def test_a_company_that_told_nothing_has_no_lines(shipped: Base) -> None:
    taxonomy = shipped.terms.taxonomy
    company = Company(tell(taxonomy), shipped.terms.standards, taxonomy)
    nothing = match(Shelf(taxonomy).catalogue(shipped.db), company, TODAY)
    assert checklist_of(nothing, ORGANISER).company == ()


def test_an_item_says_what_to_do_and_from_which_version(shipped: Base, sheet: Checklist) -> None:
    item = items(sheet)["nat-2026-mof-2023-8#exempt-thirty"]
    held = entries.get(shipped.db, item.entry)
    assert held
    assert item.version == held.version.number
    assert (item.title, item.number) == ("30人及以下企业免征残保金", "财政部公告2023年第8号")
    assert item.way == "申报享受（残疾人就业服务机构核定，再申报残保金）"
    assert item.steps == ("先到残疾人就业服务机构核定", "申报残保金时自动适用")
    assert item.until == "2027年12月31日止（最近核对2026年11月22日）"
    assert item.verdict == "初步符合"
    assert item.estimate == "20,000—30,000 元"
    assert item.lead == item.windows == ""


def test_windows_papers_and_open_points_are_told(sheet: Checklist) -> None:
    listed = items(sheet)
    assert listed["nat-2026-tech-115#direct"].windows.startswith(
        "本年窗口已过（2026年6月1日起至2026年8月31日"
    )
    assert listed["nat-2026-mof-caiku-46#price-deduction"].materials == ("中小企业声明函",)
    assert (
        "待补充：年应纳税所得额不超过300万元" in listed["nat-2026-mof-sta-2023-12#low-profit-income-tax"].open
    )


def test_leads_are_marked_and_estimate_nothing(found: Matches, sheet: Checklist) -> None:
    leads = {one.offer.id for one in found.matches if one.offer.lead}
    assert leads
    for name, item in items(sheet).items():
        assert (item.lead == LEAD) == (name in leads)
        assert not (item.lead and item.estimate)
