"""What an answer to an address means, over a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ingest.fetching import Guard, Limits
from kb.ingest.links import Checked, check, check_all, host_of, is_home, paced
from tests.conftest import TODAY, Base
from tests.ingest.loopback import PAGE, Web, serving

HERE = Guard(loopback=True, resolve=lambda *_: ("127.0.0.1",))
SHELL = "<html><head><script src='/EO_Bot/x.js'></script></head><body></body></html>"
EMPTY_APP = "<html><body><div id='app'></div><script src='/app.js'></script></body></html>"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as made:
        made.page("/")
        yield made


def checked(address: str, seconds: float = 0.5) -> Checked:
    return check(address, "relief-kb test", HERE, Limits(size=64 * 1024, seconds=seconds, cut=True))


def test_a_page_with_content_is_ok(web: Web) -> None:
    assert checked(web.page("/a.html")).state == "ok"


def test_a_document_is_ok_and_only_its_beginning_is_read(web: Web) -> None:
    assert (
        checked(web.page("/a.pdf", b"%PDF-1.7 " + b"x" * 500_000, Content_Type="application/pdf")).state
        == "ok"
    )
    assert checked(web.huge("/huge"), seconds=5).state == "ok"


def test_a_page_of_gb18030_that_is_cut_inside_a_character_is_ok(web: Web) -> None:
    body = b"<title>x</title>" + ("政策" * 40_000).encode("gb18030")
    assert checked(web.page("/a", body)).state == "ok"
    assert checked(web.page("/b", b"<title>xy</title>" + ("页面" * 40_000).encode())).state == "ok"


@pytest.mark.parametrize("home", ["/", "/index.html", "/index.shtml", "/default.aspx"])
def test_a_redirect_to_the_home_page_is_suspect(web: Web, home: str) -> None:
    web.page(home)
    web.redirect("/a", "/b")
    web.redirect("/b", home)
    found = checked(web.url("/a"))
    assert (found.state, found.final_url) == ("suspect", web.url(home))


def test_a_redirect_to_another_hosts_front_page_is_suspect_and_to_a_page_of_it_is_ok(web: Web) -> None:
    web.page("/moved.html")
    web.redirect("/a", web.url("/", host="other.example.cn"))
    web.redirect("/b", web.url("/moved.html", host="other.example.cn"))
    assert checked(web.url("/a")).state == "suspect"
    moved = checked(web.url("/b"))
    assert (moved.state, moved.detail) == ("ok", "能打开，转到了 other.example.cn")


def test_a_home_page_itself_is_ok(web: Web) -> None:
    web.redirect("/index.html", "/")
    assert checked(web.url("/")).state == "ok"
    assert checked(web.url("/index.html")).state == "ok"


def test_a_refresh_to_the_home_page_is_suspect(web: Web) -> None:
    body = '<meta http-equiv="refresh" content="3; url=/"><p>即将返回首页</p>'
    assert checked(web.page("/a", body)).state == "suspect"
    elsewhere = '<meta http-equiv="refresh" content="0;url=/b.html"><p>稍候</p>'
    assert checked(web.page("/c", elsewhere)).state == "unknown"


@pytest.mark.parametrize("status", [401, 403, 405, 412, 429])
def test_being_turned_away_tells_nothing(web: Web, status: int) -> None:
    assert checked(web.page("/a", PAGE, status)).state == "unknown"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (SHELL, 200),
        (EMPTY_APP, 200),
        ("", 200),
        ("<title>安全验证</title><p>请完成人机验证后继续访问</p>", 200),
        ("<title>Just a moment...</title><p>Checking</p>", 503),
        ("<p>您的访问存在风险，已被网站防火墙拦截</p>", 404),
        ("<script>document.cookie='__jsl_clearance=1'</script>", 521),
    ],
)
def test_a_challenge_or_an_empty_shell_tells_nothing(web: Web, body: str, status: int) -> None:
    assert checked(web.page("/a", body, status)).state == "unknown"


def test_unavailable_for_now_tells_nothing_where_it_says_when_to_come_back(web: Web) -> None:
    assert checked(web.page("/a", "<p>维护", 503, Retry_After="3600")).state == "unknown"
    assert checked(web.page("/b", "<p>维护", 503)).state == "broken"


@pytest.mark.parametrize("status", [404, 410, 500, 502, 504])
def test_gone_and_server_errors_are_failures(web: Web, status: int) -> None:
    assert checked(web.page("/a", "<p>没有", status)).state == "broken"


def test_not_answering_is_a_failure(web: Web) -> None:
    assert checked("http://127.0.0.1:1025/").state == "broken"
    assert checked(web.drip("/slow", b"X")).state == "broken"
    assert checked(web.redirect("/round", "/round")).state == "broken"


@pytest.mark.parametrize(
    "body",
    [
        "<title>404 Not Found</title><p>x",
        "<title>提示</title><p>您访问的页面不存在或已删除</p>",
        "<title>页面未找到</title>" + "<p>栏目导航</p>" * 500,
    ],
)
def test_gone_said_with_a_friendly_200_is_suspect(web: Web, body: str) -> None:
    assert checked(web.page("/a", body)).state == "suspect"


def test_a_long_page_that_speaks_of_captchas_and_missing_pages_is_ok(web: Web) -> None:
    assert checked(web.page("/a", PAGE * 3 + "<p>登录要输验证码，页面不存在时请致电</p>")).state == "ok"


def test_an_address_that_must_not_be_asked_is_suspect() -> None:
    found = check("http://10.0.0.1/form", "relief-kb test")
    assert (found.state, found.detail) == ("suspect", "这个网址指向内网或保留地址，没有去访问")


@given(st.binary(max_size=3000), st.sampled_from([200, 404, 403, 503, 521]))
def test_whatever_bytes_come_there_is_a_judgement(body: bytes, status: int) -> None:
    from kb.ingest.fetching import Fetched
    from kb.ingest.links import judged

    fetched = Fetched("http://a.cn/x", status, {"content-type": "text/html"}, body, ("http://a.cn/x",))
    assert judged("http://a.cn/x", fetched).state in ("ok", "suspect", "broken", "unknown")


def test_front_pages_are_known_by_their_address() -> None:
    assert is_home("http://a.cn")
    assert is_home("https://a.cn/Index.shtml")
    assert not is_home("http://a.cn/?id=3")
    assert not is_home("http://a.cn/zwgk/index.html")


@given(st.lists(st.sampled_from(["http://a.cn/", "http://b.cn/", "http://c.cn/"]), max_size=12))
def test_hosts_take_turns_and_none_is_hurried(hosts: list[str]) -> None:
    addresses = [f"{host}{number}" for number, host in enumerate(hosts)]
    clock = [0.0]
    asked: list[tuple[str, float]] = []
    for address in paced(
        addresses, 3.0, lambda: clock[0], lambda wait: clock.__setitem__(0, clock[0] + wait)
    ):
        asked.append((address, clock[0]))
        clock[0] += 0.5
    assert sorted(one for one, _ in asked) == sorted(addresses)
    for host in set(hosts):
        moments = [moment for one, moment in asked if host_of(one) == host_of(host)]
        assert all(later - earlier >= 3.5 for earlier, later in pairwise(moments))


def test_checks_are_kept_by_day_and_address(web: Web, base: Base) -> None:
    good, bad = web.page("/good"), web.url("/bad")
    limits = Limits(size=64 * 1024, seconds=5, cut=True)
    for day in range(3):
        on = TODAY + timedelta(days=day)
        kept = list(check_all(base.db, [good, bad], "relief-kb test", on, HERE, limits, pause=0))
    assert {one.url: (one.state, one.failed_days) for one in kept} == {good: ("ok", 0), bad: ("broken", 3)}
