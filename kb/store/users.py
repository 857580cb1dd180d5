"""Accounts of staff: who they are, their password's hash, and whether they may still come in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kb.domain.workflow import ROLES, Actor, Role
from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
SHORTEST, LONGEST = 10, 200
MOST_SESSIONS = 8
"""How many sessions an account has at once; one more ends the oldest."""
NOBODY = "（未登录）"
"""Who an audit row about a refused log-in is by."""
_hasher = PasswordHasher()


@dataclass(frozen=True)
class User:
    """An account. ``session_keys`` are those of its sessions, oldest first; without its key none goes on."""

    id: int
    actor: Actor
    session_keys: tuple[str, ...]
    active: bool
    created_at: str
    last_login_at: str | None

    @property
    def name(self) -> str:
        return self.actor.name


def add(db: Database, actor: Actor, password: str, by: str) -> User:
    """A new account; :class:`KbError` says what is wrong with its name or password."""
    name, shown = actor.name.strip().lower(), actor.shown.strip() or actor.name
    if not NAME.fullmatch(name):
        raise KbError("登录名用 2—32 个小写字母、数字、点或连字符，以字母或数字开头，如 liu.min")
    if actor.role not in ROLES:
        raise KbError(f"没有「{actor.role}」这种角色，可用：{'、'.join(ROLES)}")
    row = {
        "name": name,
        "shown": shown[:60],
        "role": actor.role,
        "region": actor.region,
        "password_hash": _hash(password, name),
        "session_key": "",
        "created_at": now(),
        "created_by": by,
    }
    with writing(db):
        if find(db, name):
            raise KbError(f"已经有登录名 {name} 了，请换一个")
        db.table("users").insert(row)
        audit.append(db, by, "user-add", name, f"{shown}，{actor.role}，{actor.region}")
    return cast(User, find(db, name))


def _hash(password: str, name: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise KbError(f"密码要 {SHORTEST}—{LONGEST} 个字符；几个不相干的词连起来就很好记")
    named = len(name) > 3 and name in password.lower()
    if named or len(set(password)) < 5:
        raise KbError("这个密码太好猜（含登录名，或只有几个不同的字符），请换一个")
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked where no such account exists, so that a wrong name takes as long as a wrong password."""
    return _hasher.hash(secrets.token_urlsafe())


def _user(row: dict[str, object]) -> User:
    actor = Actor(str(row["name"]), str(row["shown"]), cast(Role, row["role"]), str(row["region"]))
    seen = row["last_login_at"]
    return User(
        int(str(row["id"])),
        actor,
        tuple(str(row["session_key"]).split()),
        bool(row["active"]),
        str(row["created_at"]),
        str(seen) if seen else None,
    )


def find(db: Database, name: str) -> User | None:
    """The account of a login name, an inactive one too."""
    rows = list(db.query("SELECT * FROM users WHERE name = ?", [name.strip().lower()]))
    return _user(rows[0]) if rows else None


def everyone(db: Database) -> Iterator[User]:
    """Every account, by office and name."""
    for row in db.query("SELECT * FROM users ORDER BY region, name"):
        yield _user(row)


def shown_names(db: Database) -> dict[str, str]:
    """The shown name of every login name."""
    return {user.name: user.actor.shown for user in everyone(db)}


def check_password(db: Database, name: str, password: str) -> User | None:
    """The account if the password is right and it is active; else ``None``, after as much work."""
    rows = list(db.query("SELECT * FROM users WHERE name = ?", [name.strip().lower()]))
    held = str(rows[0]["password_hash"]) if rows else _nobody()
    try:
        _hasher.verify(held, password[:LONGEST])
    except VerificationError:
        return None
    if not rows or not rows[0]["active"]:
        return None
    if _hasher.check_needs_rehash(held):
        with writing(db):
            db.table("users").update(rows[0]["id"], {"password_hash": _hasher.hash(password)})
    return _user(rows[0])


def log_in(db: Database, name: str, password: str) -> User | None:
    """:func:`check_password`, and a row of the audit. What was typed is only in it if it names an account.

    Throttle the calls: every refusal is a row too.
    """
    user = check_password(db, name, password)
    with writing(db):
        if user is None:
            known = find(db, name)
            audit.append(db, NOBODY, "log-in-refused", known.name if known else "")
            return None
        db.table("users").update(user.id, {"last_login_at": now()})
        audit.append(db, user.name, "log-in", user.name)
    return find(db, name)


def begin_session(db: Database, name: str) -> str:
    """The key of a new session of the account."""
    with writing(db):
        key, user = secrets.token_urlsafe(), _existing(db, name)
        kept = (*user.session_keys, key)[-MOST_SESSIONS:]
        db.table("users").update(user.id, {"session_key": " ".join(kept)})
    return key


def end_session(db: Database, name: str, key: str) -> None:
    """Log out: the session ends wherever its cookie was copied to; the account's others go on."""
    with writing(db):
        user = _existing(db, name)
        kept = " ".join(one for one in user.session_keys if one != key)
        db.table("users").update(user.id, {"session_key": kept})
        audit.append(db, user.name, "log-out", user.name)


def set_password(db: Database, name: str, password: str, by: str) -> None:
    """A new password; every session of the account ends."""
    user = _existing(db, name)
    row = {"password_hash": _hash(password, user.name), "session_key": ""}
    with writing(db):
        db.table("users").update(user.id, row)
        audit.append(db, by, "user-password", user.name, "")


def set_active(db: Database, name: str, active: bool, by: str) -> None:
    """Let an account in or keep it out; the last active administrator stays."""
    user = _existing(db, name)
    with writing(db):
        if not active:
            _keep_one_admin(db, user)
        db.table("users").update(user.id, {"active": int(active), "session_key": ""})
        audit.append(db, by, "user-enable" if active else "user-disable", user.name, "")


def set_role(db: Database, name: str, role: Role, region: str, by: str) -> None:
    """Another role or office; the last active national administrator stays one."""
    user = _existing(db, name)
    with writing(db):
        if role != "admin" or region != user.actor.region:
            _keep_one_admin(db, user)
        db.table("users").update(user.id, {"role": role, "region": region})
        audit.append(db, by, "user-role", user.name, f"{role}，{region}")


def _existing(db: Database, name: str) -> User:
    user = find(db, name)
    if user is None:
        raise KbError(f"没有登录名 {name}；用 kb user list 看有哪些")
    return user


def _keep_one_admin(db: Database, leaving: User) -> None:
    admins = [
        one for one in everyone(db) if one.active and one.actor.role == "admin" and one.actor.is_national
    ]
    if [one.name for one in admins] == [leaving.name]:
        raise KbError(f"{leaving.name} 是最后一个全国管理员，先另设一个管理员再停用或改角色")


def is_alone(db: Database, region: str) -> bool:
    """Whether an office has one active account, so that nobody else could review."""
    sql = "SELECT count(*) AS n FROM users WHERE active = 1 AND region = ?"
    return int(next(db.query(sql, [region]))["n"]) == 1
