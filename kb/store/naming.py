"""What entries are called, and what they said in a version: small look-ups for work with many entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kb.domain import docnumber
from kb.store.database import Database


@dataclass(frozen=True)
class Name:
    """An entry by its id, title and document number, which is empty where it has none."""

    id: str
    title: str
    doc_number: str


def names(db: Database) -> list[Name]:
    """The names of every published entry, by id."""
    sql = """SELECT e.id AS id, json_extract(v.body, '$.title') AS title,
                    coalesce(json_extract(v.body, '$.doc_number'), '') AS doc_number
             FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
             WHERE e.state = 'published' ORDER BY e.id"""
    return [Name(**row) for row in db.query(sql)]


def by_number(db: Database) -> dict[str, str]:
    """The id of each published entry by its document number in comparison form."""
    return {docnumber.comparison_form(one.doc_number): one.id for one in names(db) if one.doc_number}


def data_of(db: Database, entry_id: str, number: int) -> dict[str, Any] | None:
    """The plain data of a version, ``None`` if there is none of that number."""
    sql = "SELECT body FROM versions WHERE entry_id = ? AND number = ?"
    found = next(iter(db.query(sql, [entry_id, number])), None)
    data: dict[str, Any] | None = json.loads(str(found["body"])) if found else None
    return data
