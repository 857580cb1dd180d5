"""What is looked up in one state of the index besides postings: phrases that name filters.

Made once for each generation, when first needed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from kb.domain.taxonomy import Taxonomy
from kb.search.reader import Generation
from kb.search.understanding import Phrasebook, phrasebook

KEPT = 4
Pairs = tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Book:
    """The phrases of a vocabulary and of the issuers in one generation."""

    phrases: Phrasebook


_books: OrderedDict[tuple[Path, int, int], Book] = OrderedDict()
_lock = threading.Lock()


def book_of(generation: Generation, taxonomy: Taxonomy, synonyms: Pairs) -> Book:
    """The book of a generation; the latest few are kept."""
    key = (generation.directory, generation.number, id(taxonomy))
    with _lock:
        if key not in _books:
            _books[key] = _made(generation, taxonomy, synonyms)
        while len(_books) > KEPT:
            _books.popitem(last=False)
        return _books[key]


def _made(generation: Generation, taxonomy: Taxonomy, synonyms: Pairs) -> Book:
    issuers = {issuer for record in generation.table.records for issuer in record.issuers}
    return Book(phrasebook(taxonomy, issuers, synonyms))
