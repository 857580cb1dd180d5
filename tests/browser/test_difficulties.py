"""A difficulty from the member's phone to the secretariat and back, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import PHONE, Office, press

WORDS = "验收半年了，款还没有付。"


Telephone = Callable[..., Page]


@pytest.fixture
def telephone(chromium: Browser, office: Office) -> Iterator[Telephone]:
    """``telephone(java_script_enabled=False)``: a member's phone at the office's site."""
    contexts, complaints = [], []

    def open_tab(**options: object) -> Page:
        context = chromium.new_context(base_url=office.address, locale="zh-CN", viewport=PHONE, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Whatever the console calls an error, but for the 400 of a form that is rightly given back."""
    return said.type == "error" and "400" not in said.text


def tell(phone: Page) -> str:
    """Tell a difficulty in two steps; the private link that comes of it."""
    phone.goto("/needs")
    press(phone, phone.get_by_role("main").get_by_role("link", name="向协会反映困难"))
    expect(phone.get_by_role("heading", name="谁会看到")).to_be_in_viewport()
    phone.get_by_label("运营商或总包拖欠").check()
    phone.get_by_label("企业在哪").select_option("430000")
    phone.get_by_label("企业规模").select_option("small")
    press(phone, phone.get_by_role("button", name="下一步"))
    expect(phone.get_by_role("heading", name="现在就能用的")).to_be_in_viewport()
    phone.get_by_label("什么困难，希望怎么办").fill(WORDS)
    phone.get_by_label("同意转交给下面写明的单位").check()
    press(phone, phone.get_by_role("button", name="提交给秘书处"))
    expect(phone.get_by_label("转给哪个单位")).to_have_attribute("aria-invalid", "true")
    expect(phone.get_by_label("什么困难，希望怎么办")).to_have_value(WORDS)
    phone.get_by_label("转给哪个单位").fill("省通信管理局")
    press(phone, phone.get_by_role("button", name="提交给秘书处"))
    return phone.get_by_label("您的私密链接").input_value()


def test_the_private_link_is_copied_by_a_button(telephone: Telephone) -> None:
    phone = telephone(permissions=["clipboard-read", "clipboard-write"])
    private = tell(phone)
    assert private in phone.url
    phone.get_by_role("button", name="复制链接").click()
    expect(phone.get_by_role("button", name="已复制")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == private
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_script_a_member_tells_one_staff_answer_it_and_the_member_decides(
    telephone: Telephone, logged_in: Telephone
) -> None:
    phone = telephone(java_script_enabled=False)
    private = tell(phone)

    desk = logged_in("wang")
    press(desk, desk.get_by_role("navigation", name="工作台").get_by_role("link", name="会员困难"))
    press(desk, desk.get_by_role("link", name="运营商或总包拖欠"))
    expect(desk.get_by_text(WORDS)).to_be_visible()
    desk.get_by_label("答复（会员用私密链接看到）").fill("请先发书面催款函。")
    press(desk, desk.get_by_role("button", name="答复", exact=True))
    press(desk, desk.get_by_role("button", name="记为已转交"))
    desk.get_by_label("标题").fill("验收后收不到款")
    desk.get_by_label("困难（改写）").fill("一家小企业验收后收不到工程款。")
    desk.get_by_label("答复（改写）").fill("可以先发书面催款函。")
    press(desk, desk.get_by_role("button", name="请会员看这一稿"))

    phone.goto(private)
    expect(phone.get_by_text("请先发书面催款函。", exact=True)).to_be_visible()
    expect(phone.get_by_text("已转交：省通信管理局")).to_be_visible()
    press(phone, phone.get_by_role("button", name="同意公开这一段"))
    desk.reload()
    press(desk, desk.get_by_role("button", name="公开", exact=True))
    phone.goto("/difficulties")
    expect(phone.get_by_role("heading", name="验收后收不到款")).to_be_visible()
    expect(phone.get_by_text(WORDS)).to_have_count(0)

    phone.goto(private)
    phone.get_by_role("heading", name="全部删除").click()
    phone.get_by_label("确认删除").check()
    press(phone, phone.get_by_role("button", name="全部删除"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("已经全部删除")
    phone.goto("/difficulties")
    expect(phone.get_by_text("还没有公开的")).to_be_visible()
