"""The survey's charts: places, sizes and classes here, the SVG itself in the template.

Only values that the report prints are drawn; ``about`` marks those it gives as 左右.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kb.domain.survey import Obstacles, Provinces, SizeClasses
from kb.domain.taxonomy import Regions, TermList

TILE = 52
WIDTH = 360
ROW = 46
_CLASSES = (Decimal(5), Decimal(6), Decimal(7), Decimal(8))
"""Where the shades of the map change: below 5, 5-5.9, 6-6.9, 7-7.9, 8 and more."""


@dataclass(frozen=True)
class Tile:
    """One province: its place, its score and shade (1-5), or neither where there was no sample."""

    code: str
    name: str
    x: int
    y: int
    score: Decimal | None
    shade: int


@dataclass(frozen=True)
class TileMap:
    """The provinces as squares, roughly where they lie."""

    width: int
    height: int
    tiles: tuple[Tile, ...]
    ranked: tuple[Tile, ...]


@dataclass(frozen=True)
class Bar:
    """One bar: ``width`` in the drawing's units; ``key`` names what it links to, if anything."""

    label: str
    value: Decimal
    shown: str
    y: int
    width: float
    about: bool = False
    key: str = ""


@dataclass(frozen=True)
class Bars:
    """Bars from a common zero to ``top``."""

    height: int
    top: Decimal
    bars: tuple[Bar, ...]


def tile_map(provinces: Provinces, regions: Regions) -> TileMap:
    """The map of difficulty; ``ranked`` has the provinces with a score, the hardest first."""
    tiles = [
        _tile(code, place, provinces.values.get(code), regions) for code, place in provinces.tiles.items()
    ]
    columns = 1 + max(column for column, _ in provinces.tiles.values())
    rows = 1 + max(row for _, row in provinces.tiles.values())
    scored = [tile for tile in tiles if tile.score is not None]
    ranked = sorted(scored, key=lambda tile: (-(tile.score or 0), tile.code))
    return TileMap(columns * TILE, rows * TILE, tuple(tiles), tuple(ranked))


def _tile(code: str, place: tuple[int, int], score: Decimal | None, regions: Regions) -> Tile:
    column, row = place
    shade = 0 if score is None else 1 + sum(score >= bound for bound in _CLASSES)
    return Tile(code, regions.by_code[code].short, column * TILE, row * TILE, score, shade)


def obstacle_bars(obstacles: Obstacles) -> Bars:
    """Per cent of firms that named an obstacle."""
    rows = [(one.label, one.value, f"{one.value}%", False, one.need) for one in obstacles.values]
    return _bars(sorted(rows, key=lambda row: -row[1]), Decimal(60))


def shut_bars(sizes: SizeClasses, labels: TermList) -> Bars:
    """Per cent of firms not reopened, by size class."""
    rows = [
        (labels.label(one.size), one.not_reopened, f"{one.not_reopened}%", False, one.size)
        for one in sizes.values
    ]
    return _bars(rows, Decimal(60))


def difficulty_bars(sizes: SizeClasses, labels: TermList) -> Bars:
    """Difficulty by size class; what the report gives as 6.5 分左右 is drawn and said as about."""
    rows = [
        (
            labels.label(one.size),
            one.difficulty,
            f"{one.difficulty}",
            one.about,
            one.size,
        )
        for one in sizes.values
    ]
    return _bars(rows, Decimal(10))


def _bars(rows: list[tuple[str, Decimal, str, bool, str]], top: Decimal) -> Bars:
    most = WIDTH - 58
    bars = tuple(
        Bar(label, value, shown, at * ROW, round(float(value / top) * most, 1), about, key)
        for at, (label, value, shown, about, key) in enumerate(rows)
    )
    return Bars(len(rows) * ROW, top, bars)
