"""Killed at any moment: nothing is lost and nothing sent twice, but for the one case that nobody can tell."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.config import Settings
from kb.errors import KbError
from kb.matching.catalogue import Shelf
from kb.outreach import alerts
from kb.outreach.alerts import Ground
from kb.outreach.gathering import gather
from kb.outreach.mail import message_id, send_waiting
from kb.outreach.notices import follow
from kb.search import indexing
from kb.store import entries, outbox, subscriptions
from kb.store.database import Database, open_database
from tests import mailserver
from tests.conftest import TODAY, Base, an_entry
from tests.forks import Forks
from tests.mailsender import SENDER
from tests.mailserver import Killable, Received

KILLS = 20
MAILS = 200
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Killable]:
    one = Killable(tmp_path / "mail")
    yield one
    one.close()


@pytest.fixture
def ready(settings: Settings, server: Killable) -> Settings:
    """Settings to send with; a store full of mail."""
    with closing(open_database(settings.database)) as db:
        db.execute("BEGIN")
        for number in range(MAILS):
            to = f"member{number}@example.org"
            outbox.put(db, key=f"test:{number}", to=to, subject=f"第 {number} 封", text="有变化。\n" * 20)
        db.execute("COMMIT")
    return replace(settings, smtp_url=server.url, mail_from=SENDER, base_url="https://kb.example.org")


def wanted(db: Database) -> set[str]:
    """The Message-IDs of everything that was put."""
    rows = db.query("SELECT * FROM outbox")
    return {message_id(outbox.Mail(**row), SENDER) for row in rows}


def doubts(db: Database) -> dict[str, int]:
    """By Message-ID, how often a mail was sent again without knowing."""
    return {message_id(one, SENDER): one.doubts for one in outbox.listed(db, "sent", MAILS)}


def copies(folder: Path) -> Counter[str]:
    """How often each message arrived."""
    return Counter(mail.id for mail in mailserver.received(folder))


def wait_for(server: Killable, more: int) -> None:
    """Until the server has kept so many more."""
    many = server.kept + more
    for _turn in range(10_000):
        if server.kept >= many:
            return
        threading.Event().wait(0.002)
    raise AssertionError(f"{server.kept} of {many}")


def test_the_mail_server_killed_in_mid_run_loses_and_doubles_nothing(
    ready: Settings, server: Killable
) -> None:
    chance = random.Random(20201231)  # noqa: S311 - not a secret
    with closing(open_database(ready.database)) as db:
        for kill in range(KILLS):
            server.start()
            how = (server, chance.randint(1, 5), chance.random() * 0.008)
            killer = threading.Thread(target=_kill_after, args=how)
            killer.start()
            report = send_waiting(db, ready, FAR + timedelta(days=kill))
            killer.join()
            assert report.problem
            assert report.waiting
        server.start()
        assert send_waiting(db, ready, FAR + timedelta(days=KILLS)).waiting == 0
        server.kill()
        arrived = copies(server.folder)
        assert arrived.keys() == wanted(db)
        assert set(arrived.values()) == {1}


def _kill_after(server: Killable, more: int, pause: float) -> None:
    wait_for(server, more)
    threading.Event().wait(pause)
    server.kill()


def test_the_sending_process_killed_at_any_moment_loses_nothing_and_counts_every_doubt(
    ready: Settings, server: Killable
) -> None:
    """Only a mail whose row says so may arrive twice, under the same Message-ID."""
    chance = random.Random(49)  # noqa: S311 - not a secret
    server.start()
    sender = Forks("tests.mailsender", str(ready.home), ready.smtp_url)
    for _kill in range(KILLS):
        sender.start()
        wait_for(server, chance.randint(1, 5))
        threading.Event().wait(chance.random() * 0.008)
        sender.kill()
    sender.close()
    with closing(open_database(ready.database)) as db:
        assert outbox.counts(db)["sent"] < MAILS
        assert send_waiting(db, ready, FAR).waiting == 0
        server.kill()
        arrived, doubted = copies(server.folder), doubts(db)
        assert arrived.keys() == wanted(db)
        assert sum(doubted.values()) <= KILLS
        assert [one for one, many in arrived.items() if many > 1 + doubted[one]] == []


def test_a_server_that_dies_between_keeping_and_answering_gets_the_same_message_once_more(
    ready: Settings, server: Killable
) -> None:
    """The case that nobody can tell: it is sent again rather than lost, and the row says so."""
    server.start(die_after=3)
    with closing(open_database(ready.database)) as db:
        assert send_waiting(db, ready, FAR).sent == 2
        server.wait()
        server.start()
        assert send_waiting(db, ready, FAR + timedelta(minutes=1)).waiting == 0
        server.kill()
        arrived = copies(server.folder)
        assert arrived.keys() == wanted(db)
        assert sorted(arrived.values())[-2:] == [1, 2]
        assert {one for one, many in arrived.items() if many == 2} == {
            one for one, many in doubts(db).items() if many
        }


def test_a_row_that_was_only_claimed_is_sent_again_without_a_doubt(settings: Settings) -> None:
    with closing(open_database(settings.database)) as db:
        outbox.put(db, key="a", to="a@example.org", subject="一", text="一")
        outbox.put(db, key="b", to="b@example.org", subject="二", text="二")
        first, second = outbox.claim(db, FAR), outbox.claim(db, FAR)
        assert first
        assert second
        assert outbox.hand(db, second)
        assert outbox.recover(db, "") == 2
        assert {one.key: one.doubts for one in outbox.listed(db, "waiting")} == {"a": 0, "b": 1}


# -- from change to mail ---------------------------------------------------------------------------


@pytest.fixture
def play(base: Base, tmp_path: Path) -> Iterator[Play]:
    folder = tmp_path / "mail"
    with mailserver.serving(folder) as url:
        yield Play(base, url, folder)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.integers(0, 1)),
        st.tuples(st.just("killed"), st.integers(1, 60)),
        st.tuples(st.just("post"), st.just(0)),
        st.tuples(st.just("unreachable"), st.just(0)),
    ),
    max_size=14,
)


@hypothesis_settings(max_examples=15)
@given(steps=STEPS)
def test_each_version_is_told_once_and_none_is_missed_in_any_order_of_publishing_kills_and_restarts(
    play: Play, steps: list[tuple[str, int]]
) -> None:
    ids = play.begin()
    for what, which in [*steps, ("post", 0)]:
        if what == "publish":
            play.publish(ids[which])
        elif what == "killed":
            play.killed(which)
        elif what == "unreachable":
            play.post(smtp_url=f"smtp://127.0.0.1:{mailserver.free_port()}")
        else:
            play.post()
    told = play.told()
    assert len({mail.id for mail in told}) == len(told)
    for entry_id in ids:
        at = 1
        for before, after in play.steps_told(entry_id):
            assert before == at
            at = after
        assert at == play.versions[entry_id]


class Play:
    """Publishes, makes mail and sends it, and is killed now and then while making it."""

    def __init__(self, base: Base, url: str, folder: Path) -> None:
        self.base, self.folder, self.shelf = base, folder, Shelf(base.terms.taxonomy)
        self.settings = replace(base.settings, smtp_url=url, mail_from=SENDER, base_url="https://x.cn")
        self.versions: dict[str, int] = {}
        self.moment = datetime(2026, 11, 22, 4, tzinfo=UTC)
        self.turn = 0

    def __repr__(self) -> str:
        return "play"

    @property
    def address(self) -> str:
        return f"member{self.turn}@example.org"

    def begin(self) -> list[str]:
        """Two new entries and a new subscriber to both."""
        self.turn += 1
        ids = [f"nat-2020-{name}-{self.turn}" for name in ("one", "two")]
        for entry_id in ids:
            self.publish(entry_id)
            self.subscribe(entry_id)
        self.post()
        return ids

    def told(self) -> list[Received]:
        """What the present subscriber was sent, without the confirmations."""
        arrived = mailserver.received(self.folder)
        return [one for one in arrived if one.to == self.address and "确认" not in one.subject]

    def steps_told(self, entry_id: str) -> Iterator[tuple[int, int]]:
        """From which state of an entry to which, as the mails said in order."""
        for line in "\n".join(mail.text for mail in self.told()).splitlines():
            if f"第{entry_id}号" in line and " → " in line:
                before, after = (part.rpartition("改")[2].rstrip("次。") for part in line.split(" → "))
                yield int(before), int(after)

    def ground(self, db: Database) -> Ground:
        return Ground(db, self.base.library, self.shelf, self.base.terms, TODAY)

    def publish(self, entry_id: str) -> None:
        at = self.versions[entry_id] = self.versions.get(entry_id, 0) + 1
        entry = an_entry(entry_id, promise=f"第{entry_id}号改{at}次。")
        entries.publish(self.base.db, entry, "liu", "")

    def subscribe(self, entry_id: str) -> None:
        self.index()
        ground = self.ground(self.base.db)
        alerts.ask(ground, self.address, "entry", {"entry": entry_id}, f"《{entry_id}》", "now", "")
        (row,) = self.base.db.query("SELECT salt FROM subscriptions WHERE confirmed_on IS NULL")
        held = subscriptions.by_salt(self.base.db, row["salt"])
        assert held is not None
        alerts.confirm(ground, held)

    def index(self) -> None:
        random.seed()  # hypothesis has seeded it, and the index names its files by it
        indexing.catch_up(self.base.library.settings, self.base.db)

    def make(self, db: Database) -> None:
        self.index()
        follow(self.ground(db))
        gather(self.ground(db), self.moment, "")

    def post(self, smtp_url: str = "") -> None:
        self.moment += timedelta(days=9)
        self.make(self.base.db)
        settings = replace(self.settings, smtp_url=smtp_url or self.settings.smtp_url)
        send_waiting(self.base.db, settings, self.moment)

    def killed(self, after: int) -> None:
        """Make mail in a connection that dies after so many hundred steps of SQLite's machine."""
        left = after

        def strike() -> int:
            nonlocal left
            left -= 1
            return int(left <= 0)

        db = open_database(self.settings.database)
        db.conn.set_progress_handler(strike, 100)
        with suppress(KbError, sqlite3.Error):
            self.make(db)
        db.conn.set_progress_handler(None, 0)
        db.close()
