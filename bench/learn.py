"""Fits the learned part of the ranking and says by how much it wins where it was not fitted.

Needs the association's evaluation sets. Their questions are asked and, as a third set, the names that
members have for the shipped entries, searched without these names. The best candidates of the hand-set
ranking are what trees are fitted to. Five parts of the questions take turns at being left out; questions
that share an answer stay together in one part.

Run: ``.venv/bin/python -m bench.learn SHARED/eval [--write] [--keep FOLDER]``
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.trees import Candidates, Fit, Tree, correction, fit, measured
from kb.config import ROOT
from kb.ingest import entryfile
from kb.search import learned, ranking, storage
from kb.search import query as queries
from kb.search.evaluate import Question, read_documents, read_questions
from kb.search.features import FEATURES, features
from kb.search.indexing import IndexSettings, build
from kb.search.ranking import Synonyms
from kb.search.reader import Reader
from kb.search.record import Record, record_of
from kb.store.terms import Terms, load_terms

FOLDS = 5
WEIGHTS = {"ncp": 1.0, "statutes": 1.0, "aliases": 1.0}
"""The sets and what a question of each counts."""


@dataclass(frozen=True)
class Asked:
    """One question of a set, its candidates' features, and its answers."""

    name: str
    rows: NDArray[np.float32]
    good: NDArray[np.bool_]
    hand_set: NDArray[np.float32]
    answers: int
    kin: frozenset[str]


def main() -> None:
    """Cross-validate; with ``--write`` fit to everything and write the file if it won."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", type=Path, help="folder with ncp/ and statutes/")
    parser.add_argument("--write", action="store_true", help="write the file if the trees win")
    parser.add_argument("--keep", type=Path, help="folder for the indexes, made once and used again")
    parser.add_argument("--trees", type=int, default=Fit.trees)
    parser.add_argument("--depth", type=int, default=Fit.depth)
    parser.add_argument("--rate", type=float, default=Fit.rate)
    given = parser.parse_args()
    how = Fit(given.trees, given.depth, given.rate)
    with tempfile.TemporaryDirectory() as folder:
        asked = list(ask(given.sets, given.keep or Path(folder)))
    candidates, folds = together(asked), folds_of(asked)
    won = report(asked, candidates, folds, how)
    if given.write and won:
        write(fit(candidates, how), how)


def ask(sets: Path, folder: Path) -> Iterator[Asked]:
    """Every question of every set with its candidates."""
    terms = load_terms(ROOT / "policies")
    ncp, statutes = sets / "ncp", sets / "statutes"
    yield from _asked("ncp", folder, terms, read_documents(ncp / "docs.jsonl"), _dev(ncp))
    yield from _asked("statutes", folder, terms, read_documents(statutes / "docs.jsonl.gz"), _dev(statutes))
    files, _ = entryfile.read_all(entryfile.paths(ROOT / "policies"), terms.taxonomy)
    entries = [file.entry for file in files]
    nameless = (replace(record_of(entry, 1), aliases=()) for entry in entries)
    names: dict[str, set[str]] = {}
    for entry in entries:
        for alias in entry.aliases:
            names.setdefault(alias, set()).add(entry.id)
    questions = [Question(name, frozenset(ids)) for name, ids in names.items()]
    yield from _asked("aliases", folder, terms, nameless, questions)


def _dev(folder: Path) -> list[Question]:
    return read_questions(folder / "queries-dev.jsonl")


def _asked(
    name: str, folder: Path, terms: Terms, records: Iterator[Record], questions: Sequence[Question]
) -> Iterator[Asked]:
    settings = IndexSettings(folder / f"idx-{name}", terms.lexicon)
    if not (settings.root / storage.POINTER).exists():
        storage.point_to(settings.root, build(settings, records, 0))
    generation = Reader(settings).generation()
    synonyms = Synonyms.of(terms.synonyms)
    for question in questions:
        query = queries.parse(question.text, terms.taxonomy)
        ranked = ranking.rank(generation, query, settings.segmenter, synonyms)
        best = ranking.top(ranked.scores, generation.ids, learned.DEPTH)
        if ranked.parts is not None and len(best) > 1:
            rows = features(generation, ranked.text, ranked.parts, best).astype(np.float32)
            good = np.array([generation.ids[at] in question.relevant for at in best])
            yield Asked(name, rows, good, ranked.scores[best], len(question.relevant), question.relevant)


def together(asked: Sequence[Asked]) -> Candidates:
    """All questions as arrays."""
    shape = (len(asked), learned.DEPTH)
    rows = np.zeros((*shape, len(FEATURES)), dtype=np.float32)
    good, there = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    hand_set = np.zeros(shape)
    for at, one in enumerate(asked):
        count = len(one.rows)
        rows[at, :count], good[at, :count], there[at, :count] = one.rows, one.good, True
        hand_set[at, :count] = learned.looked_at(one.hand_set, one.rows.astype(float))
    ideal = [float((1 / np.log2(np.arange(min(10, one.answers)) + 2)).sum()) for one in asked]
    weight = [WEIGHTS[one.name] for one in asked]
    short = [learned.shortness(one.rows.astype(float)) for one in asked]
    return Candidates(rows, good, there, hand_set, np.array(ideal), np.array(weight), np.array(short))


def folds_of(asked: Sequence[Asked]) -> NDArray[np.int64]:
    """The part each question is in: kin stays together, parts are filled evenly, largest kin first."""
    root: dict[str, str] = {}

    def find(one: str) -> str:
        while root.setdefault(one, one) != one:
            one = root[one]
        return one

    for question in asked:
        first, *others = sorted(question.kin) or [f"alone-{id(question)}"]
        for other in others:
            root[find(other)] = find(first)
    kin = [find(sorted(one.kin)[0]) if one.kin else f"alone-{at}" for at, one in enumerate(asked)]
    sizes = {one: kin.count(one) for one in dict.fromkeys(kin)}
    filled, part = [0] * FOLDS, {}
    for one in sorted(sizes, key=lambda name: -sizes[name]):
        part[one] = filled.index(min(filled))
        filled[part[one]] += sizes[one]
    return np.array([part[one] for one in kin])


def report(asked: Sequence[Asked], candidates: Candidates, folds: NDArray[np.int64], how: Fit) -> bool:
    """Print both rankings' figures on what was left out; whether the trees win on every set."""
    scores = learned.HAND_SET * candidates.hand_set
    fitted = scores.copy()
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        fitted[outside] += correction(fit(candidates.of(inside), how), candidates.of(outside))
    names = np.array([one.name for one in asked])
    before, after = measured(candidates, scores), measured(candidates, fitted)
    won = True
    for name in WEIGHTS:
        some = names == name
        old, new = ([float(one[some].mean()) for one in both] for both in (before, after))
        gain = after[1][some] - before[1][some]
        error = 1.96 * float(gain.std()) / np.sqrt(some.sum())
        print(
            f"{name:9} {some.sum():5} questions  MRR@10 {old[0]:.4f} -> {new[0]:.4f}  "
            f"nDCG@10 {old[1]:.4f} -> {new[1]:.4f} ({gain.mean():+.4f} ± {error:.4f})"
        )
        won = won and new[1] >= old[1] - error / 2
    return won and float((after[1] - before[1]).mean()) > 0


def write(trees: Sequence[Tree], how: Fit) -> None:
    """The file that is shipped, one tree a line."""
    lines = ",\n".join(f"  {json.dumps(tree)}" for tree in trees)
    head = f'"made_by": "bench/learn.py, {how.trees} trees, {how.depth} questions each, rate {how.rate}"'
    learned.FILE.write_text(f'{{{head},\n"trees": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
