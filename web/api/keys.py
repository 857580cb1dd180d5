"""Keys: who carries a good one may ask more often. Nothing here is closed to those without."""

from __future__ import annotations

import math
import time

from flask import current_app, g, request
from flask_limiter.util import get_remote_address
from limits import parse

from kb.store import apikeys
from web.api.problems import RefusedError
from web.i18n import _
from web.site import database, site


def holder() -> int | None:
    """The number of the key that this request carries; ``None`` without a good one."""
    if "api_key" not in g:
        scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
        given = key.strip() if scheme.lower() == "bearer" else ""
        g.api_key = apikeys.find(database(), given) if given else None
    found: int | None = g.api_key
    return found


def check() -> None:
    """401 where something was given that is no good key."""
    if request.headers.get("Authorization") and holder() is None:
        raise RefusedError("bad-key", headers={"WWW-Authenticate": 'Bearer realm="api"'})


def who() -> str:
    """Whose requests are counted together."""
    number = holder()
    return get_remote_address() if number is None else f"key {number}"


def rate() -> str:
    """How many requests this caller has."""
    settings = site().settings
    return settings.rate_limit if holder() is None else settings.api_rate_limit


def rate_words(rate: str) -> str:
    """``120 per minute`` in words: 每分钟 120 次."""
    if rate.strip().lower() == "off":
        return _("不限次数")
    found = parse(rate)
    units = {1: _("秒"), 60: _("分钟"), 3600: _("小时"), 86400: _("天")}
    unit = units.get(found.get_expiry()) or _("%(n)s 秒", n=found.get_expiry())
    return _("每%(unit)s %(n)s 次", unit=unit, n=found.amount)


def rate_headers(status: int) -> dict[str, str]:
    """How many requests there are and are left; when to come back, after a refusal."""
    limiter = current_app.extensions.get("kb_limiter")
    now = limiter.current_limit if limiter else None
    if now is None:
        return {}
    headers = {"RateLimit-Limit": str(now.limit.amount), "RateLimit-Remaining": str(max(0, now.remaining))}
    wait = max(1, math.ceil(now.reset_at - time.time()))
    return headers | ({"Retry-After": str(wait)} if status == 429 else {})
