"""Dates, money, statuses and audiences in words: what templates say, as filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask
from flask_babel import format_date
from markupsafe import Markup

from kb.domain import dates
from kb.domain.entry import Entry
from kb.domain.relief import Regions, Relief, Window
from kb.domain.timeline import StatusOn
from kb.outreach.message import audience_words, entry_audience, shortened
from kb.outreach.sheet import Term
from kb.search.engine import Hit
from kb.search.record import Record
from kb.search.snippets import Snippet
from web.i18n import _
from web.markdown import to_html
from web.site import site
from web.view import view

NEAR_DAYS = 60
_WAN = Decimal(10000)


@dataclass(frozen=True)
class StatusWords:
    """A status for readers: ``shape`` names its symbol, so that it never rests on colour alone."""

    shape: str
    label: str


def day_words(day: date) -> str:
    """``2020年6月30日``, in English ``30 June 2020``."""
    return format_date(day, "d MMMM y") if view().language == "en" else dates.in_words(day)


def moment_words(moment: str) -> str:
    """The day in China of a UTC timestamp of the store."""
    return day_words(dates.day_of(moment))


def exact_moment(moment: str) -> str:
    """Day and time in China of a UTC timestamp of the store: ``2026-11-22 18:05``."""
    return datetime.fromisoformat(moment).astimezone(dates.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def about_words(day: date, inferred: str) -> str:
    """A last day in words: ``约2026年12月17日（据有效期2年推算）`` where it was worked out from something."""
    if not inferred:
        return day_words(day)
    return _("约%(day)s（据%(basis)s推算）", day=day_words(day), basis=inferred)


def left_words(day: date, inferred: str = "") -> str:
    """``还有 12 天`` for a day at most 60 days ahead of the day asked about; else nothing."""
    left = (day - view().day).days
    if inferred:
        return _("还有约 %(n)s 天", n=left) if 0 < left <= NEAR_DAYS else ""
    if left == 0:
        return _("今天截止")
    return _("还有 %(n)s 天", n=left) if 0 < left <= NEAR_DAYS else ""


def money_words(amount: Decimal) -> str:
    """``约 3.2 万元 (32,150 元)``; below 10,000 yuan just the figure."""
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    exact = _("%(n)s 元", n=f"{whole:,}")
    if amount < _WAN:
        return exact
    wan = (amount / _WAN).quantize(Decimal("0.1"), ROUND_HALF_UP)
    rounded = f"{wan.normalize():f}"
    about = _("%(n)s 万元", n=rounded) if wan * _WAN == amount else _("约 %(n)s 万元", n=rounded)
    return f"{about} ({exact})"


def status_words(status: StatusOn) -> StatusWords:
    """The status as word and shape."""
    if status.status == "expired":
        if status.recently_ended:
            return StatusWords("recent", _("刚到期，关注续期"))
        return StatusWords("expired", _("已失效"))
    if status.stale:
        return StatusWords("stale", _("时效待核实"))
    if status.status == "upcoming":
        return StatusWords("upcoming", _("未开始"))
    if status.status == "unstated":
        return StatusWords("unstated", _("未写截止日"))
    return StatusWords("open", _("长期有效") if status.end_kind == "long_term" else _("有效"))


def until_words(status: StatusOn) -> str:
    """Until when, in a phrase: an end with the days left, or why there is none."""
    if status.end_kind == "ended":
        return _("已失效，日期不详")
    if status.end:
        return _end_words(status, status.end)
    if status.end_kind == "long_term":
        return _begun_words(status)
    return _("未写截止日") if status.stale else _begun_words(status)


def _begun_words(status: StatusOn) -> str:
    """From when, for what has no end: the status beside it says that already."""
    if status.start is None:
        return ""
    if status.status == "upcoming":
        return _("%(day)s 开始", day=day_words(status.start))
    return _("从 %(day)s 起", day=day_words(status.start))


def _end_words(status: StatusOn, end: date) -> str:
    if status.status == "expired":
        return _("已于 %(day)s 到期", day=about_words(end, status.inferred))
    left = _in_brackets(left_words(end, status.inferred))
    until = _("至 %(day)s", day=about_words(end, status.inferred)) + left
    return _from_words(status, until)


def _in_brackets(left: str) -> str:
    return _("（%(left)s）", left=left) if left else ""


def _from_words(status: StatusOn, until: str) -> str:
    if status.status == "upcoming" and status.start:
        return _("%(day)s 开始，%(until)s", day=day_words(status.start), until=until)
    return until


def summary_words(status: StatusOn) -> str:
    """Status and end in one phrase without a symbol, for descriptions."""
    return f"{status_words(status).label} {until_words(status)}".strip()


def moved_words(term: Term, mover: str) -> Markup:
    """What a later document did to a period and what it was before: ``因 … 延长；原定 2020年6月30日``.

    ``mover`` may be a link; it is escaped if it is not.
    """
    first = term.first.end
    before = _("原定 %(day)s", day=about_words(first, term.first.inferred)) if first else ""
    return Markup(_moved(term)) % {"mover": mover, "before": before}  # noqa: S704 - our own catalogue


def _moved(term: Term) -> str:
    first, end = term.first.end, term.status.end
    if term.repealed:
        return _("因 %(mover)s 停止执行")
    if first is None:
        return _("截止日由 %(mover)s 定；原来没有写截止日")
    if first == end:
        return _("%(mover)s 写的也是这一天")
    longer = end is not None and end > first
    return _("因 %(mover)s 延长；%(before)s") if longer else _("因 %(mover)s 提前结束；%(before)s")


def why(hit: Hit) -> Snippet:
    """The passage that shows why a hit matched; nothing where it shows no hit."""
    return hit.snippet if any(part.hit for part in hit.snippet) else ()


def window_words(window: Window) -> str:
    """When applications are taken and whether that is so on the day; nothing if no day is known."""
    day, opens, closes = view().day, window.opens, window.closes
    if not (opens or closes):
        return ""
    if closes and closes < day:
        return _("受理已于 %(day)s 结束", day=day_words(closes))
    if opens and opens > day:
        return _("%(day)s 开始受理", day=day_words(opens))
    if closes:
        return _("正在受理，至 %(day)s", day=day_words(closes)) + _in_brackets(left_words(closes))
    return _("正在受理")


def checked_words(day: date | None, lapsed: bool = False) -> str:
    """``最近核对 2026年11月22日``, or that nobody has looked since whether it still applies.

    With ``lapsed`` that was too long ago to rely on: 待复核.
    """
    if day is None:
        return _("时效未核对")
    if lapsed:
        return _("待复核（最近核对 %(day)s）", day=day_words(day))
    return _("最近核对 %(day)s", day=day_words(day))


def record_audience(record: Record) -> str:
    """Who a hit is for, in words."""
    sizes = [row.sizes for row in record.rows]
    trades = [row.industries for row in record.rows]
    return audience_words(record.regions, sizes, trades, site().taxonomy)


def relief_audience(relief: Relief, entry: Entry) -> str:
    """Who a relief is for, in words: its own regions within its entry's."""
    own = relief.audience.regions
    regions = Regions(
        include=own.include or entry.regions.include, exclude=own.exclude + entry.regions.exclude
    )
    return audience_words(regions, [relief.audience.sizes], [relief.audience.industries], site().taxonomy)


def headline(text: str, length: int = 28) -> str:
    """``text`` in at most ``length`` characters, cut at a comma where one is near enough."""
    if len(text) <= length:
        return text.rstrip("。")
    at = max(text.rfind(mark, 0, length + 1) for mark in "，；。：、")
    return text[:at] if at >= length // 2 else shortened(text, length)


def init_app(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        day=day_words,
        moment=moment_words,
        about=about_words,
        moment_exact=exact_moment,
        money=money_words,
        status=status_words,
        until=until_words,
        moved=moved_words,
        summary=summary_words,
        why=why,
        window=window_words,
        checked=checked_words,
        record_audience=record_audience,
        entry_audience=lambda entry: entry_audience(entry, site().taxonomy),
        relief_audience=relief_audience,
        region_label=lambda code: site().taxonomy.regions.label(code),
        size_label=lambda key: site().taxonomy.sizes.label(key),
        headline=headline,
        markdown=to_html,
    )
