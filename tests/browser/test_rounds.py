"""A survey round from the desk to a phone and back."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Office, Open, press, write


def test_a_member_answers_on_a_phone_without_script_and_staff_see_it_come_in(
    office: Office, chromium: Browser, logged_in: Open
) -> None:
    desk = logged_in("liu")
    press(desk, desk.get_by_role("link", name="调查和专报"))
    press(desk, desk.get_by_role("link", name="开一次调查"))
    write(desk, title="试验调查", opens_on="2026-11-20", closes_on="2026-11-30")
    press(desk, desk.get_by_role("button", name="保存"))
    expect(desk.get_by_role("button", name="复制群消息")).to_be_visible()
    found = re.search(r"/rounds/[\w-]{32}", desk.locator("#message").input_value())
    assert found

    context = chromium.new_context(base_url=office.address, viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    phone = context.new_page()
    phone.goto(found[0])
    phone.locator("#region").select_option("430000")
    phone.get_by_label("小型", exact=True).check()
    phone.locator("#segment").select_option("construction")
    phone.get_by_label("部分开工", exact=True).check()
    phone.get_by_label("运营商或总包拖欠", exact=True).check()
    press(phone, phone.get_by_role("button", name="交卷"))
    expect(phone.get_by_role("alert")).to_contain_text("0 到 10")
    phone.locator(".scale").get_by_label("7", exact=True).check()
    press(phone, phone.get_by_role("button", name="交卷"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("谢谢，答卷收到了")
    phone.goto(found[0])
    expect(phone.get_by_role("heading", level=1)).to_have_text("这台设备已经答过了")
    context.close()

    desk.reload()
    expect(desk.locator("main")).to_contain_text("1 份")
    expect(desk.locator("main")).to_contain_text("湖南省")


def test_the_form_fits_a_phone_and_every_choice_can_be_hit_with_a_thumb(
    office: Office, logged_in: Open
) -> None:
    desk = logged_in("liu", viewport=PHONE)
    desk.goto("/desk/rounds/new")
    write(desk, title="试验调查", opens_on="2026-11-20", closes_on="2026-11-30")
    press(desk, desk.get_by_role("button", name="保存"))
    assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    found = re.search(r"/rounds/[\w-]{32}", desk.locator("#message").input_value())
    assert found
    desk.goto(found[0])
    assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for box in desk.locator(".tick").all():
        size = box.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44
