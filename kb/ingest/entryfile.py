"""Entry files: YAML to Entry with errors that name file, line and what to do, and back byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import yamlfile
from kb.domain.checks import check_relations
from kb.domain.entry import Entry
from kb.domain.reading import read_record
from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError, KbError

FLOW = frozenset(
    {"sizes", "industries", "include", "exclude", "needs", "types", "value", "aliases", "issuers"}
)


@dataclass(frozen=True)
class EntryFile:
    """One entry file, read and found in order."""

    path: Path
    text: str
    entry: Entry


def paths(root: Path) -> list[Path]:
    """Every entry file under ``root``, or ``root`` itself if it is a file. Unknown places are errors."""
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise KbError(f"没有这个文件或目录：{root}")
    entries = root / "entries" if (root / "entries").is_dir() else root
    return sorted(p for p in entries.rglob("*") if p.suffix in (".yml", ".yaml") and p.is_file())


def read(path: Path, taxonomy: Taxonomy) -> tuple[EntryFile | None, list[EntryFileError]]:
    """The entry of one file, or what is wrong with it (never both)."""
    try:
        document = yamlfile.read(path)
    except EntryFileError as error:
        return None, [error]
    entry, findings = read_record(document.data, taxonomy)
    errors = [document.error(finding.path, finding.message) for finding in findings]
    if entry:
        errors += _misplaced(document, entry)
    return (EntryFile(path, document.text, entry), []) if entry and not errors else (None, errors)


def _misplaced(document: yamlfile.Document, entry: Entry) -> list[EntryFileError]:
    """The file's name must be the id and its folder the kind, so that anyone finds it again."""
    errors = []
    if document.path.stem != entry.id:
        errors.append(document.error(("id",), f"文件名应为 {entry.id}.yml（与 id 一致）"))
    parent = document.path.parent
    if parent.parent.name == "entries" and parent.name != entry.kind:
        errors.append(document.error(("kind",), f"kind 是 {entry.kind}，文件应放在 entries/{entry.kind}/"))
    return errors


def read_all(
    files_to_read: Iterable[Path],
    taxonomy: Taxonomy,
    elsewhere: Mapping[str, frozenset[str]] | None = None,
) -> tuple[list[EntryFile], list[EntryFileError]]:
    """The given entry files and all that is wrong, duplicates and dangling relations included.

    ``elsewhere`` are entries already published (id to relief ids) that relations may also point to.
    """
    files: list[EntryFile] = []
    errors: list[EntryFileError] = []
    for path in files_to_read:
        file, problems = read(path, taxonomy)
        errors += problems
        if file:
            files.append(file)
    files, twice = _unique(files)
    known = dict(elsewhere or {})
    known.update({file.entry.id: frozenset(r.id for r in file.entry.reliefs) for file in files})
    dangling = [error for file in files for error in _dangling(file, known)]
    bad = {error.path for error in dangling}
    return [file for file in files if str(file.path) not in bad], errors + twice + dangling


def _unique(files: list[EntryFile]) -> tuple[list[EntryFile], list[EntryFileError]]:
    first: dict[str, EntryFile] = {}
    errors = []
    for file in files:
        other = first.setdefault(file.entry.id, file)
        if other is not file:
            errors.append(EntryFileError(file.path, 1, f"id {file.entry.id} 与 {other.path} 重复"))
    return list(first.values()), errors


def _dangling(file: EntryFile, known: dict[str, frozenset[str]]) -> list[EntryFileError]:
    findings = check_relations(file.entry, known)
    if not findings:
        return []
    document = yamlfile.parse(file.text, file.path)
    return [document.error(finding.path, finding.message) for finding in findings]


def dump(entry: Entry, before: str | None = None) -> str:
    """The canonical text of an entry; comments of the text ``before`` are kept."""
    return yamlfile.write(_sparse(entry), FLOW, before)


def _sparse(entry: Entry) -> dict[str, Any]:
    data = entry.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    ordered = {name: data[name] for name in Entry.model_fields if name in data}
    if ordered.get("known_on") == ordered.get("issued_on"):
        del ordered["known_on"]
    return {key: _lists(part) for key, part in ordered.items() if part not in ({}, ())}


def _lists(value: Any) -> Any:
    """Tuples as lists, empty values dropped, so that a file says only what it means."""
    if isinstance(value, dict):
        return {key: _lists(part) for key, part in value.items() if part not in ({}, ())}
    if isinstance(value, tuple | list):
        return [_lists(part) for part in value]
    return value


def reformat(files: Iterable[EntryFile]) -> list[Path]:
    """Rewrite files that are not in canonical form; which ones were."""
    changed = []
    for file in files:
        text = dump(file.entry, file.text)
        if text != file.text:
            file.path.write_text(text, encoding="utf-8")
            changed.append(file.path)
    return changed
