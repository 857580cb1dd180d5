"""A backup while the site runs: a consistent copy of the database, the files beside it, a list of hashes.

It is made in a folder whose name says that it is unfinished and renamed when it is whole, so that half a
backup is never taken for one. Left out is what can be made again (index) and what belongs to a running
process (locks, write-ahead log). :mod:`kb.store.restore` puts one back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from kb.config import Settings
from kb.errors import KbError
from kb.store import audit, changes
from kb.store.database import Database, now
from kb.store.migrations import migrations

DATABASE = "kb.sqlite"
MANIFEST = "manifest.json"
SEAL = "manifest.json.sha256"
UNFINISHED = ".partial"
_LEFT_OUT = (".lock", "-wal", "-shm", "-journal")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A file of a backup as it must be: SHA-256 and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ``version`` is the product's, ``made_at`` UTC, ``audit_head`` ``number:hash``."""

    version: str
    made_at: str
    last_change: int
    audit_head: str
    files: Mapping[str, Stored]

    @property
    def size(self) -> int:
        return sum(stored.size for stored in self.files.values())


@dataclass(frozen=True)
class Backup:
    """A finished backup: its folder, what it holds, and what is wrong with the audit in it."""

    path: Path
    manifest: Manifest
    faults: tuple[audit.Fault, ...]


def make(settings: Settings, target: Path) -> Backup:
    """Copy all that cannot be made again into a dated folder of ``target``, readable by its owner only.

    :class:`KbError` if the place is no good, the disk is full or the database is damaged; then nothing is
    left behind.
    """
    target = target.absolute()
    _refuse(settings, target)
    made_at = now()
    name = f"kb-{made_at[:19].replace(':', '-')}Z"
    partial = target / f".{name}-{secrets.token_hex(3)}{UNFINISHED}"
    with explained(target, "备份没有做成，也没有留下半份"):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        try:
            _copy_database(settings.database, partial / DATABASE)
            others = _copy_others(settings.home, partial)
            manifest, faults = _described(partial, made_at, others)
            _write_manifest(partial, manifest)
            path = _finish(partial, target / name)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return Backup(path, manifest, faults)


def unfinished(target: Path) -> list[Path]:
    """Folders of backups that were cut off, or are being made by somebody else."""
    return sorted(target.glob(f".kb-*{UNFINISHED}"))


def _refuse(settings: Settings, target: Path) -> None:
    if not settings.database.is_file():
        raise KbError(f"{settings.home} 里还没有库，没有可备份的；请看 KB_HOME 指得对不对")
    if target.exists() and not target.is_dir():
        raise KbError(f"{target} 是一个文件，备份要放进一个目录；请换一个目录")
    if target.resolve().is_relative_to(settings.home.resolve()):
        raise KbError(f"备份不能放在 {settings.home} 里面，那里坏了会一起丢；请换一个目录，最好在另一块盘上")


@contextmanager
def explained(place: Path, told: str) -> Iterator[None]:
    """Turns a failure to read or write inside into one that says ``told``, why, and what to do."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise KbError(f"{told}：{_why(error, place)}") from error


def _why(error: Exception, place: Path) -> str:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full or "full" in str(error) or "disk I/O" in str(error):
        return f"{place} 所在的磁盘写不进去，多半是满了或超过了配额；请腾出空间，或换一个地方"
    if isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS:
        return f"没有权限读写 {getattr(error, 'filename', None) or place}；请改权限，或换一个目录"
    return f"{place}：{getattr(error, 'strerror', None) or error}"


def _copy_database(source: Path, copy: Path) -> None:
    """All in one step, under one read lock: a consistent state, and no writer has to wait for it."""
    private(copy).close()
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(copy)) as out,
    ):
        live.backup(out)
        out.execute("PRAGMA journal_mode=DELETE")


def private(path: Path) -> BinaryIO:
    """A new file to write that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _copy_others(home: Path, partial: Path) -> dict[str, Stored]:
    copied = {}
    for name in _others(home):
        try:
            copied[name] = copy_file(home / name, partial / name)
        except FileNotFoundError:
            if (home / name).exists():
                raise
    return copied


def _others(home: Path) -> Iterator[str]:
    """Every file of the home that cannot be made again, but the database; folders elsewhere are followed."""
    seen = set()
    for folder, below, names in os.walk(home, followlinks=True, onerror=_raise):
        real = os.path.realpath(folder)
        below[:] = (
            [] if real in seen else [one for one in sorted(below) if Path(folder, one) != home / "index"]
        )
        for name in sorted(names) if real not in seen else ():
            path = Path(folder, name)
            if path.is_file() and path != home / DATABASE and not name.endswith(_LEFT_OUT):
                yield path.relative_to(home).as_posix()
        seen.add(real)


def _raise(error: OSError) -> None:
    raise error


def copy_file(source: Path, target: Path) -> Stored:
    """Copy a file for its owner's eyes, down to the disk; what was written."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read:
        _make_folder(target.parent)
        with private(target) as out:
            while chunk := read.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    return Stored(digest.hexdigest(), size)


def _make_folder(folder: Path) -> None:
    """A folder that only its owner may look into, and those above it."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700)


def stored(path: Path) -> Stored:
    """What a file is: hash and size."""
    with path.open("rb") as file:
        return Stored(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _described(
    partial: Path, made_at: str, others: Mapping[str, Stored]
) -> tuple[Manifest, tuple[audit.Fault, ...]]:
    with looked_at(partial / DATABASE) as db:
        if problem := problem_of(db):
            raise KbError(f"库已损坏，没有备份（{problem}）；以前的备份请留好，用 kb restore 恢复")
        head, last = audit.head(db) if _is_chained(db) else audit.Head(0, ""), changes.last_number(db)
        faults = faults_of(db)
    files = {DATABASE: stored(partial / DATABASE), **others}
    return Manifest(version("relief-kb"), made_at, last, str(head), files), faults


@contextmanager
def looked_at(path: Path) -> Iterator[Database]:
    """A database that nobody writes, opened so that nothing beside it is made."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield Database(connection)


def problem_of(db: Database) -> str | None:
    """What keeps a copied database from being used, in words; ``None`` if it is whole and ours."""
    checked = [str(row["integrity_check"]) for row in db.query("PRAGMA integrity_check")]
    if checked != ["ok"]:
        return f"完整性检查：{checked[0]}"
    if not {"entries", "versions", "changes", "audit"} <= set(db.table_names()):
        return "不是本产品的数据库"
    if dangling := list(db.query("PRAGMA foreign_key_check")):
        return f"外键检查：{dangling[0]['table']} 里有指向不存在的行"
    newer = {one.name for one in migrations.applied(db)} - _our_migrations()
    return f"由更新的版本写成（{'、'.join(sorted(newer))}），请先升级本产品" if newer else None


def _our_migrations() -> set[str]:
    with closing(Database(memory=True)) as empty:
        return {one.name for one in migrations.pending(empty)}


def faults_of(db: Database, known: audit.Head | None = None) -> tuple[audit.Fault, ...]:
    """What is wrong with the audit; nothing in a database from before the chain."""
    return tuple(audit.verify(db, known)) if _is_chained(db) else ()


def _is_chained(db: Database) -> bool:
    return "hash" in db.table("audit").columns_dict


def _write_manifest(partial: Path, manifest: Manifest) -> None:
    """The manifest, and its own hash beside it as ``sha256sum -c`` reads it."""
    raw = (json.dumps({"product": "relief-kb", **asdict(manifest)}, indent=1) + "\n").encode()
    for name, content in ((MANIFEST, raw), (SEAL, seal_of(raw))):
        with private(partial / name) as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


def seal_of(raw: bytes) -> bytes:
    """What stands beside a manifest of these bytes."""
    return f"{hashlib.sha256(raw).hexdigest()}  {MANIFEST}\n".encode()


def read_manifest(raw: bytes) -> Manifest:
    """The manifest in ``raw``; :class:`ValueError` if it is none."""
    try:
        data: dict[str, Any] = json.loads(raw)
        if data.pop("product") != "relief-kb":
            raise ValueError("another product's")
        files = {name: Stored(**one) for name, one in data.pop("files").items()}
        if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in files):
            raise ValueError("a path that leads outside")
        return Manifest(**data, files=files)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest") from error


def _finish(partial: Path, path: Path) -> Path:
    """Give the finished folder its name; another one if that is taken."""
    for folder, _below, _names in os.walk(partial):
        sync(Path(folder))
    number = 1
    final = path
    while final.exists():
        number += 1
        final = path.with_name(f"{path.name}-{number}")
    partial.rename(final)
    sync(path.parent)
    return final


def sync(folder: Path) -> None:
    """Make sure that what a folder lists is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
