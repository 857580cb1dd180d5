"""Digests on the site: from the selection to the issue at the desk, and the archive that readers see."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from kb.config import Settings
from kb.domain.difficulty import Rewrite
from kb.outreach.word import sample
from kb.store import difficulties, digests, entries, subscriptions, told
from kb.store.database import Database, open_database
from tests.conftest import TODAY, an_entry
from tests.web.conftest import Desk, Page, checked, made

Desks = Callable[..., Desk]
NEW = "/desk/digests/new/?since=2020-03-01&day=2020-03-31"
PERIOD = {"since": "2020-03-01", "day": "2020-03-31"}


def drafted(me: Desk, *picks: str, **more: object) -> str:
    """The address of a draft of March 2020."""
    chosen = picks or ("new:nat-2020-cbirc-6", "new:nat-2020-gwy-6", "ending:hz-2020-resume")
    answer = me.post("/desk/digests/new/", {**PERIOD, "pick": list(chosen), **more})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def form_of(page: Page) -> dict[str, object]:
    """What the form of a draft would send."""
    fields = page.all("main form input[name], main form textarea[name]")
    return {
        str(one["name"]): str(one.get("value") or one.get_text().strip())
        for one in fields
        if one["name"] != "csrf_token"
    }


def issue(me: Desk, address: str, **changes: object) -> Page:
    """Issue a draft as its page offers it."""
    answer = me.post(f"{address}/issue", {**form_of(me.get(address)), **changes})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return me.get(address)


def reader(me: Desk) -> FlaskClient:
    return me.client.application.test_client()


def seen(me: Desk, address: str) -> Page:
    """A page as a reader gets it, after the checks of every page."""
    answer = reader(me).get(address)
    assert answer.status_code == 200
    return checked(answer.get_data(as_text=True), dict(answer.headers))


# -- choosing --------------------------------------------------------------------------------------


def test_the_selection_lists_what_happened_and_has_some_of_it_ticked(desk: Desks) -> None:
    page = desk("editor").get(NEW)
    ticked = {str(one["value"]) for one in page.all("input[name=pick][checked]")}
    offered = {str(one["value"]) for one in page.all("input[name=pick]")}
    assert "new:nat-2020-cbirc-6" in ticked
    assert len(ticked) == 12
    assert ticked < offered
    assert "2020年6月30日" in page.text()


def test_without_days_it_is_about_the_time_since_the_last_issue(desk: Desks) -> None:
    me = desk("reviewer")
    page = me.get("/desk/digests/new/")
    assert page.one("#day-asked")["value"] == TODAY.isoformat()
    issue(me, drafted(me, day="2020-03-31"))
    assert me.get("/desk/digests/new/").one("#since-asked")["value"] == "2020-04-01"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pick": []}, "至少勾选一条"),
        ({"extra": "nat-0000-nothing"}, "没有编号 nat-0000-nothing 的条目"),
        ({"day": "2031-01-01"}, "不能晚于今天"),
        ({"since": "2020-04-05"}, "两个日期"),
        ({"since": "某天"}, "看不懂日期"),
    ],
)
def test_what_cannot_be_drafted_is_said_with_what_to_do(
    desk: Desks, changes: dict[str, object], told: str
) -> None:
    me = desk("editor")
    form = {**PERIOD, "pick": ["new:nat-2020-gwy-ming6"], **changes}
    answer = me.post("/desk/digests/new/", form)
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert answer.status_code == 422
    assert told in page.text("[role=alert]")


def test_what_was_ticked_stays_ticked_when_something_is_wrong(desk: Desks) -> None:
    form = {**PERIOD, "pick": ["new:nat-2020-gwy-ming6"], "extra": "nat-0000-nothing"}
    answer = desk("editor").post("/desk/digests/new/", form)
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert [one["value"] for one in page.all("input[name=pick][checked]")] == ["new:nat-2020-gwy-ming6"]
    assert page.one("#extra")["value"] == "nat-0000-nothing"


def test_an_entry_that_was_not_suggested_is_added_by_its_number(desk: Desks) -> None:
    me = desk("editor")
    page = me.get(drafted(me, extra="nat-2020-cbirc-6，zj-2020-17"))
    ids = [str(one["id"]) for one in page.all("article.item")]
    assert ids.count("item-nat-2020-cbirc-6") == 1
    assert "item-zj-2020-17" in ids


# -- looking it over -------------------------------------------------------------------------------


def test_a_draft_is_reordered_renamed_and_shortened_without_losing_what_was_typed(desk: Desks) -> None:
    me = desk("editor")
    address = drafted(me)
    form = {**form_of(me.get(address)), "heading-nat-2020-gwy-6": "稳岗有返还", "lead": "编者的话"}
    assert me.post(address, {**form, "do": "up:nat-2020-gwy-6"}).status_code == 303
    page = me.get(address)
    assert page.all("article.item h4")[0].get_text() == "全国·稳岗有返还"
    assert page.one("#lead").get_text(strip=True) == "编者的话"
    assert me.post(address, {**form_of(page), "do": "remove:hz-2020-resume"}).status_code == 303
    assert "item-hz-2020-resume" not in me.get(address).html


def test_a_colleagues_change_is_not_overwritten(desk: Desks) -> None:
    me = desk("editor")
    address = drafted(me)
    old = form_of(me.get(address))
    me.post(address, {**old, "lead": "先存的", "do": "save"})
    answer = me.post(address, {**old, "lead": "后存的", "do": "save"})
    assert answer.status_code == 409
    assert "先存的" in answer.get_data(as_text=True)


def test_a_draft_may_be_looked_at_as_word_and_given_up(desk: Desks) -> None:
    me = desk("editor")
    address = drafted(me)
    answer = me.client.get(f"{address}/draft.docx")
    doc = docx.Document(io.BytesIO(answer.data))
    assert "2020年第 ＿ 期（未出刊）" in [one.text for one in doc.paragraphs]
    me.post(address, {**form_of(me.get(address)), "do": "drop"})
    me.get(address, 404)


def test_a_draft_is_given_up_only_as_it_was_seen(desk: Desks) -> None:
    me = desk("editor")
    address = drafted(me)
    old = form_of(me.get(address))
    me.post(address, {**old, "lead": "先存的", "do": "save"})
    answer = me.post(address, {**old, "do": "drop"})
    assert answer.status_code == 409
    assert "先存的" in me.get(address).html


def test_a_draft_is_given_up_by_its_maker_or_the_national_office(desk: Desks) -> None:
    maker, other = desk("editor", region="430000", name="he"), desk("reviewer", region="430000", name="ding")
    address = drafted(maker)
    form = {**form_of(other.get(address)), "do": "drop"}
    assert other.post(address, form).status_code == 403
    assert not other.get(address).all("button[value=drop]")
    assert maker.get(address).all("button[value=drop]")
    assert desk("editor").post(address, form).status_code == 303


@pytest.mark.parametrize("key", ["²", "9" * 30])
def test_what_is_no_number_makes_no_broken_page(desk: Desks, key: str) -> None:
    me = desk("editor")
    page = me.get(drafted(me, f"answered:{key}", "new:nat-2020-gwy-6"))
    assert "不会登出" in page.text()


def test_what_a_member_agreed_to_gets_no_other_heading(desk: Desks) -> None:
    me = desk("reviewer")
    with me.database() as db:
        number = published_difficulty(db)
    address = drafted(me, f"answered:{number}", "new:nat-2020-gwy-6")
    assert not me.get(address).all(f"#heading-{number}")
    issue(me, address, **{f"heading-{number}": "长沙某公司的贷款"})
    assert "会员·贷款到期" in seen(me, "/digests/1").text()
    assert "长沙" not in seen(me, "/digests/1").html


# -- issuing ---------------------------------------------------------------------------------------


def test_an_issue_has_its_number_and_every_form_to_take_away(desk: Desks) -> None:
    me = desk("reviewer")
    page = issue(me, drafted(me), editor="试验协会", start_number="3", start_total="31")
    assert page.text("h1") == "惠企政策简报 2020年第 3 期（总第 31 期）"
    text = page.one("#text-1").get_text()
    assert text.startswith("【惠企政策简报】2020年第 3 期（总第 31 期）")
    assert "<section style=" in page.one("#wechat-source").get_text()
    answer = reader(me).get("/digests/31.docx")
    assert answer.mimetype.endswith("wordprocessingml.document")
    shown = [one.text for one in docx.Document(io.BytesIO(answer.data)).paragraphs]
    assert "试验协会\t2020年3月31日" in shown
    issue(me, drafted(me))
    assert seen(me, "/digests/32").text(".masthead").startswith("惠企政策简报 2020年第 4 期（总第 32 期）")


def test_editors_and_branches_prepare_and_do_not_issue(desk: Desks) -> None:
    desk("admin", name="boss")
    editor, branch = desk("editor"), desk("reviewer", region="430000")
    address = drafted(editor)
    form = form_of(editor.get(address))
    assert editor.post(f"{address}/issue", form).status_code == 403
    assert branch.post(f"{address}/issue", form).status_code == 403
    assert not editor.get(address).all("button[formaction]")


def test_issuing_twice_is_issuing_once(desk: Desks) -> None:
    me = desk("reviewer")
    address = drafted(me)
    form = form_of(me.get(address))
    assert [me.post(f"{address}/issue", form).status_code for _ in range(2)] == [303, 303]
    assert len(json.loads(reader(me).get("/digests.json").data)["digests"]) == 1


def test_what_changed_after_it_was_looked_over_is_shown_again_before_it_is_issued(desk: Desks) -> None:
    me = desk("reviewer")
    address = drafted(me)
    form = form_of(me.get(address))
    with me.database() as db:
        held = entries.get(db, "nat-2020-cbirc-6")
        assert held
        entries.publish(db, held.entry.model_copy(update={"promise": "刚改过的一句话。"}), "t", "t")
    answer = me.post(f"{address}/issue", form)
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert answer.status_code == 409
    assert "变了" in page.text("[role=alert]")
    assert "刚改过的一句话" in page.text()
    assert issue(me, address).text("h1").startswith("惠企政策简报")


def test_headings_typed_last_are_in_the_issue(desk: Desks) -> None:
    me = desk("reviewer")
    issue(me, drafted(me), **{"heading-nat-2020-gwy-6": "稳岗有返还"})
    assert "全国·稳岗有返还" in seen(me, "/digests/1").text()


def test_the_issue_is_mailed_once_to_who_subscribed_and_to_nobody_else(desk: Desks) -> None:
    me = desk("reviewer")
    with me.database() as db:
        for address, confirmed in (("a@example.org", True), ("b@example.org", False)):
            one = subscriptions.ask(db, address, "digest", {}, "协会简报", "now", TODAY)
            assert one
            if confirmed:
                told.confirm(db, one, {}, told.cursor(db), TODAY)
    issue(me, drafted(me))
    with me.database() as db:
        rows = list(db.query("SELECT recipient, subject, text FROM outbox"))
    assert [row["recipient"] for row in rows] == ["a@example.org"]
    assert rows[0]["subject"] == "惠企政策简报 2020年第 1 期（总第 1 期）"
    assert "/digests/1" in rows[0]["text"]


def test_the_page_for_wechat_runs_and_loads_nothing(desk: Desks) -> None:
    me = desk("reviewer")
    address = drafted(me)
    issue(me, address)
    answer = me.client.get(f"{address}/wechat")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    assert not soup.select("script, a, link, img")
    assert "银保监发〔2020〕6号" in soup.get_text()


# -- the archive -----------------------------------------------------------------------------------


def test_an_empty_archive_says_so_and_a_number_never_given_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/digests")
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "还没有出过简报" in page.text()
    for address in ("/digests/1", "/digests/1.json", "/digests/1.docx", "/digests/" + "9" * 18):
        assert client.get(address).status_code == 404
    assert BeautifulSoup(client.get("/digests.atom").data, "xml").select_one("feed > updated")


def test_readers_see_the_day_of_the_issue_and_what_has_changed_since(desk: Desks) -> None:
    me = desk("reviewer")
    issue(me, drafted(me), report_to="试验部")
    page = seen(me, "/digests/1")
    assert "以下为出刊当日（2020年3月31日）的情况" in page.text()
    item = page.text("#item-nat-2020-cbirc-6")
    assert "2020年6月30日止" in item
    assert "后来： 已于2020年6月30日到期" in item
    assert "报：试验部" in page.text(".colophon")
    assert page.text("#text-1").endswith("以主管部门解释和正式文件为准。")
    assert "/digests/1" in seen(me, "/digests").hrefs()
    data = json.loads(reader(me).get("/digests/1.json").data)
    assert {one["key"]: one["changed_since"] for one in data["items"]}["nat-2020-cbirc-6"]
    assert len(BeautifulSoup(reader(me).get("/digests.atom").data, "xml").select("entry")) == 1


def test_a_correction_stands_above_an_issue_that_stays_as_it_was(desk: Desks) -> None:
    me = desk("reviewer")
    address = drafted(me)
    issue(me, address)
    before = reader(me).get("/digests/1.docx").data
    assert me.post(f"{address}/note", {"text": "第一条的文号应为试发1号。"}).status_code == 303
    assert "第一条的文号应为试发1号" in seen(me, "/digests/1").text(".correction")
    assert reader(me).get("/digests/1.docx").data == before
    assert desk("editor").post(f"{address}/note", {"text": "x"}).status_code == 403
    branch = desk("reviewer", region="430000")
    assert branch.post(f"{address}/note", {"text": "x"}).status_code == 403
    assert not branch.get(address).all("#text")
    assert "x" not in [one.get_text() for one in seen(me, "/digests/1").all(".correction")]


def published_difficulty(db: Database) -> int:
    held, _token = difficulties.state_one(db, needs=["loans"], text="原话", region="430000")
    held = difficulties.propose(db, held, Rewrite("贷款到期", "一家会员贷款快到期。", "可以展期。"), "liu")
    assert held.rewrite
    difficulties.publish(db, difficulties.agree(db, held, held.rewrite.seal), "liu")
    return held.id


def test_what_a_member_takes_back_leaves_every_form_of_the_issue(desk: Desks) -> None:
    me = desk("reviewer")
    with me.database() as db:
        number = published_difficulty(db)
    issue(me, drafted(me, f"answered:{number}", "new:nat-2020-gwy-6"))
    assert "一家会员贷款快到期" in seen(me, "/digests/1").text()
    with me.database() as db:
        difficulties.disagree(db, difficulties.existing(db, number))
    client = reader(me)
    for address in ("/digests/1", "/digests/1.json", "/digests.json", "/digests.atom"):
        assert "贷款" not in client.get(address).get_data(as_text=True), address
    doc = docx.Document(io.BytesIO(client.get("/digests/1.docx").data))
    assert "一家会员" not in "".join(one.text for one in doc.paragraphs)


# -- the template ----------------------------------------------------------------------------------


def test_a_template_of_staff_is_used_from_the_next_issue_on(desk: Desks) -> None:
    me = desk("reviewer")
    doc = docx.Document(io.BytesIO(me.client.get("/desk/digests/template/digest.docx").data))
    doc.sections[0].header.paragraphs[0].text = "试验协会页眉"
    file = io.BytesIO()
    doc.save(file)
    answer = me.post("/desk/digests/template/", {"file": (io.BytesIO(file.getvalue()), "x.docx")})
    assert answer.status_code == 303
    assert "现在用的是您上传的模板" in me.get("/desk/digests/template/").text()
    issue(me, drafted(me))
    made_ = docx.Document(io.BytesIO(reader(me).get("/digests/1.docx").data))
    assert made_.sections[0].header.paragraphs[0].text == "试验协会页眉"
    assert me.post("/desk/digests/template/", {"remove": "1"}).status_code == 303
    assert "自带的样式" in me.get("/desk/digests/template/").text()


@pytest.mark.parametrize("form", [{"remove": "1"}, {}])
def test_a_branch_does_not_change_the_template_of_all(desk: Desks, form: dict[str, object]) -> None:
    branch = desk("reviewer", region="430000")
    path = branch.settings.home / "templates" / "digest.docx"
    path.parent.mkdir()
    path.write_bytes(sample())
    file = {} if form else {"file": (io.BytesIO(sample()), "x.docx")}
    assert branch.post("/desk/digests/template/", {**form, **file}).status_code == 403
    assert path.exists()
    assert not branch.get("/desk/digests/template/").all("#file")


def test_what_a_member_deletes_leaves_every_form_of_the_issue(desk: Desks) -> None:
    me = desk("reviewer")
    with me.database() as db:
        number = published_difficulty(db)
        one = subscriptions.ask(db, "a@example.org", "digest", {}, "协会简报", "now", TODAY)
        assert one
        told.confirm(db, one, {}, told.cursor(db), TODAY)
    address = drafted(me, f"answered:{number}", "new:nat-2020-gwy-6")
    issue(me, address)
    with me.database() as db:
        difficulties.delete(db, difficulties.existing(db, number))
        rows = [*db.table("digests").rows, *db.table("outbox").rows]
    assert len(rows) == 2
    assert not [row for row in rows if "贷款" in str(row)]
    client = reader(me)
    assert client.get("/digests/1").status_code == 200
    for file in (client.get("/digests/1.docx"), me.client.get(f"{address}/draft.docx")):
        held = "".join(one.text for one in docx.Document(io.BytesIO(file.data)).paragraphs)
        assert "（已撤下）" in held
        assert "一家会员" not in held


@pytest.mark.parametrize(("data", "told"), [(b"", "没有选文件"), (b"no word", "打不开")])
def test_a_file_that_is_no_template_is_refused(desk: Desks, data: bytes, told: str) -> None:
    me = desk("reviewer")
    answer = me.post("/desk/digests/template/", {"file": (io.BytesIO(data), "x.docx")})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


def test_a_template_too_large_is_refused_with_the_page(desk: Desks) -> None:
    me = desk("reviewer")
    sent = {"CONTENT_LENGTH": "6000000"}
    answer = me.post("/desk/digests/template/", environ_overrides=sent)
    assert answer.status_code == 413
    assert "超过 5 MB" in answer.get_data(as_text=True)


def test_a_template_that_broke_is_passed_over_with_a_notice(desk: Desks) -> None:
    me = desk("reviewer")
    path = me.settings.home / "templates" / "digest.docx"
    path.parent.mkdir()
    path.write_bytes(sample()[:500])
    for address in ("/desk/digests/", drafted(me)):
        assert "模板用不了" in me.get(address).text()
    issue(me, drafted(me))
    assert docx.Document(io.BytesIO(reader(me).get("/digests/1.docx").data)).paragraphs


def test_a_site_with_an_address_puts_its_code_into_every_form(writable: Settings, tmp_path: Path) -> None:
    with closing(open_database(writable.database)) as db:
        entries.publish(db, an_entry("nat-2020-one"), "t", "t")
        draft = digests.create(
            db, TODAY, TODAY, [digests.Choice("new", "nat-2020-one")], digests.Masthead(), "t"
        )
        item = digests.Item("new", "nat-2020-one", "全国", "题", "文")
        digests.issue(db, draft, (item,), "t", lambda _: b"")
    client = made(replace(writable, base_url="https://kb.example.org")).test_client()
    page = client.get("/digests/1").get_data(as_text=True)
    assert "https://kb.example.org/digests/1" in BeautifulSoup(page, "lxml").select_one("#text-1").text  # type: ignore[union-attr]
    assert "qr-code" in page
