"""The learned part of the ranking: small trees of numbers that were fitted by ``bench/learn.py``.

Each tree asks a few yes-or-no questions about the features of a candidate and adds the number at the end.
The file is meant to be read: one tree a line, features by name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.features import FEATURES, Numbers

FILE = Path(__file__).with_name("learned.json")
DEPTH = 50
"""How many of the best are put in order anew."""
HAND_SET = 3.0
"""What the whole of the hand-set score counts beside the trees."""
PASSAGE, PIECE, CHARACTERS = 0.3, 0.3, 0.2
"""What the best passage, the weightiest unbroken piece of the query and single characters add at most."""
SHORT, LONG = 200.0, 1000.0
"""Characters: texts of this mean length and less are short, of that and more long."""


@dataclass(frozen=True)
class Model:
    """``features`` and ``limits`` have a row a tree and a column a question, ``values`` a column an end."""

    features: NDArray[np.intp]
    limits: Numbers
    values: Numbers

    @property
    def is_empty(self) -> bool:
        return not len(self.limits)

    def correction(self, rows: Numbers) -> Numbers:
        """What the trees add to the hand-set score of each row of features."""
        yes = rows[:, self.features] > self.limits
        ends = yes @ (1 << np.arange(self.limits.shape[1])[::-1])
        return np.asarray(self.values[np.arange(len(self.values)), ends].sum(axis=1))


def model_of(trees: Sequence[dict[str, Any]]) -> Model:
    """The model that a list of trees, as in the file, stands for."""
    questions = [[(FEATURES.index(name), limit) for name, limit in tree["if"]] for tree in trees]
    return Model(
        np.array([[feature for feature, _ in one] for one in questions], dtype=np.intp),
        np.array([[limit for _, limit in one] for one in questions], dtype=np.float64),
        np.array([tree["add"] for tree in trees], dtype=np.float64),
    )


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model beside this file."""
    return model_of(json.loads(FILE.read_text(encoding="utf-8"))["trees"])


def shortness(rows: Numbers) -> float:
    """1 if the candidates are short texts, 0 if they are long, between them in proportion."""
    mean = float(np.expm1(rows[:, FEATURES.index("length")]).mean())
    return float(np.clip((LONG - mean) / (LONG - SHORT), 0.0, 1.0))


def looked_at(hand_set: NDArray[Any], rows: Numbers) -> Numbers:
    """Hand-set scores after a look at the texts: passages decide among long ones, characters among short.

    As shares of the best score, which may now be exceeded.
    """
    passage, piece, characters = (
        rows[:, FEATURES.index(name)] for name in ("passage_200_relative", "weightiest_piece", "characters")
    )
    short = shortness(rows)
    near = PASSAGE * passage + PIECE * piece / (float(piece.max(initial=0.0)) or 1.0)
    best = float(hand_set.max(initial=0.0)) or 1.0
    return np.asarray(hand_set / best + (1 - short) * near + short * CHARACTERS * characters)


def order(
    hand_set: NDArray[Any], rows: Numbers, model: Model, weights: NDArray[Any] | float = 1.0
) -> list[int]:
    """Places of the candidates, the best first; those that are alike stay as they were.

    The trees count as far as the texts are short: on long ones they did not win. ``weights`` multiply it all.
    """
    values = HAND_SET * looked_at(hand_set, rows)
    if not model.is_empty:
        values = values + shortness(rows) * model.correction(rows)
    values = (values - min(0.0, float(values.min(initial=0.0)))) * weights
    return [int(place) for place in np.argsort(-values, kind="stable")]
