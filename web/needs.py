"""From a problem to its answers: what can be used now, who named it in 2020, what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from kb.domain.taxonomy import Term
from kb.search import Answer, Library, Request, search
from kb.search.table import Filters
from web.params import day_problem
from web.reach import Reach, reach_of
from web.results import FRONT_KINDS
from web.search import refusal
from web.site import site
from web.view import view

bp = Blueprint("needs", __name__)
LISTED = 8


@dataclass(frozen=True)
class Problem:
    """One need of a list: how many policies and services answer it now, and cases that told of it."""

    term: Term
    current: int
    cases: int


@dataclass(frozen=True)
class Solved:
    """One need in full: what answers it, the cases, what was asked and what was promised in 2020."""

    term: Term
    now: Answer
    cases: Answer
    recommendations: Answer
    measures: Answer
    others: tuple[Term, ...]
    reach: Reach


@bp.get("/needs")
def index() -> ResponseReturnValue:
    """The list of needs of the day."""
    return render_template("needs/index.html", problems=problems_on(site().library, view().day))


@bp.get("/needs.json")
def as_json() -> ResponseReturnValue:
    """The same as data."""
    if view().bad_day:
        return refusal((day_problem(view()),))
    rows = [
        {"need": one.term.key, "label": one.term.label, "current": one.current, "cases": one.cases}
        for one in problems_on(site().library, view().day)
    ]
    return jsonify({"as_of": view().day.isoformat(), "needs": rows})


@bp.get("/needs/<key>")
def show(key: str) -> ResponseReturnValue:
    """One need and everything that answers it; 404 for a need that is on neither list."""
    term = site().taxonomy.needs.by_key.get(key) or abort(404)
    return render_template("needs/show.html", solved=solved_on(site().library, term, view().day))


def problems_on(library: Library, day: date) -> tuple[Problem, ...]:
    """Every need of the day's list with its counts."""
    return tuple(
        Problem(
            term,
            _find(library, term, day, FRONT_KINDS, 0).total,
            _find(library, term, day, ("case",), 0).total,
        )
        for term in library.taxonomy.needs_of(day.year)
    )


def solved_on(library: Library, term: Term, day: date) -> Solved:
    """What answers one need on ``day``."""
    taxonomy = library.taxonomy
    now = _find(library, term, day, FRONT_KINDS, LISTED)
    types = dict.fromkeys(kind for hit in now.hits for kind in hit.record.relief_types)
    same = taxonomy.same_needs(term.key) - {term.key}
    return Solved(
        term,
        now,
        _find(library, term, day, ("case",), LISTED),
        _find(library, term, day, ("recommendation",), LISTED),
        _find(library, term, day, ("measure",), LISTED),
        tuple(other for other in taxonomy.needs if other.key in same),
        reach_of((), tuple(types)[:2], day),
    )


def _find(library: Library, term: Term, day: date, kinds: tuple[str, ...], limit: int) -> Answer:
    filters = Filters(need=(term.key,), kind=kinds)
    return search(library, Request("", day, filters, limit=limit, facets=False))
