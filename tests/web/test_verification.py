"""Labels and verdicts turn by themselves when nobody has checked for too long, and the site says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from kb.config import Settings
from kb.search.indexing import catch_up
from kb.store import entries
from kb.store.coverage import last_check
from tests.conftest import TODAY, Base, an_entry
from tests.web.conftest import Page, checked, made

CHECKED = date(2026, 11, 22)
LATER = date(2027, 6, 1)
LONG_TERM = "nat-2026-mof-jin5"
SHENZHEN = "sz-2024-ai-pioneer"
COMPANY = "region=430100&headcount=10-29&size=small&taxpayer=small-scale&monthly_sales=80000&low_profit=true"
PAGES = ("/", "/search", "/about", "/needs", "/survey", "/match", f"/match?{COMPANY}", f"/entries/{SHENZHEN}")
Fetch = Callable[[date, str], Page]


@pytest.fixture(scope="module")
def on(loaded: Settings) -> Callable[[date], FlaskClient]:
    """The shipped site on another day."""
    held: dict[date, FlaskClient] = {}

    def client(today: date) -> FlaskClient:
        if today not in held:
            held[today] = made(replace(loaded, today=today)).test_client()
        return held[today]

    return client


@pytest.fixture
def page(on: Callable[[date], FlaskClient]) -> Fetch:
    def fetch(today: date, address: str) -> Page:
        response = on(today).get(address)
        assert response.status_code == 200, address
        return checked(response.get_data(as_text=True), dict(response.headers))

    return fetch


def confirmed_long_term(base: Base) -> str:
    """An entry without end that is still in the default list a year later."""
    for held in entries.all_current(base.db):
        term = held.entry.in_force
        if held.entry.verified.confirmed_on and term and term.end_kind == "long_term":
            return held.entry.id
    raise AssertionError("nothing confirmed and without end is shipped")


def test_on_2027_06_01_the_label_has_turned(page: Fetch, shipped: Base) -> None:
    entry = confirmed_long_term(shipped)
    assert "最近核对 2026年11月22日" in page(TODAY, f"/entries/{entry}").text(".standing")
    later = page(LATER, f"/entries/{entry}")
    assert later.text(".standing .checked") == "待复核（最近核对 2026年11月22日）"
    assert "待复核（最近核对 2026年11月22日）" in later.text(".sources")


def test_on_2027_06_01_results_say_so_too(page: Fetch) -> None:
    hits = (page(day, "/search").all(".hit .checked") for day in (TODAY, LATER))
    today, later = ([one.get_text() for one in found] for found in hits)
    assert "最近核对 2026年11月22日" in today
    assert not any("待复核" in label for label in today)
    assert any(label.startswith("待复核") for label in later)
    assert "最近核对 2026年11月22日" not in later


def test_a_past_day_is_judged_by_what_was_good_on_it(page: Fetch, shipped: Base) -> None:
    entry = confirmed_long_term(shipped)
    shown = page(LATER, f"/entries/{entry}?as_of=2027-01-10")
    assert "待复核" not in shown.text(".standing")
    assert "待复核" in page(TODAY, f"/entries/{entry}?as_of=2027-06-01").text(".standing")


def test_what_was_never_checked_keeps_its_words(page: Fetch, shipped: Base) -> None:
    never = next(
        held.entry.id
        for held in entries.all_current(shipped.db)
        if held.entry.kind == "policy" and held.entry.verified.confirmed_on is None
    )
    assert page(LATER, f"/entries/{never}").text(".standing .checked") == "时效未核对"


def test_verdicts_are_at_most_possible_and_say_why(page: Fetch, on: Callable[[date], FlaskClient]) -> None:
    today = on(TODAY).get(f"/api/v1/match?{COMPANY}").get_json()["matches"]
    eligible = {f"{one['entry']}#{one['relief']}" for one in today if one["verdict"] == "eligible"}
    assert eligible
    assert not any(one["lapsed"] or one["held_back"] for one in today)
    later = on(LATER).get(f"/api/v1/match?{COMPANY}").get_json()["matches"]
    turned = [one for one in later if f"{one['entry']}#{one['relief']}" in eligible]
    assert turned
    for one in turned:
        assert (one["verdict"], one["held_back"], one["lapsed"]) == ("possible", ["lapsed"], True)
    shown = page(LATER, f"/match?{COMPANY}").text()
    assert "可能符合（待复核）" in shown
    assert "要有人再核对" in shown
    assert "待复核" not in page(TODAY, f"/match?{COMPANY}").text()


def test_data_says_until_when_a_check_is_good(on: Callable[[date], FlaskClient]) -> None:
    data = on(LATER).get(f"/entries/{SHENZHEN}.json").get_json()
    assert (data["good_until"], data["status"]["lapsed"]) == ("2027-02-20", True)


def test_an_inferred_end_reads_so_on_pages(page: Fetch) -> None:
    about = "约2026年12月17日（据有效期2年推算）"
    shown = page(TODAY, f"/entries/{SHENZHEN}")
    assert f"至 {about}（还有约 25 天）" in shown.text(".standing")
    assert about in shown.text(".story")
    assert about in shown.text("#life-text")
    assert f"至 {about}" in page(TODAY, "/search?q=深圳 训力券").text(".hit .until")
    assert about in str(
        page(TODAY, f"/entries/{SHENZHEN}?lang=zh").soup.find("meta", {"name": "description"})
    )
    english = page(TODAY, f"/entries/{SHENZHEN}?lang=en").text(".standing")
    assert "about 17 December 2026 (worked out from 有效期2年)" in english


# -- the whole site --------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_after_60_days_without_any_check_every_page_says_so(page: Fetch, address: str) -> None:
    assert not page(CHECKED + timedelta(days=59), address).all(".unattended")
    banner = page(CHECKED + timedelta(days=60), address).text(".unattended")
    assert "2026年11月22日" in banner
    assert "60 天" in banner
    assert "先问主管部门" in banner


def test_the_banner_counts_to_today_whatever_day_is_asked_about(page: Fetch) -> None:
    assert page(LATER, "/search?as_of=2020-03-10").all(".unattended")
    assert not page(TODAY, "/search?as_of=2030-01-01").all(".unattended")


def test_one_new_check_takes_the_banner_away(base: Base) -> None:
    client = made(replace(base.settings, today=LATER)).test_client()
    entries.publish(base.db, an_entry(verified={"confirmed_on": "2026-11-22"}), "li", "新增")
    catch_up(base.library.settings, base.db)
    assert "unattended" in client.get("/about").get_data(as_text=True)
    entries.publish(base.db, an_entry("other", verified={"confirmed_on": "2027-05-31"}), "li", "核对")
    assert "unattended" not in client.get("/about").get_data(as_text=True)
    entries.withdraw(base.db, "other", "li", "撤下")
    assert "unattended" in client.get("/about").get_data(as_text=True)


def test_an_empty_knowledge_base_has_no_banner(base: Base) -> None:
    client = made(replace(base.settings, today=date(2035, 1, 1))).test_client()
    assert "unattended" not in client.get("/about").get_data(as_text=True)


def test_where_nothing_was_ever_checked_silence_counts_from_the_first_publication(base: Base) -> None:
    assert last_check(base.db, TODAY) is None
    version = entries.publish(base.db, an_entry(), "li", "新增")
    assert version
    first = last_check(base.db, TODAY)
    assert first is not None
    for days, shown in ((59, False), (60, True)):
        client = made(replace(base.settings, today=first + timedelta(days=days))).test_client()
        assert ("unattended" in client.get("/about").get_data(as_text=True)) == shown


def test_a_day_that_is_still_to_come_is_no_check(base: Base) -> None:
    entries.publish(base.db, an_entry(verified={"confirmed_on": "2026-11-20"}), "li", "新增")
    entries.publish(base.db, an_entry("other", verified={"confirmed_on": "2099-01-01"}), "li", "新增")
    assert last_check(base.db, date(2026, 11, 22)) == date(2026, 11, 20)
    client = made(replace(base.settings, today=LATER)).test_client()
    assert "unattended" in client.get("/about").get_data(as_text=True)
