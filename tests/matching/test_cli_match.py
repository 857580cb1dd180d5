"""``kb match`` as its users meet it: the contract of its JSON, exit codes, names that are accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings

HUNAN = ("--region", "湖南省长沙市", "--size", "小型", "--industry", "通信工程", "--need", "减税和社保")
IN_SPRING = (*HUNAN, "--as-of", "2020-03-10")
ROW = {
    "entry",
    "relief",
    "title",
    "doc_number",
    "verdict",
    "conditions",
    "missing",
    "estimate",
    "channel",
    "claimable",
    "status",
    "until",
    "version",
}


def run(settings: Settings, *args: str) -> Result:
    environ = {
        "KB_HOME": str(settings.home),
        "KB_TODAY": "2026-11-22",
        "KB_POLICIES": str(settings.policies),
    }
    return CliRunner().invoke(main, ["match", *args], env=environ, catch_exceptions=False)


def answer(settings: Settings, *args: str) -> dict[str, Any]:
    result = run(settings, *args, "--json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def test_the_answer_has_the_contracts_keys(loaded: Settings) -> None:
    data = answer(loaded, *IN_SPRING, "--fact", "social_contributions=20000")
    assert {"company", "as_of", "matches", "unchecked", "upcoming", "ineligible", "next_questions"} <= set(
        data
    )
    assert data["as_of"] == "2020-03-10"
    for name in ("matches", "unchecked", "upcoming", "ineligible"):
        for row in data[name]:
            assert set(row) >= ROW
            for one in row["conditions"]:
                assert set(one) == {"text", "verdict", "needed", "yours", "source"}
                assert set(one["source"]) == {"entry", "section", "quote", "url"}
                assert one["verdict"] in ("met", "failed", "unknown", "manual")
    assert all(set(one) == {"field", "label", "decides"} for one in data["next_questions"])


def test_the_exemption_of_2020_is_found_and_explained(loaded: Settings) -> None:
    data = answer(loaded, *IN_SPRING, "--fact", "social_contributions=20000")
    (row,) = (one for one in data["matches"] if (one["entry"], one["relief"]) == EXEMPT)
    assert (row["verdict"], row["status"], row["until"]) == ("possible", "open", "2020-06-30")
    assert (row["doc_number"], row["channel"], row["claimable"]) == (
        "人社部发〔2020〕11号",
        "automatic",
        True,
    )
    assert [one["verdict"] for one in row["conditions"]] == ["met", "met", "unknown"]
    assert row["missing"] == ["insured"]
    assert (row["estimate"]["low"], row["estimate"]["high"]) == (100_000, 100_000)
    assert set(row["estimate"]) == {"low", "high", "formula", "assumptions"}
    assert data["company"]["region"] == "430100"


EXEMPT = ("nat-2020-mohrss-11", "exempt-sme")


def test_one_answer_more_settles_it(loaded: Settings) -> None:
    data = answer(loaded, *IN_SPRING, "--fact", "insured=是")
    (row,) = (one for one in data["matches"] if (one["entry"], one["relief"]) == EXEMPT)
    assert (row["verdict"], row["missing"]) == ("eligible", [])
    assert "insured" not in {one["field"] for one in data["next_questions"]}


def test_nothing_known_later_or_from_elsewhere(loaded: Settings) -> None:
    data = answer(loaded, *IN_SPRING)
    ids = {row["entry"] for name in ("matches", "unchecked", "upcoming", "ineligible") for row in data[name]}
    assert "hn-2020-3" in ids
    assert not {one for one in ids if one.startswith(("bj-", "gd-", "zj-", "sh-", "yn-", "sz-"))}
    assert "nat-2020-mohrss-49" not in ids


@pytest.mark.parametrize("where", ["长沙", "湖南长沙", "湖南省长沙市", "430100"])
def test_names_are_accepted_short_full_or_as_codes(loaded: Settings, where: str) -> None:
    data = answer(loaded, "--region", where, "--size", "micro", "--fact", "增值税纳税人类型=小规模纳税人")
    assert data["company"]["region"] == "430100"
    assert data["company"]["facts"] == {"size": "微型", "taxpayer": "小规模纳税人"}


def test_people_and_revenue_may_be_ranges_and_revenue_is_in_wan(loaded: Settings) -> None:
    data = answer(loaded, "--industry", "光缆", "--employees", "10-29", "--revenue", "500-1000")
    assert data["company"]["facts"] == {"headcount": "10—29 人", "revenue": "500—1000 万元"}
    assert data["company"]["derived"]["size"]["value"] == "微型、小型"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--region", "火星"], "湖南"),
        (["--size", "巨型"], "微型（micro）"),
        (["--size", ""], "微型（micro）"),
        (["--industry", "炼金"], "通信工程建设（construction）"),
        (["--employees", "很多"], "10-29"),
        (["--revenue", "不少"], "100-300万"),
        (["--fact", "mood=好"], "从业人数（headcount）"),
        (["--fact", "rent"], "rent=20000"),
        (["--fact", "insured=也许"], "是 或 否"),
        (["--fact", "taxpayer=超级"], "一般纳税人（general）"),
        (["--as-of", "昨天"], "2020-03-10"),
    ],
)
def test_an_unknown_value_exits_two_and_names_the_accepted(
    loaded: Settings, args: list[str], says: str
) -> None:
    result = run(loaded, *args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_on_a_terminal_each_relief_says_how_it_comes_out(loaded: Settings) -> None:
    result = run(loaded, *IN_SPRING)
    assert result.exit_code == 0
    title = "中小微企业三项社保单位缴费免征（湖北以外）"
    assert f"可能符合（还差 1 项）  {title}  人社部发〔2020〕11号" in result.stdout
    assert "待您补充：参加企业职工基本养老、失业、工伤保险，且不是机关事业单位" in result.stdout
    heads = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert len(heads) > 50
    assert all(line.startswith(("初步符合  ", "可能符合")) for line in heads)
    assert "按 2020-03-10 查" in result.stderr


def test_words_on_no_list_are_searched_for(loaded: Settings) -> None:
    data = answer(loaded, "--region", "湖南", "--need", "写字楼租金交不起", "--as-of", "2020-03-10")
    fitting = {row["entry"] for row in data["matches"] if row["fits_need"]}
    assert "nat-2020-miit-14" in fitting
    assert len(fitting) < len({row["entry"] for row in data["matches"]})


def test_words_that_find_nothing_fit_nothing(loaded: Settings) -> None:
    rows = answer(loaded, "--region", "湖南", "--need", "老板跑路了", "--as-of", "2026-11-22")["matches"]
    assert rows
    assert not any(row["fits_need"] for row in rows)
    rows = answer(loaded, "--region", "湖南", "--need", "质保金不退", "--as-of", "2026-11-22")["matches"]
    assert {row["entry"] for row in rows if row["fits_need"]} == {"nat-2026-gwy-802"}
