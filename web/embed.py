"""The search box that member associations put into their own pages, in a frame."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from web.security import may_be_framed
from web.site import site

bp = Blueprint("embed", __name__)


@bp.get("/embed")
def index() -> ResponseReturnValue:
    """The box alone; results open in a new window. ``region`` narrows it to a place.

    Only the sites of ``KB_EMBED_HOSTS`` may frame it.
    """
    may_be_framed(site().settings.embed_hosts)
    region = site().taxonomy.regions.find(request.args.get("region", "")[:40])
    return render_template("embed/index.html", region=region or "")
