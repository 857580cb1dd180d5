"""Checking addresses: is what an entry points to still there? Each address has a state of its own.

One check tells ``ok``, ``suspect`` (a person should look), ``broken`` (it failed now) or ``unknown`` (cannot
tell: a firewall, a shell). What three failures on different days make of it is :mod:`kb.store.addresses`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urljoin, urlsplit

from kb.errors import SourceError
from kb.ingest import shells
from kb.ingest.fetching import Fetched, Limits, get
from kb.ingest.guard import PUBLIC, Guard, RefusedError
from kb.store import addresses
from kb.store.addresses import Address
from kb.store.database import Database

State = Literal["ok", "suspect", "broken", "unknown"]

LINK = Limits(size=64 * 1024, seconds=60.0, connect_seconds=10.0, cut=True)
PAUSE_SECONDS = 3.0
_HOME = frozenset({"", "/", "/index", "/default", "/home", "/main"})
_ENDINGS = (".html", ".htm", ".shtml", ".jsp", ".php", ".aspx", ".asp", ".do", ".action")


@dataclass(frozen=True)
class Checked:
    """What one check found. ``detail`` says it in words; ``final_url`` is where the address led."""

    state: State
    detail: str
    final_url: str = ""


def check(address: str, agent: str, guard: Guard = PUBLIC, limits: Limits = LINK) -> Checked:
    """Ask ``address`` once; headers and at most ``limits.size`` bytes. Never raises for what a site does."""
    try:
        fetched = get(address, agent, guard, limits)
    except RefusedError as error:
        return Checked("suspect", error.message)
    except SourceError as error:
        return Checked("broken", error.message)
    return judged(address, fetched)


def judged(address: str, fetched: Fetched) -> Checked:
    """What an answer to ``address`` means."""
    final = fetched.address
    if blocked := shells.blocked(fetched):
        return Checked("unknown", blocked, final)
    if fetched.status in (404, 410):
        return Checked("broken", f"对方说没有这一页（{fetched.status}）", final)
    if fetched.status >= 500:
        return Checked("broken", f"对方出错（{fetched.status}）", final)
    if fetched.status not in (200, 203, 206):
        return Checked("unknown", f"看不出结果（{fetched.status}）", final)
    return _of_content(address, fetched)


def _of_content(address: str, fetched: Fetched) -> Checked:
    final = fetched.address
    onward = shells.refresh(fetched)
    leads_to = _joined(final, onward) if onward else final
    if is_home(leads_to) and not is_home(address):
        return Checked("suspect", "转到了网站首页，原来的页面可能没有了", leads_to)
    if said := shells.missing(fetched):
        return Checked("suspect", f"页面上写着“{said[:40]}”", final)
    if not fetched.body:
        return Checked("unknown", "给了一个空页面", final)
    if onward:
        return Checked("unknown", "页面会自动转走，没有跟下去", leads_to)
    moved = urlsplit(final).hostname != urlsplit(address).hostname
    return Checked("ok", f"能打开，转到了 {urlsplit(final).hostname}" if moved else "能打开", final)


def check_all(
    db: Database,
    urls: Iterable[str],
    agent: str,
    day: date,
    guard: Guard = PUBLIC,
    limits: Limits = LINK,
    pause: float = PAUSE_SECONDS,
) -> Iterator[Address]:
    """Check ``urls`` one after the other, no host hurried, and keep what each check on ``day`` found."""
    for url in paced(urls, pause):
        found = check(url, agent, guard, limits)
        yield addresses.note(db, url, found.state, found.detail, found.final_url, day)


def is_home(address: str) -> bool:
    """Whether an address is a site's front page."""
    parts = urlsplit(address)
    path = parts.path.lower()
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    return path in _HOME and not parts.query


def _joined(base: str, onward: str) -> str:
    try:
        return urljoin(base, onward)
    except ValueError:
        return base


def paced(
    urls: Iterable[str],
    pause: float = PAUSE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[str]:
    """The addresses so that no host is asked again within ``pause`` seconds of its last answer.

    Hosts take turns, in the order in which they first come; waits only where nothing else is left to ask.
    """
    waiting: dict[str, deque[str]] = {}
    for url in urls:
        waiting.setdefault(host_of(url), deque()).append(url)
    free_at = dict.fromkeys(waiting, float("-inf"))
    while waiting:
        host = min(waiting, key=lambda name: free_at[name])
        if (early := free_at[host] - clock()) > 0:
            sleep(early)
        yield waiting[host].popleft()
        free_at[host] = clock() + pause
        if not waiting[host]:
            del waiting[host]


def host_of(address: str) -> str:
    """The host of an address; empty for what is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
