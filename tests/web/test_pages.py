"""What pages show: the front page, results, entries, about, and what is said when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from bs4 import Tag
from flask.testing import FlaskClient

from kb.config import Settings
from kb.store import entries
from tests.conftest import Base
from tests.web.conftest import Page

Fetch = Callable[..., Page]
PAGES = (
    "/",
    "/?as_of=2020-03-10",
    "/search",
    "/search?q=社保&region=430000",
    "/search?q=11号&as_of=2020-08-01",
    "/search?q=qqqqzz&region=530000&type=rent",
    "/entries/nat-2020-mohrss-11?as_of=2020-08-01",
    "/entries/case-04",
    "/entries/measure-01",
    "/about",
    "/needs",
    "/needs/arrears",
    "/survey",
    "/survey?as_of=2020-03-10",
    "/entries/recommendation-7",
    "/entries/nat-2026-mof-sta-2026-9",
)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_sound_in_both_languages(page: Fetch, address: str) -> None:
    page(address)
    english = page(f"{address}{'&' if '?' in address else '?'}lang=en")
    assert english.soup.html is not None
    assert english.soup.html["lang"] == "en"


def test_english_links_stay_english_and_the_toggle_goes_back(page: Fetch) -> None:
    english = page("/search?q=社保&lang=en")
    assert all("lang=en" in href for href in english.hrefs("h2 a") + english.hrefs(".panel a"))
    toggle = english.one("nav a[hreflang='zh-CN']")
    assert "lang=" not in str(toggle["href"])
    assert english.all("h2[lang='zh-CN'] a")


def test_home_offers_nothing_old_without_a_confirmation(page: Fetch, shipped: Base) -> None:
    home = page("/")
    shown = {href.partition("?")[0].rsplit("/", 1)[1] for href in home.hrefs("a[href^='/entries/']")}
    assert len(shown) >= 5
    for entry_id in shown:
        held = entries.get(shipped.db, entry_id)
        assert held is not None
        issued = held.entry.issued_on or held.entry.known_on
        assert issued >= date(2022, 1, 1) or held.entry.verified.confirmed_on, entry_id


def test_home_tiles_count_what_their_search_finds(page: Fetch) -> None:
    for day in ("", "?as_of=2020-03-10"):
        home = page(f"/{day}")
        tiles = home.all(".tiles a")
        assert len(tiles) == 6
        for tile in tiles:
            counted = re.search(r"\d+", tile.get_text())
            found = page(str(tile["href"])).text(".total")
            assert found == f"找到 {counted[0] if counted else 0} 件"


def test_home_shows_what_has_just_ended_apart(page: Fetch) -> None:
    home = page("/?as_of=2020-08-01")
    assert home.all(".status.recent")
    assert not home.all(".status.expired")


def test_home_examples_and_needs_find_something(page: Fetch) -> None:
    for day in ("/", "/?as_of=2020-03-10"):
        home = page(day)
        for href in home.hrefs(".examples a") + home.hrefs(".pills a"):
            found = page(href)
            assert found.all(".hit") or found.all(".reach"), href
        assert all(page(href).all(".list > .hit") for href in home.hrefs(".examples a"))


def test_home_lists_the_nation_and_31_provinces(page: Fetch) -> None:
    regions = page("/").all(".regions a")
    assert len(regions) == 32
    assert regions[0].get_text() == "全国"
    assert all(re.search(r"region=\d{6}", str(one["href"])) for one in regions)


def test_another_day_is_announced_and_kept_in_every_link(page: Fetch) -> None:
    home = page("/?as_of=2020-03-10")
    assert "按 2020年3月10日 查" in home.text(".as-of")
    assert all("as_of=2020-03-10" in href for href in home.hrefs("main a"))
    back = str(home.one(".as-of a")["href"])
    assert "as_of" not in back
    assert not page(back).all(".as-of")


def test_a_bad_day_is_a_notice_and_today_is_shown(page: Fetch) -> None:
    for address in ("/", "/search", "/about", "/entries/case-04"):
        shown = page(f"{address}?as_of=2020-13-40")
        assert "2020-13-40" in shown.text(".notice")
        assert not shown.all(".as-of")


def test_facet_counts_are_what_clicking_brings(page: Fetch) -> None:
    results = page("/search?q=社保&as_of=2020-08-01")
    choices = results.all(".facet > ul a, .facet > .rest a")
    assert len(choices) > 20
    for choice in choices[::3]:
        count = choice.select(".count")[-1].get_text()
        assert page(str(choice["href"])).text(".total") == f"找到 {count} 件", choice


def _chip(chip: Tag) -> str:
    return chip.get_text(" ", strip=True).split()[1]


def test_a_chip_takes_its_filter_away(page: Fetch) -> None:
    results = page("/search?q=社保&region=湖南&size=小型")
    chips = {
        chip.get_text(" ", strip=True).split()[1]: str(chip["href"])
        for chip in results.all(".chips li a")[:2]
    }
    assert set(chips) == {"湖南省", "小型"}
    without = chips["湖南省"]
    assert "size=small" in without
    assert "region" not in without
    assert [_chip(chip) for chip in page(without).all(".chips a")] == ["小型"]


def test_a_filter_in_the_words_is_a_chip_too(page: Fetch) -> None:
    results = page("/search?q=社保 region:湖南")
    chip = results.one(".chips a")
    assert "湖南省" in chip.get_text()
    assert "region" not in str(chip["href"])


def test_an_unknown_filter_is_a_notice_naming_what_is_accepted(page: Fetch) -> None:
    results = page("/search?q=社保&size=巨型")
    assert "巨型" in results.text(".notice")
    assert "微型" in results.text(".notice")
    assert results.all(".hit")


def test_hidden_ones_are_one_click_away_with_their_number(page: Fetch) -> None:
    results = page("/search?q=养老保险 免征")
    link = results.one(".held-back a")
    hidden = int(re.findall(r"\d+", link.get_text())[0])
    shown = int(re.findall(r"\d+", results.text(".total"))[0])
    assert page(str(link["href"])).text(".total") == f"找到 {shown + hidden} 件"


def test_background_papers_are_one_folded_block(page: Fetch) -> None:
    results = page("/search?q=复工&as_of=2020-03-10")
    block = results.one("details.background")
    assert not block.has_attr("open")
    count = int(re.findall(r"\d+", block.find("summary").get_text())[-1])  # type: ignore[union-attr]
    assert count > 5
    assert len(block.select(".hit")) == 5
    assert page(str(block.select(".more")[0]["href"])).text(".total") == f"找到 {count} 件"
    assert not page("/search?q=复工&kind=case&as_of=2020-03-10").all("details.background")


def test_pages_follow_each_other_and_end(page: Fetch) -> None:
    first = page("/search")
    assert len(first.all(".list > .hit")) == 10
    following = page(str(first.one("a[rel=next]")["href"]))
    assert str(following.one("a[rel=prev]")["href"]) == "/search"
    last = page("/search?page=999")
    assert not last.all("a[rel=next]")
    assert last.all(".list > .hit")


def test_a_bare_number_asks_which_one(page: Fetch) -> None:
    results = page("/search?q=11号&as_of=2020-08-01")
    options = page("/search?q=2020年第8号&as_of=2020-08-01").all(".which a") + results.all(".which a")
    assert all(str(one["href"]).startswith(("/entries/", "/search")) for one in options)


def test_nothing_found_helps_on(page: Fetch) -> None:
    results = page("/search?q=小规模纳税人&region=530000&type=rent&industry=cable")
    empty = results.text(".empty")
    assert "小规模纳税人" in empty
    assert "租金减免" in empty
    drop = results.all(".empty .links a")[0]
    count = re.findall(r"\d+", drop.parent.get_text())[-1]  # type: ignore[union-attr]
    assert page(str(drop["href"])).text(".total") == f"找到 {count} 件"
    assert results.hrefs(".empty .briefs a")
    assert set(results.hrefs(".hotlines a")) == {"tel:12348", "tel:12345"}


def test_an_extended_relief_reads_as_known_on_the_day(page: Fetch) -> None:
    spring = page("/entries/nat-2020-mohrss-11?as_of=2020-03-10").text("#exempt-sme")
    assert "至 2020年6月30日" in spring
    assert "49号" not in spring
    summer = page("/entries/nat-2020-mohrss-11?as_of=2020-08-01").text("#exempt-sme")
    assert "至 2020年12月31日" in summer
    assert "因 人社部发〔2020〕49号 延长；原定 2020年6月30日" in summer


def test_an_entry_answers_its_four_questions_and_shows_its_life(page: Fetch) -> None:
    shown = page("/entries/nat-2020-mohrss-11?as_of=2020-08-01")
    assert len(shown.all("section.relief")) == len(shown.all(".contents a")) == 5
    for question in ("能得到什么", "谁能享受", "到什么时候", "怎么办"):
        assert question in shown.text("#exempt-sme")
    assert "需人工对照" in shown.text("#deferral")
    assert len(shown.all(".life rect.added")) >= 2
    assert shown.one(".life desc").get_text()
    assert shown.one(".story a[href^='/entries/nat-2020-mohrss-49']")
    assert "本库没有官方网址" in shown.text(".sources")


def test_what_was_not_yet_issued_is_not_offered(page: Fetch) -> None:
    shown = page("/entries/nat-2026-gwy-802?as_of=2020-03-10")
    assert "还没有公布" in shown.text("h1")
    assert not shown.all("section.relief, textarea")


def test_announcement_7_of_2023_is_long_term(page: Fetch) -> None:
    assert "长期有效" in page("/entries/nat-2026-mof-sta-2023-7").text(".standing")


def test_a_service_and_a_case_say_what_they_are(page: Fetch) -> None:
    case = page("/entries/case-04")
    assert "背景资料" in case.text(".notice")
    assert not case.all(".standing .status")
    assert "行业服务" in page("/entries/service-financing").text(".kind")


def test_unknown_addresses_get_a_page_with_a_search_box(page: Fetch) -> None:
    for address in ("/nope", "/entries/no-such-entry", "/entries/A B"):
        assert page(address, 404).one("input#q")


def test_data_addresses_answer_errors_as_data(client: FlaskClient) -> None:
    response = client.get("/entries/no-such-entry.json")
    assert response.status_code == 404
    assert response.get_json()["error"]


def test_about_tells_what_is_not_set(page: Fetch, settings: Settings) -> None:
    assert "KB_ORGANISER" in page("/about").text()
    assert "主办单位（未设置）" in page("/about").text("footer")
