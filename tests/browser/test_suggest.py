"""The search box while typing: a combobox for keyboard, screen reader and finger; without script a field."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def typed(tab: Page, text: str, address: str = "/") -> tuple[Locator, Locator]:
    """The search box with ``text`` typed into it, and the suggestions once they are there."""
    tab.goto(address)
    box = tab.get_by_role("combobox")
    box.press_sequentially(text, delay=10)
    options = tab.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(tab.get_by_role("listbox")).to_have_attribute("data-query", text)
    return box, options


def test_what_was_chosen_in_a_list_is_not_chosen_in_the_next(tab: Page) -> None:
    box, options = typed(tab, "社")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press_sequentially("保")
    expect(tab.get_by_role("listbox")).to_have_attribute("data-query", "社保")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("Enter")
    expect(tab).to_have_url(re.compile("/search"))


def test_suggestions_are_a_listbox_that_the_field_tells_of(tab: Page) -> None:
    tab.goto("/")
    box = tab.get_by_role("combobox", name="搜政策")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("社保", delay=10)
    expect(box).to_have_attribute("aria-expanded", "true")
    listbox = tab.get_by_role("listbox", name="搜索建议")
    expect(listbox).to_be_visible()
    assert box.get_attribute("aria-controls") == listbox.get_attribute("id")
    count = tab.get_by_role("option").count()
    expect(tab.locator("form.search [role=status]")).to_have_text(f"有 {count} 条建议，用上下键选")


def test_arrows_choose_and_the_field_keeps_the_focus(tab: Page) -> None:
    box, options = typed(tab, "稳岗")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(tab.locator("[role=option][aria-selected=true]")).to_have_count(0)
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")


def test_enter_opens_the_entry_chosen(tab: Page) -> None:
    box, _ = typed(tab, "802号")
    box.press("ArrowDown")
    box.press("Enter")
    expect(tab).to_have_url(re.compile("/entries/nat-2026-gwy-802$"))


def test_enter_without_a_choice_searches_for_what_was_typed(tab: Page) -> None:
    box, _ = typed(tab, "稳岗")
    box.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("稳岗")


def test_escape_closes_and_keeps_the_words(tab: Page) -> None:
    box, options = typed(tab, "稳岗")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("稳岗")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("Tab")
    expect(options.first).to_be_hidden()


def test_a_bare_number_offers_each_document_that_carries_it(tab: Page) -> None:
    _, options = typed(tab, "11号", "/?as_of=2020-08-01")
    shown = options.all_inner_texts()
    assert sum("11号" in text for text in shown) == 3
    assert not any("111号" in text for text in shown)


def test_a_tap_on_a_word_in_pinyin_searches_for_it_on_the_same_day(tab: Page) -> None:
    _, options = typed(tab, "gongji", "/?as_of=2020-03-10")
    options.filter(has_text="搜索").first.click()
    expect(tab).to_have_url(re.compile("as_of=2020-03-10"))
    expect(tab.get_by_role("heading", level=1)).to_contain_text("公积金")


def test_suggestions_can_be_read_and_touched(tab: Page) -> None:
    _, options = typed(tab, "贷款", "/search?region=440000")
    for number in range(options.count()):
        assert (options.nth(number).bounding_box() or {"height": 0})["height"] >= 44
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.evaluate("innerWidth")
    found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_without_script_the_field_is_a_plain_one(phone_without_script: Page) -> None:
    phone_without_script.goto("/")
    expect(phone_without_script.get_by_role("combobox")).to_have_count(0)
    box = phone_without_script.get_by_role("searchbox", name="搜政策")
    box.fill("公基金缓交")
    box.press("Enter")
    expect(phone_without_script.locator(".did-you-mean a")).to_have_text("公积金缓缴")


def test_a_hint_becomes_a_filter_or_goes(tab: Page) -> None:
    tab.goto("/search?q=杭州小企业租金&as_of=2020-03-10")
    hint = tab.locator(".understood li", has_text="浙江省杭州市")
    hint.get_by_role("link", name=re.compile("只看这个")).click()
    expect(tab.locator(".chips")).to_contain_text("浙江省杭州市")
    expect(tab.locator(".understood")).not_to_contain_text("浙江省杭州市")
    assert "region=330100" in tab.url
    tab.locator(".understood").get_by_role("link", name=re.compile("不是这个意思：小型")).click()
    expect(tab.locator(".understood")).not_to_contain_text("小型")
    expect(tab.locator("#q")).to_have_value("杭州小企业租金")
