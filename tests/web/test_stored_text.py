"""Whatever is stored stays text: in results, entries, differences, the board, feeds, messages and exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup

from kb.domain.entry import Entry
from kb.search import indexing
from kb.store import drafts, entries, history
from kb.store.entries import to_json
from tests.web.conftest import Desk

Desks = Callable[..., Desk]
PROBE = "\"'><xss-probe onload=alert(1)></xss-probe><script>alert(1)</script>[x](javascript:alert(1))"
FIRST, SECOND = "nat-2020-mohrss-11", "case-04"
FREE = {
    "title",
    "aliases",
    "promise",
    "summary",
    "body",
    "doc_number",
    "issuers",
    "note",
    "what",
    "text",
    "source",
    "where",
    "steps",
    "materials",
    "contact",
    "document",
    "section",
    "business",
    "problems",
}


def poisoned(value: Any, name: str = "") -> Any:
    """The record with the probe behind every free text."""
    if isinstance(value, dict):
        return {key: poisoned(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, name) for part in value]
    return value + PROBE if isinstance(value, str) and name in FREE else value


@pytest.fixture
def poisoned_desk(desk: Desks) -> Desk:
    """Somebody at the desk of a knowledge base in which two entries and their drafts are poisoned."""
    one = desk("admin", name="boss")
    desk("editor", name="liu")
    with one.database() as db:
        for entry_id in (FIRST, SECOND):
            held = entries.get(db, entry_id)
            assert held is not None
            data = poisoned(json.loads(to_json(held.entry)))
            entries.publish(db, Entry.model_validate(data), "liu" + PROBE, "因为" + PROBE)
            draft = drafts.create(db, data, "liu", "100000", "paste", 2, original="原文" + PROBE)
            drafts.note(db, draft.id, "liu", "comment", "话" + PROBE)
            drafts.share(db, draft.id, "liu")
        library = one.client.application.extensions["kb"].library
        indexing.catch_up(library.settings, db)
    return one


def pages(one: Desk) -> Iterator[str]:
    yield from ("/search?q=养老保险&status=all&as_of=2020-08-01", "/?as_of=2020-08-01", "/needs", "/survey")
    for entry_id in (FIRST, SECOND):
        yield f"/entries/{entry_id}?as_of=2020-08-01"
        yield f"/entries/{entry_id}/history"
        yield f"/desk/entries/{entry_id}"
    yield "/match?region=430100&headcount=10-29&need=tax-and-insurance&industry=maintenance&as_of=2020-08-01"
    yield "/match/checklist?region=430100&headcount=10-29&need=-&as_of=2020-08-01"
    yield from ("/desk/", "/desk/drafts/", "/desk/checking/?entry=" + FIRST, "/desk/amend/?to=" + FIRST)
    yield from ("/desk/people/audit", "/desk/upkeep/links", "/desk/upkeep/searches", "/desk/duplicates/")
    with one.database() as db:
        for draft in drafts.listed(db):
            yield f"/desk/drafts/{draft.id}"
            yield f"/desk/drafts/{draft.id}/edit"
            yield f"/desk/drafts/{draft.id}/effect"
            yield f"/desk/drafts/{draft.id}/compare"
            yield f"/desk/drafts/shared/{draft.token}"


def test_no_page_takes_stored_text_for_markup(poisoned_desk: Desk) -> None:
    seen = 0
    for address in pages(poisoned_desk):
        page = poisoned_desk.get(address)
        seen += "xss-probe" in page.html
        assert page.soup.find("xss-probe") is None, address
        assert not [tag for tag in page.all("script") if "alert(1)" in tag.get_text()], address
        active = [href for href in page.hrefs("a") if href.strip().lower().startswith("javascript")]
        assert not active, address
    assert seen > 10


@pytest.mark.parametrize("address", ["/search.atom?q=养老保险", "/search.atom?sort=date"])
def test_a_feed_is_sound_xml_with_text_only(poisoned_desk: Desk, address: str) -> None:
    answer = poisoned_desk.client.get(address + "&status=all&as_of=2020-08-01")
    soup = BeautifulSoup(answer.data, "xml")
    assert soup.find("feed") is not None
    assert soup.find("xss-probe") is None


def test_data_is_served_as_data(poisoned_desk: Desk) -> None:
    for address in (f"/entries/{FIRST}.json", f"/entries/{FIRST}/history.json", "/search.json?q=养老保险"):
        answer = poisoned_desk.client.get(address)
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.json is not None


def test_an_address_that_would_run_is_refused(desk: Desks) -> None:
    one = desk("editor")
    with one.database() as db:
        held = history.version(db, FIRST, 1)
        assert held is not None
        source = {"document": "x", "url": "javascript:alert(1)"}
        data = {**json.loads(to_json(held.entry)), "sources": [source]}
        draft = drafts.create(db, data, one.name, "100000", "edit", 1)
    assert "http" in one.get(f"/desk/drafts/{draft.id}").text(".errors")
