"""Attachments for readers: always as a file to keep, never as a page of this site."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue

from kb.store import attachments
from kb.store.attachments import Attachment
from web.accounts import current_actor
from web.site import database, site

bp = Blueprint("attached", __name__, url_prefix="/files")


@bp.get("/<sha256>/<name>")
def show(sha256: str, name: str) -> ResponseReturnValue:
    """The file under its own name, whatever the address calls it; staff also get what nothing shows."""
    held = attachments.get(database(), sha256)
    if held is None or not (attachments.is_shown(database(), sha256) or current_actor()):
        abort(404)
    response = Response(attachments.read(site().settings.home, held), mimetype=held.media)
    response.headers["Content-Disposition"] = _disposition(held)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(sha256)
    return response.make_conditional(request)


def _disposition(held: Attachment) -> str:
    """The name for download in the plain form that every browser reads and in the full one."""
    ending = held.name[held.name.rindex(".") :]
    return f"attachment; filename=\"file{ending}\"; filename*=UTF-8''{quote(held.name, safe='')}"


def attachment_at(address: str) -> Attachment | None:
    """What we keep at an address of ours, ``None`` for other addresses."""
    return attachments.at(database(), address) if address.startswith("/files/") else None


def init_app(app: Flask) -> None:
    """Let templates tell where a paper comes from."""
    app.jinja_env.globals["attachment_at"] = attachment_at
