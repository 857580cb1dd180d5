"""Shadow pages: the same page converted to traditional characters at another address."""

from __future__ import annotations

import re

_GATE = re.compile(r"(https?)://[^/]+/gate/(?:big5|gb)/(?P<rest>[^/]+\.[^/]+(?:/.*)?)", re.IGNORECASE)


def original(address: str) -> str:
    """The address of the page that a shadow page shows; any other address as it is."""
    match = _GATE.fullmatch(address)
    return f"{match[1]}://{match['rest']}" if match else address


def is_shadow(address: str) -> bool:
    """Whether an address is that of a shadow page."""
    return _GATE.fullmatch(address) is not None
