"""Names of authorities: what is one, what is half of one, and where it is."""

from __future__ import annotations

import pytest

from kb.config import ROOT
from kb.ingest.authorities import names_in, place_of, place_of_all, place_told
from kb.store.terms import load_taxonomy

REGIONS = load_taxonomy(ROOT / "policies").regions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("湖南省财政厅 国家税务总局湖南省税务局", ("湖南省财政厅", "国家税务总局湖南省税务局")),
        ("国家试验委、财政部", ("国家试验委", "财政部")),
        ("湖南省财政厅文件", ("湖南省财政厅",)),
        ("财 政 部", ("财政部",)),
        ("试验省应对疫情工作\n领导小组办公室（代章）", ("试验省应对疫情工作领导小组办公室",)),
        ("共青团试验市委经济开发区 工作委员会", ("共青团试验市委经济开发区工作委员会",)),
        ("试验市食品安全办公室试验市指挥部市场监管组", ("试验市食品安全办公室", "试验市指挥部市场监管组")),
        ("国家卫生健康委基层司", ("国家卫生健康委基层司",)),
        ("将乐县人民政府", ("将乐县人民政府",)),
    ],
)
def test_a_line_of_names_gives_each_name_whole(text: str, names: tuple[str, ...]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "工作委员会",
        "疫情防控工作领导小组办公室",
        "试验省将再建一所应急医院",
        "试验省加紧建设省级应急医院",
        "试验省建立健全财政保障机制",
        "关于试验市财政局",
        "各市财政局",
        "湖南省财政厅 最新政策",
        "",
    ],
)
def test_half_a_name_or_a_headline_is_no_authority(text: str) -> None:
    assert names_in(text) == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("湖南省财政厅", "430000"),
        ("国家税务总局深圳市税务局", "440300"),
        ("四川银保监局", "510000"),
        ("中国银保监会四川监管局", "510000"),
        ("长沙经济技术开发区管委会", "430100"),
        ("教育部应对疫情工作领导小组办公室", "100000"),
        ("财政部", "100000"),
        ("国家税务总局办公厅", "100000"),
        ("开发区党建工作部", ""),
        ("中国人民银行营业管理部", ""),
        ("市商务局", ""),
    ],
)
def test_a_name_tells_its_place_or_nothing(name: str, code: str) -> None:
    assert place_of(name, REGIONS) == code


def test_a_branch_of_no_known_place_leaves_the_place_of_the_others_less_sure() -> None:
    assert place_of_all(["北京市财政局", "中国人民银行营业管理部"], REGIONS) == ("110000", False)
    assert place_of_all(["北京市财政局", "湖南省财政厅"], REGIONS) == ("", True)
    assert place_of_all(["财政部", "某某中心"], REGIONS)[0] == ""


def test_a_district_lies_where_the_text_says_unless_it_says_two_places() -> None:
    assert place_told("朝阳区财政局", "北京市朝阳区的企业", REGIONS) == ("110000", "北京市朝阳区")
    assert place_told("长沙县财政局", "湖南省长沙县、长沙市长沙县", REGIONS)[0] == "430100"
    assert place_told("朝阳区财政局", "北京市朝阳区、长春市朝阳区", REGIONS) == ("", "")
    assert place_told("朝阳区财政局", "本区企业", REGIONS) == ("", "")
