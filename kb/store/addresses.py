"""Addresses that entries point to, each with its own state, and which entries use them.

A failure counts once a day. Until the third day the address keeps the state it had, with the count beside
it; from then on it is ``broken``. An answer that says something (``ok``, ``suspect``) begins anew; one that
tells nothing (``unknown``: a firewall) leaves the count as it is. No address clears another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.store.database import Database, now, writing

FAILED_DAYS = 3
STATES = ("broken", "suspect", "unknown", "ok")


@dataclass(frozen=True)
class Address:
    """The state of one address. ``failed_on`` is the last day on which it failed; ``checked_at`` is UTC."""

    url: str
    state: str
    detail: str
    final_url: str
    failed_days: int
    failed_on: date | None
    checked_at: str


@dataclass(frozen=True)
class Use:
    """Where a published entry uses an address. ``role`` is source, apply, template or attachment."""

    url: str
    entry_id: str
    title: str
    role: str
    label: str


@dataclass(frozen=True)
class Line:
    """A use with what is known about its address; ``address`` is ``None`` if it was never checked."""

    use: Use
    address: Address | None

    @property
    def state(self) -> str:
        """One of :data:`STATES`, or ``never``."""
        return self.address.state if self.address else "never"

    @property
    def url(self) -> str:
        return self.use.url

    @property
    def detail(self) -> str:
        """What the last check found, in words; empty before the first."""
        return self.address.detail if self.address else ""


_USES = """
WITH held AS (
    SELECT e.id AS entry_id, v.body AS body FROM entries e
    JOIN versions v ON v.entry_id = e.id AND v.number = e.version
    WHERE e.state = 'published' AND (:entry IS NULL OR e.id = :entry) AND (:state IS NULL OR :state = 'never'
        OR EXISTS (SELECT 1 FROM addresses a WHERE a.state = :state AND instr(v.body, a.url)))
), reliefs AS (
    SELECT entry_id, body, r.value AS relief FROM held, json_each(body, '$.reliefs') r
), uses AS (
    SELECT entry_id, body, 'source' AS role, json_extract(s.value, '$.url') AS url,
           json_extract(s.value, '$.document') AS label FROM held, json_each(body, '$.sources') s
    UNION ALL
    SELECT entry_id, body, 'attachment', json_extract(a.value, '$.url'), json_extract(a.value, '$.title')
    FROM held, json_each(body, '$.attachments') a
    UNION ALL
    SELECT entry_id, body, 'apply', json_extract(relief, '$.apply.url'), json_extract(relief, '$.title')
    FROM reliefs
    UNION ALL
    SELECT entry_id, body, 'template', json_extract(t.value, '$.url'), json_extract(t.value, '$.title')
    FROM reliefs, json_each(relief, '$.apply.templates') t
)
SELECT DISTINCT u.entry_id, json_extract(u.body, '$.title') AS title, u.role, u.url,
       coalesce(u.label, '') AS label,
       a.state, a.detail, a.final_url, a.failed_days, a.failed_on, a.checked_at
FROM uses u LEFT JOIN addresses a ON a.url = u.url
WHERE (u.url LIKE 'http://%' OR u.url LIKE 'https://%')
"""


def lines(db: Database, entry_id: str | None = None, state: str | None = None) -> list[Line]:
    """Every use of an address by a published entry with its state: the worst first, then by entry.

    ``state`` is one of :data:`STATES` or ``never``. Files of our own (``/files/…``) are not among them.
    """
    found = [_line(row) for row in db.query(_USES, {"entry": entry_id, "state": state})]
    return sorted((one for one in found if state in (None, one.state)), key=_order)


def _order(one: Line) -> tuple[object, ...]:
    failing = one.address.failed_days if one.address else 0
    return (*STATES, "never").index(one.state), -failing, one.use.entry_id, one.use.role, one.use.url


def _line(row: dict[str, object]) -> Line:
    use = Use(*(str(row[name]) for name in ("url", "entry_id", "title", "role", "label")))
    return Line(use, _address(row) if row["state"] else None)


def _address(row: dict[str, object]) -> Address:
    failed_on = row["failed_on"]
    return Address(
        str(row["url"]),
        str(row["state"]),
        str(row["detail"]),
        str(row["final_url"]),
        int(str(row["failed_days"])),
        date.fromisoformat(str(failed_on)) if failed_on else None,
        str(row["checked_at"]),
    )


def broken(db: Database) -> list[Line]:
    """The uses of addresses that failed on three different days, for the board."""
    if not next(db.query("SELECT EXISTS (SELECT 1 FROM addresses WHERE state = 'broken') AS any"))["any"]:
        return []
    return lines(db, state="broken")


def get(db: Database, url: str) -> Address | None:
    """What is known about one address; ``None`` if it was never checked."""
    for row in db.query("SELECT * FROM addresses WHERE url = ?", [url]):
        return _address(row)
    return None


def due(db: Database, limit: int | None = None) -> list[str]:
    """The addresses in use, each once: never checked first, then those whose last check is oldest."""
    last = {one.use.url: one.address.checked_at if one.address else "" for one in lines(db)}
    return sorted(last, key=lambda url: (last[url], url))[:limit]


def note(db: Database, url: str, outcome: str, detail: str, final_url: str, day: date) -> Address:
    """Keep what a check on ``day`` found (``ok``, ``suspect``, ``unknown`` or ``broken``: it failed now)."""
    with writing(db):
        after = _after(get(db, url), Address(url, outcome, detail, final_url, 0, None, now()), day)
        row = {**vars(after), "failed_on": after.failed_on.isoformat() if after.failed_on else None}
        db.table("addresses").upsert(row, pk="url")
    return after


def _after(before: Address | None, found: Address, day: date) -> Address:
    days, last = (before.failed_days, before.failed_on) if before else (0, None)
    if found.state != "broken":
        if found.state == "unknown":
            return Address(found.url, "unknown", found.detail, found.final_url, days, last, found.checked_at)
        return found
    days += last != day
    kept = before.state if before else "unknown"
    state = "broken" if days >= FAILED_DAYS else kept
    return Address(found.url, state, found.detail, found.final_url, days, day, found.checked_at)
