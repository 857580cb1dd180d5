"""The site over the shipped knowledge base, and a fixture that checks what every page must have."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.taxonomy import NATION
from kb.domain.workflow import Actor, Role
from kb.store import users
from kb.store.database import Database, open_database
from tests.conftest import Base
from web import create_app

SITE_NAMES = {"zh-CN": "通信企业惠企政策库", "en": "Relief Finder"}
TITLE_LENGTH = {"zh-CN": 28, "en": 60}


@dataclass(frozen=True)
class Page:
    """A page that was fetched and passed the checks of every page."""

    soup: BeautifulSoup
    html: str

    def text(self, selector: str = "main") -> str:
        """The words below the first match, white space made single."""
        found = self.soup.select_one(selector)
        assert found is not None, f"nothing matches {selector}"
        return " ".join(found.get_text(" ").split())

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} × {selector}"
        return found[0]

    def hrefs(self, selector: str = "main a") -> list[str]:
        return [str(tag["href"]) for tag in self.all(selector) if tag.has_attr("href")]


@pytest.fixture(scope="session")
def app(loaded: Settings) -> Flask:
    """The site over the shipped knowledge base."""
    return made(loaded)


def made(settings: Settings) -> Flask:
    """An application for tests: failures come out as they are."""
    app = create_app(settings)
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> Callable[..., Page]:
    """Fetch a page and check what every page must have."""

    def fetch(address: str, status: int = 200) -> Page:
        response = client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)[:400]
        return checked(response.get_data(as_text=True), dict(response.headers))

    return fetch


PASSWORD = "five quiet words here"


@dataclass(frozen=True)
class Desk:
    """Somebody logged in at the desk of a knowledge base that may be written to."""

    client: FlaskClient
    settings: Settings
    name: str

    def get(self, address: str, status: int = 200) -> Page:
        """A page of the desk, after the checks of every page."""
        response = self.client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)[:600]
        return checked(response.get_data(as_text=True), dict(response.headers))

    def post(self, address: str, data: dict[str, object] | None = None, **options: object) -> TestResponse:
        """What is answered to a form, sent with this session's token."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(address, data=form, **options)  # type: ignore[arg-type]

    def token(self) -> str:
        """The token that every form of this session carries."""
        soup = BeautifulSoup(self.client.get("/desk/password").get_data(as_text=True), "lxml")
        field = soup.find("input", attrs={"name": "csrf_token"})
        assert isinstance(field, Tag)
        return str(field["value"])

    def database(self) -> closing[Database]:
        """The store, to be closed: ``with desk.database() as db``."""
        return closing(open_database(self.settings.database))


@pytest.fixture
def writable(pristine: Path, shipped: Base, tmp_path: Path) -> Settings:
    """The settings of a copy of the shipped knowledge base."""
    home = tmp_path / "home"
    shutil.copytree(pristine, home)
    return replace(shipped.settings, home=home)


@pytest.fixture
def desk(writable: Settings) -> Callable[..., Desk]:
    """Log somebody in: ``desk("editor")``, ``desk("reviewer", region="430000", name="wang")``."""
    app = made(writable)

    def log_in(role: Role = "editor", region: str = NATION, name: str = "") -> Desk:
        called = name or f"{role}-{region}"
        with closing(open_database(writable.database)) as db:
            if users.find(db, called) is None:
                users.add(db, Actor(called, called.title(), role, region), PASSWORD, "test")
        one = Desk(app.test_client(), writable, called)
        soup = BeautifulSoup(one.client.get("/desk/login").get_data(as_text=True), "lxml")
        field = soup.find("input", attrs={"name": "csrf_token"})
        assert isinstance(field, Tag)
        form = {"csrf_token": str(field["value"]), "name": called, "password": PASSWORD}
        assert one.client.post("/desk/login", data=form).status_code == 303
        return one

    return log_in


def checked(html: str, headers: dict[str, str]) -> Page:
    """The page, after the checks of structure, language, labels and safety."""
    soup = BeautifulSoup(html, "lxml")
    _check_structure(soup)
    _check_labels(soup)
    _check_safety(soup, headers)
    return Page(soup, html)


def _check_structure(soup: BeautifulSoup) -> None:
    assert soup.html is not None
    assert soup.title is not None
    language = str(soup.html["lang"])
    assert language in SITE_NAMES
    headline, _, site = soup.title.get_text().rpartition(" - ")
    assert site == SITE_NAMES[language]
    assert 0 < len(headline) <= TITLE_LENGTH[language], headline
    assert len(soup.find_all("h1")) == 1
    ids = [str(tag["id"]) for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    first = soup.body.find(["a", "button", "input", "summary"]) if soup.body else None
    assert isinstance(first, Tag)
    assert first["href"] == "#main"
    assert soup.find(id="main") is not None
    for tag in soup.select("main :is(h2, h3, h4):empty"):
        raise AssertionError(f"empty heading {tag}")


def _check_labels(soup: BeautifulSoup) -> None:
    for field in soup.select("input:not([type=hidden]), textarea, select"):
        label = soup.find("label", attrs={"for": str(field["id"])})
        assert label is not None, field
        assert label.get_text(strip=True), field
    for link in soup.find_all("a"):
        assert link.get_text(strip=True) or link.select_one("img[alt]:not([alt=''])"), link
    referred = [tag["aria-labelledby"] for tag in soup.select("[aria-labelledby]")]
    for name in " ".join(str(one) for one in referred).split():
        assert soup.find(id=name) is not None, name


def _check_safety(soup: BeautifulSoup, headers: dict[str, str]) -> None:
    policy = headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce, policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    for tag in soup.find_all(["script", "style"]):
        assert tag.get("nonce") == nonce[1]
    assert not soup.select("[style], [onclick], [onload]")
    loaded = [*soup.select("[src]"), *soup.select("link[rel=stylesheet], link[rel=icon]")]
    for tag in loaded:
        address = str(tag.get("src") or tag.get("href"))
        assert address.startswith("/static/"), address
