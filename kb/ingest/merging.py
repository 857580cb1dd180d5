"""The rows of one entry merged into its data: cell by cell, what was edited by hand meanwhile kept."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.domain.cells import TOO_LONG, same, tidy, typed
from kb.domain.columns import ENTRY_COLUMNS, RELIEF_COLUMNS, RELIEF_ID, VERSION, Column, column_at
from kb.domain.findings import Finding
from kb.domain.reading import read_record
from kb.domain.taxonomy import Taxonomy
from kb.domain.values import cell_of, get_at, put_at, value_of
from kb.errors import KbError
from kb.ingest.tables import Remark, Row

_UNNAMED = "d0000-0000"
"""Stands for the id that a new entry is given only in its draft."""
_FIGURES = frozenset({"base", "rate", "each", "months", "floor", "cap", "up_to"})
_PERIODS = ("in_force", "period")
Data = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What a cell changes, in the words of the sheet."""

    row: int
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Merged:
    """The data that comes out, what the cells change in it, and what is to be said of them."""

    data: Data
    changes: tuple[Change, ...]
    remarks: tuple[Remark, ...]


@dataclass
class _Part:
    """An entry or a relief in the making: as exported, as published now, and as it is to be."""

    base: Data | None
    held: Data | None
    data: Data
    changed: set[str] = field(default_factory=set)


@dataclass
class _Work:
    taxonomy: Taxonomy
    changes: list[Change] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    rows_of_reliefs: dict[str, int] = field(default_factory=dict)

    def say(self, row: int, column: str, message: str, what: Any = "error") -> None:
        self.remarks.append(Remark(row, column, message, what))


def merge(
    rows: Sequence[Row],
    columns: Iterable[Column],
    entry_id: str,
    base: Data | None,
    held: Data | None,
    taxonomy: Taxonomy,
    known: Mapping[str, frozenset[str]],
) -> Merged:
    """The entry that its rows make of ``held``, which is ``None`` for a new one; ``base`` as exported."""
    work = _Work(taxonomy)
    present = {one.title for one in columns}
    entry = _Part(base, held, copy.deepcopy(held) if held else {})
    if entry_id and not held:
        entry.data["id"] = entry_id
    if entry.data.get("known_on") == entry.data.get("issued_on"):
        entry.data.pop("known_on", None)
    for column in ENTRY_COLUMNS:
        if column.title in present:
            _merge_repeated(work, column, rows, entry)
    _settle_period(entry, "in_force")
    _merge_reliefs(work, rows, entry, present)
    _round_off(entry.data)
    if held is None or work.changes:
        _check(work, rows, entry.data, known)
    return Merged(entry.data, tuple(work.changes), tuple(work.remarks))


def _round_off(data: Data) -> None:
    """What a sheet need not say: a kind, and that what was issued was known."""
    data.setdefault("kind", "policy")
    if data.get("issued_on"):
        data.setdefault("known_on", data["issued_on"])


def _merge_repeated(work: _Work, column: Column, rows: Sequence[Row], entry: _Part) -> None:
    """A field of the entry, which each row repeats: the rows that changed it must agree."""
    before = cell_of(column, entry.base or {}, work.taxonomy) if entry.base else ""
    said: dict[str, Row] = {}
    for row in rows:
        cell = row.cells.get(column.title)
        if cell is not None and _counts(cell, row) and not same(cell, before):
            said.setdefault(tidy(cell).strip(), row)
    if len(said) > 1:
        one, other = list(said.values())[:2]
        told = f"第 {one.number} 行和第 {other.number} 行是同一条目，这一列却写得不一样，请改成一样"
        work.say(other.number, column.title, told)
    elif said:
        row = next(iter(said.values()))
        _merge_cell(work, column, row, entry)


def _counts(cell: str, row: Row) -> bool:
    """Whether a cell says something: an empty one does only in a row that was exported."""
    return bool(cell.strip()) or bool(row.get(VERSION).strip())


def _merge_cell(work: _Work, column: Column, row: Row, part: _Part) -> None:
    cell = row.get(column.title)
    now = cell_of(column, part.held, work.taxonomy) if part.held else ""
    if same(cell, now):
        return
    reason = _kept_because(column, cell, now, part, work.taxonomy)
    if reason:
        work.say(row.number, column.title, *reason)
        return
    try:
        value = value_of(column, typed(cell), get_at(part.held, column.path), work.taxonomy)
    except KbError as error:
        work.say(row.number, column.title, str(error))
        return
    if value != get_at(part.held, column.path):
        put_at(part.data, column.path, value)
        part.changed.add(column.title)
        work.changes.append(Change(row.number, column.title, now, tidy(cell).strip()))
        _warn(work, column, row, part)


def _kept_because(
    column: Column, cell: str, now: str, part: _Part, taxonomy: Taxonomy
) -> tuple[str, str] | None:
    """Why a cell that differs is not taken, and whether that protects somebody's work."""
    shown = f"「{now[:60]}」" if now else "空着"
    if column.fixed:
        return "这一列只供查看，没有读", "note"
    if cell.strip() == TOO_LONG:
        return "这一格的内容导出时放不下，没有读，保留库里的", "note"
    if part.base is not None and cell_of(column, part.base, taxonomy) != now:
        return f"导出以后在工作台改过，保留库里的：{shown}", "protected"
    if part.base is None and part.held is not None and now:
        return f"库里已有内容，没有版本的行不改它，保留：{shown}。要改，请导出后在导出的表里改", "protected"
    return None


def _warn(work: _Work, column: Column, row: Row, part: _Part) -> None:
    if column.title == "好处原文" and _FIGURES & set(part.data.get("worth") or ()):
        work.say(row.number, column.title, "原文改了，测算的数字没有改，请在工作台核对", "note")


def _settle_period(part: _Part, name: str) -> None:
    """The kind of end follows the end where only that was changed; a changed end is not the inferred one."""
    period = part.data.get(name)
    prefix = "期限" if name == "in_force" else "事项期限"
    if not period:
        return
    if f"{prefix}止" in part.changed:
        if f"{prefix}推算依据" not in part.changed:
            period.pop("inferred", None)
        if f"{prefix}类型" not in part.changed and (period.get("end") or period.get("end_kind") == "dated"):
            period.pop("end_kind", None)
    period.setdefault("end_kind", "dated" if period.get("end") else "unstated")


def _merge_reliefs(work: _Work, rows: Sequence[Row], entry: _Part, present: set[str]) -> None:
    columns = [one for one in RELIEF_COLUMNS if one.title in present]
    titles = (RELIEF_ID, *(one.title for one in columns))
    for row in rows:
        if any(row.get(title).strip() for title in titles):
            _merge_relief(work, row, columns, entry)


def _merge_relief(work: _Work, row: Row, columns: Sequence[Column], entry: _Part) -> None:
    wanted = row.get(RELIEF_ID).strip()
    held = _find(entry.held, wanted, row.get("事项标题"))
    relief_id = held["id"] if held else wanted
    if relief_id and relief_id in work.rows_of_reliefs:
        told = f"和第 {work.rows_of_reliefs[relief_id]} 行是同一个事项，请删掉一行"
        work.say(row.number, RELIEF_ID, told)
        return
    base = _find(entry.base, relief_id, "")
    if base and not held:
        work.say(row.number, RELIEF_ID, "导出以后库里已经没有这个事项，没有读", "protected")
        return
    target = _find(entry.data, relief_id, "") if held else {}
    part = _Part(base, held, target or {})
    for column in columns:
        if column.title in row.cells and _counts(row.get(column.title), row):
            _merge_cell(work, column, row, part)
    _settle_period(part, "period")
    if not held:
        _add_relief(work, row, part.data, wanted, entry.data)
    work.rows_of_reliefs[part.data["id"]] = row.number


def _find(data: Data | None, relief_id: str, title: str) -> Data | None:
    """The relief of that id, or without one of that title."""
    reliefs: list[Data] = (data or {}).get("reliefs") or []
    if relief_id:
        return next((one for one in reliefs if one["id"] == relief_id), None)
    return (
        next((one for one in reliefs if one.get("title") == title.strip()), None) if title.strip() else None
    )


def _add_relief(work: _Work, row: Row, data: Data, wanted: str, entry: Data) -> None:
    taken = {one["id"] for one in entry.get("reliefs") or ()}
    start = str(data.get("type") or "item")
    free = (f"{start}-{n}" for n in range(1, len(taken) + 2))
    relief_id = wanted or next(one for one in free if one not in taken)
    data["id"] = relief_id
    entry["reliefs"] = [*(entry.get("reliefs") or ()), data]
    work.changes.append(Change(row.number, RELIEF_ID, "", f"新事项 {relief_id}"))


def _check(work: _Work, rows: Sequence[Row], data: Data, known: Mapping[str, frozenset[str]]) -> None:
    """The same reading and lint as for files; each finding at the row and column where to mend it."""
    _entry, findings = read_record({"id": _UNNAMED, **data}, work.taxonomy, known)
    told = {(one.row, one.column) for one in work.remarks if one.what == "error"}
    for finding in findings:
        remark = _remark(finding, rows, data, work.rows_of_reliefs)
        if (remark.row, remark.column) not in told:
            work.remarks.append(remark)


def _remark(finding: Finding, rows: Sequence[Row], data: Data, owners: Mapping[str, int]) -> Remark:
    path, row = finding.path, rows[0].number
    if len(path) > 1 and path[0] == "reliefs" and isinstance(path[1], int):
        row = owners.get(data["reliefs"][path[1]].get("id", ""), row)
    column = column_at(("sources", 0, "document") if "sources" in finding.message else path)
    return Remark(row, column.title if column else "", _words(finding, column))


def _words(finding: Finding, column: Column | None) -> str:
    """What to do, in the words of the sheet."""
    if column is not None and column.required and (finding.kind == "missing" or "sources" in finding.message):
        return "这一列必填，请写上"
    for said, meant in _SAID.items():
        if said in finding.message:
            return meant
    return finding.message


_SAID = {
    "end_kind 为 dated": "期限类型是“有截止日”才写截止日，写了截止日就是“有截止日”，请改成一致",
    "写了 inferred": "写了推算依据，就要写推算出来的截止日",
    "必须写 profile": "案例不能从表格新建，请在工作台写",
    "没有写适用地区": "请写适用地区，全国就写 全国",
    "缺少必填的键 known_on": "请写成文日期；没有成文日期就写公开日期",
    "缺少必填的键 channel": "写了办理的内容，就要选一个办理渠道",
    "缺少必填的键 text": "库里有测算数字，好处原文不能空着",
    "doc_number 与": "文号和待核文号只写一个",
}
