"""The library of a process that runs for weeks: words added at the desk work in it within seconds.

A synonym works with the next look at the store. A word for segmentation changes the index's version: the
library goes on with the index it has open until the one being built beside it is swapped in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from kb.config import Settings
from kb.errors import KbError
from kb.search.analysis import normalise
from kb.search.engine import Library
from kb.search.indexing import IndexSettings
from kb.search.ranking import Synonyms
from kb.store import words
from kb.store.database import Database, open_database
from kb.store.terms import Terms, with_words

EVERY_SECONDS = 1.0


class LiveLibrary:
    """Holds the library of a process and looks for new words at most once a second."""

    def __init__(
        self, settings: Settings, terms: Terms, library: Library, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._terms, self._library, self._clock = settings, terms, library, clock
        self._words: tuple[words.Word, ...] | None = None
        self._look_at = clock()
        self._lock = threading.Lock()

    def library(self) -> Library:
        """The library to search with now. Whoever comes while another looks gets the one there is."""
        if self._clock() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._library

    def look_again(self) -> None:
        """Look for new words at the next use, not only a second after the last."""
        self._look_at = self._clock()

    def index_settings(self, db: Database) -> IndexSettings:
        """The settings of the index that the words in ``db`` ask for."""
        return IndexSettings(self._settings.index, with_words(self._terms, words.listed(db)).lexicon)

    def _look(self) -> None:
        self._look_at = self._clock() + EVERY_SECONDS
        try:
            with closing(open_database(self._settings.database)) as db:
                found = words.listed(db)
        except KbError:  # whoever needs the store will say what is wrong with it
            return
        if found != self._words:
            self._library = self._with(found)
            self._words = found

    def _with(self, found: tuple[words.Word, ...]) -> Library:
        terms, reader = with_words(self._terms, found), self._library.reader
        wanted = IndexSettings(self._settings.index, terms.lexicon)
        if wanted != reader.settings:
            reader = reader.renewed(wanted)
        return replace(self._library, reader=reader, synonyms=Synonyms.of(terms.synonyms))


@dataclass(frozen=True)
class Reading:
    """How a question is read: the words it is cut into, and what is also looked for at which weight."""

    words: tuple[str, ...]
    others: tuple[tuple[str, float], ...]


def reading_of(library: Library, text: str) -> Reading:
    """What the search makes of ``text``, for whoever looks after the words."""
    normal = normalise(text)
    cut = tuple(library.settings.segmenter.query_words(normal))
    return Reading(cut, tuple(sorted(library.synonyms.expand(normal), key=lambda one: (-one[1], one[0]))))
