"""The audit: one line a row whatever is in a name, no secrets, and a chain that shows every change."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.workflow import Actor
from kb.store import audit, drafts, entries, users
from kb.store.database import Database, now, open_database
from kb.store.migrations import migrations
from tests.conftest import Base, an_entry

NASTY = [
    "\n",
    "\r",
    "\x1b[2J",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u061c",
    "\u200b",
    "\ufeff",
    "\x00",
]
LIU = Actor("liu.min", "刘敏", "editor")


def fill(db: Database, rows: int = 6) -> None:
    for number in range(rows):
        audit.append(db, "liu.min", "publish", f"nat-2020-test-{number}", f"第 {number} 次")


def unguarded(db: Database, *statements: str) -> list[audit.Fault]:
    """What is found after somebody has changed the table behind our back and set its guards up again."""
    guards = [row["sql"] for row in db.query("SELECT sql FROM sqlite_master WHERE name LIKE 'audit_never_%'")]
    for name in ("audit_never_changes", "audit_never_goes"):
        db.execute(f"DROP TRIGGER {name}")
    for statement in (*statements, *guards):
        db.execute(statement)
    return audit.verify(db)


@given(st.text(), st.text())
def test_different_texts_stay_different_and_nothing_is_hidden(one: str, other: str) -> None:
    assert (audit.visible(one) == audit.visible(other)) == (one == other)
    assert not {unicodedata.category(letter) for letter in audit.visible(one)} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
    assert len(audit.visible(one).splitlines()) <= 1


@pytest.mark.parametrize("letter", NASTY)
def test_no_name_can_forge_a_line(base: Base, letter: str) -> None:
    name = f"liu{letter}2026-11-22 admin publish"
    audit.append(base.db, name, name, name, name)
    (row,) = audit.recent(base.db)
    for text in (row.actor, row.action, row.subject, row.detail):
        assert letter not in text
        assert f"\\u{ord(letter[0]):04x}" in text
    assert audit.recent(base.db, subject=name, actor=name) == [row]
    assert audit.verify(base.db) == []


def test_plain_chinese_is_written_as_it_is(base: Base) -> None:
    audit.append(base.db, "刘敏", "发布", "nat-2020-1", "延长至 2020年12月31日（财税〔2020〕45号）")
    (row,) = audit.recent(base.db)
    assert (row.actor, row.detail) == ("刘敏", "延长至 2020年12月31日（财税〔2020〕45号）")


def test_no_secret_is_ever_written(base: Base) -> None:
    words = ["correct horse battery", "staple 四个词 again"]
    users.add(base.db, LIU, words[0], "kb user")
    assert users.log_in(base.db, "liu.min", words[0])
    users.set_password(base.db, "liu.min", words[1], "kb user")
    assert users.log_in(base.db, "liu.min", words[0]) is None
    draft = drafts.create(base.db, {"title": "草稿"}, "liu.min", "100000", "form")
    token = drafts.share(base.db, draft.id, "liu.min")
    keys = [users.begin_session(base.db, "liu.min") for _device in "ab"]
    users.end_session(base.db, "liu.min", keys[0])
    users.set_active(base.db, "liu.min", False, "kb user")
    row = next(base.db.query("SELECT password_hash FROM users"))
    written = str([tuple(one.values()) for one in base.db.query("SELECT * FROM audit")])
    actions = {one.action for one in audit.recent(base.db)}
    assert {"user-add", "log-in", "user-password", "draft-share", "user-disable"} <= actions
    for secret in (*words, token, *keys, row["password_hash"]):
        assert secret not in written


def test_rows_can_be_narrowed_to_what_some_accounts_did_or_had_done_to_them(base: Base) -> None:
    for who, what in (("li", "nat-1"), ("wang", "nat-2"), ("boss", "wang"), ("boss", "li")):
        audit.append(base.db, who, "publish", what)
    assert [row.number for row in audit.recent(base.db, about=["wang"])] == [3, 2]
    assert [row.number for row in audit.recent(base.db, about=["wang"], subject="nat-2")] == [2]
    assert audit.recent(base.db, about=[]) == []


def test_what_the_product_writes_is_whole(base: Base) -> None:
    assert audit.verify(base.db) == []
    entries.publish(base.db, an_entry(), "liu.min", "首次\n发布")
    entries.publish(base.db, an_entry(title="新标题"), "liu.min", "")
    entries.withdraw(base.db, "nat-2020-test-1", "liu.min", "误发")
    assert [row.action for row in audit.recent(base.db)] == ["withdraw", "publish", "publish"]
    assert audit.verify(base.db) == []


COLUMNS = {
    "at": "1999",
    "actor": "zhang",
    "action": "drop",
    "entry_id": "x",
    "detail": "",
    "previous": "0",
    "hash": "0",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_row_is_found(base: Base, column: str) -> None:
    fill(base.db)
    faults = unguarded(base.db, f"UPDATE audit SET {column} = '{COLUMNS[column]}' WHERE number = 3")  # noqa: S608
    assert 3 in {fault.number for fault in faults}


@pytest.mark.parametrize(
    ("statement", "number", "says"),
    [
        ("DELETE FROM audit WHERE number = 3", 4, "少了第 3 行"),
        ("DELETE FROM audit WHERE number IN (1, 2)", 3, "少了第 1—2 行"),
        ("DELETE FROM audit WHERE number > 4", 5, "末尾少了第 5—6 行"),
        ("DELETE FROM audit", 1, "末尾少了第 1—6 行"),
        ("UPDATE audit SET hash = '' WHERE number = 3", 3, "没有校验值"),
        ("UPDATE audit SET detail = X'FFFE' WHERE number = 3", 3, "被改过"),
        (
            "INSERT INTO audit (at, actor, action, entry_id, detail) VALUES ('', 'a', 'b', 'c', 'd')",
            7,
            "绕开",
        ),
        (
            "INSERT INTO audit SELECT 7, at, actor, action, entry_id, 'x', previous, hash FROM audit LIMIT 1",
            7,
            "接不上",
        ),
        ("INSERT INTO audit VALUES (0, '', 'a', 'b', 'c', 'd', '', 'e')", 0, "被改过"),
    ],
)
def test_removed_and_inserted_rows_are_found(base: Base, statement: str, number: int, says: str) -> None:
    fill(base.db)
    faults = unguarded(base.db, statement)
    assert any(fault.number == number and says in fault.what for fault in faults), faults


def test_two_rows_that_changed_places_are_found(base: Base) -> None:
    fill(base.db)
    move = "UPDATE audit SET number = {} WHERE number = {}".format
    swap = [move(99, 2), move(2, 3), move(3, 99)]
    assert {fault.number for fault in unguarded(base.db, *swap)} >= {2, 3}


@given(st.data())
def test_any_single_change_is_found(data: st.DataObject) -> None:
    db = memory()
    fill(db, data.draw(st.integers(1, 8)))
    number = data.draw(st.integers(1, audit.head(db).number))
    column = data.draw(st.sampled_from(sorted(COLUMNS)))
    was = next(db.query(f"SELECT {column} AS v FROM audit WHERE number = ?", [number]))["v"]  # noqa: S608
    value = data.draw(
        st.text(st.characters(codec="utf-8", exclude_characters="\0")).filter(lambda text: text != was)
    )
    db.execute("DROP TRIGGER audit_never_changes")
    db.execute(f"UPDATE audit SET {column} = ? WHERE number = ?", [value, number])  # noqa: S608
    assert any(fault.number in (number, number + 1) for fault in audit.verify(db))
    db.close()


def memory() -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    return db


def test_dropped_guards_are_found(base: Base) -> None:
    base.db.execute("DROP TRIGGER versions_never_go")
    (fault,) = audit.verify(base.db)
    assert (fault.number, "versions_never_go" in fault.what) == (0, True)


def unchained(db: Database) -> None:
    row = {"at": now(), "actor": "old\x1b", "action": "publish", "entry_id": "x", "detail": "从前"}
    db.table("audit").insert_all([row, row, row])


def test_rows_from_before_the_chain_are_covered_by_its_first_row(base: Base) -> None:
    unchained(base.db)
    assert audit.verify(base.db) == []
    assert audit.head(base.db).number == 0
    fill(base.db, 2)
    assert audit.verify(base.db) == []
    faults = unguarded(base.db, "UPDATE audit SET detail = '改过' WHERE number = 2")
    assert [fault.number for fault in faults] == [4]
    assert "旧记录" in faults[0].what


def test_a_row_from_before_the_chain_shows_nothing_hidden(base: Base) -> None:
    unchained(base.db)
    assert {row.actor for row in audit.recent(base.db)} == {"old\\u001b"}


def test_a_row_without_hash_spoils_only_itself(base: Base) -> None:
    fill(base.db)
    unguarded(base.db, "UPDATE audit SET hash = '' WHERE number = 6")
    audit.append(base.db, "liu.min", "publish", "x", "之后的")
    assert 8 not in {fault.number for fault in audit.verify(base.db)}


def test_a_chain_made_anew_is_found_by_a_head_that_was_noted(base: Base) -> None:
    fill(base.db)
    noted = audit.head(base.db)
    fill(base.db)
    assert audit.verify(base.db, noted) == []
    unguarded(base.db, "DELETE FROM audit", "DELETE FROM sqlite_sequence WHERE name = 'audit'")
    fill(base.db)
    assert audit.verify(base.db) == []
    (fault,) = audit.verify(base.db, noted)
    assert fault.number == noted.number


def test_concurrent_writers_keep_the_chain_whole(base: Base) -> None:
    def write(name: str) -> None:
        db = open_database(base.settings.database)
        for number in range(20):
            audit.append(db, name, "note", str(number))
        db.close()

    run_together([lambda name=name: write(name) for name in "abcd"])  # type: ignore[misc]
    assert audit.head(base.db).number == 80
    assert audit.verify(base.db) == []


def run_together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_recent_rows_come_newest_first_by_subject_actor_and_page(base: Base) -> None:
    for number in range(1, 8):
        audit.append(base.db, "liu" if number % 2 else "wang", "publish", f"e{number % 3}", "")
    numbers = [row.number for row in audit.recent(base.db, limit=3)]
    assert numbers == [7, 6, 5]
    assert [row.number for row in audit.recent(base.db, before=5, limit=2)] == [4, 3]
    assert [row.number for row in audit.recent(base.db, subject="e1")] == [7, 4, 1]
    assert [row.number for row in audit.recent(base.db, actor="wang")] == [6, 4, 2]
    assert audit.recent(base.db, subject="e1", actor="wang", before=4) == []
