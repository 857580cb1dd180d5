"""A made-up site on this machine to crawl: a list, its documents, and a crawl of it with everything real."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kb.domain.source import Source
from kb.ingest.crawling import Ground, crawl
from kb.ingest.visiting import Visitor
from kb.ingest.worker import Worker
from kb.store.database import Database
from kb.store.pages import Outcome
from kb.store.runs import Run, pages
from tests.conftest import TODAY, Base
from tests.ingest.loopback import Web
from tests.ingest.test_visiting import HERE, QUICK, Hands, a_source

BODY = "各有关单位：为支持试验企业发展，现将有关事项通知如下。试验企业可以按本通知办理，具体办法另行公布。"


def document(number: int, more: str = "", paragraphs: int = 6) -> str:
    """A made-up notice with a number of its own."""
    text = "".join(
        f"<p>{'一二三四五六七八九十'[at % 10]}、第{number}号第{at}条。{BODY}</p>" for at in range(paragraphs)
    )
    return (
        "<!doctype html><meta charset=utf-8>"
        f"<title>关于第{number}项试验工作的通知</title><h1>关于第{number}项试验工作的通知</h1>"
        f'<div class="TRS_Editor"><p>试验发〔2026〕{number}号</p>{text}{more}</div>'
    )


@dataclass
class TrialSite:
    """The site: ``documents`` are the paths that its list names, with the day of each."""

    web: Web
    documents: dict[str, str] = field(default_factory=dict)

    def publish(self, *numbers: int, day: str = "2026-11-20") -> None:
        for number in numbers:
            self.put(number, document(number), day)

    def put(self, number: int, html: str, day: str = "2026-11-20", **headers: str) -> None:
        path = f"/t20261120_{number}.html"
        self.web.page(path, html, **headers)
        self.documents[path] = day
        self.list()

    def list(self, path: str = "/list/index.html", extra: str = "") -> None:
        rows = "".join(
            f"<li><a href='{at}'>试验通知</a><span>{day}</span></li>" for at, day in self.documents.items()
        )
        self.web.page(path, f"<title>试验列表</title><p>{'试验网站导航。' * 20}</p><ul>{rows}</ul>{extra}")

    def address(self, number: int) -> str:
        return self.web.url(f"/t20261120_{number}.html", "site.test")

    def source(self, **more: Any) -> Source:
        listing = {"url": self.web.url("/list/index.html", "site.test"), "item": "li", "date": "span"}
        data: dict[str, Any] = {"lists": [listing], "page": {"body": ["div.TRS_Editor"]}}
        return a_source(self.web.port, **{**data, **more})


@dataclass
class Crawls:
    """Crawls of one knowledge base with one worker."""

    base: Base
    worker: Worker
    hands: Hands = field(default_factory=Hands)

    def ground(self, db: Database | None = None) -> Ground:
        visitor = Visitor("relief-kb/0 (a@b.cn)", HERE, QUICK, self.hands.clock)
        return Ground(db or self.base.db, self.base.settings.home, visitor, self.worker, TODAY)

    def crawl(self, *sources: Source) -> Run:
        return crawl(self.ground(), sources, "all")

    def outcomes(self, *sources: Source) -> dict[Outcome, int]:
        """How often each outcome came in one crawl of these sources."""
        run = self.crawl(*sources)
        return _summed(dict(one.counts) for one in run.sources)

    def told(self, run: Run, source: str = "try") -> dict[str, str]:
        """By address, what was told of each page of a run."""
        return {one.address: one.detail for one in pages(self.base.db, run.id, source)}


def _summed(many: Iterable[dict[Outcome, int]]) -> dict[Outcome, int]:
    found: dict[Outcome, int] = {}
    for counts in many:
        for key, value in counts.items():
            found[key] = found.get(key, 0) + value
    return found
