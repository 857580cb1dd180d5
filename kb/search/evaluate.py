"""Measuring relevance: any documents and questions through the product's own analysis and ranking."""

from __future__ import annotations

import gzip
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from kb.domain.relief import Regions
from kb.domain.taxonomy import NATION
from kb.domain.timeline import Trust
from kb.errors import EntryFileError
from kb.search import query as queries
from kb.search import ranking, storage
from kb.search.engine import Library
from kb.search.indexing import IndexSettings, build
from kb.search.reader import Generation, Reader
from kb.search.record import Record

_DAY = date(2020, 1, 1)
DEPTH = 100


@dataclass(frozen=True)
class Question:
    """A question and the ids of all documents that answer it."""

    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """Means over all questions; times are a question's, from text to ranked ids, one at a time."""

    documents: int
    questions: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    ndcg_at_10: float
    p50_ms: float
    p95_ms: float
    build_docs_per_s: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as file
        ):
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise EntryFileError(path, 1, f"读不了：{error}") from error
    except ValueError as error:
        raise EntryFileError(path, 1, f"不是每行一个 JSON 对象：{error}") from error


def read_documents(path: Path) -> Iterator[Record]:
    """The documents of a jsonl file (id, text, optional title) as records without reliefs."""
    for number, row in _lines(path):
        if not isinstance(row, dict) or not {"id", "text"} <= set(row):
            raise EntryFileError(path, number, "每行要有 id 和 text，可有 title")
        yield _record(str(row["id"]), str(row.get("title", "")), str(row["text"]))


def _record(document: str, title: str, text: str) -> Record:
    nation = Regions(include=(NATION,))
    return Record(
        id=document,
        kind="policy",
        version=1,
        title=title,
        promise="",
        aliases=(),
        doc_number=None,
        candidate=None,
        issuers=(),
        issued_on=_DAY,
        known_on=_DAY,
        regions=nation,
        needs=(),
        lead=False,
        confirmed_on=None,
        trust=Trust(_DAY, False),
        rows=(),
        text=text,
    )


def read_questions(path: Path) -> list[Question]:
    """The questions of a jsonl file (query, and doc or docs)."""
    found = []
    for number, row in _lines(path):
        if not isinstance(row, dict) or "query" not in row or not ({"doc", "docs"} & set(row)):
            raise EntryFileError(path, number, "每行要有 query，以及 doc 或 docs")
        relevant = row["docs"] if "docs" in row else [row["doc"]]
        found.append(Question(str(row["query"]), frozenset(str(one) for one in relevant)))
    return found


def evaluate(
    library: Library,
    documents: Path,
    questions: Path,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Figures:
    """Index ``documents`` into a temporary index and ask it ``questions``."""
    asked = read_questions(questions)
    with tempfile.TemporaryDirectory() as folder:
        settings = IndexSettings(Path(folder), library.settings.lexicon)
        records = list(read_documents(documents))
        started = time.perf_counter()
        storage.point_to(settings.root, build(settings, progress(records), 0))
        built = time.perf_counter() - started
        own = Library(Reader(settings), library.taxonomy, library.synonyms)
        ranked, times = _ask(own, asked, progress)
    return _figures(records, asked, ranked, times, built)


def _ask(
    library: Library, asked: list[Question], progress: Callable[[Iterable[Any]], Iterable[Any]]
) -> tuple[list[list[str]], list[float]]:
    generation = library.reader.generation()
    for question in asked[:5]:
        _rank(library, generation, question.text)
    ranked, times = [], []
    for question in progress(asked):
        started = time.perf_counter()
        ranked.append(_rank(library, generation, question.text))
        times.append((time.perf_counter() - started) * 1000)
    return ranked, times


def _rank(library: Library, generation: Generation, text: str) -> list[str]:
    query = queries.parse(text, library.taxonomy)
    ranked = ranking.rank(generation, query, library.settings.segmenter, library.synonyms)
    best = ranking.top(ranked.scores, generation.ids, DEPTH)
    return [generation.ids[at] for at in ranking.reranked(generation, ranked, ranked.scores, best)]


def _figures(
    records: list[Record], asked: list[Question], ranked: list[list[str]], times: list[float], built: float
) -> Figures:
    def mean(measure: Callable[[list[str], frozenset[str]], float]) -> float:
        found = [measure(ids, question.relevant) for ids, question in zip(ranked, asked, strict=True)]
        return round(sum(found) / max(1, len(found)), 4)

    return Figures(
        documents=len(records),
        questions=len(asked),
        recall_at_1=mean(lambda ids, good: recall(ids, good, 1)),
        recall_at_5=mean(lambda ids, good: recall(ids, good, 5)),
        recall_at_10=mean(lambda ids, good: recall(ids, good, 10)),
        recall_at_100=mean(lambda ids, good: recall(ids, good, 100)),
        mrr_at_10=mean(reciprocal_rank),
        ndcg_at_10=mean(ndcg),
        p50_ms=round(float(np.percentile(times or [0.0], 50)), 2),
        p95_ms=round(float(np.percentile(times or [0.0], 95)), 2),
        build_docs_per_s=round(len(records) / built if built else 0.0, 1),
    )


def recall(ids: list[str], relevant: frozenset[str], depth: int) -> float:
    """The share of the relevant documents among the first ``depth``."""
    return len(relevant & set(ids[:depth])) / len(relevant)


def reciprocal_rank(ids: list[str], relevant: frozenset[str], depth: int = 10) -> float:
    """1 / rank of the first relevant document, 0 if it is not among the first ``depth``."""
    return next((1 / rank for rank, one in enumerate(ids[:depth], 1) if one in relevant), 0.0)


def ndcg(ids: list[str], relevant: frozenset[str], depth: int = 10) -> float:
    """Binary gain, discount log2(rank + 1), against the ideal ranking of min(depth, relevant)."""
    gain = sum(1 / math.log2(rank + 1) for rank, one in enumerate(ids[:depth], 1) if one in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(depth, len(relevant)) + 1))
    return gain / ideal
