"""What leaves the site: short addresses and codes, messages on every page, WeChat's browser, posters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from kb.config import Settings
from kb.outreach.message import LIMIT
from kb.outreach.qr import MOST
from kb.store import entries
from tests.conftest import Base
from tests.web.conftest import Desk, Page, checked, made
from web.params import Asked
from web.sharing import shared_entry, shared_search

Fetch = Callable[..., Page]
Desks = Callable[..., Desk]
BASE = "https://" + "a" * 28 + ".org"
ENTRY = "/entries/nat-2026-mohrss-39"
MATCH = "/match?region=430100&headcount=10-29&need=tax-and-insurance&industry=maintenance"
SEARCH = "/search?q=" + quote("贷款周转") + "&region=430000"
PAGES = (ENTRY, MATCH, SEARCH)
WECHAT = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.44(0x18002c2f) NetType/WIFI Language/zh_CN"
}
HINT = "在浏览器打开"


@pytest.fixture(scope="module")
def public(loaded: Settings) -> FlaskClient:
    """The site at a public address of 40 characters."""
    assert len(BASE) == 40
    return made(replace(loaded, base_url=BASE)).test_client()


def fetched(client: FlaskClient, address: str, **headers: str) -> Page:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return checked(answer.get_data(as_text=True), dict(answer.headers))


def link_in(text: str) -> str:
    return next(line for line in text.split("\n") if line.startswith("http"))


# -- addresses -----------------------------------------------------------------------------------


def test_the_short_address_of_an_entry_leads_to_it_for_good(client: FlaskClient) -> None:
    answer = client.get("/e/nat-2020-mohrss-11?as_of=2020-03-10")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/entries/nat-2020-mohrss-11?as_of=2020-03-10"
    assert client.get("/e/never-was", follow_redirects=True).status_code == 404


def test_the_short_address_of_a_match_leads_to_the_same_matches(client: FlaskClient, page: Fetch) -> None:
    told = urlsplit(link_in(page(MATCH).one("#group-text").get_text())).path
    assert told == "/m/430100/10-29/tax-and-insurance/maintenance"
    answer = client.get(told)
    assert answer.status_code == 301
    there = page(answer.headers["Location"])
    assert there.text("h1") == page(MATCH).text("h1")
    assert there.all(".chips a")[:4] == page(MATCH).all(".chips a")[:4]


def test_what_was_skipped_is_skipped_in_the_short_address_too(page: Fetch, client: FlaskClient) -> None:
    message = page("/match?region=430100&headcount=-&need=-").one("#group-text").get_text()
    assert "/m/430100/-/-/-" in message
    assert client.get("/m/430100/-/-/-", follow_redirects=True).status_code == 200


def test_an_address_that_needs_more_than_the_short_one_has_says_it_in_full(page: Fetch) -> None:
    shown = page("/match?region=430100&headcount=10-29&need=-&taxpayer=small-scale")
    link = link_in(shown.one("#group-text").get_text())
    assert urlsplit(link).path == "/match"
    assert "region=430100" in link


def test_every_entry_has_an_address_short_enough_for_a_code(shipped: Base, loaded: Settings) -> None:
    app = made(replace(loaded, base_url=BASE))
    with app.test_request_context("/?as_of=2020-03-10"):
        for one in entries.all_current(shipped.db):
            found = shared_entry(one.entry.id)
            assert len(found.address) <= MOST
            assert "as_of=2020-03-10" in found.address
            assert not found.cut
            assert found.svg
        longest = shared_entry("a" * 64)
        assert longest.cut
        assert len(longest.address) <= MOST


def test_every_address_in_a_message_is_short_enough(public: FlaskClient) -> None:
    for address in (*PAGES, f"{MATCH}&as_of=2020-03-10", f"{SEARCH}&as_of=2020-03-10"):
        boxes = fetched(public, address).all("textarea")
        found = re.findall(r"https://a+\.org/\S*", "\n".join(box.get_text() for box in boxes))
        assert found
        assert max(map(len, found)) <= MOST, address


def test_a_search_too_long_for_a_code_falls_back_and_says_so(public: FlaskClient) -> None:
    words = quote("运营商拖欠我们的通信工程款已经两年多了")
    shown = fetched(public, f"/search?q={words}&region=430000&status=all")
    assert "少带了一些条件" in shown.text(".share-search")
    address = shown.text(".qr-code figcaption")
    assert len(address) <= MOST
    assert address == f"{BASE}/search?region=430000&status=all"
    assert fetched(public, SEARCH).html.count("少带了一些条件") == 0


def test_a_match_too_long_for_a_code_falls_back_and_says_so(public: FlaskClient) -> None:
    many = "&".join(f"industry={one}" for one in ("maintenance", "construction", "integration", "security"))
    shown = fetched(public, f"/match?region=430100&headcount=10-29&need=tax-and-insurance&{many}&size=small")
    assert "少带了一些条件" in shown.text(".code-box")
    address = shown.text(".qr-code figcaption")
    assert len(address) <= MOST
    assert "region=430100" in address
    assert public.get(address.removeprefix(BASE)).status_code == 200


def test_a_number_somebody_searched_for_is_in_no_address_to_share(loaded: Settings) -> None:
    with made(replace(loaded, base_url=BASE)).test_request_context("/"):
        found = shared_search(Asked(text="找张三 13800138000 的贷款"))
    assert "138" not in found.address
    assert found.cut


def test_figures_and_words_of_a_company_are_in_no_message(client: FlaskClient) -> None:
    told = {"region": "430100", "headcount": "17", "rent": "23456", "need": "老板跑路了怎么办"}
    answer = client.post("/match", data=told)
    shown = checked(answer.get_data(as_text=True), dict(answer.headers))
    message = shown.one("#group-text").get_text()
    for secret in ("17 人", "23456", "23,456", "老板"):
        assert secret not in message
    assert "430100" in message


# -- messages and codes --------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_message_to_copy_that_is_whole_without_a_script(page: Fetch, address: str) -> None:
    shown = page(address)
    (button,) = shown.all(".copy-box button")
    assert button.get_text() == "复制群消息"
    assert button.has_attr("hidden")
    box = shown.one(f"#{button['data-copy']}")
    assert box.has_attr("readonly")
    text = box.get_text().strip()
    assert 60 < len(text) <= LIMIT
    assert text.endswith("以主管部门解释和正式文件为准。")


@pytest.mark.parametrize("address", [*PAGES, f"{ENTRY}/poster", MATCH.replace("?", "/checklist?")])
def test_a_code_is_on_every_page_only_with_a_public_address(
    page: Fetch, public: FlaskClient, address: str
) -> None:
    assert not page(address).all("svg[aria-label=二维码]")
    assert len(fetched(public, address).all("svg[aria-label=二维码]")) == 1


def test_a_search_that_finds_nothing_has_nothing_to_copy(page: Fetch) -> None:
    assert not page("/search?q=" + quote("小规模纳税人") + "&region=530000&type=rent&industry=cable").all(
        ".copy-box"
    )


def test_messages_stay_chinese_on_an_english_page(page: Fetch) -> None:
    shown = page(f"{SEARCH}&lang=en")
    text = shown.one("#group-text").get_text()
    assert text.startswith("【查政策】贷款周转、湖南省：")
    assert "lang=en" not in text


def test_the_desk_says_why_there_are_no_codes(desk: Desks) -> None:
    assert "没有设置 KB_BASE_URL" in desk("editor").get("/desk/").text()
    assert "没有设置 KB_BASE_URL" in desk("admin").get("/desk/handout/").text()


def test_a_poster_says_to_its_maker_why_it_has_no_code(page: Fetch, public: FlaskClient) -> None:
    assert "KB_BASE_URL" in page(f"{ENTRY}/poster").text(".no-print.quiet")
    assert "KB_BASE_URL" not in fetched(public, f"{ENTRY}/poster").html


# -- WeChat's browser ----------------------------------------------------------------------------


@pytest.mark.parametrize("address", [MATCH, SEARCH, "/about", ENTRY])
def test_in_wechat_downloads_come_with_the_way_out(client: FlaskClient, page: Fetch, address: str) -> None:
    assert HINT in fetched(client, address, **WECHAT).text()
    assert HINT not in page(address).text()


def test_in_wechat_the_days_stand_open_as_text(client: FlaskClient, page: Fetch) -> None:
    there = fetched(client, MATCH, **WECHAT).all(".ways details")[0]
    assert there.has_attr("open")
    assert "2026年12月31日" in there.get_text()
    assert not page(MATCH).all(".ways details")[0].has_attr("open")


# -- posters -------------------------------------------------------------------------------------


def test_a_poster_says_what_a_notice_board_needs(public: FlaskClient) -> None:
    shown = fetched(public, f"{ENTRY}/poster")
    words = shown.text(".poster")
    for told in (
        "能得到什么",
        "谁能享受",
        "到什么时候",
        "怎么办",
        "2026年12月31日止",
        "人社部发〔2026〕39号",
    ):
        assert told in words
    assert "最近核对2026年11月22日" in words
    assert "有内容待核实" in words
    assert f"{BASE}/e/nat-2026-mohrss-39" in words
    assert words.endswith("以主管部门解释和正式文件为准。")


def test_every_entry_has_a_sound_poster(shipped: Base, page: Fetch) -> None:
    for one in list(entries.all_current(shipped.db))[::8]:
        assert page(f"/entries/{one.entry.id}/poster").one(".poster h1").get_text()


def test_what_has_no_page_has_no_poster(client: FlaskClient) -> None:
    assert client.get("/entries/never-was/poster").status_code == 404
    before = client.get(f"{ENTRY}/poster?as_of=2020-03-10")
    assert before.status_code == 302
    assert before.headers["Location"] == f"{ENTRY}?as_of=2020-03-10"
