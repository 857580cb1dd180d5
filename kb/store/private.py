"""Private links in mail: the store holds what identifies them, never a link that works.

A word is 32 url-safe characters: a random salt, which the store keeps, and a seal made of it with the
installation's own key, which it does not. Texts that wait in the store carry a mark in its place, which is
filled in on sending. Whoever reads a copy of the database can open nothing; a new key ends old links and
lets new mail carry new ones.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Literal

Purpose = Literal["confirm", "manage", "stop", "leave", "round"]
SITE = "{{site}}"
"""Stands for the public address of the site in a text that waits."""
_MARK = re.compile(r"\{\{private:([a-z]+):([\w-]{16})\}\}")
_BRACES = re.compile(r"\{(?=\{)")
_HALF = 12
KEY = re.compile(r"[A-Za-z0-9_-]{22}")
"""A random key that a form brings along, so that sending it twice counts once."""


def new_salt() -> str:
    """16 url-safe random characters."""
    return secrets.token_urlsafe(_HALF)


def new_key() -> str:
    """A fresh :data:`KEY`."""
    return secrets.token_urlsafe(16)


def token_of(key: bytes, form: str) -> str:
    """The last part of the private link that sending the form with this :data:`KEY` leads to, 32 characters.

    Always the same one, so that it can be given again to whoever sends the form again; the store holds
    neither of the two.
    """
    made = hmac.new(key, f"private link:form:{form}".encode(), sha256).digest()
    return urlsafe_b64encode(made[: 2 * _HALF]).decode()


def mark(purpose: Purpose, salt: str) -> str:
    """What stands in a waiting text where the word will be."""
    return f"{{{{private:{purpose}:{salt}}}}}"


def plain(text: str) -> str:
    """Text that somebody wrote, with nothing in it that :func:`filled` would take for a mark of ours."""
    return _BRACES.sub("{ ", text)


def word(key: bytes, purpose: Purpose | str, salt: str) -> str:
    """The last part of a private link."""
    return salt + _seal(key, purpose, salt)


def _seal(key: bytes, purpose: str, salt: str) -> str:
    made = hmac.new(key, f"private link:{purpose}:{salt}".encode(), sha256).digest()
    return urlsafe_b64encode(made[:_HALF]).decode()


def salt_of(key: bytes, purpose: Purpose, given: str) -> str | None:
    """The salt of a word that this installation made for ``purpose``; ``None`` for any other text."""
    salt, seal = given[:16], given[16:]
    right = given.isascii() and hmac.compare_digest(seal, _seal(key, purpose, salt))
    return salt if right else None


def filled(text: str, key: bytes, base_url: str) -> str:
    """A waiting text with its links."""
    return _MARK.sub(lambda found: word(key, found[1], found[2]), text).replace(SITE, base_url)
