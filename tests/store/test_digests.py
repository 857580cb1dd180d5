"""Digests in the store: numbers given out once each, issues that never change, corrections beside them."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kb.domain.digest import Choice, Digest, Item, Masthead
from kb.errors import KbError
from kb.store import audit, digests
from kb.store.database import Database, open_database
from kb.store.digests import ChangedDigestError
from tests.conftest import Base

SPRING, MARCH = date(2020, 3, 31), date(2020, 3, 1)
ITEM = Item("new", "nat-1", "全国", "缓缴", "可以缓缴三个月。", version=1)
HEAD = Masthead(editor="试验协会")


def a_draft(db: Database, day: date = SPRING) -> Digest:
    return digests.create(db, day, MARCH, [Choice("new", "nat-1")], HEAD, "liu")


def issued(db: Database, draft: Digest) -> Digest:
    return digests.issue(db, draft, (ITEM,), "wang", lambda one: one.title.encode())


def test_a_draft_has_no_number_and_an_issue_gets_the_next_of_its_year_and_of_all(base: Base) -> None:
    draft = a_draft(base.db)
    assert (draft.state, draft.number, draft.total) == ("draft", 0, 0)
    first = issued(base.db, draft)
    second = issued(base.db, a_draft(base.db))
    other_year = issued(base.db, a_draft(base.db, date(2021, 1, 5)))
    numbers = [(one.day.year, one.number, one.total) for one in (first, second, other_year)]
    assert numbers == [(2020, 1, 1), (2020, 2, 2), (2021, 1, 3)]
    assert first.numbering == "2020年第 1 期（总第 1 期）"
    assert digests.by_number(base.db, 2) == second
    assert [one.total for one in digests.issued(base.db)] == [3, 2, 1]
    assert digests.word_of(base.db, first.id).decode() == first.title


def test_who_issued_on_paper_before_goes_on_counting_but_only_once(base: Base) -> None:
    first = digests.issue(base.db, a_draft(base.db), (ITEM,), "wang", lambda _: b"", start=(32, 131))
    second = digests.issue(base.db, a_draft(base.db), (ITEM,), "wang", lambda _: b"", start=(1, 1))
    assert [(one.number, one.total) for one in (first, second)] == [(32, 131), (33, 132)]


def test_issues_of_the_same_moment_get_numbers_of_their_own(base: Base) -> None:
    path, many = base.settings.database, 8
    drafts = [a_draft(base.db) for _ in range(many)]
    ready = threading.Barrier(many)
    found: list[int] = []

    def work(draft: Digest) -> None:
        with closing(open_database(path)) as db:
            ready.wait()
            found.append(issued(db, draft).total)

    threads = [threading.Thread(target=work, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, many + 1))


def test_a_draft_issued_twice_at_once_is_issued_once(base: Base) -> None:
    draft = a_draft(base.db)
    issued(base.db, draft)
    with pytest.raises(ChangedDigestError):
        issued(base.db, draft)
    assert len(digests.issued(base.db)) == 1


def test_what_fails_while_issuing_gives_out_no_number(base: Base) -> None:
    draft = a_draft(base.db)

    def broken(_one: Digest) -> bytes:
        raise KbError("磁盘已满")

    with pytest.raises(KbError, match="磁盘已满"):
        digests.issue(base.db, draft, (ITEM,), "wang", broken)
    with pytest.raises(KbError, match="没有内容"):
        digests.issue(base.db, draft, (), "wang", lambda _: b"")
    assert issued(base.db, draft).total == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE digests SET items = '[]'",
        "UPDATE digests SET word = NULL",
        "UPDATE digests SET items = '[]', word = NULL",
        "UPDATE digests SET items = replace(items, '缓缴', '免缴'), word = NULL",
        """UPDATE digests SET items = '[{"section": "answered", "key": "nat-1"}]', word = NULL""",
        "UPDATE digests SET state = 'draft', total = NULL",
        "DELETE FROM digests",
        "UPDATE digest_notes SET text = ''",
        "DELETE FROM digest_notes",
    ],
)
def test_an_issue_and_its_corrections_never_change_and_never_go(base: Base, sql: str) -> None:
    done = issued(base.db, a_draft(base.db))
    digests.add_note(base.db, done, "第一条的日期应为 4月1日", "wang")
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        base.db.execute(sql)
    assert digests.get(base.db, done.id) == done
    assert [one.text for one in digests.notes(base.db, done.id)] == ["第一条的日期应为 4月1日"]


WORDS = ', "place": "会员", "heading": "贷款到期", "text": "一家会员贷款快到期。", "seal": "s"'


def with_an_answer(db: Database) -> Digest:
    answer = Item("answered", "7", "会员", "贷款到期", "一家会员贷款快到期。", seal="s")
    other = Item("answered", "77", "会员", "缺人", "一家会员缺人。", seal="t")
    return digests.issue(db, a_draft(db), (ITEM, answer, other), "wang", lambda _: b"word")


def test_what_its_member_deleted_is_taken_out_of_an_issue_and_nothing_else(base: Base) -> None:
    done = with_an_answer(base.db)
    digests.forget_answered(base.db, 7)
    assert digests.existing(base.db, done.id) == replace(
        done, items=(ITEM, Item("answered", "7"), done.items[2])
    )
    assert digests.word_of(base.db, done.id) == b""
    digests.forget_answered(base.db, 8)
    assert digests.existing(base.db, done.id).items[2] == done.items[2]


@pytest.mark.parametrize(
    "change",
    [
        "masthead = '{}'",
        "day = '2020-04-01'",
        "word = x'00'",
        "items = replace(items, '可以缓缴', '可以免缴')",
        "items = replace(items, '缺人', '有人')",
        "items = replace(items, '\"7\"', '\"8\"')",
    ],
)
def test_nothing_else_changes_with_it(base: Base, change: str) -> None:
    done = with_an_answer(base.db)
    emptied = f"replace(items, '{WORDS}', '')"
    column, _, value = change.partition(" = ")
    value = value.replace("items", emptied) if column == "items" else value
    values = {"word": "NULL", "items": emptied, column: value}
    changed = ", ".join(f"{name} = {to}" for name, to in values.items())
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        base.db.execute(f"UPDATE digests SET {changed}")  # noqa: S608 - the words above
    assert digests.existing(base.db, done.id) == done
    base.db.execute(f"UPDATE digests SET word = NULL, items = {emptied}")  # noqa: S608 - the words above
    assert digests.existing(base.db, done.id).items[1] == Item("answered", "7")


def test_a_correction_needs_words_and_an_issue(base: Base) -> None:
    draft = a_draft(base.db)
    with pytest.raises(KbError, match="直接改"):
        digests.add_note(base.db, draft, "错了", "wang")
    with pytest.raises(KbError, match="写清楚"):
        digests.add_note(base.db, issued(base.db, draft), "  ", "wang")


def test_a_draft_that_a_colleague_saved_meanwhile_is_not_overwritten(base: Base) -> None:
    draft = a_draft(base.db)
    saved = digests.save(base.db, draft, "zhao", masthead=Masthead(lead="先存的"))
    assert saved.revision == draft.revision + 1
    with pytest.raises(ChangedDigestError):
        digests.save(base.db, draft, "liu", masthead=Masthead(lead="后存的"))
    with pytest.raises(ChangedDigestError):
        issued(base.db, draft)
    assert digests.existing(base.db, draft.id).masthead.lead == "先存的"


def test_what_makes_no_issue_is_refused_with_what_to_do(base: Base) -> None:
    with pytest.raises(KbError, match="至少勾选一条"):
        digests.create(base.db, SPRING, MARCH, [], HEAD, "liu")
    with pytest.raises(KbError, match="两个日期"):
        digests.create(base.db, MARCH, SPRING, [Choice("new", "a")], HEAD, "liu")
    many = [Choice("new", str(number)) for number in range(digests.MOST + 1)]
    with pytest.raises(KbError, match="最多"):
        digests.create(base.db, SPRING, MARCH, many, HEAD, "liu")


def test_a_draft_given_up_leaves_the_list_and_every_step_is_in_the_audit(base: Base) -> None:
    draft = a_draft(base.db)
    digests.drop(base.db, draft, "liu")
    assert digests.drafts(base.db) == []
    done = issued(base.db, a_draft(base.db))
    actions = [row.action for row in audit.recent(base.db, f"digest-{done.id}")]
    assert actions == ["digest-issue", "digest-create"]


def test_issues_survive_being_opened_again(base: Base, tmp_path: Path) -> None:
    done = issued(base.db, a_draft(base.db))
    with closing(open_database(base.settings.database)) as again:
        assert digests.by_number(again, 1) == done
