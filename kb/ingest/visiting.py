"""Visiting a site as a guest: its robots.txt kept, one request at a time and not too soon, no page twice.

What is asked goes through :mod:`kb.ingest.fetching`; here is when and whether. Time is given from outside.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from protego import Protego

from kb.domain.source import Source
from kb.errors import BlockedError, SourceError
from kb.ingest import shells
from kb.ingest.fetching import (
    PAGE,
    PUBLIC,
    Fetched,
    Guard,
    Limits,
    RefusedError,
    UnreachableError,
    UntrustedError,
    get,
    retry_after,
)

PRODUCT = "relief-kb"
JOB_SECONDS = 40.0
"""Within so many seconds an address has been fetched, the site's rules, http in place of https and the waits
between tries included; a minute with the parsing that follows. The pauses of politeness are not counted."""
_ROBOTS = Limits(size=512_000, unpacked=512_000, seconds=10.0, cut=True)
_LONGEST_CRAWL_DELAY = 60.0
_TRY_AGAIN = frozenset({500, 502, 503, 504})
_TRIES = 3
_LITTLE_WHILE = 1.0
_ENOUGH = 5
"""After so many addresses in a row that brought no answer a site is left alone for the rest of the run."""


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
    _robots: dict[str, Protego | SourceError] = field(default_factory=dict)
    _free_at: dict[str, float] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)
    _silent: Counter[str] = field(default_factory=Counter)

    def visit(self, address: str, source: Source, known: Known | None = None) -> Fetched | None:
        """What stands at ``address`` now; ``None`` if it is what is ``known``.

        Where https cannot be had and the source allows http, it is asked that way. :class:`BlockedError`
        where we were kept out or shown a shell (nothing is learnt), :class:`GoneError` where there is no such
        page, plain :class:`SourceError` where nothing came.
        """
        plain = address.replace("https://", "http://", 1)
        if not source.http or plain == address:
            return self._visit(address, source, known, JOB_SECONDS)
        try:
            return self._visit(address, source, known, JOB_SECONDS / 2)
        except UnreachableError:
            return self._visit(plain, source, known, JOB_SECONDS / 2)

    def _visit(self, address: str, source: Source, known: Known | None, seconds: float) -> Fetched | None:
        self._refuse_early(address, source)
        guard = replace(self.guard, hosts=frozenset(source.hosts), plain=source.http)
        if _root(address) not in self._robots:
            seconds /= 2
        self._ask_robots(address, source, guard, seconds)
        fetched = self._tried(address, source, guard, known or Known(), self.limits, seconds)
        if known and fetched.status == 304:
            return None
        return _content(address, fetched)

    def _refuse_early(self, address: str, source: Source) -> None:
        """Hosts that asked to be left alone, and those that have stopped answering."""
        if self._not_before.get(_host(address), 0.0) > self.clock.now():
            raise BlockedError(source.id, address, "对方让过一会儿再来，这次不再去问")
        if self._silent[_root(address)] >= _ENOUGH:
            told = f"这个网站接连 {_ENOUGH} 次没有回答，这次不再去问"
            raise UnreachableError(source.id, address, told)

    def leave_alone(self, hosts: Mapping[str, float]) -> None:
        """Do not ask these hosts for so many seconds."""
        self._not_before |= {host: self.clock.now() + seconds for host, seconds in hosts.items()}

    def left_alone(self) -> dict[str, float]:
        """For how many seconds more each host that said so is not asked."""
        left = {host: until - self.clock.now() for host, until in self._not_before.items()}
        return {host: seconds for host, seconds in left.items() if seconds > 0}

    # -- robots.txt --------------------------------------------------------------------------------

    def _ask_robots(self, address: str, source: Source, guard: Guard, seconds: float) -> None:
        """:class:`SourceError` where the site's rules forbid the address or cannot be had in this run."""
        root = _root(address)
        if root not in self._robots:
            self._robots[root] = self._rules(f"{root}/robots.txt", source, guard, seconds)
        rules = self._robots[root]
        if isinstance(rules, SourceError):
            raise type(rules)(source.id, address, rules.message)
        if not rules.can_fetch(address, PRODUCT):
            raise BlockedError(source.id, address, "网站的 robots.txt 不让采这个地址")

    def _rules(self, address: str, source: Source, guard: Guard, seconds: float) -> Protego | SourceError:
        """A site's rules. None to be had (4xx) allows all; a site in trouble allows nothing for now."""
        try:
            fetched = self._tried(address, source, guard, Known(), _ROBOTS, seconds)
        except RefusedError:
            raise
        except SourceError as error:
            return type(error)(source.id, address, f"robots.txt 取不到（{error.message}），这次不采")
        if fetched.status >= 500 or fetched.status == 429:
            return BlockedError(source.id, address, f"robots.txt 取不到（{fetched.status}），这次不采")
        text = fetched.body.decode("utf-8-sig", errors="ignore") if fetched.status == 200 else ""
        return Protego.parse(text)

    def _pause(self, address: str, source: Source) -> float:
        rules = self._robots.get(_root(address))
        asked = rules.crawl_delay(PRODUCT) if isinstance(rules, Protego) else None
        return max(source.polite.pause_seconds, min(float(asked or 0), _LONGEST_CRAWL_DELAY))

    # -- waiting -----------------------------------------------------------------------------------

    def _wait(self, address: str, pause: float) -> None:
        """Until the host's last answer is ``pause`` seconds ago."""
        free = self._free_at.get(_host(address), float("-inf")) + pause
        if (early := free - self.clock.now()) > 0:
            self.clock.sleep(early)

    def _asked(self, address: str) -> None:
        self._free_at[_host(address)] = self.clock.now()

    # -- asking ------------------------------------------------------------------------------------

    def _tried(
        self, address: str, source: Source, guard: Guard, known: Known, limits: Limits, seconds: float
    ) -> Fetched:
        """The answer to a GET, tried again where the trouble looks passing and time is left."""
        pause = self._pause(address, source)
        self._wait(address, pause)
        ends, left = self.clock.now() + seconds, _TRIES
        while True:
            left -= 1
            within = replace(limits, seconds=min(limits.seconds, max(1.0, ends - self.clock.now())))
            answer = self._once(address, source, guard, within, known)
            pausing = _pausing(answer, pause) if left else None
            if pausing is None or self.clock.now() + pausing >= ends:
                self._heed(answer, address)
                return _given(answer, source, address)
            self.clock.sleep(pausing)

    def _heed(self, answer: Fetched | SourceError, address: str) -> None:
        """Remember that a site said when to come back, and how often in a row it said nothing."""
        if isinstance(answer, SourceError):
            self._silent[_root(address)] += 1
            return
        self._silent[_root(address)] = 0
        asked = retry_after(answer.headers)
        if asked is not None and answer.status in (429, 503):
            self._not_before[_host(address)] = self.clock.now() + asked

    def _once(
        self, address: str, source: Source, guard: Guard, limits: Limits, known: Known
    ) -> Fetched | SourceError:
        def before(onward: str) -> None:
            """A redirect is a request like any other: rules and pauses hold for it too."""
            if not address.endswith("/robots.txt"):
                self._ask_robots(onward, source, guard, _ROBOTS.seconds)
            self._asked(address)
            self._wait(onward, self._pause(onward, source))
            self._asked(onward)

        try:
            return get(address, self.agent, guard, limits, known.headers(), before)
        except (RefusedError, BlockedError):
            raise
        except SourceError as error:
            return error
        finally:
            self._asked(address)


def _pausing(answer: Fetched | SourceError, pause: float) -> float | None:
    """After how many seconds to try again; ``None`` where that would be no use."""
    if isinstance(answer, SourceError):
        passing = isinstance(answer, UnreachableError) and not isinstance(answer, UntrustedError)
        return max(pause, _LITTLE_WHILE) if passing else None
    if answer.status not in _TRY_AGAIN and answer.status != 429:
        return None
    asked = retry_after(answer.headers)
    if asked is None and answer.status == 429:
        return None
    return max(pause, asked if asked is not None else _LITTLE_WHILE)


def _given(answer: Fetched | SourceError, source: Source, address: str) -> Fetched:
    if isinstance(answer, SourceError):
        raise type(answer)(source.id, address, answer.message) from answer
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


def _root(address: str) -> str:
    return f"{urlsplit(address).scheme}://{_host(address)}"


__all__ = ["Clock", "GoneError", "Known", "Visitor"]
