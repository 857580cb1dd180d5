"""``kb load`` and ``kb dump``: entry files into the store and back, without losing either side's work.

Git is the review of files, so a changed file is published at once, unless the store has changed too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError, KbError
from kb.ingest import entryfile
from kb.store import entries, files
from kb.store.database import Database, writing

CHUNK = 200


@dataclass(frozen=True)
class Outcome:
    """What became of one file or entry.

    ``what`` is new, changed, unchanged, store-ahead (the store stays; dump it), conflict (the file
    became a draft), vanished (its file is gone; still published).
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
    outcomes = [_settle_unchanged(db, remembered) for remembered in same]
    for start in range(0, len(read), CHUNK):
        with writing(db):
            for file in read[start : start + CHUNK]:
                outcomes.append(_settle(db, file, known.get(file.entry.id), by))
    outcomes += _vanished(known, root)
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
        if held and held.path == str(path) and held.sha256 == _hash_of(path):
            same.append(held)
        else:
            fresh.append(path)
    read, errors = entryfile.read_all(progress(fresh), taxonomy, elsewhere)
    return read, errors, same


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _settle_unchanged(db: Database, held: files.Remembered) -> Outcome:
    current = entries.get(db, held.entry_id)
    ahead = current is not None and current.version.number > held.version
    return Outcome(held.entry_id, held.path, "store-ahead" if ahead else "unchanged")


def _settle(db: Database, file: entryfile.EntryFile, held: files.Remembered | None, by: str) -> Outcome:
    entry, path, digest = file.entry, str(file.path), sha256(file.text)
    current = entries.get(db, entry.id)
    if current is None:
        return _publish(db, file, by, "new")
    if entries.to_json(current.entry) == entries.to_json(entry) and current.state == "published":
        files.remember(db, entry.id, path, digest, current.version.number)
        return Outcome(entry.id, path, "unchanged")
    if held is None or current.version.number > held.version or current.state != "published":
        files.keep_draft(db, entry, path, digest, held.version if held else None)
        return Outcome(entry.id, path, "conflict")
    return _publish(db, file, by, "changed")


def _publish(db: Database, file: entryfile.EntryFile, by: str, what: str) -> Outcome:
    version = entries.publish(db, file.entry, by, f"从文件载入：{file.path.name}")
    if version:
        files.remember(db, file.entry.id, str(file.path), sha256(file.text), version.number)
    return Outcome(file.entry.id, str(file.path), what)


def _vanished(known: dict[str, files.Remembered], root: Path) -> Iterator[Outcome]:
    for held in known.values():
        path = Path(held.path)
        if path.is_relative_to(root) and not path.exists():
            yield Outcome(held.entry_id, held.path, "vanished")


def dump(db: Database, root: Path, entry_ids: Iterable[str]) -> list[Path]:
    """Write entries back to their files under ``root/entries/<kind>/``; the files that changed."""
    known = files.remembered(db)
    return [path for entry_id in entry_ids if (path := _dump_one(db, root, entry_id, known.get(entry_id)))]


def _dump_one(db: Database, root: Path, entry_id: str, held: files.Remembered | None) -> Path | None:
    current = entries.get(db, entry_id)
    if current is None or current.state != "published":
        raise KbError(f"没有已发布的条目 {entry_id}；用 kb search 查编号")
    entry = current.entry
    path = Path(held.path) if held else root / "entries" / entry.kind / f"{entry_id}.yml"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    if held and before is not None and sha256(before) != held.sha256:
        raise KbError(f"{path} 在上次载入后改过，写回会丢掉那些改动；请先 kb load，再处理草稿")
    text = entryfile.dump(entry, before)
    if text != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    files.remember(db, entry_id, str(path), sha256(text), current.version.number)
    return path if text != before else None
