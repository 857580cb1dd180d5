"""A sheet against the knowledge base: what its rows would change, row by row, and drafts of it.

Nothing is written by :func:`plan`. A cell is taken where it differs from the version its row was exported
as and nobody has changed that field since; what somebody did change meanwhile stays (protected). A row
without a version fills in what an entry leaves empty and changes nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kb.domain.columns import VERSION
from kb.domain.taxonomy import Taxonomy
from kb.domain.workflow import Draft
from kb.ingest.groups import Group, groups_of
from kb.ingest.merging import Change, Merged, merge
from kb.ingest.tables import Remark, Row, Table
from kb.store import audit, drafts, entries, imports, naming
from kb.store.database import Database, writing

What = Literal["new", "changed", "unchanged", "error"]


@dataclass(frozen=True)
class Outcome:
    """What the rows of one entry come to. ``data`` is what a draft of it would hold.

    ``what`` is new, changed, unchanged or error; then nothing of it is taken in. ``base_version`` is the
    version that it changes, ``None`` for a new entry.
    """

    what: What
    entry_id: str
    title: str
    rows: tuple[int, ...]
    changes: tuple[Change, ...] = ()
    remarks: tuple[Remark, ...] = ()
    data: Mapping[str, Any] | None = None
    base_version: int | None = None

    @property
    def is_protected(self) -> bool:
        """Whether something in its rows was left as the knowledge base has it."""
        return any(one.what == "protected" for one in self.remarks)


@dataclass(frozen=True)
class RowReport:
    """One row: what becomes of it (new, changed, unchanged, error, protected) and why."""

    number: int
    what: str
    outcome: Outcome | None
    changes: tuple[Change, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Report:
    """What a sheet would do. ``remarks`` are about the sheet and about rows that belong to no entry."""

    outcomes: tuple[Outcome, ...]
    remarks: tuple[Remark, ...]

    def count(self, what: str) -> int:
        """How many rows are of a kind."""
        return sum(row.what == what for row in self.rows)

    @property
    def to_take(self) -> tuple[Outcome, ...]:
        """What importing would make drafts of."""
        return tuple(one for one in self.outcomes if one.what in ("new", "changed"))

    @property
    def digest(self) -> str:
        """The same for reports that would make the same drafts."""
        told = [[one.what, one.data, one.base_version] for one in self.to_take]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def rows(self) -> tuple[RowReport, ...]:
        """Row by row, in the order of the sheet."""
        found = [_row(one, number) for one in self.outcomes for number in one.rows]
        owned = {row.number for row in found}
        strays = sorted({one.row for one in self.remarks if one.what == "error"} - owned)
        for number in strays:
            told = tuple(one for one in self.remarks if one.row == number)
            found.append(RowReport(number, "error", None, (), told))
        return tuple(sorted(found, key=lambda row: row.number))


def _row(outcome: Outcome, number: int) -> RowReport:
    changes = tuple(one for one in outcome.changes if one.row == number)
    remarks = tuple(one for one in outcome.remarks if one.row == number)
    what: str = outcome.what
    if what == "changed" and not changes:
        what = "unchanged"
    if what == "unchanged" and any(one.what == "protected" for one in remarks):
        what = "protected"
    return RowReport(number, what, outcome, changes, remarks)


def plan(db: Database, table: Table, taxonomy: Taxonomy) -> Report:
    """What importing the table would do; nothing is written."""
    groups, strays = groups_of(table.rows, naming.names(db))
    known = entries.reliefs_by_entry(db)
    bad = {one.row for one in table.remarks if one.what == "error"}
    outcomes = [_outcome(db, group, table, taxonomy, known, bad) for group in groups]
    return Report(tuple(outcomes), (*table.remarks, *strays))


def _outcome(
    db: Database,
    group: Group,
    table: Table,
    taxonomy: Taxonomy,
    known: Mapping[str, frozenset[str]],
    bad: set[int],
) -> Outcome:
    rows = tuple(row.number for row in group.rows)
    base, held, version, problem = _sides(db, group)
    if problem:
        return Outcome("error", group.entry_id, _title(group.rows), rows, remarks=(problem,))
    merged = merge(group.rows, table.columns, group.entry_id, base, held, taxonomy, known)
    remarks = (*group.remarks, *merged.remarks, *_other_drafts(db, group))
    what = _what(merged, held, remarks, bool(bad.intersection(rows)))
    data = merged.data if what in ("new", "changed") else None
    title = str(merged.data.get("title") or _title(group.rows))
    return Outcome(what, group.entry_id, title, rows, merged.changes, remarks, data, version)


def _what(merged: Merged, held: object, remarks: Iterable[Remark], is_bad: bool) -> What:
    if is_bad or any(one.what == "error" for one in remarks):
        return "error"
    if held is None:
        return "new"
    return "changed" if merged.changes else "unchanged"


_Sides = tuple[dict[str, Any] | None, dict[str, Any] | None, int | None, Remark | None]


def _sides(db: Database, group: Group) -> _Sides:
    """The data its rows were exported as, the data published now and its version; or what is wrong."""
    first = group.rows[0].number
    stated = {row.get(VERSION).strip(): row.number for row in group.rows if row.get(VERSION).strip()}
    if len(stated) > 1:
        return (
            None,
            None,
            None,
            Remark(max(stated.values()), VERSION, "同一条目各行的版本不一样，请重新导出再改"),
        )
    number, row = next(iter(stated.items()), ("", first))
    held = entries.get(db, group.entry_id) if group.entry_id else None
    if held is None:
        told = "库里没有这个编号，却写了版本：是不是改了编号？要新建，请把版本空着"
        return None, None, None, Remark(row, VERSION, told) if number else None
    if held.state != "published":
        return None, None, None, Remark(first, "编号", "这个条目已经撤下或并入别的条目，不能从表格改")
    base = naming.data_of(db, group.entry_id, int(number)) if number.isascii() and number.isdigit() else None
    if number and base is None:
        return None, None, None, Remark(row, VERSION, f"没有第「{number[:20]}」版，请重新导出再改")
    return base, json.loads(entries.to_json(held.entry)), held.version.number, None


def _title(rows: Iterable[Row]) -> str:
    return next((row.get("标题").strip() for row in rows if row.get("标题").strip()), "")


def _other_drafts(db: Database, group: Group) -> list[Remark]:
    open_ones = drafts.listed(db, entry_id=group.entry_id) if group.entry_id else []
    told = "这个条目已有 {} 号草稿在改，导入会另成一份草稿"
    return [Remark(group.rows[0].number, "", told.format(one.id), "note") for one in open_ones]


def take_in(
    db: Database, report: Report, by: str, office: str, name: str, sha256: str
) -> tuple[list[Draft], int]:
    """Drafts of what is new or changed, and how many were there already; nothing is published.

    ``name`` is the file's name and ``sha256`` the hash of its bytes, so that the same sheet taken in again
    makes no second draft.
    """
    made: list[Draft] = []
    with writing(db):
        before = [_without_id(one) for one in imports.taken_in(db, sha256)]
        for one in report.to_take:
            if one.data is None or _without_id(one.data) in before:
                continue
            origin = f"sheet:{name}"
            made.append(drafts.create(db, one.data, by, office, origin, one.base_version, sha256=sha256))
        detail = f"{name}：草稿 {len(made)} 份，文件 {sha256[:16]}"
        audit.append(db, by, "sheet-import", name, detail)
    return made, len(report.to_take) - len(made)


def _without_id(data: Mapping[str, Any]) -> dict[str, Any]:
    """The record without its id, which a new entry is given only in its draft."""
    return {key: part for key, part in data.items() if key != "id"}
