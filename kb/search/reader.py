"""Reading the index: one open generation at a time, replaced as soon as a newer one is on disk.

Never ``Searcher.refresh()``: it goes on showing superseded documents.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from whoosh.searching import Searcher

from kb.errors import KbError
from kb.search import record, storage
from kb.search.indexing import IndexSettings, check
from kb.search.record import Record
from kb.search.schema import parent_of
from kb.search.scorer import Scorer
from kb.search.storage import DamagedIndexError
from kb.search.table import Table

T = TypeVar("T")
RETRIES = 5


class IndexNotReadyError(KbError):
    """There is no usable index at the moment; it is being built."""


@dataclass(frozen=True)
class Generation:
    """One state of the index: its records in document order and the scorer of just these.

    ``parents`` has the number of each record's parent document, ``siblings`` how many records each has.
    ``searcher`` is Whoosh's own over the same files, for one question at a time.
    """

    directory: Path
    number: int
    watermark: int
    table: Table
    scorer: Scorer
    ids: tuple[str, ...]
    parents: NDArray[np.intp]
    siblings: NDArray[np.intp]
    searcher: Searcher

    def record(self, at: int) -> Record:
        return self.table.records[at]


class Reader:
    """Holds the current generation of one index directory for a process."""

    def __init__(self, settings: IndexSettings) -> None:
        self.settings = settings
        self._current: Generation | None = None
        self._lock = threading.Lock()

    def generation(self) -> Generation:
        """The newest generation on disk; :class:`IndexNotReadyError` if there is none to be used."""
        for _ in range(RETRIES):
            try:
                return self._newest()
            except (FileNotFoundError, storage.DamagedIndexError) as error:
                problem = error
        if self._current is not None:
            return self._current
        raise IndexNotReadyError("正在建立索引，请稍后再试") from problem

    def _newest(self) -> Generation:
        directory = storage.current(self.settings.root)
        held = self._current
        at = storage.generation(directory)
        if held and (held.directory, held.number) == (directory, at):
            return held
        with self._lock:
            held = self._current
            if held and (held.directory, held.number) == (directory, at):
                return held
            check(self.settings, directory)
            opened = self._current = _open(directory)
            return opened

    def renewed(self, settings: IndexSettings) -> Reader:
        """A reader for other settings that shows what this one has open until their index is there."""
        with suppress(IndexNotReadyError):
            self.generation()
        fresh = Reader(settings)
        fresh._current = self._current
        return fresh

    def reading(self, use: Callable[[Generation], T]) -> T:
        """``use`` with the newest generation; once more if a file of it vanished meanwhile."""
        for _ in range(RETRIES - 1):
            try:
                return use(self.generation())
            except FileNotFoundError:
                continue
        return use(self.generation())


def _open(directory: Path) -> Generation:
    reader = storage.open_reader(directory)
    try:
        searcher = Searcher(reader)
        watermark = storage.read_watermark(searcher)
        found = [
            (number, record.from_json(stored["data"]))
            for number, stored in reader.iter_docs()
            if "data" in stored
        ]
    except (FileNotFoundError, DamagedIndexError):
        raise
    except Exception as error:  # whatever a torn file makes Whoosh or pydantic raise
        raise DamagedIndexError("索引内容读不出来") from error
    records = [one for _, one in found]
    positions = np.full(reader.doc_count_all(), -1, dtype=np.int32)
    positions[[number for number, _ in found]] = np.arange(len(found), dtype=np.int32)
    parents = {title: at for at, title in enumerate(dict.fromkeys(parent_of(one.title) for one in records))}
    parent = np.array([parents[parent_of(one.title)] for one in records], dtype=np.intp)
    opened = Generation(
        directory=directory,
        number=reader.generation(),
        watermark=watermark,
        table=Table(records),
        scorer=Scorer(storage.segments(reader, directory), positions, len(found)),
        ids=tuple(one.id for one in records),
        parents=parent,
        siblings=np.bincount(parent, minlength=len(parents)),
        searcher=searcher,
    )
    weakref.finalize(opened, reader.close)  # as soon as the last question is answered from it
    return opened
