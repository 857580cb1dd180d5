"""Papers that wait, in a real browser: answered without a script, and by keyboard with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAPTOP, PHONE, Open, press
from tests.ingest.papers_in import PAPER

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
TOO_SMALL = """() => [...document.querySelectorAll('main :is(button, summary, select, input, a.button)')]
  .filter(one => !one.matches('.hidden, [type=checkbox], [type=hidden]'))
  .filter(one => one.offsetHeight && one.offsetHeight < 44).map(one => one.outerHTML.slice(0, 80))"""
IN_SIGHT = """() => { const box = document.querySelector('.original').getBoundingClientRect();
  const mark = document.querySelector('mark.now').getBoundingClientRect();
  return mark.top >= box.top - 1 && mark.top < box.bottom; }"""


def handed_in(page: Page, folder: Path) -> str:
    """The address of the page of a paper that was uploaded."""
    file = folder / "通知.txt"
    file.write_text(PAPER)
    page.goto("/desk/intake/")
    page.get_by_label("上传一份文件").set_input_files(file)
    press(page, page.get_by_role("button", name="上传，列出建议"))
    return page.url


@BOTH
def test_proposals_are_answered_without_a_script(
    logged_in: Open, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = logged_in("liu", viewport=viewport, java_script_enabled=False)
    address = handed_in(page, tmp_path)
    press(page, page.locator("#p-0").get_by_role("button", name="采用", exact=True))
    expect(page.locator("#p-0 .state")).to_have_text("已采用")
    assert page.url.endswith("#p-1")
    press(page, page.locator("#p-1").get_by_role("button", name="不要"))
    expect(page.locator("#p-1 del")).to_have_text("试发〔2026〕11号")
    day = page.locator("li.proposal").filter(has=page.get_by_role("heading", name="成文日期"))
    day.get_by_text("改一改再采用").click()
    day.get_by_label("成文日期").fill("2026年2月21日")
    press(page, day.get_by_role("button", name="照改的采用"))
    expect(page.locator("li.proposal.changed")).to_contain_text("2026-02-21")
    page.goto(address)
    page.locator("#p-0 blockquote a").click()
    expect(page.locator("#q-0")).to_be_in_viewport()
    press(page, page.get_by_role("link", name="去填其余的"))
    assert page.locator("#f-title").input_value() == "关于阶段性减免试验费用的通知"
    assert page.locator("#f-doc_number").input_value() == ""


def test_the_keyboard_goes_through_the_proposals(logged_in: Open, tmp_path: Path) -> None:
    page = logged_in("liu")
    handed_in(page, tmp_path)
    expect(page.locator("#p-0")).to_have_class("proposal open current")
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.locator("#p-0 .state")).to_have_text("已采用")
    expect(page.locator("#p-1")).to_have_class("proposal open current")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#p-3")).to_have_class("proposal open current")
    assert page.evaluate(IN_SIGHT)
    with page.expect_navigation():
        page.keyboard.press("3")
    expect(page.locator("#p-3 .state")).to_have_text("没要")
    page.keyboard.press("2")
    expect(page.locator("#p-4 details")).to_have_attribute("open", "")
    page.keyboard.type("1")
    expect(page.locator("#p-4 .state")).to_have_count(0)


@BOTH
def test_the_pages_pass_axe_and_fit_the_screen(
    logged_in: Open, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = logged_in("liu", viewport=viewport)
    address = handed_in(page, tmp_path)
    for place in (address, "/desk/intake/"):
        page.goto(place)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.evaluate(TOO_SMALL) == []
