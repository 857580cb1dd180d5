"""Every shipped entry, on its page, as data and as a message; what must never be seen; the catalogue."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from kb.config import ROOT
from kb.domain.entry import Entry
from kb.matching.catalogue import Shelf
from kb.outreach.message import LIMIT, caveat, group_message
from kb.outreach.sheet import sheet_on
from kb.search import Request, book, search, watermark
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry
from tests.web.conftest import Page
from web import background
from web.markdown import to_html
from web.site import Site

Fetch = Callable[..., Page]
LINK = "https://kb.example.org/entries/"


@pytest.fixture(scope="module")
def held(shipped: Base) -> list[Entry]:
    return [one.entry for one in entries.all_current(shipped.db)]


def test_every_entry_has_a_sound_page(page: Fetch, held: list[Entry]) -> None:
    for entry in held:
        shown = page(f"/entries/{entry.id}")
        assert shown.one("h1").get_text() == entry.promise.rstrip("。")
        assert "非政府网站" in shown.text(".caveat")
        assert shown.one(".sources h2")
        assert shown.all("main article > *")[-1]["class"] == ["sources"]


def test_a_number_that_was_not_verified_is_seen_nowhere(client: FlaskClient, held: list[Entry]) -> None:
    hidden = {entry.id: entry.doc_number_candidate for entry in held if entry.doc_number_candidate}
    assert hidden
    for entry in held:
        html = client.get(f"/entries/{entry.id}").get_data(as_text=True)
        data = client.get(f"/entries/{entry.id}.json").get_data(as_text=True)
        assert "doc_number_candidate" not in data
        number = hidden.get(entry.id)
        if number:
            assert number not in html, entry.id
            assert number not in data, entry.id


def test_a_number_that_was_not_verified_is_in_no_result(client: FlaskClient, held: list[Entry]) -> None:
    for entry in held:
        number = entry.doc_number_candidate
        if number:
            for address in ("/search.csv", "/search.atom"):
                answer = client.get(f"{address}?q={entry.title}&status=all").get_data(as_text=True)
                assert number not in answer, entry.id


def test_every_message_fits_a_chat(shipped: Base) -> None:
    for one in entries.all_current(shipped.db):
        for day in (TODAY, SPRING, date(2020, 8, 1)):
            sheet = sheet_on(shipped.db, one, day)
            if sheet is None:
                continue
            text = group_message(sheet, shipped.terms.taxonomy, "中国通信企业协会", LINK + one.entry.id)
            assert len(text) <= LIMIT
            assert text.startswith(f"【{'影响提示' if one.entry.is_notice else one.entry.title[:7]}")
            assert f"\n{LINK}{one.entry.id}\n" in text
            assert text.endswith(caveat("中国通信企业协会"))
            if one.entry.doc_number:
                assert f"文号：{one.entry.doc_number}" in text


def test_a_message_fits_even_with_absurd_settings(shipped: Base) -> None:
    one = entries.get(shipped.db, "nat-2020-mohrss-11")
    assert one is not None
    sheet = sheet_on(shipped.db, one, SPRING)
    assert sheet is not None
    text = group_message(sheet, shipped.terms.taxonomy, "甲" * 400, "https://" + "a" * 500)
    assert len(text) <= LIMIT


def test_the_message_says_what_was_known_on_the_day(page: Fetch) -> None:
    spring = page("/entries/nat-2020-mohrss-11?as_of=2020-03-10").one("textarea").get_text()
    assert "困难企业缓缴社保费：未写截止日；其余：2020年6月30日止" in spring
    assert "as_of=2020-03-10" in spring
    assert "本库由 主办单位（未设置） 整理" in spring


def test_markdown_can_do_nothing() -> None:
    html = to_html(
        "# 题\n<script>x</script>\n\n[a](javascript:alert(1)) [b](https://www.gov.cn) ![p](https://x.cn/p.png)"
    )
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="https://www.gov.cn" rel="noopener noreferrer"' in html
    assert "<h3>题</h3>" in html


def test_every_message_of_the_interface_has_its_english() -> None:
    with (ROOT / "web/babel.cfg").open("rb"):
        methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = {one[2] for one in extract_from_dir(str(ROOT / "web"), methods, {})}
    path = ROOT / "web/translations/en/LC_MESSAGES/messages.po"
    catalogue = read_po(BytesIO(path.read_bytes()))
    translated = {str(one.id): str(one.string) for one in catalogue if one.id}
    assert found - set(translated) == set(), "no English for these"
    assert set(translated) - found == set(), "no longer used"
    assert not [one.id for one in catalogue if one.id and not one.string.strip()]
    for chinese, english in translated.items():
        assert set(re.findall(r"%\(\w+\)s", chinese)) == set(re.findall(r"%\(\w+\)s", english))


def test_a_serving_process_indexes_what_others_publish(base: Base) -> None:
    site = Site(replace(base.settings), base.terms, base.library, Shelf(base.terms.taxonomy))
    stop = threading.Event()
    thread = background.start(site, stop)
    try:
        entries.publish(base.db, an_entry(), "test", "test")
        deadline = time.monotonic() + 20
        while watermark(base.library) < 1 and time.monotonic() < deadline:
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join(20)
    assert watermark(base.library) == 1


def test_what_a_search_needs_of_a_new_generation_is_there_before_anybody_asks(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(replace(base.settings), base.terms, base.library, Shelf(base.terms.taxonomy))
    entries.publish(base.db, an_entry(), "test", "test")
    assert background.once(site) == ""
    monkeypatch.delattr(book, "_made")
    (hit,) = search(site.library, Request("试验费用", SPRING)).hits
    assert hit.record.id == "nat-2020-test-1"
