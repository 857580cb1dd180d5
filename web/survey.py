"""The survey of February 2020, readable: figures as printed, and what helps today with each problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from kb.domain.survey import Chain, Survey
from kb.domain.taxonomy import NATION
from kb.outreach.answered import PointAnswered, point_answered
from kb.search import Library
from kb.search.table import Filters
from web.charts import Bars, TileMap, difficulty_bars, obstacle_bars, shut_bars, tile_map
from web.site import site
from web.view import view

bp = Blueprint("survey", __name__)
NATION_WIDE = Filters(region=(NATION,))


@dataclass(frozen=True)
class ChainAnswered:
    """A chain and what answers each of its problems on the day."""

    chain: Chain
    points: tuple[PointAnswered, ...]


@dataclass(frozen=True)
class Page:
    """The survey with its drawings and with the answers of the day."""

    survey: Survey
    chains: tuple[ChainAnswered, ...]
    tiles: TileMap
    obstacles: Bars
    shut: Bars
    difficulty: Bars


@bp.get("/survey")
def index() -> ResponseReturnValue:
    """The page of the survey; 404 where the policies folder has none."""
    survey = site().terms.survey or abort(404)
    return render_template("survey/index.html", page=page_on(site().library, survey, view().day))


@bp.get("/survey.json")
def as_json() -> ResponseReturnValue:
    """The survey's figures as data."""
    survey = site().terms.survey or abort(404)
    return jsonify(survey.model_dump(mode="json", exclude={"provinces": {"tiles"}}))


def page_on(library: Library, survey: Survey, day: date) -> Page:
    """The survey as it reads on ``day``."""
    taxonomy = library.taxonomy
    return Page(
        survey,
        tuple(_chain(library, chain, day) for chain in survey.chains),
        tile_map(survey.provinces, taxonomy.regions),
        obstacle_bars(survey.obstacles),
        shut_bars(survey.sizes, taxonomy.sizes),
        difficulty_bars(survey.sizes, taxonomy.sizes),
    )


def _chain(library: Library, chain: Chain, day: date) -> ChainAnswered:
    return ChainAnswered(
        chain, tuple(point_answered(library, point, NATION_WIDE, day) for point in chain.points)
    )
