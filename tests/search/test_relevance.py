"""The judged queries of ``tests/relevance.yml``: as members ask, about our own entries, with a floor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean

import pytest

from kb import yamlfile
from kb.domain.entry import BACKGROUND_KINDS, KINDS
from kb.search import Request, search
from kb.search.evaluate import ndcg, recall, reciprocal_rank
from tests.conftest import TODAY, Base

FRONT = tuple(kind for kind in KINDS if kind not in BACKGROUND_KINDS)
FLOOR = {"MRR@10": 0.96, "nDCG@10": 0.95, "Success@3": 0.97}


@dataclass(frozen=True)
class Judged:
    """A query of a day and the entries that answer it."""

    ask: str
    on: date
    docs: frozenset[str]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    data = yamlfile.read(Path(__file__).parents[1] / "relevance.yml").data
    return [_judged(**row) for row in data]


def _judged(ask: str, docs: list[str], on: str = TODAY.isoformat()) -> Judged:
    return Judged(ask, date.fromisoformat(on), frozenset(docs))


def test_there_are_enough_of_them_each_asked_once(judged: list[Judged]) -> None:
    assert len(judged) >= 80
    assert len({(one.ask, one.on) for one in judged}) == len(judged)


def test_every_answer_is_an_entry_current_on_its_day(shipped: Base, judged: list[Judged]) -> None:
    table = shipped.library.reader.generation().table
    for one in judged:
        day = table.statuses(one.on)
        current = {
            record.id
            for record, status in zip(table.records, day.entries, strict=True)
            if status and status.current
        }
        assert one.docs <= current, (one.ask, one.docs - current)


def test_relevance_keeps_its_floor(shipped: Base, judged: list[Judged]) -> None:
    found = {}
    for one in judged:
        request = Request(one.ask, one.on, kinds_by_default=FRONT, facets=False)
        found[one] = [hit.record.id for hit in search(shipped.library, request).hits]
    figures = {
        "MRR@10": mean(reciprocal_rank(ids, one.docs) for one, ids in found.items()),
        "nDCG@10": mean(ndcg(ids, one.docs) for one, ids in found.items()),
        "Success@3": mean(recall(ids, one.docs, 3) > 0 for one, ids in found.items()),
    }
    assert all(figures[name] >= least for name, least in FLOOR.items()), figures
