"""Opening the database and writing to it: one writer at a time, everything or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

from kb.errors import KbError
from kb.store.migrations import migrations

__all__ = ["Database", "explained", "now", "open_database", "open_to_read", "told", "wipe", "writing"]

BUSY_MS = 30_000
_WIPE_MS = 1_000


def open_database(path: Path) -> Database:
    """The database at ``path``, made and migrated if need be; a file that is none is a clear error."""
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, check_same_thread=False)
        return _prepared(connection, path)
    except (sqlite3.Error, OSError, KbError) as error:
        if connection is not None:
            connection.close()
        raise error if isinstance(error, KbError) else explained(error, path) from error


def open_to_read(path: Path) -> Database:
    """What the database at ``path`` holds, with nothing written, not even beside it; an empty one where there
    is none yet or one of an older version.
    """
    if path.is_file():
        in_use = path.with_name(f"{path.name}-wal").exists()
        with told(path):
            address = f"{path.absolute().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}"
            db = Database(sqlite3.connect(address, uri=True, timeout=BUSY_MS / 1000))
            if not migrations.pending(db):
                return db
            db.close()
    empty = Database(memory=True)
    migrations.apply(empty)
    return empty


def _prepared(connection: sqlite3.Connection, path: Path) -> Database:
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    db = Database(connection)
    if _is_new(connection) or migrations.pending(db):
        with told(path), FileLock(f"{path}.lock", timeout=BUSY_MS / 1000):
            connection.execute("PRAGMA journal_mode=WAL")
            migrations.apply(db)
    return db


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether the journal mode, which stays with the file, still has to be set."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return bool(mode != "wal")


def explained(error: Exception, path: Path | str) -> KbError:
    """What happened to the database in words, and what to do."""
    text = str(error)
    if "full" in text or "No space left" in text:
        return KbError(f"磁盘已满，{path} 没有写入，已有数据未受影响。请腾出空间后再做一次")
    if "locked" in text or "busy" in text:
        return KbError(f"{path} 正被另一个程序写入，等了 {BUSY_MS // 1000} 秒仍未空出。请稍后再试")
    if "not a database" in text or "malformed" in text:
        return KbError(f"{path} 已损坏或不是本产品的数据库。请移走它再运行 kb load，或用备份恢复")
    if isinstance(error, PermissionError) or "unable to open" in text or "readonly" in text:
        return KbError(f"没有权限读写 {path}。请检查 KB_HOME 指向的目录")
    return KbError(f"数据库 {path} 出错：{text}")


@contextmanager
def told(path: Path | str) -> Iterator[None]:
    """Turns an SQLite error inside into one that says what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise explained(error, path) from error


@contextmanager
def writing(db: Database) -> Iterator[Database]:
    """One transaction that holds the write lock from its start; joins one that is already open."""
    if db.conn.in_transaction:
        yield db
        return
    with told(_path(db)):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.conn.in_transaction:
                db.execute("ROLLBACK")
            raise


def wipe(db: Database) -> None:
    """Take what was deleted out of the write-ahead log too, as far as readers let it be done now."""
    db.execute(f"PRAGMA busy_timeout = {_WIPE_MS}")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _path(db: Database) -> str:
    return str(next(db.query("PRAGMA database_list"))["file"])


def now() -> str:
    """This moment in UTC, to the microsecond, as it is written everywhere in the store."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
