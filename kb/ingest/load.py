"""``kb load``: entry files into the store, without losing either side's work.

Git is the review of files, so a changed file is published at once, unless the store has changed too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError
from kb.ingest import entryfile
from kb.store import drafts, entries, files
from kb.store.database import Database, writing

CHUNK = 200


@dataclass(frozen=True)
class Outcome:
    """What became of one file or entry.

    ``what`` is new, changed, unchanged, store-ahead (the store stays; dump it), conflict (the file
    became a draft), vanished (its file is gone; still published), withdrawn (its file is still there).
    """

    entry_id: str
    path: str
    what: str


@dataclass(frozen=True)
class Report:
    """All outcomes of a load, and the files that could not be read."""

    outcomes: tuple[Outcome, ...]
    errors: tuple[EntryFileError, ...]

    def count(self, what: str) -> int:
        return sum(outcome.what == what for outcome in self.outcomes)

    @property
    def clean(self) -> bool:
        """True if nothing needs a person."""
        return not self.errors and not self.count("conflict")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def load(
    db: Database,
    root: Path,
    taxonomy: Taxonomy,
    by: str = "kb load",
    progress: Callable[[Iterable[Path]], Iterable[Path]] = iter,
) -> Report:
    """Publish the entry files under ``root``. Bad files are reported and skipped; the rest goes on.

    A file whose bytes are those last loaded is not even parsed. Written in chunks, each a transaction,
    so an interrupted load is completed by the next.
    """
    root = root.resolve()
    known = files.remembered(db)
    read, errors, same = _read(root, taxonomy, known, progress, entries.reliefs_by_entry(db))
    outcomes = [_settle_unchanged(db, remembered, known[remembered.entry_id].path) for remembered in same]
    for start in range(0, len(read), CHUNK):
        with writing(db):
            for file in read[start : start + CHUNK]:
                outcomes.append(_settle(db, file, known.get(file.entry.id), by))
    outcomes += _vanished(db, root)
    return Report(tuple(outcomes), tuple(errors))


def _read(
    root: Path,
    taxonomy: Taxonomy,
    known: dict[str, files.Remembered],
    progress: Callable[[Iterable[Path]], Iterable[Path]],
    elsewhere: dict[str, frozenset[str]],
) -> tuple[list[entryfile.EntryFile], list[EntryFileError], list[files.Remembered]]:
    fresh: list[Path] = []
    same: list[files.Remembered] = []
    for path in entryfile.paths(root):
        held = known.get(path.stem)
        if held and held.sha256 == _hash_of(path) and _is_its_place(held, path):
            same.append(replace(held, path=str(path)))
        else:
            fresh.append(path)
    read, errors = entryfile.read_all(progress(fresh), taxonomy, elsewhere)
    return read, errors, same


def _is_its_place(held: files.Remembered, path: Path) -> bool:
    """Whether this is the file that is remembered, in a checkout that may have moved as a whole."""
    return held.path == str(path) or not Path(held.path).exists()


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _settle_unchanged(db: Database, held: files.Remembered, place: str) -> Outcome:
    if held.path != place:
        files.remember(db, held.entry_id, held.path, held.sha256, held.version)
    current = entries.get(db, held.entry_id)
    if current is not None and current.state != "published":
        return Outcome(held.entry_id, held.path, "withdrawn")
    ahead = current is not None and current.version.number > held.version
    return Outcome(held.entry_id, held.path, "store-ahead" if ahead else "unchanged")


def _settle(db: Database, file: entryfile.EntryFile, held: files.Remembered | None, by: str) -> Outcome:
    entry, path, digest = file.entry, str(file.path), sha256(file.text)
    current = entries.get(db, entry.id)
    if current is None:
        return _publish(db, file, by, "new")
    if entries.to_json(current.entry) == entries.to_json(entry):
        files.remember(db, entry.id, path, digest, current.version.number)
        return Outcome(entry.id, path, "unchanged" if current.state == "published" else "withdrawn")
    if held is None or current.version.number > held.version or current.state != "published":
        drafts.keep_of_file(db, entry, path, digest, held.version if held else None)
        return Outcome(entry.id, path, "conflict")
    return _publish(db, file, by, "changed")


def _publish(db: Database, file: entryfile.EntryFile, by: str, what: str) -> Outcome:
    version = entries.publish(db, file.entry, by, f"从文件载入：{file.path.name}")
    if version:
        files.remember(db, file.entry.id, str(file.path), sha256(file.text), version.number)
    return Outcome(file.entry.id, str(file.path), what)


def _vanished(db: Database, root: Path) -> Iterator[Outcome]:
    for held in files.remembered(db).values():
        path = Path(held.path)
        if path.is_relative_to(root) and not path.exists():
            current = entries.get(db, held.entry_id)
            if current and current.state == "published":
                yield Outcome(held.entry_id, held.path, "vanished")
