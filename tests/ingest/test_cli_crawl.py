"""``kb crawl`` as its users meet it; nothing here leaves this machine, since the addresses are refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kb.config import Settings
from kb.ingest.crawling import alone
from kb.ingest.visiting import Visitor
from kb.store import runs
from kb.store.database import open_database
from tests.conftest import POLICIES
from tests.test_cli import run

INSIDE = """\
id: inside
name: 试验来源
home: https://10.0.0.1/
hosts: ["10.0.0.1"]
lists:
  - {url: "https://10.0.0.1/list/", item: li}
"""


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Settings:
    """Settings whose only source is on an inside address."""
    policies = tmp_path / "policies"
    policies.mkdir()
    for path in POLICIES.iterdir():
        if path.is_file():
            shutil.copy(path, policies)
    (policies / "sources").mkdir()
    made = replace(settings, policies=policies)
    write(made, "inside", INSIDE)
    return made


def write(settings: Settings, name: str, text: str) -> None:
    (settings.policies / "sources" / f"{name}.yml").write_text(text, encoding="utf-8")


def test_a_source_that_cannot_be_read_is_a_finding_and_is_kept(ours: Settings) -> None:
    result = run(ours, "crawl", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    (one,) = report["sources"]
    assert (one["source"], one["state"], one["listed"]) == ("inside", "failed", 0)
    assert "内网或保留地址" in one["detail"]
    db = open_database(ours.database)
    assert [kept.id for kept in runs.recent(db, 9)] == [report["run"]]
    db.close()


def test_the_report_is_a_line_a_source(ours: Settings) -> None:
    result = run(ours, "crawl", "inside")
    assert result.stdout.startswith("inside\t失败；列出 0；https://10.0.0.1/list/：")
    assert "1 个来源" in result.stderr


def test_without_a_contact_to_name_it_says_so(ours: Settings) -> None:
    assert "KB_CONTACT" in run(ours, "crawl").stderr
    assert "KB_CONTACT" not in run(ours, "crawl", KB_CONTACT="a@b.cn").stderr


def test_a_dry_run_keeps_nothing(ours: Settings) -> None:
    result = run(ours, "crawl", "--dry-run", "--json")
    assert result.exit_code == 1
    (one,) = json.loads(result.stdout)
    assert (one["source"], one["new"]) == ("inside", [])
    assert "什么也没有存" in result.stderr
    db = open_database(ours.database)
    assert runs.recent(db, 9) == []
    db.close()


def test_a_dry_run_writes_no_file_not_even_a_first_one(ours: Settings) -> None:
    assert run(ours, "crawl", "--dry-run").exit_code == 1
    assert not ours.home.exists()


@pytest.mark.parametrize("in_use", [False, True])
def test_a_dry_run_beside_a_knowledge_base_leaves_every_file_as_it_is(ours: Settings, in_use: bool) -> None:
    with closing(open_database(ours.database)) as db:
        runs.begin(db, "all")
        if in_use:
            before = files(ours.home)
            run(ours, "crawl", "--dry-run")
            assert files(ours.home) == before
    before = files(ours.home)
    run(ours, "crawl", "--dry-run", "--due")
    assert files(ours.home) == before


def files(home: Path) -> dict[str, bytes]:
    """All that is written; the memory that readers of a database in use share is not counted."""
    return {
        str(one): one.read_bytes()
        for one in home.rglob("*")
        if one.is_file() and not one.name.endswith("-shm")
    }


def test_a_quiet_run_says_only_what_wants_a_person(ours: Settings) -> None:
    result = run(ours, "crawl", "--quiet")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("inside\t失败")
    write(ours, "inside", INSIDE + "paused: 试验\n")
    result = run(ours, "crawl", "--due", "-q")
    assert (result.exit_code, result.output) == (0, "")


def test_a_quiet_run_beside_another_goes_away_without_a_word(ours: Settings) -> None:
    with alone(ours.home):
        result = run(ours, "crawl", "--due", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_a_run_that_somebody_stops_says_what_became_of_it(
    ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_given: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Visitor, "visit", stopped)
    result = run(ours, "crawl")
    assert result.exit_code == 130
    assert "再运行一次会接着采" in result.stderr
    with closing(open_database(ours.database)) as db:
        (one,) = runs.recent(db, 9)
    assert (one.finished_at is not None, one.sources[0].state) == (True, "interrupted")


def test_what_failed_is_due_again_and_what_is_paused_is_not_crawled(ours: Settings) -> None:
    write(ours, "inside", INSIDE + "paused: 试验\n")
    for how in ("--due", "--json"):
        result = run(ours, "crawl", how)
        assert result.exit_code == 0
        assert "inside" not in result.stdout
    assert run(ours, "crawl", "inside").exit_code == 1


def test_an_unknown_source_is_told_with_the_known_ones(ours: Settings) -> None:
    result = run(ours, "crawl", "insid")
    assert result.exit_code == 1
    assert "没有来源 insid。可用：inside" in result.stderr


def test_a_source_and_due_do_not_go_together(ours: Settings) -> None:
    assert run(ours, "crawl", "inside", "--due").exit_code == 2


def test_a_broken_source_file_is_told_and_the_others_are_crawled(ours: Settings) -> None:
    write(ours, "other", INSIDE.replace("id: inside", "id: other\nwhat: now"))
    result = run(ours, "crawl", "--json")
    assert [one["source"] for one in json.loads(result.stdout)["sources"]] == ["inside"]
    assert "没有「what」这个键" in result.stderr
    assert run(ours, "crawl", "other").exit_code == 1


def test_a_second_crawl_at_the_same_time_says_so(ours: Settings) -> None:
    with alone(ours.home):
        result = run(ours, "crawl")
    assert result.exit_code == 1
    assert "已有一次采集在进行" in result.stderr
