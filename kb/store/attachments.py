"""Forms, templates and original documents, kept under the hash of their bytes, each with its source.

An entry refers to one by the address ``/files/<sha256>/<name>``. The bytes are in ``KB_HOME/attachments``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kb.domain.papers import clean_name, kind_of
from kb.errors import KbError
from kb.store import audit
from kb.store.atomic import write_whole
from kb.store.database import Database, now, writing

LARGEST = 20 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"/files/([0-9a-f]{64})/")


@dataclass(frozen=True)
class Attachment:
    """One kept file. ``source`` says where it comes from, ``added_at`` is UTC, ``size`` in bytes."""

    sha256: str
    name: str
    media: str
    size: int
    source: str
    added_by: str
    added_at: str

    @property
    def address(self) -> str:
        """Where the site serves it, from the root of the site."""
        return f"/files/{self.sha256}/{quote(self.name)}"


def add(db: Database, home: Path, data: bytes, name: str, source: str, by: str) -> tuple[Attachment, bool]:
    """Keep a file; it and whether it is new. The same bytes are kept once, with their first source.

    :class:`KbError` with what to do where the source is missing, the file is too large or of no kind
    that is taken, or the disk is full.
    """
    source = " ".join(source.split())
    if not source:
        raise KbError("请写来源：从哪个网站、哪份文件或哪个部门得到的")
    if not data:
        raise KbError("没有选文件，或者文件是空的")
    if len(data) > LARGEST:
        raise KbError(f"文件超过 {LARGEST // 1024 // 1024} MB。请压缩图片或分开再传")
    kind = kind_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    with writing(db):
        write_whole(_path(home, sha256), data)
        held = get(db, sha256)
        if held:
            return held, False
        made = Attachment(sha256, clean_name(name, kind), kind.media, len(data), source[:300], by, now())
        db.table("attachments").insert(made.__dict__)
        audit.append(db, by, "file-add", sha256, f"{made.name}，来源：{made.source}")
    return made, True


def _path(home: Path, sha256: str) -> Path:
    return home / "attachments" / sha256[:2] / sha256


def get(db: Database, sha256: str) -> Attachment | None:
    """The attachment of a hash, ``None`` if there is none."""
    rows = list(db.query("SELECT * FROM attachments WHERE sha256 = ?", [sha256]))
    return Attachment(**rows[0]) if rows else None


def at(db: Database, address: str) -> Attachment | None:
    """The attachment that an address of this site leads to, ``None`` for any other address."""
    match = _ADDRESS.match(address)
    return get(db, match[1]) if match else None


def read(home: Path, held: Attachment) -> bytes:
    """Its bytes, just as they were uploaded; :class:`KbError` if they are gone or were changed."""
    try:
        data = _path(home, held.sha256).read_bytes()
    except OSError as error:
        raise KbError(f"附件 {held.name} 不见了，请用备份恢复，或重新上传") from error
    if hashlib.sha256(data).hexdigest() != held.sha256:
        raise KbError(f"附件 {held.name} 的内容变了（校验不符），没有给出。请用备份恢复，或重新上传")
    return data


def listed(db: Database) -> list[Attachment]:
    """Every attachment, the latest first."""
    return [Attachment(**row) for row in db.query("SELECT * FROM attachments ORDER BY added_at DESC, sha256")]


def used_by(db: Database, sha256: str) -> list[str]:
    """The ids of the published entries that refer to it now."""
    sql = """SELECT e.id AS id FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.version
             WHERE e.state = 'published' AND instr(v.body, ?) ORDER BY e.id"""
    return [str(row["id"]) for row in db.query(sql, [f"/files/{sha256}/"])]


def used_in_drafts(db: Database, sha256: str) -> list[int]:
    """The numbers of the open drafts that refer to it."""
    sql = """SELECT id FROM drafts WHERE state NOT IN ('published', 'dropped') AND instr(data, ?)
             ORDER BY id"""
    return [int(row["id"]) for row in db.query(sql, [f"/files/{sha256}/"])]


def is_shown(db: Database, sha256: str) -> bool:
    """Whether everybody may have it: an entry that is published says or said so, or an open draft does.

    An address holds 64 digits that nobody can guess, so a draft's papers are for whom its preview is for.
    """
    sql = """SELECT 1 FROM versions v JOIN entries e ON e.id = v.entry_id
             WHERE e.state = 'published' AND instr(v.body, ?) LIMIT 1"""
    return bool(list(db.query(sql, [f"/files/{sha256}/"]))) or bool(used_in_drafts(db, sha256))


def is_orphan(db: Database, sha256: str) -> bool:
    """Whether no version of any entry and no draft refers to it, so that it may go.

    A draft that was given up counts too: it may be opened again.
    """
    sql = """SELECT 1 FROM versions WHERE instr(body, :address)
             UNION ALL SELECT 1 FROM drafts WHERE state <> 'published' AND instr(data, :address) LIMIT 1"""
    return not list(db.query(sql, {"address": f"/files/{sha256}/"}))


def remove(db: Database, home: Path, sha256: str, by: str) -> None:
    """Take away a file that nothing refers to; :class:`KbError` if something does or it is not there."""
    with writing(db):
        held = get(db, sha256)
        if held is None:
            raise KbError("没有这个附件，也许刚被删掉")
        if not is_orphan(db, sha256):
            raise KbError("还有条目、历史版本或草稿用着这个附件，不能删")
        db.table("attachments").delete(sha256)
        audit.append(db, by, "file-remove", sha256, held.name)
    with writing(db):
        if get(db, sha256) is None:
            _path(home, sha256).unlink(missing_ok=True)
