"""Addresses: every link keeps the day and the language; what leaves the site is absolute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app, request, url_for

from kb.search.query import MAX_CHARACTERS
from kb.search.table import FIELDS
from web.site import site
from web.view import view

KNOWN = ("q", *FIELDS, "sort", "page", "ignore", "explain", "skip", "as_of", "lang")
"""The parameters that pages understand; others are not carried on."""
LONGEST = MAX_CHARACTERS + 1
"""One more than what is searched for, so that it is still said that something was cut."""


def link(endpoint: str, **values: object) -> str:
    """The address of a page, looked at as the present one is; ``lang=None`` and the like leave that out."""
    merged = {**view().kept, **values}
    return url_for(endpoint, **{name: value for name, value in merged.items() if value not in (None, "", ())})  # type: ignore[arg-type]


def same_page(**changes: object) -> str:
    """The present address with some parameters changed, or left out where ``None``."""
    if request.endpoint is None:
        return link("home.index", **changes)
    asked = {
        name: request.args.getlist(name) for name in (*KNOWN, *site().taxonomy.facts) if name in request.args
    }
    values: dict[str, object] = {name: [one[:LONGEST] for one in given] for name, given in asked.items()}
    values["known_at"] = view().replayed
    return link(request.endpoint, **{**values, **(request.view_args or {}), **changes})


def absolute(path: str) -> str:
    """``path`` with the public address before it: ``KB_BASE_URL``, or where this request came to."""
    return (site().settings.base_url or request.url_root.rstrip("/")) + path


def absolute_papers(data: Any) -> Any:
    """Plain data that leaves the site: our own attachments get the public address before theirs."""
    if isinstance(data, dict):
        return {key: absolute_papers(part) for key, part in data.items()}
    if isinstance(data, list | tuple):
        return [absolute_papers(part) for part in data]
    return absolute(data) if isinstance(data, str) and data.startswith("/files/") else data


def static(name: str) -> str:
    """The address of a file in ``static/``, new whenever the file is."""
    stamp = int((Path(current_app.static_folder or "") / name).stat().st_mtime)
    return url_for("static", filename=name, v=f"{stamp:x}")
