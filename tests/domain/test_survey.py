"""The shipped survey against the printed report, and a survey that cannot be drawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kb import yamlfile
from kb.domain.survey import Survey
from kb.store.terms import Terms
from tests.conftest import POLICIES


@pytest.fixture
def survey(terms: Terms) -> Survey:
    assert terms.survey
    return terms.survey


@pytest.fixture
def report(shared: Path) -> str:
    return (shared / "seeds" / "survey-report-2020-02-24.txt").read_text(encoding="utf-8")


def test_every_province_has_the_printed_score(survey: Survey, terms: Terms, report: str) -> None:
    printed = dict(re.findall(r"(\S+?[市省区])\s+(\d+\.\d)", report.partition("说明：1.")[0]))
    assert len(printed) == 28
    regions = terms.taxonomy.regions
    drawn = {regions.by_code[code].name: str(score) for code, score in survey.provinces.values.items()}
    assert drawn == printed
    assert {regions.by_code[code].short for code in survey.provinces.no_sample} == {"新疆", "宁夏", "西藏"}


def test_every_drawn_figure_is_printed(survey: Survey, report: str) -> None:
    flat = re.sub(r"\s+", "", report)
    for one in survey.obstacles.values:
        assert f"{one.value}%" in flat, one.label
    assert len(survey.obstacles.values) == 8
    for size in survey.sizes.values:
        assert f"{size.not_reopened}%" in flat
        assert f"{size.companies}家" in flat
    for cluster in survey.clusters.values:
        assert f"{cluster.value}分" in flat
    assert survey.sample.answers == sum(size.companies for size in survey.sizes.values) == 707
    assert [size.about for size in survey.sizes.values] == [False, True, True, True]


def test_every_figure_of_the_sentences_is_printed(survey: Survey, report: str) -> None:
    texts = [chain.finding for chain in survey.chains] + [one.text for one in survey.findings]
    for text in texts:
        for figure in re.findall(r"\d+(?:\.\d+)?%?", text):
            assert figure in re.sub(r"\s+", "", report), (figure, text)


def test_the_four_chains_say_what_helps_or_that_nothing_does(survey: Survey) -> None:
    assert [chain.name for chain in survey.chains] == ["供应链", "人员链", "产业链", "政策链"]
    for chain in survey.chains:
        assert chain.points
        assert all(point.can_be_answered or point.note for point in chain.points)


@pytest.mark.parametrize(
    "change",
    [
        {"values": {"110000": 11}},
        {"no_sample": ["110000"]},
        {"tiles": {"110000": [0, 0], "120000": [0, 0]}},
        {"tiles": {}},
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(change: dict[str, Any]) -> None:
    data = yamlfile.read(POLICIES / "survey.yml").data
    broken = {**data, "provinces": {**data["provinces"], **change}}
    with pytest.raises(ValidationError):
        Survey.model_validate(broken)
