"""The records of one segment in one file beside it: every value is written once and shared when read.

A list of values, each after those it is made of: a text, flag or number as it is, anything else as what it is
and the places of its parts. Whoosh removes the file together with the segment: it carries the same name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from kb.domain.relief import Regions
from kb.domain.timeline import Step, Trust
from kb.search.record import Record, Row

SUFFIX = ".records"
_MAKERS: tuple[Callable[..., Any], ...] = (
    lambda *parts: parts,
    date.fromisoformat,
    lambda include, exclude: Regions(include=include, exclude=exclude),
    Trust,
    Step,
    Row,
    Record,
)
_KINDS: dict[type, int] = {tuple: 0, date: 1, Regions: 2, Trust: 3, Step: 4, Row: 5, Record: 6}


def dumps(records: Mapping[int, Record]) -> bytes:
    """Records by their number in the segment, without the texts, which the arrays have."""
    values: list[Any] = []
    places: dict[tuple[type, object], int] = {}

    def place(value: Any) -> int:
        key = (type(value), value)
        if key not in places:
            kind = _KINDS.get(type(value))
            values.append(value if kind is None else [kind, *map(place, _parts(value))])
            places[key] = len(values) - 1
        return places[key]

    held = [(number, place(replace(record, text=""))) for number, record in records.items()]
    return json.dumps([values, held], ensure_ascii=False, separators=(",", ":")).encode()


def _parts(value: Any) -> tuple[Any, ...]:
    if isinstance(value, date):
        return (value.isoformat(),)
    if isinstance(value, Regions):
        return value.include, value.exclude
    return tuple(getattr(value, field.name) for field in fields(value)) if is_dataclass(value) else value


def loads(data: bytes) -> dict[int, Record]:
    """The records that were written; ``ValueError`` if they are not whole."""
    try:
        values, held = json.loads(data)
        for here, value in enumerate(values):  # in place, so that what was read is let go at once
            if type(value) is list:
                kind, *places = value
                values[here] = _MAKERS[kind](*[values[at] for at in places])
        return {number: values[at] for number, at in held}
    except (TypeError, LookupError) as error:
        raise ValueError("records are not whole") from error
