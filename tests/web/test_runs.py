"""Runs of the crawler at the desk: what came, what is wrong, and the pages that want a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from kb.config import Settings
from kb.domain.dates import SHANGHAI
from kb.domain.source import Source
from kb.ingest.crawling import Ground, crawl
from kb.ingest.visiting import Visitor
from kb.ingest.worker import Worker
from kb.store import audit, pages, snapshots
from kb.store.runs import Run
from tests.conftest import POLICIES, TODAY
from tests.ingest.crawls import TrialSite, document
from tests.ingest.loopback import serving
from tests.ingest.test_visiting import HERE, QUICK, Hands
from tests.web.conftest import Desk

LogIn = Callable[..., Desk]


@pytest.fixture
def site() -> Iterator[TrialSite]:
    with serving() as web:
        yield TrialSite(web)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(POLICIES) as one:
        yield one


def crawled(settings: Settings, me: Desk, worker: Worker, *sources: Source) -> Run:
    visitor = Visitor("relief-kb/0 (a@b.cn)", HERE, QUICK, Hands().clock)
    with me.database() as db:
        return crawl(Ground(db, settings.home, visitor, worker, TODAY), sources, "all")


def with_a_shrunk_page(settings: Settings, me: Desk, worker: Worker, site: TrialSite) -> Run:
    site.publish(1, 2)
    crawled(settings, me, worker, site.source())
    site.put(1, document(1, paragraphs=1))
    return crawled(settings, me, worker, site.source(expect={"at_least": 9}))


def test_before_any_run_the_page_lists_the_sources_and_how_to_begin(desk: LogIn) -> None:
    me = desk("editor")
    for language in ("", "?lang=en"):
        text = me.get(f"/desk/runs/{language}").text()
        assert "工业和信息化部" in text
        assert "kb crawl --due" in text
    assert "列表由脚本用 websiteId" in text


def test_a_run_shows_what_came_what_failed_and_which_expectations_it_missed(
    desk: LogIn, writable: Settings, worker: Worker, site: TrialSite
) -> None:
    me = desk("editor")
    run = with_a_shrunk_page(writable, me, worker, site)
    for language in ("", "?lang=en"):
        page = me.get(f"/desk/runs/{run.id}{language}")
        assert "至少应有 9 条" in page.text()
        assert site.address(1) in page.hrefs()
        assert site.address(2) not in page.hrefs()
        assert f"{datetime.fromisoformat(run.started_at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" in page.text()
    assert f"/desk/runs/{run.id}" in me.get("/desk/runs/").hrefs()
    me.get("/desk/runs/999", 404)


def test_a_new_document_leads_to_its_draft(
    desk: LogIn, writable: Settings, worker: Worker, site: TrialSite
) -> None:
    me = desk("editor")
    site.publish(1)
    run = crawled(writable, me, worker, site.source())
    (href,) = [one for one in me.get(f"/desk/runs/{run.id}").hrefs() if one.startswith("/desk/intake/")]
    assert "关于第1项试验工作的通知" in me.get(href).text()


def test_a_shrunk_page_can_be_taken(desk: LogIn, writable: Settings, worker: Worker, site: TrialSite) -> None:
    me = desk("editor")
    with_a_shrunk_page(writable, me, worker, site)
    assert "骤短" in me.get("/desk/runs/").text()
    assert me.post("/desk/runs/settle", {"address": site.address(1), "what": "accept"}).status_code == 303
    with me.database() as db:
        assert [row.action for row in audit.recent(db, site.address(1))] == ["page-accept"]
    run = crawled(writable, me, worker, site.source())
    assert run.count("changed") == 1


def test_a_shrunk_page_can_be_left_as_it_was(
    desk: LogIn, writable: Settings, worker: Worker, site: TrialSite
) -> None:
    me = desk("editor")
    with_a_shrunk_page(writable, me, worker, site)
    assert me.post("/desk/runs/settle", {"address": site.address(1)}).status_code == 303
    assert "要您看的页面" not in me.get("/desk/runs/").text()
    assert crawled(writable, me, worker, site.source()).count("shrunk") == 0


def test_a_page_that_nobody_knows_cannot_be_settled(desk: LogIn) -> None:
    me = desk("editor")
    assert me.post("/desk/runs/settle", {"address": "https://x.cn/", "what": "accept"}).status_code == 303
    assert "没有待看的新内容" in me.get("/desk/runs/").text("[role=status]")


def test_a_snapshot_is_given_as_a_file_and_never_shown_as_a_page(
    desk: LogIn, writable: Settings, worker: Worker, site: TrialSite
) -> None:
    me = desk("editor")
    site.publish(1)
    crawled(writable, me, worker, site.source())
    with me.database() as db:
        page = pages.get(db, site.address(1))
        assert page is not None
        held = snapshots.existing(db, page.snapshot or 0)
    answer = me.client.get(f"/desk/runs/snapshots/{held.id}")
    assert answer.get_data() == document(1).encode()
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert me.client.get("/desk/runs/snapshots/999").status_code == 404
