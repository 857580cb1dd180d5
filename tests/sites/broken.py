"""A server on this machine that breaks in forty ways, one a path; each says what a visit must make of it."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["content", "blocked", "gone", "failed", "refused"]
Behave = Callable[["Line"], None]
TEXT = "<!doctype html><title>关于试验的通知</title><p>" + "各单位：现将试验事项通知如下。" * 40
PAGE = TEXT.encode()
SHELL = (
    b"<html><head><script>var EO_Bot_Ssid=1;document.location.reload()</script></head><body></body></html>"
)
WAF = "<html><title>访问被拦截</title><p>您的访问存在风险，请完成安全验证。</p></html>".encode()
GONE = "<html><title>页面不存在</title><p>您访问的页面不存在或已被删除。</p></html>".encode()


@dataclass
class Line:
    """One connection after its request was read."""

    socket: socket.socket
    port: int
    over: threading.Event
    canary: int

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, status: str, body: bytes = PAGE, *headers: str, length: int | None = None) -> None:
        told = (
            f"Content-Length: {len(body) if length is None else length}",
            "Content-Type: text/html; charset=utf-8",
            *headers,
        )
        self.raw(f"HTTP/1.1 {status}\r\n".encode() + "\r\n".join(told).encode() + b"\r\n\r\n" + body)

    def begin(self, *headers: str) -> None:
        self.raw(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + "".join(f"{h}\r\n" for h in headers).encode()
        )

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def flood(self, part: bytes) -> None:
        while not self.over.is_set():
            self.raw(part)

    def drip(self, part: bytes) -> None:
        while not self.over.wait(0.05):
            self.raw(part)


def _bomb(line: Line) -> None:
    line.begin("Content-Encoding: gzip")
    line.raw(b"\r\n" + gzip.compress(b"x" * 50_000_000))


def _deflate_bomb(line: Line) -> None:
    line.begin("Content-Encoding: deflate")
    line.raw(b"\r\n" + zlib.compress(b"x" * 50_000_000))


def _endless(line: Line) -> None:
    line.begin()
    line.raw(b"\r\n")
    line.flood(b"x" * 65536)


def _endless_chunks(line: Line) -> None:
    line.begin("Transfer-Encoding: chunked")
    line.raw(b"\r\n")
    line.flood(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def _endless_headers(line: Line) -> None:
    line.raw(b"HTTP/1.1 200 OK\r\n")
    line.flood(b"X-More: " + b"x" * 1000 + b"\r\n")


def _long_header(line: Line) -> None:
    line.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    line.flood(b"x" * 65536)


def _slow_head(line: Line) -> None:
    line.drip(b"H")


def _slow_body(line: Line) -> None:
    line.begin("Content-Length: 1000000")
    line.raw(b"\r\n")
    line.drip(b"x")


def _silent(line: Line) -> None:
    line.over.wait(60)


def _half(line: Line) -> None:
    line.answer("200 OK", PAGE[:100], length=len(PAGE))


def _reset_at_once(line: Line) -> None:
    line.reset()


def _reset_midway(line: Line) -> None:
    line.answer("200 OK", PAGE[:100], length=len(PAGE))
    line.reset()


def _bad_chunk(line: Line) -> None:
    line.begin("Transfer-Encoding: chunked")
    line.raw(b"\r\nzz\r\nwhat\r\n")


def _negative_length(line: Line) -> None:
    line.begin("Content-Length: -5")
    line.raw(b"\r\n" + PAGE)


def _broken_gzip(line: Line) -> None:
    packed = gzip.compress(PAGE)
    line.answer("200 OK", packed[: len(packed) // 2] + b"\0" * 20, "Content-Encoding: gzip")


def _false_gzip(line: Line) -> None:
    line.answer("200 OK", PAGE, "Content-Encoding: gzip")


def _double_gzip(line: Line) -> None:
    line.answer("200 OK", gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip")


def _to(where: str, status: str = "302 Found") -> Behave:
    return lambda line: line.answer(
        status, b"", f"Location: {where.format(port=line.port, canary=line.canary)}"
    )


def _status(status: str, body: bytes = PAGE, *headers: str) -> Behave:
    return lambda line: line.answer(status, body, *headers)


def _raw(data: bytes) -> Behave:
    return lambda line: line.raw(data)


BROKEN: dict[str, tuple[Kind, Behave]] = {
    "sound": ("content", _status("200 OK")),
    "gzip-bomb": ("failed", _bomb),
    "deflate-bomb": ("failed", _deflate_bomb),
    "endless-body": ("failed", _endless),
    "endless-chunks": ("failed", _endless_chunks),
    "endless-headers": ("failed", _endless_headers),
    "endless-header-line": ("failed", _long_header),
    "slow-head": ("failed", _slow_head),
    "slow-body": ("failed", _slow_body),
    "silent": ("failed", _silent),
    "half-a-body": ("failed", _half),
    "reset-at-once": ("failed", _reset_at_once),
    "reset-midway": ("failed", _reset_midway),
    "closed-at-once": ("failed", _raw(b"")),
    "bad-chunk": ("failed", _bad_chunk),
    "negative-length": ("content", _negative_length),
    "broken-gzip": ("failed", _broken_gzip),
    "false-gzip": ("failed", _false_gzip),
    "double-gzip": ("failed", _double_gzip),
    "unknown-encoding": ("failed", _status("200 OK", PAGE, "Content-Encoding: br")),
    "no-http": ("failed", _raw(b"SSH-2.0-OpenSSH_9.0\r\n")),
    "garbage": ("failed", _raw(bytes(range(128, 256)) * 50)),
    "status-of-words": ("failed", _raw(b"HTTP/1.1 okay\r\n\r\n")),
    "status-999": ("failed", _status("999 Strange")),
    "empty-200": ("blocked", _status("200 OK", b"")),
    "shell-200": ("blocked", _status("200 OK", SHELL)),
    "waf-200": ("blocked", _status("200 OK", WAF)),
    "challenge-412": ("blocked", _status("412 Precondition Failed", SHELL)),
    "refused-403": ("blocked", _status("403 Forbidden")),
    "login-401": ("blocked", _status("401 Unauthorized")),
    "too-often-429": ("blocked", _status("429 Too Many Requests", PAGE, "Retry-After: 9999")),
    "busy-521": ("blocked", _status("521 Down", PAGE)),
    "busy-503": ("blocked", _status("503 Busy", PAGE, "Retry-After: 9999")),
    "error-500": ("failed", _status("500 Internal Server Error")),
    "gone-404": ("gone", _status("404 Not Found")),
    "gone-410": ("gone", _status("410 Gone")),
    "gone-said-with-200": ("gone", _status("200 OK", GONE)),
    "redirect-to-itself": ("failed", _to("/redirect-to-itself")),
    "redirect-to-file": ("refused", _to("file:///etc/passwd")),
    "redirect-to-ftp": ("refused", _to("ftp://127.0.0.1/")),
    "redirect-to-loopback": ("refused", _to("http://127.0.0.1:{canary}/")),
    "redirect-to-localhost": ("refused", _to("http://localhost:{canary}/", "307 Temporary")),
    "redirect-to-ipv6-loopback": ("refused", _to("http://[::1]:{canary}/", "308 Permanent")),
    "redirect-to-number": ("refused", _to("http://2130706433:{canary}/", "301 Moved")),
    "redirect-to-other-loopback": ("refused", _to("http://127.0.0.2:{canary}/")),
    "redirect-to-metadata": ("refused", _to("http://169.254.169.254/latest/")),
    "redirect-to-other-host": ("refused", _to("http://elsewhere.test:{port}/sound")),
    "redirect-with-user": ("refused", _to("http://user@127.0.0.1:{canary}/")),
    "redirect-to-nothing": ("failed", _to("http://")),
}
"""Each kind by its path, what a visit must make of it, and how the server behaves."""


@dataclass
class Broken:
    """The server; ``asked`` are the paths in order, ``pages`` what it answers soundly besides.

    ``strays`` are those who came to the canary.
    """

    port: int
    canary: int
    over: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict)

    def url(self, name: str, host: str = "site.test") -> str:
        return f"http://{host}:{self.port}/{name}"


@contextmanager
def breaking() -> Iterator[Broken]:
    """The broken server, and beside it a canary on every loopback address that must never be reached."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door, closing(_canary()) as canary:
        made = Broken(door.getsockname()[1], canary.getsockname()[1])
        accepting = [
            threading.Thread(target=_accept, args=(door, made), daemon=True),
            threading.Thread(target=_catch, args=(canary, made), daemon=True),
        ]
        for one in accepting:
            one.start()
        try:
            yield made
        finally:
            made.over.set()
            for listening in (door, canary):
                with suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
            for one in accepting:
                one.join(5)


def _canary() -> socket.socket:
    """Listens on IPv4 and IPv6, all of this machine."""
    return socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)


def _catch(canary: socket.socket, made: Broken) -> None:
    with suppress(OSError):
        while True:
            line, where = canary.accept()
            made.strays.append(str(where))
            line.close()


def _accept(door: socket.socket, made: Broken) -> None:
    with suppress(OSError):
        while True:
            line, _where = door.accept()
            threading.Thread(target=_serve, args=(line, made), daemon=True).start()


def _serve(line: socket.socket, made: Broken) -> None:
    with line, suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head:
            part = line.recv(4096)
            if not part:
                return
            head += part
        name = head.split(b" ", 2)[1].decode().strip("/")
        made.asked.append(name)
        told = Line(line, made.port, made.over, made.canary)
        if name in BROKEN:
            BROKEN[name][1](told)
        elif name in made.pages:
            told.answer("200 OK", made.pages[name])
        else:
            told.answer("404 Not Found", b"")
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
