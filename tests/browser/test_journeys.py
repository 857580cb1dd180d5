"""What people do on the site, in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

ENTRY = "/entries/nat-2020-mohrss-11?as_of=2020-08-01"
PAGES = {
    "home": "/",
    "results": "/search?q=社保&region=430000",
    "empty": "/search?q=小规模纳税人&region=530000&type=rent&industry=cable",
    "entry": ENTRY,
    "case": "/entries/case-04",
    "about": "/about",
    "need": "/needs/loan-turnover",
    "first step": "/match",
    "matches": "/match?region=430100&headcount=10-29&need=tax-and-insurance&industry=maintenance",
    "checklist": "/match/checklist?region=430100&headcount=10-29&need=-",
    "survey": "/survey",
    "recommendation": "/entries/recommendation-7",
    "survey in English": "/survey?lang=en",
    "english": "/search?q=社保&lang=en",
}


def test_from_the_question_to_the_text_for_the_group(tab: Page) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.goto("/?as_of=2020-08-01")
    tab.locator("#q").fill("养老保险 免征")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("养老保险")
    tab.locator("article.hit h2 a").first.click()
    expect(tab.locator(".official")).to_contain_text("阶段性减免企业社会保险费")
    expect(tab.locator(".as-of")).to_contain_text("2020年8月1日")
    tab.get_by_role("button", name="复制").click()
    expect(tab.get_by_role("button", name="已复制")).to_be_visible()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == tab.locator("textarea").input_value()
    assert "人社部发〔2020〕11号" in copied


def test_a_filter_is_chosen_and_dropped(tab: Page) -> None:
    tab.goto("/search?q=社保&as_of=2020-08-01")
    panel = tab.locator("details.filters")
    if panel.get_attribute("open") is None:
        panel.locator("> summary").click()
    choice = tab.locator(".facet a", has_text="大型")
    count = choice.locator(".count").inner_text()
    choice.click()
    expect(tab.locator(".total")).to_have_text(f"找到 {count} 件")
    assert "size=large" in tab.url
    tab.locator(".chips a", has_text="大型").click()
    expect(tab.locator(".chips")).to_have_count(0)


def test_from_the_survey_to_what_helps(tab: Page) -> None:
    """A figure leads to its need, the need to what answers it, a demand to the policies of that day."""
    tab.goto("/survey?as_of=2020-03-10")
    tab.locator("svg.bars a", has_text="返岗隔离").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("返岗隔离")
    tab.locator("section[aria-labelledby=cases] a", has_text="租房员工").click()
    expect(tab.locator(".answered")).to_be_visible()
    tab.locator(".answered .briefs a").first.click()
    expect(tab.locator(".as-of")).to_contain_text("2020年3月10日")
    expect(tab.locator(".standing .status").first).to_be_visible()


def test_from_a_scanned_link_to_what_the_accountant_needs(tab: Page) -> None:
    """长沙, 10-29 people, 通信代维, on 2026-11-22: at most eight taps, no typing."""
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    taps = 0

    def tap(target: Locator) -> None:
        nonlocal taps
        taps += 1
        target.click()

    tab.goto("/match?region=430100")
    tap(tab.get_by_role("link", name="10—29 人"))
    tap(tab.get_by_role("link", name="税和社保负担"))
    tap(tab.locator(".next summary"))
    tap(tab.get_by_role("link", name="运行维护"))
    named = tab.locator("main").inner_text()
    everything = tab.locator("main").text_content() or ""
    for words in ("残保金", "小型微利企业所得税", "稳岗返还", "国务院令第802号"):
        assert words in everything, words
    assert "残保金" in named
    assert "2020年第" not in everything
    assert "人社部发〔2020〕" not in everything
    tap(tab.locator("summary", has_text="发给会计"))
    tap(tab.locator("button[data-copy='all-text']"))
    expect(tab.locator("button[data-copy='all-text']")).to_have_text("已复制")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert "残保金" in copied
    for words in ("小型微利企业", "稳岗返还", "国务院令第802号"):
        assert words in copied, words
    assert taps <= 8


def test_by_keyboard_alone(tab: Page) -> None:
    tab.goto("/search?q=社保")
    tab.keyboard.press("Tab")
    skip = tab.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_be_focused()
    for _ in range(60):
        tab.keyboard.press("Tab")
        outline = tab.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return parseFloat(s.outlineWidth) > 0 && s.outlineStyle !== 'none' })()"
        )
        assert outline, tab.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if tab.evaluate("document.activeElement.matches('article.hit h2 a')"):
            break
    tab.keyboard.press("Enter")
    expect(tab.locator("article.entry h1")).to_be_visible()


def test_nothing_is_wider_than_the_screen_and_no_target_too_small(tab: Page) -> None:
    for name, address in PAGES.items():
        tab.goto(address)
        wide = tab.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => !e.closest('.hidden, .skip, label, svg') &&"
            " e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"
        )
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, wide)
        small = tab.evaluate(
            "[...document.querySelectorAll('nav a, button, input:not([type=hidden], [type=checkbox]),"
            " label:has(> input), summary, .chips a,"
            " .pills a, .tiles a, .regions a, .panel li a, .sorts a, .pages a')].filter(e => "
            " e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"
        )
        assert small == [], name


def test_axe_finds_nothing(tab: Page) -> None:
    for name, address in PAGES.items():
        tab.goto(address)
        found = Axe().run(tab)
        assert found.violations_count == 0, (name, found.generate_report())


def test_axe_finds_nothing_in_the_dark(tab: Page) -> None:
    tab.emulate_media(color_scheme="dark")
    for name in ("home", "results", "entry", "survey", "matches", "recommendation"):
        tab.goto(PAGES[name])
        found = Axe().run(tab)
        assert found.violations_count == 0, (name, found.generate_report())


def test_everything_works_without_javascript(phone_without_script: Page) -> None:
    tab = phone_without_script
    tab.goto("/?as_of=2020-08-01")
    tab.locator("#q").fill("养老保险")
    tab.get_by_role("button", name="搜索").click()
    tab.locator("details.filters > summary").click()
    tab.locator(".facet a", has_text="中型").click()
    expect(tab.locator(".chips")).to_contain_text("中型")
    tab.locator("article.hit h2 a").first.click()
    expect(tab.locator("textarea")).to_be_visible()
    expect(tab.locator("[data-copy]")).to_be_hidden()
    assert re.match(r"【.+】", tab.locator("textarea").input_value())


def test_the_filters_are_open_on_a_laptop_and_folded_on_a_phone(tab: Page) -> None:
    tab.goto("/search")
    wide = tab.evaluate("innerWidth") > 1000
    expect(tab.locator(".facet a").first).to_be_visible(visible=wide)


def test_the_printed_entry_keeps_what_matters(tab: Page) -> None:
    tab.emulate_media(media="print")
    tab.goto(ENTRY)
    expect(tab.locator("header.top")).to_be_hidden()
    expect(tab.locator(".share")).to_be_hidden()
    for selector in ("h1", ".standing", "#exempt-sme", ".body", ".sources", ".caveat"):
        expect(tab.locator(selector).first).to_be_visible()
