"""Pages as they were fetched: the raw bytes under their hash, and when and how they came.

The bytes are in ``KB_HOME/snapshots``, whole or not at all; the same bytes are kept once, however often and
wherever they come from. Nothing is ever overwritten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import KbError
from kb.store.atomic import write_whole
from kb.store.database import Database, now, writing

_TOLD = frozenset(
    {
        "content-type",
        "content-encoding",
        "content-length",
        "date",
        "etag",
        "last-modified",
        "server",
        "location",
    }
)
"""The headers that are kept: none of them says anything about a person."""


@dataclass(frozen=True)
class Snapshot:
    """One state of one address. ``fetched_at`` is UTC; ``size`` in bytes; header names in lower case."""

    id: int
    address: str
    final_address: str
    sha256: str
    size: int
    status: int
    headers: Mapping[str, str]
    fetched_at: str

    @property
    def is_plain(self) -> bool:
        """Whether it came unencrypted (经 http 取得)."""
        return self.final_address.startswith("http://")


def path_of(home: Path, sha256: str) -> Path:
    """Where the bytes of a hash are."""
    return home / "snapshots" / sha256[:2] / sha256


def digest(data: bytes) -> str:
    """The SHA-256 by which bytes are kept."""
    return hashlib.sha256(data).hexdigest()


def put(home: Path, data: bytes) -> str:
    """Keep bytes; their SHA-256. Where they are kept already nothing is written, but what was damaged is
    put right."""
    sha256 = digest(data)
    if not is_sound(home, sha256):
        write_whole(path_of(home, sha256), data)
    return sha256


def is_sound(home: Path, sha256: str) -> bool:
    """Whether the bytes of a hash are there as they were."""
    try:
        return digest(path_of(home, sha256).read_bytes()) == sha256
    except OSError:
        return False


def raw(home: Path, sha256: str) -> bytes:
    """The bytes of a hash; :class:`KbError` if they are gone or are not what they were."""
    try:
        data = path_of(home, sha256).read_bytes()
    except OSError as error:
        raise KbError(f"快照 {sha256[:12]} 的文件不见了，请用备份恢复") from error
    if digest(data) != sha256:
        raise KbError(f"快照 {sha256[:12]} 的内容变了（校验不符），请用备份恢复")
    return data


def note(
    db: Database, address: str, final: str, sha256: str, size: int, status: int, headers: Mapping[str, str]
) -> Snapshot:
    """A row for what came from ``address``; the last one, where it is just the same."""
    with writing(db):
        held = latest(db, address)
        if held and held.sha256 == sha256:
            return held
        row = {
            "address": address,
            "final_address": final,
            "sha256": sha256,
            "size": size,
            "status": status,
            "headers": json.dumps({name: headers[name] for name in sorted(_TOLD & headers.keys())}),
            "fetched_at": now(),
        }
        number = db.table("snapshots").insert(row).last_pk
    return existing(db, int(str(number)))


def existing(db: Database, number: int) -> Snapshot:
    """The snapshot of a number; :class:`KbError` if there is none."""
    found = get(db, number)
    if found is None:
        raise KbError(f"没有 {number} 号快照")
    return found


def get(db: Database, number: int) -> Snapshot | None:
    """The snapshot of a number; ``None`` if there is none."""
    for row in db.query("SELECT * FROM snapshots WHERE id = ?", [number]):
        return _snapshot(row)
    return None


def latest(db: Database, address: str) -> Snapshot | None:
    """The last state of an address that was kept; ``None`` before the first."""
    for row in db.query("SELECT * FROM snapshots WHERE address = ? ORDER BY id DESC LIMIT 1", [address]):
        return _snapshot(row)
    return None


def history(db: Database, address: str) -> list[Snapshot]:
    """Every state of an address that was kept, the latest first."""
    sql = "SELECT * FROM snapshots WHERE address = ? ORDER BY id DESC"
    return [_snapshot(row) for row in db.query(sql, [address])]


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(**{**row, "headers": json.loads(row["headers"])})


def sweep(home: Path) -> int:
    """Clear away what a killed run left half-written; how many files. No crawl may be running."""
    left = list((home / "snapshots").glob("*/.new-*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
