"""Whoosh's own postings as arrays, decoded term by term when first asked for, scored by its BM25F formula.

Gives the scores of a stock ``Or`` of terms, without walking a tree of matchers for every query: a term is
two arrays, a query a scatter-add. Only public Whoosh APIs are used.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75
MAX_POSTINGS = 12_000_000

Arrays = tuple[NDArray[np.int32], NDArray[np.float32]]


class Postings:
    """The postings of one generation. Thread-safe; keeps at most ``MAX_POSTINGS`` decoded ones.

    One reader, opened with the generation and used under a lock: a reader opened later by another
    thread would see a later commit, whose document numbers are not these.
    """

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.size: int = reader.doc_count_all()
        self._terms: OrderedDict[tuple[str, str], Arrays] = OrderedDict()
        self._norms: dict[str, NDArray[np.float32]] = {}
        self._held = 0
        self._lock = threading.Lock()

    def scores(self, terms: Mapping[tuple[str, str], float]) -> NDArray[np.float64]:
        """BM25F of every document number for the weighted ``(field, term)`` pairs."""
        total = np.zeros(self.size)
        for (field, term), weight in terms.items():
            numbers, impacts = self._get(field, term)
            total[numbers] += weight * impacts
        return total

    def coverage(self, tokens: Mapping[str, tuple[str, ...]]) -> NDArray[np.float64]:
        """The idf-weighted share of ``tokens`` that each document has in one of their fields; 0 to 1."""
        found = np.zeros(self.size)
        whole = 0.0
        for token, fields in tokens.items():
            having = np.zeros(self.size, dtype=bool)
            for field in fields:
                having[self.documents(field, token)] = True
            weight = _idf(self.size, int(having.sum()))
            whole += weight
            found[having] += weight
        return found / whole if whole else found

    def documents(self, field: str, term: str) -> NDArray[np.int32]:
        """The numbers of the documents that have the term."""
        return self._get(field, term)[0]

    def _get(self, field: str, term: str) -> Arrays:
        key = (field, term)
        with self._lock:
            held = self._terms.get(key)
            if held is None:
                held = self._terms[key] = self._decode(field, term)
                self._held += len(held[0])
            self._terms.move_to_end(key)
            while self._held > MAX_POSTINGS and len(self._terms) > 1:
                _, (numbers, _) = self._terms.popitem(last=False)
                self._held -= len(numbers)
        return held

    def _decode(self, field: str, term: str) -> Arrays:
        """Document numbers and BM25F impacts (idf included) of one term; empty if it does not occur."""
        reader = self._reader
        if (field, term) not in reader:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        matcher = reader.postings(field, term)
        numbers: list[int] = []
        counts: list[float] = []
        while matcher.is_active():
            numbers.append(matcher.id())
            counts.append(matcher.weight())
            matcher.next()
        at = np.array(numbers, dtype=np.int32)
        tf = np.array(counts, dtype=np.float32)
        idf = _idf(reader.doc_count_all(), reader.doc_frequency(field, term))
        return at, (idf * tf * (K1 + 1) / (tf + self._norm(reader, field)[at])).astype(np.float32)

    def _norm(self, reader: Any, field: str) -> NDArray[np.float32]:
        """``K1 * (1 - B + B * length / average length)`` of every document."""
        if field not in self._norms:
            lengths = [reader.doc_field_length(number, field) for number in range(reader.doc_count_all())]
            average = max(1e-9, reader.field_length(field) / max(1, reader.doc_count_all()))
            norm = K1 * (1 - B + B * np.array(lengths, dtype=np.float64) / average)
            self._norms[field] = norm.astype(np.float32)
        return self._norms[field]


def _idf(documents: int, having: int) -> float:
    """Whoosh's inverse document frequency."""
    return math.log(documents / (having + 1)) + 1.0
