"""What each step of the ranking earns on the evaluation sets, one row a step, all in one run.

Run: ``.venv/bin/python -m bench.steps SHARED/eval [--keep FOLDER]``
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.config import ROOT
from kb.search import analysis, learned, ranking, storage
from kb.search import query as queries
from kb.search.evaluate import Question, ndcg, read_documents, read_questions, recall, reciprocal_rank
from kb.search.features import features
from kb.search.indexing import IndexSettings, build
from kb.search.ranking import Synonyms
from kb.search.reader import Generation, Reader
from kb.search.scorer import Scorer, Scores, whoosh_idf
from kb.store.terms import Terms, load_terms

SETS = {"ncp": "docs.jsonl", "statutes": "docs.jsonl.gz"}
DEPTH = 100
Rank = Callable[[str], list[int]]


@dataclass(frozen=True)
class Bench:
    """One set, indexed."""

    generation: Generation
    settings: IndexSettings
    terms: Terms

    def best(self, scores: Scores) -> list[int]:
        return ranking.top(scores, self.generation.ids, DEPTH)


def main() -> None:
    """Print the table of each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", type=Path, help="folder with ncp/ and statutes/")
    parser.add_argument("--keep", type=Path, help="folder for the indexes, made once and used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, documents in SETS.items():
            bench = opened(given.keep or Path(folder), name, given.sets / name / documents)
            questions = read_questions(given.sets / name / "queries-dev.jsonl")
            print(f"\n| {name}: {len(bench.generation.ids)} documents, {len(questions)} questions ", end="")
            print("| R@1 | R@10 | R@100 | MRR@10 | nDCG@10 |\n|---|---|---|---|---|---|")
            for step, rank in steps(bench):
                cells = " | ".join(f"{one:.3f}" for one in measured(bench.generation, rank, questions))
                print(f"| {step} | {cells} |", flush=True)


def opened(folder: Path, name: str, documents: Path) -> Bench:
    """The index of a set, built unless it is there."""
    terms = load_terms(ROOT / "policies")
    settings = IndexSettings(folder / f"idx-{name}", terms.lexicon)
    if not (settings.root / storage.POINTER).exists():
        storage.point_to(settings.root, build(settings, read_documents(documents), 0))
    return Bench(Reader(settings).generation(), settings, terms)


def steps(bench: Bench) -> Iterator[tuple[str, Rank]]:
    """The name of each step and the ranking up to it."""
    generation, segmenter = bench.generation, bench.settings.segmenter
    held = generation.scorer
    whooshs = Scorer(held.segments, held.positions, held.size, whoosh_idf)
    none, synonyms = Synonyms(()), Synonyms.of(bench.terms.synonyms)

    def words(text: str) -> dict[tuple[str, str], float]:
        return {("words", token): 1.0 for token in segmenter.query_words(analysis.normalise(text))}

    def both(text: str, known: Synonyms) -> Scores:
        return held.scores(ranking.weighted_terms(text, segmenter, known))

    def covered(text: str) -> Scores:
        return both(text, synonyms) * (0.5 + 0.5 * held.coverage("pairs", analysis.pairs(text)))

    yield "words, Whoosh's idf", lambda text: bench.best(whooshs.scores(words(text)))
    yield "words, Lucene's idf", lambda text: bench.best(held.scores(words(text)))
    yield "+ pairs", lambda text: bench.best(both(analysis.normalise(text), none))
    yield "+ frames of questions left out", lambda text: bench.best(both(_subject(bench, text), none))
    yield "+ synonyms", lambda text: bench.best(both(_subject(bench, text), synonyms))
    yield "+ coverage", lambda text: bench.best(covered(_subject(bench, text)))
    yield (
        "+ quotes literally, the parent document",
        lambda text: bench.best(_ranked(bench, text).scores),
    )
    yield "+ passages of long texts, characters of short ones", lambda text: _reordered(bench, text)
    yield "+ learned trees (shipped)", lambda text: _shipped(bench, text)


def _subject(bench: Bench, text: str) -> str:
    query = queries.parse(text, bench.terms.taxonomy)
    return " ".join((query.text, *query.phrases))


def _ranked(bench: Bench, text: str) -> ranking.Ranked:
    query = queries.parse(text, bench.terms.taxonomy)
    synonyms = Synonyms.of(bench.terms.synonyms)
    return ranking.rank(bench.generation, query, bench.settings.segmenter, synonyms)


def _reordered(bench: Bench, text: str) -> list[int]:
    """Without the trees."""
    ranked = _ranked(bench, text)
    best = bench.best(ranked.scores)
    some = best[: learned.DEPTH]
    if ranked.parts is None or len(some) < 2:
        return best
    rows = features(bench.generation, ranked.text, ranked.parts, some)
    bare = replace(learned.shipped(), limits=learned.shipped().limits[:0])
    return [*(some[at] for at in learned.order(ranked.scores[some], rows, bare)), *best[learned.DEPTH :]]


def _shipped(bench: Bench, text: str) -> list[int]:
    ranked = _ranked(bench, text)
    return ranking.reranked(bench.generation, ranked, ranked.scores, bench.best(ranked.scores))


def measured(generation: Generation, rank: Rank, questions: Sequence[Question]) -> list[float]:
    """R@1, R@10, R@100, MRR@10 and nDCG@10, means over the questions."""
    rows = []
    for question in questions:
        ids = [generation.ids[at] for at in rank(question.text)]
        good = question.relevant
        recalls = [recall(ids, good, depth) for depth in (1, 10, 100)]
        rows.append((*recalls, reciprocal_rank(ids, good), ndcg(ids, good)))
    return [sum(column) / len(column) for column in zip(*rows, strict=True)]


if __name__ == "__main__":
    main()
