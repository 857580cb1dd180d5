"""A crawl killed at any moment leaves nothing half-written; a re-run completes it, nothing comes twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from kb.config import Settings
from kb.ingest.crawling import Ground, crawl
from kb.ingest.parsing import Parser
from kb.ingest.visiting import Visitor
from kb.store import intake, snapshots
from kb.store.database import Database, open_database
from kb.store.runs import Run
from tests.conftest import POLICIES, TODAY
from tests.crawler import AtHome
from tests.forks import Forks
from tests.ingest.crawls import TrialSite, document
from tests.ingest.loopback import serving
from tests.ingest.test_visiting import HERE, Hands

KILLS = 25
"""While pages are new, and as many while they change."""
DOCUMENTS = 60


@pytest.fixture
def site() -> Iterator[TrialSite]:
    with serving() as web:
        one = TrialSite(web)
        one.publish(*range(1, DOCUMENTS + 1))
        yield one


def wait_for(site: TrialSite, more: int) -> None:
    """Until so many more pages were asked for, or nobody asks any longer."""
    many = len(site.web.asked) + more
    for _turn in range(1000):
        if len(site.web.asked) >= many:
            return
        threading.Event().wait(0.002)


def whole(db: Database, settings: Settings) -> None:
    """Everything that is kept is kept whole, with all that belongs to it."""
    assert next(db.query("PRAGMA integrity_check"))["integrity_check"] == "ok"
    assert list(db.query("PRAGMA foreign_key_check")) == []
    for row in db.query("SELECT sha256, size FROM snapshots"):
        assert len(snapshots.raw(settings.home, row["sha256"])) == row["size"]
    lonely = "SELECT 1 FROM pages WHERE snapshot IS NULL OR draft_id NOT IN (SELECT draft_id FROM intake)"
    assert list(db.query(lonely)) == []


def finished(settings: Settings, site: TrialSite) -> Run:
    """A last run that nobody kills."""
    visitor = Visitor("relief-kb/0 (a@b.cn)", HERE, clock=Hands().clock)
    with closing(open_database(settings.database)) as db:
        ground = Ground(db, settings.home, visitor, AtHome(Parser(POLICIES)), TODAY)
        return crawl(ground, [site.source()], "all")


def papers(db: Database) -> Counter[str]:
    """How many papers wait from each address."""
    return Counter(one.paper.address for one in intake.waiting(db))


def killed(settings: Settings, site: TrialSite, seed: int, expected: int) -> None:
    """Kill the crawl again and again; after each kill all is whole and nothing is there too often."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    program = Forks("tests.crawler", str(settings.home), site.source().model_dump_json())
    with closing(program), closing(open_database(settings.database)) as db:
        for _kill in range(KILLS):
            program.start()
            wait_for(site, chance.randint(1, 8))
            threading.Event().wait(chance.random() * 0.05)
            try:
                program.kill()
            except ProcessLookupError:  # it was quicker
                program.wait()
            whole(db, settings)
            assert max(papers(db).values(), default=0) <= expected


def test_killed_at_fifty_instants_it_completes_and_doubles_nothing(
    settings: Settings, site: TrialSite
) -> None:
    killed(settings, site, 7, expected=1)
    assert finished(settings, site).sources[0].state == "done"
    for number in range(1, DOCUMENTS + 1):
        site.put(number, document(number, "<p>本通知自2026年12月1日起施行。</p>"))
    killed(settings, site, 8, expected=2)
    finished(settings, site)
    with closing(open_database(settings.database)) as db:
        whole(db, settings)
        assert papers(db) == Counter({site.address(n): 2 for n in range(1, DOCUMENTS + 1)})
        assert db["snapshots"].count == 2 * DOCUMENTS
        assert {row["state"] for row in db.query("SELECT DISTINCT state FROM run_sources")} == {
            "done",
            "interrupted",
        }
    left = [one for one in (settings.home / "snapshots").rglob("*") if one.is_file()]
    assert len(left) == 2 * DOCUMENTS
