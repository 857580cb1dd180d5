"""Whoosh's own postings of one segment as arrays, decoded once and saved beside the segment.

A segment never changes, so its arrays are written after the commit that made it and mapped into memory by
every process from then on. Whoosh removes the file together with the segment: it carries the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3LeafMatcher

from kb.search import arrays

SUFFIX = ".arrays"
MOST = 65_535
"""Counts and characters are kept in two bytes; a count above is cut, a character beyond stands for none."""

Block = tuple[Sequence[int], Sequence[float]]


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """One field of one segment: row ``r`` is the term whose key is ``keys[r]``.

    ``starts[r] : starts[r + 1]`` are its ``documents`` (numbers within the segment) and ``counts``.
    ``frequencies`` counts documents as Whoosh does, deleted ones too; ``lengths`` is a document's, rounded
    as Whoosh stores it, ``totals`` the field's in one element, not rounded.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    frequencies: NDArray[np.int32]
    documents: NDArray[np.int32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.float32]
    totals: NDArray[np.int64]

    @property
    def total(self) -> int:
        """The length of the field in all documents together, deleted ones too."""
        return int(self.totals[0])

    def row(self, key: np.uint64) -> int:
        """The row of a term's key; -1 if the segment does not have it."""
        at = int(np.searchsorted(self.keys, key))
        return at if at < len(self.keys) and self.keys[at] == key else -1

    def of_row(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        """Documents and counts of a row."""
        where = slice(self.starts[row], self.starts[row + 1])
        return self.documents[where], self.counts[where]


@dataclass(frozen=True, slots=True)
class Segment:
    """Everything scoring needs of one segment.

    ``codes[starts[n] : starts[n + 1]]`` are the characters of document ``n``'s normal text; the first
    ``heads[n]`` of them are its title. ``quotes`` holds what may be quoted of it, in UTF-8, in the same way.
    """

    size: int
    fields: dict[str, FieldPostings]
    codes: NDArray[np.uint16]
    starts: NDArray[np.int64]
    heads: NDArray[np.int32]
    quotes: NDArray[np.uint8]
    quote_starts: NDArray[np.int64]

    def quote(self, number: int) -> str:
        """What may be quoted of a document."""
        return str(self.quotes[self.quote_starts[number] : self.quote_starts[number + 1]].tobytes(), "utf-8")


@dataclass(frozen=True, slots=True)
class Text:
    """A document's text in normal form, the length of its title in it, and what may be quoted of it."""

    normal: str = ""
    head: int = 0
    quote: str = ""


def key_of(term: bytes) -> np.uint64:
    """64 bits that stand for a term; two terms of one field with the same are not to be expected."""
    return np.uint64(int.from_bytes(hashlib.blake2b(term, digest_size=8).digest(), "little"))


def decoded(matcher: Any) -> Iterator[Block]:
    """Document numbers and counts of a term, block by block where Whoosh's own matcher holds blocks.

    That way touches semi-private members; :func:`walked` is the public one and says the same.
    """
    if type(matcher) is not W3LeafMatcher:
        yield walked(matcher)
        return
    while matcher.is_active():
        matcher.id(), matcher.weight()
        yield matcher._ids, matcher._weights
        matcher._next_block()


def walked(matcher: Any) -> Block:
    """Document numbers and counts of a term through public members only, one posting at a time."""
    numbers: list[int] = []
    counts: list[float] = []
    while matcher.is_active():
        numbers.append(matcher.id())
        counts.append(matcher.weight())
        matcher.next()
    return numbers, counts


def read_field(reader: Any, field: str) -> FieldPostings:
    """The postings of a field, walking the lexicon once."""
    keys, frequencies, numbers, counts, ends = [], [], [], [], [0]
    for term, info in reader.iter_field(field) if field in reader.indexed_field_names() else ():
        keys.append(key_of(term))
        frequencies.append(info.doc_frequency())
        length = 0
        for some, weights in decoded(reader.postings(field, term)):
            numbers.append(np.asarray(some, dtype=np.int32))
            counts.append(np.minimum(np.asarray(weights, dtype=np.float32), MOST).astype(np.uint16))
            length += len(some)
        ends.append(length)
    order = np.argsort(np.array(keys, dtype=np.uint64), kind="stable")
    starts = np.cumsum(np.array(ends, dtype=np.int64))
    lengths = [reader.doc_field_length(n, field) or 0 for n in range(reader.doc_count_all())]
    rows = _Rows(starts, _joined(numbers, np.int32), _joined(counts, np.uint16))
    return FieldPostings(
        keys=np.array(keys, dtype=np.uint64)[order],
        frequencies=np.array(frequencies, dtype=np.int32)[order],
        lengths=np.array(lengths, dtype=np.float32),
        totals=np.array([reader.field_length(field)], dtype=np.int64),
        **rows.sorted_by(order),
    )


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


@dataclass(frozen=True)
class _Rows:
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    counts: NDArray[np.uint16]

    def sorted_by(self, order: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        """The rows in another order."""
        sizes = np.diff(self.starts)[order]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        take = np.repeat(self.starts[:-1][order] - starts[:-1], sizes) + np.arange(starts[-1])
        return {"starts": starts, "documents": self.documents[take], "counts": self.counts[take]}


def read_segment(reader: Any, fields: Sequence[str], texts: Sequence[Text]) -> Segment:
    """The arrays of a segment, with the text of each of its documents."""
    codes = [codes_of(text.normal) for text in texts]
    quotes = [np.frombuffer(text.quote.encode(), dtype=np.uint8) for text in texts]
    return Segment(
        size=reader.doc_count_all(),
        fields={field: read_field(reader, field) for field in fields},
        codes=_joined(list(codes), np.uint16),
        starts=_bounds(codes),
        heads=np.array([text.head for text in texts], dtype=np.int32),
        quotes=_joined(list(quotes), np.uint8),
        quote_starts=_bounds(quotes),
    )


def _bounds(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Where each part begins once they are joined, and where the last ends."""
    return np.cumsum([0, *map(len, parts)], dtype=np.int64)


def codes_of(text: str) -> NDArray[np.uint16]:
    """One number a character."""
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return np.where(wide > MOST, 0, wide).astype(np.uint16)


_OF_DOCUMENTS = ("codes", "starts", "heads", "quotes", "quote_starts")


def save(path: Path, segment: Segment) -> None:
    """Write a segment's arrays."""
    named: arrays.Named = {name: getattr(segment, name) for name in _OF_DOCUMENTS}
    for field, postings in segment.fields.items():
        for name in FieldPostings.__slots__:
            named[f"{field}/{name}"] = getattr(postings, name)
    arrays.save(path, named)


def load(path: Path, fields: Sequence[str]) -> Segment:
    """A segment's arrays, mapped; ``ValueError`` or ``OSError`` if they are not whole."""
    named = arrays.load(path)
    try:
        found = {
            field: FieldPostings(**{name: named[f"{field}/{name}"] for name in FieldPostings.__slots__})
            for field in fields
        }
        return Segment(len(named["heads"]), found, **{name: named[name] for name in _OF_DOCUMENTS})
    except KeyError as error:
        raise ValueError(f"{path.name} lacks {error}") from error
