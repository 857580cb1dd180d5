"""Sheets at the desk: out by ids or by search, in through a report, drafts only."""

import csv
import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from kb.domain.cells import escaped, unescaped
from kb.domain.columns import COLUMNS, GUIDE, LISTS, SHEET, VERSION
from kb.ingest.sheetfile import LARGEST
from kb.outreach.sheets import as_csv
from kb.store import drafts, entries
from tests.conftest import an_entry
from tests.ingest.rows import new_row
from tests.web.conftest import Desk, Page, checked

Desks = Callable[..., Desk]
ID = "bj-2020-7"


def test_the_help_shows_what_the_page_of_sheets_looks_like(desk: Desks) -> None:
    me = desk("editor")
    (picture,) = me.get("/desk/help").all("section[aria-labelledby=six] img")
    with me.client.get(str(picture["src"])) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")


def downloaded(desk: Desk, address: str) -> bytes:
    response = desk.client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)[:400]
    assert response.headers["Content-Disposition"].startswith("attachment")
    return response.get_data()


def rows_in(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def handed_in(desk: Desk, data: bytes, name: str = "表.csv") -> Page:
    """The report on a sheet."""
    response = desk.post(
        "/desk/sheets/check", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
    )
    assert response.status_code == 303
    return desk.get(response.headers["Location"])


def import_of(page: Page) -> dict[str, object]:
    """What the button of a report sends."""
    fields = page.all("form[action*='sheets/take'] input[type=hidden]")
    return {str(tag["name"]): str(tag["value"]) for tag in fields if tag["name"] != "csrf_token"}


def test_the_page_explains_the_columns_and_offers_the_template(desk: Desks) -> None:
    editor = desk("editor")
    page = editor.get("/desk/sheets/")
    assert all(one.title in page.text() for one in COLUMNS)
    book = load_workbook(io.BytesIO(downloaded(editor, "/desk/sheets/template.xlsx")))
    assert book.sheetnames == [SHEET, GUIDE, LISTS]
    assert [cell.value.rstrip("*") for cell in book[SHEET][1]] == [one.title for one in COLUMNS]
    assert book[SHEET].max_row == 1
    lists = {str(one.sqref): one.formula1 for one in book[SHEET].data_validations.dataValidation}
    assert any(LISTS in str(formula) for formula in lists.values())


def test_every_list_to_choose_from_holds_the_words_of_its_column(desk: Desks) -> None:
    book = load_workbook(io.BytesIO(downloaded(desk("editor"), "/desk/sheets/template.xlsx")))
    named = {cell.value: cell.column_letter for cell in book[LISTS][1]}
    types = [cell.value for cell in book[LISTS][named["支持类型"]][1:] if cell.value]
    assert types[:2] == ["税费减免", "社保减免缓缴"]
    assert len(types) == 14


def test_chosen_entries_come_as_a_row_for_each_relief(desk: Desks) -> None:
    rows = rows_in(downloaded(desk("editor"), f"/desk/sheets.csv?id={ID}&id=case-01"))
    assert [row["编号"] for row in rows] == [ID, ID, ID, ID, "case-01"]
    assert {row[VERSION] for row in rows} == {"1"}
    assert rows[0]["规模"] == "微型、小型、中型"


def test_a_search_comes_with_all_its_hits(desk: Desks) -> None:
    editor = desk("editor")
    total = editor.client.get("/search.json?region=湖南&status=all").get_json()
    rows = rows_in(downloaded(editor, "/desk/sheets.csv?region=湖南&status=all&page=2"))
    assert len({row["编号"] for row in rows}) == total["total"] > 10


def test_a_workbook_holds_the_same_text_and_no_formula(desk: Desks) -> None:
    editor = desk("editor")
    with editor.database() as db:
        entries.publish(db, an_entry(title="=HYPERLINK(1)", promise="＋缓交", summary="@x"), "test", "test")
    address = "/desk/sheets.{}?ids=nat-2020-test-1"
    (row,) = rows_in(downloaded(editor, address.format("csv")))
    assert (row["标题"], row["一句话好处"], row["概要"]) == ("'=HYPERLINK(1)", "'＋缓交", "'@x")
    assert all(cell == escaped(unescaped(cell)) for cell in row.values())
    sheet = load_workbook(io.BytesIO(downloaded(editor, address.format("xlsx"))))[SHEET]
    assert {cell.data_type for cell in sheet[2] if cell.value is not None} == {"s"}
    assert [cell.value or "" for cell in sheet[2]] == list(row.values())


def test_an_id_that_is_none_and_a_bad_filter_are_told(desk: Desks) -> None:
    editor = desk("editor")
    assert "no-such" in editor.get("/desk/sheets.xlsx?ids=no-such", 422).text()
    response = editor.client.get("/desk/sheets.csv?region=某地")
    assert response.status_code == 400
    assert response.get_json()["problems"][0]["parameter"] == "region"


def test_a_sheet_is_reported_first_and_then_made_into_drafts(desk: Desks) -> None:
    editor = desk("editor")
    rows = rows_in(downloaded(editor, f"/desk/sheets.csv?id={ID}"))
    rows[1]["能得到什么"] = "办公的房子，2月房租少交一半。"
    page = handed_in(editor, as_csv([*rows, new_row()]).encode())
    text = page.text()
    assert "第 3 行" in text
    assert "办公的房子，2月房租少交一半。" in text
    with editor.database() as db:
        assert drafts.listed(db) == []
    response = editor.post("/desk/sheets/take", import_of(page))
    assert response.status_code == 303
    with editor.database() as db:
        made = drafts.listed(db)
        assert {one.base_version for one in made} == {1, None}
        assert {one.author for one in made} == {editor.name}
        held = entries.get(db, ID)
        assert held is not None
        assert held.version.number == 1


def test_the_report_is_shown_again_when_the_knowledge_base_moved_meanwhile(desk: Desks) -> None:
    editor = desk("editor")
    rows = rows_in(downloaded(editor, f"/desk/sheets.csv?id={ID}"))
    for row in rows:
        row["概要"] = "表里的概要"
    sent = import_of(handed_in(editor, as_csv(rows).encode()))
    with editor.database() as db:
        held = entries.get(db, ID)
        assert held is not None
        changed = held.entry.model_copy(update={"title": "在工作台改过的标题"})
        entries.publish(db, changed, "wang", "test")
    response = editor.post("/desk/sheets/take", sent)
    page = checked(response.get_data(as_text=True), dict(response.headers))
    assert response.status_code == 409
    assert editor.post("/desk/sheets/take", import_of(page)).status_code == 303


def test_hand_made_changes_are_shown_as_kept(desk: Desks) -> None:
    editor = desk("editor")
    rows = rows_in(downloaded(editor, f"/desk/sheets.csv?id={ID}"))[:1]
    with editor.database() as db:
        held = entries.get(db, ID)
        assert held is not None
        entries.publish(db, held.entry.model_copy(update={"summary": "手改的概要"}), "wang", "test")
    rows[0]["概要"] = "表里的概要"
    page = handed_in(editor, as_csv(rows).encode())
    assert "在工作台改过，保留库里的：「手改的概要」" in page.text()
    assert not page.all("form[action*='sheets/take']")


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "", "先选一个文件"),
        (b"\xd0\xcf\x11\xe0", "a.xls", "旧版"),
        ("甲,乙\n1,2".encode(), "a.csv", "没有认出表头"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_its_field(
    desk: Desks, data: bytes, name: str, told: str
) -> None:
    form = {"file": (io.BytesIO(data), name)}
    response = desk("editor").post("/desk/sheets/check", form, content_type="multipart/form-data")
    assert response.status_code == 422
    page = checked(response.get_data(as_text=True), dict(response.headers))
    assert told in page.text("#file-error")


def test_a_file_that_is_too_large_is_told(desk: Desks) -> None:
    sent = {"CONTENT_LENGTH": str(LARGEST + 1_000_000)}
    response = desk("editor").post("/desk/sheets/check", environ_overrides=sent)
    assert response.status_code == 413
    assert "5 MB" in response.get_data(as_text=True)


def test_a_sheet_that_is_gone_is_told(desk: Desks) -> None:
    editor = desk("editor")
    assert "重新上传" in editor.get(f"/desk/sheets/check/{'0' * 64}", 404).text()
    assert editor.post("/desk/sheets/take", {"sha256": "../kb.sqlite"}).status_code == 404


def test_what_stands_in_a_sheet_stays_text_in_the_report(desk: Desks) -> None:
    row = new_row(标题="<script>alert(1)</script>", 成文日期="<img src=x onerror=1>")
    page = handed_in(desk("editor"), as_csv([row]).encode(), "<b>.csv")
    assert not page.all("main script, main img, main b b")
    assert "<script>alert(1)</script>" in page.text()
