"""Reports on members' difficulties (诉求专报): a period, typical problems in staff's words, page and file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.dates import SHANGHAI, in_words
from kb.domain.difficulty import Difficulty, Worry, may_see, worries_in
from kb.domain.taxonomy import NATION
from kb.outreach.report import Report, report_of
from kb.outreach.reportfacts import Facts, Period, gather, received
from kb.outreach.reportword import report_docx
from kb.outreach.word import WORD_TYPE
from kb.store import audit, difficulties, reportrows
from kb.store.reportrows import ReportRow
from web import searchlog
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.site import database, site
from web.view import read_day

bp = Blueprint("reports", __name__, url_prefix="/desk/reports")
LONGEST = 600
LONGEST_DAYS = 1100


@dataclass(frozen=True)
class Line:
    """A difficulty beside what staff wrote of it for the report, and what in that may name somebody."""

    held: Difficulty
    row: ReportRow | None
    worries: tuple[Worry, ...]


@bp.get("/")
def index() -> ResponseReturnValue:
    """Choose the days and the region."""
    return _form()


@bp.get("/show")
def show() -> ResponseReturnValue:
    """The report as it would be written, and the difficulties of the period to write typical problems of."""
    period = asked()
    if isinstance(period, str):
        return _form(period)
    facts = _facts(period)
    if facts.is_empty:
        return _form(_empty(period))
    return render_template(
        "desk/reports/show.html",
        report=_report(facts),
        period=period,
        parameters=_parameters(period),
        lines=_lines(period),
        longest=LONGEST,
        needs=site().taxonomy.needs,
    )


@bp.get("/word")
def word() -> ResponseReturnValue:
    """The report as a Word file; an empty period leads back to the form."""
    period = asked()
    facts = None if isinstance(period, str) else _facts(period)
    if isinstance(period, str) or facts is None or facts.is_empty:
        return _form(period if isinstance(period, str) else _empty(period))
    subject = f"{period.first}—{period.last} {period.office}"
    audit.append(database(), actor().name, "report", subject)
    name = f"诉求专报-{period.first}-{period.last}.docx"
    response = Response(report_docx(_report(facts)), mimetype=WORD_TYPE)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"report.docx\"; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/rows/<int:number>")
def write(number: int) -> ResponseReturnValue:
    """Keep what staff wrote of a difficulty; two empty texts take it out of the report."""
    held = difficulties.get(database(), number)
    if held is None or not may_see(actor(), held, site().taxonomy.regions):
        abort(404)
    problem, demand = (request.form.get(name, "").strip()[:LONGEST] for name in ("problem", "demand"))
    if demand and not problem:
        flash(_("只写了诉求，没有写典型问题，所以没有存。"))
    else:
        reportrows.write(database(), number, problem, demand, actor().name)
        flash(_("写好了，专报里就用这段话。") if problem else _("这一件不进五列表，只计数。"))
    period = asked()
    parameters = {} if isinstance(period, str) else _parameters(period)
    return redirect(link("reports.show", **parameters) + f"#row-{number}", 303)


def asked() -> Period | str:
    """The period that the address asks for, or what is wrong with it."""
    first, last = (read_day(request.values.get(name, "")) for name in ("first", "last"))
    office = request.values.get("region", "") or actor().region
    regions = site().taxonomy.regions
    if first is None or last is None:
        return _("请写起止的日子，如 2026-11-01 到 2026-11-30。")
    if last < first or (last - first).days > LONGEST_DAYS:
        return _("结束的日子要在开始的日子之后，最多三年。")
    if office not in regions.by_code or not actor().covers([office], regions):
        return _("只能写本协会地区的专报。")
    return Period(first, last, office)


def _form(problem: str = "") -> ResponseReturnValue:
    today = site().today
    regions = site().taxonomy.regions
    page = render_template(
        "desk/reports/index.html",
        problem=problem,
        first=request.values.get("first", "")[:20] or today.replace(day=1).isoformat(),
        last=request.values.get("last", "")[:20] or today.isoformat(),
        region=request.values.get("region", "") or actor().region,
        regions=(regions.by_code[NATION], *regions.provinces()) if actor().is_national else (),
        shortcuts=_shortcuts(today),
    )
    return page, 422 if problem else 200


def _shortcuts(today: date) -> tuple[tuple[str, dict[str, object]], ...]:
    """Periods that are often wanted."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    spans = (
        (_("本月"), month, today),
        (_("上月"), before, month - timedelta(days=1)),
        (_("本季"), quarter, today),
        (_("今年"), today.replace(month=1, day=1), today),
    )
    return tuple(
        (name, {"first": first.isoformat(), "last": last.isoformat()}) for name, first, last in spans
    )


def _empty(period: Period) -> str:
    return _(
        "%(first)s 到 %(last)s 没有收到困难，也没有答卷，所以没有专报可写。请换一段时间，或先开一次调查。",
        first=period.first.isoformat(),
        last=period.last.isoformat(),
    )


def _parameters(period: Period) -> dict[str, object]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat(), "region": period.office}


def _facts(period: Period) -> Facts:
    searchlog.log().write()
    now = datetime.now(UTC).astimezone(SHANGHAI)
    cut_off = f"{in_words(site().today)}{now:%H:%M}"
    return gather(database(), site().library, period, site().today, cut_off)


def _report(facts: Facts) -> Report:
    return report_of(facts, site().taxonomy, site().terms.survey, site().settings.organiser, site().today)


def _lines(period: Period) -> list[Line]:
    rows = reportrows.written(database())
    found = received(database(), period, site().taxonomy.regions)
    return [Line(one, rows.get(one.id), _worries(rows.get(one.id))) for one in found]


def _worries(row: ReportRow | None) -> tuple[Worry, ...]:
    return worries_in((row.problem, row.demand)) if row else ()
