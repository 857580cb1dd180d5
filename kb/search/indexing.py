"""Keeping the index level with the store: changes in order, in chunks, under a lock; rebuilding beside."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kb.search import storage
from kb.search.analysis import Segmenter, segmenter
from kb.search.record import Record, record_of
from kb.search.schema import WATERMARK_ID, document, index_version
from kb.search.storage import DamagedIndexError
from kb.store import changes, entries
from kb.store.changes import Change
from kb.store.database import Database

CHUNK = 300
MEMORY_MB = 512
LOCK_SECONDS = 600.0
_verified: dict[tuple[Path, str], int] = {}


@dataclass(frozen=True)
class IndexSettings:
    """Where the index is and the lexicon it is cut with."""

    root: Path
    lexicon: tuple[str, ...]

    @property
    def version(self) -> str:
        return index_version(self.lexicon)

    @property
    def segmenter(self) -> Segmenter:
        return segmenter(self.lexicon)


def apply(settings: IndexSettings, db: Database, batch: Sequence[Change]) -> int:
    """Bring the entries of ``batch`` into the index as they are now; the new watermark.

    The watermark is stored in the same commit. The caller holds the lock.
    """
    directory = storage.current(settings.root)
    index = storage.open_index(directory)
    ids = list(dict.fromkeys(change.entry_id for change in batch))
    storage.begin_commit(directory)
    writer = index.writer(limitmb=MEMORY_MB)
    try:
        for entry_id in ids:
            record = _record(db, entry_id)
            if record is None:
                writer.delete_by_term("id", entry_id)
            else:
                writer.update_document(**document(record, settings.segmenter))
        writer.update_document(id=WATERMARK_ID, watermark=batch[-1].number)
        writer.commit()
    except BaseException:
        _give_up(writer)
        raise
    storage.end_commit(directory, settings.version)
    _verified[directory, settings.version] = storage.generation(directory)
    return batch[-1].number


def _record(db: Database, entry_id: str) -> Record | None:
    """The record of an entry as it is now; ``None`` if it is not (or no longer) published."""
    held = entries.get(db, entry_id)
    if held is None or held.state != "published":
        return None
    return record_of(held.entry, held.version.number, entries.amendments_to(db, entry_id))


def catch_up(settings: IndexSettings, db: Database, timeout: float = LOCK_SECONDS) -> bool:
    """Apply every change the index lacks, or rebuild it if it cannot be used.

    False if another process held the lock for ``timeout`` seconds: then it is at it already.
    """
    with storage.locked(settings.root, timeout) as mine:
        if not mine:
            return False
        try:
            _apply_all(settings, db, _watermark(settings))
        except DamagedIndexError:
            _rebuild(settings, db)
        except OSError as error:
            raise storage.told_if_full(error, settings.root) from error
    return True


def _apply_all(settings: IndexSettings, db: Database, number: int) -> None:
    if number > changes.last_number(db):
        raise DamagedIndexError("索引比数据库还新")
    while batch := changes.since(db, number, CHUNK):
        number = apply(settings, db, batch)
        gc.collect(1)  # Whoosh's writer goes round in circles and would keep files of deleted segments open


def _watermark(settings: IndexSettings) -> int:
    directory = storage.current(settings.root)
    check(settings, directory)
    return _watermark_of(directory, storage.generation(directory))


@lru_cache(maxsize=8)
def _watermark_of(directory: Path, _generation: int) -> int:
    """The watermark of one commit, read once: a commit never changes and no directory's name comes again."""
    with storage.open_index(directory).searcher() as searcher:
        return storage.read_watermark(searcher)


def check(settings: IndexSettings, directory: Path) -> None:
    """Look for damage, once for each commit this process meets."""
    at = storage.generation(directory)
    if at < 0 or _verified.get((directory, settings.version)) != at:
        _verified[directory, settings.version] = storage.verify(directory, settings.version)


def rebuild(settings: IndexSettings, db: Database, timeout: float = LOCK_SECONDS) -> bool:
    """Build the index anew beside the old one and swap; false if the lock was not to be had."""
    with storage.locked(settings.root, timeout) as mine:
        if mine:
            _rebuild(settings, db)
    return mine


def _rebuild(settings: IndexSettings, db: Database) -> None:
    number = changes.last_number(db)
    records = (record for entry_id in entries.reliefs_by_entry(db) if (record := _record(db, entry_id)))
    try:
        directory = build(settings, records, number)
        storage.point_to(settings.root, directory)
    except OSError as error:
        raise storage.told_if_full(error, settings.root) from error
    _verified[directory, settings.version] = storage.generation(directory)
    _apply_all(settings, db, number)


def build(
    settings: IndexSettings,
    records: Iterable[Record],
    number: int,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Path:
    """A new index directory with ``records`` in one commit, not yet pointed to."""
    directory = storage.new_directory(settings.root)
    writer = storage.create_index(directory).writer(limitmb=MEMORY_MB)
    try:
        for record in progress(records):
            writer.add_document(**document(record, settings.segmenter))
        writer.add_document(id=WATERMARK_ID, watermark=number)
        writer.commit()
    except BaseException:
        _give_up(writer)
        shutil.rmtree(directory, ignore_errors=True)
        raise
    storage.end_commit(directory, settings.version)
    return directory


def _give_up(writer: Any) -> None:
    """Release what a failed writer holds; what it raises on the way says nothing new."""
    with suppress(Exception):
        writer.cancel()
