"""Encrypted sites: the certificate must be sound, of this name and of an authority that is trusted."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.errors import BlockedError
from kb.ingest.fetching import RefusedError, UnreachableError, UntrustedError
from kb.ingest.visiting import Visitor
from tests.ingest.loopback import Handler, Web, serving
from tests.ingest.test_visiting import HERE, QUICK, Hands, a_source

KEPT = Path(__file__).parents[1] / "data" / "tls"
"""Made for these tests; the authority's own key was thrown away."""


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as one:
        yield one


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


@pytest.fixture(autouse=True)
def _trusting_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(KEPT / "ca.pem"))


def secure(stack: ExitStack, certificate: Path) -> Web:
    """A server on this machine that speaks TLS and nothing else."""
    handler = type("Bound", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    web = handler.web = Web(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    web.page("/a")
    return web


def guest() -> Visitor:
    return Visitor("relief-kb/0 (a@b.cn)", HERE, QUICK, Hands().clock)


def at(web: Web, path: str = "/a", host: str = "site.test") -> str:
    return f"https://{host}:{web.port}{path}"


def test_a_sound_certificate_is_accepted_though_the_machine_was_looked_up_by_us(stack: ExitStack) -> None:
    web = secure(stack, KEPT / "sound.pem")
    fetched = guest().visit(at(web), a_source(web.port, http=False))
    assert fetched is not None
    assert [path for path, _ in web.asked] == ["/robots.txt", "/a"]


@pytest.mark.parametrize("name", ["other", "expired", "selfmade"])
def test_any_other_is_not_and_nothing_is_asked(stack: ExitStack, name: str) -> None:
    web = secure(stack, KEPT / f"{name}.pem")
    with pytest.raises(UntrustedError, match="证书"):
        guest().visit(at(web), a_source(web.port, http=False))
    assert web.asked == []


def test_a_bad_certificate_is_not_tried_again_as_if_it_could_pass(stack: ExitStack) -> None:
    web, hands = secure(stack, KEPT / "expired.pem"), Hands()
    visitor = Visitor("relief-kb/0 (a@b.cn)", HERE, QUICK, hands.clock)
    with pytest.raises(UntrustedError):
        visitor.visit(at(web), a_source(web.port, http=False))
    assert hands.waits == []


def test_a_secure_page_cannot_send_us_on_unencrypted(stack: ExitStack) -> None:
    web = secure(stack, KEPT / "sound.pem")
    web.redirect("/away", f"http://site.test:{web.port}/a")
    with pytest.raises(RefusedError, match="http"):
        guest().visit(at(web, "/away"), a_source(web.port, http=False))


# -- http in place of https ------------------------------------------------------------------------


def test_where_https_cannot_be_had_http_is_asked_if_the_source_allows_it(web: Web) -> None:
    web.page("/a")
    fetched = guest().visit(at(web), a_source(web.port))
    assert fetched is not None
    assert fetched.address == web.url("/a", "site.test")
    with pytest.raises(UnreachableError):
        guest().visit(at(web), a_source(web.port, http=False))


def test_what_https_answers_is_the_answer_even_if_http_would_say_more(stack: ExitStack) -> None:
    web = secure(stack, KEPT / "sound.pem")
    web.page("/no", status=403)
    with pytest.raises(BlockedError):
        guest().visit(at(web, "/no"), a_source(web.port))
    assert [path for path, _ in web.asked] == ["/robots.txt", "/no"]
