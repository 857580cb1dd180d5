"""Small trees fitted to the order of candidates by gradients of nDCG, in NumPy alone.

Every question of a tree's level is the same on all branches, so that a tree is two questions and four
numbers and can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.features import FEATURES, Numbers
from kb.search.learned import HAND_SET, model_of

Tree = dict[str, Any]
LIMITS = 32
SOFT = 5.0
PER_TREE = 0.6
MOST_ANSWERS = 6


@dataclass(frozen=True)
class Fit:
    """How trees are fitted: their number, questions each, and what share of a step is taken."""

    trees: int = 200
    depth: int = 2
    rate: float = 0.1


@dataclass(frozen=True)
class Candidates:
    """Questions with their best candidates: a row a question, a column a place, padded where ``there`` is
    false. ``good`` are answers, ``ideal`` the discounted gain of the best order, ``weight`` a question's,
    ``short`` how far the trees count for it.
    """

    rows: NDArray[np.float32]
    good: NDArray[np.bool_]
    there: NDArray[np.bool_]
    hand_set: Numbers
    ideal: Numbers
    weight: Numbers
    short: Numbers

    def of(self, some: NDArray[Any]) -> Candidates:
        """Some of the questions."""
        return Candidates(*(getattr(self, name)[some] for name in self.__dataclass_fields__))


def correction(trees: Sequence[Tree], candidates: Candidates) -> Numbers:
    """What trees add to the hand-set scores."""
    flat = candidates.rows.reshape(-1, candidates.rows.shape[2])
    model = model_of(trees)
    parts = [model.correction(part) for part in np.array_split(flat, max(1, len(flat) // 4000))]
    return np.concatenate(parts).reshape(candidates.good.shape) * candidates.short[:, None]


def measured(candidates: Candidates, scores: Numbers) -> tuple[Numbers, Numbers]:
    """MRR@10 and nDCG@10 of each question."""
    order = np.argsort(-np.where(candidates.there, scores, -np.inf), axis=1, kind="stable")[:, :10]
    good = np.take_along_axis(candidates.good, order, axis=1)
    gain = (good / np.log2(np.arange(good.shape[1]) + 2)).sum(axis=1) / candidates.ideal
    return np.where(good.any(axis=1), 1 / (good.argmax(axis=1) + 1), 0.0), gain


def fit(candidates: Candidates, how: Fit, seed: int = 0) -> list[Tree]:
    """Trees that put answers before the rest, each fitted to what those before it leave."""
    random = np.random.default_rng(seed)
    inside = np.flatnonzero(candidates.there.ravel())
    rows = candidates.rows.reshape(-1, candidates.rows.shape[2])[inside]
    limits = [_limits(rows[:, feature]) for feature in range(rows.shape[1])]
    bins = np.column_stack([np.searchsorted(limits[f], rows[:, f], "left") for f in range(len(limits))])
    short = np.repeat(candidates.short, candidates.there.shape[1])[inside]
    weights = np.repeat(candidates.weight, candidates.there.shape[1])[inside] * short
    scores = HAND_SET * candidates.hand_set
    trees = []
    for _ in range(how.trees):
        pull, curve = (one.ravel()[inside] * weights for one in _gradients(candidates, scores))
        some = [feature for feature in range(len(limits)) if random.random() < PER_TREE] or [0]
        tree, added = _tree(bins, limits, pull, curve, how, some)
        scores.ravel()[inside] += short * added
        trees.append(tree)
    return trees


def _limits(values: NDArray[np.float32]) -> Numbers:
    """Where a feature may be cut: its quantiles, as they stand in the file."""
    return np.unique(np.round(np.quantile(values, np.linspace(0, 1, LIMITS + 1)[1:-1]).astype(float), 4))


def _gradients(candidates: Candidates, scores: Numbers) -> tuple[Numbers, Numbers]:
    """For each candidate where nDCG pulls it, and how sharply that changes (LambdaMART)."""
    scores = np.where(candidates.there, scores, -1e9)
    places = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    discount = 1 / np.log2(places + 2.0)
    pull, curve = np.zeros_like(scores), np.zeros_like(scores)
    answers = (candidates.good & candidates.there).sum(axis=1)
    columns = np.argsort(~(candidates.good & candidates.there), axis=1, kind="stable")
    for number in range(min(MOST_ANSWERS, int(answers.max(initial=0)))):
        some = np.flatnonzero(answers > number)
        at = columns[some, number]
        lost = 1 / (1 + np.exp(np.clip(scores[some, at][:, None] - scores[some], -30, 30)))
        others = candidates.there[some] & ~candidates.good[some]
        worth = np.abs(discount[some, at][:, None] - discount[some]) / candidates.ideal[some][:, None]
        force = np.where(others, lost * worth, 0.0)
        bend = np.where(others, lost * (1 - lost) * worth, 0.0)
        pull[some] -= force
        curve[some] += bend
        pull[some, at] += force.sum(axis=1)
        curve[some, at] += bend.sum(axis=1)
    return pull, curve


def _tree(
    bins: NDArray[Any], limits: list[Numbers], pull: Numbers, curve: Numbers, how: Fit, some: list[int]
) -> tuple[Tree, Numbers]:
    """The tree that gains most, and what it adds to each row."""
    ends = np.zeros(len(bins), dtype=np.int64)
    questions = []
    for level in range(how.depth):
        gains = [(*_best_cut(ends, bins[:, f], len(limits[f]), pull, curve, 1 << level), f) for f in some]
        _, cut, feature = max(gains)
        questions.append([FEATURES[feature], float(limits[feature][cut])])
        ends = ends * 2 + (bins[:, feature] > cut)
    count = 1 << how.depth
    up, down = np.bincount(ends, pull, count), np.bincount(ends, curve, count)
    values = np.round(how.rate * up / (down + SOFT), 4)
    return {"if": questions, "add": values.tolist()}, values[ends]


def _best_cut(
    ends: NDArray[np.int64], bins: NDArray[Any], limits: int, pull: Numbers, curve: Numbers, count: int
) -> tuple[float, int]:
    """The gain of the best cut of one feature, and which limit that is."""
    if not limits:
        return -1.0, 0
    keys = ends * (limits + 1) + bins
    up = np.bincount(keys, pull, count * (limits + 1)).reshape(count, -1).cumsum(axis=1)
    down = np.bincount(keys, curve, count * (limits + 1)).reshape(count, -1).cumsum(axis=1)
    left = up**2 / (down + SOFT)
    right = (up[:, -1:] - up) ** 2 / (down[:, -1:] - down + SOFT)
    gain = (left + right).sum(axis=0)[:-1]
    return float(gain.max()), int(gain.argmax())
