"""The first step to a digest: what happened in a period, to be ticked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.digest import SECTION_NAMES, SECTIONS, Choice, Masthead
from kb.errors import KbError
from kb.outreach.digest import Suggestion, period_for, suggest
from kb.store import digests, entries
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.site import database, site
from web.view import read_day

bp = Blueprint("choosing", __name__, url_prefix="/desk/digests/new")


@dataclass(frozen=True)
class Asked:
    """The period that the page of suggestions was asked for, and what in it was no date."""

    since: date | None
    day: date
    problem: str = ""


def _asked() -> Asked:
    days = {name: request.values.get(name, "").strip() for name in ("since", "day")}
    since, day = (read_day(text) for text in days.values())
    wrong = next((text for text in days.values() if text and read_day(text) is None), "")
    today = site().today
    if wrong:
        told = _("看不懂日期「%(text)s」，请写成 2026-11-22 这样。", text=wrong[:40])
        return Asked(since, day or today, told)
    if day and day > today:
        return Asked(since, today, _("“到哪天止”不能晚于今天。"))
    if since and since > (day or today):
        return Asked(None, day or today, _("“从哪天起”晚于“到哪天止”，请把两个日期改对。"))
    return Asked(since, day or today)


@bp.get("/")
def index() -> ResponseReturnValue:
    """What happened since the last issue, or in the days asked for, to be ticked."""
    return _choosing(_asked())


def _choosing(
    asked: Asked, message: str = "", picked: tuple[str, ...] | None = None, extra: str = ""
) -> ResponseReturnValue:
    period = period_for(database(), asked.day, asked.since)
    found = suggest(site().library, database(), period)
    told = message or asked.problem
    page = render_template(
        "desk/digests/new.html",
        period=period,
        groups=[(one, [s for s in found if s.section == one]) for one in SECTIONS],
        section_names=SECTION_NAMES,
        is_ticked=lambda one: _value(one) in picked if picked is not None else one.ticked,
        value=_value,
        ticked=len(picked) if picked is not None else sum(one.ticked for one in found),
        message=told,
        extra=extra,
    )
    return page, 422 if told else 200


def _value(one: Suggestion) -> str:
    return f"{one.section}:{one.key}"


@bp.post("/")
def add() -> ResponseReturnValue:
    """A draft of what was ticked; what is wrong is said with everything still ticked."""
    asked, picked = _asked(), tuple(request.form.getlist("pick"))
    extra = request.form.get("extra", "").strip()
    if asked.problem:
        return _choosing(asked, "", picked, extra)
    more = dict.fromkeys(extra.replace("，", " ").replace("、", " ").replace(",", " ").split())
    unknown = [one for one in more if not _is_published(one)]
    if unknown:
        told = _("库里没有编号 %(ids)s 的条目。编号在条目页的网址里。", ids="、".join(unknown)[:200])
        return _choosing(asked, told, picked, extra)
    choices = [*_choices(picked), *(Choice("new", one) for one in more)]
    period = period_for(database(), asked.day, asked.since)
    try:
        made = digests.create(database(), period.day, period.since, choices, _masthead(), actor().name)
    except KbError as error:
        return _choosing(asked, str(error), picked, extra)
    return redirect(link("issuing.show", number=made.id), 303)


def _is_published(entry_id: str) -> bool:
    held = entries.get(database(), entry_id)
    return held is not None and held.state == "published"


def _choices(picked: tuple[str, ...]) -> list[Choice]:
    pairs = [one.partition(":")[::2] for one in picked]
    return [Choice(section, key) for section in SECTIONS for name, key in pairs if name == section and key]


def _masthead() -> Masthead:
    """That of the last issue without what was said in it alone; to begin with, what the settings say."""
    last = next(iter(digests.issued(database())), None)
    if last:
        return replace(last.masthead, lead="")
    return Masthead(
        editor=site().settings.organiser,
        sources="各级政府部门公开发布的文件，以及协会提供的服务信息；没有核实的写明“内容待核实”。",
        send_to="各会员单位",
    )
