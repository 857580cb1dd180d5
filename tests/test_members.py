"""``kb members`` and ``kb apikey``, as their users meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from kb.cli import main
from kb.config import Settings

LIST = "企业名称,所在地,从业人数,困难\n甲试验公司,湖南省长沙市,25,减税和社保\n乙试验公司,火星,5,\n"


@pytest.fixture
def members(tmp_path: Path) -> Path:
    path = tmp_path / "members.csv"
    path.write_text(LIST, encoding="gbk")
    return path


def run(settings: Settings, *args: str) -> Result:
    environ = {
        "KB_HOME": str(settings.home),
        "KB_TODAY": "2026-11-22",
        "KB_POLICIES": str(settings.policies),
    }
    return CliRunner().invoke(main, list(args), env=environ, catch_exceptions=False)


def test_a_list_is_matched_and_its_wrong_rows_are_named(
    loaded: Settings, members: Path, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("out.xlsx", "texts.zip", "letters.docx", "empty.xlsx")]
    options = zip(("-o", "--texts", "--letters", "--template"), map(str, files), strict=True)
    result = run(loaded, "members", str(members), *(part for pair in options for part in pair))
    assert result.exit_code == 1
    assert result.stdout.split("\t")[0] == "甲试验公司"
    assert "第 3 行「所在地」" in result.stderr
    assert "做了 1 家" in result.stderr
    assert all(path.stat().st_size > 1000 for path in files)
    assert [row[1] for row in load_workbook(files[0])["总览"].values][1:] == ["甲试验公司"]


def test_results_come_as_json(loaded: Settings, members: Path) -> None:
    data = json.loads(run(loaded, "members", str(members), "--json", "--as-of", "2020-03-10").stdout)
    assert data["as_of"] == "2020-03-10"
    (one,) = data["members"]
    assert one["eligible"] + one["possible"] == len(one["matches"]) > 0
    assert [remark["row"] for remark in data["remarks"]] == [3]


def test_without_a_list_it_says_what_to_give(loaded: Settings) -> None:
    result = run(loaded, "members")
    assert result.exit_code == 2
    assert "--template" in result.stderr


def test_what_is_no_list_is_a_clear_error(loaded: Settings, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("标题\n甲\n", encoding="utf-8")
    result = run(loaded, "members", str(path))
    assert result.exit_code == 1
    assert "表头" in result.stderr


def test_a_key_is_made_listed_and_revoked(settings: Settings) -> None:
    made = run(settings, "apikey", "add", "某省协会网站")
    key = made.stdout.strip()
    assert key.startswith("kb_")
    assert len(key) == 35
    (row,) = json.loads(run(settings, "apikey", "list", "--json").stdout)
    assert (row["name"], row["revoked_at"]) == ("某省协会网站", None)
    assert key not in run(settings, "apikey", "list").stdout
    assert run(settings, "apikey", "revoke", str(row["id"])).exit_code == 0
    assert "撤销" in run(settings, "apikey", "list").stdout
    assert run(settings, "apikey", "revoke", "99").exit_code == 1
