"""Fetching over a real server: limits of size, time and redirects, and the machine that is connected to."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.config import ROOT, Settings
from kb.errors import SourceError
from kb.ingest.fetching import Fetched, Guard, Limits, RefusedError, agent, get
from tests.ingest.loopback import PAGE, Web, serving

HERE = Guard(loopback=True)
QUICK = Limits(size=100_000, seconds=0.5, connect_seconds=0.5)


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as made:
        yield made


def fetch(address: str, limits: Limits = QUICK, guard: Guard = HERE) -> Fetched:
    return get(address, "relief-kb test", guard, limits)


def test_a_page_comes_with_status_headers_and_body(web: Web) -> None:
    found = fetch(web.page("/a.html"))
    assert (found.status, found.media, found.body.decode(), found.cut) == (200, "text/html", PAGE, False)
    assert found.hops == (web.url("/a.html"),)


def test_it_says_who_asks(web: Web, settings: Settings) -> None:
    fetch(web.page("/a"))
    assert web.asked[0][1]["User-Agent"] == "relief-kb test"
    contact = "kb@example.org 张三\r\nX: y"
    told = agent(replace(settings, base_url="https://kb.example.org", contact=contact))
    assert told.startswith("relief-kb/")
    assert "(+https://kb.example.org/about; kb@example.org " in told
    assert told.isascii()
    assert told.isprintable()


def test_redirects_are_followed_and_every_hop_is_kept(web: Web) -> None:
    web.redirect("/1", "2")
    web.redirect("/2", "/目录/三.html", 301)
    web.page("/%E7%9B%AE%E5%BD%95/%E4%B8%89.html")
    found = fetch(web.url("/1"))
    assert found.status == 200
    assert [hop.rpartition("/")[2] for hop in found.hops] == ["1", "2", "%E4%B8%89.html"]


def test_five_redirects_are_enough(web: Web) -> None:
    for number in range(7):
        web.redirect(f"/{number}", f"/{number + 1}")
    web.page("/7")
    assert fetch(web.url("/2")).address == web.url("/7")
    with pytest.raises(SourceError, match="转了 5 次"):
        fetch(web.url("/1"))
    with pytest.raises(SourceError, match="转了 5 次"):
        fetch(web.redirect("/round", "/round"))


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1/",
        "http://[/",
    ],
)
def test_every_hop_is_checked_again(web: Web, to: str) -> None:
    with pytest.raises(RefusedError):
        fetch(web.redirect("/out", to))


def test_a_public_page_cannot_send_us_to_this_machine(web: Web) -> None:
    """The name is public for the guard's first question and this machine for the second, as in rebinding."""
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    web.redirect("/a", web.url("/b", host="site.example.cn"))
    with pytest.raises(RefusedError):
        fetch(web.url("/a", host="site.example.cn"), guard=Guard(True, lambda *_: next(answers)))
    assert [path for path, _ in web.asked] == ["/a"]


def test_what_was_let_through_is_what_is_connected_to(web: Web) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",)

    web.page("/a")
    assert fetch(web.url("/a", host="no-such-site.example.cn"), guard=Guard(True, resolve)).status == 200
    assert asked == ["no-such-site.example.cn"]
    assert web.asked[0][1]["Host"] == f"no-such-site.example.cn:{web.port}"


def test_the_next_machine_is_tried_where_one_does_not_answer(web: Web) -> None:
    web.page("/a")
    guard = Guard(True, lambda *_: ("127.0.0.2", "::1", "127.0.0.1"))
    assert fetch(web.url("/a", host="site.example.cn"), guard=guard).status == 200


def test_proxies_of_the_environment_are_not_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert fetch(web.page("/a")).status == 200


def test_a_cookie_set_on_the_way_is_given_back(web: Web) -> None:
    web.page("/a", b"", 302, Location="/b", Set_Cookie="seen=1")
    web.page("/b")
    fetch(web.url("/a"))
    assert web.asked[1][1]["Cookie"] == "seen=1"


def test_too_much_is_refused_or_cut(web: Web) -> None:
    with pytest.raises(SourceError, match="MB"):
        fetch(web.huge("/huge"))
    cut = fetch(web.url("/huge"), Limits(size=1000, seconds=5, cut=True))
    assert (len(cut.body), cut.cut) == (1000, True)


def test_what_a_redirect_brings_along_is_not_read(web: Web) -> None:
    web.page("/b")
    sent = web.redirect("/a", "/b")
    web.pages["/a"] = lambda handler: handler.give(302, b"x" * 5_000_000, {"Location": "/b"})
    assert fetch(sent).body.decode() == PAGE


def test_what_unpacks_to_too_much_is_refused_too(web: Web) -> None:
    with pytest.raises(SourceError):
        fetch(web.huge("/bomb", packed=True), Limits(size=1_000_000, seconds=10))


def test_packed_pages_are_unpacked_and_unknown_packings_refused(web: Web) -> None:
    packed = gzip.compress(PAGE.encode())
    assert fetch(web.page("/a", packed, Content_Encoding="gzip")).body.decode() == PAGE
    with pytest.raises(SourceError, match="压缩"):
        fetch(web.page("/b", packed, Content_Encoding="gzip, gzip"))
    with pytest.raises(SourceError):
        fetch(web.page("/c", b"no gzip", Content_Encoding="gzip"))


@pytest.mark.parametrize(
    "line",
    [b"", b"X", b"HTTP/1.1 200 OK\r\nX: y\r\n", b"HTTP/1.1 200 OK\r\n\r\nword "],
    ids=["silence", "no-line-end", "headers", "body"],
)
def test_however_slowly_it_drips_the_time_is_limited(web: Web, line: bytes) -> None:
    with pytest.raises(SourceError, match=r"秒没有取完|连不上"):
        fetch(web.drip("/slow", line))


def test_a_closed_port_and_an_answer_that_is_no_http_are_failures(web: Web) -> None:
    with pytest.raises(SourceError, match="连不上"):
        fetch("http://127.0.0.1:1025/")
    web.pages["/odd"] = lambda handler: handler.wfile.write(b"\0\1\2 nonsense\r\n\r\n") and None
    with pytest.raises(SourceError):
        fetch(web.url("/odd"))


def test_a_plain_server_does_not_pass_for_a_secure_one(web: Web) -> None:
    with pytest.raises(SourceError, match="TLS"):
        fetch(web.url("/").replace("http:", "https:"))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc here")
def test_no_file_handle_is_left_open(web: Web) -> None:
    web.page("/a")
    fetch(web.url("/a"))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        fetch(web.url("/a"))
        with pytest.raises(SourceError):
            fetch(web.drip("/slow", b"X"), Limits(seconds=0.05))
    assert len(os.listdir("/proc/self/fd")) <= before + 10


def users_of(name: str) -> list[str]:
    importing = re.compile(rf"^(?:import|from) {name}\b", re.MULTILINE)
    files = (path for part in ("kb", "web") for path in (ROOT / part).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in files if importing.search(path.read_text()))


def test_what_asks_other_machines_is_in_one_place_only() -> None:
    assert users_of("requests") == ["kb/ingest/fetching.py"]
    assert users_of("urllib3") == ["kb/ingest/dialling.py", "kb/ingest/fetching.py"]
