"""Parsing in a process of its own, under limits of time, CPU and memory: a page that kills it kills nothing.

:class:`Worker` is our side; run as a program the module is the other. Both speak frames: eight bytes of
length, then JSON (a job's frame is followed by one with the page's bytes). Nothing is unpickled.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from kb.errors import SourceError

_LENGTH = struct.Struct(">Q")
_LONGEST_ANSWER = 100_000_000
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
"""What of our environment the worker gets: nothing that is secret (``KB_SMTP_URL``)."""
_START_SECONDS = 60.0
_OUT_OF_MEMORY = 77
_ENDS = {
    _OUT_OF_MEMORY: "解析要的内存太多，停下了",
    -signal.SIGXCPU: "解析用的时间太长（CPU），停下了",
    -signal.SIGKILL: "解析进程被系统停掉，多半是内存不够",
}


@dataclass(frozen=True)
class Bounds:
    """What one job may take: seconds on the clock and of CPU, and bytes of memory in all."""

    seconds: float = 20.0
    cpu_seconds: int = 15
    memory: int = 1_500_000_000


USUAL = Bounds()


class Worker:
    """A process that parses one thing after another; started when first needed, again after it was killed."""

    def __init__(self, policies: Path, bounds: Bounds = USUAL) -> None:
        self._policies, self.bounds = policies, bounds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process at work; 0 while there is none."""
        return self._process.pid if self._process else 0

    def do(self, job: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
        """What the worker makes of ``raw``. :class:`SourceError` where it took too long, too much or failed;
        the next job finds a fresh worker.
        """
        address, ends = str(job.get("address", "")), float("inf")
        try:
            process = self._started()
            ends = time.monotonic() + self.bounds.seconds
            answer = self._asked(process, job, raw, ends)
        except (OSError, EOFError, ValueError) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= ends
            raise SourceError("parse", address, self._late() if late else self._ended()) from error
        if "problem" in answer:
            raise SourceError("parse", address, str(answer["problem"]))
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._kill()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self._process = subprocess.Popen(  # noqa: S603 - ourselves, with a path and two numbers
                [sys.executable, "-B", "-m", "kb.ingest.worker", str(self._policies), _told(self.bounds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            _read_frame(self._process, time.monotonic() + _START_SECONDS)
        return self._process

    def _asked(
        self, process: subprocess.Popen[bytes], job: Mapping[str, Any], raw: bytes, ends: float
    ) -> dict[str, Any]:
        with _killed_at(process, ends):
            to = cast(IO[bytes], process.stdin)
            for part in (json.dumps(job).encode(), raw):
                to.write(_LENGTH.pack(len(part)))
                to.write(part)
            to.flush()
        answer = json.loads(_read_frame(process, ends))
        if not isinstance(answer, dict):
            raise ValueError("no answer")
        return answer

    def _late(self) -> str:
        self._kill()
        return f"解析超过 {self.bounds.seconds:g} 秒，停下了"

    def _ended(self) -> str:
        """Why the process is gone, in words; it is cleared away."""
        process, code = self._process, None
        if process is not None:
            try:
                code = process.wait(2)
            except subprocess.TimeoutExpired:
                code = None
        self._kill()
        return _ENDS.get(code or 0, "解析进程出错退出，没有读成")

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


@contextmanager
def _killed_at(process: subprocess.Popen[bytes], ends: float) -> Iterator[None]:
    """A process that does not take what it is sent would hold us up for ever: in time it is killed."""
    timer = threading.Timer(max(0.0, ends - time.monotonic()), process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        return


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def _told(bounds: Bounds) -> str:
    return json.dumps([bounds.cpu_seconds, bounds.memory])


def _read_frame(process: subprocess.Popen[bytes], ends: float) -> bytes:
    """The next frame. ``TimeoutError`` when it is not there in time, ``EOFError`` when it never will be."""
    length = _LENGTH.unpack(_read_exactly(process, _LENGTH.size, ends))[0]
    if length > _LONGEST_ANSWER:
        raise ValueError("answer too long")
    return _read_exactly(process, length, ends)


def _read_exactly(process: subprocess.Popen[bytes], many: int, ends: float) -> bytes:
    descriptor, found = cast(IO[bytes], process.stdout).fileno(), bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(descriptor, selectors.EVENT_READ)
        while len(found) < many:
            left = ends - time.monotonic()
            if left <= 0 or not waiting.select(left):
                raise TimeoutError
            part = os.read(descriptor, min(many - len(found), 1 << 20))
            if not part:
                raise EOFError
            found += part
    return bytes(found)


# -- the other side --------------------------------------------------------------------------------


def main(policies: Path, cpu_seconds: int, memory: int) -> None:
    """Answer jobs until nobody asks any more."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from kb.ingest.parsing import Parser

    parser = Parser(policies)
    _limit(memory)
    _write_frame(out, b"ready")
    while (pair := _given()) is not None:
        job, raw = pair
        _allow_cpu(cpu_seconds)
        _write_frame(out, json.dumps(_done(parser, job, raw), ensure_ascii=False).encode())


def _done(parser: Any, job: bytes, raw: bytes) -> dict[str, Any]:
    """The parser's answer; what it could not read is a ``problem`` in words."""
    try:
        return dict(parser.parse(json.loads(job), raw))
    except MemoryError:
        return {"problem": "解析要的内存太多，停下了"}
    except RecursionError:
        return {"problem": "页面嵌套太深，读不了"}
    except Exception as error:  # the page is a stranger's: whatever it breaks, the run goes on
        return {"problem": f"页面读不了（{type(error).__name__}）"}


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _allow_cpu(seconds: int) -> None:
    """So many seconds of CPU more than were used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, most))


def _given() -> tuple[bytes, bytes] | None:
    """The next job and its bytes; ``None`` when nobody asks any more."""
    try:
        job, raw = _next(), _next()
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
    return None if job is None or raw is None else (job, raw)


def _next() -> bytes | None:
    head = sys.stdin.buffer.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return sys.stdin.buffer.read(_LENGTH.unpack(head)[0])


def _write_frame(out: IO[bytes], data: bytes) -> None:
    out.write(_LENGTH.pack(len(data)) + data)
    out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *json.loads(sys.argv[2]))
