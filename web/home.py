"""The front page: one question, six tiles, needs, regions, what is new and what ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kb.domain.taxonomy import NATION, Ask, Region, Term
from kb.search import Library, Request, search
from kb.search.engine import Hit, Sort
from kb.search.table import Filters
from kb.store.coverage import Coverage, coverage
from web.results import FRONT_KINDS
from web.site import database, site
from web.view import view

bp = Blueprint("home", __name__)
LISTED = 5
SOON_DAYS = 180
LOOKED_AT = 200
"""How many with an ended relief are looked through: those with another still open come first."""


@dataclass(frozen=True)
class Tile:
    """One of the six asks and how many policies and services answer it on the day."""

    ask: Ask
    count: int


@dataclass(frozen=True)
class Home:
    """What the front page shows on a day."""

    examples: tuple[str, ...]
    tiles: tuple[Tile, ...]
    needs: tuple[Term, ...]
    regions: tuple[Region, ...]
    newest: tuple[Hit, ...]
    ending: tuple[Hit, ...]
    ended: tuple[Hit, ...]
    coverage: Coverage
    current: int


def home_on(library: Library, counted: Coverage, day: date) -> Home:
    """The front page of ``day``."""
    taxonomy = library.taxonomy
    newest = search(library, _request(day, sort="date"))
    return Home(
        examples=taxonomy.examples_of(day.year),
        tiles=tuple(Tile(ask, _count(library, ask, day)) for ask in taxonomy.asks),
        needs=taxonomy.needs_of(day.year),
        regions=(taxonomy.regions.by_code[NATION], *taxonomy.regions.provinces()),
        newest=_sure(newest.hits)[:LISTED],
        ending=_ending(library, day),
        ended=_just_ended(library, day),
        coverage=counted,
        current=newest.total,
    )


def _request(day: date, sort: Sort) -> Request:
    return Request("", day, sort=sort, limit=LOOKED_AT, kinds_by_default=FRONT_KINDS, facets=False)


def _ending(library: Library, day: date) -> tuple[Hit, ...]:
    last = day + timedelta(days=SOON_DAYS)
    hits = _sure(search(library, _request(day, sort="end")).hits)
    return tuple(hit for hit in hits if hit.status.end and hit.status.end <= last)[:LISTED]


def _sure(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Without thin records: the front page shows what is known to be worth a look."""
    return tuple(hit for hit in hits if not hit.record.lead)


def _just_ended(library: Library, day: date) -> tuple[Hit, ...]:
    """What ended in the last half year and may be renewed, the latest first."""
    filters = Filters(status=("expired",))
    ended = Request("", day, filters, "end", LOOKED_AT, kinds_by_default=FRONT_KINDS, facets=False)
    hits = search(library, ended).hits
    return tuple(hit for hit in _sure(hits) if hit.status.recently_ended)[:LISTED]


def _count(library: Library, ask: Ask, day: date) -> int:
    filters = Filters(**ask.query)
    counting = Request("", day, filters, limit=0, kinds_by_default=FRONT_KINDS, facets=False)
    return search(library, counting).total


@bp.get("/")
def index() -> ResponseReturnValue:
    """The front page."""
    day = view().day
    return render_template("home/index.html", home=home_on(site().library, coverage(database(), day), day))
