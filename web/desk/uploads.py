"""Uploads: how much a request may send, and a page that can still be shown when it sent more."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import ImmutableMultiDict

BESIDE_THE_FILE = 256 * 1024
"""Room for the other fields of a form, in bytes."""


def limit_upload(size: int) -> None:
    """Let this request send a file of at most ``size`` bytes; call before its form is read."""
    request.max_content_length = size + BESIDE_THE_FILE


def forget_form() -> None:
    """Go on without the form that was too large, so that a page can be made."""
    request.form = ImmutableMultiDict()
    request.files = ImmutableMultiDict()
