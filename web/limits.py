"""How often one address may search, kept in memory: one process serves an association for years."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

from kb.errors import KbError

DATA_VIEWS = ("entries.as_json",)


def init_app(app: Flask, rate: str, searching: Blueprint, typing: Blueprint) -> None:
    """Limit searches and data together to ``rate`` (Flask-Limiter's notation); ``off`` limits nothing.

    Suggestions have the same ``rate`` for themselves: who types much may still search. Call after the
    blueprints are registered.
    """
    if rate.strip().lower() == "off":
        return
    try:
        parse(rate)
    except ValueError as error:
        raise KbError(f"KB_RATE_LIMIT 要写成 120 per minute 这样，或 off，现在是 {rate!r}") from error
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    together = limiter.shared_limit(rate, scope="search")
    together(searching)
    limiter.shared_limit(rate, scope="typing")(typing)
    for name in DATA_VIEWS:
        limited: Any = together(app.view_functions[name])
        app.view_functions[name] = limited
