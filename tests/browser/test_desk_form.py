"""The form of an entry in a real browser: without a script, and what a script adds to it."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAPTOP, PHONE, Open, press, write

pytestmark = pytest.mark.browser
START = "reliefs-0-conditions-0-"
BOTH = pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
TOO_SMALL = """() => [...document.querySelectorAll('#edit :is(button, summary, select, input)')]
  .filter(one => !one.matches('.hidden, [type=checkbox]'))
  .filter(one => one.offsetHeight && one.offsetHeight < 44).map(one => one.outerHTML.slice(0, 80))"""


def begun(page: Page) -> str:
    """The address of an empty draft's form."""
    press(page, page.get_by_role("button", name="从空白新建"))
    return page.url.partition("#")[0]


def field(page: Page, name: str) -> str:
    return str(page.locator(f"[id='f-{name}']").input_value())


@BOTH
def test_an_entry_is_written_without_a_script(logged_in: Open, viewport: dict[str, int]) -> None:
    page = logged_in("liu", viewport=viewport, java_script_enabled=False)
    form = begun(page)
    write(page, title="关于试验的通知", promise="试验费用减一半。", issued_on="3月")
    write(page, reliefs__0__type="tax")
    press(page, page.get_by_role("button", name="填好了，下一步"))
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="成文日期").click()
    assert page.url.endswith("#f-issued_on")
    expect(page.locator("#f-issued_on")).to_be_in_viewport()
    assert field(page, "issued_on") == "3月"
    write(
        page,
        issued_on="2026年3月1日",
        issuers="试验部",
        reliefs__0__title="减半",
        reliefs__0__what="减一半。",
    )
    write(page, regions__include="全国", sources__0__document="试发〔2026〕1号")
    page.locator("[id='f-reliefs-0-conditions'] > summary").click()
    press(page, page.get_by_role("button", name="加一条条件"))
    expect(page.locator("[id='f-reliefs-0-conditions-0']")).to_be_in_viewport()
    write(page, **{f"{START}text": "从业人数不超过300人", f"{START}field": "headcount"})
    press(page, page.get_by_role("button", name="保存", exact=True))
    write(page, **{f"{START}op": "le", f"{START}value": "300"})
    press(page, page.get_by_role("button", name="填好了，下一步"))
    assert page.url == form.removesuffix("/edit") + "#steps"
    expect(page.locator("main")).to_contain_text("从业人数不超过300人")


def test_enter_in_a_field_saves_and_removes_nothing(logged_in: Open) -> None:
    page = logged_in("liu", java_script_enabled=False)
    begun(page)
    write(page, doc_number="试发〔2026〕1号")
    with page.expect_navigation():
        page.locator("#f-doc_number").press("Enter")
    assert field(page, "doc_number") == "试发〔2026〕1号"
    expect(page.locator("[id='f-reliefs-0']")).to_have_count(1)


def test_what_is_typed_is_saved_by_itself_and_seen_as_members_will(logged_in: Open) -> None:
    page = logged_in("liu")
    page.goto("/desk/entries/nat-2020-mohrss-11")
    press(page, page.get_by_role("button", name="修改"))
    write(page, promise="换一句话说好处。")
    expect(page.locator("#saved")).to_contain_text(re.compile(r"已自动保存 \d\d:\d\d · 都填好了"))
    expect(page.locator("#preview h2").first).to_have_text("换一句话说好处")
    page.reload()
    assert field(page, "promise") == "换一句话说好处。"


def test_who_types_second_is_led_to_a_draft_of_their_own(logged_in: Open) -> None:
    first, second = logged_in("liu"), logged_in("wang")
    form = begun(first)
    second.goto(form)
    expect(second.locator("#others")).to_have_text("刘敏 正在改这份草稿")
    write(first, title="刘敏写的")
    expect(first.locator("#saved")).to_contain_text("已自动保存")
    write(second, title="王强写的")
    second.locator("#others").get_by_role("link", name="看您的那一份").click()
    assert field(second, "title") == "王强写的"
    first.reload()
    assert field(first, "title") == "刘敏写的"


def test_a_chosen_fact_brings_its_comparisons_and_its_values(logged_in: Open) -> None:
    page = logged_in("liu")
    begun(page)
    page.locator("[id='f-reliefs-0-conditions'] > summary").click()
    press(page, page.get_by_role("button", name="加一条条件"))
    write(page, **{f"{START}field": "certificates"})
    expect(page.locator(f"[id='f-{START}op']")).to_contain_text("有其中一种")
    page.get_by_label("高新技术企业", exact=True).check()
    write(page, **{f"{START}field": "insured"})
    page.get_by_label("是", exact=True).check()
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    page.reload()
    assert field(page, f"{START}value") == "是"
    assert field(page, f"{START}op") == "eq"


@BOTH
def test_a_form_with_mistakes_and_open_folds_can_be_used_by_everybody(
    logged_in: Open, viewport: dict[str, int]
) -> None:
    page = logged_in("liu", viewport=viewport)
    page.goto("/desk/paste")
    page.locator("#text").fill("湖南省试验厅\n关于试验的通知\n湘试发〔2026〕3号\n正文。\n2026年3月1日")
    press(page, page.get_by_role("button", name="存成草稿"))
    for name in ("加一条条件", "加一种情况", "加一段受理时间", "加一个关系", "加一个附件"):
        page.evaluate(UNFOLD)
        press(page, page.get_by_role("button", name=name).first)
    page.evaluate(UNFOLD)
    write(page, reliefs__0__worth__cap="3百", issued_on="春天")
    press(page, page.get_by_role("button", name="填好了，下一步"))
    page.evaluate(UNFOLD)
    violations = Axe().run(page).response["violations"]
    assert violations == [], [(one["id"], one["nodes"][0]["html"]) for one in violations]
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert field(page, "reliefs-0-worth-cap") == "3百"
    assert page.evaluate(TOO_SMALL) == []
