"""How a relief is got: what the company must do, when, and in which manner the relief helps."""

from __future__ import annotations

from datetime import date
from typing import Literal

from kb.domain.relief import Apply, Relief, Window

Group = Literal["automatic", "declare", "apply", "bank", "use", "closed"]
GROUPS: tuple[Group, ...] = ("automatic", "declare", "apply", "bank", "use", "closed")
"""What the company must do: nothing, its accountant in a return, apply, ask its bank, claim in bids and
payments, or wait because this year's window has shut."""
_BY_CHANNEL: dict[str, Group] = {
    "automatic": "automatic",
    "declare": "declare",
    "record": "declare",
    "pledge": "apply",
    "apply": "apply",
    "bank": "bank",
    "bid": "use",
    "complaint": "use",
}
_DEFERS = ("缓", "延期", "延长", "展期", "续贷")


def how_to_get(apply: Apply | None, day: date) -> tuple[Group, bool]:
    """What the company must do, and whether it can on ``day``: in force and claimable are two answers."""
    if apply is None:
        return "apply", True
    group = _BY_CHANNEL[apply.channel]
    windows = apply.windows_on(day)
    if not windows or any(_is_open(one, day) for one in windows):
        return group, True
    this_year = any(one.closed or (one.closes and one.closes.year == day.year) for one in windows)
    later = any(one.opens and one.opens > day for one in windows)
    return ("closed", False) if this_year and not later else (group, False)


def _is_open(window: Window, day: date) -> bool:
    begun = window.opens is None or window.opens <= day
    return begun and not window.closed and (window.closes is None or window.closes >= day)


def manner(relief: Relief) -> int:
    """0 for 免、减, 1 for 补, 2 for 缓、贷: 减免重于缓交 (the survey's seventh recommendation)."""
    if relief.type == "finance" or any(word in relief.title for word in _DEFERS):
        return 2
    return 1 if relief.type in ("subsidy", "jobs", "training", "technology") else 0
