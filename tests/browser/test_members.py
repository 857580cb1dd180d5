"""Many members at once in a real browser, and the page about the interface, on a phone and on a laptop."""

import io
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import LAPTOP, PHONE, Open, press

pytestmark = pytest.mark.browser
LIST = "企业名称,所在地,从业人数,困难\n甲试验公司,湖南省长沙市,25,减税和社保\n乙试验公司,火星,5,\n"


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_list_goes_in_and_a_sheet_and_messages_come_out(logged_in: Open, viewport: dict[str, int]) -> None:
    page = logged_in("liu", viewport=viewport)
    page.goto("/desk/members/")
    fit(page)
    sent: FilePayload = {"name": "会员.csv", "mimeType": "text/csv", "buffer": LIST.encode("gbk")}
    page.locator("#file").set_input_files(sent)
    press(page, page.get_by_role("button", name="对照", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("对照了 1 家")
    expect(page.locator("main")).to_contain_text("没有「火星」")
    fit(page)
    with page.expect_download() as sheet:
        page.get_by_role("button", name="总表（XLSX）").click()
    book = load_workbook(io.BytesIO(sheet.value.path().read_bytes()))
    assert next(book["总览"].iter_rows(min_row=2, values_only=True))[1] == "甲试验公司"
    with page.expect_download() as texts:
        page.get_by_role("button", name="逐家的消息（ZIP）").click()
    assert len(zipfile.ZipFile(texts.value.path()).namelist()) == 2
    expect(page.get_by_role("heading", level=1)).to_have_text("对照了 1 家")


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_page_about_the_interface_is_read_by_everybody(logged_in: Open, viewport: dict[str, int]) -> None:
    page = logged_in("liu", viewport=viewport)
    page.goto("/api/v1/")
    page.locator("summary").first.click()
    fit(page)


def fit(page: Page) -> None:
    """Nothing is wider than the window, and no rule of accessibility is broken."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
