"""Golden companies: what a company tells, the day, and the verdicts it must get (``policies/golden``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from kb import yamlfile
from kb.domain.company import Told
from kb.domain.relief import EntryId, Text, Value
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import tell
from kb.errors import EntryFileError, KbError

Listed = Literal["eligible", "possible", "ineligible", "unchecked", "upcoming", "absent"]
"""Where a relief stands in the answer of a day; ``absent`` is in none of its lists."""
_MESSAGES = {
    "missing": "缺少必填的键 {name}",
    "extra_forbidden": "没有「{name}」这个键，可用：{known}",
    "literal_error": "{name} 不能写 {input}，可用：{expected}",
    "too_short": "{name} 不能为空",
    "string_too_short": "{name} 不能为空",
    "date_from_datetime_parsing": "{name} 要写成 2020-03-10 这样的日期，现在是 {input}",
}


class _Expected(Value):
    relief: Text
    verdict: Listed
    why: str = ""


class _File(Value):
    id: EntryId
    what: Text
    as_of: date
    company: dict[str, Any]
    expect: tuple[_Expected, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Expectation:
    """The verdict that a relief (``entry#relief``) must get, why in words, and its line in the file."""

    relief: str
    verdict: Listed
    why: str
    line: int


@dataclass(frozen=True)
class Golden:
    """A company of known facts on a day, with what was worked out for it by hand; ``what`` in a sentence."""

    id: str
    what: str
    day: date
    told: Told
    expect: tuple[Expectation, ...]
    path: Path


def read_all(folder: Path, taxonomy: Taxonomy) -> tuple[tuple[Golden, ...], tuple[EntryFileError, ...]]:
    """Every golden company of a folder by id, and all that is wrong in its files, with path and line."""
    found, errors = [], []
    for path in sorted(folder.glob("*.yml")):
        try:
            found.append(read(path, taxonomy))
        except ExceptionGroup as group:
            errors += [error for error in group.exceptions if isinstance(error, EntryFileError)]
    return tuple(found), tuple(errors)


def read(path: Path, taxonomy: Taxonomy) -> Golden:
    """The company of one file; an exception group of :class:`EntryFileError` names all that is wrong."""
    try:
        document = yamlfile.read(path)
        file = _File.model_validate(document.data)
    except EntryFileError as error:
        raise ExceptionGroup(str(path), [error]) from error
    except ValidationError as error:
        raise ExceptionGroup(str(path), list(_explain(document, error))) from error
    if errors := list(_wrong(document, file, taxonomy)):
        raise ExceptionGroup(str(path), errors)
    told = tell(taxonomy, [(key, _text(value)) for key, value in file.company.items()])
    lines = [document.line(("expect", number)) for number in range(len(file.expect))]
    expect = (
        Expectation(one.relief, one.verdict, one.why, line)
        for one, line in zip(file.expect, lines, strict=True)
    )
    return Golden(file.id, file.what, file.as_of, told, tuple(expect), path)


def _explain(document: yamlfile.Document, error: ValidationError) -> Iterator[EntryFileError]:
    for detail in error.errors(include_url=False):
        yield document.error(detail["loc"], _message(detail))


def _message(detail: ErrorDetails) -> str:
    place = detail["loc"]
    name = str(place[-1]) if place else "文件"
    template = _MESSAGES.get(detail["type"], "{name} 不合要求：{input}")
    model: type[Value] = _Expected if "expect" in place else _File
    context: Mapping[str, Any] = detail.get("ctx", {})
    return template.format(
        name=name,
        input=str(detail["input"])[:60],
        expected=context.get("expected", ""),
        known="、".join(model.model_fields),
    )


def _wrong(document: yamlfile.Document, file: _File, taxonomy: Taxonomy) -> Iterator[EntryFileError]:
    """What the form alone does not show: the name of the file, facts, a relief told twice."""
    if document.path.stem != file.id:
        yield document.error(("id",), f"文件名应为 {file.id}.yml（与 id 一致）")
    for key, value in file.company.items():
        try:
            tell(taxonomy, [(key, _text(value))])
        except KbError as error:
            yield document.error(("company", key), str(error))
    reliefs = [one.relief for one in file.expect]
    for number, relief in enumerate(reliefs):
        if relief in reliefs[:number]:
            yield document.error(("expect", number), f"{relief} 写了两次")


def _text(value: Any) -> str:
    """A value of the file as people would type it: lists joined, truths as 是 and 否."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
