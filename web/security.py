"""Headers that every answer carries. Nothing is loaded from another host, no page can be framed."""

from __future__ import annotations

import secrets
from typing import cast

from flask import Flask, Response, g

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def nonce() -> str:
    """The word that marks this answer's own scripts and styles, new for every request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return cast(str, g.nonce)


def policy() -> str:
    """The Content-Security-Policy of this answer."""
    framers = " ".join(g.get("framers", ("'none'",)))
    own = f"'self' 'nonce-{nonce()}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framers}"
    )


def may_be_framed(hosts: tuple[str, ...]) -> None:
    """Let the pages of ``hosts`` show this answer in a frame; nobody where there are none."""
    if hosts:
        g.framers = hosts


def add_headers(response: Response) -> Response:
    """The answer with its headers; pages are asked for anew each time, files in ``static`` are kept."""
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if "framers" in g:
        del response.headers["X-Frame-Options"]
    response.headers.setdefault("Content-Security-Policy", policy())
    if response.mimetype in ("text/html", "application/json"):
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


def init_app(app: Flask) -> None:
    """Protect every answer of ``app``."""
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = nonce
