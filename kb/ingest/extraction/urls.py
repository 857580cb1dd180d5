"""Addresses on pages made whole, in one spelling, so that the same page is asked and kept once."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

_USUAL = {"http": ":80", "https": ":443"}


def joined(base: str, onward: str) -> str:
    """The whole address that ``onward`` on the page ``base`` leads to; empty for what is none.

    The fragment goes, the host is in small letters, a usual port is left out.
    """
    try:
        parts = urlsplit(urljoin(base, onward.strip()))
        place = parts.netloc.lower().removesuffix(_USUAL.get(parts.scheme, ":"))
    except ValueError:
        return ""
    if parts.scheme not in _USUAL or not place:
        return ""
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))


def place_of(address: str) -> str:
    """Host and, where it is unusual, port of an address; empty for what is none."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
