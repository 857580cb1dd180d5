"""The one place that asks other machines: one address in, what came back out, under hard limits.

Every hop goes through :mod:`kb.ingest.guard` and connects to exactly the machine that was let through;
the certificate is checked against the name. Proxies and ``.netrc`` of the environment are not used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from kb.config import Settings
from kb.errors import SourceError
from kb.ingest.dialling import NO_ANSWER, UnreachableError, UntrustedError, Watch, alarm, pools
from kb.ingest.guard import PUBLIC, Guard, RefusedError, Target, target

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})
_CHUNK = 8 * 1024
_SMALL = 1_000_000
"""Unpacked bytes up to which nobody minds how well they were packed."""


@dataclass(frozen=True)
class Limits:
    """How far one fetch goes: bytes as they are sent and unpacked, how many times larger unpacking may make
    them, seconds in all and for a connection, redirects.

    Where more than ``size`` bytes come, ``cut`` keeps the first of them; otherwise it is an error.
    """

    size: int = 20_000_000
    unpacked: int = 100_000_000
    ratio: int = 100
    seconds: float = 60.0
    connect_seconds: float = 10.0
    redirects: int = 5
    cut: bool = False


PAGE = Limits()


@dataclass(frozen=True)
class Fetched:
    """What came back. ``address`` is where the last hop led, ``hops`` the addresses asked, in order.

    ``body`` is unpacked; header names are lower case; ``cut`` is true where there was more than was read.
    """

    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[str, ...]
    cut: bool = False

    @property
    def media(self) -> str:
        """``text/html`` and the like, without parameters; empty where none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def agent(settings: Settings) -> str:
    """How we say who asks: the product, the site's address and whom to write to, in ASCII."""
    site = settings.base_url
    known = [one for one in (f"+{site}/about" if site else "", settings.contact) if one]
    product = f"relief-kb/{version('relief-kb')}"
    told = f"{product} ({'; '.join(known)})" if known else product
    return "".join(char for char in told if " " <= char <= "~")


def get(
    address: str,
    agent: str,
    guard: Guard = PUBLIC,
    limits: Limits = PAGE,
    headers: Mapping[str, str] | None = None,
    before: Callable[[str], None] = lambda address: None,
) -> Fetched:
    """What a GET of ``address`` brings, redirects followed; whatever the status, it is not judged here.

    ``before`` is called with each address that a redirect leads to; it may refuse it by raising, and the time
    that it waits is not counted. :class:`RefusedError` where an address on the way must not be asked;
    :class:`UnreachableError` where nobody answered; :class:`SourceError` where nothing came, not in time,
    too much, or after too many redirects.
    """
    ends = time.monotonic() + limits.seconds
    hops: list[str] = []
    cookies = RequestsCookieJar()
    asked = {"User-Agent": agent, "Accept-Encoding": "gzip, deflate", "Accept": "*/*", **(headers or {})}
    while len(hops) <= limits.redirects:
        place = _looked_up(address, guard, ends, limits)
        if hops:
            begun = time.monotonic()
            before(place.address)
            ends += time.monotonic() - begun
        hops.append(place.address)
        answer, onward = _one(place, asked, cookies, limits, ends)
        if onward is None:
            return replace(answer, hops=tuple(hops))
        address = _joined(place, onward)
    raise SourceError(place.host, hops[0], f"转了 {limits.redirects} 次还没有到，不再跟下去")


def _looked_up(address: str, guard: Guard, ends: float, limits: Limits) -> Target:
    """Like :func:`target`, in time: a resolver that does not answer cannot be stopped, only left alone."""
    found: Future[Target] = Future()

    def look() -> None:
        try:
            found.set_result(target(address, guard))
        except BaseException as error:  # whoever waits for it gets it
            found.set_exception(error)

    threading.Thread(target=look, daemon=True).start()
    try:
        return found.result(max(0.0, ends - time.monotonic()))
    except TimeoutError as error:
        raise SourceError(urlsplit(address).netloc, address, _late(limits)) from error


def _joined(place: Target, onward: str) -> str:
    """Where a ``Location`` leads from ``place``; its bytes are UTF-8 that the header calls Latin-1."""
    try:
        text = onward.encode("latin-1").decode("utf-8", errors="replace")
        return urljoin(place.address, text.strip().replace(" ", "%20"))
    except ValueError as error:
        raise RefusedError(place.host, place.address, "转去的地址不正规") from error


def _one(
    place: Target, headers: Mapping[str, str], cookies: RequestsCookieJar, limits: Limits, ends: float
) -> tuple[Fetched, str | None]:
    """One hop: what it brought, and where it sends us on to, if it does."""
    watch = Watch(ends)
    try:
        with alarm(watch), _Session() as session:
            session.trust_env, session.cookies = False, cookies
            session.mount(f"{place.scheme}://", _Pinned(place, limits, watch))
            with session.get(
                place.address,
                headers={**headers, "Host": place.place},
                timeout=(limits.connect_seconds, limits.seconds),
                stream=True,
                allow_redirects=False,
            ) as response:
                answer, onward = _read(response, place, limits)
            if watch.rang:
                raise TimeoutError("timed out")
            return answer, onward
    except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
        late = watch.rang or isinstance(error, requests.Timeout | TimeoutError)
        raise _problem(error, late, place, limits) from error


class _Session(requests.Session):
    """One that sees no redirects: requests reads the whole body of one, however large, to follow it."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def _read(response: requests.Response, place: Target, limits: Limits) -> tuple[Fetched, str | None]:
    status = response.status_code
    onward = response.headers.get("Location", "") if status in _REDIRECTS else ""
    body, cut = (b"", False) if onward else _body(response, place, limits)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(place.address, status, headers, body, (), cut), onward or None


def _body(response: requests.Response, place: Target, limits: Limits) -> tuple[bytes, bool]:
    if response.headers.get("Content-Encoding", "").strip().lower() not in _ENCODINGS:
        raise SourceError(place.host, place.address, "对方用了我们不解的压缩方式")
    body = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=True):
        body += chunk
        if limits.cut and len(body) > limits.size:
            return bytes(body[: limits.size]), True
        if problem := _too_much(len(body), response.raw.tell(), limits):
            raise SourceError(place.host, place.address, f"{problem}，没有取")
    return bytes(body), False


def _too_much(unpacked: int, sent: int, limits: Limits) -> str:
    """Why so many bytes, of so many sent, are more than we take; empty where they are not."""
    if sent > limits.size:
        return f"内容超过 {limits.size // 1_000_000} MB"
    if unpacked > limits.unpacked:
        return f"解压后超过 {limits.unpacked // 1_000_000} MB"
    if unpacked > _SMALL and unpacked > sent * limits.ratio:
        return f"解压后大了 {limits.ratio} 倍以上，像是压缩炸弹"
    return ""


def _problem(error: Exception, late: bool, place: Target, limits: Limits) -> SourceError:
    """What went wrong, in words."""
    if late or "timed out" in str(error):
        return SourceError(place.host, place.address, _late(limits))
    if isinstance(error, requests.exceptions.SSLError):
        return UntrustedError(place.host, place.address, "安全连接（TLS）建立不了，证书或加密方式有问题")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return SourceError(place.host, place.address, "转去的地址不正规")
    return UnreachableError(place.host, place.address, NO_ANSWER)


def _late(limits: Limits) -> str:
    return f"超过 {limits.seconds:g} 秒没有取完"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds a site asks to be left alone, from a number or a moment; ``None`` if it does not."""
    try:
        return max(0.0, float(Retry().parse_retry_after(headers["retry-after"])))
    except (KeyError, InvalidHeader, ValueError, OverflowError, TypeError):
        return None


class _Pinned(HTTPAdapter):
    """Connects to the machines of one target and to no other, whatever its name resolves to by now."""

    def __init__(self, place: Target, limits: Limits, watch: Watch) -> None:
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = pools(place, limits.connect_seconds, watch)


__all__ = [
    "PAGE",
    "PUBLIC",
    "Fetched",
    "Guard",
    "Limits",
    "RefusedError",
    "UnreachableError",
    "UntrustedError",
    "agent",
    "get",
    "retry_after",
]
