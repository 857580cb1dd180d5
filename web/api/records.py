"""The record of an entry as the public sees it: its data, and its schema, less what no reader is shown."""

from __future__ import annotations

from typing import Any

from kb.domain.entry import Entry
from kb.domain.fields import PRIVATE
from web.links import absolute_papers


def record_of(entry: Entry) -> dict[str, Any]:
    """The record, without what is as it always is."""
    data = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for path in PRIVATE:
        _drop(data, path)
    shown: dict[str, Any] = absolute_papers(data)
    return shown


def _drop(data: dict[str, Any], path: tuple[str | int, ...]) -> None:
    *owners, last = path
    for name in owners:
        data = data.get(str(name), {})
    data.pop(str(last), None)


def without_private(schemas: dict[str, Any]) -> None:
    """Take what no reader is shown out of the schemas of the record."""
    for path in PRIVATE:
        owner = schemas["Entry"]
        for name in path[:-1]:
            part = owner["properties"][str(name)]
            part.pop("default", None)
            reference = part.get("$ref") or next(one["$ref"] for one in part["allOf"])
            owner = schemas[reference.rpartition("/")[2]]
        owner["properties"].pop(str(path[-1]), None)
