"""The installation's own key: it signs the sessions of staff and makes the links that only mail carries."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from kb.errors import KbError


def secret_key(path: Path) -> bytes:
    """The key at ``path``, made once, whole or not at all, for the owner's eyes only."""
    if path.exists():
        return path.read_bytes()
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    except OSError as error:
        raise KbError(f"写不了 {path}（{error.strerror}）；请检查 KB_HOME 指向的目录") from error
    return path.read_bytes()
