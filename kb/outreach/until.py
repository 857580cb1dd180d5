"""Until when something runs, in words for texts that leave the site: messages, lists, calendars, feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kb.domain.dates import in_words
from kb.domain.timeline import StatusOn

Dated = tuple[str, StatusOn]
"""A relief's title and its status on the day."""
DIFFER = "各项不同"


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


def runs_words(whole: StatusOn, parts: Sequence[Dated], room: int = 0, see: str = "") -> str:
    """Until when all of ``parts`` run: in one's words where they agree, ``whole``'s where there are none.

    Where they differ each is named in at most ``room`` characters; where that is too few, the latest day is
    said to be that, with ``see`` after it, which tells where the rest stands.
    """
    if not differ(parts):
        return running_words(whole)
    named = f"{DIFFER}，{named_words(parts, whole=True)}"
    if len(named) <= room:
        return named
    return "，".join(part for part in (DIFFER, *_spread(parts), see) if part)


def differ(parts: Sequence[Dated]) -> bool:
    """Whether one day said for all of them would be wrong for some."""
    return len({running_words(status) for _title, status in parts}) > 1


def named_words(parts: Sequence[Dated], *, whole: bool = False) -> str:
    """``甲：已于…到期；其余：…止``; 其余 only of a ``whole``: what most of it share, last."""
    groups: dict[str, list[str]] = {}
    for title, status in parts:
        groups.setdefault(running_words(status), []).append(title)
    rest = max(groups, key=lambda words: len(groups[words]))
    told = {words: "、".join(titles) for words, titles in groups.items()}
    if whole and len(groups) > 1 and len(groups[rest]) > 1:
        told.pop(rest)
        told[rest] = "其余"
    return "；".join(f"{who}：{words}" for words, who in told.items())


def _spread(parts: Sequence[Dated]) -> list[str]:
    """That some have ended, the latest day of the others, and what has no day."""
    going = [status for _title, status in parts if status.status != "expired"]
    if not going:
        return ["都已到期"]
    dated = [one for one in going if one.end and not one.stale]
    loose = dict.fromkeys(running_words(one) for one in going if one not in dated)
    said = ["部分已到期"] if len(going) < len(parts) else []
    if dated:
        latest = max(dated, key=lambda one: one.end or date.min)
        last = "最晚" if not loose or differ([("", one) for one in dated]) else ""
        said.append(f"{'有的' if loose else ''}{last}{end_words(latest)}止")
    return said + [f"有的{words}" for words in loose]
