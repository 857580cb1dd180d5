"""Needs, the survey, the papers of 2020 and coverage, as pages and as data."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.conftest import Desk
from tests.web.test_pages import Fetch


def test_every_need_has_a_page_with_what_answers_it(page: Fetch) -> None:
    for day in ("", "?as_of=2020-03-10"):
        links = page(f"/needs{day}").hrefs(".problems a")
        assert len(links) == (15 if day else 9)
        for href in links:
            need = page(href)
            assert need.all(".hit, .unmet")
            assert need.all(".reach a[href^='tel:']")


def test_a_need_leads_to_the_cases_and_what_was_recommended(page: Fetch) -> None:
    need = page("/needs/loan-turnover")
    assert need.hrefs("section[aria-labelledby=cases] a")
    assert need.hrefs("section[aria-labelledby=recommendations] a")
    assert page("/needs/nothing", 404)


def test_the_count_of_a_need_is_what_its_search_gives(page: Fetch, client: FlaskClient) -> None:
    for row in client.get("/needs.json").get_json()["needs"]:
        total = page(f"/search?need={row['need']}").text(".total")
        assert total == f"找到 {row['current']} 件"


def test_the_survey_draws_28_provinces_and_hatches_three(page: Fetch) -> None:
    survey = page("/survey")
    tiles = survey.all(".tiles-map a")
    assert len(tiles) == 31
    silent = [str(one["aria-label"]) for one in tiles if "shade-0" in one["class"]]
    assert sorted(silent) == ["宁夏 无样本", "新疆 无样本", "西藏 无样本"]
    assert all(re.search(r"region=\d{6}", str(one["href"])) for one in tiles)


def test_every_figure_of_the_survey_says_what_it_rests_on(page: Fetch) -> None:
    survey = page("/survey")
    for caption in [*survey.all("figure figcaption")]:
        text = caption.get_text()
        assert "N = 707" in text
        assert "2020年2月19日" in text
        assert "不含基础电信运营企业" in text
        assert "报告" in text
    assert len(survey.all("details.table table")) == 3
    assert len(survey.all(".bars rect.bar.about")) == 3


def test_the_chains_answer_for_the_day_asked_about(page: Fetch) -> None:
    today = set(page("/survey").hrefs(".chain .briefs a"))
    spring = set(page("/survey?as_of=2020-03-10").hrefs(".chain .briefs a"))
    assert today
    assert spring
    assert all("as_of=2020-03-10" in href for href in spring)
    assert page("/survey").all(".chain .unmet")


def test_a_recommendation_is_never_called_unanswered(page: Fetch) -> None:
    states = set()
    for number in range(1, 10):
        shown = page(f"/entries/recommendation-{number}")
        state = shown.text(".state")
        assert "未回应" not in shown.text("main")
        assert "截至 2026年11月22日" in state
        states.add(state.partition("（")[0].strip())
    assert states <= {"已有相关政策", "有部分相关政策", "本库暂未收录"}
    assert len(states) >= 2


def test_a_case_shows_its_demands_once(page: Fetch) -> None:
    case = page("/entries/case-09")
    assert case.text("main").count("建议全部返还企业2019年12月缴的各类税款") == 1
    assert "没有政策对应" in case.text(".answered")


def test_a_measure_names_the_services_that_carry_it_out(page: Fetch) -> None:
    assert "/entries/service-accounting-courses" in page("/entries/measure-04").hrefs(".answered a")


def test_the_complaints_of_hubeis_telecom_users_are_no_channel_for_members(page: Fetch) -> None:
    body = page("/entries/service-hubei-needs").text(".body")
    assert "750件" in body
    assert "不是企业反映困难的渠道" in body


def test_a_notice_of_impact_is_never_offered_as_relief(page: Fetch, client: FlaskClient) -> None:
    notice = "/entries/nat-2026-mof-sta-2026-9"
    assert "不是减负政策" in page(notice).text(".notice")
    found = page("/search?q=财政部 税务总局公告2026年第9号")
    assert notice in found.hrefs(".hit a")
    assert "不是减负政策" in found.text(".hit")
    for address in ("/", "/search?sort=date", "/needs/tax-and-insurance"):
        assert notice not in page(address).hrefs("main a")
    assert "2026-9" not in client.get("/search.atom").get_data(as_text=True)


def test_results_say_how_much_is_held_and_whom_to_ask(page: Fetch) -> None:
    reach = page("/search?region=430100&type=finance").text(".reach")
    assert re.search(r"全国政策 \d+ 件、湖南 \d+ 件、长沙 \d+ 件", reach)
    assert "最近核对" in reach
    assert "未收录不等于没有政策" in reach
    numbers = page("/search?region=430100&type=finance").hrefs(".reach a")
    assert numbers == ["tel:12378", "tel:12345"]
    assert "号码未核实" in page("/search?type=energy").text(".reach")


def test_coverage_is_a_page_and_a_table(desk: Callable[..., Desk]) -> None:
    one = desk("editor")
    client, grid = one.client, one.get("/desk/coverage")
    rows = list(csv.reader(io.StringIO(client.get("/desk/coverage.csv").get_data(as_text=True)[1:])))
    assert len(rows) == len(grid.all(".grid tr")) - 1
    data = client.get("/desk/coverage.json?as_of=2020-03-10").get_json()
    assert data["as_of"] == "2020-03-10"
    nation = data["regions"][0]
    assert nation["region"] == "100000"
    current, ever = nation["reliefs"]["tax"]
    assert 0 < current <= ever
    assert client.get("/desk/coverage.json?as_of=soon").status_code == 400


def test_the_survey_is_data_too(client: FlaskClient) -> None:
    survey = json.loads(client.get("/survey.json").get_data(as_text=True))
    assert survey["sample"]["answers"] == 707
    assert len(survey["provinces"]["values"]) == 28
