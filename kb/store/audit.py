"""The audit: who did what to what and when. Append only, each row chained to the one before.

:func:`append` is the only writer. What could forge or hide a line (control characters, line ends, marks of
direction, zero width) is written as ``\\u202e``, so a row is one line wherever it is shown. Callers pass no
passwords, tokens or session keys.

A chain shows that something was changed, not that everything was made anew: whoever can rewrite the file
can hash it again. So the last number and hash are noted elsewhere, in every backup's manifest.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kb.store.database import Database, now, writing

_GUARDS = ("audit_never_changes", "audit_never_goes", "versions_never_change", "versions_never_go")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing, though Unicode does not count them among the format characters."""


@dataclass(frozen=True)
class Row:
    """One line of the audit. ``at`` is UTC, ``actor`` a login name or a command, ``subject`` an id."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Head:
    """The last row's number and hash, which stand for all rows up to it; number 0 before the chain."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written. ``number`` is the row's, 0 for the table as a whole."""

    number: int
    what: str


def visible(text: str) -> str:
    """``text`` on one line with nothing hidden in it; different texts stay different."""
    return _unhidden(text.replace("\\", "\\\\"))


def _unhidden(text: str) -> str:
    return "".join(_spelled(letter) if _is_hidden(letter) else letter for letter in text)


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN_CATEGORIES or bool(_BLANK.match(letter))


def _spelled(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def append(db: Database, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Write one row, in the transaction that is open or in one of its own. Never pass a secret."""
    with writing(db):
        number = _last_given(db) + 1
        row = Row(number, now(), visible(actor), visible(action), visible(subject), visible(detail))
        previous = head(db).hash or _digest_of_unchained(db)
        written = {"number": row.number, "at": row.at, "actor": row.actor, "action": row.action}
        written |= {"entry_id": row.subject, "detail": row.detail}
        db.table("audit").insert({**written, "previous": previous, "hash": _hash(previous, row)})


def _last_given(db: Database) -> int:
    """The last number ever given out, that of a row taken away behind our back too."""
    rows = list(db.query("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"))
    return int(rows[0]["seq"]) if rows else 0


def head(db: Database) -> Head:
    """The last row's number and hash: note it elsewhere, and :func:`verify` can hold the audit to it."""
    sql = "SELECT number, hash FROM audit WHERE hash <> '' ORDER BY number DESC LIMIT 1"
    rows = list(db.query(sql))
    return Head(int(rows[0]["number"]), str(rows[0]["hash"])) if rows else Head(0, "")


def _hash(previous: str, row: Row) -> str:
    return hashlib.sha256(f"{previous}\n{_canonical(row)}".encode()).hexdigest()


def _canonical(row: Row) -> str:
    return json.dumps(row.__dict__, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest_of_unchained(db: Database) -> str:
    """One digest of all rows from before the chain began, or of none."""
    digest = hashlib.sha256()
    for row, _previous, _hash_of_row in _rows(db, "WHERE hash = ''"):
        digest.update(_canonical(row).encode() + b"\n")
    return digest.hexdigest()


def _rows(db: Database, where: str = "") -> Iterator[tuple[Row, str, str]]:
    """Every row with its ``previous`` and ``hash``, in order; bytes that are no text are spelled out."""
    names = ("at", "actor", "action", "entry_id", "detail", "previous", "hash")
    columns = ", ".join(f"CAST({name} AS BLOB) AS {name}" for name in names)
    for found in db.query(f"SELECT number, {columns} FROM audit {where} ORDER BY number"):  # noqa: S608
        texts = [bytes(found[name] or b"").decode("utf-8", "backslashreplace") for name in names]
        yield Row(int(found["number"]), *texts[:5]), texts[5], texts[6]


def verify(db: Database, known: Head | None = None) -> list[Fault]:
    """What in the audit is not as it was written; ``known`` is a head noted earlier, to be found again."""
    faults = [Fault(0, f"防止改动历史的触发器 {name} 不见了") for name in _missing_guards(db)]
    unchained, before, last, seen = hashlib.sha256(), "", 0, {}
    for row, previous, found in _rows(db):
        if row.number > last + 1:
            faults.append(Fault(row.number, f"它前面少了{_span(last + 1, row.number - 1)}"))
        last, seen[row.number] = row.number, found
        if not (found or previous or before):
            unchained.update(_canonical(row).encode() + b"\n")
            continue
        faults += _faults_of(row, previous, found, before or unchained.hexdigest(), chained=bool(before))
        before = found or before
    if last < _last_given(db):
        faults.append(Fault(last + 1, f"末尾少了{_span(last + 1, _last_given(db))}"))
    if known and known.number and seen.get(known.number) != known.hash:
        faults.append(Fault(known.number, "与另外记下的校验值不同，这一行或它之前的记录被换过"))
    return faults


def _missing_guards(db: Database) -> list[str]:
    present = {row["name"] for row in db.query("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    return [name for name in _GUARDS if name not in present]


def _span(first: int, last: int) -> str:
    return f"第 {first} 行" if first == last else f"第 {first}—{last} 行"


def _faults_of(row: Row, previous: str, found: str, before: str, *, chained: bool) -> Iterator[Fault]:
    if not found:
        yield Fault(row.number, "没有校验值，是绕开程序写进去的，或被改过")
        return
    if previous != before:
        told = "与前一行接不上，前面有一行被改、被删或是插进来的"
        yield Fault(row.number, told if chained else "它之前的旧记录被改、被删或是插进来的")
    if found != _hash(previous, row):
        yield Fault(row.number, "内容与校验值不符，这一行被改过")


def recent(
    db: Database,
    subject: str | None = None,
    actor: str | None = None,
    limit: int = 50,
    before: int | None = None,
    about: Collection[str] | None = None,
) -> list[Row]:
    """The latest rows, newest first; of one subject or actor if asked for, older than number ``before``.

    ``about`` names accounts: only what these did or what was done to them.
    """
    tests: dict[str, str | int | None] = {"number < ?": before}
    tests |= {"entry_id = ?": subject and visible(subject), "actor = ?": actor and visible(actor)}
    if about is not None:
        names = json.dumps([visible(name) for name in about])
        tests |= {"EXISTS (SELECT 1 FROM json_each(?) WHERE value IN (actor, entry_id))": names}
    given = {test: value for test, value in tests.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    sql = f"SELECT * FROM audit {where} ORDER BY number DESC LIMIT ?"  # noqa: S608
    return [_row(found) for found in db.query(sql, [*given.values(), limit])]


def _row(found: dict[str, object]) -> Row:
    """A row to be shown; one that did not come through :func:`append` may hide something."""
    names = ("at", "actor", "action", "entry_id", "detail")
    return Row(int(str(found["number"])), *(_unhidden(str(found[name])) for name in names))
