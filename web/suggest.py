"""Suggestions while typing, for the search box and for other programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from kb.search import suggest
from kb.search.helping import Option
from web.i18n import _
from web.links import link
from web.site import site
from web.view import view

bp = Blueprint("suggest", __name__)


@bp.get("/suggest")
def suggestions() -> ResponseReturnValue:
    """What a person who has typed ``q`` may be after, as a list of :func:`option_json`."""
    options = suggest(site().library, request.args.get("q", ""), view().day)
    return jsonify([option_json(one) for one in options])


def option_json(one: Option) -> dict[str, Any]:
    """``label`` to show with ``tag``, ``query`` to search for, ``id`` of an entry, ``address`` to go to."""
    to_entry = link("entries.show", entry_id=one.entry) if one.entry else ""
    return {
        "label": one.label,
        "query": one.query,
        "id": one.entry,
        "tag": _tag(one),
        "address": to_entry or link("search.index", q=one.query),
    }


def _tag(one: Option) -> str:
    if one.over:
        return _("已失效或待核实")
    words = {"word": _("搜索"), "region": _("地区"), "need": _("困难")}
    return words.get(one.kind) or site().taxonomy.kinds.label(one.kind, view().language)
