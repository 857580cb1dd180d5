"""What the site does when something is gone, missing, broken or heavy."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.config import ROOT, Settings
from kb.store import entries
from tests.conftest import Base, an_entry
from tests.web.conftest import made
from tests.web.test_pages import PAGES


def test_withdrawn_and_merged_ids_have_a_tombstone(base: Base) -> None:
    for name in ("old-1", "old-2", "new-1"):
        entries.publish(base.db, an_entry(name), "test", "test")
    entries.withdraw(base.db, "old-1", "test", "mistake")
    entries.withdraw(base.db, "old-2", "test", "same", merged_into="new-1")
    client = made(base.settings).test_client()
    gone = client.get("/entries/old-1")
    assert gone.status_code == 410
    assert "已经撤下" in gone.get_data(as_text=True)
    merged = client.get("/entries/old-2")
    assert merged.status_code == 410
    assert "/entries/new-1" in merged.get_data(as_text=True)
    assert client.get("/entries/old-2.json").get_json()["merged_into"] == "new-1"


def test_without_an_index_the_site_says_try_again(settings: Settings) -> None:
    client = made(settings).test_client()
    for address in ("/", "/search", "/search.json"):
        response = client.get(address)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
    assert client.get("/about").status_code == 200
    assert client.get("/healthz").status_code == 503


def test_health_compares_index_and_store(base: Base) -> None:
    client = made(base.settings).test_client()
    assert client.get("/healthz").get_json() == {"status": "ok", "index": 0, "changes": 0}
    entries.publish(base.db, an_entry(), "test", "test")
    waiting = client.get("/healthz")
    assert (waiting.status_code, waiting.get_json()["status"]) == (200, "catching up")
    with base.db.conn:
        base.db.execute("UPDATE changes SET at = '2020-01-01T00:00:00+00:00'")
    assert client.get("/healthz").status_code == 503


def test_a_broken_database_is_a_message_not_a_trace(settings: Settings) -> None:
    settings.home.mkdir()
    settings.database.write_bytes(b"this is no database, only text" * 100)
    response = made(settings).test_client().get("/entries/case-04")
    assert response.status_code == 500
    assert "不是本产品的数据库" in response.get_data(as_text=True)
    assert "Traceback" not in response.get_data(as_text=True)


def test_a_database_that_breaks_while_reading_is_explained(base: Base) -> None:
    app = made(base.settings)
    app.testing = False
    base.db.execute("ALTER TABLE versions RENAME TO elsewhere")
    response = app.test_client().get("/about")
    assert response.status_code == 500
    assert str(base.settings.database) in response.get_data(as_text=True)


def test_an_unexpected_failure_is_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.about.coverage", lambda *_: 1 / 0)
    monkeypatch.setattr(app, "testing", False)
    response = app.test_client().get("/about")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.get_data(as_text=True)


def test_pages_are_light(client: FlaskClient) -> None:
    assets = [ROOT / "web/static" / name for name in ("site.css", "site.js", "icon.svg")]
    weight = sum(len(gzip.compress(Path(asset).read_bytes())) for asset in assets)
    for address in PAGES:
        html = client.get(address).get_data()
        assert weight + len(gzip.compress(html)) < 60_000, address
    assert (ROOT / "web/static/site.css").stat().st_size <= 14 * 1024


def test_links_that_leave_use_the_public_address(base: Base) -> None:
    entries.publish(base.db, an_entry(), "test", "test")
    app = made(replace(base.settings, base_url="https://kb.example.org/zc"))
    html = app.test_client().get("/entries/nat-2020-test-1?as_of=2020-03-01").get_data(as_text=True)
    assert 'href="https://kb.example.org/zc/entries/nat-2020-test-1?as_of=2020-03-01"' in html
    assert "https://kb.example.org/zc/entries/nat-2020-test-1" in html.partition("<textarea")[2]
