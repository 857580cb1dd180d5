"""Reading the index: one open generation at a time, replaced as soon as a newer one is on disk.

Never ``Searcher.refresh()``: it goes on showing superseded documents.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from whoosh.searching import Searcher

from kb.errors import KbError
from kb.search import storage
from kb.search.indexing import IndexSettings, check
from kb.search.record import Record
from kb.search.schema import parent_of
from kb.search.scorer import Scorer
from kb.search.storage import DamagedIndexError
from kb.search.table import Table

T = TypeVar("T")
Held = dict[str, dict[int, Record]]
"""Records by the name of their segment and their number in it."""
RETRIES = 5


class IndexNotReadyError(KbError):
    """There is no usable index at the moment; it is being built."""


@dataclass(frozen=True)
class Generation:
    """One state of the index: its records in document order and the scorer of just these.

    ``parents`` has the number of each record's parent document, ``siblings`` how many records each has.
    ``held`` has the records by segment, for the next generation.
    """

    directory: Path
    number: int
    watermark: int
    table: Table
    scorer: Scorer
    ids: tuple[str, ...]
    parents: NDArray[np.intp]
    siblings: NDArray[np.intp]
    held: Held

    def record(self, at: int) -> Record:
        return self.table.records[at]

    def text(self, at: int) -> str:
        """What may be quoted of a record; records themselves are kept without it."""
        return self.scorer.quotes([at])[0]

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:
        """Whoosh's own searcher over the same commit; ``FileNotFoundError`` if it has been replaced since."""
        try:
            reader = storage.open_reader(self.directory)
        except DamagedIndexError as error:
            raise FileNotFoundError(f"{self.directory.name} is gone") from error
        with closing(reader):
            if reader.generation() != self.number:
                raise FileNotFoundError(f"commit {self.number} of {self.directory.name} is gone")
            yield Searcher(reader)


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
            opened = self._current = _open(directory, held)
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


def _records(directory: Path, reader: Any, before: Held) -> Held:
    """The records of each segment by number; a segment never changes, it only loses documents."""
    found: Held = {}
    for leaf, _ in reader.leaf_readers():
        name = leaf.segment().segment_id()
        if name in before:
            found[name] = {at: one for at, one in before[name].items() if not leaf.is_deleted(at)}
        else:
            found[name] = storage.records(leaf, directory)
    return found


def _numbered(reader: Any, held: Held) -> list[tuple[int, Record]]:
    """The records with their numbers among all documents, in that order."""
    return [
        (base + at, one)
        for leaf, base in reader.leaf_readers()
        for at, one in held[leaf.segment().segment_id()].items()
    ]


def _open(directory: Path, before: Generation | None) -> Generation:
    """The latest commit in ``directory``, with the records of segments that ``before`` has read already.

    Whoosh's reader is closed again: it keeps copies of whole files, and answers come from the arrays.
    """
    known = before.held if before and before.directory == directory else {}
    with closing(storage.open_reader(directory)) as reader:
        try:
            watermark = storage.read_watermark(Searcher(reader))
            held = _records(directory, reader, known)
        except (FileNotFoundError, DamagedIndexError):
            raise
        except Exception as error:  # whatever a torn file makes Whoosh or pydantic raise
            raise DamagedIndexError("索引内容读不出来") from error
        return _generation(directory, reader, watermark, held)


def _generation(directory: Path, reader: Any, watermark: int, held: Held) -> Generation:
    found = _numbered(reader, held)
    records = [one for _, one in found]
    positions = np.full(reader.doc_count_all(), -1, dtype=np.int32)
    positions[[number for number, _ in found]] = np.arange(len(found), dtype=np.int32)
    parents = {title: at for at, title in enumerate(dict.fromkeys(parent_of(one.title) for one in records))}
    parent = np.array([parents[parent_of(one.title)] for one in records], dtype=np.intp)
    return Generation(
        directory=directory,
        number=reader.generation(),
        watermark=watermark,
        table=Table(records),
        scorer=Scorer(storage.segments(reader, directory), positions, len(found)),
        ids=tuple(one.id for one in records),
        parents=parent,
        siblings=np.bincount(parent, minlength=len(parents)),
        held=held,
    )
