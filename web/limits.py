"""How often one address may search, kept in memory: one process serves an association for years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kb.errors import KbError

DATA_VIEWS = (
    "entries.as_json",
    "digests.as_json",
    "digests.one_json",
    "digests.as_atom",
    "digests.word",
    "following.entry_feed",
    "following.entry_calendar",
    "following.search_calendar",
)


MATCH_VIEWS = ("match.index", "match.unchecked", "match.checklist", "match.calendar", "match.as_json")
"""Pages that compute matches; they count with the interface's own, which does the same."""


def init_app(app: Flask, rate: str, searching: Blueprint, typing: Blueprint) -> None:
    """Limit searches and data together to ``rate`` (Flask-Limiter's notation); ``off`` limits nothing.

    Suggestions have the same ``rate`` for themselves: who types much may still search. Call after the
    blueprints are registered.
    """
    app.extensions["telling"] = None
    if rate.strip().lower() == "off":
        return
    app.extensions["telling"] = MovingWindowRateLimiter(MemoryStorage())
    try:
        parse(rate)
    except ValueError as error:
        raise KbError(f"KB_RATE_LIMIT 要写成 120 per minute 这样，或 off，现在是 {rate!r}") from error
    limiter = app.extensions["kb_limiter"] = Limiter(get_remote_address, app=app, storage_uri="memory://")
    together = limiter.shared_limit(rate, scope="search")
    together(searching)
    limiter.shared_limit(rate, scope="typing")(typing)
    for name in DATA_VIEWS:
        limited: Any = together(app.view_functions[name])
        app.view_functions[name] = limited
    step: Any = limiter.shared_limit(rate, scope="search", exempt_when=_is_no_search)
    app.view_functions["difficulties.new"] = step(app.view_functions["difficulties.new"])


def _is_no_search() -> bool:
    """Whether the form by which a difficulty is told asks nothing of the search yet."""
    return request.args.get("step") != "2"


def limit_programs(
    app: Flask, programs: Blueprint, keyed: str, rate: Callable[[], str], who: Callable[[], str]
) -> None:
    """Limit the interface by ``who`` asks to the ``rate`` of the request; ``keyed`` is the rate of keys."""
    try:
        parse(keyed)
    except ValueError as error:
        raise KbError(f"KB_API_RATE_LIMIT 要写成 600 per minute 这样，现在是 {keyed!r}") from error
    limiter: Limiter | None = app.extensions.get("kb_limiter")
    if limiter is not None:
        together = limiter.shared_limit(rate, scope="api", key_func=who)
        together(programs)
        for name in MATCH_VIEWS:
            limited: Any = together(app.view_functions[name])
            app.view_functions[name] = limited


def allows(scope: str, rate: str) -> bool:
    """Whether the address that asks may do ``scope`` once more at ``rate``; if so, it is counted.

    For forms of the public, whose page says so itself and keeps what was typed.
    """
    limiter: MovingWindowRateLimiter | None = current_app.extensions["telling"]
    return limiter is None or limiter.hit(parse(rate), scope, get_remote_address())
