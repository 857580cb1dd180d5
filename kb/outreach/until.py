"""Until when something runs, in words for texts that leave the site: messages, lists, calendars, feeds."""

from __future__ import annotations

from datetime import date

from kb.domain.dates import in_words
from kb.domain.timeline import StatusOn


def about(words: str, inferred: str) -> str:
    """``约2026年12月17日（据有效期2年推算）``; a day that a document gives stands as it is."""
    return f"约{words}（据{inferred}推算）" if inferred else words


def end_words(status: StatusOn) -> str:
    """The last day in words; nothing where there is none."""
    return about(in_words(status.end), status.inferred) if status.end else ""


def end_iso(status: StatusOn) -> str:
    """The last day as ``2026-12-17``, with its doubt where it was worked out; nothing where there is none."""
    return about(status.end.isoformat(), status.inferred) if status.end else ""


def until_words(status: StatusOn, confirmed_on: date | None) -> str:
    """Until when something runs as known on the day, and when that was last checked."""
    return f"{running_words(status)}（{checked_words(status, confirmed_on)}）"


def checked_words(status: StatusOn, confirmed_on: date | None) -> str:
    """``最近核对2026年11月22日``; 待复核 before it where that is too long ago; or that nobody has checked."""
    if confirmed_on is None:
        return "时效未核对"
    checked = f"最近核对{in_words(confirmed_on)}"
    return f"待复核，{checked}" if status.lapsed else checked


def running_words(status: StatusOn) -> str:
    """``2026年12月31日止``, ``长期有效``, ``已于…到期``: until when, without when that was checked."""
    if status.status == "expired":
        return f"已于{end_words(status)}到期" if status.end else "已失效，日期不详"
    if status.stale:
        return "时效待核实"
    start = f"{in_words(status.start)}起，" if status.status == "upcoming" and status.start else ""
    if status.end:
        return f"{start}{end_words(status)}止"
    return start + ("长期有效" if status.end_kind == "long_term" else "未写截止日")
