"""Nothing that a member wrote and no contact leaves the secretariat: every page, file, log and list is read.

Difficulties are told with words that stand nowhere else, staff work on them, and then everything that goes
out is looked through for these words.
"""

from __future__ import annotations

import html
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.cli import main
from kb.config import ROOT, Settings
from kb.domain.difficulty import Difficulty, Rewrite
from kb.domain.taxonomy import NATION
from kb.store import backup, difficulties, rounds, subscriptions, told
from kb.store.database import Database, open_database
from tests.conftest import TODAY
from tests.web.conftest import Desk, checked, made
from tests.web.test_access import addresses
from web.access import REQUIRED

MARK = "马尔克"
CONTACT, SUBSCRIBER = "marker-owner@example.com", "marker-subscriber@example.com"
REWRITE = Rewrite("验收后收不到款", "一家小企业验收后收不到工程款。", "可以依条例投诉。")
MOST_LINKED = 40
"""Pages looked at beside those that have an address of their own, of which a few are entries."""
ENTRIES_LOOKED_AT = 4


@dataclass(frozen=True)
class Planted:
    """Difficulties in all states, and every word that must not be found."""

    settings: Settings
    held: tuple[Difficulty, ...]
    words: tuple[str, ...]

    def found_in(self, text: str) -> list[str]:
        """The words that stand in ``text``, as they are or as an address or JSON writes them."""
        return [one for word in self.words for one in _spellings(word) if one in text]


def text_of(answer: TestResponse) -> str:
    """All that an answer says: its headers and its body, that of a Word file or a workbook unpacked."""
    body = answer.get_data()
    answer.close()
    return f"{answer.headers}\n{unpacked(body)}"


def unpacked(body: bytes) -> str:
    """The text of a file, that of all parts of a Word file or workbook."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return html.unescape(body.decode("utf-8", "replace"))


def _spellings(word: str) -> tuple[str, ...]:
    return word, urllib.parse.quote(word), json.dumps(word)[1:-1]


def plant(db: Database, state: str) -> tuple[Difficulty, str]:
    """A difficulty in ``state`` with the mark in every field that is not public."""
    held, token = difficulties.state_one(
        db,
        needs=("arrears",),
        text=f"{MARK}的困难",
        region="430000",
        size="small",
        segment="construction",
        contact=CONTACT,
        consent_forward=f"{MARK}局",
    )
    difficulties.comment(db, held, f"{MARK}的留言", "li")
    held = difficulties.link_entry(db, held, "nat-2020-mohrss-11", "li")
    held = difficulties.answer(db, held, f"{MARK}的答复", "li", ("有答复了", "请看"))
    if state == "proposed":
        held = difficulties.propose(db, held, Rewrite(f"{MARK}稿", f"{MARK}稿", f"{MARK}稿"), "li")
    if state == "published":
        held = difficulties.propose(db, held, REWRITE, "li")
        held = difficulties.publish(db, difficulties.agree(db, held, REWRITE.seal), "wang")
    if state == "passed":
        held = difficulties.pass_on(db, held, f"{MARK}局", "li")
    return (difficulties.close(db, held, "li") if state == "closed" else held), token


def plant_others(db: Database) -> None:
    """A round with a text in an answer, and a subscriber to a search in own words."""
    plan = rounds.Planned("调查一", TODAY, TODAY, {})
    held = rounds.open_round(db, plan, NATION, ("arrears",), "li")
    for number in range(6):
        said = rounds.Answer(
            TODAY, "430000", "small", "construction", "normal", 5, ("arrears",), f"{MARK}的答卷"
        )
        assert rounds.add_answer(db, held, said, f"{number:022d}")
    asked = subscriptions.ask(db, SUBSCRIBER, "search", {"q": MARK}, MARK, "daily", TODAY)
    assert asked is not None
    assert told.confirm(db, asked, {}, told.cursor(db), TODAY)


@pytest.fixture
def planted(writable: Settings) -> Planted:
    with closing(open_database(writable.database)) as db:
        plant_others(db)
        made_up = [plant(db, state) for state in ("answered", "proposed", "published", "passed", "closed")]
    tokens = [token for _held, token in made_up]
    hashes = [difficulties.hash_of(token) for token in tokens]
    return Planted(
        writable, tuple(held for held, _token in made_up), (MARK, CONTACT, SUBSCRIBER, *tokens, *hashes)
    )


# Everything that readers can get


def _links(base: str, page: str) -> Iterator[str]:
    for tag in BeautifulSoup(page, "lxml").select(
        "a[href], link[href], img[src], script[src], form[method=get]"
    ):
        target = urllib.parse.urljoin(base, str(tag.get("href") or tag.get("src") or tag.get("action") or ""))
        parts = urllib.parse.urlsplit(target)
        if parts.netloc in ("", "localhost") and not parts.path.startswith(("/static/", "/desk")):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def crawl(client: FlaskClient, start: list[str]) -> Iterator[tuple[str, str]]:
    """``(address, all of the answer with its headers)``: where to begin, then what is linked from there."""
    waiting, seen, entries = deque(start), set(start), 0
    looked_at = 0
    while waiting and looked_at < MOST_LINKED + len(start):
        address = waiting.popleft()
        answer = client.get(address)
        looked_at += 1
        text = text_of(answer)
        yield address, text
        for link in _links(f"http://localhost{address}", text) if answer.mimetype == "text/html" else ():
            is_entry = link.startswith(("/entries/", "/e/"))
            entries += is_entry and link not in seen
            if link not in seen and (not is_entry or entries <= ENTRIES_LOOKED_AT):
                seen.add(link)
                waiting.append(link)


def test_no_public_page_feed_or_file_holds_a_word_of_it(planted: Planted) -> None:
    app = made(planted.settings)
    app.testing = False
    public = [
        address
        for endpoint, method, address in addresses(app)
        if method == "GET" and REQUIRED[endpoint] == "public"
    ]
    start = [
        *public,
        "/search?q=拖欠",
        "/match?region=430000&headcount=10-29&need=arrears",
        "/difficulties?lang=en",
    ]
    seen, published = 0, 0
    for address, answer in crawl(app.test_client(), start):
        assert planted.found_in(urllib.parse.unquote(address)) == []
        assert planted.found_in(answer) == [], address
        seen += 1
        published += REWRITE.text in answer
    assert seen > 100
    assert published >= 2, "the public page and its JSON were not among what was read"


# What staff have beside the pages of the difficulties themselves


def test_at_the_desk_only_the_pages_of_difficulties_show_them(planted: Planted, desk: object) -> None:
    me: Desk = desk("admin")  # type: ignore[operator]
    app = me.client.application
    app.testing = False
    own = {"triage.index", "triage.show"}
    staff = [
        (endpoint, address)
        for endpoint, method, address in addresses(app)
        if method == "GET" and REQUIRED[endpoint] != "public" and endpoint not in own
    ]
    for endpoint, address in [*staff, ("board.part", "/desk/todo/difficulties")]:
        answer = me.client.get(address)
        found = planted.found_in(text_of(answer))
        texts_of_rounds = endpoint.startswith(("reports.", "deskrounds."))
        assert [one for one in found if not texts_of_rounds or MARK not in one] == [], endpoint
    assert MARK in me.get("/desk/difficulties/").text()
    assert planted.found_in(me.get("/desk/people/audit").html) == []


@pytest.mark.parametrize(
    "command",
    [
        ["audit", "--limit", "1000"],
        ["audit", "--json"],
        ["audit", "verify"],
        ["tidy", "--dry-run", "--json"],
        ["search", "拖欠", "--json"],
        ["coverage", "--json"],
        ["user", "list"],
    ],
    ids=" ".join,
)
def test_no_command_shows_a_word_of_it(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(planted.settings.home))
    monkeypatch.setenv("KB_TODAY", "2026-11-22")
    result = CliRunner().invoke(main, command)
    assert result.output
    assert planted.found_in(result.output) == []


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_no_directory_to_print_holds_a_word_of_it(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("KB_HOME", str(planted.settings.home))
    monkeypatch.setenv("KB_TODAY", "2026-11-22")
    file = tmp_path / f"directory.{form}"
    assert CliRunner().invoke(main, ["export", "-o", str(file)]).exit_code == 0
    text = unpacked(file.read_bytes())
    assert "养老保险" in text
    assert planted.found_in(text) == []


def test_nothing_but_the_database_holds_it_not_even_the_list_of_a_backup(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_now = backup.make(planted.settings, tmp_path / "backups")
    policies = tmp_path / "policies"
    shutil.copytree(planted.settings.policies, policies)
    monkeypatch.setenv("KB_HOME", str(planted.settings.home))
    monkeypatch.setenv("KB_POLICIES", str(policies))
    assert CliRunner().invoke(main, ["dump", "--json"]).exit_code == 0
    holding = {
        path.name
        for folder in (planted.settings.home, made_now.path, policies)
        for path in folder.rglob("*")
        if path.is_file() and planted.found_in(path.read_bytes().decode("utf-8", "replace"))
    }
    assert holding <= {"kb.sqlite", "kb.sqlite-wal"}
    assert "kb.sqlite" in holding


# The logs of a serving process


@pytest.fixture
def serving(writable: Settings, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A site as ``kb serve`` runs it: its address, and the file of all that it says."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    said = tmp_path / "said.log"
    environ = {
        **os.environ,
        "KB_HOME": str(writable.home),
        "KB_TODAY": "2026-11-22",
        "KB_RATE_LIMIT": "off",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "kb", "serve", "--port", str(port)]
    with said.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}", said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        assert process.poll() is None, "kb serve has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("kb serve does not answer")


class Browser:
    """Sends forms over HTTP as a browser without JavaScript does, and remembers every address it was at."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.been: list[str] = []
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.address, path)))

    def send(self, page: str, form: str, **fields: str) -> tuple[int, str]:
        """Fill the form that ``form`` selects on ``page`` and send it."""
        soup = BeautifulSoup(page, "lxml")
        found = soup.select_one(form)
        assert found is not None, form
        data = {str(tag["name"]): str(tag.get("value", "")) for tag in found.select("input[type=hidden]")}
        target = urllib.parse.urljoin(self.been[-1], str(found["action"]))
        body = urllib.parse.urlencode({**data, **fields}).encode()
        return self._open(urllib.request.Request(target, body, {"Origin": self.address}))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=30) as answer:
                self.been.append(answer.url)
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            self.been.append(request.full_url)
            return error.code, error.read().decode()


def test_a_serving_process_says_nothing_of_it_and_no_address_holds_it(
    serving: tuple[str, Path], writable: Settings
) -> None:
    address, said = serving
    browser = Browser(address)
    _status, page = browser.get("/difficulties/new?step=2&need=arrears&region=430000")
    status, page = browser.send(page, "form[method=post]", text=f"{MARK}的困难", contact="x" * 101)
    assert status == 400
    status, page = browser.send(page, "form[method=post]", text=f"{MARK}的困难", contact=CONTACT)
    assert status == 200
    assert CONTACT in page
    status, page = browser.send(page, "form[action$='/add']", more=f"{MARK}的补充")
    assert f"{MARK}的补充" in page
    private = urllib.parse.urlsplit(browser.been[-1]).path
    with closing(open_database(writable.database)) as db:
        db.execute("ALTER TABLE audit RENAME TO elsewhere")
    status, page = browser.get("/difficulties/new?step=2&need=arrears")
    status, page = browser.send(page, "form[method=post]", text=f"{MARK}的困难", contact=CONTACT)
    assert status == 503
    assert f"{MARK}的困难" in page, "what was typed is lost"
    with closing(open_database(writable.database)) as db:
        db.execute("ALTER TABLE difficulty_events RENAME TO elsewhere_too")
    status, _page = browser.get(private)
    assert status == 500
    log = said.read_text(encoding="utf-8")
    token = private.rpartition("/")[2]
    assert len(token) == 32
    for word in (MARK, CONTACT, token):
        assert not [one for one in _spellings(word) if one in log]
    for been in map(urllib.parse.unquote, browser.been):
        assert MARK not in been
        assert CONTACT not in been


def test_logs_of_the_application_say_nothing_of_it_even_in_full(
    writable: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = made(writable)
    app.testing = False
    client = app.test_client()
    with caplog.at_level(logging.DEBUG):
        page = client.get("/difficulties/new?step=2&need=arrears").get_data(as_text=True)
        token = BeautifulSoup(page, "lxml").select_one("[name=csrf_token]")
        assert token is not None
        form = {"csrf_token": str(token["value"]), "need": "arrears", "text": MARK, "contact": CONTACT}
        location = client.post("/difficulties/new", data=form).headers["Location"]
        shown = client.get(location)
        checked(shown.get_data(as_text=True), dict(shown.headers))
        with closing(open_database(writable.database)) as db:
            db.execute("ALTER TABLE difficulty_events RENAME TO elsewhere")
            db.execute("ALTER TABLE audit RENAME TO elsewhere_too")
        assert client.get(location).status_code == 500
        assert client.post("/difficulties/new", data=form).status_code == 503
    private = urllib.parse.urlsplit(location).path.rpartition("/")[2]
    assert caplog.text
    for word in (MARK, CONTACT, private):
        assert not [one for one in _spellings(word) if one in caplog.text]


def test_the_cookie_of_a_form_holds_nothing_of_it(writable: Settings) -> None:
    app = made(replace(writable))
    client = app.test_client()
    page = client.get("/difficulties/new?step=2&need=arrears").get_data(as_text=True)
    token = BeautifulSoup(page, "lxml").select_one("[name=csrf_token]")
    assert token is not None
    form = {"csrf_token": str(token["value"]), "need": "arrears", "text": MARK, "contact": CONTACT}
    assert client.post("/difficulties/new", data=form).status_code == 303
    with client.session_transaction() as session:
        assert set(session) == {"csrf_token"}
