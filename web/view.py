"""How a page is looked at: the day the question is about and the language of the interface.

Both live in the address (``as_of``, ``lang``) and nowhere else, so that a shared link shows the same page.
The page of an entry may also be asked for as it was published at a moment (``known_at``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Literal, cast

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge

from kb.domain import dates
from kb.search.query import Notice
from web.i18n import _
from web.site import site

Language = Literal["zh", "en"]
_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)
_REPLAYED = frozenset({"entries.show", "entries.as_json"})
"""The pages that can be shown as they were; on others ``known_at`` means nothing."""
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
"""An offset whose plus sign an address has turned into a blank."""


@dataclass(frozen=True)
class View:
    """``asked`` is the other day that was asked for, ``None`` today; ``bad_day`` what was no date.

    ``known_at`` is the moment whose versions are shown, ``replayed`` how the address wrote it, and
    ``bad_moment`` what was no moment. Without another day asked for, the page is of the day of that moment.
    """

    day: date
    asked: date | None
    language: Language
    bad_day: str = ""
    known_at: datetime | None = None
    replayed: str = ""
    bad_moment: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """What every link of the page carries on."""
        kept = {"as_of": self.asked.isoformat()} if self.asked else {}
        return {**kept, "lang": "en"} if self.language == "en" else kept

    @property
    def html_lang(self) -> str:
        return "en" if self.language == "en" else "zh-CN"


def view() -> View:
    """The view of the request that is being answered."""
    if "view" not in g:
        g.view = _from_address()
    return cast(View, g.view)


def _from_address() -> View:
    today = site().today
    language: Language = "en" if _asked("lang") == "en" else "zh"
    text = _asked("as_of").strip()
    day = read_day(text)
    if not text or day == today:
        found = View(today, None, language)
    elif day is None:
        found = View(today, None, language, bad_day=text)
    else:
        found = View(day, day, language)
    return _replayed(found, bool(text)) if request.endpoint in _REPLAYED else found


def _replayed(found: View, has_day: bool) -> View:
    """The view with the moment that was asked for, if one was."""
    text = _asked("known_at").strip()[:40]
    moment = read_moment(text)
    if not text:
        return found
    if moment is None:
        return replace(found, bad_moment=text)
    day = found.day if has_day else moment.astimezone(dates.SHANGHAI).date()
    return replace(found, day=day, known_at=moment, replayed=text)


def _asked(name: str) -> str:
    """A parameter of the address, of a form, or of the JSON object that a caller sent.

    Of a body that is too long or nested too deep only the address is read.
    """
    try:
        body = request.get_json(silent=True) if request.is_json else None
        given = request.values.get(name) or (body.get(name) if isinstance(body, dict) else None)
    except (RecursionError, RequestEntityTooLarge):
        given = request.args.get(name)
    return str(given or "")


def read_day(text: str) -> date | None:
    """The day meant by ``2020-03-10`` or ``2020年3月10日``; ``None`` for what is none or out of range."""
    worded = dates.parse_date(text[:40]) if text else None
    day = worded.exact if worded else None
    return day if day and _FIRST <= day <= _LAST else None


def read_moment(text: str) -> datetime | None:
    """The moment meant by ``2026-11-22T10:00:00Z``, or by a day: its end in China; ``None`` for neither.

    A time without an offset is China's.
    """
    day = read_day(text)
    if day:
        return datetime.combine(day, time.max, dates.SHANGHAI)
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text))
        moment = found if found.tzinfo else found.replace(tzinfo=dates.SHANGHAI)
        return moment if _FIRST <= moment.astimezone(dates.SHANGHAI).date() <= _LAST else None
    except (ValueError, OverflowError):
        return None


def notice_words(notice: Notice) -> str:
    """A notice of the search in the language of the page."""
    words = {
        "too-long": _("搜索词太长，只用了前 %(number)s 个字"),
        "too-common": _("以「%(value)s」开头的词太多，只找了前 %(number)s 个；请多写一个字"),
        "too-many": _("搜索词太多，只用了前 %(number)s 个"),
        "no-region": _(
            "没有「%(value)s」这个地区。请写省、市的名称或六位行政区划代码，如 湖南、湖南省长沙市、430100"
        ),
        "no-year": _("「%(value)s」不是年份。请写四位数字，如 2026"),
        "no-value": _("没有「%(value)s」这个选项（%(field)s）。可用：%(accepted)s"),
    }
    return words[notice.code] % notice.values


def bad_moment_notice(text: str) -> str:
    """What to tell somebody whose moment was not understood."""
    return _(
        "看不懂时间「%(text)s」，请写成 2026-11-22 或 2026-11-22T10:00:00Z 这样；下面是现在的内容。",
        text=text,
    )


def bad_day_notice(text: str) -> str:
    """What to tell somebody whose date was not understood."""
    shown = text[:40]
    return _("看不懂日期「%(text)s」，请写成 2020-03-10 这样；下面按今天查。", text=shown)
