"""What readers see, in their language: message ids are the Chinese texts."""

from __future__ import annotations

from flask_babel import gettext


def _(message: str, **values: object) -> str:
    """``message`` in the language of the page, its ``%(name)s`` filled in."""
    return str(gettext(message, **values))
