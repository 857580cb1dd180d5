"""The command line as its users meet it: data on stdout, talk on stderr, exit codes, clear words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import ROOT, Settings
from kb.ingest import entryfile
from tests.conftest import POLICIES, an_entry


def run(settings: Settings, *args: str, **environ: str) -> Result:
    variables = {
        "KB_HOME": str(settings.home),
        "KB_TODAY": "2026-11-22",
        "KB_POLICIES": str(settings.policies),
    }
    return CliRunner().invoke(main, list(args), env={**variables, **environ}, catch_exceptions=False)


def answer(settings: Settings, *args: str) -> dict[str, Any]:
    result = run(settings, "search", *args, "--json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def test_the_answer_has_the_contracts_keys(loaded: Settings) -> None:
    data = answer(loaded, "养老保险", "免征", "--as-of", "2020-03-10")
    assert {"query", "as_of", "total", "took_ms", "suggestion", "facets", "hits"} <= set(data)
    assert (data["query"], data["as_of"]) == ("养老保险 免征", "2020-03-10")
    hit = next(hit for hit in data["hits"][:3] if hit["id"] == "nat-2020-mohrss-11")
    assert hit["doc_number"] == "人社部发〔2020〕11号"
    assert hit["relief_types"] == ["社保减免缓缴"]
    assert hit["regions"] == ["全国"]
    assert hit["status"] == "open"
    assert {"kind", "title", "score", "snippet"} <= set(hit)
    for values in data["facets"].values():
        assert all(set(value) == {"value", "label", "count"} for value in values)


@pytest.mark.parametrize("name", ["云南", "云南省", "530000"])
def test_names_are_accepted_short_full_or_as_codes(loaded: Settings, name: str) -> None:
    data = answer(loaded, "租金", "--region", name, "--as-of", "2020-03-10", "--relief", "租金减免")
    assert data["total"] > 0
    assert all({"全国", "云南省"} & set(hit["regions"]) for hit in data["hits"])


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--region", "火星"], "没有「火星」这个地区"),
        (["--relief", "魔法"], "税费减免（tax）"),
        (["--status", "gone"], "有效（open）"),
        (["--as-of", "昨天"], "2020-03-10"),
        (["--year", "二十"], "四位数字"),
    ],
)
def test_an_unknown_value_exits_two_and_names_the_accepted(
    loaded: Settings, args: list[str], says: str
) -> None:
    result = run(loaded, "search", "贷款", *args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_no_hit_is_exit_zero(loaded: Settings) -> None:
    assert answer(loaded, "zzzzqqqq")["total"] == 0


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "\\", "*", '"', "-", "区块链 \0", "'; DROP TABLE entries; --"]
)
def test_odd_queries_are_answered(loaded: Settings, text: str) -> None:
    assert run(loaded, "search", "--json", "--", text).exit_code == 0


def test_check_is_clean_on_what_is_shipped(loaded: Settings) -> None:
    result = run(loaded, "check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_check_names_file_line_and_what_to_do(settings: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "nat-2020-test-1.yml"
    bad.write_text(entryfile.dump(an_entry()).replace("kind: policy", "kind: polcy"), encoding="utf-8")
    result = run(settings, "check", str(bad))
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{bad}:2: kind 不能写 'polcy'")
    (finding,) = json.loads(run(settings, "check", str(bad), "--json").stdout)
    assert finding["line"] == 2


def test_load_then_search_from_an_empty_home(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "entries" / "policy" / "nat-2020-test-1.yml"
    path.parent.mkdir(parents=True)
    path.write_text(entryfile.dump(an_entry()), encoding="utf-8")
    result = run(settings, "load", str(tmp_path), "--json")
    assert [one["what"] for one in json.loads(result.stdout)["outcomes"]] == ["new"]
    assert answer(settings, "试验", "--status", "all")["total"] == 1
    assert run(settings, "index", "--verify").exit_code == 0
    assert run(settings, "index", "--rebuild").exit_code == 0


def test_a_binary_file_among_entries_is_said_and_exits_one(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_bytes(b"\x89PNG\x00")
    result = run(settings, "load", str(tmp_path))
    assert result.exit_code == 1
    assert "x.yml:1:" in result.stdout


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"KB_TODAY": "gestern"}, "KB_TODAY"),
        ({"KB_POLICIES": "/nowhere"}, "没有找到政策目录"),
        ({"KB_HOME": "/proc/nothing"}, "/proc/nothing"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, environ: dict[str, str], says: str) -> None:
    result = run(settings, "search", "贷款", **environ)
    assert result.exit_code in (1, 2)
    assert says in result.stderr


def test_eval_measures_any_documents(loaded: Settings, tmp_path: Path) -> None:
    documents, questions = tmp_path / "docs.jsonl", tmp_path / "queries.jsonl"
    documents.write_text(
        '{"id": "a", "text": "贷款贴息"}\n{"id": "b", "text": "房租减免"}\n', encoding="utf-8"
    )
    questions.write_text(
        '{"query": "房租", "doc": "b"}\n{"query": "贴息", "docs": ["a"]}\n', encoding="utf-8"
    )
    data = json.loads(run(loaded, "eval", str(documents), str(questions), "--json").stdout)
    assert (data["recall_at_1"], data["mrr_at_10"], data["ndcg_at_10"]) == (1.0, 1.0, 1.0)
    documents.write_text("not json\n", encoding="utf-8")
    result = run(loaded, "eval", str(documents), str(questions))
    assert result.exit_code == 1
    assert "docs.jsonl:1:" in result.stderr


def commands() -> list[tuple[str, click.Command]]:
    """Every command by the words that call it, those of groups too."""
    groups = [(name, one) for name, one in main.commands.items() if isinstance(one, click.Group)]
    below = [(f"{name} {part}", one) for name, group in groups for part, one in group.commands.items()]
    return sorted([*main.commands.items(), *below])


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_has_help_an_example_and_a_line_in_the_readme(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert f"Example: kb {name}" in command.help
    assert f"kb {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kb", "check", str(POLICIES / "entries" / "case")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KB_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "12 个文件" in done.stderr


def test_a_search_tells_what_it_understood_and_on_demand_why(loaded: Settings) -> None:
    asked = ("search", "杭州小企业租金", "--as-of", "2020-03-10", "--limit", "2")
    plain, reasons = run(loaded, *asked), run(loaded, *asked, "--explain")
    assert "看出可能要找：地区 浙江省杭州市；规模 小型；支持类型 租金减免" in plain.stderr
    assert "近义或另一种写法" not in plain.stdout
    assert "租金 分量" in reasons.stdout
    assert "房租（近义或另一种写法）" in reasons.stdout
    data = answer(loaded, *asked[1:], "--explain")
    assert data["hits"][0]["explain"]["factors"]["region"] > 1
    assert data["understood"][0]["values"] == ["330100"]
    assert "explain" not in answer(loaded, *asked[1:])["hits"][0]


def test_a_slip_is_told_with_what_was_meant(loaded: Settings) -> None:
    assert "您是不是要找：\n  加计扣除" in run(loaded, "search", "加记扣除").stderr
    assert "没有找到“canbaojin”，下面是“残保金”的结果" in run(loaded, "search", "canbaojin").stderr
    data = answer(loaded, "公基金缓交", "--as-of", "2020-03-10")
    assert data["suggestion"]["options"][0]["query"] == "公积金缓缴"
