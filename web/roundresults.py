"""The published statistics of a round as a page shows them: labelled rows, bars beside those of 2020."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kb.domain.comparison import Beside, Comparison, compared
from kb.domain.roundresults import REST, Crossing, Group, Results
from kb.domain.rounds import CROSSINGS, OPERATING, Round, obstacle_label
from kb.domain.statistics import Field, percent
from kb.domain.survey import Survey
from kb.domain.withholding import LEAST
from web.charts import WIDTH
from web.i18n import _
from web.site import site
from web.view import view

ROW = 64
_TRACK = WIDTH - 58
_HUNDRED, _TEN = Decimal(100), Decimal(10)


@dataclass(frozen=True)
class Row:
    """One line of a table: who, how many of all in per cent, mean difficulty; ``None`` where not told."""

    label: str
    count: int | None
    percent: Decimal | None
    difficulty: Decimal | None = None


@dataclass(frozen=True)
class Pair:
    """Two bars one below the other: this round's and that of 2020, if it can be held against it.

    ``y`` and the widths are in the drawing's units; ``about`` is true where 2020 printed 左右.
    """

    label: str
    y: int
    shown: str
    width: float
    then: str = ""
    then_width: float = 0.0
    about: bool = False


@dataclass(frozen=True)
class Pairs:
    """Bars over a common zero."""

    height: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Grid:
    """A table of two fields: the columns' labels, then each row's label with its cells.

    Rows and columns of which nothing is told are left out.
    """

    row: str
    column: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Crossing, ...]], ...]


@dataclass(frozen=True)
class SizeShares:
    """Per cent of each size that named one thing; ``None`` where not told."""

    label: str
    all: Decimal | None
    by_size: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Page:
    """Everything a page of results shows."""

    results: Results
    beside: Comparison
    survey: Survey | None
    operating: tuple[Row, ...]
    sizes: tuple[Row, ...]
    regions: tuple[Row, ...]
    segments: tuple[Row, ...]
    grid: Grid | None
    obstacles: Pairs
    hidden: tuple[str, ...]
    difficulty: Pairs
    by_size: tuple[SizeShares, ...]
    new: tuple[str, ...]
    least: int = LEAST


def page_of(held: Round, results: Results) -> Page:
    """The page of one round's results."""
    survey = site().terms.survey
    beside = compared(results, survey, held.office)
    return Page(
        results,
        beside,
        survey,
        operating=_rows(results.operating, results.answers, operating_words()),
        sizes=_rows(results.by_size, results.answers),
        regions=_rows(results.by_region, results.answers),
        segments=_rows(results.by_segment, results.answers),
        grid=_grid(results),
        obstacles=_obstacle_pairs(results, beside),
        hidden=tuple(obstacle_name(one.key) for one in results.obstacles if one.count is None),
        difficulty=_difficulty_pairs(results, beside),
        by_size=_by_size(results),
        new=tuple(map(obstacle_name, beside.new)),
    )


def operating_words() -> dict[str, str]:
    """What the three states of a company are called."""
    return dict(zip(OPERATING, (_("正常经营"), _("部分开工"), _("没有开工")), strict=True))


def field_words(field: Field) -> str:
    """What a field is called."""
    return {"region": _("地区"), "size": _("企业规模"), "segment": _("细分行业")}[field]


def obstacle_name(key: str) -> str:
    """What an obstacle is called in the language of the page."""
    return obstacle_label(key, site().taxonomy, site().terms.survey, view().language)


def group_name(key: str) -> str:
    """What a group is called: of those told together 其余, of those who did not tell 没有说明."""
    if key in (REST, ""):
        return _("其余合计") if key == REST else _("没有说明")
    taxonomy = site().taxonomy
    if key in taxonomy.sizes:
        return taxonomy.sizes.label(key, view().language)
    return (
        taxonomy.industries.label(key, view().language) if not key.isdigit() else taxonomy.regions.label(key)
    )


def _rows(groups: Iterable[Group], base: int, names: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    return tuple(_row(one, base, names or {}) for one in groups)


def _row(one: Group, base: int, names: Mapping[str, str]) -> Row:
    label = names.get(one.key) or group_name(one.key)
    return Row(label, one.count, percent(one.count, base), one.difficulty)


def _grid(results: Results) -> Grid | None:
    fields = CROSSINGS.get(results.crossed)
    if fields is None:
        return None
    row, column = fields
    cells = {(one.row, one.column): one for one in results.cells}
    told = [one for one in results.cells if one.count is not None]
    columns = [one.key for one in results.groups(column) if any(cell.column == one.key for cell in told)]
    return Grid(
        field_words(row),
        field_words(column),
        tuple(map(group_name, columns)),
        tuple(
            (group_name(one.key), tuple(cells[one.key, other] for other in columns))
            for one in results.groups(row)
            if any(cell.row == one.key for cell in told)
        ),
    )


def _obstacle_pairs(results: Results, beside: Comparison) -> Pairs:
    then = {one.key: one for one in beside.obstacles}
    rows = [
        (obstacle_name(one.key), share, f"{share}%", then.get(one.key))
        for one in results.obstacles
        if one.count is not None and (share := percent(one.count, results.answers)) is not None
    ]
    return _pairs(rows, _HUNDRED, "%")


def _difficulty_pairs(results: Results, beside: Comparison) -> Pairs:
    then = {one.key: one for one in beside.difficulty_by_size}
    whole = (_("全部"), results.difficulty, str(results.difficulty), beside.difficulty)
    sizes = [
        (group_name(one.key), one.difficulty, str(one.difficulty), then.get(one.key))
        for one in results.by_size
        if one.difficulty is not None
    ]
    return _pairs([whole, *sizes], _TEN, "")


def _pairs(rows: Sequence[tuple[str, Decimal, str, Beside | None]], top: Decimal, unit: str) -> Pairs:
    made, y = [], 0
    for label, now, shown, then in rows:
        made.append(
            Pair(
                label,
                y,
                shown,
                _width(now, top),
                f"{then.then}{unit}" if then else "",
                _width(then.then, top) if then else 0.0,
                then.about if then else False,
            )
        )
        y += ROW if then else ROW - 19
    return Pairs(y, tuple(made))


def _width(value: Decimal, top: Decimal) -> float:
    return round(float(value / top) * _TRACK, 1)


def _by_size(results: Results) -> tuple[SizeShares, ...]:
    """Per cent by size of what is told overall."""
    bases = {one.key: one.count for one in results.by_size}
    told = [one for one in (*results.obstacles, results.stopped) if one.count is not None]
    return tuple(
        SizeShares(
            obstacle_name(one.key) if one.key not in OPERATING else operating_words()[one.key],
            percent(one.count or 0, results.answers),
            tuple(
                percent(held, base) if (held := one.by_size.get(key)) is not None else None
                for key, base in bases.items()
            ),
        )
        for one in told
    )
