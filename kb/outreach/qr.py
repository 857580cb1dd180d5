"""An address as a QR code, drawn on the server."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

import segno

from kb.errors import KbError

MOST = 120
"""Most characters of an address: with more the modules get too small for a phone at arm's length."""
QUIET = 4
"""Modules of white on every side, as the standard asks."""


def qr_svg(address: str, label: str = "二维码") -> str:
    """The code as one inline ``<svg>`` (error level M) that takes the size its container gives it.

    Always black on white, its quiet zone included, so that it scans on a dark page too. ``label`` is what
    a screen reader says. Raises :class:`KbError` for an empty address or one over :data:`MOST` characters.
    """
    if not 0 < len(address) <= MOST:
        raise KbError(
            f"二维码里的地址要有 1 到 {MOST} 个字符，现在是 {len(address)} 个；"
            "请少带几个条件，或把 KB_BASE_URL 设短一点"
        )
    code = segno.make_qr(address, error="m", encoding="utf-8", boost_error=False)
    side = code.symbol_size(border=QUIET)[0]
    path = "".join(_runs(code))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _runs(code: segno.QRCode) -> Iterator[str]:
    """A rectangle one module high for every run of dark modules in a row."""
    for y, row in enumerate(code.matrix_iter(border=QUIET)):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
