"""What two states of a record differ in, field by field in words, and both of two changes in one.

Works on plain data, as JSON keeps it and forms make it, for a draft need not be valid yet. What is empty
says the same as what is missing: ``""``, ``[]``, ``{}``, ``None`` and a field's default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal

from kb.domain.fields import COMPARISON, ENTRY, Field, comparison_words, number
from kb.domain.findings import Path
from kb.domain.taxonomy import Taxonomy

Data = Mapping[str, Any]
Side = Literal["mine", "theirs"]
_WHOLE = Field("条目", inner=ENTRY)
_OTHER = Field("")
_DOUBTS = ("verified", "doubts")
_NAME_LENGTH = 24
Pair = tuple[int | str, Data | None, Data | None]


@dataclass(frozen=True)
class Difference:
    """One field that differs: its path, what it is called, and both values in words, empty for none.

    In a list told apart by ids (the reliefs) the path has the id, else the place in the later list, or
    in the earlier one for what is no longer there.
    """

    path: Path
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Conflict:
    """A place that both sides changed, each its own way; ``None`` where a side has nothing there."""

    path: Path
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """Both changes in one. Where they conflict, ``data`` keeps mine and ``other`` theirs."""

    data: dict[str, Any]
    other: dict[str, Any]
    conflicts: tuple[Conflict, ...]

    def kept(self, side: Side | str) -> dict[str, Any]:
        """The record with every conflict decided for one side."""
        return self.other if side == "theirs" else self.data


# -- what is the same ------------------------------------------------------------------------------


def plain(data: Data) -> dict[str, Any]:
    """The record with nothing in it that says nothing, so that equal records are equal data."""
    found = dict(_plain(data, _WHOLE) or {})
    if found.get("known_on") == found.get("issued_on"):
        found.pop("known_on", None)
    return found


def _plain(value: Any, field: Field) -> Any:
    """The value without what is empty, figures written one way; ``None`` if nothing is left."""
    if isinstance(value, list | tuple):
        one = replace(field, many=False)
        kept = [_plain(_whole_item(each, field), one) for each in value]
        return [each for each in kept if each is not None] or None
    if isinstance(value, Mapping):
        parts = {str(key): _plain(each, field.inner.get(key, _OTHER)) for key, each in value.items()}
        return {key: each for key, each in parts.items() if each is not None} or None
    if value in ("", None) or (field.default is not None and value == field.default):
        return None
    figure = number(value) if field.figure else None
    return value if figure is None else f"{figure.normalize():f}"


def _whole_item(value: Any, field: Field) -> Any:
    """A plain sentence stands for a point with its text alone."""
    return {"text": value} if isinstance(value, str) and field.many and "text" in field.inner else value


# -- differences -----------------------------------------------------------------------------------


def differences(before: Data, after: Data, taxonomy: Taxonomy) -> tuple[Difference, ...]:
    """Every field in which ``after`` differs from ``before``, in the record's order; none if equal."""
    return tuple(_Walk(taxonomy).fields((), "", ENTRY, plain(before), plain(after)))


@dataclass(frozen=True)
class _Walk:
    """Goes through two records side by side; ``where`` is what the place is called so far."""

    taxonomy: Taxonomy

    def fields(
        self, path: Path, where: str, known: Mapping[str, Field], before: Data, after: Data
    ) -> Iterator[Difference]:
        others = (name for name in (*before, *after) if name not in known)
        for name in dict.fromkeys((*known, *others)):
            if before.get(name) != after.get(name):
                field = known.get(name) or Field(self._unknown(path, name))
                yield from self._field((*path, name), where, field, before, after)

    def _unknown(self, path: Path, name: str) -> str:
        """What a key that is no field of the record is called: the part in doubt, or itself."""
        return self.taxonomy.doubts.label(name) if path == _DOUBTS else name

    def _field(self, path: Path, where: str, field: Field, before: Data, after: Data) -> Iterator[Difference]:
        one, other = before.get(str(path[-1])), after.get(str(path[-1]))
        label = _joined(where, field.label)
        if field.keys and _are_items(one) and _are_items(other):
            yield from self._list(path, label, field, one or [], other or [])
        elif (path == _DOUBTS or (field.inner and not field.many)) and _have_fields(one, other):
            inside = where if field.bare else label
            yield from self.fields(path, inside, field.inner, one or {}, other or {})
        else:
            words = self._words(field, one, before), self._words(field, other, after)
            yield Difference(path, label, *words)

    def _words(self, field: Field, value: Any, owner: Data) -> str:
        shown = field.default if value is None else value
        return "" if shown is None else field.words(shown, owner, self.taxonomy)

    def _list(
        self, path: Path, where: str, field: Field, before: Sequence[Data], after: Sequence[Data]
    ) -> Iterator[Difference]:
        """The items that came, went or changed, and whether those that stayed stand in another order."""
        for at, one, other in _paired(field, before, after):
            name = where + self._name(field, other or one or {})
            if one is None or other is None:
                yield Difference((*path, at), name, self._item(field, one), self._item(field, other))
            else:
                yield from self.fields((*path, at), name, field.inner, one, other)
        if _are_by_id(field, before, after):
            orders = [[self._name(field, one) for one in items] for items in _stayed(before, after)]
            if orders[0] != orders[1]:
                yield Difference(path, f"{where}的次序", *("".join(order) for order in orders))

    def _name(self, field: Field, item: Data) -> str:
        """``“缓交试验费用”``: an item's title or the first of its keys that is filled in, cut short."""
        for name in ("title", *field.keys):
            if name in field.inner and item.get(name):
                found = self._words(field.inner[name], item[name], item)
                return f"“{found[:_NAME_LENGTH]}{'…' if len(found) > _NAME_LENGTH else ''}”"
        return ""

    def _item(self, field: Field, item: Data | None) -> str:
        """All fields of an item that came or went; what a condition compares in one phrase."""
        shown = self.fields((), "", field.inner, {}, item or {})
        told = [f"{one.label}：{one.after}" for one in shown if one.path[0] not in COMPARISON]
        compares = bool(item and COMPARISON.keys() & field.inner.keys() & item.keys())
        return "；".join([*told, *([comparison_words(item, self.taxonomy)] if compares else [])])


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _are_items(value: Any) -> bool:
    """Whether a value is a list of things with fields, or nothing."""
    return value is None or (isinstance(value, list) and all(isinstance(one, Mapping) for one in value))


def _have_fields(*values: Any) -> bool:
    return all(value is None or isinstance(value, Mapping) for value in values)


def _ids(items: Sequence[Any]) -> list[str] | None:
    """The ids of things that each have one of their own; ``None`` if they have not."""
    found = [str(one.get("id", "")) if isinstance(one, Mapping) else "" for one in items]
    return found if all(found) and len(set(found)) == len(found) else None


def _are_by_id(field: Field, before: Sequence[Data], after: Sequence[Data]) -> bool:
    return field.keys == ("id",) and _ids(before) is not None and _ids(after) is not None


def _stayed(before: Sequence[Data], after: Sequence[Data]) -> tuple[list[Data], list[Data]]:
    """What is in both lists, named as it is now, in the order of either."""
    now = {one["id"]: one for one in after}
    return [now[one["id"]] for one in before if one["id"] in now], [
        now[one["id"]] for one in after if one["id"] in {each["id"] for each in before}
    ]


def _paired(field: Field, before: Sequence[Data], after: Sequence[Data]) -> Iterator[Pair]:
    """The items of two lists side by side, ``None`` where one side has nothing."""
    if _are_by_id(field, before, after):
        held, now = ({str(one["id"]): one for one in items} for items in (before, after))
        for name in dict.fromkeys((*now, *held)):
            yield name, held.get(name), now.get(name)
        return
    old, new = ([repr([one.get(key) for key in field.keys]) for one in items] for items in (before, after))
    for _tag, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for one, other in zip_longest(range(first, last), range(start, stop)):
            yield (
                one if other is None else other,
                None if one is None else before[one],
                None if other is None else after[other],
            )


# -- both changes in one ---------------------------------------------------------------------------


def merge3(base: Data, mine: Data, theirs: Data) -> Merged:
    """What ``mine`` and ``theirs`` each changed of ``base``, in one; reliefs are told apart by their ids.

    Other lists are taken whole. A place that both changed differently is a conflict.
    """
    conflicts: list[Conflict] = []
    data, other = _merged((), plain(base), plain(mine), plain(theirs), conflicts)
    return Merged(data or {}, other or {}, tuple(conflicts))


def _merged(path: Path, base: Any, mine: Any, theirs: Any, conflicts: list[Conflict]) -> tuple[Any, Any]:
    """The value with conflicts decided for mine, and for theirs; ``None`` where nothing is left."""
    if mine in (theirs, base) or theirs == base:
        kept = theirs if mine == base else mine
        return kept, kept
    sides = (base, mine, theirs)
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _merged_fields(path, base if isinstance(base, Mapping) else {}, mine, theirs, conflicts)
    if path == ("reliefs",) and all(one is None or _ids(one) for one in sides):
        return _merged_reliefs(base or [], mine or [], theirs or [], conflicts)
    conflicts.append(Conflict(path, base, mine, theirs))
    return mine, theirs


def _merged_fields(
    path: Path, base: Data, mine: Data, theirs: Data, conflicts: list[Conflict]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    found: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for name in dict.fromkeys((*theirs, *mine)):
        values = _merged((*path, name), base.get(name), mine.get(name), theirs.get(name), conflicts)
        for kept, value in zip(found, values, strict=True):
            if value is not None:
                kept[name] = value
    return found[0] or None, found[1] or None


def _merged_reliefs(
    base: Sequence[Data], mine: Sequence[Data], theirs: Sequence[Data], conflicts: list[Conflict]
) -> tuple[list[Any] | None, list[Any] | None]:
    was, ours, others = ({str(one["id"]): one for one in side} for side in (base, mine, theirs))
    found: tuple[list[Any], list[Any]] = ([], [])
    for name in _order(list(was), list(ours), list(others)):
        path = ("reliefs", name)
        values = _merged(path, was.get(name), ours.get(name), others.get(name), conflicts)
        for kept, value in zip(found, values, strict=True):
            if value is not None:
                kept.append(value)
    return found[0] or None, found[1] or None


def _order(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """All names in the order of the side that moved any (mine, if both did), the others' new ones after
    what stood before them there."""
    moved = [name for name in mine if name in base] != [name for name in base if name in mine]
    first, second = (mine, theirs) if moved else (theirs, mine)
    found = list(first)
    for at, name in enumerate(second):
        if name not in found:
            before = next((found.index(one) for one in reversed(second[:at]) if one in found), -1)
            found.insert(before + 1, name)
    return found
