"""Visiting a site as a guest: its robots.txt kept, one request at a time and not too soon, no page twice.

What is asked goes through :mod:`kb.ingest.fetching`; here is when and whether. Time is given from outside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from protego import Protego

from kb.domain.source import Source
from kb.errors import BlockedError, SourceError
from kb.ingest import shells
from kb.ingest.fetching import PAGE, PUBLIC, Fetched, Guard, Limits, RefusedError, get, retry_after

PRODUCT = "relief-kb"
JOB_SECONDS = 40.0
"""Within so many seconds an address has been fetched, tries and waits between them included; a minute with
the parsing that follows."""
_ROBOTS = Limits(size=512_000, unpacked=512_000, seconds=20.0, cut=True)
_LONGEST_CRAWL_DELAY = 60.0
_TRY_AGAIN = frozenset({500, 502, 503, 504})
_TRIES = 3
_LITTLE_WHILE = 1.0


@dataclass(frozen=True)
class Clock:
    """Seconds that only go forward, and waiting for some to pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Known:
    """What the last visit left to ask with: does the site still have just this?"""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The headers of a conditional GET; none where there is nothing to go by."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


class GoneError(SourceError):
    """The site says that there is no such page (any more): 404, 410, or a page that says so."""


@dataclass
class Visitor:
    """One guest for the length of a run; remembers each host's rules and when it may be asked again."""

    agent: str
    guard: Guard = PUBLIC
    limits: Limits = PAGE
    clock: Clock = field(default_factory=Clock)
    _robots: dict[str, Protego] = field(default_factory=dict)
    _free_at: dict[str, float] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)

    def visit(self, address: str, source: Source, known: Known | None = None) -> Fetched | None:
        """What stands at ``address`` now; ``None`` if it is what is ``known``.

        :class:`BlockedError` where we were kept out or shown a shell (nothing is learnt), :class:`GoneError`
        where there is no such page, plain :class:`SourceError` where nothing came.
        """
        if self._not_before.get(_host(address), 0.0) > self.clock.now():
            raise BlockedError(source.id, address, "对方让过一会儿再来，这次不再去问")
        guard = replace(self.guard, hosts=frozenset(source.hosts), plain=source.http)
        self._ask_robots(address, source, guard)
        fetched = self._tried(address, source, guard, known or Known())
        if known and fetched.status == 304:
            return None
        return _content(address, fetched)

    # -- robots.txt --------------------------------------------------------------------------------

    def _ask_robots(self, address: str, source: Source, guard: Guard) -> None:
        parts = urlsplit(address)
        root = f"{parts.scheme}://{parts.netloc.lower()}"
        if root not in self._robots:
            self._robots[root] = self._rules(f"{root}/robots.txt", source, guard)
        if not self._robots[root].can_fetch(address, PRODUCT):
            raise BlockedError(source.id, address, "网站的 robots.txt 不让采这个地址")

    def _rules(self, address: str, source: Source, guard: Guard) -> Protego:
        """A site's rules. None to be had (4xx) allows all; a site in trouble allows nothing for now."""
        self._wait(address, source.polite.pause_seconds)
        try:
            fetched = get(address, self.agent, guard, _ROBOTS)
        except RefusedError:
            raise
        except SourceError as error:
            raise BlockedError(
                source.id, address, f"robots.txt 取不到（{error.message}），这次不采"
            ) from error
        finally:
            self._asked(address)
        if fetched.status >= 500:
            told = f"robots.txt 取不到（{fetched.status}），这次不采"
            raise BlockedError(source.id, address, told)
        text = fetched.body.decode("utf-8", errors="ignore") if fetched.status == 200 else ""
        return Protego.parse(text)

    def _pause(self, address: str, source: Source) -> float:
        parts = urlsplit(address)
        rules = self._robots.get(f"{parts.scheme}://{parts.netloc.lower()}")
        asked = float((rules.crawl_delay(PRODUCT) if rules else None) or 0)
        return max(source.polite.pause_seconds, min(asked, _LONGEST_CRAWL_DELAY))

    # -- waiting -----------------------------------------------------------------------------------

    def _wait(self, address: str, pause: float) -> None:
        """Until the host's last answer is ``pause`` seconds ago."""
        free = self._free_at.get(_host(address), float("-inf")) + pause
        if (early := free - self.clock.now()) > 0:
            self.clock.sleep(early)

    def _asked(self, address: str) -> None:
        self._free_at[_host(address)] = self.clock.now()

    # -- asking ------------------------------------------------------------------------------------

    def _tried(self, address: str, source: Source, guard: Guard, known: Known) -> Fetched:
        """The answer to a GET, tried again where the trouble looks passing and time is left."""
        pause = self._pause(address, source)
        self._wait(address, pause)
        ends, left = self.clock.now() + JOB_SECONDS, _TRIES
        while True:
            left -= 1
            limits = replace(self.limits, seconds=min(self.limits.seconds, max(1.0, ends - self.clock.now())))
            answer = self._once(address, guard, limits, known)
            pausing = _pausing(answer, pause) if left else None
            if pausing is None or self.clock.now() + pausing >= ends:
                self._heed(answer, address)
                return _given(answer, source, address)
            self.clock.sleep(pausing)

    def _heed(self, answer: Fetched | SourceError, address: str) -> None:
        """Remember that a site said when to come back."""
        asked = None if isinstance(answer, SourceError) else retry_after(answer.headers)
        if asked is not None and not isinstance(answer, SourceError) and answer.status in (429, 503):
            self._not_before[_host(address)] = self.clock.now() + asked

    def _once(self, address: str, guard: Guard, limits: Limits, known: Known) -> Fetched | SourceError:
        try:
            return get(address, self.agent, guard, limits, known.headers())
        except RefusedError:
            raise
        except SourceError as error:
            return error
        finally:
            self._asked(address)


def _pausing(answer: Fetched | SourceError, pause: float) -> float | None:
    """After how many seconds to try again; ``None`` where that would be no use."""
    if isinstance(answer, SourceError):
        return max(pause, _LITTLE_WHILE) if answer.message.startswith("连不上") else None
    if answer.status not in _TRY_AGAIN and answer.status != 429:
        return None
    asked = retry_after(answer.headers)
    if asked is None and answer.status == 429:
        return None
    return max(pause, asked if asked is not None else _LITTLE_WHILE)


def _given(answer: Fetched | SourceError, source: Source, address: str) -> Fetched:
    if isinstance(answer, SourceError):
        raise SourceError(source.id, address, answer.message) from answer
    return answer


def _content(address: str, fetched: Fetched) -> Fetched:
    """The answer, if it is a page with something on it."""
    if told := shells.blocked(fetched):
        raise BlockedError(_host(address), address, told)
    if fetched.status in (404, 410):
        raise GoneError(_host(address), address, f"对方说没有这一页（{fetched.status}）")
    if fetched.status != 200:
        raise SourceError(_host(address), address, f"对方没有给出内容（{fetched.status}）")
    if not fetched.body:
        raise BlockedError(_host(address), address, "给了一个空页面")
    if told := shells.missing(fetched):
        raise GoneError(_host(address), address, f"页面上写着“{told[:40]}”")
    return fetched


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower()


__all__ = ["Clock", "GoneError", "Known", "Visitor"]
