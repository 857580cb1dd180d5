"""Processes to be killed that are quick to start: a program that forks a child for each line it reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable


def fork_for_each_line(act: Callable[[str], None]) -> None:
    """In the program: for each line that comes in, a child does ``act`` with it; then say that it ended."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            act(line.strip())
            os._exit(0)
        _say(f"child {pid}")
        os.waitpid(pid, 0)
        _say("ended")


def ready() -> None:
    """In a child: it has begun."""
    _say("ready")


def _say(line: str) -> None:
    """A line in one write: program and child share the pipe, and ``print`` may write in pieces."""
    os.write(1, f"{line}\n".encode())


class Forks:
    """The program's other side: one child at a time."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._child = 0

    def start(self, line: str = "") -> None:
        """Start a child, and wait until it says that it is ready."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{line}\n")
        self._program.stdin.flush()
        said = sorted((self._said(), self._said()))
        assert said[1] == "ready", said
        self._child = int(said[0].removeprefix("child "))

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        os.kill(self._child, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Until the child has ended."""
        assert self._said() == "ended"
        self._child = 0

    def _said(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()

    def close(self) -> None:
        """End the program, and its child if one still runs."""
        if self._child:
            self.kill()
        self._program.communicate()
