"""A program that crawls a made-up site in a child for each line it reads, to be killed while it does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from kb.domain.source import Source
from kb.ingest.crawling import Ground, crawl
from kb.ingest.parsing import Parser
from kb.ingest.visiting import Visitor
from kb.ingest.worker import Worker
from kb.store.database import open_database
from tests.conftest import POLICIES, TODAY
from tests.forks import fork_for_each_line, ready
from tests.ingest.test_visiting import HERE, Hands


class AtHome(Worker):
    """Parses in this very process: what is to be killed is the crawl, and a child must be quick to start."""

    def __init__(self, parser: Parser) -> None:
        super().__init__(POLICIES)
        self._parser = parser

    def do(self, job: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
        return self._parser.parse(job, raw)


def main(home: Path, source: Source) -> None:
    """Serve lines: each starts a crawl of ``source`` into ``home``."""
    parser = Parser(POLICIES)

    def act(_line: str) -> None:
        with closing(open_database(home / "kb.sqlite")) as db:
            ready()
            visitor = Visitor("relief-kb/0 (a@b.cn)", HERE, clock=Hands().clock)
            crawl(Ground(db, home, visitor, AtHome(parser), TODAY), [source], "all")

    fork_for_each_line(act)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Source.model_validate_json(sys.argv[2]))
