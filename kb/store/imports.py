"""Sheets between their dry run and their import, kept for a day under the hash of their bytes."""

from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

from kb.errors import KbError
from kb.store.atomic import write_whole
from kb.store.database import Database

KEPT_SECONDS = 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GONE = "这份表格已经不在了（只保留一天），请重新上传"


def keep(home: Path, data: bytes) -> str:
    """Keep a sheet's bytes; their SHA-256, by which :func:`read` finds them. Older ones go."""
    sha256 = hashlib.sha256(data).hexdigest()
    _forget_old(home / "imports")
    write_whole(home / "imports" / sha256, data)
    return sha256


def read(home: Path, sha256: str) -> bytes:
    """The bytes that were kept; :class:`KbError` if they are gone or are not what they were."""
    path = home / "imports" / sha256
    if not _SHA256.fullmatch(sha256) or not path.is_file():
        raise KbError(_GONE)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise KbError(_GONE)
    return data


def _forget_old(folder: Path) -> None:
    before = time.time() - KEPT_SECONDS
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def taken_in(db: Database, sha256: str) -> list[dict[str, Any]]:
    """The data of the drafts that were made of a sheet and not dropped since."""
    sql = "SELECT data FROM drafts WHERE sha256 = ? AND state <> 'dropped'"
    return [json.loads(str(row["data"])) for row in db.query(sql, [sha256])]
