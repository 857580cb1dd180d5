"""Sheets: entries out as CSV or XLSX, a filled-in sheet in: first a report, then drafts, never published."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kb.domain.columns import COLUMNS
from kb.errors import KbError
from kb.ingest.sheetfile import LARGEST, read_table
from kb.ingest.sheets import Report, plan, take_in
from kb.ingest.tables import MOST_ROWS
from kb.outreach.sheets import CSV_TYPE, GUIDE_LINES, XLSX_TYPE, Row, as_csv, as_workbook, rows_for
from kb.search import search
from kb.store import imports, naming
from web.accounts import actor
from web.desk.uploads import forget_form, limit_upload
from web.i18n import _
from web.links import link
from web.search import asked, refusal
from web.site import database, site
from web.view import view

bp = Blueprint("sheets", __name__, url_prefix="/desk")
EVERYTHING = 1_000_000
LONGEST_NAME = 80


@bp.url_value_preprocessor
def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No request here is larger than a sheet may be; set before its form is read."""
    limit_upload(LARGEST)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page again, saying how large a sheet may be."""
    forget_form()
    told = _("文件超过 %(n)s MB。请分成几个文件，每次传一个。", n=LARGEST // 1024 // 1024)
    return _page(told), 413


@bp.get("/sheets/")
def index() -> ResponseReturnValue:
    """Take entries out, fetch the template, hand in a sheet."""
    return _page()


def _page(message: str = "", problem: str = "") -> str:
    return render_template(
        "desk/sheets/index.html",
        message=message,
        problem=problem,
        columns=COLUMNS,
        guide=GUIDE_LINES,
        largest=LARGEST // 1024 // 1024,
        most_rows=MOST_ROWS,
    )


@bp.get("/sheets/template.xlsx")
def template() -> ResponseReturnValue:
    """The empty sheet with its lists and its guide."""
    return _file(as_workbook((), site().taxonomy), XLSX_TYPE, "relief-kb-template.xlsx")


@bp.get("/sheets.csv")
def out_csv() -> ResponseReturnValue:
    """Chosen entries or all hits of a search as CSV."""
    rows = _rows()
    if not isinstance(rows, list):
        return rows
    return _file(as_csv(rows).encode(), CSV_TYPE, f"relief-kb-{site().today}.csv")


@bp.get("/sheets.xlsx")
def out_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    rows = _rows()
    if not isinstance(rows, list):
        return rows
    return _file(as_workbook(rows, site().taxonomy), XLSX_TYPE, f"relief-kb-{site().today}.xlsx")


def _rows() -> list[Row] | ResponseReturnValue:
    """The rows of what is asked for: ``id`` or ``ids``, else a search by the parameters of ``/search``."""
    given = " ".join((*request.args.getlist("id"), *request.args.getlist("ids")))
    chosen = [one for one in re.split(r"[\s、，,；;]+", given) if one]
    if chosen:
        known = {name.id for name in naming.names(database())}
        unknown = [one for one in chosen if one not in known]
        if unknown:
            told = _("没有已发布的条目 %(ids)s，请检查编号。", ids="、".join(one[:64] for one in unknown[:5]))
            return _page(problem=told), 422
        return list(rows_for(database(), chosen, site().taxonomy))
    wanted = asked()
    if wanted.problems:
        return refusal(wanted.problems)
    everything = replace(wanted.with_page(1).request(view(), limit=EVERYTHING), facets=False)
    hits = search(site().library, everything).hits
    return list(rows_for(database(), (hit.record.id for hit in hits), site().taxonomy))


def _file(data: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=media, headers=headers)


@bp.post("/sheets/check")
def check() -> ResponseReturnValue:
    """Keep the sheet for its report; what cannot be read is said at once."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    name = (upload.filename or "") if upload else ""
    if not name:
        return _page(_("请先选一个文件。")), 422
    try:
        read_table(data)
    except KbError as error:
        return _page(str(error)), 422
    sha256 = imports.keep(site().settings.home, data)
    return redirect(link("sheets.report", sha256=sha256, name=_short(name)), 303)


def _short(name: str) -> str:
    return re.sub(r"[^\w.（）() -]", "_", re.split(r"[/\\]", name)[-1])[-LONGEST_NAME:]


@bp.get("/sheets/check/<sha256>")
def report(sha256: str) -> ResponseReturnValue:
    """What importing the sheet would do, row by row. Nothing has been written."""
    try:
        found = _planned(sha256)
    except KbError as error:
        return _page(str(error)), 404
    return _report(found, sha256)


def _planned(sha256: str) -> Report:
    data = imports.read(site().settings.home, sha256)
    return plan(database(), read_table(data), site().taxonomy)


def _report(found: Report, sha256: str, message: str = "") -> str:
    counts = {what: found.count(what) for what in ("new", "changed", "unchanged", "protected", "error")}
    name = _short(request.values.get("name", ""))
    return render_template(
        "desk/sheets/report.html", report=found, counts=counts, sha256=sha256, name=name, message=message
    )


@bp.post("/sheets/take")
def take() -> ResponseReturnValue:
    """Make drafts of what the report says; if the knowledge base has moved since, the report anew."""
    sha256 = request.form.get("sha256", "")
    try:
        found = _planned(sha256)
    except KbError as error:
        return _page(str(error)), 404
    if found.digest != request.form.get("digest", ""):
        told = _("库里刚刚有变化，这份表现在的结果和刚才看到的不一样。请再看一遍。")
        return _report(found, sha256, told), 409
    me = actor()
    name = _short(request.form.get("name", "")) or "sheet"
    made, already = take_in(database(), found, me.name, me.region, name, sha256)
    flash(_("做了 %(n)s 份草稿，还没有发布。", n=len(made)))
    if already:
        flash(_("有 %(n)s 份以前已经从这份表做过草稿，没有重做。", n=already))
    return redirect(link("drafts.index"), 303)
