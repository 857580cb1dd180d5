"""The report on members' difficulties at the desk: choose, write, look, download."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx

from kb.outreach.word import WORD_TYPE
from kb.store import audit, difficulties, reportrows
from kb.store.database import now
from tests.web.conftest import Desk

Desks = Callable[..., Desk]
MARK, CONTACT = "绝密标记丙公司欠款", "marker@example.com"


def spanning() -> str:
    """The parameters of the real day: a difficulty keeps the moment at which it was told."""
    year = int(now()[:4])
    return f"first={year}-01-01&last={year + 1}-01-05"


def tell(me: Desk, region: str = "430100", forward: str = "") -> int:
    with me.database() as db:
        held, _token = difficulties.state_one(
            db,
            needs=["arrears"],
            text=MARK,
            region=region,
            size="small",
            contact=CONTACT,
            consent_forward=forward,
        )
    return held.id


def test_the_page_shows_what_the_file_holds(desk: Desks) -> None:
    me = desk("editor")
    tell(me)
    page = me.get(f"/desk/reports/show?{spanning()}")
    answer = me.client.get(f"/desk/reports/word?{spanning()}")
    assert answer.mimetype == WORD_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    doc = docx.Document(io.BytesIO(answer.data))
    shown = page.text(".report")
    for table in doc.tables:
        for row in table.rows:
            for cell in row.cells:
                assert " ".join(cell.text.split()) in shown
    for one in doc.paragraphs:
        if not one.text.startswith("数据截至"):
            assert " ".join(one.text.split()) in shown


def test_the_file_has_no_word_of_a_member_and_the_desk_shows_it_beside_the_form(desk: Desks) -> None:
    me = desk("editor")
    tell(me)
    page = me.get(f"/desk/reports/show?{spanning()}")
    assert MARK in page.text(".write")
    assert MARK not in page.text(".report")
    assert CONTACT not in page.html
    data = me.client.get(f"/desk/reports/word?{spanning()}").data
    doc = docx.Document(io.BytesIO(data))
    text = "\n".join(cell.text for table in doc.tables for row in table.rows for cell in row.cells)
    text += "\n".join(one.text for one in doc.paragraphs)
    assert MARK not in text
    assert CONTACT not in text


def test_what_staff_write_goes_into_the_five_columns(desk: Desks) -> None:
    me = desk("editor")
    number = tell(me, forward="工业和信息化部")
    form: dict[str, object] = {"problem": "验收后一年未付款", "demand": "明确付款期限"}
    answer = me.post(f"/desk/reports/rows/{number}?{spanning()}", form)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"#row-{number}")
    assert "first=" in answer.headers["Location"]
    shown = me.get(f"/desk/reports/show?{spanning()}").text(".report")
    assert "验收后一年未付款 明确付款期限 湖南省长沙市" in shown


def test_words_that_may_name_somebody_are_pointed_out(desk: Desks) -> None:
    me = desk("editor")
    number = tell(me)
    me.post(f"/desk/reports/rows/{number}?{spanning()}", {"problem": "某某有限公司拖欠300万元"})
    worries = me.get(f"/desk/reports/show?{spanning()}").text(".worries")
    assert "公司" in worries
    assert "300万" in worries


def test_a_demand_without_a_problem_is_not_kept_and_told(desk: Desks) -> None:
    me = desk("editor")
    number = tell(me)
    answer = me.post(f"/desk/reports/rows/{number}?{spanning()}", {"demand": "明确"}, follow_redirects=True)
    assert "没有写典型问题" in answer.get_data(as_text=True)
    with me.database() as db:
        assert reportrows.written(db) == {}


def test_an_empty_period_says_so_and_makes_no_file(desk: Desks) -> None:
    me = desk("editor")
    for page in ("show", "word"):
        found = me.get(f"/desk/reports/{page}?first=2025-01-01&last=2025-01-31", 422)
        assert "没有收到困难，也没有答卷" in found.text("[role=alert]")
        assert found.one("#first")["value"] == "2025-01-01"


def test_days_that_make_no_sense_are_told(desk: Desks) -> None:
    me = desk("editor")
    backwards, centuries = "first=2026-11-30&last=2026-11-01", "first=1990-01-01&last=2026-01-01"
    for period in ("", "first=2026-11-01", "first=x&last=y", backwards, centuries):
        assert me.get(f"/desk/reports/show?{period}", 422).all("[role=alert]"), period


def test_a_branch_writes_reports_on_its_own_region_only(desk: Desks) -> None:
    me = desk("editor", region="430000", name="hunan")
    mine, other = tell(me), tell(me, region="530100")
    page = me.get(f"/desk/reports/show?{spanning()}")
    assert page.all(f"#row-{mine}")
    assert not page.all(f"#row-{other}")
    assert "关于湖南省通信企业" in page.text(".report")
    assert "只能写本协会地区" in me.get(f"/desk/reports/show?{spanning()}&region=530000", 422).text()
    assert me.post(f"/desk/reports/rows/{other}", {"problem": "x"}).status_code == 404


def test_a_download_is_in_the_audit(desk: Desks) -> None:
    me = desk("editor")
    tell(me)
    me.client.get(f"/desk/reports/word?{spanning()}")
    with me.database() as db:
        (row,) = [one for one in audit.recent(db) if one.action == "report"]
    assert row.actor == me.name
    assert MARK not in row.detail + row.subject


def test_the_form_offers_periods_that_are_often_wanted(desk: Desks) -> None:
    page = desk("editor").get("/desk/reports/")
    hrefs = " ".join(page.hrefs())
    assert "first=2026-11-01&last=2026-11-22" in hrefs
    assert "first=2026-10-01&last=2026-10-31" in hrefs
    assert "first=2026-10-01&last=2026-11-22" in hrefs
