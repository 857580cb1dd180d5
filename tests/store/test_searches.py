"""The search log: counts by day and query, nothing about who asked, and what came of the misses."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from kb.errors import KbError
from kb.store import audit, searches
from kb.store.searches import KEPT, Tally
from tests.conftest import TODAY, Base

NOTHING, FOUND, OPENED = Tally(asked=1), Tally(asked=1, found=1), Tally(clicked=1)


def add(base: Base, *counted: tuple[str, Tally], days_ago: int = 0) -> None:
    for query, tally in counted:
        searches.add(base.settings.database, {(TODAY - timedelta(days=days_ago), query): tally})


def missed(base: Base, missing: searches.Missing) -> list[str]:
    return [one.query for one in searches.missed(base.db, missing, TODAY - timedelta(days=30))]


def test_counts_add_up_over_days(base: Base) -> None:
    add(base, ("包租费", NOTHING), ("包租费", NOTHING))
    add(base, ("包租费", NOTHING), ("退税", FOUND), days_ago=3)
    (one,) = searches.missed(base.db, "result", TODAY - timedelta(days=30))
    assert (one.query, one.tally, one.last) == ("包租费", Tally(asked=3), TODAY)
    assert searches.total(base.db, TODAY - timedelta(days=30)) == Tally(asked=4, found=1)


def test_the_log_has_columns_for_counts_only(base: Base) -> None:
    columns = {column.name for column in base.db.table("searches").columns}
    assert columns == {"day", "query", "asked", "found", "clicked"}


def test_misses_are_without_result_or_without_click(base: Base) -> None:
    add(base, ("没有的", NOTHING), ("没人点", FOUND), ("点过的", FOUND), ("点过的", OPENED))
    assert missed(base, "result") == ["没有的"]
    assert missed(base, "click") == ["没人点"]


def test_what_was_asked_most_comes_first_and_what_is_old_not_at_all(base: Base) -> None:
    add(base, ("甲", NOTHING), ("乙", NOTHING), ("乙", NOTHING))
    add(base, ("丙", NOTHING), days_ago=60)
    assert missed(base, "result") == ["乙", "甲"]


def test_personal_and_long_queries_are_not_kept(base: Base) -> None:
    add(base, ("张三13800138000", NOTHING), ("a@example.cn", NOTHING), ("长" * 41, NOTHING), ("", NOTHING))
    assert list(base.db.query("SELECT * FROM searches")) == []


def test_nothing_is_kept_longer_than_four_hundred_days(base: Base) -> None:
    add(base, ("旧的", NOTHING), days_ago=KEPT.days + 1)
    add(base, ("边上", NOTHING), days_ago=KEPT.days)
    add(base, ("新的", NOTHING))
    assert {row["query"] for row in base.db.query("SELECT query FROM searches")} == {"边上", "新的"}


def test_a_settled_query_comes_back_when_it_misses_again_later(base: Base) -> None:
    add(base, ("包租费", NOTHING))
    searches.settle(base.db, "包租费", "synonym", "wang")
    assert missed(base, "result") == []
    base.db.execute("UPDATE settled_searches SET at = ?", [f"{TODAY - timedelta(days=2)}T08:00:00+00:00"])
    assert missed(base, "result") == ["包租费"]


def test_an_ignored_query_stays_away_until_it_is_taken_back(base: Base) -> None:
    add(base, ("asdf", NOTHING))
    searches.settle(base.db, "asdf", "ignored", "wang")
    base.db.execute("UPDATE settled_searches SET at = '2020-01-01T00:00:00+00:00'")
    assert missed(base, "result") == []
    searches.unsettle(base.db, "asdf", "wang")
    assert missed(base, "result") == ["asdf"]
    assert [row.action for row in audit.recent(base.db)] == ["search-unsettle", "search-settle"]


def test_a_busy_store_is_given_up_soon_and_told(base: Base) -> None:
    other = sqlite3.connect(base.settings.database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(KbError):
        add(base, ("包租费", NOTHING))
    other.close()
    add(base, ("包租费", NOTHING))
    assert missed(base, "result") == ["包租费"]
