"""Digests in a real browser: an issue in eight clicks, its forms in the clipboard, its page on a phone."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import cycle
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from kb.domain.digest import Choice, Item, Masthead
from kb.store import digests
from kb.store.database import open_database
from tests.browser.conftest import PHONE, Office, Open

pytestmark = pytest.mark.browser
FEWEST_CLICKS, MOST_CLICKS = 6, 8
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0.49"
COUNT = """
sessionStorage.clicks ??= "0";
addEventListener("click", event => {
  if (event.isTrusted) sessionStorage.clicks = String(Number(sessionStorage.clicks) + 1);
}, true);
"""


def clicks(page: Page) -> int:
    """How many clicks the tab has taken, over all its pages."""
    return int(page.evaluate("sessionStorage.clicks"))


def test_an_issue_with_word_group_text_and_wechat_text_takes_at_most_eight_clicks(logged_in: Open) -> None:
    page = logged_in("wang", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNT)
    page.goto("/desk/")
    page.get_by_role("link", name="出新一期简报").click()
    assert page.locator("input[name=pick]:checked").count() > 0
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="出刊").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026年第 1 期（总第 1 期）")
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载 Word").click()
    assert saved.value.suggested_filename == "digest-1.docx"
    for button in page.locator("[data-copy^='text-']").all():
        button.click()
        expect(button).to_have_text("已复制")
        text = page.evaluate("navigator.clipboard.readText()")
        assert text.startswith("【惠企政策简报】2026年第 1 期")
        assert len(text) <= 1000
    page.get_by_role("button", name="复制公众号正文").click()
    expect(page.locator("[data-copy-rich]")).to_have_text("已复制")
    assert FEWEST_CLICKS <= clicks(page) <= MOST_CLICKS
    assert 'style="' in pasted(page)


def pasted(page: Page) -> str:
    """What the clipboard holds as HTML."""
    html = page.evaluate(
        """async () => { const [item] = await navigator.clipboard.read();
           return await (await item.getType("text/html")).text(); }"""
    )
    return str(html)


@pytest.fixture
def one_issue(office: Office) -> None:
    """An issue of 31 March 2020 with one real entry and a long address-free text."""
    day = date(2020, 3, 31)
    with closing(open_database(office.settings.database)) as db:
        draft = digests.create(
            db, day, day, [Choice("new", "nat-2020-cbirc-6")], Masthead(editor="协会"), "wang"
        )
        item = Item(
            "new",
            "nat-2020-cbirc-6",
            "全国",
            "贷款延期还本付息",
            "到期贷款可以申请展期或续贷。",
            until="2020年6月30日止",
            status="open",
            end="2020-06-30",
            version=1,
        )
        digests.issue(db, draft, (item,), "wang", lambda _: b"")


@pytest.mark.usefixtures("one_issue")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_issue_reads_on_a_phone_in_wechats_browser(
    office: Office, chromium: Browser, script: bool
) -> None:
    context = chromium.new_context(
        base_url=office.address, viewport=PHONE, user_agent=WECHAT, java_script_enabled=script, locale="zh-CN"
    )
    page = context.new_page()
    page.goto("/digests")
    page.get_by_role("link", name="总第 1 期").click()
    expect(page.get_by_text("以下为出刊当日（2020年3月31日）的情况。")).to_be_visible()
    expect(page.locator(".since")).to_contain_text("已于2020年6月30日到期")
    expect(page.get_by_text("在浏览器打开")).to_be_visible()
    page.locator("summary", has_text="复制群消息").click()
    expect(page.locator("#text-1")).to_contain_text("贷款延期还本付息")
    expect(page.get_by_role("button", name="复制群消息")).to_have_count(1 if script else 0)
    context.close()


@pytest.mark.usefixtures("one_issue")
def test_every_page_of_digests_is_fit_for_everybody(logged_in: Open) -> None:
    page = logged_in("wang", viewport=PHONE)
    page.goto("/desk/digests/new/?since=2020-03-01&day=2020-03-31")
    addresses = [
        "/desk/digests/",
        page.url,
        "/desk/digests/template/",
        "/desk/digests/1",
        "/digests",
        "/digests/1",
    ]
    page.get_by_role("button", name="下一步").click()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for address, scheme in zip((*addresses, page.url), cycle(schemes), strict=False):
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, (address, scheme, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
