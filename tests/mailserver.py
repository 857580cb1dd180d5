"""A real mail server on loopback that keeps each message durably just before it answers for it.

As a program it serves in children that can be killed (see :mod:`tests.forks`). From keeping a message to
having answered for it holds a lock, so that a killer who takes the lock never strikes between the two.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import AnyStr

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.forks import Forks, fork_for_each_line, ready

SIZE = 2**20


@dataclass(frozen=True)
class Received:
    """A message that the server answered for, and to whom it was."""

    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())

    def path(self, start: str) -> str:
        """The path of the first link in the text that begins so: ``received.path("/alerts/confirm/")``."""
        found = re.search(rf"https?://[^/\s]+({re.escape(start)}[^\s]*)", self.text)
        assert found, self.text
        return found[1]


def received(folder: Path) -> list[Received]:
    """Everything that the server kept in ``folder``, in the order of arrival."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        to, _line, data = path.read_bytes().partition(b"\n")
        message = message_from_bytes(data, policy=default)
        assert isinstance(message, EmailMessage)
        found.append(Received(to.decode(), message))
    return found


class Keeper:
    """Keeps messages in a folder. ``refuse`` answers instead: by recipient, what is said to RCPT.

    With ``die_after`` it dies having kept so many, before it answers for the last.
    """

    def __init__(
        self,
        folder: Path,
        refuse: dict[str, str] | None = None,
        lock: int | None = None,
        die_after: int = 0,
    ) -> None:
        self.folder, self.die_after = folder, die_after
        self.refuse = {} if refuse is None else refuse
        self.lock = lock
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.lock is not None:
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        assert isinstance(envelope.content, bytes)
        for address in envelope.rcpt_tos:
            self._keep(address.encode() + b"\n" + envelope.content)
        if self.die_after and len(list(self.folder.glob("*.eml"))) >= self.die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return "250 kept"

    def _keep(self, data: bytes) -> None:
        path = self.folder / f"{len(list(self.folder.glob('*.eml'))):06}.eml"
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)


@contextmanager
def serving(folder: Path, refuse: dict[str, str] | None = None) -> Iterator[str]:
    """A server in a thread of this process; its address for ``KB_SMTP_URL``."""
    controller = Controller(Keeper(folder, refuse), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# -- as a program that can be killed ---------------------------------------------------------------


class Answering(SMTP):
    """Lets the lock go once an answer is out."""

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        if isinstance(self.event_handler, Keeper) and self.event_handler.lock is not None:
            fcntl.flock(self.event_handler.lock, fcntl.LOCK_UN)


async def _serve(folder: Path, port: int, die_after: int) -> None:
    lock = os.open(folder / "answering.lock", os.O_RDWR | os.O_CREAT)
    keeper = Keeper(folder, lock=lock, die_after=die_after)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(keeper, loop=loop), "127.0.0.1", port)
    ready()
    await server.serve_forever()


class Killable:
    """A server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self._lock = os.open(folder / "answering.lock", os.O_RDWR | os.O_CREAT)
        self._forks = Forks("tests.mailserver", str(folder), str(self.port))

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def kept(self) -> int:
        """How many messages it has kept."""
        return len(list(self.folder.glob("*.eml")))

    def start(self, die_after: int = 0) -> None:
        """Start it, and wait until it listens; with ``die_after`` it kills itself having kept so many."""
        self._forks.start(str(die_after))

    def kill(self) -> None:
        """``kill -9``, but not between keeping a message and answering for it."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._forks.kill()
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def wait(self) -> None:
        """Until it has killed itself."""
        self._forks.wait()

    def close(self) -> None:
        self._forks.close()
        os.close(self._lock)


if __name__ == "__main__":
    where, number = Path(sys.argv[1]), int(sys.argv[2])
    fork_for_each_line(lambda line: asyncio.run(_serve(where, number, int(line))))
