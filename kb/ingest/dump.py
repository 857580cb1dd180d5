"""``kb dump``: what is published back into entry files, byte for byte as ``kb load`` read them.

Loading, dumping and loading again changes nothing. A file that was changed since it was last loaded is left
alone, and so is the file of an entry that was withdrawn: whether it goes is for whoever keeps the files.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kb import yamlfile
from kb.errors import KbError
from kb.ingest import entryfile
from kb.ingest.load import Outcome, sha256
from kb.store import entries, files
from kb.store.database import Database

ADVICE = {
    "file-changed": "{path} 在上次载入后改过，写回会丢掉那些改动；请先 kb load，再处理草稿",
    "unknown-file": "{path} 已经在了，却还没有载入过，写回会盖掉它；请先 kb load，或把它移开",
    "withdrawn": "{id} 已撤下，文件 {path} 没有动；用不着了请用 git rm 删去，留着也不会再发布",
    "absent": "没有已发布的条目 {id}；用 kb search 查编号",
}
"""What a person has to do about an outcome that wrote nothing."""
REFUSED = frozenset({"file-changed", "unknown-file"})
"""Outcomes where the file does not hold what is published."""


def advice(outcome: Outcome) -> str | None:
    """What to do about an outcome; ``None`` where there is nothing to do."""
    template = ADVICE.get(outcome.what)
    return template.format(id=outcome.entry_id, path=outcome.path) if template else None


def dump(db: Database, root: Path, entry_ids: Iterable[str]) -> list[Outcome]:
    """Write the given entries to their files, or to new ones under ``root``; those that were not unchanged.

    :class:`KbError` at the first one that cannot be written.
    """
    known = files.remembered(db)
    outcomes = []
    for entry_id in entry_ids:
        outcome = _settle(db, root, entry_id, known.get(entry_id))
        if problem := advice(outcome):
            raise KbError(problem)
        outcomes.append(outcome)
    return [outcome for outcome in outcomes if outcome.what != "unchanged"]


def dump_all(db: Database, root: Path) -> list[Outcome]:
    """Write every published entry that its file does not hold; what became of each that was not unchanged.

    ``what`` is ``written`` or a key of :data:`ADVICE`. A file that cannot be written stops nobody else's.
    """
    known = files.remembered(db)
    ids = known.keys() | {one.entry.id for one in entries.all_current(db)}
    outcomes = [_settle(db, root, entry_id, known.get(entry_id)) for entry_id in sorted(ids)]
    return [outcome for outcome in outcomes if outcome.what not in ("unchanged", "absent")]


def _settle(db: Database, root: Path, entry_id: str, held: files.Remembered | None) -> Outcome:
    current = entries.get(db, entry_id)
    if current is None or current.state != "published":
        remains = held is not None and Path(held.path).exists()
        return Outcome(entry_id, held.path if held else "", "withdrawn" if current and remains else "absent")
    path = _place(root, current, held)
    before = yamlfile.read_text(path) if path.exists() else None
    if held and before is not None:
        if sha256(before) != held.sha256:
            return Outcome(entry_id, str(path), "file-changed")
        if held.version == current.version.number:
            return Outcome(entry_id, str(path), "unchanged")
    elif before is not None and before != entryfile.dump(current.entry):
        return Outcome(entry_id, str(path), "unknown-file")
    return _write(db, current, path, before)


def _place(root: Path, current: entries.Published, held: files.Remembered | None) -> Path:
    """Where the entry's file is, or belongs: one remembered from a folder that is gone counts for nothing."""
    root = root.resolve()
    if held and (Path(held.path).exists() or Path(held.path).is_relative_to(root)):
        return Path(held.path)
    return root / "entries" / current.entry.kind / f"{current.entry.id}.yml"


def _write(db: Database, current: entries.Published, path: Path, before: str | None) -> Outcome:
    entry = current.entry
    text = entryfile.dump(entry, before)
    if text != before:
        yamlfile.save(path, text)
    files.remember(db, entry.id, str(path), sha256(text), current.version.number)
    return Outcome(entry.id, str(path), "written" if text != before else "unchanged")
