"""What is looked up in one state of the index besides postings: phrases, spelling, names.

Made once for each generation, when first needed.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.domain.taxonomy import Taxonomy
from kb.search.analysis import Segmenter, normalise
from kb.search.names import Names, Numbers, names_of, numbers_of
from kb.search.reader import Generation
from kb.search.record import Record
from kb.search.speller import Speller, vocabulary
from kb.search.understanding import Phrasebook, phrasebook

KEPT = 4
LEARNT_FROM = 3_000
"""Records whose words the speller learns; by then there are few new ones."""
Pairs = tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Book:
    """The phrases of a vocabulary and of the issuers in one generation, its words, its entries' names."""

    phrases: Phrasebook
    speller: Speller
    names: Names
    numbers: Numbers


_books: OrderedDict[tuple[Path, int, Taxonomy, Pairs], Book] = OrderedDict()
_lock = threading.Lock()


def book_of(
    generation: Generation,
    taxonomy: Taxonomy,
    synonyms: Pairs,
    lexicon: tuple[str, ...],
    segmenter: Segmenter,
) -> Book:
    """The book of a generation and the synonyms of the moment; the latest few are kept."""
    key = (generation.directory, generation.number, taxonomy, synonyms)
    with _lock:
        if key not in _books:
            _books[key] = _made(generation.table.records, taxonomy, synonyms, lexicon, segmenter)
        while len(_books) > KEPT:
            _books.popitem(last=False)
        return _books[key]


def _made(
    records: Sequence[Record],
    taxonomy: Taxonomy,
    synonyms: Pairs,
    lexicon: tuple[str, ...],
    segmenter: Segmenter,
) -> Book:
    issuers = frozenset(issuer for record in records for issuer in record.issuers)
    phrases = _phrases(taxonomy, issuers, synonyms)
    cut = (_words(segmenter, text) for text in _texts(records[:LEARNT_FROM]))
    words = (*map(normalise, lexicon), *phrases.words)
    before = next((book.speller for key, book in reversed(_books.items()) if key[2] is taxonomy), None)
    speller = Speller(vocabulary(cut, words), segmenter.dictionary_words, before)
    return Book(phrases, speller, names_of(records), numbers_of(records))


_phrases = lru_cache(maxsize=KEPT)(phrasebook)


@lru_cache(maxsize=LEARNT_FROM)
def _words(segmenter: Segmenter, text: str) -> tuple[str, ...]:
    """The words of a text, kept: most texts are the same in the next generation."""
    return tuple(map(sys.intern, segmenter.index_words(normalise(text))))


def _texts(records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        titles = (row.title for row in record.rows)
        yield "\n".join((record.title, record.promise, *record.aliases, *titles))
