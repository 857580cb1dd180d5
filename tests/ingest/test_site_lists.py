"""Lists of the imitation sites: each way to list documents and to go on to the next page."""

from __future__ import annotations

from datetime import date

import pytest

from kb.config import ROOT
from kb.domain.source import Listing
from kb.ingest.extraction import golden
from kb.ingest.extraction.listing import Read, read_list

SITES = ROOT / "tests" / "sites"


def listing(site: str) -> Listing:
    return golden.site_of(SITES / site).lists[0]


def read(site: str, page: str) -> Read:
    held = listing(site)
    return read_list((SITES / site / page).read_bytes(), {}, held.url, held)


@pytest.mark.parametrize(
    ("site", "names"),
    [
        ("ministry", ["index_1.html", "index_2.html"]),
        ("trs", ["index_2.htm", "index_3.htm"]),
    ],
)
def test_the_second_page_has_the_number_that_the_site_gives_it(site: str, names: list[str]) -> None:
    pages = listing(site).pages

    assert pages is not None
    assert [pages.address_of(2), pages.address_of(3)] == names


def test_relative_absolute_and_mixed_addresses_become_whole_ones() -> None:
    found = [one.address for name in ("index.html", "index_1.html") for one in read("ministry", name).items]

    assert found == [
        "https://www.ministry.example/art/2026/art_00000000000000000000000000000001.html",
        "https://www.ministry.example/art/2026/art_00000000000000000000000000000002.html",
        "https://www.ministry.example/art/2026/art_00000000000000000000000000000003.html",
        "http://www.ministry.example/art/2025/art_4.html",
    ]


def test_a_title_cut_short_is_the_whole_one_of_its_attribute() -> None:
    assert read("ministry", "index.html").items[0].title == "关于组织样本设备更新的通知"


def test_a_last_page_that_shows_the_first_again_can_be_seen() -> None:
    assert read("trs", "index_3.html").items == read("trs", "index.html").items


def test_records_of_an_interface_are_as_many_as_it_says() -> None:
    found = read("city-news", "dataproxy.xml")

    assert len(found.items) == found.total == 3


def test_an_empty_shell_wants_an_interface_and_is_not_no_documents() -> None:
    found = read("tax", "index.html")

    assert found.items == ()
    assert "接口" in found.problem


def test_answers_of_a_search_have_clean_titles_and_days_in_china() -> None:
    first, second = read("council", "search.json").items

    assert first.title == "试验财务部 试验税务总局关于试验费用缓缴的通知"
    assert (first.day, second.day) == (date(2026, 8, 5), date(2020, 3, 4))
    assert second.number == "试办发明电〔2020〕6号"
