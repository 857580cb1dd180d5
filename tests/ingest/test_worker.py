"""Parsing in a process of its own: whatever a page does to it, we go on and say why."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kb.domain.source import Source
from kb.errors import SourceError
from kb.ingest.worker import Bounds, Worker
from tests.conftest import POLICIES
from tests.ingest.test_visiting import a_source

LIST = "<ul><li><a href='/a.html'>关于试验的通知</a><span>2026-11-20</span></li></ul>".encode()


def job(source: Source) -> dict[str, object]:
    return {
        "source": source.model_dump(mode="json"),
        "address": "http://site.test:80/list/",
        "headers": {"content-type": "text/html; charset=utf-8"},
        "listing": 0,
    }


LISTED = job(a_source(80, lists=[{"url": "http://site.test:80/list/", "item": "li", "date": "span"}]))


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(POLICIES, Bounds(seconds=20.0)) as one:
        yield one


def test_a_list_is_read_in_the_other_process(worker: Worker) -> None:
    (row,) = worker.do(LISTED, LIST)["items"]
    assert row == {
        "address": "http://site.test/a.html",
        "title": "关于试验的通知",
        "day": "2026-11-20",
        "number": "",
    }


def test_the_process_is_kept_for_the_next_job(worker: Worker) -> None:
    worker.do(LISTED, LIST)
    first = worker.pid
    worker.do(LISTED, LIST)
    assert worker.pid == first != os.getpid()


def test_what_a_page_breaks_is_told_and_the_next_job_is_done(worker: Worker) -> None:
    with pytest.raises(SourceError, match="读不了"):
        worker.do({**LISTED, "listing": 99}, LIST)
    assert worker.do(LISTED, LIST)["items"]


def test_a_job_that_takes_too_long_is_stopped_and_the_next_is_done() -> None:
    with Worker(POLICIES, Bounds(seconds=0.001)) as worker:
        with pytest.raises(SourceError, match="停下了"):
            worker.do(LISTED, LIST * 20_000)
        worker.bounds = Bounds()
        assert worker.do(LISTED, LIST)["items"]


def test_a_job_that_burns_cpu_is_stopped() -> None:
    bounds = Bounds(seconds=60.0, cpu_seconds=-1)
    with Worker(POLICIES, bounds) as worker, pytest.raises(SourceError, match="CPU"):
        worker.do(LISTED, LIST * 200_000)


def test_a_job_that_wants_too_much_memory_is_stopped() -> None:
    bounds = Bounds(seconds=60.0, memory=500_000_000)
    with Worker(POLICIES, bounds) as worker, pytest.raises(SourceError, match="内存"):
        worker.do(LISTED, b"x" * 400_000_000)


def test_a_worker_that_does_not_take_its_job_holds_nobody_up() -> None:
    with Worker(POLICIES) as stuck:
        stuck.do(LISTED, LIST)
        stuck.bounds = Bounds(seconds=0.1)
        os.kill(stuck.pid, signal.SIGSTOP)
        with pytest.raises(SourceError, match="解析超过"):
            stuck.do(LISTED, b"x" * 5_000_000)


def test_a_killed_worker_is_told_and_replaced(worker: Worker) -> None:
    worker.do(LISTED, LIST)
    os.kill(worker.pid, 9)
    with suppress(SourceError):
        worker.do(LISTED, LIST)
    assert worker.do(LISTED, LIST)["items"]


def test_the_worker_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_SMTP_URL", "smtp://user:secret@mail")
    with Worker(POLICIES) as worker:
        worker.do(LISTED, LIST)
        assert b"secret" not in Path(f"/proc/{worker.pid}/environ").read_bytes()
