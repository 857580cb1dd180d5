"""Whether the site can answer, for whoever watches it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from kb.errors import KbError
from kb.search import watermark
from kb.store import changes
from web.site import database, site

bp = Blueprint("health", __name__)
PATIENCE = timedelta(minutes=2)
"""How long a change may wait for the index before something must be wrong."""


@bp.get("/healthz")
def index() -> ResponseReturnValue:
    """``{"status", "index", "changes"}``: numbers of the last change indexed and written; 200 or 503."""
    try:
        written, indexed = changes.last_number(database()), watermark(site().library)
    except KbError as error:
        return jsonify({"status": "unavailable", "message": str(error)}), 503
    status = "ok" if indexed >= written else "catching up" if _recent(indexed) else "behind"
    body = {"status": status, "index": indexed, "changes": written}
    return jsonify(body), 503 if status == "behind" else 200


def _recent(indexed: int) -> bool:
    """True if the oldest change that the index lacks is no older than our patience."""
    waiting = changes.since(database(), indexed, 1)
    return all(datetime.now(UTC) - datetime.fromisoformat(one.at) < PATIENCE for one in waiting)
