"""Chinese dates and periods as values that keep their wording.

``2020年6月30日``, ``二〇二〇年二月十日``, ``2020-02-10``; months and years without a day are kept as ranges,
never rounded to one day. Days are in Asia/Shanghai, which has been UTC+8 all year since 1992.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_NUMERAL = "0-9〇零○一二三四五六七八九十两"
_DATE = re.compile(
    rf"(?P<year>[{_NUMERAL}]{{4}})\s*[年./-]\s*(?:(?P<month>[{_NUMERAL}]{{1,3}})\s*(?:[月./-]\s*(?:(?P<day>[{_NUMERAL}]{{1,3}})\s*[日号]?)?)?)?"
)
_LENGTH = re.compile(rf"(?P<count>[{_NUMERAL}]{{1,4}})\s*个?(?P<unit>工作日|日|天|周|月|季度|年)")


@dataclass(frozen=True)
class WordedDate:
    """A stretch of days from ``first`` to ``last`` and the words it was written in."""

    first: date
    last: date
    wording: str

    @property
    def exact(self) -> date | None:
        """The day, if the wording names one."""
        return self.first if self.first == self.last else None


@dataclass(frozen=True)
class WordedLength:
    """A length of time such as ``三个月``: a count, its unit and the words."""

    count: int
    unit: str
    wording: str


def today(now: Callable[[timezone], datetime] = datetime.now) -> date:
    """Today in China."""
    return now(SHANGHAI).date()


def number_of(text: str) -> int | None:
    """A whole number in digits or Chinese numerals; ``None`` if it is none."""
    text = text.replace("○", "〇").replace("零", "〇").replace("两", "二")
    if text.isdigit():
        return int(text)
    digits = "〇一二三四五六七八九"
    if text and all(c in digits or c.isdigit() for c in text):
        return int("".join(str(digits.index(c)) if c in digits else c for c in text))
    import cn2an  # a seventh of a second, for the numerals few texts have

    try:
        return int(cn2an.cn2an(text.replace("〇", "零"), "smart"))
    except (ValueError, KeyError):  # cn2an raises either on numerals that are none
        return None


def _span(year: int, month: int | None, day: int | None) -> tuple[date, date] | None:
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            first = date(year, month, 1)
            after = date(year + month // 12, month % 12 + 1, 1)
            return first, after - timedelta(days=1)
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


def find_dates(text: str) -> list[WordedDate]:
    """Every date in ``text`` that the calendar allows, in order, each with its wording."""
    found = []
    for match in _DATE.finditer(unicodedata.normalize("NFKC", text)):
        parts = [number_of(match[name]) if match[name] else None for name in ("year", "month", "day")]
        span = _span(parts[0], parts[1], parts[2]) if parts[0] else None
        if span:
            found.append(WordedDate(*span, match[0].strip()))
    return found


def parse_date(text: str) -> WordedDate | None:
    """The date that ``text`` as a whole is, or ``None``."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = find_dates(plain)
    return found[0] if len(found) == 1 and found[0].wording == plain else None


def find_lengths(text: str) -> list[WordedLength]:
    """Every length of time in ``text``: ``3个月``, ``三个月``, ``10个工作日``, ``两年``."""
    found = []
    for match in _LENGTH.finditer(unicodedata.normalize("NFKC", text)):
        count = number_of(match["count"])
        if count is not None and count < 1000:
            found.append(WordedLength(count, match["unit"], match[0]))
    return found


def in_words(day: date) -> str:
    """``2020年6月30日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_of(moment: str) -> date:
    """The day in China of a moment in ISO 8601 with its offset, as the store writes them."""
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).date()
