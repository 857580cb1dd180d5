"""kb eval-extract: pages against what must come out of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import ROOT
from tests.conftest import POLICIES

SITES = ROOT / "tests" / "sites"


def run(tmp_path: Path, *args: str) -> Result:
    environ = {"KB_HOME": str(tmp_path / "home"), "KB_POLICIES": str(POLICIES), "KB_TODAY": "2026-11-22"}
    return CliRunner().invoke(main, ["eval-extract", *args], env=environ, catch_exceptions=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return shutil.copytree(SITES / "trs", tmp_path / "trs")


def test_every_page_of_the_imitation_sites_gives_what_is_kept_beside_it(tmp_path: Path) -> None:
    copied = shutil.copytree(SITES, tmp_path / "sites")
    result = run(tmp_path, str(copied))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 页与留存的不同" in result.stderr


def test_what_is_not_kept_yet_is_written_and_is_a_finding_until_somebody_has_read_it(
    tmp_path: Path, site: Path
) -> None:
    kept = site / "nested.json"
    kept.unlink()

    first = run(tmp_path, str(site))
    second = run(tmp_path, str(site))

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "请看过再提交" in first.stdout
    assert json.loads(kept.read_text(encoding="utf-8"))["facts"]["doc_number"]["value"] == "试财办〔2026〕3号"


def test_what_comes_out_differently_is_shown_and_the_kept_file_stays(tmp_path: Path, site: Path) -> None:
    kept = site / "nested.json"
    other = kept.read_text(encoding="utf-8").replace("试财办〔2026〕3号", "试财办〔2026〕4号")
    kept.write_text(other, encoding="utf-8")

    result = run(tmp_path, str(site / "nested.html"))

    assert result.exit_code == 1
    assert "试财办〔2026〕4号" in result.stdout
    assert kept.read_text(encoding="utf-8") == other


def test_the_comparison_is_also_given_as_json(tmp_path: Path, site: Path) -> None:
    rows = json.loads(run(tmp_path, str(site), "--json").stdout)

    assert {row["state"] for row in rows} == {"same"}
    assert len(rows) == 3


def test_list_pages_are_no_documents(tmp_path: Path, site: Path) -> None:
    assert "index" not in run(tmp_path, str(site), "--json").stdout


@pytest.mark.parametrize(("text", "told"), [(None, "没有 site.yml"), ("addres: x", "写得不对")])
def test_a_folder_that_does_not_say_where_its_pages_are_is_refused(
    tmp_path: Path, site: Path, text: str | None, told: str
) -> None:
    (site / "site.yml").unlink()
    if text:
        (site / "site.yml").write_text(text, encoding="utf-8")

    result = run(tmp_path, str(site))

    assert result.exit_code == 1
    assert told in result.stderr
