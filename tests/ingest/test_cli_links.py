"""``kb links`` as its users meet it; nothing here leaves this machine, since the addresses are refused."""

from __future__ import annotations

import json
from datetime import timedelta

from kb.store import addresses, entries
from tests.conftest import TODAY, Base, an_entry
from tests.test_cli import run

INSIDE = "http://10.0.0.1/a.html"


def pointing(base: Base, *urls: str) -> None:
    sources = [{"document": "试发〔2020〕1号", "url": url} for url in urls]
    entries.publish(base.db, an_entry(sources=sources), "test", "test")


def test_an_inside_address_is_suspect_and_nothing_is_broken(base: Base) -> None:
    pointing(base, INSIDE)
    result = run(base.settings, "links", "--json")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)
    assert (row["url"], row["state"], row["failed_days"]) == (INSIDE, "suspect", 0)
    assert "查了 1 个网址" in result.stderr


def test_a_broken_address_is_a_finding_with_its_entry(base: Base) -> None:
    pointing(base, INSIDE, "http://10.0.0.2/b.html")
    for day in range(3):
        at = TODAY - timedelta(days=day)
        addresses.note(base.db, "http://10.0.0.2/b.html", "broken", "对方说没有这一页（404）", "", at)
    result = run(base.settings, "links", "--limit", "1")
    assert result.exit_code == 1
    assert result.stdout == f"suspect\t{INSIDE}\t这个网址指向内网或保留地址，没有去访问\n"
    assert "nat-2020-test-1: http://10.0.0.2/b.html" in result.stderr
