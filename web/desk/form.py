"""The record as the fields of a form and back, and what its buttons add, move and remove.

Names follow the record: ``reliefs-0-conditions-1-text``. Data may be unfinished and need not validate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from kb.domain.taxonomy import Taxonomy
from web.desk.codec import CODECS, Texts
from web.desk.fields import ENTRY, node_at
from web.desk.nodes import Field, Part, Rows

Form = Mapping[str, Texts]
Data = dict[str, Any]
MOST_ROWS = 1000
"""More of one list than any document has; a form that claims more is no form of ours."""


# -- data to fields --------------------------------------------------------------------------------


def encode(data: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, list[str]]:
    """The texts of every field of the form for ``data``, empty ones included."""
    return dict(_encode_part(ENTRY, data, "", taxonomy))


def _encode_part(
    part: Part, data: Mapping[str, Any], prefix: str, taxonomy: Taxonomy
) -> Iterator[tuple[str, list[str]]]:
    for node in part.nodes:
        if isinstance(node, Field):
            yield from _encode_field(node, data, prefix, taxonomy)
        elif isinstance(node, Part):
            inner = _mapping(data.get(node.name)) if node.name else data
            yield from _encode_part(node, inner, _below(prefix, node), taxonomy)
        else:
            rows = data.get(node.name)
            for number, row in enumerate(rows if isinstance(rows, list | tuple) else ()):
                inner = {"text": row} if isinstance(row, str) else _mapping(row)
                yield from _encode_part(node.each, inner, f"{prefix}{node.name}-{number}-", taxonomy)


def _encode_field(
    node: Field, data: Mapping[str, Any], prefix: str, taxonomy: Taxonomy
) -> Iterator[tuple[str, list[str]]]:
    value = data.get(node.name)
    if node.kind == "notes":
        for key, text in _mapping(value).items():
            yield f"{prefix}{node.name}-{key}", [str(text)]
    else:
        empty = value is None or value == [] or value == ()
        yield prefix + node.name, [] if empty else CODECS[node.kind].show(value, data, taxonomy)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _below(prefix: str, part: Part) -> str:
    return f"{prefix}{part.name}-" if part.name else prefix


# -- fields to data --------------------------------------------------------------------------------


def decode(form: Form, taxonomy: Taxonomy) -> Data:
    """The data that the fields say. Unknown names are ignored; what cannot be read stays as typed."""
    return _decode_part(ENTRY, form, "", taxonomy)


def _decode_part(part: Part, form: Form, prefix: str, taxonomy: Taxonomy) -> Data:
    data: Data = {}
    for node in part.nodes:
        if isinstance(node, Field):
            value = _decode_field(node, form, prefix, data, taxonomy)
        elif isinstance(node, Part):
            inner = _decode_part(node, form, _below(prefix, node), taxonomy)
            _merge(data, {node.name: inner} if node.name else inner)
            continue
        else:
            value = _decode_rows(node, form, prefix, taxonomy)
        if value not in (None, {}, []):
            data[node.name] = value
    return data


def _merge(data: Data, more: Data) -> None:
    """Add what another part of the form says; regions stand in two of them."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(data.get(name), dict):
            data[name] = {**data[name], **value}
        elif value not in (None, {}, []):
            data[name] = value


def _decode_field(node: Field, form: Form, prefix: str, data: Data, taxonomy: Taxonomy) -> Any:
    if node.kind != "notes":
        return CODECS[node.kind].read(form.get(prefix + node.name, ()), data, taxonomy)
    start = f"{prefix}{node.name}-"
    found = {
        name.removeprefix(start): CODECS["line"].read(form[name], data, taxonomy)
        for name in form
        if name.startswith(start)
    }
    return {key: text for key, text in found.items() if text}


def _decode_rows(node: Rows, form: Form, prefix: str, taxonomy: Taxonomy) -> list[Data]:
    start = f"{prefix}{node.name}-"
    return [
        _decode_part(node.each, form, f"{start}{number}-", taxonomy) for number in row_numbers(form, start)
    ]


def row_numbers(form: Iterable[str], start: str) -> list[int]:
    """The numbers of the rows that have a field in the form, in order."""
    pattern = re.compile(re.escape(start) + r"(\d{1,4})-", re.ASCII)
    found = {int(match[1]) for name in form if (match := pattern.match(name))}
    return sorted(found)[:MOST_ROWS]


# -- buttons ---------------------------------------------------------------------------------------


def act(data: Mapping[str, Any], what: str) -> tuple[Data, str]:
    """The data after a button such as ``add:reliefs`` or ``up:reliefs-0-conditions-1``, and where to go on.

    A button that makes no sense changes nothing.
    """
    changed = deepcopy(dict(data))
    verb, _colon, place = what.partition(":")
    steps = _steps(place)
    if verb == "add":
        return _added(changed, steps, place)
    rows, at = _rows_at(changed, steps[:-1]), steps[-1] if steps else None
    if not isinstance(at, int) or rows is None or not 0 <= at < len(rows):
        return changed, ""
    name = place.rpartition("-")[0]
    if verb == "remove":
        del rows[at]
        return changed, name
    other = {"up": at - 1, "down": at + 1}.get(verb, -1)
    if not 0 <= other < len(rows):
        return changed, place
    rows[at], rows[other] = rows[other], rows[at]
    return changed, f"{name}-{other}"


def _steps(place: str) -> list[str | int]:
    return [int(one) if one.isdigit() else one for one in place.split("-")] if place else []


def _added(data: Data, steps: list[str | int], place: str) -> tuple[Data, str]:
    found = node_at(tuple(steps))
    holder = _holder(data, steps[:-1]) if isinstance(found, Rows) else None
    if holder is None:
        return data, ""
    rows = holder.setdefault(str(steps[-1]), [])
    if not isinstance(rows, list) or len(rows) >= MOST_ROWS:
        return data, place
    rows.append({})
    return data, f"{place}-{len(rows) - 1}"


def _holder(data: Any, steps: list[str | int]) -> Data | None:
    """The mapping at a place, made where the record has none yet."""
    for step in steps:
        if isinstance(step, str) and isinstance(data, dict):
            data = data.setdefault(step, {})
        elif isinstance(step, int) and isinstance(data, list) and step < len(data):
            data = data[step]
        else:
            return None
    return data if isinstance(data, dict) else None


def _rows_at(data: Any, steps: list[str | int]) -> list[Any] | None:
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data if isinstance(data, list) else None
