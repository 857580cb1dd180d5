"""The archive of digests: the list, one issue as it was on its day, and both as data and feed."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from kb.domain.digest import SECTION_NAMES, Digest
from kb.outreach.digestdata import DigestFeed, digest_json, digests_atom, summary_json
from kb.outreach.digestsince import as_shown, since_issue
from kb.outreach.digesttext import group_texts
from kb.outreach.digestword import digest_word
from kb.outreach.message import caveat
from kb.outreach.word import WORD_TYPE
from kb.store import digests
from web.i18n import _
from web.links import absolute
from web.sharing import shared
from web.site import database, site

bp = Blueprint("digests", __name__)
FEED_ROWS = 50
_NEVER = "2020-01-01T00:00:00+08:00"


def template_file(home: Path) -> Path:
    """Where staff's Word template lies, if there is one."""
    return home / "templates" / "digest.docx"


def issue_path(digest: Digest) -> str:
    """The path of an issue's page, the same on every day and in every language."""
    return url_for("digests.show", number=digest.total)


def public_link(digest: Digest) -> str:
    """What a QR code or a text leads to; nothing without ``KB_BASE_URL`` or before the issue is out."""
    return absolute(issue_path(digest)) if site().settings.base_url and digest.total else ""


def found(number: int) -> Digest:
    """The issue 总第 ``number`` 期 as it may be shown; 404 if there is none."""
    digest = digests.by_number(database(), number) or abort(404)
    return as_shown(database(), digest)


@bp.get("/digests")
def index() -> ResponseReturnValue:
    """Every issue, the latest first."""
    issues = [as_shown(database(), one) for one in digests.issued(database())]
    return render_template("digests/index.html", issues=issues)


@bp.get("/digests.json")
def as_json() -> ResponseReturnValue:
    """The list as data."""
    issues = [as_shown(database(), one) for one in digests.issued(database())]
    organiser = site().settings.organiser
    return jsonify({"digests": [summary_json(one) for one in issues], "caveat": caveat(organiser)})


@bp.get("/digests.atom")
def as_atom() -> ResponseReturnValue:
    """The latest issues as an Atom feed."""
    feed = DigestFeed(
        title=_("惠企政策简报"),
        address=absolute(url_for("digests.as_atom")),
        page=absolute(url_for("digests.index")),
        issue=absolute(url_for("digests.index")) + "/",
        organiser=site().settings.organiser,
    )
    issues = [as_shown(database(), one) for one in digests.issued(database(), FEED_ROWS)]
    return Response(digests_atom(feed, issues, _NEVER), mimetype="application/atom+xml")


@bp.get("/digests/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One issue: what was true on its day, and beside each item what has changed since."""
    digest = found(number)
    return render_template(
        "digests/show.html",
        digest=digest,
        since=since_issue(database(), digest, site().today),
        notes=digests.notes(database(), digest.id),
        texts=group_texts(digest, site().settings.organiser, absolute(issue_path(digest))),
        code=shared(issue_path(digest)),
        section_names=SECTION_NAMES,
        caveat=caveat(site().settings.organiser),
    )


@bp.get("/digests/<int:number>.json")
def one_json(number: int) -> ResponseReturnValue:
    """One issue as data, with what has changed since."""
    digest = found(number)
    since = since_issue(database(), digest, site().today)
    notes = digests.notes(database(), digest.id)
    data = digest_json(digest, site().settings.organiser, notes, since)
    return jsonify({**data, "page": absolute(issue_path(digest))})


@bp.get("/digests/<int:number>.docx")
def word(number: int) -> ResponseReturnValue:
    """The Word file as it was issued; made anew without what a member took back or deleted."""
    whole = digests.by_number(database(), number) or abort(404)
    shown = as_shown(database(), whole)
    data = digests.word_of(database(), whole.id) if shown == whole else b""
    if not data:
        settings = site().settings
        data = digest_word(shown, settings.organiser, public_link(shown), template_file(settings.home))
    return word_response(data, f"digest-{number}")


def word_response(data: bytes, name: str) -> Response:
    """A Word file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.docx"', "Cache-Control": "no-cache"}
    return Response(data, mimetype=WORD_TYPE, headers=headers)
