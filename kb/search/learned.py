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


def order(hand_set: NDArray[Any], correction: Numbers) -> list[int]:
    """Places of the candidates, the best first; those that are alike stay as they were."""
    best = float(hand_set.max(initial=0.0)) or 1.0
    places = np.argsort(-(HAND_SET * hand_set / best + correction), kind="stable")
    return [int(place) for place in places]
