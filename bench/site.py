"""How long pages of the shipped knowledge base take, warm, in one process, and what they weigh.

The peer is the bare search behind the page, asked the same questions in the same run.
Run: ``.venv/bin/python -m bench.site``
"""

from __future__ import annotations

import gzip
import re
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from kb.config import ROOT, Settings
from kb.ingest import load as loading
from kb.search import Request, indexing, open_library, search
from kb.store.database import open_database
from kb.store.terms import load_terms
from web import create_app

QUESTIONS = ("社保", "贷款贴息", "运营商拖欠工程款", "房租减免", "研发费用加计扣除", "残保金", "招工补贴")
DAY = date(2026, 11, 22)
ROUNDS = 30


def timed(call: Callable[[str], object]) -> tuple[float, float]:
    """p50 and p95 of ``call`` over the questions in milliseconds, after a warm-up."""
    for question in QUESTIONS:
        call(question)
    times = []
    for _ in range(ROUNDS):
        for question in QUESTIONS:
            started = time.perf_counter()
            call(question)
            times.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


def main() -> None:
    """Print times and weights."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), policies=ROOT / "policies", today=DAY, rate_limit="off")
        terms = load_terms(settings.policies)
        db = open_database(settings.database)
        loading.load(db, settings.policies, terms.taxonomy)
        library = open_library(settings, terms)
        indexing.catch_up(library.settings, db)
        client = create_app(settings).test_client()
        bare = timed(lambda question: search(library, Request(question, DAY)))
        page = timed(lambda question: client.get(f"/search?q={question}"))
        print(f"search alone      p50 {bare[0]:6.2f} ms  p95 {bare[1]:6.2f} ms")
        ratio = page[0] / bare[0]
        print(f"search page       p50 {page[0]:6.2f} ms  p95 {page[1]:6.2f} ms  ({ratio:.1f} x alone)")
        html = client.get("/search?q=社保").data
        assets = sorted(set(re.findall(rb'(?:href|src)="(/static/[^"?]+)', html)))
        sizes = [len(gzip.compress(client.get(one.decode()).data)) for one in assets]
        total = len(gzip.compress(html)) + sum(sizes)
        print(f"page with assets  {total / 1024:.1f} KB compressed in {1 + len(assets)} requests")
        db.close()


if __name__ == "__main__":
    main()
