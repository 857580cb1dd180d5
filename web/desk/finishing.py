"""What the form fills in by itself, so that nobody has to: ids of reliefs, comparisons, units, ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from typing import Any

from kb.domain.taxonomy import Fact, Taxonomy

Data = dict[str, Any]
_MADE = re.compile(r"(.+)-\d+")


def finished(
    data: Data,
    taxonomy: Taxonomy,
    fixed: Collection[str] = (),
    find: Callable[[str], str | None] = lambda _: None,
) -> Data:
    """The data with what follows from it; ``fixed`` relief ids are published and stay.

    ``find`` gives the id of the entry that a number or a title means.
    """
    found = deepcopy(data)
    found.setdefault("kind", "policy")
    for period in (found.get("in_force"), *(one.get("period") for one in _rows(found, "reliefs"))):
        if isinstance(period, dict) and period.get("end") and not period.get("end_kind"):
            period["end_kind"] = "dated"
    for test in _tests(found):
        _fit(test, taxonomy)
    for relation in _rows(found, "relations"):
        if relation.get("to"):
            relation["to"] = find(str(relation["to"])) or relation["to"]
    _name_reliefs(_rows(found, "reliefs"), taxonomy, fixed)
    return found


def _rows(data: Data, name: str) -> list[Data]:
    rows = data.get(name)
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _tests(data: Data) -> Iterator[Data]:
    for relief in _rows(data, "reliefs"):
        for condition in _rows(relief, "conditions"):
            yield from (condition, *_rows(condition, "any"))


def _fit(test: Data, taxonomy: Taxonomy) -> None:
    """A comparison that goes without saying, and the unit of the fact it is about now."""
    fact = taxonomy.facts.get(str(test.get("field")))
    if "unit" in test and (fact is None or test["unit"] != fact.unit):
        del test["unit"]
        if fact and fact.unit:
            test["unit"] = fact.unit
    if fact and "value" in test and not test.get("op") and (op := _usual(fact, test["value"])):
        test["op"] = op


def _usual(fact: Fact, value: Any) -> str:
    if fact.type == "bool":
        return "eq"
    if fact.type == "set":
        return "has"
    return ("in" if isinstance(value, list) else "eq") if fact.type == "choice" else ""


def _name_reliefs(reliefs: list[Data], taxonomy: Taxonomy, fixed: Collection[str]) -> None:
    """An id for each relief that has a type and none yet: ``tax-1``; one that was made follows the type."""
    for relief in reliefs:
        held, kind = str(relief.get("id", "")), str(relief.get("type", ""))
        if held in fixed and held:
            continue
        made = _MADE.fullmatch(held)
        if held and made and made[1] != kind and made[1] in taxonomy.types:
            del relief["id"]
    taken = {str(one["id"]) for one in reliefs if one.get("id")} | set(fixed)
    for relief in reliefs:
        kind = str(relief.get("type", ""))
        if not relief.get("id") and kind in taxonomy.types:
            number = next(n for n in range(1, 1000) if f"{kind}-{n}" not in taken)
            relief["id"] = f"{kind}-{number}"
            taken.add(relief["id"])
