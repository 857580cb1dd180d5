"""Where the knowledge base has relief and where it has none: reliefs by region and type on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.domain.taxonomy import NATION, Region, Taxonomy
from kb.domain.timeline import status_on
from kb.search import Library, Request, search
from kb.search.record import Record
from kb.search.table import Filters

EVERYTHING = 1_000_000


@dataclass(frozen=True)
class Cell:
    """Reliefs of one region and type: what can be used on the day, and all that were ever held by then."""

    current: int = 0
    ever: int = 0


@dataclass(frozen=True)
class Line:
    """A region that rules are written for: its entries, those never confirmed, its cells by type."""

    region: Region
    entries: int
    unconfirmed: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Grid:
    """Region by type on ``day``; a province without a single policy has a line of zeros."""

    day: date
    types: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def total(self) -> dict[str, Cell]:
        """The sums over all regions, by type."""
        return {kind: _sum(line.cells[kind] for line in self.lines) for kind in self.types}


def _sum(cells: Iterator[Cell]) -> Cell:
    listed = list(cells)
    return Cell(sum(cell.current for cell in listed), sum(cell.ever for cell in listed))


def grid_on(library: Library, day: date) -> Grid:
    """The reliefs of policies and services, counted where their entry says it applies."""
    taxonomy = library.taxonomy
    filters = Filters(status=("all",), kind=("policy", "service"))
    hits = search(library, Request("", day, filters, limit=EVERYTHING, facets=False)).hits
    held: dict[str, list[Record]] = {NATION: []}
    held |= {region.code: [] for region in taxonomy.regions.provinces()}
    for hit in hits:
        for code in hit.record.regions.include:
            held.setdefault(code, []).append(hit.record)
    ordered = sorted(held.items(), key=lambda item: (item[0] != NATION, item[0]))
    lines = (_line(taxonomy, code, records, day) for code, records in ordered)
    return Grid(day, tuple(taxonomy.types.by_key), tuple(lines))


def _line(taxonomy: Taxonomy, code: str, records: list[Record], day: date) -> Line:
    current: Counter[str] = Counter()
    ever: Counter[str] = Counter()
    for record in records:
        for row in record.rows:
            status = status_on(row.steps, record.trust, day)
            if row.type and status:
                ever[row.type] += 1
                current[row.type] += status.current
    cells = {key: Cell(current[key], ever[key]) for key in taxonomy.types.by_key}
    unconfirmed = sum(record.confirmed_on is None for record in records)
    return Line(taxonomy.regions.by_code[code], len(records), unconfirmed, cells)


def grid_json(grid: Grid, taxonomy: Taxonomy) -> dict[str, Any]:
    """The grid as data: one object a region, ``[current, ever]`` a type."""
    return {
        "as_of": grid.day.isoformat(),
        "types": {key: taxonomy.types.label(key) for key in grid.types},
        "regions": [
            {
                "region": line.region.code,
                "label": taxonomy.regions.label(line.region.code),
                "entries": line.entries,
                "unconfirmed": line.unconfirmed,
                "reliefs": {key: [cell.current, cell.ever] for key, cell in line.cells.items() if cell.ever},
            }
            for line in grid.lines
        ],
    }


def grid_rows(grid: Grid, taxonomy: Taxonomy) -> Iterator[tuple[str, ...]]:
    """The grid as a table, headings first; a cell is ``current/ever``, ``-`` where there is none."""
    yield ("地区", "件数", "未核对", *(taxonomy.types.label(key) for key in grid.types))
    for line in grid.lines:
        cells = (f"{cell.current}/{cell.ever}" if cell.ever else "-" for cell in line.cells.values())
        yield (taxonomy.regions.label(line.region.code), str(line.entries), str(line.unconfirmed), *cells)
