"""A real server and a real Chromium. Where there is no Chromium: skipped, but failed where CI=true."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
import waitress
from playwright.sync_api import Browser, Page, sync_playwright

from kb.config import Settings
from web import create_app

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def address(loaded: Settings) -> Iterator[str]:
    """The address of a site over the shipped knowledge base."""
    server = waitress.create_server(create_app(loaded), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium of the system, with a profile of its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[PHONE, LAPTOP], ids=["phone", "laptop"])
def tab(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """An empty tab, once as a phone and once as a laptop; anything a page complains about fails the test."""
    yield from _tab(chromium, address, viewport=request.param)


@pytest.fixture
def phone_without_script(chromium: Browser, address: str) -> Iterator[Page]:
    yield from _tab(chromium, address, viewport=PHONE, java_script_enabled=False)


def _tab(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="zh-CN", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith(address) else complaints.append(one.url))
    yield page
    context.close()
    assert complaints == []
