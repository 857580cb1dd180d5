"""``kb import`` as its users meet it: sections and proposals shown, drafts made, every refusal in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.store import drafts
from kb.store.database import open_database
from tests.ingest.papers.making import BRIEFING, REPORT


def run(settings: Settings, *args: str) -> Result:
    variables = {
        "KB_HOME": str(settings.home),
        "KB_TODAY": "2026-11-22",
        "KB_POLICIES": str(settings.policies),
    }
    return CliRunner().invoke(main, ["import", *args], env=variables, catch_exceptions=False)


@pytest.fixture
def report(tmp_path: Path) -> str:
    path = tmp_path / "报告.txt"
    path.write_text(REPORT, encoding="utf-8")
    return str(path)


def waiting(settings: Settings) -> int:
    db = open_database(settings.database)
    found = len(drafts.listed(db))
    db.close()
    return found


def test_the_sections_and_what_is_proposed_are_shown(settings: Settings, report: str) -> None:
    result = run(settings, report, "--dry-run")
    assert result.exit_code == 0
    assert "  （一）不同地区难度不同  #s" in result.stdout
    assert "新\t协会举措（2020年）\t二\t开展培训\t附件2“服务会员的3条举措”第二条“开展培训”" in result.stdout
    assert "数据表\t表1各地经营难度（分）" in result.stdout
    assert "提出 8 项（新 8）；只看看，没有存" in result.stderr
    assert waiting(settings) == 0


def test_importing_makes_drafts_once(settings: Settings, report: str) -> None:
    assert "存成草稿 8 份，还没有发布" in run(settings, report).stderr
    assert "提出 8 项（已有草稿 8）；存成草稿 0 份" in run(settings, report, "--as-draft").stderr
    assert waiting(settings) == 8


def test_the_json_has_sections_items_figures_and_the_drafts(settings: Settings, report: str) -> None:
    data: dict[str, Any] = json.loads(run(settings, report, "--json").stdout)
    assert data["counts"] == {"recommendation": 2, "measure": 3, "case": 3}
    assert [one["draft"] for one in data["items"]] == list(range(1, 9))
    assert len(data["figures"][0]["values"]) == 6
    headings = [one["heading"] for one in data["sections"]]
    assert "附件1：典型企业情况汇总表" in headings
    for item in data["items"]:
        assert item["what"] == "new"
        assert all(one["quote"] for one in item["proposals"])


def test_services_are_listed_with_their_section(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "简报.txt"
    path.write_text(BRIEFING, encoding="utf-8")
    shown = run(settings, str(path), "--dry-run").stdout
    assert (
        "新\t行业服务\t湖南省试验行业协会免费法律咨询\t湖南协会·用心服务会员“全力服务 帮助会员单位发展”"
        in shown
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "请在 WPS 中另存为 .docx 后再传"),
        ("a.pdf", b"%PDF-1.4 broken", "PDF 坏了"),
        ("a.txt", b"", "空的"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(
    settings: Settings, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    result = run(settings, str(path))
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_a_file_that_is_not_there_is_named(settings: Settings) -> None:
    result = run(settings, "没有.txt")
    assert (result.exit_code, "读不了 没有.txt" in result.stderr) == (1, True)


def test_an_address_inside_is_not_asked(settings: Settings) -> None:
    result = run(settings, "http://127.0.0.1:8888/a.html")
    assert (result.exit_code, "没有去访问" in result.stderr) == (1, True)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://www.example.gov.cn/a.docx"])
def test_an_address_of_another_kind_says_what_to_do(settings: Settings, address: str) -> None:
    result = run(settings, address)
    assert (result.exit_code, "请先把文件下载下来" in result.stderr) == (1, True)


def test_a_file_without_end_is_refused_after_its_first_megabytes(settings: Settings) -> None:
    result = run(settings, "/dev/zero")
    assert (result.exit_code, "超过 20 MB" in result.stderr) == (1, True)
