"""Who runs the site, how entries are checked, what the words mean, and where the data is."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.store.coverage import coverage
from web.site import database
from web.view import view

bp = Blueprint("about", __name__)


@bp.get("/about")
def index() -> ResponseReturnValue:
    """The page about this site."""
    return render_template("about/index.html", coverage=coverage(database(), view().day))
