"""Chinese search over the published entries. Five public functions are the seam to another engine:

:func:`apply`, :func:`search`, :func:`suggest`, :func:`watermark`, :func:`health`. Segmentation, synonyms,
as_of, highlighting and query parsing stay on this side of it.
"""

from __future__ import annotations

from contextlib import closing

from kb.config import Settings
from kb.errors import KbError
from kb.search import storage
from kb.search.engine import Answer, Library, Request, search
from kb.search.indexing import IndexSettings, apply
from kb.search.ranking import Synonyms
from kb.search.reader import Reader
from kb.search.suggest import suggest
from kb.store import words
from kb.store.database import open_database
from kb.store.terms import Terms, with_words

__all__ = [
    "Answer",
    "IndexSettings",
    "Library",
    "Reader",
    "Request",
    "apply",
    "health",
    "open_library",
    "search",
    "suggest",
    "watermark",
]


def open_library(settings: Settings, terms: Terms) -> Library:
    """What a process searches with, the desk's words included; the index is opened when first needed."""
    terms = _with_words_of_the_desk(settings, terms)
    reader = Reader(IndexSettings(settings.index, terms.lexicon))
    return Library(reader, terms.taxonomy, Synonyms.of(terms.synonyms))


def _with_words_of_the_desk(settings: Settings, terms: Terms) -> Terms:
    """The terms with what the store adds; without one that can be read, the defaults."""
    if not settings.database.exists():
        return terms
    try:
        with closing(open_database(settings.database)) as db:
            return with_words(terms, words.listed(db))
    except KbError:
        return terms


def watermark(library: Library) -> int:
    """The number of the last change that searches see."""
    return library.reader.generation().watermark


def health(settings: IndexSettings) -> str | None:
    """What is wrong with the index on disk, every file checked against the manifest; ``None`` if nothing."""
    try:
        storage.verify(storage.current(settings.root), settings.version)
    except (storage.DamagedIndexError, KbError, OSError) as error:
        return str(error)
    return None
