"""Entry files: YAML to Entry with errors that name file, line and what to do, and back byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kb import yamlfile
from kb.domain.checks import check_entry, check_relations, hint
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError, KbError

FLOW = frozenset(
    {"sizes", "industries", "include", "exclude", "needs", "types", "value", "aliases", "issuers"}
)
_MESSAGES = {
    "missing": "缺少必填的键 {name}",
    "string_type": "{name} 要写成文字；数字和代码要加引号",
    "string_pattern_mismatch": "{name} 的写法不对：{input}（id 用小写字母、数字和连字符，代码是六位数字）",
    "string_too_short": "{name} 不能为空",
    "date_from_datetime_parsing": "{name} 要写成 2020-02-20 这样的日期，现在是 {input}",
    "date_type": "{name} 要写成 2020-02-20 这样的日期，现在是 {input}",
    "date_from_datetime_inexact": "{name} 只写日期，不写时刻",
    "literal_error": "{name} 不能写 {input}，可用：{expected}",
    "model_type": "{name} 下面要写成键值，现在是 {input}",
    "dict_type": "{name} 下面要写成键值，现在是 {input}",
    "tuple_type": "{name} 要写成列表（- 开头，或 [a, b]），现在是 {input}",
    "decimal_parsing": "{name} 要写成数，现在是 {input}",
    "int_parsing": "{name} 要写成整数，现在是 {input}",
}


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
    try:
        entry = Entry.model_validate(document.data)
    except ValidationError as error:
        return None, list(_explain(document, error))
    findings = check_entry(entry, taxonomy)
    errors = [document.error(finding.path, finding.message) for finding in findings]
    errors += _misplaced(document, entry)
    return (None, errors) if errors else (EntryFile(path, document.text, entry), [])


def _misplaced(document: yamlfile.Document, entry: Entry) -> list[EntryFileError]:
    """The file's name must be the id and its folder the kind, so that anyone finds it again."""
    errors = []
    if document.path.stem != entry.id:
        errors.append(document.error(("id",), f"文件名应为 {entry.id}.yml（与 id 一致）"))
    parent = document.path.parent
    if parent.parent.name == "entries" and parent.name != entry.kind:
        errors.append(document.error(("kind",), f"kind 是 {entry.kind}，文件应放在 entries/{entry.kind}/"))
    return errors


def _explain(document: yamlfile.Document, error: ValidationError) -> Iterator[EntryFileError]:
    for detail in error.errors(include_url=False):
        derived = detail["loc"] and detail["loc"][0] not in document.data and detail["type"] != "missing"
        if derived:  # known_on taken over from a bad issued_on
            continue
        place = _real_place(document, detail["loc"])
        yield document.error(place, _message(detail))


def _real_place(document: yamlfile.Document, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of a pydantic location that stands in the file (unions add names of types)."""
    node: Any = document.data
    place: list[str | int] = []
    for step in loc:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
        place.append(step)
    return tuple(place)


def _message(detail: ErrorDetails) -> str:
    name = str(detail["loc"][-1]) if detail["loc"] else "条目"
    if detail["type"] == "extra_forbidden":
        return f"没有「{name}」这个键。{hint(name, _keys_at(detail['loc'][:-1]))}"
    if detail["type"] == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    shown = repr(detail["input"])[:60]
    context = detail.get("ctx", {})
    template = _MESSAGES.get(detail["type"])
    if template is None:
        return f"{name} 不合要求：{shown}（{detail['msg']}）"
    return template.format(name=name, input=shown, expected=context.get("expected", ""))


def _keys_at(loc: tuple[str | int, ...]) -> list[str]:
    """The keys the record has at a place, following the models' own annotations."""
    model: type[BaseModel] = Entry
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found:
            return found
    return None


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
