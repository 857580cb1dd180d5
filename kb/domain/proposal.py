"""What a text proposes for a record: a value, the words it stands on, and how sure that is.

A field is named as in the form: ``issued_on``, ``in_force-end``, ``reliefs-0-worth``. A value may be a whole
part of the record (a condition, a relation), so that somebody decides about it as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

Confidence = Literal["certain", "likely", "hint"]
CONFIDENCES: tuple[Confidence, ...] = ("certain", "likely", "hint")
"""From the surest: the words leave no choice; they nearly do; a person should look here."""

GATHERED = frozenset({"needs", "include", "exclude", "sizes"})
"""Fields to which each proposal adds; any other holds what was accepted last."""

_DAYS = ("issued_on", "in_force-start", "in_force-end", "in_force-end_kind")


def weaker(one: Confidence, other: Confidence) -> Confidence:
    """The less sure of two: nothing said of a thing is surer than the thing."""
    return max(one, other, key=CONFIDENCES.index)


@dataclass(frozen=True)
class Proposal:
    """A value for a field of the record (``in_force-end``) and the words it stands on.

    ``quote`` is ``text[start:end]``, letter by letter.
    """

    field: str
    value: Any
    quote: str
    start: int
    end: int
    confidence: Confidence = "certain"

    @property
    def steps(self) -> tuple[str | int, ...]:
        """The way to the field: ``("reliefs", 0, "worth")``."""
        return tuple(int(one) if one.isdigit() else one for one in self.field.split("-"))


def put(
    record: Mapping[str, Any], field: str, value: Any, reliefs: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """The record with ``value`` at ``field``; nothing that stands elsewhere changes.

    Lists that gather, and rows of a list (conditions, relations), get what they have not yet. ``reliefs``
    gives the ids by which the record knows the proposed reliefs, wherever they stand by now.
    """
    whole = deepcopy(dict(record))
    *way, last = _placed(whole, Proposal(field, None, "", 0, 0).steps, reliefs or {})
    if isinstance(last, int):
        rows = _made(whole, way, [])
        if value not in rows:
            rows.append(deepcopy(value))
        return whole
    holder = _made(whole, way, {})
    if last in GATHERED and isinstance(value, list):
        held = holder.get(last)
        held = held if isinstance(held, list) else []
        value = [*held, *(one for one in value if one not in held)]
    holder[last] = deepcopy(value)
    return whole


def taken_out(
    record: Mapping[str, Any], field: str, value: Any, reliefs: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """The record without ``value`` at ``field``; what somebody wrote there since stays."""
    whole = deepcopy(dict(record))
    steps = Proposal(field, None, "", 0, 0).steps
    if steps[0] == "reliefs" and (reliefs or {}).get(int(steps[1])) not in _ids(whole):
        return whole
    *way, last = _placed(whole, steps, reliefs or {})
    try:
        holder: Any = whole
        for step in way:
            holder = holder[step]
        _take(holder, last, value)
    except (KeyError, IndexError, TypeError):
        return deepcopy(dict(record))
    return whole


def _take(holder: Any, last: str | int, value: Any) -> None:
    if isinstance(last, int):
        holder[:] = [one for one in holder if one != value]
    elif last in GATHERED and isinstance(holder[last], list):
        holder[last] = [one for one in holder[last] if one not in value]
    elif holder[last] == value:
        del holder[last]


def record_from(proposals: Iterable[Proposal]) -> dict[str, Any]:
    """The proposals as the beginning of a record."""
    record: dict[str, Any] = {}
    for one in proposals:
        record = put(record, one.field, one.value)
    return record


def news_to(proposals: Iterable[Proposal], record: Mapping[str, Any]) -> tuple[Proposal, ...]:
    """The proposals that say something where a record says nothing, or another day than it has.

    Rows are not told apart by where they stand: a relief counts if the record has none of its type, with
    all that belongs to it; a relation if the record names no such paper.
    """
    listed = tuple(proposals)
    types = {one.steps[1]: one.value for one in listed if one.field.endswith("-type") and len(one.steps) == 3}
    held = {str(row.get("type")) for row in record.get("reliefs") or ()}
    named = {_target(row) for row in record.get("relations") or ()}

    def is_news(one: Proposal) -> bool:
        if one.steps[0] == "reliefs":
            return types.get(one.steps[1]) not in (None, *held)
        if one.steps[0] == "relations":
            return _target(one.value) not in named
        held_there = value_at(record, one.steps)
        return held_there in (None, "", [], {}) or (one.field in _DAYS and str(held_there) != one.value)

    return tuple(one for one in listed if is_news(one))


def _target(relation: Mapping[str, Any]) -> str:
    return str(relation.get("to") or relation.get("to_number") or "").partition("#")[0]


def value_at(data: Any, steps: Iterable[str | int]) -> Any:
    """What stands in plain data at a place; ``None`` where there is no such place."""
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _ids(record: Mapping[str, Any]) -> list[str]:
    rows = record.get("reliefs")
    return [str(one.get("id", "")) for one in rows] if isinstance(rows, list) else []


def _placed(
    record: dict[str, Any], steps: tuple[str | int, ...], reliefs: Mapping[int, str]
) -> tuple[str | int, ...]:
    """The way to a field as the record has it now; a proposed relief is added with its id if need be."""
    if steps[0] != "reliefs" or not isinstance(steps[1], int) or steps[1] not in reliefs:
        return steps
    name = reliefs[steps[1]]
    if name not in _ids(record):
        rows = [one for one in record.get("reliefs") or [] if one]
        record["reliefs"] = [*rows, {"id": name}]
    return ("reliefs", _ids(record).index(name), *steps[2:])


def _made(holder: Any, way: list[str | int], empty: Any) -> Any:
    """The mapping or list at a place, made where the record has none yet."""
    for at, step in enumerate(way):
        row = at + 1 < len(way) and isinstance(way[at + 1], int)
        fresh = [] if row else (empty if at + 1 == len(way) else {})
        if isinstance(step, int):
            while len(holder) <= step:
                holder.append({})
        elif not isinstance(holder.get(step), dict | list):
            holder[step] = fresh
        holder = holder[step]
    return holder


def relief_ids(proposals: Iterable[Proposal], taken: Iterable[str] = ()) -> dict[int, str]:
    """An id for each proposed relief, as the form would make it: ``tax-1``; none of those ``taken``."""
    used, found = set(taken), {}
    for one in proposals:
        steps = one.steps
        if len(steps) == 3 and steps[0] == "reliefs" and steps[2] == "type":
            name = next(f"{one.value}-{n}" for n in range(1, 1000) if f"{one.value}-{n}" not in used)
            used.add(name)
            found[int(steps[1])] = name
    return found
