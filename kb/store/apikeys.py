"""Keys of programs that read much: made once, shown once; only the hash of each is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing

BEGINNING = "kb_"
_KEY = re.compile(r"kb_[A-Za-z0-9_-]{32}")
LONGEST_NAME = 60


@dataclass(frozen=True)
class ApiKey:
    """A key as it may be shown: ``name`` says whose, ``hint`` are its first characters; times are UTC."""

    id: int
    name: str
    hint: str
    created_at: str
    created_by: str
    revoked_at: str | None
    revoked_by: str | None


def add(db: Database, name: str, by: str) -> tuple[ApiKey, str]:
    """A new key and its text, which is never to be had again; :class:`KbError` for a name that is none."""
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise KbError(f"请写明密钥给谁用，最多 {LONGEST_NAME} 个字，如 某省协会网站")
    text = BEGINNING + secrets.token_urlsafe(24)
    row = {"name": called, "hint": text[:7], "sha256": _hash(text), "created_at": now(), "created_by": by}
    with writing(db):
        if any(one.name == called and not one.revoked_at for one in listed(db)):
            raise KbError(f"已经有给「{called}」的密钥，请先撤销它，或换一个名字")
        number = db.table("api_keys").insert(row).last_pk
        audit.append(db, by, "apikey-add", f"apikey:{number}", called)
    return get(db, int(str(number))), text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def get(db: Database, number: int) -> ApiKey:
    """The key of a number; :class:`KbError` if there is none."""
    for one in listed(db):
        if one.id == number:
            return one
    raise KbError(f"没有 {number} 号密钥，用 kb apikey list 查看")


def listed(db: Database) -> list[ApiKey]:
    """Every key ever made, the newest first."""
    sql = (
        "SELECT id, name, hint, created_at, created_by, revoked_at, revoked_by FROM api_keys ORDER BY id DESC"
    )
    return [ApiKey(**row) for row in db.query(sql)]


def find(db: Database, text: str) -> int | None:
    """The number of the good key that ``text`` is; ``None`` if it is none, or revoked."""
    if not _KEY.fullmatch(text):
        return None
    sql = "SELECT id FROM api_keys WHERE sha256 = ? AND revoked_at IS NULL"
    return next((int(row["id"]) for row in db.query(sql, [_hash(text)])), None)


def revoke(db: Database, number: int, by: str) -> ApiKey:
    """End a key at once; one that has ended stays as it is."""
    with writing(db):
        held = get(db, number)
        if held.revoked_at is None:
            db.table("api_keys").update(number, {"revoked_at": now(), "revoked_by": by})
            audit.append(db, by, "apikey-revoke", f"apikey:{number}", held.name)
    return get(db, number)
