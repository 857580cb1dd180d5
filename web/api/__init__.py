"""The interface for programs, version 1: ``/api/v1/``. One module a resource, declared once.

What a resource accepts is declared by :mod:`web.api.parameters`, what it answers by :mod:`web.api.models`;
both are used to serve it and to describe it, so the description at ``openapi.json`` cannot drift.
"""

from __future__ import annotations

from web.api import changes, entries, keys, match, page, search, suggest, survey, taxonomy
from web.api.serving import bp

__all__ = ["bp", "changes", "entries", "keys", "match", "page", "search", "suggest", "survey", "taxonomy"]
