"""An owner in WeChat's browser, a page without a script, a poster on paper, the box in another's frame."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kb.config import Settings
from tests.browser.conftest import PHONE
from web import create_app

pytestmark = pytest.mark.browser
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2199A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 "
    "MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64"
)
POSTERS = ("ah-2020-6", "nat-2020-miit-digital-10", "wh-2026-opc", "nat-2026-gwy-802", "nat-2020-mof-sta-8")
"""Those with the most to say of the shipped ones."""


@pytest.fixture
def wechat(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=address, locale="zh-CN", viewport=PHONE, user_agent=WECHAT, has_touch=True, is_mobile=True
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def test_an_owner_in_wechat_copies_the_text_of_a_match(wechat: Page) -> None:
    wechat.goto("/match")
    for answer in ("湖南", "10—29 人", "税和社保负担"):
        wechat.get_by_role("link", name=answer, exact=True).tap()
    wechat.locator(".group-text summary").tap()
    box = wechat.locator("#group-text")
    expect(box).to_be_visible()
    assert wechat.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    wechat.get_by_role("button", name="复制群消息").tap()
    expect(wechat.get_by_role("button", name="已复制")).to_be_visible()
    copied = str(wechat.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n")
    assert copied == box.input_value()
    assert copied.startswith("【惠企政策对照】湖南、10—29 人、税和社保负担")
    assert len(copied) <= 300
    hint = wechat.locator(".ways .wechat")
    expect(hint).to_contain_text("在浏览器打开")
    expect(wechat.locator(".ways details li").first).to_be_visible()


def test_where_the_clipboard_is_closed_the_text_is_selected(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, viewport=PHONE, user_agent=WECHAT)
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined});"
                         "document.execCommand = () => false")  # fmt: skip
    page.goto("/entries/nat-2026-mohrss-39")
    page.get_by_role("button", name="复制群消息").click()
    expect(page.get_by_role("button", name="已选中，请长按复制")).to_be_visible()
    box = page.locator("#message")
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == box.input_value()
    context.close()


def test_without_a_script_the_whole_text_can_be_selected(phone_without_script: Page) -> None:
    phone_without_script.goto("/match?region=430100&headcount=10-29&need=-")
    phone_without_script.locator(".group-text summary").click()
    box = phone_without_script.locator("#group-text")
    expect(box).to_be_visible()
    expect(phone_without_script.locator(".group-text button")).to_be_hidden()
    assert box.input_value().endswith("以主管部门解释和正式文件为准。")


@pytest.fixture
def public(loaded: Settings) -> Iterator[str]:
    """The address of a site with a public address, which another one at its port may frame."""
    settings = replace(loaded, base_url="https://kb.example.org", embed_hosts=("http://127.0.0.1:*",))
    yield from served(create_app(settings))


def served(app: Flask) -> Iterator[str]:
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.mark.parametrize("entry", POSTERS)
def test_a_poster_is_one_page_of_paper(chromium: Browser, public: str, entry: str) -> None:
    page = chromium.new_page()
    page.goto(f"{public}/entries/{entry}/poster")
    expect(page.locator(".scan svg")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1


def test_axe_finds_nothing_on_what_is_shared(chromium: Browser, public: str) -> None:
    page = chromium.new_page(viewport=PHONE, color_scheme="dark")
    for address in ("/entries/nat-2026-mohrss-39/poster", "/embed?region=430000", "/search?q=贷款"):
        page.goto(public + address)
        for summary in page.locator(".share-search > summary").all():
            summary.click()
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
    page.close()


def other_site(box: str) -> Flask:
    """A site of somebody else with our box in a page of its own."""
    app = Flask("other")

    @app.get("/")
    def page() -> str:
        return (
            f'<!doctype html><title>other</title><iframe src="{box}/embed" width="600" height="240"></iframe>'
        )

    return app


def test_a_listed_site_shows_the_box_and_its_answer_opens_in_a_new_window(
    chromium: Browser, public: str
) -> None:
    site = served(other_site(public))
    page = chromium.new_page()
    page.goto(next(site))
    box = page.frame_locator("iframe")
    box.locator("#q").fill("贷款")
    with page.expect_popup() as popup:
        box.get_by_role("button", name="搜索").click()
    expect(popup.value.get_by_role("heading", level=1)).to_contain_text("贷款")
    popup.value.close()
    page.close()
    site.close()  # type: ignore[attr-defined]


def test_a_site_that_is_not_listed_shows_nothing(chromium: Browser, address: str) -> None:
    site = served(other_site(address))
    page = chromium.new_page()
    page.goto(next(site))
    assert page.frame_locator("iframe").locator("#q").count() == 0
    page.close()
    site.close()  # type: ignore[attr-defined]
