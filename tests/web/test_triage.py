"""What staff do with difficulties: each office its own, every step told, nothing public without consent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from kb.domain.difficulty import Difficulty, Rewrite
from kb.store import difficulties, outbox
from tests.web.conftest import Desk, checked

LogIn = Callable[..., Desk]
WORDS = "马尔克：总包压着款不给"
ENTRY = "nat-2020-mohrss-11"
REWRITE = {"title": "验收后收不到款", "text": "一家小企业验收后收不到工程款。", "said": "可以依条例投诉。"}
AS_PROPOSED = Rewrite(REWRITE["title"], REWRITE["text"], REWRITE["said"])


def told(me: Desk, **fields: str) -> Difficulty:
    with me.database() as db:
        given = {"text": WORDS, "region": "430100", **fields}
        return difficulties.state_one(db, needs=("arrears",), **given)[0]


def now(me: Desk, held: Difficulty) -> Difficulty:
    with me.database() as db:
        return difficulties.existing(db, held.id)


def does(me: Desk, held: Difficulty, what: str, status: int = 303, **fields: str) -> str:
    """The page that answers a step, sent from the page as it is now."""
    form = {"revision": str(now(me, held).revision), **fields}
    answer = me.post(f"/desk/difficulties/{held.id}/{what}", form)
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    return answer.get_data(as_text=True)


def agreed(me: Desk, held: Difficulty) -> None:
    with me.database() as db:
        difficulties.agree(db, difficulties.existing(db, held.id), AS_PROPOSED.seal)


@pytest.mark.parametrize("language", ["", "en"])
def test_list_and_page_are_sound(desk: LogIn, language: str) -> None:
    me = desk("reviewer")
    held = told(me, contact="13800001111", consent_forward="省通信管理局")
    does(me, held, "rewrite", **REWRITE)
    assert WORDS in me.get(f"/desk/difficulties/?lang={language}").text()
    page = me.get(f"/desk/difficulties/{held.id}?lang={language}")
    assert WORDS in page.text(".original")
    assert "13800001111" in page.text()


def test_a_branch_sees_what_lies_in_its_region_and_nothing_else(desk: LogIn) -> None:
    branch = desk("editor", region="430000")
    ours = told(branch, text="湖南的困难")
    theirs = told(branch, text="湖北的困难", region="420000")
    nowhere = told(branch, text="没说地区的困难", region="")
    listed = branch.get("/desk/difficulties/").text()
    assert "湖南的困难" in listed
    assert "湖北的困难" not in listed
    assert "没说地区的困难" not in listed
    assert branch.get(f"/desk/difficulties/{ours.id}").text(".original") == "湖南的困难"
    for other in (theirs, nowhere):
        assert branch.client.get(f"/desk/difficulties/{other.id}").status_code == 404
        for what in ("answer", "entry", "step", "comment", "rewrite"):
            form = {"revision": "1", "text": "答复", "entry": ENTRY, "step": "close"}
            assert branch.post(f"/desk/difficulties/{other.id}/{what}", form).status_code == 404
        assert now(branch, other).revision == 1
    everything = desk("editor").get("/desk/difficulties/").text()
    assert all(text in everything for text in ("湖南的困难", "湖北的困难", "没说地区的困难"))


def test_the_list_is_filtered_by_state_and_region(desk: LogIn) -> None:
    me = desk("editor")
    told(me, text="湖南的困难")
    closed = told(me, text="湖北的困难", region="420000")
    does(me, closed, "step", step="close")
    assert "湖北的困难" not in me.get("/desk/difficulties/").text()
    assert "湖南的困难" not in me.get("/desk/difficulties/?state=closed").text()
    assert "湖北的困难" in me.get("/desk/difficulties/?state=closed&region=420000").text()
    assert "湖北的困难" not in me.get("/desk/difficulties/?state=closed&region=430000").text()
    assert "湖南的困难" in me.get("/desk/difficulties/?state=nonsense&region=430000").text()


def test_the_board_names_what_nobody_has_answered(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    board = me.get("/desk/")
    assert f"/desk/difficulties/{held.id}" in board.hrefs()
    assert WORDS not in board.html
    does(me, held, "answer", text="请先看条例")
    assert f"/desk/difficulties/{held.id}" not in me.get("/desk/").hrefs()


def test_entries_are_offered_found_linked_and_taken_away(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    offered = [str(tag["value"]) for tag in me.get(f"/desk/difficulties/{held.id}").all("[name=entry]")]
    assert "service-arrears" in offered
    found = me.get(f"/desk/difficulties/{held.id}?find=阶段性减免企业社会保险费")
    assert ENTRY in [str(tag["value"]) for tag in found.all("[name=entry]")]
    does(me, held, "entry", entry=ENTRY)
    assert (now(me, held).state, now(me, held).entries) == ("linked", (ENTRY,))
    does(me, held, "entry", entry=ENTRY, off="1")
    assert (now(me, held).state, now(me, held).entries) == ("received", ())
    does(me, held, "entry", 400, entry="no-such-entry")


def test_an_answer_waits_as_mail_without_a_word_of_it_where_the_contact_is_an_address(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me, contact="owner@example.com")
    does(me, held, "answer", text="请先按条例催款。")
    assert (now(me, held).state, now(me, held).answer) == ("answered", "请先按条例催款。")
    with me.database() as db:
        (mail,) = outbox.listed(db, "waiting")
    assert mail.recipient == "owner@example.com"
    written = mail.subject + mail.text + mail.html
    assert not [part for part in (WORDS, "马尔克", "催款", "/difficulties/mine/") if part in written]
    assert "仅供参考" in mail.text


@pytest.mark.parametrize("contact", ["邮箱：owner@example.com", "owner@example.com 或电话"])
def test_the_address_is_taken_out_of_what_stands_beside_it(desk: LogIn, contact: str) -> None:
    me = desk("editor")
    held = told(me, contact=contact)
    assert "到 owner@example.com 提醒" in me.get(f"/desk/difficulties/{held.id}").text()
    does(me, held, "answer", text="请先看条例")
    with me.database() as db:
        (mail,) = outbox.listed(db, "waiting")
        assert mail.recipient == "owner@example.com"
        difficulties.delete(db, difficulties.existing(db, held.id))
        assert sum(outbox.counts(db).values()) == 0


@pytest.mark.parametrize("contact", ["", "13800001111", "a@b", "a@example.com 或 b@example.com"])
def test_no_mail_goes_where_the_contact_is_no_address(desk: LogIn, contact: str) -> None:
    me = desk("editor")
    does(me, told(me, contact=contact), "answer", text="请先看条例")
    with me.database() as db:
        assert sum(outbox.counts(db).values()) == 0


@pytest.mark.parametrize("text", ["", "长" * 4001])
def test_an_answer_that_cannot_be_is_given_back(desk: LogIn, text: str) -> None:
    me = desk("editor")
    held = told(me)
    page = BeautifulSoup(does(me, held, "answer", 400, text=text), "lxml")
    box = page.select_one("#text")
    assert box is not None
    assert box.get_text().lstrip("\n") == text
    assert now(me, held).state == "received"


def test_who_was_slower_keeps_what_was_typed(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    does(me, held, "answer", text="第一个答复")
    answer = me.post(f"/desk/difficulties/{held.id}/answer", {"revision": "1", "text": "第二个答复"})
    assert answer.status_code == 409
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert page.one("#text").get_text().lstrip("\n") == "第二个答复"
    assert now(me, held).answer == "第一个答复"


def test_it_is_passed_on_only_where_the_member_said_so(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    assert me.get(f"/desk/difficulties/{held.id}").all("[value=pass]") == []
    does(me, held, "step", 409, step="pass", body="省通信管理局")
    consented = told(me, consent_forward="省通信管理局、工信厅")
    options = [tag.get_text() for tag in me.get(f"/desk/difficulties/{consented.id}").all("#body option")]
    assert options == ["省通信管理局", "工信厅"]
    does(me, consented, "step", 409, step="pass", body="中国移动")
    does(me, consented, "step", step="pass", body="工信厅")
    assert (now(me, consented).state, now(me, consented).passed_to) == ("passed", "工信厅")


def test_it_is_closed_and_opened_again(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    does(me, held, "step", step="close")
    assert now(me, held).closed_at
    does(me, held, "step", 409, step="close")
    does(me, held, "step", step="reopen")
    assert (now(me, held).state, now(me, held).closed_at) == ("received", "")


def test_comments_stay_among_colleagues(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    does(me, held, "comment", text="先打电话问问")
    assert "先打电话问问" in me.get(f"/desk/difficulties/{held.id}").text("#story")


def test_a_difficulty_moved_to_another_region_is_seen_there_and_nowhere_else(desk: LogIn) -> None:
    branch = desk("editor", region="430000")
    held = told(branch, region="430100", token="t" * 32)
    again = told(branch, region="420000", token="t" * 32)
    assert again.id == held.id
    assert WORDS not in branch.get("/desk/difficulties/").text()
    assert branch.client.get(f"/desk/difficulties/{held.id}").status_code == 404
    days = "first=2020-01-01&last=2026-12-31"
    assert f"/desk/difficulties/{held.id}" not in branch.client.get(f"/desk/reports/show?{days}").text


# Publishing


def test_a_rewrite_waits_as_mail_without_a_word_of_it_once_for_the_same_words(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me, contact="邮箱：owner@example.com")
    does(me, held, "rewrite", **REWRITE)
    does(me, held, "rewrite", **REWRITE)
    with me.database() as db:
        (mail,) = outbox.listed(db, "waiting")
    assert mail.recipient == "owner@example.com"
    assert "征求您的同意" in mail.text
    written = mail.subject + mail.text + mail.html
    assert not [part for part in (WORDS, *REWRITE.values(), "/difficulties/mine/") if part in written]
    does(me, held, "rewrite", **{**REWRITE, "text": "另一种说法"})
    with me.database() as db:
        assert len(outbox.listed(db, "waiting")) == 2


def test_a_rewrite_goes_to_nobody_without_an_address_and_staff_are_told(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me, contact="13800001111")
    assert "不会收到提醒" in me.get(f"/desk/difficulties/{held.id}").text("#public")
    does(me, held, "rewrite", **REWRITE)
    with me.database() as db:
        assert sum(outbox.counts(db).values()) == 0


def test_a_rewrite_that_may_name_somebody_is_held_back_until_it_is_confirmed(desk: LogIn) -> None:
    me = desk("editor")
    held = told(me)
    naming = {**REWRITE, "text": "湖南某某通信工程有限公司欠38.5万元"}
    page = BeautifulSoup(does(me, held, "rewrite", 400, **naming), "lxml")
    worries = page.select_one("#worries")
    assert worries is not None
    assert "单位名称" in worries.get_text()
    assert "38.5万" in worries.get_text()
    box = page.select_one("#rewritten")
    assert box is not None
    assert box.get_text().lstrip("\n") == naming["text"]
    assert now(me, held).rewrite is None
    does(me, held, "rewrite", sure="1", **naming)
    assert now(me, held).rewrite_text == naming["text"]


@pytest.mark.parametrize("missing", ["title", "text", "said"])
def test_a_rewrite_says_all_three(desk: LogIn, missing: str) -> None:
    me = desk("editor")
    held = told(me)
    does(me, held, "rewrite", 400, **{**REWRITE, missing: " "})
    assert now(me, held).rewrite is None


def test_a_reviewer_publishes_what_the_member_agreed_to(desk: LogIn) -> None:
    me = desk("reviewer")
    held = told(me)
    does(me, held, "publish", 409)
    does(me, held, "rewrite", **REWRITE)
    does(me, held, "publish", 409)
    agreed(me, held)
    does(me, held, "publish")
    assert REWRITE["text"] in me.get("/difficulties").text()
    does(me, held, "publish", off="1")
    assert REWRITE["text"] not in me.get("/difficulties").text()


def test_an_editor_does_not_publish(desk: LogIn) -> None:
    desk("admin", name="boss")
    me = desk("editor")
    held = told(me)
    does(me, held, "rewrite", **REWRITE)
    agreed(me, held)
    assert me.get(f"/desk/difficulties/{held.id}").all("form[action*=publish]") == []
    does(me, held, "publish", 403)
    assert now(me, held).published is None
