"""The search page over HTTP: how many requests a second one serving process answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import numpy as np

from bench.site import DAY, QUESTIONS
from kb.config import ROOT

SECONDS = 5.0


def pages(clients: tuple[int, ...] = (1, 4, 8)) -> dict[str, Any]:
    """Requests a second and p95 in milliseconds, by the number of clients at the same time."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KB_HOME": home, "KB_RATE_LIMIT": "off", "KB_TODAY": DAY.isoformat()}
        command = [sys.executable, "-m", "kb"]
        quiet: dict[str, Any] = {"env": environment, "cwd": ROOT, "stdout": subprocess.DEVNULL}
        subprocess.run([*command, "load"], check=True, stderr=subprocess.DEVNULL, **quiet)
        serve = [*command, "serve", "--port", str(port)]
        server = subprocess.Popen(serve, stderr=subprocess.DEVNULL, **quiet)
        try:
            _wait_for(port)
            _asked(port, 2.0, [])
            return {str(count): _together(port, count) for count in clients}
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    """Return as soon as the server answers; give up after a minute."""
    until = time.perf_counter() + 60
    while True:
        try:
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/healthz")
            return
        except OSError:
            if time.perf_counter() > until:
                raise
            time.sleep(0.1)


def _together(port: int, count: int) -> dict[str, float]:
    times: list[float] = []
    threads = [threading.Thread(target=_asked, args=(port, SECONDS, times)) for _ in range(count)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - started
    return {"requests_s": round(len(times) / passed, 1), "p95": round(float(np.percentile(times, 95)), 1)}


def _asked(port: int, seconds: float, times: list[float]) -> None:
    """Ask the questions round and round for so many seconds, over one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for question in QUESTIONS:
            started = time.perf_counter()
            connection.request("GET", f"/search?q={quote(question)}")
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                times.append((time.perf_counter() - started) * 1000)
    connection.close()
