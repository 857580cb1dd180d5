"""A list of members read from the bytes of a sheet: members, and what is wrong with which cell."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb.domain import members
from kb.domain.members import CODE, NAME, Member
from kb.domain.taxonomy import Taxonomy
from kb.errors import KbError
from kb.ingest.sheetfile import read_lines
from kb.ingest.tables import HEADER_WITHIN, Line, Remark

MOST_MEMBERS = 2_000
LONGEST_NAME = 80
_LARGEST_PACKED = 8 * 1024 * 1024
_NO_HEADER = (
    "没有认出表头。要有一行写着“企业名称”或“会员编号”，以及所在地、从业人数这样的列名，请下载模板照着写"
)


@dataclass(frozen=True)
class Cells:
    """A sheet of members as text: ``heads`` by key as they were written, rows with their numbers."""

    heads: Mapping[str, str]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class MemberSheet:
    """The members that can be matched, and what is to be said of rows and columns."""

    members: tuple[Member, ...]
    remarks: tuple[Remark, ...]
    cells: Cells

    @property
    def errors(self) -> tuple[Remark, ...]:
        """The cells for which a row was left out."""
        return tuple(one for one in self.remarks if one.what == "error")

    @property
    def left_out(self) -> int:
        """How many rows cannot be matched."""
        return len({one.row for one in self.errors})


def read(data: bytes, taxonomy: Taxonomy) -> MemberSheet:
    """The members in the bytes of an XLSX or CSV file; :class:`KbError` where it is no list of members.

    A row with a cell that is not understood is left out and told; the others are read.
    """
    lines, remarks = read_lines(data, members.SHEET, lambda line: members.is_header(line, taxonomy))
    return understood(_cells(list(lines), tuple(remarks), taxonomy), taxonomy)


def _cells(lines: list[Line], remarks: tuple[Remark, ...], taxonomy: Taxonomy) -> Cells:
    top = next(
        (at for at, line in enumerate(lines[:HEADER_WITHIN]) if members.is_header(line, taxonomy)), None
    )
    if top is None:
        raise KbError(_NO_HEADER)
    told = [one for one in remarks if one.row > top + 1]
    places, heads = _places(lines[top], top + 1, told, taxonomy)
    rows = []
    for number, line in enumerate(lines[top + 1 :], start=top + 2):
        cells = {key: line[at].strip() for key, at in places.items() if at < len(line) and line[at].strip()}
        if cells:
            rows.append((number, cells))
    if len(rows) > MOST_MEMBERS:
        raise KbError(f"超过 {MOST_MEMBERS} 家。请分成几个文件，每次传一个")
    return Cells(heads, tuple(rows), tuple(told))


def _places(
    header: Line, number: int, told: list[Remark], taxonomy: Taxonomy
) -> tuple[dict[str, int], dict[str, str]]:
    places: dict[str, int] = {}
    heads: dict[str, str] = {}
    for at, cell in enumerate(header):
        key = members.key_of(cell, taxonomy)
        if key is None:
            if cell.strip():
                told.append(Remark(number, cell.strip()[:40], "不认识这一列，没有读，也没有留下", "note"))
        elif key in places:
            raise KbError(f"表头里「{cell.strip()[:40]}」和「{heads[key]}」是同一列。请删掉一列")
        else:
            places[key], heads[key] = at, cell.strip()[:40]
    return places, heads


def understood(cells: Cells, taxonomy: Taxonomy) -> MemberSheet:
    """The members that the cells tell of."""
    found: list[Member] = []
    told = list(cells.remarks)
    broken = {one.row for one in cells.remarks if one.what == "error"}
    seen: dict[tuple[str, str], int] = {}
    for number, given in cells.rows:
        row, nearer = _nearer(number, given, cells.heads, taxonomy)
        wrong = list(_wrong(number, row, cells.heads, taxonomy))
        told += wrong
        if wrong or number in broken:
            continue
        told += nearer
        one = _member(number, row, cells.heads, taxonomy)
        before = seen.setdefault((one.name, one.code), number)
        if before != number:
            told.append(
                Remark(number, cells.heads.get(NAME, ""), f"和第 {before} 行是同一家，两行都做了", "note")
            )
        if not one.told.region:
            told.append(
                Remark(
                    number,
                    cells.heads.get("region", "所在地"),
                    "没有写所在地，各地的政策只能是可能符合",
                    "note",
                )
            )
        found.append(one)
    return MemberSheet(tuple(found), tuple(sorted(told, key=lambda one: one.row)), cells)


def _wrong(
    number: int, row: Mapping[str, str], heads: Mapping[str, str], taxonomy: Taxonomy
) -> Iterator[Remark]:
    """Every cell of a row that cannot be used."""
    if not (row.get(NAME) or row.get(CODE)):
        yield Remark(number, heads.get(NAME) or heads[CODE], "企业名称和会员编号至少填一样")
    for key, text in row.items():
        try:
            if key in (NAME, CODE) and len(text) > LONGEST_NAME:
                raise members.CellError(f"最多 {LONGEST_NAME} 个字")
            members.told_of({key: _with_unit(key, text, heads, taxonomy)}, taxonomy)
        except KbError as error:
            yield Remark(number, heads[key], str(error))


def _nearer(
    number: int, row: Mapping[str, str], heads: Mapping[str, str], taxonomy: Taxonomy
) -> tuple[Mapping[str, str], list[Remark]]:
    """The row with the city for a place below one, which no policy here tells apart, and a note of it."""
    place = row.get("region", "")
    code = members.city_of(place, taxonomy.regions)
    if code is None:
        return row, []
    what = f"没有「{place[:40]}」这一级，按{taxonomy.regions.label(code)}对照"
    return {**row, "region": code}, [Remark(number, heads["region"], what, "note")]


def _with_unit(key: str, text: str, heads: Mapping[str, str], taxonomy: Taxonomy) -> str:
    return members.with_unit(text, key, members.unit_of(heads[key]), taxonomy)


def _member(number: int, row: Mapping[str, str], heads: Mapping[str, str], taxonomy: Taxonomy) -> Member:
    cells = {key: _with_unit(key, text, heads, taxonomy) for key, text in row.items()}
    told = members.told_of(cells, taxonomy)
    return Member(number, " ".join(row.get(NAME, "").split()), row.get(CODE, ""), told)


def packed(cells: Cells) -> str:
    """The cells as one word, to go with a page or into the store."""
    remarks = [[one.row, one.column, one.message, one.what] for one in cells.remarks]
    data = json.dumps([dict(cells.heads), cells.rows, remarks], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(data.encode(), 9)).decode()


def unpacked(word: str, taxonomy: Taxonomy) -> MemberSheet:
    """The members of :func:`packed` cells; :class:`KbError` where it was cut or made to do harm."""
    try:
        unzip = zlib.decompressobj()
        data = unzip.decompress(urlsafe_b64decode(word), _LARGEST_PACKED)
        if unzip.unconsumed_tail:
            raise ValueError("too long")
        heads, rows, remarks = json.loads(data)
        told = tuple(
            Remark(int(row), str(column), str(message), what) for row, column, message, what in remarks
        )
        cells = Cells(
            {key: str(heads[key]) for key in heads if key in _keys(taxonomy)},
            tuple((int(number), _texts(row, heads)) for number, row in rows[:MOST_MEMBERS]),
            told,
        )
        return understood(cells, taxonomy)
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error, RecursionError) as error:
        raise KbError("名单没有完整地传过来，请重新选文件") from error


def _keys(taxonomy: Taxonomy) -> frozenset[str]:
    return frozenset(column.key for column in members.columns(taxonomy))


def _texts(row: Mapping[str, object], heads: Mapping[str, object]) -> dict[str, str]:
    return {str(key): str(text) for key, text in row.items() if key in heads}
