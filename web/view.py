"""How a page is looked at: the day the question is about and the language of the interface.

Both live in the address (``as_of``, ``lang``) and nowhere else, so that a shared link shows the same page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from flask import g, request

from kb.domain import dates
from kb.search.query import Notice
from web.i18n import _
from web.site import site

Language = Literal["zh", "en"]
_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class View:
    """``asked`` is the other day that was asked for, ``None`` today; ``bad_day`` what was no date."""

    day: date
    asked: date | None
    language: Language
    bad_day: str = ""

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
        return View(today, None, language)
    if day is None:
        return View(today, None, language, bad_day=text)
    return View(day, day, language)


def _asked(name: str) -> str:
    """A parameter of the address, of a form, or of the JSON object that a caller sent."""
    body = request.get_json(silent=True) if request.is_json else None
    given = request.values.get(name) or (body.get(name) if isinstance(body, dict) else None)
    return str(given or "")


def read_day(text: str) -> date | None:
    """The day meant by ``2020-03-10`` or ``2020年3月10日``; ``None`` for what is none or out of range."""
    worded = dates.parse_date(text[:40]) if text else None
    day = worded.exact if worded else None
    return day if day and _FIRST <= day <= _LAST else None


def notice_words(notice: Notice) -> str:
    """A notice of the search in the language of the page."""
    words = {
        "too-long": _("搜索词太长，只用了前 %(number)s 个字"),
        "too-many": _("搜索词太多，只用了前 %(number)s 个"),
        "no-region": _(
            "没有「%(value)s」这个地区。请写省、市的名称或六位行政区划代码，如 湖南、湖南省长沙市、430100"
        ),
        "no-year": _("「%(value)s」不是年份。请写四位数字，如 2026"),
        "no-value": _("没有「%(value)s」这个选项（%(field)s）。可用：%(accepted)s"),
    }
    return words[notice.code] % notice.values


def bad_day_notice(text: str) -> str:
    """What to tell somebody whose date was not understood."""
    shown = text[:40]
    return _("看不懂日期「%(text)s」，请写成 2020-03-10 这样；下面按今天查。", text=shown)
