"""Cursors: where a list goes on. Opaque to programs; one that was not made here is refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from web.api.parameters import Given
from web.api.problems import RefusedError

ASIDE = frozenset({"cursor", "after", "limit", "lang"})
"""Parameters that may change from page to page; ``after`` is where a list begins."""


def made(resource: str, given: Given, place: list[Any]) -> str:
    """The cursor of ``place`` in the list that ``given`` asks for."""
    body = json.dumps([mark(resource, given), *place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def read(resource: str, given: Given, kinds: Iterable[type]) -> list[Any] | None:
    """The place that the cursor in ``given`` names, ``None`` without one; that of another list is refused."""
    text = given.text("cursor")
    if not text:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw[8:]) if _check(raw[8:]) == raw[:8] else None
        json.dumps(found, ensure_ascii=False).encode()  # halves of pairs, which nothing can be asked with
    except (binascii.Error, ValueError, RecursionError) as error:
        raise RefusedError("bad-cursor") from error
    if not isinstance(found, list) or found[:1] != [mark(resource, given)]:
        raise RefusedError("bad-cursor")
    place = found[1:]
    if [type(one) for one in place] != list(kinds):
        raise RefusedError("bad-cursor")
    return place


def mark(resource: str, given: Given) -> str:
    """What tells one list from another: the resource and its parameters."""
    asked = sorted((name, value) for name, value in given.texts.items(multi=True) if name not in ASIDE)
    return hashlib.sha256(json.dumps([resource, asked]).encode()).hexdigest()[:16]


def _check(body: bytes) -> bytes:
    """Tells a cursor of ours from one that was cut or typed; it keeps no secret and guards none."""
    return hashlib.sha256(b"cursor" + body).digest()[:8]
