"""A real server and a real Chromium. Where there is no Chromium: skipped, but failed where CI=true."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from kb.config import Settings
from kb.domain.taxonomy import NATION
from kb.domain.workflow import Actor, Role
from kb.store import users
from kb.store.database import open_database
from tests.conftest import Base
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


# -- the desk ------------------------------------------------------------------------------------

PASSWORD = "five quiet words here"
PEOPLE: tuple[tuple[str, str, Role], ...] = (("liu", "刘敏", "editor"), ("wang", "王强", "reviewer"))
Open = Callable[..., Page]


@dataclass(frozen=True)
class Office:
    """A serving site over a knowledge base of its own, and its settings."""

    address: str
    settings: Settings


@pytest.fixture
def office(pristine: Path, shipped: Base, tmp_path: Path) -> Iterator[Office]:
    """The shipped knowledge base, copied, with an editor, a reviewer and an administrator."""
    home = tmp_path / "home"
    shutil.copytree(pristine, home)
    settings = replace(shipped.settings, home=home)
    with closing(open_database(settings.database)) as db:
        for name, shown, role in (*PEOPLE, ("boss", "陈主任", "admin")):
            users.add(db, Actor(name, shown, role, NATION), PASSWORD, "test")
    app = create_app(settings, background=True)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Office(f"http://127.0.0.1:{server.effective_port}", settings)
    app.extensions["stop"].set()
    server.close()
    thread.join(10)


@pytest.fixture
def logged_in(office: Office, chromium: Browser) -> Iterator[Open]:
    """``logged_in("liu")``: a tab of somebody; whatever a page complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_tab(name: str, **options: object) -> Page:
        context = chromium.new_context(
            base_url=office.address, locale="zh-CN", **{"viewport": LAPTOP, **options}
        )  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/desk/login")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Whatever the console calls an error, but for the 410 of a page that is rightly gone."""
    return said.type == "error" and "410" not in said.text


def write(page: Page, **fields: str) -> None:
    """Fill fields of the form by their names."""
    for name, value in fields.items():
        field = page.locator(f"[name='{name.replace('__', '-')}']").first
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def press(page: Page, button: Locator) -> None:
    """Press what leads to another page, and wait for it."""
    with page.expect_navigation():
        button.click()
