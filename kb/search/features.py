"""What the learned ranking looks at: explainable numbers of each candidate for a query.

They come from the scores of the first ranking and from the candidates' own characters, a few dozen texts at
a time: how close together the query's pairs of characters stand, how long a piece of it occurs as a whole,
how much of it is in the title or the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search import analysis
from kb.search.postings import codes_of
from kb.search.reader import Generation
from kb.search.scorer import K1, B, Scores

FEATURES = (
    "text",
    "words",
    "pairs",
    "characters",
    "coverage",
    "coverage_relative",
    "passage_60",
    "passage_60_relative",
    "passage_200_relative",
    "longest_piece",
    "weightiest_piece",
    "beginning",
    "in_title",
    "title_in_query",
    "length",
    "siblings",
    "siblings_mean",
    "siblings_best",
    "place",
    "query_length",
)
LONGEST = 6000
"""How many characters of a text are looked at."""
MOST_CHARACTERS = 60
BEGINNING = 60

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """The first ranking taken apart, one number a record.

    ``text`` is BM25F with coverage, before the parent document is looked at; ``words`` and ``pairs`` are
    its two halves.
    """

    words: Scores
    pairs: Scores
    coverage: Scores
    text: Scores


@dataclass(frozen=True)
class Hits:
    """Where the pairs of a query stand in the candidates: text, position in it, which pair."""

    texts: NDArray[np.intp]
    places: NDArray[np.intp]
    tokens: NDArray[np.intp]


def features(generation: Generation, text: str, parts: Parts, candidates: Sequence[int]) -> Numbers:
    """One row a candidate, best first, one column for each of :data:`FEATURES`."""
    at = np.asarray(candidates, dtype=np.intp)
    tokens = [token for token in dict.fromkeys(analysis.pairs(text)) if len(token) == 2]
    letters = "".join(dict.fromkeys("".join(tokens)))[:MOST_CHARACTERS]
    weights = np.array([generation.scorer.idf("pairs", token) for token in tokens])
    texts = [(codes[:LONGEST], head) for codes, head in generation.scorer.texts(at.tolist())]
    lengths = np.array([len(codes) for codes, _ in texts])
    marks, owners, places = _marks(texts, letters)
    hits = _hits(marks, owners, places, tokens, letters)
    heads = np.array([head for _, head in texts])
    whole = float(weights.sum()) or 1.0
    near = _best_window(hits, weights, lengths, 60) / whole
    piece, weight = _pieces(hits, weights, len(at))
    columns = {
        "text": _relative(parts.text[at]),
        "words": _relative(parts.words[at]),
        "pairs": _relative(parts.pairs[at]),
        "characters": _relative(_characters(generation, marks, owners, letters, lengths)),
        "coverage": parts.coverage[at],
        "coverage_relative": _relative(parts.coverage[at]),
        "passage_60": near,
        "passage_60_relative": _relative(near),
        "passage_200_relative": _relative(_best_window(hits, weights, lengths, 200)),
        "longest_piece": piece,
        "weightiest_piece": weight / whole,
        "beginning": _share(hits, weights, hits.places < BEGINNING, len(at)) / whole,
        "in_title": _share(hits, weights, hits.places < heads[hits.texts] - 1, len(at)) / whole,
        "title_in_query": _title_in_query(hits, heads),
        "length": np.log1p(lengths),
        "place": 1 / (1 + np.arange(len(at))),
        "query_length": np.full(len(at), float(len(tokens))),
        **_siblings(generation, parts.text, at),
    }
    return np.column_stack([columns[name] for name in FEATURES])


def _relative(values: NDArray[Any]) -> Numbers:
    """Shares of the best."""
    best = float(values.max(initial=0.0))
    return np.asarray(values / best, dtype=np.float64) if best else np.zeros(len(values))


def _marks(
    texts: Sequence[tuple[NDArray[np.uint16], int]], letters: str
) -> tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.intp]]:
    """All texts in a row, each character as its number among ``letters``, 0 if it is none of them.

    Besides, for each character its text and its place in it. A zero stands between two texts.
    """
    gap = np.zeros(1, dtype=np.uint16)
    together = np.concatenate([part for codes, _ in texts for part in (codes, gap)])
    number = np.zeros(65_536, dtype=np.uint8)
    number[codes_of(letters)] = np.arange(1, len(letters) + 1)
    sizes = np.array([len(codes) + 1 for codes, _ in texts])
    owners = np.repeat(np.arange(len(texts)), sizes)
    places = np.arange(len(together)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return number[together], owners, places


def _hits(
    marks: NDArray[np.uint8],
    owners: NDArray[np.intp],
    places: NDArray[np.intp],
    tokens: Sequence[str],
    letters: str,
) -> Hits:
    pair = np.zeros((len(letters) + 1, len(letters) + 1), dtype=np.intp)
    for number, token in enumerate(tokens, 1):
        first, second = letters.find(token[0]), letters.find(token[1])
        if min(first, second) >= 0:
            pair[first + 1, second + 1] = number
    some = np.flatnonzero(marks[:-1])
    found = pair[marks[some], marks[some + 1]]
    some, found = some[found > 0], found[found > 0]
    return Hits(owners[some], places[some], found - 1)


def _best_window(hits: Hits, weights: Numbers, lengths: NDArray[Any], size: int) -> Numbers:
    """For each text the most weight of different pairs within about ``size`` characters."""
    half = size // 2
    blocks = int(lengths.max(initial=0)) // half + 2
    has = np.zeros((len(lengths), blocks, len(weights)), dtype=bool)
    has[hits.texts, hits.places // half, hits.tokens] = True
    return np.asarray(((has[:, :-1] | has[:, 1:]) @ weights).max(axis=1))


def _pieces(hits: Hits, weights: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """For each text the longest piece of the query it holds: its characters, and the weight of its pairs."""
    longest, weightiest = np.zeros(count), np.zeros(count)
    if len(hits.places):
        goes_on = (np.diff(hits.places) == 1) & (np.diff(hits.tokens) == 1) & (np.diff(hits.texts) == 0)
        starts = np.concatenate(([0], np.flatnonzero(~goes_on) + 1))
        sizes = np.diff(np.append(starts, len(hits.places)))
        np.maximum.at(longest, hits.texts[starts], sizes + 1)
        np.maximum.at(weightiest, hits.texts[starts], np.add.reduceat(weights[hits.tokens], starts))
    return longest, weightiest


def _share(hits: Hits, weights: Numbers, chosen: NDArray[np.bool_], count: int) -> Numbers:
    """For each text the weight of the different pairs among the chosen hits."""
    has = np.zeros((count, len(weights)), dtype=bool)
    has[hits.texts[chosen], hits.tokens[chosen]] = True
    return np.asarray(has @ weights)


def _title_in_query(hits: Hits, heads: NDArray[Any]) -> Numbers:
    """The share of a title's pairs that the query has."""
    inside = np.bincount(hits.texts[hits.places < heads[hits.texts] - 1], minlength=len(heads))
    return np.asarray(inside / np.maximum(heads - 1, 1))


def _characters(
    generation: Generation,
    marks: NDArray[np.uint8],
    owners: NDArray[np.intp],
    letters: str,
    lengths: NDArray[Any],
) -> Numbers:
    """BM25 of the single characters, from the texts themselves."""
    width = len(letters) + 1
    some = np.flatnonzero(marks)
    keys = owners[some] * width + marks[some]
    counts = np.bincount(keys, minlength=len(lengths) * width).reshape(-1, width)[:, 1:]
    average = max(1.0, float(lengths.mean()))
    norm = (K1 * (1 - B + B * lengths / average))[:, None]
    idf = np.array([generation.scorer.idf("characters", letter) for letter in letters])
    return np.asarray((counts * (K1 + 1) / (counts + norm)) @ idf)


def _siblings(generation: Generation, scores: Scores, at: NDArray[np.intp]) -> dict[str, Numbers]:
    """How many articles the parent document has, and how well they match; zeros for what is no article."""
    siblings = generation.siblings
    best = max(1e-9, float(scores[at].max(initial=0.0)))
    number, mean, top = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at))
    if len(siblings) < len(scores):
        parents = generation.parents[at]
        total = np.bincount(generation.parents, scores, minlength=len(siblings))
        highest = np.zeros(len(siblings))
        several = siblings[parents] > 1
        np.maximum.at(highest, generation.parents, scores)
        number = np.where(several, np.log1p(siblings[parents]), 0.0)
        mean = np.where(several, total[parents] / siblings[parents] / best, 0.0)
        top = np.where(several, highest[parents] / best, 0.0)
    return {"siblings": number, "siblings_mean": mean, "siblings_best": top}
