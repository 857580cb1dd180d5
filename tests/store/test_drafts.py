"""Drafts keep everything that was typed, whoever else is typing; publishing loses no update."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.entry import Entry
from kb.domain.taxonomy import NATION
from kb.domain.workflow import Actor, Draft
from kb.errors import KbError
from kb.store import audit, drafts, entries, publishing, users
from kb.store.database import open_database
from kb.store.publishing import GoneError, StaleDraftError
from tests.conftest import Base, an_entry

AN = Actor("an", "安", "editor")
BO = Actor("bo", "薄", "reviewer")


def data_of(entry: Entry) -> dict[str, Any]:
    return dict(json.loads(entries.to_json(entry)))


def begun(base: Base, entry: Entry | None = None, by: str = "an", **changes: Any) -> Draft:
    held = entries.get(base.db, (entry or an_entry()).id)
    number = held.version.number if held else None
    return drafts.create(base.db, data_of(entry or an_entry()), by, NATION, "desk", number, **changes)


@pytest.fixture
def office(base: Base) -> Base:
    """Two accounts, so that a second person has to look."""
    for actor in (AN, BO):
        users.add(base.db, actor, "five quiet words here", "test")
    return base


def publish(base: Base, draft: Draft, by: Actor = BO, reason: str = "新增") -> entries.Version | None:
    entry = Entry.model_validate(draft.data)
    return publishing.publish_draft(base.db, draft, entry, by, reason, base.terms.taxonomy.regions)


def test_a_draft_need_not_be_whole(base: Base) -> None:
    draft = drafts.create(base.db, {"title": "只有标题"}, "an", NATION, "desk")
    assert (draft.title, draft.kind, draft.state) == ("只有标题", "policy", "draft")
    saved = drafts.save(base.db, draft.id, 1, {**draft.data, "issued_on": "三月份"}, "an")
    assert saved.draft.data["issued_on"] == "三月份"


def test_a_new_draft_gets_an_id_that_nothing_has(base: Base) -> None:
    first = drafts.create(base.db, {"issued_on": "2026-03-01"}, "an", NATION, "desk")
    second = drafts.create(base.db, {"issued_on": "2026-03-01"}, "an", NATION, "desk")
    assert (first.entry_id, second.entry_id) == ("d2026-0001", "d2026-0002")
    assert first.data["id"] == first.entry_id


def test_the_second_to_save_keeps_a_draft_of_their_own(base: Base) -> None:
    draft = begun(base)
    first = drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "甲的标题"}, "an")
    second = drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "乙的标题"}, "bo")
    assert (first.forked, second.forked) == (False, True)
    assert drafts.existing(base.db, draft.id).title == "甲的标题"
    assert second.draft.title == "乙的标题"
    assert second.draft.author == "bo"


def test_saving_again_beside_it_goes_on_with_that_draft(base: Base) -> None:
    draft = begun(base)
    drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "甲"}, "an")
    mine = drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "乙"}, "bo").draft
    again = drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "乙二"}, "bo").draft
    assert again.id == mine.id
    assert again.title == "乙二"


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(1, 4), st.text(min_size=1, max_size=5)), max_size=12
    )
)
def test_no_text_is_lost_however_saves_interleave(base: Base, saves: list[tuple[str, int, str]]) -> None:
    """What was saved last is in some open draft, whichever revision it thought it was changing."""
    draft = begun(base)
    for by, revision, text in saves:
        drafts.save(base.db, draft.id, revision, {**draft.data, "summary": text}, by)
    held = {str(one.data.get("summary")) for one in drafts.listed(base.db, entry_id=draft.entry_id)}
    newest = saves[-1][2] if saves else None
    assert newest is None or newest in held


def test_publishing_ends_the_draft_and_names_who_looked(office: Base) -> None:
    sent = drafts.move(office.db, begun(office), "submit", "an")
    version = publish(office, sent)
    assert version is not None
    assert (version.published_by, version.reviewed_by, version.unreviewed) == ("an", "bo", False)
    assert drafts.existing(office.db, sent.id).state == "published"


def test_a_lone_account_publishes_with_the_label(base: Base) -> None:
    users.add(base.db, AN, "five quiet words here", "test")
    version = publish(base, begun(base), AN)
    assert version is not None
    assert version.unreviewed
    held = entries.get(base.db, version.entry.id)
    assert held is not None
    assert held.version.unreviewed


def test_with_two_accounts_nobody_publishes_alone(office: Base) -> None:
    with pytest.raises(KbError, match="另一位"):
        publish(office, begun(office), AN)
    assert entries.get(office.db, an_entry().id) is None


def test_a_draft_of_an_older_version_is_not_published_over_a_newer(office: Base) -> None:
    entries.publish(office.db, an_entry(), "bo", "新增")
    draft = drafts.move(office.db, begun(office, an_entry(title="草稿的标题")), "submit", "an")
    entries.publish(office.db, an_entry(title="别人的标题"), "bo", "更新")
    with pytest.raises(StaleDraftError, match="比对"):
        publish(office, draft)
    held = entries.get(office.db, draft.entry_id)
    assert held is not None
    assert held.entry.title == "别人的标题"
    assert drafts.existing(office.db, draft.id).state == "review"


def test_a_hundred_races_on_one_entry_lose_no_update(office: Base) -> None:
    """Two drafts of the same version are published at once: one becomes a version, the other is told."""
    entries.publish(office.db, an_entry(), "bo", "新增")
    for number in range(100):
        pair = [
            drafts.move(office.db, begun(office, an_entry(title=f"第{number}轮{who}")), "submit", "an")
            for who in "甲乙"
        ]
        told = _raced(office, pair)
        held = entries.get(office.db, pair[0].entry_id)
        assert held is not None
        assert held.version.number == number + 2
        assert sorted(told) == ["stale", held.entry.title]
        lost = next(one for one in pair if one.title != held.entry.title)
        assert drafts.existing(office.db, lost.id).data["title"] == lost.title
        drafts.move(office.db, lost, "drop", "an", "下一轮")


def _raced(office: Base, pair: list[Draft]) -> list[str]:
    told: list[str] = []
    ready = threading.Barrier(len(pair))

    def run(draft: Draft) -> None:
        with closing(open_database(office.settings.database)) as db:
            ready.wait()
            entry = Entry.model_validate(draft.data)
            try:
                publishing.publish_draft(db, draft, entry, BO, "更新", office.terms.taxonomy.regions)
                told.append(entry.title)
            except StaleDraftError:
                told.append("stale")

    threads = [threading.Thread(target=run, args=(draft,)) for draft in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_a_hundred_races_of_two_who_save_one_draft_lose_no_text(office: Base) -> None:
    """One text is in the draft, the other in one of its own beside it."""
    for number in range(100):
        draft = begun(office, an_entry(f"nat-2020-test-{number}"))
        saved = _saved_at_once(office, draft, {"an": f"第{number}轮甲", "bo": f"第{number}轮乙"})
        assert sorted(forked for _text, forked in saved) == [False, True]
        held = {one.id: one.title for one in drafts.listed(office.db, entry_id=draft.entry_id)}
        assert len(held) == 2
        assert held[draft.id] == next(text for text, forked in saved if not forked)
        assert set(held.values()) == {f"第{number}轮甲", f"第{number}轮乙"}


def _saved_at_once(office: Base, draft: Draft, titles: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The title that each saved over the same revision, and whether it became a draft of its own."""
    ready = threading.Barrier(len(titles))

    def run(by: str) -> tuple[str, bool]:
        with closing(open_database(office.settings.database)) as db:
            ready.wait()
            saved = drafts.save(db, draft.id, draft.revision, {**draft.data, "title": titles[by]}, by)
            return titles[by], saved.forked

    with ThreadPoolExecutor(len(titles)) as pool:
        return list(pool.map(run, titles))


def test_a_step_on_what_was_changed_meanwhile_is_refused(base: Base) -> None:
    draft = begun(base)
    drafts.save(base.db, draft.id, draft.revision, {**draft.data, "title": "改过"}, "bo")
    with pytest.raises(KbError, match="刚被别人改过"):
        drafts.move(base.db, draft, "submit", "an")


@pytest.mark.parametrize("step", ["return", "drop"])
def test_sending_back_and_giving_up_want_a_reason(base: Base, step: Any) -> None:
    draft = begun(base)
    with pytest.raises(KbError, match="理由"):
        drafts.move(base.db, draft, step, "an", "  ")
    assert drafts.existing(base.db, draft.id).state == "draft"


def test_what_a_branch_sends_goes_to_the_nation_and_back(base: Base) -> None:
    draft = drafts.create(base.db, data_of(an_entry()), "an", "430000", "desk")
    sent = drafts.move(base.db, draft, "send", "an")
    assert (sent.office, sent.home, sent.state) == (NATION, "430000", "submitted")
    back = drafts.move(base.db, sent, "return", "bo", "缺原文")
    assert (back.office, back.state) == ("430000", "returned")
    assert [one.action for one in drafts.events(base.db, draft.id)] == ["create", "send", "return"]


def test_a_preview_link_ends_with_the_draft(base: Base) -> None:
    draft = begun(base)
    token = drafts.share(base.db, draft.id, "an")
    assert drafts.share(base.db, draft.id, "an") == token
    assert drafts.by_token(base.db, token) is not None
    drafts.move(base.db, drafts.existing(base.db, draft.id), "drop", "an", "不要了")
    assert drafts.by_token(base.db, token) is None
    assert drafts.by_token(base.db, "") is None


def test_who_else_is_editing_is_told(base: Base) -> None:
    draft = begun(base)
    assert drafts.sign_in_to(base.db, draft.id, "an") == []
    assert drafts.sign_in_to(base.db, draft.id, "bo") == ["an"]
    beside = begun(base, by="cai")
    assert drafts.sign_in_to(base.db, beside.id, "cai") == ["an", "bo"]


def test_assigning_keeps_the_day(base: Base) -> None:
    draft = begun(base)
    drafts.assign(base.db, draft.id, "bo", date(2026, 12, 1), "an")
    held = drafts.existing(base.db, draft.id)
    assert (held.assignee, held.due_on) == ("bo", date(2026, 12, 1))


def test_a_file_over_newer_work_becomes_one_draft_only(base: Base) -> None:
    assert drafts.keep_of_file(base.db, an_entry(), "a.yml", "0" * 64, 1)
    assert not drafts.keep_of_file(base.db, an_entry(), "a.yml", "0" * 64, 1)
    (held,) = drafts.listed(base.db)
    assert (held.origin, held.base_version) == ("file:a.yml", 1)


def test_carrying_over_to_what_is_published_now(office: Base) -> None:
    entries.publish(office.db, an_entry(), "bo", "新增")
    draft = begun(office, an_entry(title="草稿的标题"))
    entries.publish(office.db, an_entry(promise="别人改的一句话。"), "bo", "更新")
    data: Mapping[str, Any] = {**data_of(an_entry(title="草稿的标题")), "promise": "别人改的一句话。"}
    drafts.rebase(office.db, draft, data, 2, "an")
    sent = drafts.move(office.db, drafts.existing(office.db, draft.id), "submit", "an")
    version = publish(office, replace(sent))
    assert version is not None
    assert (version.number, version.entry.promise) == (3, "别人改的一句话。")


# -- ways around that are closed ---------------------------------------------------------------------


def branch(base: Base) -> Actor:
    """The only account of the Hunan branch."""
    actor = Actor("hunan", "周", "editor", "430000")
    users.add(base.db, actor, "five quiet words here", "test")
    return actor


def test_a_branch_does_not_publish_over_a_national_entry(base: Base) -> None:
    entries.publish(base.db, an_entry(), "bo", "新增")
    data = data_of(an_entry(regions={"include": ["430000"]}, promise="本省自己的话。"))
    draft = drafts.create(base.db, data, "hunan", "430000", "edit", 1)
    with pytest.raises(KbError, match="不能由您发布"):
        publish(base, draft, branch(base))


@pytest.mark.parametrize("kept", [True, False], ids=["stops it", "drops what stops it"])
def test_a_branch_neither_ends_a_national_policy_nor_revives_it(base: Base, kept: bool) -> None:
    entries.publish(base.db, an_entry(), "bo", "新增")
    ends = {"type": "repeals", "to": "nat-2020-test-1", "from": "2020-03-01"}
    own: dict[str, Any] = {"regions": {"include": ["430000"]}, "doc_number": "湘试〔2020〕9号"}
    notice = an_entry("hn-1", relations=[ends], **own)
    number = None
    if not kept:
        entries.publish(base.db, notice, "bo", "新增")
        notice, number = an_entry("hn-1", **own), 1
    draft = drafts.create(base.db, data_of(notice), "hunan", "430000", "desk", number)
    with pytest.raises(KbError, match="不能由您发布"):
        publish(base, draft, branch(base))


def test_what_was_withdrawn_meanwhile_does_not_come_back_by_an_old_draft(office: Base) -> None:
    entries.publish(office.db, an_entry(), "bo", "新增")
    draft = drafts.move(office.db, begun(office, an_entry(title="改过")), "submit", "an")
    entries.withdraw(office.db, draft.entry_id, "bo", "收错了")
    with pytest.raises(GoneError, match="撤下"):
        publish(office, draft)
    held = entries.get(office.db, draft.entry_id)
    assert held is not None
    assert held.state == "withdrawn"


def test_what_was_withdrawn_can_be_brought_back_on_purpose(office: Base) -> None:
    entries.publish(office.db, an_entry(), "bo", "新增")
    entries.withdraw(office.db, an_entry().id, "bo", "收错了")
    draft = drafts.create(office.db, data_of(an_entry()), "an", NATION, "restore:1", 1)
    assert publish(office, drafts.move(office.db, draft, "submit", "an")) is not None


def test_a_tombstone_of_a_merge_stays_but_for_a_restoration(office: Base) -> None:
    for entry in (an_entry(), an_entry("nat-2020-test-2")):
        entries.publish(office.db, entry, "bo", "新增")
    entries.withdraw(office.db, an_entry().id, "bo", "重复", merged_into="nat-2020-test-2")
    draft = drafts.move(office.db, begun(office, an_entry(title="改过")), "submit", "an")
    with pytest.raises(GoneError, match="并入"):
        publish(office, draft)


def test_a_mended_draft_that_its_author_submits_again_can_be_published(office: Base) -> None:
    """One editor, one reviewer: the reviewer mends a word and returns it, the editor submits it as it is."""
    draft = drafts.move(office.db, begun(office), "submit", "an")
    mended = drafts.save(office.db, draft.id, draft.revision, {**draft.data, "summary": "补一句"}, "bo").draft
    with pytest.raises(KbError, match="另一位"):
        publish(office, mended)
    back = drafts.move(office.db, mended, "return", "bo", "补了一句，您再看看")
    version = publish(office, drafts.move(office.db, back, "submit", "an"))
    assert version is not None
    assert (version.published_by, version.reviewed_by, version.unreviewed) == ("an", "bo", False)


def test_adding_a_paper_makes_nobody_the_second_person(office: Base) -> None:
    draft = begun(office, by="bo")
    data = {**draft.data, "attachments": [{"title": "表样"}]}
    added = drafts.save(office.db, draft.id, draft.revision, data, "an", wrote=False).draft
    with pytest.raises(KbError, match="另一位"):
        publish(office, drafts.move(office.db, added, "submit", "bo"))


def test_joining_both_sides_leaves_the_text_with_its_author(office: Base) -> None:
    """A check of the entry while its draft waits makes the draft stale; the reviewer may join and publish."""
    entries.publish(office.db, an_entry(), "bo", "新增")
    draft = drafts.move(office.db, begun(office, an_entry(title="改过")), "submit", "an")
    entries.publish(office.db, an_entry(promise="别人改的一句话。"), "bo", "更新")
    joined = drafts.rebase(office.db, draft, {**draft.data, "promise": "别人改的一句话。"}, 2, "bo")
    assert publish(office, joined) is not None


def test_every_act_on_a_draft_leaves_a_row(base: Base) -> None:
    draft = begun(base)
    drafts.assign(base.db, draft.id, "bo", None, "an")
    drafts.share(base.db, draft.id, "an")
    drafts.unshare(base.db, draft.id, "an")
    drafts.rebase(base.db, drafts.existing(base.db, draft.id), draft.data, 3, "an")
    told = {row.action for row in audit.recent(base.db, subject=draft.entry_id)}
    assert {"draft-create", "draft-assign", "draft-share", "draft-unshare", "draft-rebase"} <= told
