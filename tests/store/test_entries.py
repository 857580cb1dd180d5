"""The store: versions that never change, changes in the same transaction, tombstones, faults."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kb.errors import KbError
from kb.store import changes, entries
from kb.store.database import open_database, writing
from tests.conftest import Base, an_entry

LATER = {"type": "extends", "to": "nat-2020-test-1#defer", "end": "2020-12-31"}


def test_a_publish_is_a_version_a_change_and_an_audit_row(base: Base) -> None:
    first = entries.publish(base.db, an_entry(), "zhang", "首次发布")
    second = entries.publish(base.db, an_entry(title="新标题"), "li", "改标题")
    assert first
    assert second
    assert (first.number, second.number) == (1, 2)
    assert [(c.entry_id, c.version) for c in changes.since(base.db, 0, 10)] == [
        ("nat-2020-test-1", 1),
        ("nat-2020-test-1", 2),
    ]
    audit = list(base.db.query("SELECT actor, action, detail FROM audit ORDER BY number"))
    assert [(row["actor"], row["detail"]) for row in audit] == [("zhang", "首次发布"), ("li", "改标题")]


def test_the_same_content_makes_no_version(base: Base) -> None:
    entries.publish(base.db, an_entry(), "a", "")
    assert entries.publish(base.db, an_entry(), "a", "") is None
    assert changes.last_number(base.db) == 1


@pytest.mark.parametrize("table", ["versions", "audit"])
def test_history_cannot_be_changed_or_deleted(base: Base, table: str) -> None:
    entries.publish(base.db, an_entry(), "a", "")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 99"):  # noqa: S608
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            base.db.execute(statement)


def test_an_extension_writes_a_change_for_what_it_moves_and_so_does_its_end(base: Base) -> None:
    entries.publish(base.db, an_entry(), "a", "")
    later = an_entry("nat-2020-test-2", issued_on="2020-06-22", relations=[LATER])
    entries.publish(base.db, later, "a", "")
    entries.publish(base.db, later.model_copy(update={"relations": ()}), "a", "")
    moved = [(c.entry_id, c.because) for c in changes.since(base.db, 0, 99) if c.action == "timeline"]
    assert moved == [("nat-2020-test-1", "nat-2020-test-2")] * 2


def test_amendments_and_relations_are_found_from_the_earlier_document(base: Base) -> None:
    entries.publish(base.db, an_entry(), "a", "")
    entries.publish(base.db, an_entry("nat-2020-test-2", relations=[LATER]), "a", "")
    (amendment,) = entries.amendments_to(base.db, "nat-2020-test-1")
    assert (amendment.because, amendment.relief, str(amendment.end)) == (
        "nat-2020-test-2",
        "defer",
        "2020-12-31",
    )
    entries.withdraw(base.db, "nat-2020-test-2", "a", "误发")
    assert entries.amendments_to(base.db, "nat-2020-test-1") == []


def test_a_withdrawn_or_merged_entry_keeps_its_address(base: Base) -> None:
    for name in ("nat-2020-test-1", "nat-2020-test-2"):
        entries.publish(base.db, an_entry(name), "a", "")
    entries.withdraw(base.db, "nat-2020-test-1", "a", "重复", merged_into="nat-2020-test-2")
    held = entries.get(base.db, "nat-2020-test-1")
    assert held
    assert (held.state, held.merged_into) == ("merged", "nat-2020-test-2")
    assert [one.entry.id for one in entries.all_current(base.db)] == ["nat-2020-test-2"]


def test_a_failure_inside_leaves_nothing_behind(base: Base) -> None:
    def fail() -> None:
        with writing(base.db):
            entries.publish(base.db, an_entry(), "a", "")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert entries.get(base.db, "nat-2020-test-1") is None
    assert changes.last_number(base.db) == 0


def test_many_writers_take_turns(base: Base) -> None:
    def publish(number: int) -> None:
        db = open_database(base.settings.database)
        for version in range(5):
            entries.publish(db, an_entry(f"nat-2020-test-{number}", title=f"第{version}版"), "a", "")
        db.close()

    threads = [threading.Thread(target=publish, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changes.last_number(base.db) == 30
    assert all(one.version.number == 5 for one in entries.all_current(base.db))


_PUBLISH_FOR_EVER = """
import sys
from pathlib import Path
from kb.store import entries
from kb.store.database import open_database
from tests.conftest import an_entry
db = open_database(Path(sys.argv[1]))
for number in range(100000):
    entries.publish(db, an_entry(f"nat-2020-test-{number % 7}", title=f"第 {number} 版"), "a", "")
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 3, 8, 20])
def test_kill_minus_nine_leaves_versions_changes_and_audit_level(base: Base, after: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _PUBLISH_FOR_EVER, str(base.settings.database)], stdout=subprocess.PIPE
    )
    assert process.stdout
    for _ in range(after):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    counts = {
        table: int(next(base.db.query(f"SELECT count(*) AS n FROM {table}"))["n"])  # noqa: S608
        for table in ("versions", "changes", "audit")
    }
    assert len(set(counts.values())) == 1
    assert counts["versions"] >= after
    assert next(base.db.query("PRAGMA integrity_check"))["integrity_check"] == "ok"
    assert list(base.db.query("PRAGMA foreign_key_check")) == []


@pytest.mark.parametrize("content", [b"this is no database" * 100, os.urandom(8192)])
def test_a_file_that_is_no_database_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kb.sqlite"
    path.write_bytes(content)
    with pytest.raises(KbError, match="不是本产品的数据库"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_locked_database_says_to_try_again(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    other = open_database(base.settings.database)
    other.execute("BEGIN IMMEDIATE")
    base.db.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(KbError, match="稍后再试"):
        entries.publish(base.db, an_entry(), "a", "")
    other.execute("ROLLBACK")
    other.close()
    assert entries.publish(base.db, an_entry(), "a", "")


def test_migrations_run_once_from_two_processes(tmp_path: Path) -> None:
    path = tmp_path / "kb.sqlite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_open_and_close, args=[str(path)]) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


def _open_and_close(path: str) -> None:
    open_database(Path(path)).close()
