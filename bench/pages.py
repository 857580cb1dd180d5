"""The search page over HTTP: how many requests a second one serving process answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import numpy as np

from bench.site import QUESTIONS
from kb.config import ROOT

SECONDS = 6.0


def pages(clients: tuple[int, ...] = (1, 4, 8)) -> dict[str, Any]:
    """Requests a second and p95 in milliseconds, by the number of clients at the same time."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KB_HOME": home, "KB_RATE_LIMIT": "off", "PORT": "0"}
        command = [sys.executable, "-m", "kb"]
        subprocess.run([*command, "load"], env=environment, cwd=ROOT, check=True, capture_output=True)
        server = subprocess.Popen([*command, "serve"], env=environment, cwd=ROOT, stderr=subprocess.PIPE)
        try:
            port = _port(server)
            _asked(port, 2.0, [])
            return {str(count): _together(port, count) for count in clients}
        finally:
            server.terminate()
            server.wait()


def _port(server: subprocess.Popen[bytes]) -> int:
    """The port the server says it listens on."""
    assert server.stderr
    for line in server.stderr:
        found = re.search(rb"127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found[1])
    raise SystemExit("the server did not start")


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
