"""Which rows of a sheet are about one entry: by id, else by document number, else by title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kb.domain.columns import ID
from kb.domain.docnumber import comparison_form
from kb.ingest.tables import Remark, Row
from kb.store.naming import Name

_NOBODY = "没有写编号、文号或标题，不知道是哪个条目。同一条目的每一行都要写，或者把单元格合并"


@dataclass
class Group:
    """The rows of one entry; ``entry_id`` is empty for one that has no id yet."""

    entry_id: str
    rows: list[Row] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class _Names:
    """What entries are called: ids or keys of new ones by document number and by title."""

    def __init__(self) -> None:
        self.numbers: dict[str, dict[str, None]] = {}
        self.titles: dict[str, dict[str, None]] = {}

    def add(self, key: str, number: str, title: str) -> None:
        if number:
            self.numbers.setdefault(comparison_form(number), {})[key] = None
        if title:
            self.titles.setdefault("".join(title.split()), {})[key] = None

    def by_number(self, number: str) -> list[str]:
        return list(self.numbers.get(comparison_form(number), ()))

    def by_title(self, title: str) -> list[str]:
        return list(self.titles.get("".join(title.split()), ()))


def groups_of(rows: Sequence[Row], held: Iterable[Name]) -> tuple[list[Group], list[Remark]]:
    """The rows by entry, in the order of the sheet, and the rows that belong to none or to several.

    The key of an entry without an id is made of what it is called and begins with a blank.
    """
    stored, sheet = _Names(), _Names()
    for name in held:
        stored.add(name.id, name.doc_number, name.title)
    for row in rows:
        if row.get(ID).strip():
            sheet.add(row.get(ID).strip(), row.get("文号").strip(), row.get("标题").strip())
    groups: dict[str, Group] = {}
    strays: list[Remark] = []
    for row in sorted(rows, key=_how_well_named):
        keys = _keys(row, sheet, stored)
        if len(keys) != 1:
            strays.append(Remark(row.number, ID, _several(keys) if keys else _NOBODY))
            continue
        group = groups.setdefault(keys[0], Group(keys[0] if not keys[0].startswith(" ") else ""))
        group.rows.append(row)
        sheet.add(keys[0], row.get("文号").strip(), row.get("标题").strip())
    for group in groups.values():
        group.rows.sort(key=lambda row: row.number)
        group.remarks += _namesakes(group, stored)
    return sorted(groups.values(), key=lambda group: group.rows[0].number), strays


def _how_well_named(row: Row) -> tuple[bool, bool, int]:
    return not row.get(ID).strip(), not row.get("文号").strip(), row.number


def _keys(row: Row, sheet: _Names, stored: _Names) -> list[str]:
    """The entries that a row may be about; a new one's key where it is about none that is known."""
    entry_id, number, title = (row.get(name).strip() for name in (ID, "文号", "标题"))
    if entry_id:
        return [entry_id]
    if number:
        return sheet.by_number(number) or stored.by_number(number) or [f" {comparison_form(number)}"]
    if title:
        return sheet.by_title(title) or stored.by_title(title) or [f" {title}"]
    return []


def _several(keys: Sequence[str]) -> str:
    return f"对得上 {len(keys)} 个条目（{'、'.join(key.strip() for key in keys[:5])}），请写编号"


def _namesakes(group: Group, stored: _Names) -> list[Remark]:
    """A new entry with the title of one we hold may be that one."""
    if group.entry_id:
        return []
    row = group.rows[0]
    same = stored.by_title(row.get("标题"))
    told = f"库里有同名的条目 {'、'.join(same[:3])}，请先确认不是同一份文件"
    return [Remark(row.number, "标题", told, "note")] if same else []
