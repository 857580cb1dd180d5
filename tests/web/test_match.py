"""The match pages: three taps, groups, questions, figures that stay out of addresses, and the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kb.config import Settings
from tests.web.test_pages import Fetch
from web import create_app

CHANGSHA = "/match?region=430100&headcount=10-29&need=tax-and-insurance&industry=maintenance"
OWN = "/entries/"


def follow(page: Fetch, address: str, words: str) -> str:
    """The address behind the tap that says ``words``."""
    taps = [one for one in page(address).all(".taps a") if one.get_text().strip() == words]
    assert len(taps) == 1, (address, words)
    return str(taps[0]["href"])


def test_three_taps_without_typing(page: Fetch) -> None:
    people = follow(page, "/match", "湖南")
    needs = follow(page, people, "10—29 人")
    results = page(follow(page, needs, "税和社保负担"))
    assert results.all(".match-row")
    assert "湖南省" in results.text(".chips")


def test_a_link_may_preset_the_region(page: Fetch) -> None:
    assert "多少人" in page("/match?region=430000").text("h1")


def test_every_step_can_be_skipped(page: Fetch) -> None:
    address = "/match"
    for _step in range(3):
        (skip,) = page(address).hrefs(".more")
        address = skip
    assert "符合或可能符合" in page(address).text("h1")


def test_results_are_grouped_by_what_must_be_done(page: Fetch) -> None:
    titles = [one.get_text(" ").split()[0] for one in page(CHANGSHA).all(".group > h2")]
    order = [
        "不用申请，看看是否已享受",
        "报税时由会计填",
        "需要申请",
        "找银行",
        "投标和回款时拿来用",
        "本年窗口已过",
    ]
    assert titles == [title for title in order if title in titles]
    assert len(titles) >= 4


def test_every_condition_says_what_was_needed_what_was_told_and_how_it_comes_out(page: Fetch) -> None:
    results = page(CHANGSHA)
    rows = results.all(".checked tbody tr")
    words = {row.select("td")[-1].get_text().strip() for row in rows}
    assert words <= {
        "符合",
        "不符合",
        "待您补充",
        "请对照原文或问主管部门",
        "没有能对照的条件，请看原文或问主管部门。",
    }
    assert {"符合", "待您补充"} <= words
    assert not re.search("可享受|保证您|一定能", results.text(".groups, main h1"))


def test_nothing_from_2020_and_nothing_of_other_places_is_offered_today(page: Fetch) -> None:
    hrefs = [href for href in page(CHANGSHA).hrefs(".match-row a") if href.startswith(OWN)]
    assert hrefs
    for href in hrefs:
        entry = href.removeprefix(OWN).partition("#")[0]
        assert entry.split("-")[0] in ("nat", "hn", "cs", "service"), entry
        assert not re.match(r"\w+-2020-", entry), entry


def test_answering_one_question_updates_the_page(page: Fetch) -> None:
    before = page("/match?region=430100&headcount=10-29&need=tax-and-insurance")
    (size,) = [one for one in before.all(".ask .taps a") if one.get_text().strip() == "小型"]
    after = page(str(size["href"]))
    assert "小型" in after.text(".chips")
    assert "大型企业稳岗返还" not in " ".join(one.get_text() for one in after.all(".group .name"))


def test_more_is_asked_only_of_what_is_unknown(page: Fetch) -> None:
    legends = [one.get_text() for one in page(CHANGSHA).all(".ask legend")]
    assert legends
    assert not any("从业人数" in legend for legend in legends)
    counts = [int(re.findall(r"能定 (\d+) 项", legend)[0]) for legend in legends]
    assert counts == sorted(counts, reverse=True)


def test_figures_stay_out_of_the_address(client: FlaskClient) -> None:
    form = {"region": "430100", "headcount": "10-29", "need": "-", "disability_levy": "20000"}
    html = client.post("/match", data=form).get_data(as_text=True)
    assert "2 万元 (20,000 元)" in html
    links = re.findall(r'href="([^"]+)"', html)
    assert not any("20000" in href for href in links)
    assert 'name="disability_levy" value="20000"' in html


def test_figures_go_into_the_address_when_asked(client: FlaskClient) -> None:
    answer = client.post("/match", data={"region": "430100", "headcount": "-", "rent": "20000", "keep": "1"})
    assert answer.status_code == 303
    assert "rent=20000" in answer.headers["Location"]


def test_a_need_in_own_words_is_searched_for_and_not_linked(client: FlaskClient) -> None:
    form = {"region": "430100", "headcount": "10-29", "need": "运营商拖着工程款不给"}
    html = client.post("/match", data=form).get_data(as_text=True)
    first = html.partition('id="figures"')[0]
    assert "nat-2026-gwy-802" in first
    assert "need=%E8%BF%90" not in html


def test_what_is_not_understood_is_said_and_the_rest_kept(page: Fetch) -> None:
    results = page("/match?region=430100&headcount=10-29&need=-&size=巨型")
    assert "没有「巨型」" in results.text(".notice")
    assert "长沙" in results.text(".chips")


def test_a_trouble_that_nothing_answers_says_so(page: Fetch) -> None:
    results = page("/match?region=540000&headcount=10-29&need=deposits&as_of=2020-02-01")
    assert "目前没有查到对应政策" in results.text(".notice")
    assert "向协会反映困难" in results.text(".notice")
    assert results.all(".reach a[href^='tel:']")


def test_any_day_can_be_asked_about(page: Fetch) -> None:
    spring = page("/match?region=430100&headcount=10-29&need=-&size=small&as_of=2020-03-10")
    assert "/entries/nat-2020-mohrss-11" in str(spring.soup)
    assert not re.search("nat-2026-(gwy-802|mohrss-39|mof-2023-8)", str(spring.soup))


def test_the_checklist_is_a_sheet_with_day_versions_and_caveat(page: Fetch) -> None:
    sheet = page("/match/checklist?region=430100&headcount=10-29&need=tax-and-insurance")
    words = sheet.text()
    assert "2026年11月22日" in words
    assert re.search(r"第 \d+ 版", words)
    assert "测算不作为办理依据" in words


def test_the_calendar_is_a_file_and_its_days_are_text_too(page: Fetch, client: FlaskClient) -> None:
    answer = client.get("/match/deadlines.ics?region=430100&headcount=10-29")
    assert answer.mimetype == "text/calendar"
    assert answer.get_data().startswith(b"BEGIN:VCALENDAR\r\n")
    assert page(CHANGSHA).all(".ways details li")


def test_a_qr_code_needs_a_public_address(page: Fetch, with_base: FlaskClient) -> None:
    assert not page(CHANGSHA).all(".qr-code svg")
    assert '<figure class="qr-code"><svg' in with_base.get(CHANGSHA).get_data(as_text=True)


@pytest.fixture
def with_base(loaded: Settings) -> Iterator[FlaskClient]:
    app = create_app(replace(loaded, base_url="https://kb.example.org"))
    with app.test_client() as client:
        yield client


def test_the_api_answers_by_the_contract(client: FlaskClient) -> None:
    query = "region=湖南省长沙市&size=小型&industry=通信工程&need=减税和社保&as_of=2020-03-10"
    for address in (f"/api/v1/match?{query}", f"/match.json?{query}"):
        data = client.get(address).get_json()
        assert set(data) >= {
            "company",
            "as_of",
            "matches",
            "unchecked",
            "upcoming",
            "ineligible",
            "next_questions",
        }
        rows = {f"{one['entry']}#{one['relief']}": one for one in data["matches"]}
        exempt = rows["nat-2020-mohrss-11#exempt-sme"]
        assert exempt["verdict"] == "possible"
        assert exempt["until"] == "2020-06-30"
        for condition in exempt["conditions"]:
            assert set(condition) == {"text", "verdict", "needed", "yours", "source"}
            assert condition["source"]["entry"] == "nat-2020-mohrss-11"
        assert any(condition["source"]["quote"] for condition in exempt["conditions"])


def test_the_api_takes_json_and_the_names_of_the_command_line(client: FlaskClient) -> None:
    body = {"region": "430100", "employees": "10-29", "fact": ["taxpayer=small-scale", "rent=20000"]}
    data = client.post("/api/v1/match", json=body).get_json()
    assert data["company"]["facts"]["headcount"] == "10—29 人"
    assert data["company"]["facts"]["taxpayer"] == "小规模纳税人"


def test_the_api_refuses_what_it_does_not_know(client: FlaskClient) -> None:
    for query in ("size=巨型", "colour=red", "as_of=soon"):
        answer = client.get(f"/api/v1/match?region=430100&{query}")
        assert answer.status_code == 400
        assert answer.get_json()["problems"]


def test_what_carries_out_a_document_stands_beside_it(page: Fetch) -> None:
    """河北's 2020 measures carry out national extensions; each is shown next to its own."""
    shown = page("/match?region=130000&headcount=10-29&need=-&size=small&as_of=2020-10-01")
    ids = [str(one["id"]) for one in shown.all(".group details[id]")]
    for local, before in (
        ("he-2020-market--electricity", "nat-2020-ndrc-994--bill-95"),
        ("he-2020-market--vat", "nat-2020-mof-sta-24--vat-small-scale"),
    ):
        assert ids[ids.index(local) - 1] == before


def test_every_case_leads_to_what_its_like_may_get(page: Fetch) -> None:
    for number in range(1, 13):
        case = page(f"/entries/case-{number:02}")
        today, spring = [href for href in case.hrefs(".related a") if href.startswith("/match")]
        assert "as_of" not in today
        assert "as_of=2020-03-10" in spring
        counts = re.findall(r"(\d+) 项", case.text())
        assert f"符合或可能符合的 {counts[0]} 项" in page(today).text("h1")


def test_a_form_keeps_the_day_and_the_language(client: FlaskClient) -> None:
    form = {"region": "430100", "headcount": "10-29", "need": "-", "rent": "20000", "as_of": "2020-03-10"}
    assert "2020年3月10日" in client.post("/match", data=form).get_data(as_text=True)
    html = client.post("/match", data={**form, "lang": "en"}).get_data(as_text=True)
    assert '<html lang="en">' in html
    kept = client.post("/match", data={**form, "keep": "1"}).headers["Location"]
    assert "as_of=2020-03-10" in kept


def test_skipping_a_closer_question_keeps_what_was_told(page: Fetch) -> None:
    address = "/match?region=430000&headcount=300%2B&need=-&as_of=2020-03-10"
    before = page(address)
    (ask,) = [one for one in before.all(".ask") if "所在地" in one.get_text()]
    skip = str(ask.select(".more")[0]["href"])
    after = page(skip)
    assert "湖南省" in after.text(".chips")
    assert after.text("h1") == before.text("h1")
    assert not any("所在地" in one.get_text() for one in after.all(".ask legend"))


def test_answering_or_skipping_every_question_comes_to_an_end(page: Fetch) -> None:
    for start in ("/match?region=310000&headcount=30-99&need=-", "/match?region=430100&headcount=-&need=-"):
        address = start
        for _round in range(25):
            asks = page(address).all(".ask")
            if not asks:
                break
            taps = asks[0].select(".taps a")
            address = str((taps or asks[0].select(".more"))[-1]["href"])
        assert not page(address).all(".ask"), start


def test_a_class_that_the_figures_rule_out_is_said(client: FlaskClient) -> None:
    form = {"region": "430100", "headcount": "10-29", "need": "-", "size": "large", "industry": "resale"}
    html = client.post("/match", data={**form, "revenue": "300万"}).get_data(as_text=True)
    assert "和数字算出来的对不上" in html


def test_questions_can_be_answered_after_figures_too(client: FlaskClient) -> None:
    form = {"region": "430000", "headcount": "10-29", "need": "-", "rent": "20000"}
    html = client.post("/match", data=form).get_data(as_text=True)
    assert 'name="size" value="small"' in html
    again = client.post("/match", data={**form, "size": "small"}).get_data(as_text=True)
    assert 'name="rent" value="20000"' in again


def test_a_place_that_does_not_exist_is_said_at_once(page: Fetch) -> None:
    assert "火星" in page("/match?region=火星&headcount=10-29&need=arrears").text(".notice")


def test_the_api_takes_revenue_in_wan_and_refuses_a_body_that_is_none(client: FlaskClient) -> None:
    data = client.get("/api/v1/match?region=430100&revenue=800").get_json()
    assert data["company"]["facts"]["revenue"] == "800 万元"
    for body in ("[1, 2]", '"x"', "{broken"):
        answer = client.post("/api/v1/match", data=body, content_type="application/json")
        assert answer.status_code == 400


def test_the_day_may_stand_in_the_json_too(client: FlaskClient) -> None:
    body = {"region": "430100", "as_of": "2020-03-10"}
    assert client.post("/api/v1/match", json=body).get_json()["as_of"] == "2020-03-10"
    assert client.post("/api/v1/match", json={**body, "as_of": "soon"}).status_code == 400
