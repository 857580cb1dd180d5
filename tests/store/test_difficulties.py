"""Difficulties in the store: private links, consent to just these words, deletion that leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kb.config import Settings
from kb.domain.difficulty import Difficulty, Rewrite
from kb.errors import KbError
from kb.store import audit, backup, difficulties, outbox, restore
from kb.store.database import Database, open_database
from tests.conftest import Base

WORDS, CONTACT = "总包压着马尔克款不给", "marker-owner@example.com"
REWRITE = Rewrite(
    "验收后收不到款", "一家小企业验收后收不到工程款。", "可以依《保障中小企业款项支付条例》投诉。"
)


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    with closing(open_database(settings.database)) as opened:
        yield opened


def told(db: Database, **changes: str) -> Difficulty:
    fields = {"text": WORDS, "contact": CONTACT, "region": "430000", **changes}
    return difficulties.state_one(db, needs=("arrears",), **fields)[0]


def held_in(home: Path, words: str) -> list[str]:
    """The files below ``home`` that hold ``words``."""
    return [path.name for path in home.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def test_only_the_private_link_leads_back_and_the_store_does_not_hold_it(
    db: Database, settings: Settings
) -> None:
    held, token = difficulties.state_one(db, needs=("arrears",), text=WORDS)
    assert len(token) == 32
    found = difficulties.by_token(db, token)
    assert found == held
    assert difficulties.by_token(db, token[:-1]) is None
    assert difficulties.by_token(db, "") is None
    assert held_in(settings.home, token) == []


def test_the_same_form_sent_twice_is_one_difficulty(db: Database) -> None:
    first = difficulties.state_one(db, needs=("arrears",), text=WORDS, token="t" * 32)
    assert difficulties.state_one(db, needs=("arrears",), text=WORDS, token="t" * 32) == first
    assert len(difficulties.listed(db)) == 1
    assert [one.action for one in difficulties.events(db, first[0].id)] == ["receive"]


def test_until_staff_did_anything_the_words_sent_last_count(db: Database, settings: Settings) -> None:
    difficulties.state_one(db, needs=("arrears",), text=WORDS, contact=CONTACT, token="t" * 32)
    for words in ("改过一次", "改过两次"):
        held, _token = difficulties.state_one(db, needs=("hiring",), text=words, token="t" * 32)
    assert difficulties.listed(db) == [held]
    assert (held.text, held.needs, held.contact) == ("改过两次", ("hiring",), "")
    assert held_in(settings.home, CONTACT) == []


@pytest.mark.parametrize("step", ["comment", "add"])
def test_once_something_was_done_other_words_of_the_same_form_are_not_taken_for_it(
    db: Database, step: str
) -> None:
    held, token = difficulties.state_one(db, needs=("arrears",), text=WORDS, token="t" * 32)
    if step == "comment":
        difficulties.comment(db, held, "先打电话", "li")
        assert difficulties.state_one(db, needs=("arrears",), text=WORDS, token=token)[0] == held
    else:
        held = difficulties.add_text(db, held, "还没付", date(2026, 11, 22))
    with pytest.raises(difficulties.ChangedMeanwhileError, match="补充"):
        difficulties.state_one(db, needs=("arrears",), text="别的话", token=token)
    assert difficulties.listed(db) == [held]


def test_what_was_not_told_stays_empty(db: Database) -> None:
    held, _token = difficulties.state_one(db, needs=(), text="没有订单")
    assert (held.region, held.size, held.segment, held.contact, held.consent_forward) == ("",) * 5
    assert (held.needs, held.state) == ((), "received")


def test_every_step_is_an_event_and_in_the_audit_without_a_word_of_it(db: Database) -> None:
    held = told(db, consent_forward="省通信管理局")
    held = difficulties.link_entry(db, held, "nat-2025-802", "li")
    difficulties.comment(db, held, "先打个电话问问", "li")
    held = difficulties.answer(db, held, "请先看这份条例", "li", ("主题", "正文"))
    held = difficulties.pass_on(db, held, "省通信管理局", "li")
    held = difficulties.close(db, held, "li")
    actions = [one.action for one in difficulties.events(db, held.id)]
    assert actions == ["receive", "link", "comment", "answer", "pass", "close"]
    rows = [row for row in audit.recent(db) if row.subject == f"difficulty-{held.id}"]
    assert [row.action.removeprefix("difficulty-") for row in reversed(rows)] == actions
    assert {row.detail for row in rows} == {""}
    assert (held.state, held.passed_to, held.entries) == ("closed", "省通信管理局", ("nat-2025-802",))


def test_linking_moves_it_on_and_unlinking_the_last_one_back(db: Database) -> None:
    held = difficulties.link_entry(db, told(db), "one", "li")
    assert held.state == "linked"
    assert difficulties.unlink_entry(db, held, "one", "li").state == "received"


def test_it_is_passed_on_only_to_a_body_that_the_member_named(db: Database) -> None:
    held = told(db)
    with pytest.raises(KbError, match="没有同意"):
        difficulties.pass_on(db, held, "省通信管理局", "li")
    held = difficulties.set_forwarding(db, held, "省通信管理局、工信厅")
    with pytest.raises(KbError, match="没有同意"):
        difficulties.pass_on(db, held, "中国移动", "li")
    withdrawn = difficulties.set_forwarding(db, held, "")
    with pytest.raises(KbError, match="没有同意"):
        difficulties.pass_on(db, withdrawn, "工信厅", "li")


def test_consent_taken_back_meanwhile_stops_what_was_about_to_go_on(db: Database) -> None:
    held = told(db, consent_forward="工信厅")
    difficulties.set_forwarding(db, held, "")
    with pytest.raises(difficulties.ChangedMeanwhileError):
        difficulties.pass_on(db, held, "工信厅", "li")


def test_two_answers_at_once_do_not_overwrite_each_other(db: Database) -> None:
    held = told(db)
    difficulties.answer(db, held, "第一个答复", "li", None)
    with pytest.raises(difficulties.ChangedMeanwhileError):
        difficulties.answer(db, held, "第二个答复", "wang", None)
    assert difficulties.existing(db, held.id).answer == "第一个答复"


def test_an_answer_and_its_mail_are_one_and_each_answer_has_its_own(db: Database) -> None:
    held = difficulties.answer(db, told(db), "第一个答复", "li", ("有答复了", "请看链接"))
    difficulties.answer(db, held, "改过的答复", "li", ("有答复了", "请看链接"))
    waiting = outbox.listed(db, "waiting")
    assert [(one.recipient, one.text) for one in waiting] == [(CONTACT, "请看链接")] * 2


def test_what_the_member_adds_opens_it_again(db: Database) -> None:
    held = difficulties.close(db, told(db), "li")
    held = difficulties.add_text(db, held, "还是没有付", date(2026, 11, 22))
    assert (held.state, held.closed_at) == ("received", "")
    assert held.text == f"{WORDS}\n\n补充（2026-11-22）：还是没有付"


def test_additions_end_somewhere_and_nothing_is_cut(db: Database) -> None:
    held = told(db, text="长" * 7990)
    with pytest.raises(KbError, match="放不下"):
        difficulties.add_text(db, held, "还有一句", date(2026, 11, 22))


# Publishing


def test_nothing_is_published_without_consent_to_just_these_words(db: Database) -> None:
    held = told(db)
    with pytest.raises(KbError, match="没有同意"):
        difficulties.publish(db, held, "wang")
    held = difficulties.propose(db, held, REWRITE, "li")
    with pytest.raises(KbError, match="没有同意"):
        difficulties.publish(db, held, "wang")
    held = difficulties.agree(db, held, REWRITE.seal)
    held = difficulties.publish(db, held, "wang")
    assert held.published == REWRITE
    assert [one.id for one in difficulties.published(db)] == [held.id]


@pytest.mark.parametrize("changed", ["title", "text", "answer"])
def test_a_changed_rewrite_asks_anew_and_what_was_agreed_to_stays_public(db: Database, changed: str) -> None:
    held = difficulties.propose(db, told(db), REWRITE, "li")
    held = difficulties.publish(db, difficulties.agree(db, held, REWRITE.seal), "wang")
    other = replace(REWRITE, **{changed: "另一种说法"})
    held = difficulties.propose(db, held, other, "li")
    assert not held.may_be_published
    assert held.published == REWRITE
    with pytest.raises(difficulties.ChangedMeanwhileError):
        difficulties.agree(db, held, REWRITE.seal)


def test_consent_taken_back_takes_it_from_the_public(db: Database) -> None:
    held = difficulties.propose(db, told(db), REWRITE, "li")
    held = difficulties.publish(db, difficulties.agree(db, held, REWRITE.seal), "wang")
    held = difficulties.disagree(db, held)
    assert (held.published, held.may_be_published) == (None, False)
    assert difficulties.published(db) == []


def test_what_was_made_public_is_found_by_its_day_in_china(db: Database) -> None:
    held = difficulties.propose(db, told(db), REWRITE, "li")
    held = difficulties.publish(db, difficulties.agree(db, held, REWRITE.seal), "wang")
    db.table("difficulties").update(held.id, {"published_at": "2026-03-31T17:00:00.000000+00:00"})
    first = date(2026, 4, 1)
    assert [one.id for one in difficulties.published_between(db, first, first)] == [held.id]
    assert difficulties.published_between(db, date(2026, 3, 1), date(2026, 3, 31)) == []


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-02-28T15:59:59.999999+00:00", False),
        ("2026-02-28T16:00:00.000000+00:00", True),
        ("2026-03-31T15:59:59.999999+00:00", True),
        ("2026-03-31T16:00:00.000000+00:00", False),
    ],
)
def test_a_period_begins_and_ends_at_midnight_in_china(db: Database, at: str, inside: bool) -> None:
    db.table("difficulties").update(told(db).id, {"received_at": at})
    assert bool(difficulties.received_between(db, date(2026, 3, 1), date(2026, 3, 31))) is inside


# Deleting


def test_deletion_leaves_a_count_and_no_word_in_any_file(db: Database, settings: Settings) -> None:
    kept = told(db, text="别人的困难", contact="")
    held = told(db)
    difficulties.comment(db, held, "马尔克留言", "li")
    held = difficulties.answer(db, held, "马尔克答复", "li", ("有答复了", "请看马尔克链接"))
    held = difficulties.propose(db, held, replace(REWRITE, text="马尔克改写"), "li")
    assert held_in(settings.home, "马尔克") != []
    difficulties.delete(db, held)
    assert difficulties.get(db, held.id) is None
    assert difficulties.events(db, held.id) == []
    assert held_in(settings.home, "马尔克") == []
    assert held_in(settings.home, CONTACT) == []
    month = date.fromisoformat(held.received_at[:10])
    assert difficulties.deleted_between(db, month, month) == 1
    assert [one.id for one in difficulties.listed(db)] == [kept.id]
    assert audit.verify(db) == []


def test_a_step_after_deletion_says_that_it_is_gone(db: Database) -> None:
    held = told(db)
    difficulties.delete(db, held)
    with pytest.raises(KbError, match="已经由会员删除"):
        difficulties.answer(db, held, "晚了一步", "li", None)


def test_a_number_is_never_given_twice(db: Database) -> None:
    held = told(db)
    difficulties.delete(db, held)
    assert told(db).id > held.id


# Backups


def test_a_backup_brings_difficulties_back_and_its_list_names_no_word_of_them(
    base: Base, tmp_path: Path
) -> None:
    held, token = difficulties.state_one(base.db, needs=("arrears",), text=WORDS, contact=CONTACT)
    made = backup.make(base.settings, tmp_path / "backups")
    for name in (backup.MANIFEST, backup.SEAL):
        listed = (made.path / name).read_text(encoding="utf-8")
        assert not {one for one in (WORDS, CONTACT, token, difficulties.hash_of(token)) if one in listed}
    assert json.loads((made.path / backup.MANIFEST).read_text(encoding="utf-8"))["files"]
    again = replace(base.settings, home=tmp_path / "again")
    restore.restore(made.path, again.home)
    with closing(open_database(again.database)) as db:
        assert difficulties.by_token(db, token) == held
