"""Scores of records from arrays of Whoosh's postings: a term is two arrays, a query a few additions.

The formula is Whoosh's BM25F, field by field; the idf is Lucene's unless another is given. What a term adds
to each record is worked out when first asked for and kept for a while.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.search.postings import FieldPostings, Segment, key_of

K1, B = 1.2, 0.75
KEPT_BYTES = 48_000_000
DENSE = 12
"""A term that every twelfth record has is kept as one number a record: adding that is quicker."""

Scores = NDArray[np.float32]
Positions = NDArray[np.int32]
Idf = Callable[[int, int], float]


def lucene_idf(documents: int, having: int) -> float:
    """Inverse document frequency as Lucene has it: never below zero, common terms count little."""
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def whoosh_idf(documents: int, having: int) -> float:
    """Inverse document frequency as Whoosh has it."""
    return math.log(documents / (having + 1)) + 1.0


@dataclass(frozen=True, slots=True)
class Impact:
    """What a term adds to the records that have it. Common terms are held ``dense``: one value a record."""

    positions: Positions
    values: Scores
    dense: Scores | None

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(one.nbytes for one in (self.positions, self.values, self.dense) if one is not None)


class Scorer:
    """The scorer of one generation: its segments one after the other, records in document order.

    ``positions`` has the record of each document number, -1 where there is none. Thread-safe.
    """

    def __init__(
        self, segments: Sequence[Segment], positions: Positions, size: int, idf: Idf = lucene_idf
    ) -> None:
        self.segments = tuple(segments)
        self.size = size
        self.positions = positions
        self._numbers = np.flatnonzero(positions >= 0)
        self._formula = idf
        self._bases = np.concatenate(([0], np.cumsum([one.size for one in segments]))).astype(np.int64)
        self._kept: OrderedDict[tuple[str, str], Impact] = OrderedDict()
        self._norms: dict[str, list[Scores]] = {}
        self._held = 0
        self._lock = threading.Lock()

    @property
    def documents(self) -> int:
        """How many documents idf counts: deleted ones too, until their segment is merged."""
        return int(self._bases[-1])

    def scores(self, terms: Mapping[tuple[str, str], float]) -> Scores:
        """BM25F of every record for the weighted ``(field, term)`` pairs."""
        total = np.zeros(self.size, dtype=np.float32)
        for (field, term), weight in terms.items():
            impact = self.impact(field, term)
            if impact.dense is not None:
                total += np.float32(weight) * impact.dense
            else:
                total[impact.positions] += np.float32(weight) * impact.values
        return total

    def coverage(self, field: str, tokens: Sequence[str]) -> Scores:
        """The idf-weighted share of ``tokens`` that each record has in ``field``; 0 to 1."""
        found = np.zeros(self.size, dtype=np.float32)
        whole = 0.0
        for token in dict.fromkeys(tokens):
            weight = self.idf(field, token)
            impact = self.impact(field, token)
            if impact.dense is not None:
                found += np.float32(weight) * (impact.dense > 0)
            else:
                found[impact.positions] += np.float32(weight)
            whole += weight
        return found / np.float32(whole) if whole else found

    def having(self, field: str, term: str) -> Positions:
        """The records that have the term."""
        return self.impact(field, term).positions

    def frequency(self, field: str, term: str) -> int:
        """How many documents have the term, deleted ones too until their segment is merged."""
        return self._frequency(field, key_of(term.encode("utf-8")))

    def idf(self, field: str, term: str) -> float:
        """The term's inverse document frequency over all segments."""
        return self._formula(self.documents, self._frequency(field, key_of(term.encode("utf-8"))))

    def _frequency(self, field: str, key: np.uint64) -> int:
        found = ((one.fields[field], one.fields[field].row(key)) for one in self.segments)
        return sum(int(postings.frequencies[row]) for postings, row in found if row >= 0)

    def impact(self, field: str, term: str) -> Impact:
        """What the term adds to the records that have it, idf included."""
        key = (field, term)
        with self._lock:
            held = self._kept.get(key)
            if held is not None:
                self._kept.move_to_end(key)
                return held
            made = self._kept[key] = self._impact(field, key_of(term.encode("utf-8")))
            self._held += made.size
            while self._held > KEPT_BYTES and len(self._kept) > 1:
                self._held -= self._kept.popitem(last=False)[1].size
        return made

    def _impact(self, field: str, key: np.uint64) -> Impact:
        idf = self._formula(self.documents, self._frequency(field, key))
        found = [
            self._in_segment(number, segment.fields[field], key, field)
            for number, segment in enumerate(self.segments)
        ]
        positions = np.concatenate([one for one, _ in found] or [np.zeros(0, dtype=np.int32)])
        values = np.concatenate([one for _, one in found] or [np.zeros(0, dtype=np.float32)])
        values *= np.float32(idf)
        if len(positions) * DENSE < self.size:
            return Impact(positions, values, None)
        dense = np.zeros(self.size, dtype=np.float32)
        dense[positions] = values
        return Impact(positions, values, dense)

    def _in_segment(
        self, number: int, postings: FieldPostings, key: np.uint64, field: str
    ) -> tuple[Positions, Scores]:
        """Records and saturated counts of a term in one segment; deleted documents left out."""
        row = postings.row(key)
        if row < 0:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        documents, counts = postings.of_row(row)
        where = self.positions[documents + self._bases[number]]
        live = where >= 0
        tf = counts[live].astype(np.float32)
        norm = self._norm(field)[number][documents[live]]
        return where[live], tf * np.float32(K1 + 1) / (tf + norm)

    def _norm(self, field: str) -> list[Scores]:
        """``K1 * (1 - B + B * length / average length)`` of every document, segment by segment."""
        if field not in self._norms:
            lengths = [one.fields[field].lengths for one in self.segments]
            total = sum(one.fields[field].total for one in self.segments)
            average = max(1e-9, total / max(1, self.documents))
            self._norms[field] = [(K1 * (1 - B + B * one / average)).astype(np.float32) for one in lengths]
        return self._norms[field]

    def texts(self, positions: Sequence[int]) -> list[tuple[NDArray[np.uint16], int]]:
        """The characters of records' normal texts, each with the length of its title."""
        found = []
        for segment, local in self._places(positions):
            codes = segment.codes[segment.starts[local] : segment.starts[local + 1]]
            found.append((codes, int(segment.heads[local])))
        return found

    def quotes(self, positions: Sequence[int]) -> list[str]:
        """What may be quoted of records."""
        return [segment.quote(local) for segment, local in self._places(positions)]

    def _places(self, positions: Sequence[int]) -> Iterator[tuple[Segment, int]]:
        """The segment of each record and its number in it."""
        numbers = self._numbers[list(positions)]
        which = np.searchsorted(self._bases, numbers, side="right") - 1
        for number, at in zip(numbers.tolist(), which.tolist(), strict=True):
            yield self.segments[at], number - int(self._bases[at])
