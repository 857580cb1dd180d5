"""Members matched at once: a list in, a report, then a sheet, texts or letters out. Nothing is kept unasked.

Between the report and the downloads the list travels with the page, not through the server's disk.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kb.domain.members import NEED, columns
from kb.errors import KbError
from kb.ingest.members import MOST_MEMBERS, MemberSheet, packed, read, unpacked
from kb.ingest.sheetfile import LARGEST
from kb.matching.words import entries_for
from kb.outreach import memberletters, membersheets
from kb.outreach.members import Batch, Result, matched
from kb.outreach.sheets import CSV_TYPE, XLSX_TYPE
from kb.outreach.word import WORD_TYPE
from kb.store import memberlists
from web.accounts import actor
from web.company import SKIPPED
from web.desk.uploads import forget_form, limit_upload
from web.i18n import _
from web.links import absolute, link
from web.site import database, site
from web.view import view

bp = Blueprint("members", __name__, url_prefix="/desk/members")
SHOWN = 200
LONGEST_ADDRESS = 120


@bp.url_value_preprocessor
def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No request here is larger than a list may be; set before its form is read."""
    limit_upload(LARGEST)
    request.max_form_memory_size = LARGEST


@bp.after_request
def keep_nowhere(response: Response) -> Response:
    """What members told is in no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page again, saying how large a list may be."""
    forget_form()
    told = _("文件超过 %(n)s MB。请分成几个文件，每次传一个。", n=LARGEST // 1024 // 1024)
    return _page(told), 413


@bp.get("/")
def index() -> ResponseReturnValue:
    """Hand in a list, fetch the template, open or delete what this office has kept."""
    return _page()


def _page(message: str = "") -> str:
    return render_template(
        "desk/members/index.html",
        message=message,
        lists=memberlists.listed(database(), actor().region),
        columns=columns(site().taxonomy),
        guide=membersheets.GUIDE_LINES,
        largest=LARGEST // 1024 // 1024,
        most=MOST_MEMBERS,
        kept_days=memberlists.KEPT.days,
    )


@bp.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """The empty list with its words and its guide."""
    return _file(membersheets.template(site().taxonomy), XLSX_TYPE, "members-template.xlsx")


@bp.get("/template.csv")
def template_csv() -> ResponseReturnValue:
    """The head of the list as CSV."""
    return _file(membersheets.template_csv(site().taxonomy).encode(), CSV_TYPE, "members-template.csv")


def _file(data: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, mimetype=media, headers=headers)


@bp.post("/check")
def check() -> ResponseReturnValue:
    """The report of a list: who gets how much, and which cell is wrong. Nothing is kept."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(_("请先选一个文件。")), 422
    try:
        sheet = read(upload.read(), site().taxonomy)
    except KbError as error:
        return _page(str(error)), 422
    return _report(sheet, upload.filename.rpartition(".")[0])


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """The report of a list that this office has kept."""
    body = memberlists.read(database(), actor().region, number)
    if body is None:
        abort(404)
    names = {one.id: one.name for one in memberlists.listed(database(), actor().region)}
    return _report(unpacked(body, site().taxonomy), names[number])


def _report(sheet: MemberSheet, name: str, message: str = "") -> str:
    batch = _matched(sheet)
    return render_template(
        "desk/members/report.html",
        sheet=sheet,
        batch=batch,
        shown=batch.results[:SHOWN],
        total={
            "eligible": sum(bool(one.eligible) for one in batch.results),
            "soon": sum(bool(one.soon) for one in batch.results),
        },
        packed=packed(sheet.cells),
        name=name[: memberlists.LONGEST_NAME],
        message=message,
        example=_example(batch),
        kept_days=memberlists.KEPT.days,
    )


def _matched(sheet: MemberSheet) -> Batch:
    held, day = site(), view().day
    library = held.library

    def fitting(need: str) -> tuple[str, ...]:
        return entries_for(library, need, day)

    catalogue = held.shelf.catalogue(database())
    return matched(sheet.members, catalogue, held.terms.standards, held.taxonomy, day, fitting)


def _example(batch: Batch) -> str:
    """The text for the first member, to see what the texts are like."""
    first = next((one for one in batch.results if one.lines), None)
    return (
        memberletters.text_of(first, batch.day, site().settings.organiser, _address(first)) if first else ""
    )


@bp.post("/out")
def out() -> ResponseReturnValue:
    """The list that came with the page as a sheet, texts or letters, or kept for this office."""
    try:
        sheet = unpacked(request.form.get("list", ""), site().taxonomy)
    except KbError as error:
        return _page(str(error)), 422
    if request.form.get("do") == "save":
        return _save(sheet)
    makers = {"sheet": _sheet, "texts": _texts, "letters": _letters}
    make = makers.get(request.form.get("do", "")) or abort(400)
    return make(sheet, _matched(sheet))


def _save(sheet: MemberSheet) -> ResponseReturnValue:
    name, me = request.form.get("name", ""), actor()
    if not request.form.get("keep"):
        return _report(sheet, name, _("要保存，请先勾选“保存这份名单”。")), 422
    try:
        body = packed(sheet.cells)
        held = memberlists.save(database(), me.region, name, len(sheet.members), body, me.name)
    except KbError as error:
        return _report(sheet, name, str(error)), 422
    flash(_("名单「%(name)s」保存好了，只有本办公室的同事看得到。", name=held.name))
    return redirect(link("members.index"), 303)


def _sheet(sheet: MemberSheet, batch: Batch) -> Response:
    settings = site().settings
    entries = absolute("/entries/") if settings.base_url else ""
    remarks = [(one.row, one.column, one.message, one.what == "error") for one in sheet.remarks]
    data = membersheets.results_workbook(batch, remarks, site().taxonomy, settings.organiser, entries)
    return _file(data, XLSX_TYPE, membersheets.file_name(batch.day, "xlsx"))


def _texts(_sheet: MemberSheet, batch: Batch) -> Response:
    data = memberletters.texts_zip(batch, site().settings.organiser, _address)
    return _file(data, memberletters.ZIP_TYPE, membersheets.file_name(batch.day, "zip"))


def _letters(sheet: MemberSheet, batch: Batch) -> ResponseReturnValue:
    try:
        data = memberletters.letters(batch, site().settings.organiser, _address)
    except KbError as error:
        return _report(sheet, request.form.get("name", ""), str(error)), 422
    return _file(data, WORD_TYPE, membersheets.file_name(batch.day, "docx"))


def _address(one: Result) -> str:
    """The public address of a member's own matches, without its figures; none without ``KB_BASE_URL``."""
    if not site().settings.base_url:
        return ""
    told, taxonomy = one.member.told, site().taxonomy
    sizes = told.rooms["size"].keys if "size" in told.rooms else None
    asked: dict[str, Any] = {"region": told.region or SKIPPED, "headcount": SKIPPED}
    asked |= {"size": sorted(sizes) if sizes else None, "industry": sorted(told.segments)}
    asked |= {NEED: taxonomy.needs.find(told.need) or SKIPPED, "as_of": _other_day()}
    address = absolute(url_for("match.index", **{name: value for name, value in asked.items() if value}))
    short = absolute(url_for("match.index", region=told.region or SKIPPED, headcount=SKIPPED, need=SKIPPED))
    return address if len(address) <= LONGEST_ADDRESS else short


def _other_day() -> str | None:
    asked: date | None = view().asked
    return asked.isoformat() if asked else None


@bp.post("/<int:number>/delete")
def delete(number: int) -> ResponseReturnValue:
    """Delete a kept list for good."""
    if not memberlists.delete(database(), actor().region, number, actor().name):
        abort(404)
    flash(_("名单已删除，没有留底。"))
    return redirect(link("members.index"), 303)
