"""Editing at the desk over HTTP: what is typed is kept, two people never overwrite each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from kb.store import drafts, entries
from kb.store.entries import to_json
from tests.conftest import an_entry
from tests.web.conftest import Desk, Page
from web.desk.form import encode

LogIn = Callable[..., Desk]
NOTICE = """\
湖南省试验厅
关于阶段性减免试验费用的通知
湘试发〔2026〕3号
一、减免比例为50%，最高300万元。
二、本通知自2026年3月1日起施行，有效期至2027年12月31日。
湖南省试验厅
2026年2月20日
"""


def fields_of(page: Page | BeautifulSoup) -> dict[str, list[str]]:
    """What a browser would send of the form as it stands, without any button."""
    soup = page.soup if isinstance(page, Page) else page
    found: dict[str, list[str]] = {}
    for tag in soup.select("#edit :is(input, textarea, select)"):
        name, kind = str(tag.get("name", "")), tag.get("type")
        if tag.name == "select":
            chosen = tag.select_one("option[selected]") or tag.select_one("option")
            found.setdefault(name, []).append(str(chosen["value"]) if chosen else "")
        elif tag.name == "textarea":
            found.setdefault(name, []).append(tag.get_text().removeprefix("\n"))
        elif kind not in ("checkbox", "radio") or tag.has_attr("checked"):
            found.setdefault(name, []).append(str(tag.get("value", "")))
    return found


def begun(desk: Desk, **data: object) -> str:
    """The address of a new draft's form."""
    with desk.database() as db:
        record = {**json.loads(to_json(an_entry())), **data}
        del record["id"]
        draft = drafts.create(db, record, desk.name, "100000", "desk")
    return f"/desk/drafts/{draft.id}/edit"


def data_at(desk: Desk, address: str) -> dict[str, Any]:
    with desk.database() as db:
        return dict(drafts.existing(db, int(address.split("/")[3])).data)


def sent(desk: Desk, address: str, **changes: object) -> str:
    """Send the form with some fields changed; where one is led to."""
    form = fields_of(desk.get(address)) | {
        name: list(value) if isinstance(value, list | tuple) else [str(value)]
        for name, value in changes.items()
    }
    response = desk.client.post(address, data=form)
    assert response.status_code == 303, response.get_data(as_text=True)[:400]
    return str(response.headers["Location"])


def test_opening_and_saving_changes_nothing(desk: LogIn) -> None:
    one = desk("editor")
    with one.database() as db:
        held = [entry.entry for entry in entries.all_current(db)]
        held = [*held[::9], *(entry for entry in held if entry.kind == "case")][:40]
        made = [
            drafts.create(db, json.loads(to_json(entry)), one.name, "100000", "edit", 1) for entry in held
        ]
    for draft in made:
        sent(one, f"/desk/drafts/{draft.id}/edit", do="save")
    with one.database() as db:
        assert [drafts.existing(db, draft.id).revision for draft in made] == [1] * len(made)


def test_a_confirmation_is_not_typed_but_kept_from_what_is_published(desk: LogIn) -> None:
    one = desk("editor")
    confirmed = {"confirmed_on": "2026-10-01", "confirmed_by": "li"}
    with one.database() as db:
        entries.publish(db, an_entry(verified=confirmed), "li", "核对")
        draft = drafts.create(db, json.loads(to_json(an_entry())), one.name, "100000", "edit", 1)
    forged = {"verified-confirmed_on": "2099-01-01", "verified-confirmed_by": "zhang"}
    address = f"/desk/drafts/{draft.id}/edit"
    assert not one.get(address).all("[name^='verified-confirmed']")
    sent(one, address, title="新标题", do="save", **forged)
    assert data_at(one, address)["verified"] == confirmed
    new = begun(one, verified=confirmed)
    sent(one, new, title="新标题", do="save", **forged)
    assert "verified" not in data_at(one, new)


def test_what_was_typed_is_kept_however_wrong(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    sent(one, address, title="新标题", issued_on="去年", do="save")
    assert data_at(one, address)["title"] == "新标题"
    page = one.get(address)
    assert page.one("#f-issued_on")["value"] == "去年"
    assert page.one("#f-issued_on")["aria-invalid"] == "true"
    described = str(page.one("#f-issued_on")["aria-describedby"])
    assert "2026年3月1日" in " ".join(page.text(f"[id='{one}']") for one in described.split())


def test_going_on_with_mistakes_leads_to_a_summary_with_links_to_the_fields(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one, promise="")
    to = sent(one, address, do="done")
    assert to.endswith("check=1#errors")
    page = one.get(to.partition("#")[0])
    assert page.hrefs("#errors a") == ["#f-promise"]
    assert page.one("#errors").has_attr("autofocus")
    assert page.one("#f-promise")["aria-invalid"] == "true"


def test_nothing_is_called_wrong_before_anybody_came_to_it(desk: LogIn) -> None:
    one = desk("editor")
    to = str(one.post("/desk/new", {"kind": "policy"}).headers["Location"])
    page = one.get(to)
    assert not page.all(".error, .errors")
    assert "处没填好" in page.text("#saved")


def test_a_finished_draft_goes_on_to_the_next_step(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    assert sent(one, address, do="done").endswith(address.removesuffix("/edit") + "#steps")


def test_rows_are_added_and_removed_by_buttons_without_a_script(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    to = sent(one, address, title="改过", do="add:reliefs-0-conditions")
    assert to.endswith("#f-reliefs-0-conditions-0")
    page = one.get(to.partition("#")[0])
    assert page.one("#f-reliefs-0-conditions").has_attr("open")
    page.one("#f-reliefs-0-conditions-0")
    sent(one, address, **{"reliefs-0-conditions-0-text": "从业人数不超过300人", "do": "add:reliefs"})
    sent(one, address, **{"reliefs-1-type": "rent", "do": "up:reliefs-1"})
    reliefs = data_at(one, address)["reliefs"]
    assert [relief["id"] for relief in reliefs] == ["rent-1", "defer"]
    assert reliefs[1]["conditions"] == [{"text": "从业人数不超过300人"}]
    sent(one, address, do="remove:reliefs-0")
    assert [relief["id"] for relief in data_at(one, address)["reliefs"]] == ["defer"]
    assert data_at(one, address)["title"] == "改过"


def test_choosing_a_fact_offers_the_comparisons_and_values_that_fit(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    start = "reliefs-0-conditions-0-"
    sent(one, address, do="add:reliefs-0-conditions")
    sent(one, address, **{f"{start}text": "是民营企业", f"{start}field": "ownership", "do": "save"})
    page = one.get(address)
    offered = [str(tag["value"]) for tag in page.all(f"[id='f-{start}op'] option")]
    assert offered == ["", "in", "not_in", "eq", "ne"]
    sent(one, address, **{f"{start}value": ["private", "foreign"], "do": "save"})
    assert data_at(one, address)["reliefs"][0]["conditions"][0] == {
        "text": "是民营企业",
        "field": "ownership",
        "op": "in",
        "value": ["private", "foreign"],
    }


def test_the_members_view_stands_beside_the_form(desk: LogIn) -> None:
    one = desk("editor")
    page = one.get(begun(one, promise="试验费用可以缓交半年。"))
    assert page.text("#preview h2").startswith("试验费用可以缓交半年")
    assert "必填的都填好以后" in one.get(begun(one, promise="")).text("#preview")


def test_a_published_reliefs_id_stays_and_a_new_ones_follows_its_type(desk: LogIn) -> None:
    one = desk("editor")
    with one.database() as db:
        held = entries.get(db, "ah-2020-6")
        assert held
        data = json.loads(to_json(held.entry))
        draft = drafts.create(db, data, one.name, "100000", "edit", held.version.number)
    address = f"/desk/drafts/{draft.id}/edit"
    sent(one, address, **{"reliefs-0-type": "rent", "do": "add:reliefs"})
    sent(one, address, **{"reliefs-3-type": "tax", "do": "save"})
    sent(one, address, **{"reliefs-3-type": "jobs", "do": "save"})
    ids = [relief["id"] for relief in data_at(one, address)["reliefs"]]
    assert ids == [relief.id for relief in held.entry.reliefs] + ["jobs-1"]


# -- two people, and saving by itself --------------------------------------------------------------


def saved_by_itself(desk: Desk, address: str, form: dict[str, list[str]]) -> dict[str, Any]:
    response = desk.client.post(address, data=form, headers={"Accept": "application/json"})
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()
    return found


def test_a_script_may_save_and_is_told_when_and_what_is_left(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    told = saved_by_itself(one, address, fields_of(one.get(address)) | {"promise": ["可以缓交一年。"]})
    assert told["saved"].startswith("已自动保存 ")
    assert (told["revision"], told["left"], told["forked"]) == (2, "都填好了", None)
    assert "可以缓交一年" in told["preview"]
    assert data_at(one, address)["promise"] == "可以缓交一年。"


def test_the_second_to_save_keeps_a_draft_of_their_own(desk: LogIn) -> None:
    first, second = desk("editor", name="zhang"), desk("editor", name="li")
    address = begun(first)
    mine, theirs = fields_of(first.get(address)), fields_of(second.get(address))
    assert first.client.post(address, data=mine | {"title": ["张写的"]}).status_code == 303
    to = str(second.client.post(address, data=theirs | {"title": ["李写的"]}).headers["Location"])
    own = to.partition("?")[0]
    assert own != address
    assert (data_at(first, address)["title"], data_at(second, own)["title"]) == ("张写的", "李写的")
    assert "两份都在" in second.get(to).text("main")
    told = saved_by_itself(second, address, theirs | {"title": ["李又改"]})
    assert told["forked"] == own
    assert (data_at(first, address)["title"], data_at(second, own)["title"]) == ("张写的", "李又改")


def test_what_is_typed_into_a_draft_that_was_settled_meanwhile_is_kept_apart(desk: LogIn) -> None:
    one = desk("editor")
    address = begun(one)
    form = fields_of(one.get(address))
    with one.database() as db:
        drafts.move(db, drafts.existing(db, 1), "drop", "boss", "不要了")
    to = str(one.client.post(address, data=form | {"title": ["还在写"]}).headers["Location"])
    own = to.partition("?")[0]
    assert own != address
    assert data_at(one, own)["title"] == "还在写"
    told = saved_by_itself(one, address, form | {"title": ["又写了"]})
    assert told["forked"] == own
    assert data_at(one, own)["title"] == "又写了"


def test_saying_that_one_is_still_here_saves_nothing(desk: LogIn) -> None:
    one, other = desk("editor", name="zhang"), desk("editor", name="li")
    address = begun(one)
    other.get(address)
    form = {"csrf_token": [one.token()], "do": ["here"]}
    assert saved_by_itself(one, address, form) == {"others": "Li 正在改这份草稿"}
    assert data_at(one, address)["title"]


def test_each_is_told_that_the_other_is_editing(desk: LogIn) -> None:
    first, second = desk("editor", name="zhang"), desk("editor", name="li")
    address = begun(first)
    assert first.get(address).one("#others").has_attr("hidden")
    assert "Zhang 正在改这份草稿" in second.get(address).text("#others")


def test_a_branch_does_not_see_another_branchs_draft(desk: LogIn) -> None:
    address = begun(desk("editor"))
    assert desk("editor", region="430000").client.get(address).status_code == 404


# -- what it does to the golden companies ----------------------------------------------------------


def test_the_effect_of_a_change_is_shown_for_each_golden_company(desk: LogIn) -> None:
    one = desk("editor")
    relation = {"type": "repeals", "to": "nat-2020-mohrss-11", "from": "2020-03-01"}
    reliefs = [{"id": "tax-1", "type": "tax", "title": "缓交", "what": "缓交三个月。"}]
    address = begun(one, relations=[relation], reliefs=reliefs).replace("/edit", "/effect")
    page = one.get(address)
    assert "不出现" in page.text("tbody")
    assert "可能符合" in page.text("tbody")


def test_a_change_of_words_moves_nobody(desk: LogIn) -> None:
    one = desk("editor")
    with one.database() as db:
        held = entries.get(db, "nat-2020-mohrss-11")
        assert held
        data = {**json.loads(to_json(held.entry)), "promise": "换一句话。"}
        draft = drafts.create(db, data, one.name, "100000", "edit", held.version.number)
    assert "没有一家的结果会变" in one.get(f"/desk/drafts/{draft.id}/effect").text("main")


# -- paste -----------------------------------------------------------------------------------------


def test_pasted_text_becomes_a_draft_with_what_it_says_and_the_original_beside_it(desk: LogIn) -> None:
    one = desk("editor")
    one.get("/desk/paste")
    to = str(one.post("/desk/paste", {"text": NOTICE}).headers["Location"])
    page = one.get(to)
    assert page.one("#f-doc_number")["value"] == "湘试发〔2026〕3号"
    assert page.one("#f-regions-include")["value"] == "湖南省"
    assert page.text("[id='q-issued_on']") == "2026年2月20日"
    assert "有效期至2027年12月31日" in page.text(".kind-date:has([id='f-in_force-end']) .basis")
    assert "最高300万元" in page.text(".original")
    assert data_at(one, to)["in_force"]["end"] == "2027-12-31"


def test_every_basis_leads_to_its_words_in_the_original(desk: LogIn) -> None:
    one = desk("editor")
    page = one.get(str(one.post("/desk/paste", {"text": NOTICE}).headers["Location"]))
    for address in page.hrefs("#edit .basis a"):
        assert page.all(f"[id='{address[1:]}']"), address


@pytest.mark.parametrize("text", ["", "  \n ", "字" * 200_001])
def test_a_paste_that_cannot_be_taken_is_shown_again(desk: LogIn, text: str) -> None:
    response = desk("editor").post("/desk/paste", {"text": text})
    assert response.status_code == 422
    soup = BeautifulSoup(response.get_data(as_text=True), "lxml")
    assert soup.select_one(".error")
    box = soup.select_one("#text")
    assert box
    assert box.get_text().strip() == text.strip()


def test_a_paste_of_something_already_held_says_so(desk: LogIn) -> None:
    one = desk("editor")
    text = "关于试验的通知\n皖政办明电〔2020〕6号\n正文。"
    page = one.get(str(one.post("/desk/paste", {"text": text}).headers["Location"]))
    assert "/desk/entries/ah-2020-6" in page.hrefs()


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"]
)
def test_whatever_is_typed_stays_text(desk: LogIn, payload: str) -> None:
    one = desk("editor")
    address = begun(one)
    names = [name for name in encode(data_at(one, address), one_taxonomy()) if name not in ("id", "kind")]
    sent(one, address, **{**dict.fromkeys(names, payload), "do": "save"})
    page = one.get(address + "?check=1")
    assert page.one("#f-title").get_text().removeprefix("\n") == payload
    assert not page.all("main img, main script:not([nonce])")


def one_taxonomy() -> Any:
    from tests.web.test_form import TAXONOMY

    return TAXONOMY
