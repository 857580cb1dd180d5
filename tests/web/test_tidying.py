"""Tidying as it is run: by the command, and once a day by a serving process."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.store import difficulties
from kb.store.database import open_database
from kb.store.tidying import RULES
from tests.conftest import POLICIES, TODAY
from tests.web.conftest import made
from web.background import tidied_on

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KB_HOME", str(settings.home))
    monkeypatch.setenv("KB_POLICIES", str(POLICIES))
    monkeypatch.setenv("KB_TODAY", TODAY.isoformat())
    return lambda *words: CliRunner().invoke(main, ["tidy", *words])


def contacts(settings: Settings) -> list[str]:
    with closing(open_database(settings.database)) as db:
        return [one.contact for one in difficulties.listed(db) if one.contact]


@pytest.fixture(autouse=True)
def closed_long_ago(settings: Settings) -> None:
    """A difficulty with a contact whose time is over."""
    with closing(open_database(settings.database)) as db:
        held, _token = difficulties.state_one(db, needs=("arrears",), text="困难", contact="a@example.com")
        difficulties.close(db, held, "li")
        db.table("difficulties").update(held.id, {"closed_at": "2025-01-01T00:00:00.000000+00:00"})


def test_a_dry_run_names_each_rule_with_its_count(run: Run, settings: Settings) -> None:
    result = run("--dry-run")
    assert result.exit_code == 0
    lines = [line.split("\t")[:2] for line in result.stdout.splitlines()]
    assert [key for key, _number in lines] == [one.key for one in RULES]
    assert ["difficulty-contacts", "1"] in lines
    assert contacts(settings) == ["a@example.com"]


def test_as_json_it_says_what_was_deleted(run: Run, settings: Settings) -> None:
    told = json.loads(run("--json").stdout)
    assert (told["day"], told["dry_run"]) == (TODAY.isoformat(), False)
    assert {one["key"]: one["number"] for one in told["rules"]}["difficulty-contacts"] == 1
    assert contacts(settings) == []


def test_a_serving_process_tidies_on_starting_and_then_once_a_day(settings: Settings) -> None:
    site = made(settings).extensions["kb"]
    assert tidied_on(site, None) == TODAY
    assert contacts(settings) == []
    with closing(open_database(settings.database)) as db:
        db.execute("UPDATE difficulties SET contact = 'b@example.com'")
    assert tidied_on(site, TODAY) == TODAY
    assert contacts(settings) == ["b@example.com"]
    tomorrow = replace(site, settings=replace(settings, today=TODAY + timedelta(days=1)))
    assert tidied_on(tomorrow, TODAY) == TODAY + timedelta(days=1)
    assert contacts(settings) == []


def test_what_could_not_be_tidied_is_tried_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_database(settings.database)) as db:
        db.execute("ALTER TABLE audit RENAME TO elsewhere")
    assert tidied_on(made(settings).extensions["kb"], None) is None
    assert "稍后再试" in caplog.text
