"""Plain data read as an entry, or what is wrong with it: the one reading for files, forms, sheets and drafts.

Every mistake is named by its place in the record, so that a file can give the line and a form the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kb.domain.checks import check_entry, check_relations, hint
from kb.domain.entry import Entry
from kb.domain.findings import Finding, Path
from kb.domain.taxonomy import Taxonomy

_MESSAGES = {
    "missing": "缺少必填的键 {name}",
    "string_type": "{name} 要写成文字；数字和代码要加引号",
    "string_pattern_mismatch": "{name} 的写法不对：{input}（id 用小写字母、数字和连字符，代码是六位数字）",
    "string_too_short": "{name} 不能为空",
    "string_too_long": "{name} 太长：{input}",
    "date_from_datetime_parsing": "{name} 要写成 2020-02-20 这样的日期，现在是 {input}",
    "date_parsing": "{name} 要写成 2020-02-20 这样的日期，现在是 {input}",
    "date_type": "{name} 要写成 2020-02-20 这样的日期，现在是 {input}",
    "date_from_datetime_inexact": "{name} 只写日期，不写时刻",
    "literal_error": "{name} 不能写 {input}，可用：{expected}",
    "model_type": "{name} 下面要写成键值，现在是 {input}",
    "dict_type": "{name} 下面要写成键值，现在是 {input}",
    "tuple_type": "{name} 要写成列表（- 开头，或 [a, b]），现在是 {input}",
    "decimal_parsing": "{name} 要写成数，现在是 {input}",
    "int_parsing": "{name} 要写成整数，现在是 {input}",
    "int_from_float": "{name} 要写成整数，现在是 {input}",
    "bool_parsing": "{name} 要写 true 或 false，现在是 {input}",
}


def read_record(
    data: Any, taxonomy: Taxonomy, known: Mapping[str, frozenset[str]] | None = None
) -> tuple[Entry | None, tuple[Finding, ...]]:
    """The entry that plain data stands for, or what is wrong with it (never both).

    With ``known`` (published entry ids and their relief ids) relations must lead somewhere too.
    """
    try:
        entry = Entry.model_validate(data)
    except ValidationError as error:
        return None, tuple(_explain(data, error))
    findings = check_entry(entry, taxonomy)
    if known is not None:
        findings += check_relations(entry, {**known, entry.id: frozenset(one.id for one in entry.reliefs)})
    return (None, tuple(findings)) if findings else (entry, ())


def _explain(data: Any, error: ValidationError) -> Iterator[Finding]:
    """Each mistake once: a value that may be of several types is complained of by each of them."""
    seen: set[Path] = set()
    for detail in error.errors(include_url=False):
        place = _real_place(data, detail)
        if _is_derived(data, detail) or (place in seen and _is_one_of_several(data, detail)):
            continue
        seen.add(place)
        yield Finding(place, words_for(detail), detail["type"])


def _is_derived(data: Any, detail: ErrorDetails) -> bool:
    """``known_on`` taken over from a bad ``issued_on``."""
    return bool(detail["loc"]) and detail["loc"][0] not in data and detail["type"] != "missing"


def _is_one_of_several(data: Any, detail: ErrorDetails) -> bool:
    return detail["type"] != "missing" and len(_held_place(data, detail["loc"])) < len(detail["loc"])


def _real_place(data: Any, detail: ErrorDetails) -> Path:
    """The place of a mistake: of what is missing the key itself, otherwise what stands in the data."""
    loc = detail["loc"]
    return tuple(loc) if detail["type"] == "missing" else _held_place(data, loc)


def _held_place(data: Any, loc: tuple[str | int, ...]) -> Path:
    """The part of a pydantic location that stands in the data (unions add names of types)."""
    place: list[str | int] = []
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        place.append(step)
    return tuple(place)


def words_for(detail: ErrorDetails, root: type[BaseModel] = Entry) -> str:
    """What to do about a mistake that pydantic found in the data of ``root``."""
    name = str(detail["loc"][-1]) if detail["loc"] else "条目"
    if detail["type"] == "extra_forbidden":
        return f"没有「{name}」这个键。{hint(name, keys_at(detail['loc'][:-1], root))}"
    if detail["type"] == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    shown = repr(detail["input"])[:60]
    context = detail.get("ctx", {})
    template = _MESSAGES.get(detail["type"])
    if template is None:
        return f"{name} 不合要求：{shown}（{detail['msg']}）"
    return template.format(name=name, input=shown, expected=context.get("expected", ""))


def keys_at(path: Path, root: type[BaseModel] = Entry) -> list[str]:
    """The keys the record has at a place, following the models' own annotations."""
    model = root
    for step in path:
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
