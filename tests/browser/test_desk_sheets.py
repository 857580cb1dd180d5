"""Sheets and attachments in a real browser, on a phone and on a laptop."""

import io
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect

from kb.domain.columns import SHEET
from kb.store import drafts
from kb.store.database import open_database
from tests.browser.conftest import LAPTOP, PHONE, Office, Open, press

pytestmark = pytest.mark.browser
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ID = "bj-2020-7"


def edited(path: Path) -> FilePayload:
    """The exported workbook with one cell changed, as a person would, and one date mistyped."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    sheet = book[SHEET]
    titles = [str(cell.value).rstrip("*") for cell in sheet[1]]
    sheet.cell(3, titles.index("能得到什么") + 1).value = "办公的房子，2月房租少交一半。"
    sheet.append(
        ["关于试验补贴的通知" if one == "标题" else "去年" if one == "成文日期" else None for one in titles]
    )
    out = io.BytesIO()
    book.save(out)
    return {"name": "改好的表.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_sheet_goes_out_comes_in_changed_and_becomes_drafts(
    logged_in: Open, office: Office, viewport: dict[str, int]
) -> None:
    page = logged_in("liu", viewport=viewport)
    page.goto("/desk/sheets/")
    fit(page)
    page.get_by_label("条目编号").fill(ID)
    with page.expect_download() as exported:
        page.get_by_role("button", name="导出 XLSX").click()
    page.locator("#file").set_input_files(edited(exported.value.path()))
    press(page, page.get_by_role("button", name="看逐行报告"))
    expect(page.locator("main")).to_contain_text("办公的房子，2月房租少交一半。")
    expect(page.locator("main")).to_contain_text("看不懂日期「去年」")
    fit(page)
    press(page, page.get_by_role("button", name="照此导入，做成 1 份草稿"))
    expect(page.get_by_role("status")).to_contain_text("做了 1 份草稿")
    with closing(open_database(office.settings.database)) as db:
        assert [one.entry_id for one in drafts.listed(db)] == [ID]


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_form_is_uploaded_with_its_source(logged_in: Open, viewport: dict[str, int]) -> None:
    page = logged_in("liu", viewport=viewport)
    page.goto("/desk/files/")
    page.get_by_label("文件").set_input_files(
        {"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 test"}
    )
    page.get_by_label("来源（必填）").fill("湖南省工信厅网站")
    press(page, page.get_by_role("button", name="上传"))
    expect(page.get_by_role("status")).to_contain_text("申请表.pdf")
    fit(page)
    with page.expect_download() as got:
        page.get_by_role("link", name="申请表.pdf").click()
    assert got.value.suggested_filename == "申请表.pdf"


def fit(page: Page) -> None:
    """No finding of axe, nothing wider than the screen."""
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
