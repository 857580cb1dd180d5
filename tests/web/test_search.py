"""The results page: what was understood, what was probably meant, and why a result is where it is."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Desk, Page

Fetch = Callable[..., Page]
HANGZHOU = "/search?q=杭州小企业租金&as_of=2020-03-10"


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_what_was_understood_is_one_click_from_being_a_filter(page: Fetch) -> None:
    found = page(HANGZHOU)
    hints = found.all(".understood li:not(.told)")
    labels = ["地区 浙江省杭州市", "企业规模 小型", "支持类型 租金减免"]
    shown = [" ".join(hint.get_text(" ").split()) for hint in hints]
    assert all(text.startswith(label) for text, label in zip(shown, labels, strict=True))
    apply, remove = (str(link["href"]) for link in hints[0].select("a"))
    assert asked(apply)["region"] == ["330100"]
    assert asked(apply)["q"] == asked(remove)["q"] == ["杭州小企业租金"]
    assert asked(remove)["ignore"] == ["region"]
    assert asked(apply)["as_of"] == ["2020-03-10"]


def test_understanding_narrows_nothing_until_it_is_clicked(page: Fetch) -> None:
    soft = page(HANGZHOU)
    assert not soft.all(".chips")
    hard = page(HANGZHOU + "&region=330100")
    assert "浙江省杭州市" in hard.text(".chips")
    assert "浙江省杭州市" not in hard.text(".understood")
    count = int("".join(filter(str.isdigit, soft.text(".total"))))
    assert int("".join(filter(str.isdigit, hard.text(".total")))) < count


def test_what_was_not_meant_stays_away_on_every_link(page: Fetch) -> None:
    found = page(HANGZHOU + "&ignore=region&ignore=nonsense")
    assert "杭州市" not in found.text(".understood")
    sorts = found.hrefs(".sorts a")
    assert sorts
    assert all(asked(address)["ignore"] == ["region"] for address in sorts)


def test_a_day_in_the_words_offers_that_day(page: Fetch) -> None:
    found = page("/search?q=2020年3月10日 房租")
    (link,) = [one for one in found.hrefs(".understood a") if "as_of" in asked(one)]
    assert asked(link)["as_of"] == ["2020-03-10"]
    assert "2020-03-10" not in page(link).text(".understood")


def test_a_slip_is_asked_about_with_one_click(page: Fetch) -> None:
    found = page("/search?q=加记扣除")
    (link,) = found.hrefs(".did-you-mean a")
    assert asked(link)["q"] == ["加计扣除"]
    assert not page(link).all(".did-you-mean")
    assert found.one("#q")["value"] == "加记扣除"


def test_where_nothing_has_the_words_the_nearest_is_shown_and_said(page: Fetch) -> None:
    found = page("/search?q=canbaojin")
    assert "没有找到“canbaojin”，下面是“残保金”的结果" in found.text(".notice")
    assert found.all("article.hit")
    assert found.one("#q")["value"] == "canbaojin"
    english = page("/search?q=canbaojin&lang=en")
    assert "Nothing has “canbaojin”" in english.text(".notice")


def test_what_was_typed_is_shown_with_the_frame_of_its_question(page: Fetch) -> None:
    assert "社保能不能少交" in page("/search?q=社保能不能少交").text("h1")


def test_staff_may_ask_for_reasons_folded_under_each_hit(desk: Callable[..., Desk], page: Fetch) -> None:
    assert not [one for one in page(HANGZHOU).hrefs(".data a") if "explain" in asked(one)]
    assert not page(f"{HANGZHOU}&explain=1").all(".explain")
    one = desk("editor")
    plain = one.get(HANGZHOU)
    assert not plain.all(".explain")
    (link,) = [href for href in plain.hrefs(".data a") if "explain" in asked(href)]
    found = one.get(link)
    assert len(found.all("details.explain")) == len(found.all("div.list > article.hit"))
    assert "正文，两个字" in found.text("details.explain")
    assert "地区 ×" in found.text("details.explain")


@pytest.mark.parametrize("address", [HANGZHOU, "/search?q=加记扣除", "/search?q=canbaojin", "/search?q=11号"])
def test_these_pages_are_sound_in_english_too(page: Fetch, address: str) -> None:
    page(f"{address}&lang=en&explain=1")


def test_json_says_what_was_understood_and_meant(client: FlaskClient) -> None:
    data = client.get("/search.json?q=杭州小企业租金&as_of=2020-03-10").get_json()
    assert data["understood"][0] == {
        "field": "region",
        "values": ["330100"],
        "label": "浙江省杭州市",
        "words": "杭州",
    }
    assert data["instead"] is None
    slip = client.get("/search.json?q=canbaojin").get_json()
    assert slip["query"] == "canbaojin"
    assert slip["instead"] == "残保金"
    assert slip["suggestion"]["options"][0]["query"] == "残保金"


def test_suggestions_keep_the_day_and_the_language(client: FlaskClient) -> None:
    for one in client.get("/suggest?q=gongji&as_of=2020-03-10&lang=en").get_json():
        assert asked(one["address"])["as_of"] == ["2020-03-10"]
        assert asked(one["address"])["lang"] == ["en"]
    tags = {one["tag"] for one in client.get("/suggest?q=稳岗").get_json()}
    assert {"政策", "已失效或待核实"} <= tags
