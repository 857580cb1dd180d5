"""Ours beside stock Whoosh, SQLite FTS5, tantivy and bm25s: the same tokens, the same questions, one run.

One thread. Engines take turns at every question, so that whatever else the machine does meets them alike.

Run: ``.venv/bin/python -m bench.peers [--docs N] [--corpus FILE] [--json] [--no-pages]``
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench import corpus as corpora
from bench.corpus import Corpus
from bench.engines import DAY, Engine, bm25s_engine, fts5, ours, tantivy_engine
from bench.pages import pages
from kb.search import Library, suggest

QUESTIONS = 40
ROUNDS = 3
SLOW = 0.1
OPERATIONS: dict[str, tuple[str, bool, bool, bool]] = {
    "rare": ("rare", False, False, False),
    "common": ("common", False, False, False),
    "or6": ("or6", False, False, False),
    "or6_filter_facets": ("or6", True, True, False),
    "or6_snippets": ("or6", False, False, True),
    "or6_filter_facets_snippets": ("or6", True, True, True),
}
"""For each row: which queries, and whether filtered, counted and cut."""

Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", type=int, default=10_000, help="how many documents")
    parser.add_argument("--corpus", type=Path, help="a jsonl or jsonl.gz of id, text, title instead")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--no-pages", action="store_true", help="leave out the pages over HTTP")
    given = parser.parse_args(arguments)
    corpus = corpora.make(given.docs, given.corpus, QUESTIONS)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(corpus, Path(folder))
    if not given.no_pages:
        figures["pages"] = pages()
    print(json.dumps(figures, ensure_ascii=False, indent=1) if given.json else table(figures))


def measure(corpus: Corpus, folder: Path) -> Figures:
    """Build every engine, ask them all, and compare what they find."""
    engines, memory, library = _built(corpus, folder)
    rows: dict[str, Figures] = {
        engine.name: {
            "build_docs_s": round(len(corpus.docs) / engine.build_s, 1),
            "disk_mb": round(_disk(engine) / 1e6, 1),
            "memory_mb": memory[engine.name],
        }
        for engine in engines
    }
    for operation in OPERATIONS:
        print(f"asking: {operation}", file=sys.stderr)
        for engine, figures in zip(engines, asked(engines, corpus, operation), strict=True):
            rows[engine.name][operation] = figures
    rows["relief-kb"]["suggestion"] = _suggestions(library, corpus)
    return {
        "docs": len(corpus.docs),
        "corpus": corpus.name,
        "engines": rows,
        "ratios": ratios(rows),
        "same_top_10_as_whoosh": agreement(engines[0], engines[1], corpus),
    }


def _built(corpus: Corpus, folder: Path) -> tuple[list[Engine], dict[str, float], Library]:
    """All engines, and by how many megabytes this process grew for each."""
    memory: dict[str, float] = {}
    before = _resident()
    first, stock, library = ours(corpus, folder)
    engines = [first, stock]
    memory["relief-kb"] = memory["whoosh"] = _resident() - before
    for build in (fts5, tantivy_engine, bm25s_engine):
        before = _resident()
        print(f"building: {build.__name__}", file=sys.stderr)
        engine = build(corpus, folder)
        for terms in corpus.queries["or6"]:
            engine.search(terms, "", False, False)
        engines.append(engine)
        memory[engine.name] = _resident() - before
    return engines, {name: round(max(0.0, size), 1) for name, size in memory.items()}, library


def _resident() -> float:
    gc.collect()
    pages_held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages_held * os.sysconf("SC_PAGE_SIZE") / 1e6


def _disk(engine: Engine) -> int:
    path = engine.disk
    if path is None:
        return 0
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    kept = [one for one in files if engine.name != "whoosh" or one.suffix != ".arrays"]
    return sum(one.stat().st_size for one in kept)


def asked(engines: Sequence[Engine], corpus: Corpus, operation: str) -> list[Figures]:
    """p50 and p95 of every engine in milliseconds, after each question was asked once.

    An engine that needs more than :data:`SLOW` seconds a question is timed once, the others more often.
    """
    name, filtered, counting, cutting = OPERATIONS[operation]
    regions = [doc.region for doc in corpus.docs[:QUESTIONS]]
    times: list[list[float]] = [[] for _ in engines]
    slow: list[str] = []
    for turn in range(ROUNDS + 1):
        for terms, region in zip(corpus.queries[name], regions, strict=False):
            for engine, own in zip(engines, times, strict=True):
                if engine.name in slow:
                    continue
                started = time.perf_counter()
                engine.search(terms, region if filtered else "", counting, cutting)
                if turn:
                    own.append((time.perf_counter() - started) * 1000)
        if turn:
            named = zip(engines, times, strict=True)
            slow = [engine.name for engine, own in named if np.mean(own) > SLOW * 1000]
    return [percentiles(own) for own in times]


def percentiles(times: Sequence[float]) -> Figures:
    """p50 and p95 as they are printed."""
    return {f"p{at}": round(float(np.percentile(times, at)), 3) for at in (50, 95)}


def _suggestions(library: Library, corpus: Corpus) -> Figures:
    """Suggestions for the beginnings of words, which is what is typed."""
    typed = [terms[0][:2] for terms in corpus.queries["or6"]]
    return timed(lambda text: suggest(library, text, DAY), typed)


def timed(call: Callable[[str], object], given: Sequence[str]) -> Figures:
    """p50 and p95 of a call, warm."""
    for one in given:
        call(one)
    times = []
    for one in given:
        started = time.perf_counter()
        call(one)
        times.append((time.perf_counter() - started) * 1000)
    return percentiles(times)


def ratios(rows: dict[str, Figures]) -> Figures:
    """For each row how many times as long as ours every other engine takes, by p50."""
    mine = rows["relief-kb"]
    return {
        operation: {
            name: round(row[operation]["p50"] / mine[operation]["p50"], 2)
            for name, row in rows.items()
            if name != "relief-kb"
        }
        for operation in OPERATIONS
    }


def agreement(first: Engine, stock: Engine, corpus: Corpus) -> str:
    """For how many of the questions both have the same first ten; ties may stand in another order."""
    queries = [terms for some in corpus.queries.values() for terms in some]
    same = sum(
        sorted(first.search(terms, "", False, False)) == sorted(stock.search(terms, "", False, False))
        for terms in queries
    )
    return f"{same} of {len(queries)}"


def table(figures: Figures) -> str:
    """The figures as a table of Markdown, with ratios to ours in brackets."""
    rows = figures["engines"]
    names = [*OPERATIONS]
    lines = [
        f"{figures['docs']:,} documents ({figures['corpus']}), Python {sys.version.split()[0]}; "
        f"same ten as stock Whoosh: {figures['same_top_10_as_whoosh']}",
        "",
        "| | docs/s | MB on disk | MB of memory | " + " | ".join(names) + " |",
        "|---" * (4 + len(names)) + "|",
    ]
    for name, row in rows.items():
        cells = [f"{row['build_docs_s']:,.0f}", f"{row['disk_mb']:.0f}", f"{row['memory_mb']:.0f}"]
        for operation in names:
            ratio = figures["ratios"][operation].get(name)
            shown = f"{row[operation]['p50']:.2f} / {row[operation]['p95']:.2f}"
            cells.append(shown + (f" ({ratio:g} x)" if ratio else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    suggestion = rows["relief-kb"]["suggestion"]
    lines += ["", f"suggestion: {suggestion['p50']:.2f} / {suggestion['p95']:.2f} ms"]
    for clients, row in figures.get("pages", {}).items():
        lines.append(f"pages, {clients} clients: {row['requests_s']:.0f} requests/s, p95 {row['p95']:.0f} ms")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
