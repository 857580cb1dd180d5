"""Eight readers and one publisher over a real server: no error, nothing withdrawn shown, no handle lost.

Thirty seconds; ``KB_SOAK_SECONDS=120`` makes it two minutes.
"""

from __future__ import annotations

import gc
import json
import os
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import quote

import waitress

from kb.config import Settings
from kb.search import indexing
from kb.search.indexing import IndexSettings
from kb.store import entries
from kb.store.database import Database, open_database
from tests.conftest import an_entry
from web import create_app

SECONDS = float(os.environ.get("KB_SOAK_SECONDS", "30"))
READERS = 8
SEGMENTS = 16
"""How many more files an index may rightly have: segments come and go as Whoosh merges them."""
NAMES = [f"浸泡试验{a}{b}" for a in "甲乙丙丁" for b in "子丑寅卯"]


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[str, IndexSettings]]:
    app = create_app(settings, background=True)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=READERS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}", app.extensions["kb"].library.settings
    app.extensions["stop"].set()
    server.close()
    thread.join(10)


class Reader(threading.Thread):
    """Searches for the names in turn; what was gone before the question and is in the answer is a fault."""

    def __init__(self, address: str, gone: set[str], stop: threading.Event, first: int) -> None:
        super().__init__(daemon=True)
        self.address, self.gone, self.stop, self.at = address, gone, stop, first
        self.faults: list[str] = []
        self.asked = 0

    def run(self) -> None:
        while not self.stop.is_set():
            self.at = (self.at + 1) % len(NAMES)
            try:
                self.ask(NAMES[self.at])
            except OSError as error:
                self.faults.append(repr(error))
            self.asked += 1

    def ask(self, name: str) -> None:
        gone = {one for one in self.gone.copy() if one.startswith(name)}
        with urllib.request.urlopen(
            f"{self.address}/search.json?q={quote(name)}&status=all", timeout=30
        ) as answer:
            shown = {hit["title"] for hit in json.load(answer)["hits"]}
        self.faults += [f"{title} was withdrawn and shown" for title in gone & shown]


def publish_and_withdraw(db: Database, index: IndexSettings, gone: set[str], until: float) -> int:
    """New entries under the names in turn, each withdrawn again when its name comes round; how many acts."""
    held: dict[str, tuple[str, str]] = {}
    number = 0
    while time.monotonic() < until:
        name = NAMES[number % len(NAMES)]
        number += 1
        if name in held:
            entry_id, title = held.pop(name)
            entries.withdraw(db, entry_id, "test", "浸泡试验")
            indexing.catch_up(index, db)
            gone.add(title)
        else:
            entry = an_entry(f"soak-{number}", title=f"{name}第{number}号通知")
            entries.publish(db, entry, "test", "浸泡试验")
            indexing.catch_up(index, db)
            held[name] = (entry.id, entry.title)
    return number


def index_handles(settings: Settings) -> int:
    """The handles of files of the index, those of deleted ones too, once what is garbage is gone."""
    gc.collect()
    own = f"{settings.index}/"
    found = 0
    for handle in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found += os.readlink(f"/proc/self/fd/{handle}").startswith(own)
    return found


def test_readers_never_see_an_error_nor_what_was_withdrawn(writable: Settings) -> None:
    gone: set[str] = set()
    stop = threading.Event()
    with serving(writable) as (address, index), closing(open_database(writable.database)) as db:
        readers = [Reader(address, gone, stop, n * 4) for n in range(READERS)]
        readers[0].ask(NAMES[0])
        early = index_handles(writable)
        for reader in readers:
            reader.start()
        number = publish_and_withdraw(db, index, gone, time.monotonic() + SECONDS)
        stop.set()
        for reader in readers:
            reader.join(60)
        readers[0].ask(NAMES[0])
        late = index_handles(writable)
    asked = sum(reader.asked for reader in readers)
    print(f"{asked} searches, {number} publishes and withdrawals, handles {early} -> {late}")
    assert [fault for reader in readers for fault in reader.faults] == []
    assert asked > READERS
    assert len(gone) > 1
    assert late <= early + SEGMENTS
