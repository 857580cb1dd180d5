"""The desk's handbook, in Chinese and with pictures."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.domain.columns import COLUMNS
from kb.outreach.sheets import GUIDE_LINES

bp = Blueprint("guide", __name__, url_prefix="/desk")


@bp.get("/help")
def index() -> ResponseReturnValue:
    """How the work is done, one section a task."""
    return render_template("desk/guide.html", columns=COLUMNS, guide=GUIDE_LINES)
