"""What a relief is worth to a company, from figures the company gave; nothing is assumed in silence.

A document's worth is a share of a figure in yuan a month for some months, of a sum, of a yearly amount,
or yuan a head. The result is a range, because what a company tells may be one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kb.domain.company import Company
from kb.domain.relief import Worth
from kb.domain.room import Room
from kb.domain.taxonomy import Fact
from kb.domain.telling import words_of
from kb.domain.timeline import StatusOn, Step

YEAR = 12
PRINCIPAL = "loan_principal"
"""The figure whose rate is for a year: what is saved on it is interest."""
SUMMED = ("pension_contribution", "unemployment_contribution", "injury_contribution")
"""The three insurances whose sum is ``social_contributions``."""


@dataclass(frozen=True)
class Estimate:
    """``low`` to ``high`` yuan over the whole period; ``formula`` in words, ``assumptions`` one a sentence.

    ``months`` is how many months it is for, ``None`` where it is paid once or a year at a time.
    """

    low: Decimal
    high: Decimal
    formula: str
    assumptions: tuple[str, ...] = ()
    months: int | None = None

    @property
    def a_month(self) -> tuple[Decimal, Decimal] | None:
        """The same a month, for what runs by the month."""
        if not self.months:
            return None
        return _round(self.low / self.months), _round(self.high / self.months)

    def a_head(self, heads: Room | None) -> tuple[Decimal, Decimal] | None:
        """The same for each person, if the head count is known exactly or as a range."""
        low = heads.low if heads else None
        high = heads.high if heads else None
        if not isinstance(low, Decimal) or not isinstance(high, Decimal) or low <= 0:
            return None
        return _round(self.low / high), _round(self.high / low)


def estimate(worth: Worth | None, company: Company, first: Step, now: StatusOn) -> Estimate | None:
    """What the relief is worth, ``None`` without a formula or without the figure it is taken from.

    ``first`` is the period as first written and ``now`` as known on the day: an extension adds its months.
    """
    if worth is None or worth.base is None or (worth.rate is None and worth.each is None):
        return None
    fact = company.taxonomy.facts[worth.base]
    base = _base(worth.base, company)
    if base is None or not isinstance(base.low, Decimal) or base.low < 0:
        return None
    high = base.high if isinstance(base.high, Decimal) else None
    if high is None and worth.cap is None:
        return None
    months, assumed = _months(worth, fact, first, now)
    factor = _factor(worth, fact, months)
    low, top = base.low * factor, high * factor if high is not None else worth.cap or Decimal(0)
    low, top = _kept_in(worth, low, top)
    notes = (*assumed, *_notes(worth, company))
    formula = _formula(worth, fact, words_of(base, fact, company.taxonomy), months)
    return Estimate(Decimal(0) if worth.up_to else low, top, formula, notes, months)


def _factor(worth: Worth, fact: Fact, months: int | None) -> Decimal:
    """What the figure is multiplied by; interest is for a year, so months of a loan are twelfths of it."""
    if worth.each is not None:
        return worth.each
    times = Decimal(months or 1)
    return (worth.rate or Decimal(0)) * (times / YEAR if months and fact.key == PRINCIPAL else times)


def _base(name: str, company: Company) -> Room | None:
    """The figure itself, or the sum of the three insurances where each of them was given."""
    room = company.told.rooms.get(name)
    if room is not None or name != "social_contributions":
        return room
    parts = [company.told.rooms.get(one) for one in SUMMED]
    lows = [part.low for part in parts if part and isinstance(part.low, Decimal)]
    highs = [part.high for part in parts if part and isinstance(part.high, Decimal)]
    if len(lows) < len(SUMMED):
        return None
    return Room(sum(lows, Decimal(0)), sum(highs, Decimal(0)) if len(highs) == len(SUMMED) else None)


def _months(worth: Worth, fact: Fact, first: Step, now: StatusOn) -> tuple[int | None, tuple[str, ...]]:
    """For how many months a monthly figure counts, and what was assumed for that."""
    if fact.key == PRINCIPAL and worth.months:
        return worth.months, (f"按最长 {worth.months} 个月计",)
    if worth.each is not None or not fact.unit.endswith("/月"):
        return None, _yearly(worth, fact)
    moved = whole_months(first.start, now.end) if first.end != now.end else None
    if moved and (worth.months is None or worth.months == whole_months(first.start, first.end)):
        return moved, (f"按整个期限 {first.start} 至 {now.end} 计",)
    if worth.months:
        return worth.months, ()
    if now.end is None:
        return YEAR, ("没有终点，按一年 12 个月计",)
    start = now.start or first.known_on
    whole = whole_months(start, now.end)
    if whole:
        return whole, (f"按整个期限 {start} 至 {now.end} 计",)
    months = max(1, months_inside(start, now.end))
    return months, (f"{start} 至 {now.end} 只计其中的整月，按 {months} 个月计",)


def _yearly(worth: Worth, fact: Fact) -> tuple[str, ...]:
    if worth.each is not None:
        return ()
    if fact.unit.endswith("/年"):
        return ("按一年计",)
    return ("利息按一年计",) if fact.key == PRINCIPAL else ()


def whole_months(start: date | None, end: date | None) -> int | None:
    """The months from a first to a last day that begin and end with a month; ``None`` if they do not."""
    if start is None or end is None or end < start or start.day != 1:
        return None
    after = end + timedelta(days=1)
    return (after.year - start.year) * YEAR + after.month - start.month if after.day == 1 else None


def months_inside(start: date, end: date) -> int:
    """How many calendar months lie wholly within the days from a first to a last."""
    first = start.year * YEAR + start.month - (start.day == 1)
    after = end + timedelta(days=1)
    return max(0, after.year * YEAR + after.month - 1 - first)


def _kept_in(worth: Worth, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    if worth.floor is not None:
        low, high = max(low, worth.floor), max(high, worth.floor)
    if worth.cap is not None:
        low, high = min(low, worth.cap), min(high, worth.cap)
    return _round(low), _round(high)


def _notes(worth: Worth, company: Company) -> tuple[str, ...]:
    notes = []
    if worth.up_to:
        notes.append("文件写的是不超过，实际可能更少")
    if worth.cap is not None:
        notes.append(f"最高 {_yuan(worth.cap)} 元")
    if worth.base == "social_contributions" and worth.base not in company.told.rooms:
        notes.append("三项单位缴费按您填的养老、失业、工伤相加")
    if worth.base == "new_hires":
        notes.append("按新招用的人全部符合条件计")
    return tuple(notes)


def _formula(worth: Worth, fact: Fact, base: str, months: int | None) -> str:
    """``三项单位缴费合计 2 万元/月 × 100% × 5 个月``."""
    if worth.each is not None:
        return f"{fact.label} {base} × {_yuan(worth.each)} 元"
    rate = f"{((worth.rate or Decimal(0)) * 100).normalize():f}%"
    if fact.key == PRINCIPAL and months:
        return f"{fact.label} {base} × 每年 {rate} × {months} 个月"
    return f"{fact.label} {base} × {rate}" + (f" × {months} 个月" if months else "")


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def _yuan(value: Decimal) -> str:
    return f"{value.normalize():,f}"
