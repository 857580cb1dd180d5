"""A guest at other people's sites: their rules kept, never hurried, and nothing that breaks breaks us."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from kb.domain.source import Source
from kb.errors import BlockedError, SourceError
from kb.ingest.fetching import Fetched, Guard, Limits, RefusedError, UnreachableError, retry_after
from kb.ingest.visiting import Clock, GoneError, Known, Visitor
from tests.ingest.loopback import PAGE, Handler, Web, serving
from tests.sites.broken import BROKEN, Broken, Kind, breaking

TRIES = 3
QUICK = Limits(size=2_000_000, unpacked=10_000_000, seconds=0.5, connect_seconds=0.5)


@dataclass
class Hands:
    """A clock that only moves when somebody waits, and remembers for how long."""

    at: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


def loopback_names(host: str, port: int) -> tuple[str, ...]:
    """Every name is this machine."""
    return ("127.0.0.1",)


HERE = Guard(loopback=True, resolve=loopback_names, machines=frozenset({"127.0.0.1"}))


def a_source(port: int, *hosts: str, pause: float = 0.0, http: bool = True, **more: object) -> Source:
    """A made-up source on the host ``site.test``."""
    data: dict[str, object] = {
        "id": "try",
        "name": "试验来源",
        "home": f"http://site.test:{port}/",
        "hosts": [f"site.test:{port}", *hosts],
        "http": http,
        "lists": [{"url": f"http://site.test:{port}/list", "item": "li"}],
        "polite": {"pause_seconds": pause, "recheck_days": 0},
    }
    return Source.model_validate({**data, **more})


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as one:
        yield one


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def visitor(hands: Hands) -> Visitor:
    return Visitor("relief-kb/0 (+https://kb.example.org/about; a@b.cn)", HERE, QUICK, hands.clock)


def at(web: Web, path: str) -> str:
    return web.url(path, "site.test")


# -- robots.txt ------------------------------------------------------------------------------------


def test_what_robots_txt_forbids_is_not_asked(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "User-agent: *\nDisallow: /secret/\n", Content_Type="text/plain")
    web.page("/secret/a")
    with pytest.raises(BlockedError, match=r"robots\.txt 不让采"):
        visitor.visit(at(web, "/secret/a"), a_source(web.port))
    assert [path for path, _ in web.asked] == ["/robots.txt"]


def test_rules_for_us_by_name_go_before_those_for_all(web: Web, visitor: Visitor) -> None:
    rules = "User-agent: *\nAllow: /\n\nUser-agent: relief-kb\nDisallow: /\n"
    web.page("/robots.txt", rules, Content_Type="text/plain")
    with pytest.raises(BlockedError):
        visitor.visit(at(web, "/a"), a_source(web.port))


def test_a_site_without_robots_txt_may_be_asked_and_its_rules_are_asked_for_once(
    web: Web, visitor: Visitor
) -> None:
    web.page("/a")
    for _turn in range(2):
        assert visitor.visit(at(web, "/a"), a_source(web.port))
    assert [path for path, _ in web.asked] == ["/robots.txt", "/a", "/a"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_site_whose_rules_cannot_be_had_for_trouble_is_left_alone(
    web: Web, visitor: Visitor, status: int
) -> None:
    web.page("/robots.txt", "", status)
    web.page("/a")
    with pytest.raises(BlockedError, match="这次不采"):
        visitor.visit(at(web, "/a"), a_source(web.port))


def test_robots_txt_that_leads_to_another_host_is_not_followed(web: Web, visitor: Visitor) -> None:
    web.redirect("/robots.txt", f"http://elsewhere.test:{web.port}/robots.txt")
    with pytest.raises(RefusedError):
        visitor.visit(at(web, "/a"), a_source(web.port))


def test_rules_that_begin_with_a_mark_of_their_order_of_bytes_hold(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "\ufeffUser-agent: *\nDisallow: /\n", Content_Type="text/plain")
    web.page("/a")
    with pytest.raises(BlockedError, match=r"robots\.txt 不让采"):
        visitor.visit(at(web, "/a"), a_source(web.port))


@pytest.mark.parametrize(("status", "body"), [(404, "没有"), (403, "不行"), (200, PAGE), (200, "\0" * 9)])
def test_what_is_no_rules_forbids_nothing(web: Web, visitor: Visitor, status: int, body: str) -> None:
    web.page("/robots.txt", body, status)
    web.page("/a")
    assert visitor.visit(at(web, "/a"), a_source(web.port))


def test_the_first_half_megabyte_of_rules_without_end_counts(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "User-agent: *\nDisallow: /a\n" + "# more\n" * 200_000)
    web.page("/a")
    web.page("/b")
    assert visitor.visit(at(web, "/b"), a_source(web.port))
    with pytest.raises(BlockedError):
        visitor.visit(at(web, "/a"), a_source(web.port))


def test_a_site_that_is_asked_too_often_for_its_rules_is_left_alone(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "", 429)
    web.page("/a")
    with pytest.raises(BlockedError, match="429"):
        visitor.visit(at(web, "/a"), a_source(web.port))


def test_rules_that_could_not_be_had_are_not_asked_for_again_in_a_run(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "", 500)
    for name in "abc":
        with pytest.raises(BlockedError, match="这次不采"):
            visitor.visit(at(web, f"/{name}"), a_source(web.port))
    assert [path for path, _ in web.asked] == ["/robots.txt"] * TRIES


def test_a_site_that_is_not_there_is_a_failure_and_nobody_kept_us_out(visitor: Visitor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        closed = door.getsockname()[1]
    with pytest.raises(UnreachableError, match="连不上"):
        visitor.visit(f"http://site.test:{closed}/a", a_source(closed))


def test_a_redirect_leads_nowhere_that_the_rules_forbid(web: Web, visitor: Visitor) -> None:
    web.page("/robots.txt", "User-agent: *\nDisallow: /secret/\n", Content_Type="text/plain")
    web.redirect("/a", "/secret/a")
    web.page("/secret/a")
    with pytest.raises(BlockedError, match=r"robots\.txt 不让采"):
        visitor.visit(at(web, "/a"), a_source(web.port))
    assert "/secret/a" not in [path for path, _ in web.asked]


# -- not too soon ----------------------------------------------------------------------------------


def test_a_host_is_asked_once_in_so_many_seconds_its_rules_included(
    web: Web, visitor: Visitor, hands: Hands
) -> None:
    for name in "abc":
        web.page(f"/{name}")
        visitor.visit(at(web, f"/{name}"), a_source(web.port, pause=5))
    assert hands.waits == [5, 5, 5]


def test_time_that_passes_anyway_counts(web: Web, visitor: Visitor, hands: Hands) -> None:
    web.page("/a")
    visitor.visit(at(web, "/a"), a_source(web.port, pause=5))
    hands.at += 3
    visitor.visit(at(web, "/a"), a_source(web.port, pause=5))
    assert hands.waits == [5, 2]


def test_hosts_do_not_wait_for_each_other(web: Web, visitor: Visitor, hands: Hands) -> None:
    source = a_source(web.port, f"other.test:{web.port}", pause=5)
    web.page("/a")
    visitor.visit(at(web, "/a"), source)
    visitor.visit(web.url("/a", "other.test"), source)
    assert hands.waits == [5, 5]


def test_a_crawl_delay_that_is_longer_than_ours_is_kept(web: Web, visitor: Visitor, hands: Hands) -> None:
    web.page("/robots.txt", "User-agent: *\nCrawl-delay: 20\n", Content_Type="text/plain")
    web.page("/a")
    visitor.visit(at(web, "/a"), a_source(web.port, pause=5))
    assert hands.waits == [20]


def test_a_redirect_is_not_followed_sooner_than_any_other_page(
    web: Web, visitor: Visitor, hands: Hands
) -> None:
    web.redirect("/a", "/b")
    web.page("/b")
    visitor.visit(at(web, "/a"), a_source(web.port, pause=5))
    assert hands.waits == [5, 5]


def test_who_asks_is_said_with_an_address_to_write_to(web: Web, visitor: Visitor) -> None:
    web.page("/a")
    visitor.visit(at(web, "/a"), a_source(web.port))
    assert {headers["User-Agent"] for _, headers in web.asked} == {visitor.agent}


# -- asking again ----------------------------------------------------------------------------------


def test_a_page_that_is_as_it_was_costs_no_body(web: Web, visitor: Visitor) -> None:
    def give(handler: object) -> None:
        asked = web.asked[-1][1]
        same = asked.get("If-None-Match") == '"1"' and "If-Modified-Since" in asked
        handler.give(304 if same else 200, b"" if same else PAGE.encode(), {"ETag": '"1"'})  # type: ignore[attr-defined]

    web.pages["/a"] = give
    first = visitor.visit(at(web, "/a"), a_source(web.port))
    assert first is not None
    again = visitor.visit(
        at(web, "/a"), a_source(web.port), Known(first.headers["etag"], "Sun, 22 Nov 2026 00:00:00 GMT")
    )
    assert again is None


def test_a_304_that_nobody_asked_for_is_no_content(web: Web, visitor: Visitor) -> None:
    web.page("/a", b"", 304)
    with pytest.raises(SourceError, match="304"):
        visitor.visit(at(web, "/a"), a_source(web.port))


def flaky(web: Web, path: str, *answers: tuple[int, dict[str, str]]) -> str:
    """A page that first answers as told, then soundly."""
    left = list(answers)

    def give(handler: object) -> None:
        status, headers = left.pop(0) if left else (200, {})
        handler.give(status, PAGE.encode(), headers)  # type: ignore[attr-defined]

    web.pages[path] = give
    return at(web, path)


def test_passing_trouble_is_tried_again_after_a_while(web: Web, visitor: Visitor, hands: Hands) -> None:
    fetched = visitor.visit(flaky(web, "/a", (502, {}), (504, {})), a_source(web.port))
    assert fetched
    assert len(hands.waits) == 2


def test_retry_after_is_kept(web: Web, visitor: Visitor, hands: Hands) -> None:
    visitor.visit(flaky(web, "/a", (503, {"Retry-After": "7"})), a_source(web.port))
    assert hands.waits == [7]


def test_a_site_that_wants_to_be_left_alone_for_long_is_not_waited_for(
    web: Web, visitor: Visitor, hands: Hands
) -> None:
    with pytest.raises(BlockedError):
        visitor.visit(flaky(web, "/a", (429, {"Retry-After": "3600"})), a_source(web.port))
    assert hands.waits == []


def test_a_host_that_said_when_to_come_back_is_not_asked_before(
    web: Web, visitor: Visitor, hands: Hands
) -> None:
    web.page("/b")
    with pytest.raises(BlockedError):
        visitor.visit(flaky(web, "/a", (429, {"Retry-After": "3600"})), a_source(web.port))
    with pytest.raises(BlockedError, match="让过一会儿再来"):
        visitor.visit(at(web, "/b"), a_source(web.port))
    hands.at += 3601
    assert visitor.visit(at(web, "/b"), a_source(web.port))


def test_no_address_is_tried_for_ever(web: Web, visitor: Visitor) -> None:
    web.page("/a", "", 502)
    with pytest.raises(SourceError, match="502"):
        visitor.visit(at(web, "/a"), a_source(web.port))
    assert [path for path, _ in web.asked].count("/a") == 3


def test_a_site_that_has_stopped_answering_is_left_alone_for_the_rest_of_the_run(
    web: Web, visitor: Visitor
) -> None:
    web.page("/sound")

    def hang_up(handler: Handler) -> None:
        handler.connection.close()

    for number in range(9):
        web.pages[f"/{number}"] = hang_up
        with pytest.raises(UnreachableError):
            visitor.visit(at(web, f"/{number}"), a_source(web.port))
    assert {path for path, _ in web.asked} == {"/robots.txt", "/0", "/1", "/2", "/3", "/4"}
    with pytest.raises(UnreachableError, match="这次不再去问"):
        visitor.visit(at(web, "/sound"), a_source(web.port))


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120.0), ("soon", None), ("", None), ("-5", None), ("1e400", None)]
)
def test_retry_after_says_seconds_or_nothing(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_http_only_where_the_source_allows_it(web: Web, visitor: Visitor) -> None:
    web.page("/a")
    with pytest.raises(RefusedError, match="http"):
        visitor.visit(at(web, "/a"), a_source(web.port, http=False))
    assert web.asked == []


# -- broken and hostile servers --------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken() -> Iterator[Broken]:
    with breaking() as one:
        yield one


def kind_of(visitor: Visitor, address: str, source: Source) -> Kind:
    """How a visit ends, by what it raises."""
    try:
        fetched = visitor.visit(address, source)
    except RefusedError:
        return "refused"
    except BlockedError:
        return "blocked"
    except GoneError:
        return "gone"
    except SourceError:
        return "failed"
    assert isinstance(fetched, Fetched)
    return "content"


@pytest.mark.parametrize("name", BROKEN)
def test_every_broken_server_is_told_for_what_it_is_and_none_leads_us_astray(
    broken: Broken, visitor: Visitor, name: str
) -> None:
    assert kind_of(visitor, broken.url(name), a_source(broken.port)) == BROKEN[name][0]
    assert broken.strays == []


def test_there_are_forty_kinds() -> None:
    assert len(BROKEN) >= 40


def test_a_name_that_leads_elsewhere_at_the_second_look_is_refused(broken: Broken, hands: Hands) -> None:
    """The first answer is the allowed machine; every later one is another, where a canary listens."""
    answers = iter(("127.0.0.1", "127.0.0.1"))
    guard = Guard(
        loopback=True,
        resolve=lambda host, port: (next(answers, "127.0.0.2"),),
        machines=frozenset({"127.0.0.1"}),
    )
    visitor = Visitor("relief-kb/0", guard, QUICK, hands.clock)
    source = a_source(broken.port)
    assert kind_of(visitor, broken.url("sound"), source) == "content"
    assert kind_of(visitor, broken.url("sound"), source) == "refused"
    assert broken.strays == []


def test_a_resolver_that_never_answers_ends_in_time(web: Web, hands: Hands) -> None:
    def waiting(host: str, port: int) -> tuple[str, ...]:
        web.over.wait(60)
        return ()

    visitor = Visitor("relief-kb/0", Guard(loopback=True, resolve=waiting), QUICK, hands.clock)
    assert kind_of(visitor, at(web, "/a"), a_source(web.port)) == "failed"


def test_without_the_allowance_of_tests_no_loopback_is_reached_at_all(broken: Broken, hands: Hands) -> None:
    visitor = Visitor("relief-kb/0", Guard(resolve=loopback_names), QUICK, hands.clock)
    before = len(broken.asked)
    assert kind_of(visitor, broken.url("sound"), a_source(broken.port)) == "refused"
    assert len(broken.asked) == before
