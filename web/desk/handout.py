"""What staff hand out: the directory for places without a network, the search box for other websites."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.taxonomy import NATION
from kb.outreach.directory import directory_on
from kb.outreach.directoryfile import FORMATS, TYPES, directory_file
from web.i18n import _
from web.links import absolute, link
from web.site import database, site
from web.view import view

bp = Blueprint("handout", __name__, url_prefix="/desk/handout")


@bp.get("/")
def index() -> ResponseReturnValue:
    """The forms, and the lines to copy into another website."""
    return _page()


def _page(problem: str = "") -> str:
    region = _region() or ""
    return render_template(
        "desk/handout/index.html",
        problem=problem,
        region=region,
        snippet=_snippet(region),
        hosts=site().settings.embed_hosts,
        formats=FORMATS,
    )


def _snippet(region: str) -> str:
    """What an association puts into its page."""
    kept = region if region != NATION else None
    address = absolute(link("embed.index", region=kept, as_of=None, lang=None)).replace("&", "&amp;")
    return (
        f'<iframe src="{address}" title="通信企业惠企政策库" width="100%" height="240" '
        'style="border:1px solid #d5dbe3;border-radius:8px" loading="lazy"></iframe>'
    )


def _region() -> str | None:
    """The place asked for; the nation where none is, nothing where there is no such place."""
    asked = request.args.get("region", "").strip()[:40]
    return site().taxonomy.regions.find(asked) if asked else NATION


@bp.get("/directory.<form>")
def directory(form: str) -> ResponseReturnValue:
    """The directory as a file; a place or a day that there is not is said on the page."""
    if form not in FORMATS:
        abort(404)
    region = _region()
    if region is None:
        return _page(_("没有这个地区。请写省、市的名称或六位行政区划代码，如 湖南、430100")), 422
    if view().bad_day:
        return _page(_("看不懂这个日期，请写成 2020-03-10 这样。")), 422
    settings = site().settings
    found = directory_on(
        database(),
        site().taxonomy,
        view().day,
        region=region,
        organiser=settings.organiser,
        site=settings.base_url,
        ended=request.args.get("ended") == "1",
    )
    data = directory_file(found, form, settings.organiser)
    name = f"relief-kb-{region}-{view().day}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=TYPES[form], headers=headers)
