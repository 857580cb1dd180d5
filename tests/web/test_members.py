"""Many members at the desk: report, downloads, keeping only when asked; keys of programs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from kb.ingest.sheetfile import LARGEST
from kb.outreach import memberletters
from kb.store import apikeys, audit, memberlists
from kb.store.tidying import tidy
from tests.conftest import TODAY
from tests.web.conftest import Desk, Page, checked

Desks = Callable[..., Desk]
LIST = (
    "企业名称,所在地,从业人数,困难,联系人\n"
    "甲试验公司,湖南省长沙市,25,减税和社保,王某\n"
    "乙试验公司,湖南省长沙市,很多,,李某\n"
    "丙试验公司,云南,5,,赵某\n"
)


def hand_in(me: Desk, text: str | bytes = LIST, name: str = "会员.csv") -> TestResponse:
    data = text.encode("gbk") if isinstance(text, str) else text
    return me.post("/desk/members/check", {"file": (io.BytesIO(data), name)})


def report(me: Desk, text: str = LIST) -> Page:
    answer = hand_in(me, text)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return checked(answer.get_data(as_text=True), dict(answer.headers))


def packed(page: Page) -> str:
    return str(page.one("input[name=list]")["value"])


def take(me: Desk, page: Page, do: str, **more: str) -> TestResponse:
    return me.post("/desk/members/out", {"list": packed(page), "do": do, **more})


def kept(me: Desk) -> int:
    with me.database() as db:
        return int(next(db.query("SELECT count(*) AS n FROM member_lists"))["n"])


def test_the_report_counts_each_member_and_names_the_wrong_cell(desk: Desks) -> None:
    page = report(desk("editor"))
    assert page.text("h1") == "对照了 2 家"
    rows = [row.get_text(" ", strip=True) for row in page.all(".member-counts tbody tr")]
    assert [row.split()[0] for row in rows] == ["甲试验公司", "丙试验公司"]
    (wrong,) = page.all(".member-wrong tr.wrong")
    assert wrong.get_text(" ", strip=True).startswith("3 从业人数 没做：")
    assert "【甲试验公司】" in page.text(".member-text")


def test_nothing_is_kept_unless_asked(desk: Desks) -> None:
    me = desk("editor")
    before = {path for path in me.settings.home.rglob("*") if path.is_file()}
    page = report(me)
    for do in ("sheet", "texts", "letters"):
        assert take(me, page, do).status_code == 200
    assert kept(me) == 0
    after = {path for path in me.settings.home.rglob("*") if path.is_file()} - before
    assert not [path for path in after if "imports" in path.parts]
    for path in me.settings.home.glob("kb.sqlite*"):
        assert "甲试验公司".encode() not in path.read_bytes()
    assert take(me, page, "save", name="2026年").status_code == 422
    assert kept(me) == 0


def test_the_results_come_as_sheet_texts_and_letters(desk: Desks) -> None:
    me = desk("editor")
    page = report(me)
    sheet = take(me, page, "sheet")
    assert "attachment" in sheet.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(sheet.get_data()))
    assert [row[1] for row in book["总览"].values][1:] == ["甲试验公司", "丙试验公司"]
    assert [row[2] for row in book["要改的"].values][1:] == ["做了", "没做"]
    with zipfile.ZipFile(io.BytesIO(take(me, page, "texts").get_data())) as archive:
        assert len(archive.namelist()) == 3
    assert take(me, page, "letters").get_data().startswith(b"PK")
    assert "王某" not in page.html


def test_a_list_is_kept_for_the_office_that_asked_and_can_be_deleted(desk: Desks) -> None:
    me, other = desk("editor", region="430000"), desk("editor", region="530000")
    saved = take(me, report(me), "save", name="湖南会员", keep="1")
    assert saved.status_code == 303
    page = me.get("/desk/members/")
    (href,) = page.hrefs(".member-list a")
    assert "湖南会员" in page.text(".rows")
    assert me.get(href).text("h1") == "对照了 2 家"
    assert not other.get("/desk/members/").all(".member-list")
    assert other.client.get(href).status_code == 404
    assert other.post(f"{href}/delete").status_code == 404
    assert me.post(f"{href}/delete").status_code == 303
    assert kept(me) == 0
    with me.database() as db:
        told = " ".join(row.detail + row.action for row in audit.recent(db))
    assert "members-save" in told
    assert "试验公司" not in told


def test_the_same_name_takes_the_place_of_the_older_list(desk: Desks) -> None:
    me = desk("editor")
    for _ in range(2):
        take(me, report(me), "save", name="会员", keep="1")
    assert kept(me) == 1


def test_a_list_that_nobody_uses_goes_by_itself(desk: Desks) -> None:
    me = desk("editor")
    take(me, report(me), "save", name="会员", keep="1")
    with me.database() as db:
        used = date.fromisoformat(memberlists.listed(db, "100000")[0].used_at[:10])
        assert memberlists.forget_unused(db, used + memberlists.KEPT) == 0
        done = tidy(db, used + memberlists.KEPT + timedelta(days=2))
    assert ("member-lists", 1) in [(one.key, one.number) for one in done]
    assert kept(me) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [("标题\n甲", "表头"), (b"\xd0\xcf\x11\xe0", "xlsx"), ("企业名称,企业名称,地区\n", "同一列")],
)
def test_what_is_no_list_is_refused_with_what_to_do(desk: Desks, text: str | bytes, told: str) -> None:
    answer = hand_in(desk("editor"), text)
    assert answer.status_code == 422
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert told in page.text("#file-error")


def test_a_file_that_is_too_large_is_refused_with_a_page(desk: Desks) -> None:
    sent = {"CONTENT_LENGTH": str(LARGEST + 1_000_000)}
    answer = desk("editor").post("/desk/members/check", environ_overrides=sent)
    assert answer.status_code == 413
    assert "5 MB" in answer.get_data(as_text=True)


def test_a_page_that_was_tampered_with_is_refused(desk: Desks) -> None:
    me = desk("editor")
    page = report(me)
    assert me.post("/desk/members/out", {"list": "x", "do": "sheet"}).status_code == 422
    assert take(me, page, "everything").status_code == 400
    assert me.post("/desk/members/check").status_code == 422


def test_the_templates_are_downloads(desk: Desks) -> None:
    me = desk("editor")
    book = load_workbook(io.BytesIO(me.client.get("/desk/members/template.xlsx").get_data()))
    assert book.sheetnames == ["会员", "填表说明", "词表"]
    assert me.client.get("/desk/members/template.csv").get_data().startswith(b"\xef\xbb\xbf")


# -- keys of programs ------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works_until_it_is_revoked(desk: Desks) -> None:
    me = desk("admin")
    made = me.post("/desk/programs/", {"name": "某省协会网站"})
    assert made.headers["Cache-Control"] == "no-store"
    soup = BeautifulSoup(made.get_data(as_text=True), "lxml")
    key = str(soup.select_one("#key").get_text())  # type: ignore[union-attr]
    assert re.fullmatch(r"kb_[\w-]{32}", key)
    assert key not in me.get("/desk/programs/").html
    bearer = {"Authorization": f"Bearer {key}"}
    assert me.client.get("/api/v1/taxonomy", headers=bearer).status_code == 200
    with me.database() as db:
        (held,) = apikeys.listed(db)
        assert key not in " ".join(row.detail for row in audit.recent(db))
    assert me.post(f"/desk/programs/{held.id}/revoke").status_code == 303
    assert me.client.get("/api/v1/taxonomy", headers=bearer).status_code == 401
    assert "撤销" in me.get("/desk/programs/").text(".rows")


def test_a_key_needs_a_name_that_is_not_in_use(desk: Desks) -> None:
    me = desk("admin")
    assert me.post("/desk/programs/", {"name": " "}).status_code == 422
    assert me.post("/desk/programs/", {"name": "某网站"}).status_code == 200
    again = me.post("/desk/programs/", {"name": "某网站"})
    assert again.status_code == 422
    assert "已经有" in again.get_data(as_text=True)
    assert me.post("/desk/programs/999/revoke").status_code == 404


def test_keys_are_the_national_office_s(desk: Desks) -> None:
    branch = desk("admin", region="430000")
    assert branch.client.get("/desk/programs/").status_code == 403
    assert "接口密钥" not in branch.get("/desk/people/").text()
    assert "接口密钥" in desk("admin").get("/desk/people/").text()


def test_the_day_of_results_is_today(desk: Desks) -> None:
    assert f"{TODAY.year}年{TODAY.month}月{TODAY.day}日" in report(desk("editor")).text()


def test_letters_for_more_members_than_a_file_holds_are_refused_with_what_to_do(
    desk: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memberletters, "MOST_LETTERS", 1)
    me = desk("editor")
    page = report(me)
    answer = take(me, page, "letters")
    assert answer.status_code == 422
    again = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "信函一次最多 1 家" in again.text()
    assert take(me, again, "texts").status_code == 200


def test_a_place_below_a_city_is_taken_for_the_city_and_that_is_said(desk: Desks) -> None:
    page = report(desk("editor"), "企业名称,所在地\n甲试验公司,长沙市岳麓区\n")
    assert "没有「长沙市岳麓区」这一级，按湖南省长沙市对照" in page.text()
