"""Pages built to kill a parser: each ends within the worker's limits of time and memory, with an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.domain.source import Source
from kb.ingest.worker import Bounds, Worker
from tests.conftest import POLICIES

TEXT = "各试验单位：现将试验费用缓缴事项通知如下，内容均为虚构，只用来检验程序能不能按时读完这一页。" * 2
KILLERS = {
    "nested blocks": "<div>" * 50_000 + TEXT,
    "nested letters": "<b>" * 200_000 + TEXT,
    "nested editors": "<div class=TRS_Editor>" * 20_000 + TEXT,
    "nested tables": "<table><tr><td>通" * 5_000,
    "ends without beginnings": "</" * 200_000,
    "comments without end": "<!--" * 200_000,
    "sections without end": "<![" * 200_000,
    "tags without end": "<" * 500_000,
    "scripts without end": "<script>" * 100_000,
    "styles without end": "<style " * 100_000,
    "items without end": "<ol>" + "<li>通知" * 15_000,
    "paragraphs without end": "<p>通知" * 20_000,
    "a huge attribute": f"<a href='{'x' * 5_000_000}'>{TEXT}</a>",
    "many attributes": f"<p {' '.join(f'a{at}=1' for at in range(300_000))}>{TEXT}</p>",
    "a huge picture": f"<p>{TEXT}<img src='data:image/png;base64,{'A' * 8_000_000}'>",
    "references": "&" * 200_000 + "&#x;" * 30_000,
    "zeros": "\0" * 500_000 + TEXT,
    "data without end": f"<script>window._CONFIG = {'[' * 200_000}</script>{TEXT}",
    "objects without end": f"<script>{'a={' * 100_000}</script>{TEXT}",
    "labels": "<table>" + "<tr><td>文号：</td><td>试发〔2026〕1号</td></tr>" * 4_000,
    "days": "<p>" + "2026年1月1日" * 30_000,
    "brackets": "<p>" + "（" * 100_000 + "〔" * 100_000,
    "spaces": f"<p>{TEXT}{' ' * 2_000_000}{TEXT}",
}
SOURCE = Source.model_validate(
    {
        "id": "shiyan",
        "name": "试验",
        "home": "https://www.shiyan.example/",
        "hosts": ["www.shiyan.example"],
        "lists": [{"url": "https://www.shiyan.example/", "item": "li"}],
    }
)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(POLICIES, Bounds(seconds=60.0, cpu_seconds=45)) as one:
        yield one


@pytest.mark.parametrize("name", KILLERS)
def test_a_page_that_would_kill_a_parser_is_answered(worker: Worker, name: str) -> None:
    job = {
        "source": SOURCE.model_dump(mode="json"),
        "address": "https://www.shiyan.example/a.html",
        "headers": {"content-type": "text/html; charset=utf-8"},
    }

    assert worker.do(job, KILLERS[name].encode())["outcome"] in ("content", "nothing")
