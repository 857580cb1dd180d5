"""The interface against whatever its own description allows, and does not: thousands of made-up requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from kb.config import Settings
from tests.web.conftest import made

CASES = {GenerationMode.POSITIVE: 120, GenerationMode.NEGATIVE: 70}
"""For each of the eleven operations."""
LEAST = 2_000
IDS = ("nat-2020-mohrss-11", "case-01", "measure-01", "nat-2020-mof-sta-24", "not-here")
REFUSES_SOME_VALID = frozenset({"GET /api/v1/changes", "POST /api/v1/match"})
"""What a schema cannot say: a number after the last one there is, figures written as words."""
figures = st.integers(0, 10**6).map(str)
spans = st.tuples(st.integers(0, 99), st.integers(100, 9999)).map(lambda two: f"{two[0]}-{two[1]}")
money = st.one_of(figures, spans, st.integers(1, 9999).map(lambda n: f"{n}万"))
FORMATS = {
    "kb-number": st.one_of(figures, spans, st.integers(1, 999).map(lambda n: f"{n}以上")),
    "kb-money": money,
    "kb-rate": st.integers(0, 100).map(lambda n: f"{n}%"),
    "kb-date": st.dates(min_value=date(1991, 1, 1)).map(str),
    "kb-moment": st.sampled_from(["2026-11-22", "2026-11-22T10:00:00Z", "2019-01-01T00:00:00+08:00"]),
    "kb-fact": money.map(lambda text: f"rent={text}"),
}


def test_no_request_breaks_it_and_every_answer_is_as_described(loaded: Settings) -> None:
    for name, strategy in FORMATS.items():
        schemathesis.openapi.format(name, strategy)
    asked, answered = ask_all(made(loaded))
    assert sum(asked.values()) >= LEAST
    assert len(asked) == 2 * len({label for label, _mode in asked})
    assert not [code for _label, code in answered if code >= 500]
    for label in {label for label, _code in answered}:
        assert answered[label, 400], label
        assert answered[label, 200], label


def ask_all(app: Flask) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, int]]]:
    """How many requests were made of each operation and mode, and what came back; failures come out."""
    asked: Counter[tuple[str, str]] = Counter()
    answered: Counter[tuple[str, int]] = Counter()
    ids = cycle(IDS)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode, most in CASES.items():
            for case, code in _asked(operation, mode, most, ids):
                asked[operation.label, mode.name] += case
                answered[operation.label, code] += case
    return asked, answered


def _asked(operation: Any, mode: GenerationMode, most: int, ids: Iterator[str]) -> list[tuple[int, int]]:
    """``(1, status)`` of each request made of one operation."""
    codes = []

    @hypothesis_settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _make_sensible(case, next(ids))
        response = case.call()
        case.validate_response(response, checks=_checks(operation.label))
        codes.append((1, response.status_code))

    ask()
    return codes


def _make_sensible(case: schemathesis.Case, entry_id: str) -> None:
    """No schema tells which entries there are and which cursors were given out."""
    case.query.pop("cursor", None)
    if "entry_id" in case.path_parameters:
        case.path_parameters["entry_id"] = entry_id
    if "number" in case.path_parameters:
        case.path_parameters["number"] = 1


def _checks(label: str) -> list[object]:
    left_out = {"positive_data_acceptance"} if label in REFUSES_SOME_VALID else set()
    return [check for check in CHECKS.get_all() if check.__name__ not in left_out]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_here_can_be_changed(loaded: Settings, method: str) -> None:
    client = made(loaded).test_client()
    for path in ("search", "entries", "changes", "taxonomy", "survey", "suggest"):
        answer = client.open(f"/api/v1/{path}", method=method)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]
        assert answer.mimetype == "application/problem+json"
