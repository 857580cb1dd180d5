"""The work flow over HTTP: what one sees is what one publishes, and nothing is decided unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kb.store import drafts, entries
from kb.store.entries import to_json
from tests.conftest import an_entry
from tests.web.conftest import Desk

Desks = Callable[..., Desk]


def begun(desk: Desk, by: str, office: str = "100000", **changes: Any) -> int:
    """The number of a new draft by somebody."""
    data = json.loads(to_json(an_entry(**changes)))
    with desk.database() as db:
        return drafts.create(db, data, by, office, "desk").id


def step(desk: Desk, number: int, what: str, revision: int, reason: str = "") -> str:
    """Send a step as the page of that revision would; what is said afterwards."""
    form = {"step": what, "revision": revision, "reason": reason}
    answer = desk.post(f"/desk/drafts/{number}/step", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:400]
    page = desk.get(str(answer.headers["Location"]))
    return " ".join(one.get_text() for one in page.all(".done"))


def state(desk: Desk, number: int) -> str:
    with desk.database() as db:
        return drafts.existing(db, number).state


def test_an_old_page_publishes_nothing_that_it_did_not_show(desk: Desks) -> None:
    writer, reviewer = desk("editor", name="an"), desk("reviewer", name="bo")
    number = begun(writer, "an")
    step(writer, number, "submit", 1)
    with writer.database() as db:
        held = drafts.existing(db, number)
        drafts.save(db, number, held.revision, {**held.data, "summary": "没给复核的人看过"}, "an")
    assert "请看最新的状态" in step(reviewer, number, "publish", 1)
    assert state(reviewer, number) == "review"
    assert "已发布" in step(reviewer, number, "publish", 2)


def test_returning_needs_a_reason_and_keeps_what_was_written(desk: Desks) -> None:
    writer, reviewer = desk("editor", name="an"), desk("reviewer", name="bo")
    number = begun(writer, "an")
    step(writer, number, "submit", 1)
    assert "写明理由" in step(reviewer, number, "return", 1)
    assert state(reviewer, number) == "review"
    step(reviewer, number, "return", 1, "缺依据")
    assert "缺依据" in writer.get(f"/desk/drafts/{number}").text("#story")


def test_a_draft_that_is_not_whole_is_not_sent_on(desk: Desks) -> None:
    writer = desk("editor", name="an")
    desk("reviewer", name="bo")
    with writer.database() as db:
        number = drafts.create(db, {"title": "只有标题"}, "an", "100000", "desk").id
    answer = writer.post(f"/desk/drafts/{number}/step", {"step": "submit", "revision": 1})
    assert "/edit" in str(answer.headers["Location"])
    assert state(writer, number) == "draft"


def test_a_branch_sends_on_and_the_nation_adopts(desk: Desks) -> None:
    branch, nation = desk("editor", region="430000", name="hunan"), desk("reviewer", name="bo")
    desk("reviewer", region="430000", name="hunan2")
    number = begun(branch, "hunan", "430000")
    step(branch, number, "send", 1)
    page = nation.get(f"/desk/drafts/{number}")
    assert "采用并发布" in page.text("#steps")
    assert "已发布" in step(nation, number, "publish", 1)


def test_an_office_does_not_see_what_another_writes(desk: Desks) -> None:
    nation, branch = desk("editor", name="an"), desk("editor", region="430000", name="hunan")
    theirs = begun(nation, "an")
    mine = begun(branch, "hunan", "430000")
    assert branch.client.get(f"/desk/drafts/{theirs}").status_code == 404
    assert f"/desk/drafts/{theirs}" not in " ".join(branch.get(f"/desk/drafts/{mine}").hrefs())
    assert "an 的" not in branch.get("/desk/drafts/").text()


def test_a_day_that_is_none_changes_nothing(desk: Desks) -> None:
    one = desk("admin", name="boss")
    number = begun(one, "boss")
    one.post(f"/desk/drafts/{number}/assign", {"assignee": "boss", "due_on": "2026-12-31"})
    one.post(f"/desk/drafts/{number}/assign", {"assignee": "boss", "due_on": "下周五"})
    with one.database() as db:
        assert str(drafts.existing(db, number).due_on) == "2026-12-31"
    assert "看不懂日期" in one.get(f"/desk/drafts/{number}").text()


@pytest.fixture
def stale(desk: Desks) -> tuple[Desk, int]:
    """A draft whose entry was published again meanwhile, and who wrote it."""
    one = desk("admin", name="boss")
    with one.database() as db:
        entries.publish(db, an_entry(), "test", "新增")
        data = json.loads(to_json(an_entry(title="草稿的标题")))
        number = drafts.create(db, data, "boss", "100000", "edit", 1).id
        entries.publish(db, an_entry(title="别人的标题"), "test", "更新")
    return one, number


def test_two_that_met_are_compared_before_one_is_published(stale: tuple[Desk, int]) -> None:
    one, number = stale
    answer = one.post(f"/desk/drafts/{number}/step", {"step": "publish", "revision": 1})
    assert str(answer.headers["Location"]).endswith("/compare")
    page = one.get(f"/desk/drafts/{number}/compare").text()
    assert "草稿的标题" in page
    assert "别人的标题" in page
    one.post(f"/desk/drafts/{number}/settle", {"seen": "2"})
    with one.database() as db:
        assert drafts.existing(db, number).base_version == 1
    one.post(f"/desk/drafts/{number}/settle", {"seen": "2", "keep": "mine"})
    with one.database() as db:
        held = drafts.existing(db, number)
        assert (held.base_version, held.title) == (2, "草稿的标题")


def test_a_version_that_was_not_compared_is_not_written_over(stale: tuple[Desk, int]) -> None:
    one, number = stale
    with one.database() as db:
        entries.publish(db, an_entry(title="第三个标题"), "test", "更新")
    one.post(f"/desk/drafts/{number}/settle", {"seen": "2", "keep": "mine"})
    with one.database() as db:
        assert drafts.existing(db, number).base_version == 1
    assert "第三个标题" in one.get(f"/desk/drafts/{number}/compare").text()
