"""A real HTTP server on this machine that misbehaves as told, by path."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = "<!doctype html><title>关于缓缴试验费用的通知</title><p>" + "各单位：现将有关事项通知如下。" * 30
Answer = Callable[["Handler"], None]


@dataclass
class Web:
    """The server: what answers each path, and what was asked with which headers."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: str | bytes = PAGE, status: int = 200, **headers: str) -> str:
        """Answer ``path`` so from now on; its address."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda handler: handler.give(status, content, named)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.page(path, b"", status, Location=to)

    def drip(self, path: str, line: bytes) -> str:
        """Send ``line`` for ever, slowly, from the first byte of the answer on."""

        def give(handler: Handler) -> None:
            while not self.over.wait(0.05):
                handler.wfile.write(line)
                handler.wfile.flush()

        self.pages[path] = give
        return self.url(path)

    def huge(self, path: str, packed: bool = False) -> str:
        """A page without end; ``packed`` as one that unpacks to a thousand times its size."""

        def give(handler: Handler) -> None:
            part = b"x" * 1_000_000
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            if packed:
                handler.send_header("Content-Encoding", "gzip")
                part = gzip.compress(part * 100)
            handler.end_headers()
            for _ in range(1 if packed else 200):
                handler.wfile.write(part)

        self.pages[path] = give
        return self.url(path)


class Handler(BaseHTTPRequestHandler):
    """Answers from the table of its :class:`Web`."""

    web: Web

    def do_GET(self) -> None:
        self.web.asked.append((self.path, dict(self.headers.items())))
        answer = self.web.pages.get(self.path)
        try:
            if answer is None:
                self.give(404, b"<title>404</title>", {})
            else:
                answer(self)
        except OSError:
            self.close_connection = True

    def give(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value.encode().decode("latin-1"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Web]:
    """A server for the length of a test."""
    handler = type("Bound", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    web = handler.web = Web(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
