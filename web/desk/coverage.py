"""For staff: where the knowledge base has relief and where it has none."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from kb.outreach.coverage import grid_json, grid_on, grid_rows
from web.params import day_problem
from web.search import refusal
from web.site import site
from web.view import view

bp = Blueprint("coverage", __name__, url_prefix="/desk")


@bp.get("/coverage")
def index() -> ResponseReturnValue:
    """Region by type with the reliefs held, on the day asked about."""
    return render_template("desk/coverage.html", grid=grid_on(site().library, view().day))


@bp.get("/coverage.json")
def as_json() -> ResponseReturnValue:
    """The same as data."""
    if view().bad_day:
        return refusal((day_problem(view()),))
    return jsonify(grid_json(grid_on(site().library, view().day), site().taxonomy))


@bp.get("/coverage.csv")
def as_csv() -> ResponseReturnValue:
    """The same as a table for a spreadsheet (UTF-8 with a mark, so that Excel reads it)."""
    if view().bad_day:
        return refusal((day_problem(view()),))
    text = io.StringIO()
    csv.writer(text).writerows(grid_rows(grid_on(site().library, view().day), site().taxonomy))
    name = f"coverage-{view().day}.csv"
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
