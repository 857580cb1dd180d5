"""Connecting: to the machines of one target and no other, and never beyond the time there is.

The alarm hangs up on sockets from outside, however slowly the other side drips.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import connection

from kb.errors import SourceError
from kb.ingest.guard import Target

NO_ANSWER = "连不上，或连接中断"


class UnreachableError(SourceError):
    """Nobody answered: no connection, one that broke off, or none that is secure."""


class UntrustedError(UnreachableError):
    """No secure connection: the certificate, its name or the way to encrypt is not acceptable."""


class Watch:
    """The sockets of one hop, so that the alarm can hang up however slowly the other side drips."""

    def __init__(self, ends: float) -> None:
        self.rang, self._ends = False, ends
        self._open: list[socket.socket] = []

    @property
    def left(self) -> float:
        """Seconds until it rings; never less than a moment, for a timeout."""
        return max(0.01, self._ends - time.monotonic())

    def add(self, opened: socket.socket) -> None:
        """Hang up this one too when the time comes, or now if it has come."""
        self._open.append(opened.dup())
        if self.rang:
            self.ring()

    def ring(self) -> None:
        """Hang up."""
        self.rang = True
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the sockets."""
        for one in self._open:
            one.close()


@contextmanager
def alarm(watch: Watch) -> Iterator[None]:
    """While what it wraps goes on, ``watch`` hangs up when its time is over."""
    timer = threading.Timer(watch.left, watch.ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        watch.close()


def pools(place: Target, seconds: float, watch: Watch) -> dict[str, type[HTTPConnectionPool]]:
    """Pools of urllib3 whose connections are dialled by us; the name stays for Host, SNI and certificate."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(place, seconds, watch)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(place, seconds, watch)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _dial(place: Target, seconds: float, watch: Watch) -> socket.socket:
    """The first of the target's machines to answer within ``seconds``; :class:`UnreachableError` if none."""
    problem: OSError | None = None
    for machine in place.machines:
        if watch.rang:
            raise TimeoutError("timed out")
        try:
            opened = connection.create_connection((machine, place.port), min(seconds, watch.left))
        except OSError as error:
            problem = error
            continue
        watch.add(opened)
        return opened
    raise UnreachableError(place.host, place.address, NO_ANSWER) from problem
