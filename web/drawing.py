"""The life of an entry's periods as a drawing: places and sizes here, the SVG itself in the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.outreach.message import shortened
from kb.outreach.sheet import ReliefOn, Sheet

WIDTH = 360
ROW = 34
LABEL_CHARACTERS = 27
MAX_ROWS = 8


@dataclass(frozen=True)
class Bar:
    """One relief: a bar as first written, then what a later document added (or took off).

    ``first_inferred`` is what its first end was worked out from, where the document gives none.
    """

    label: str
    y: int
    x: float
    first: float
    added: float
    start: date
    first_end: date
    end: date
    first_inferred: str = ""


@dataclass(frozen=True)
class Life:
    """Bars over a time axis; ``day_x`` is where the day asked about lies, if it is on the axis."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    day_x: float | None


def life_of(sheet: Sheet) -> Life | None:
    """The drawing of an entry, or ``None`` where no period has both a first and a last day."""
    spans = [span for one in sheet.reliefs if (span := _span(one))][:MAX_ROWS]
    if not spans:
        return None
    low = min(start for _, start, *_rest in spans)
    high = max(max(first, end) for _, _, first, end, _ in spans)
    axis = _Axis(low, high)
    bars = tuple(_bar(axis, at, *span) for at, span in enumerate(spans))
    day_x = axis.at(sheet.day) if low <= sheet.day <= high else None
    return Life(len(bars) * ROW + 22, bars, axis.ticks(), day_x)


def _span(one: ReliefOn) -> tuple[str, date, date, date, str] | None:
    start, end = one.term.first.start, one.term.status.end
    if start is None or end is None or end < start:
        return None
    return one.relief.title, start, one.term.first.end or end, end, one.term.first.inferred


@dataclass(frozen=True)
class _Axis:
    low: date
    high: date

    def at(self, day: date) -> float:
        days = max(1, (self.high - self.low).days)
        return round((day - self.low).days / days * WIDTH, 1)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """First days of years, or of quarters where the axis is short; few enough to be read."""
        months = (1,) if (self.high - self.low).days > 730 else (1, 4, 7, 10)
        years = range(self.low.year, self.high.year + 1)
        days = [date(year, month, 1) for year in years for month in months]
        inside = [day for day in days if self.low <= day <= self.high]
        step = -(-len(inside) // 5) or 1
        return tuple((self.at(day), f"{day.year}.{day.month}") for day in inside[::step])


def _bar(axis: _Axis, row: int, title: str, start: date, first_end: date, end: date, inferred: str) -> Bar:
    x, first, last = axis.at(start), axis.at(min(first_end, end)), axis.at(end)
    return Bar(
        label=shortened(title, LABEL_CHARACTERS),
        y=row * ROW,
        x=x,
        first=round(max(2.0, first - x), 1),
        added=round(last - first, 1),
        start=start,
        first_end=first_end,
        end=end,
        first_inferred=inferred,
    )
