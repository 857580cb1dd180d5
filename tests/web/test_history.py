"""What readers see of the past: the history of an entry, and its page as it was at a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from kb.domain.dates import SHANGHAI
from kb.search.indexing import catch_up
from kb.store import entries
from kb.store.entries import Version
from tests.conftest import Base, an_entry
from tests.web.conftest import Page, checked, made
from web.view import read_moment

ID = "nat-2020-test-1"
LATER_END = {"start": "2020-02-01", "end": "2020-12-31", "end_kind": "dated"}
Open = Callable[..., Page]


@pytest.fixture
def twice(base: Base) -> tuple[Version, Version]:
    """An entry published twice, the second time with a later end and another benefit."""
    first = entries.publish(base.db, an_entry(), "li.si", "新增", unreviewed=True)
    change = an_entry(promise="试验费用可以缓交到年底。", in_force=LATER_END)
    second = entries.publish(base.db, change, "li.si", "更正到期日", reviewed_by="wang.wu")
    assert first
    assert second
    catch_up(base.library.settings, base.db)
    return first, second


@pytest.fixture
def client(base: Base) -> FlaskClient:
    return made(base.settings).test_client()


@pytest.fixture
def page(client: FlaskClient) -> Open:
    def fetch(address: str, status: int = 200) -> Page:
        response = client.get(address)
        assert response.status_code == status
        return checked(response.get_data(as_text=True), dict(response.headers))

    return fetch


def replay(version: Version) -> str:
    return f"/entries/{ID}?known_at={quote(version.published_at)}"


# -- the history -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("twice")
def test_the_history_says_what_changed_when_and_why(page: Open) -> None:
    shown = page(f"/entries/{ID}/history")
    second, first = shown.all(".history > li")
    assert "第 2 版" in second.get_text()
    assert "更正到期日" in second.get_text()
    end = next(one for one in second.select(".changed > div") if "到期日" in one.get_text())
    assert [tag.get_text() for tag in end.select("dt, del, ins")] == ["到期日", "2020-06-30", "2020-12-31"]
    assert "第一次发布" in first.get_text()
    assert "未经第二人复核" in first.get_text()
    assert "未经第二人复核" not in second.get_text()


@pytest.mark.usefixtures("twice")
def test_no_name_of_staff_is_told(client: FlaskClient) -> None:
    for address in ("history", "history.json"):
        text = client.get(f"/entries/{ID}/{address}").get_data(as_text=True)
        assert "更正到期日" in text
        assert "li.si" not in text
        assert "wang.wu" not in text


def test_what_is_never_shown_is_not_in_the_history_either(base: Base, client: FlaskClient) -> None:
    verified = {"confirmed_on": "2026-11-22", "confirmed_by": "张三"}
    entries.publish(base.db, an_entry(), "li", "新增")
    hidden = an_entry(doc_number=None, doc_number_candidate="试发〔2020〕77号", verified=verified)
    entries.publish(base.db, hidden, "li", "核对")
    for address in ("history", "history.json"):
        text = client.get(f"/entries/{ID}/{address}").get_data(as_text=True)
        assert "2026-11-22" in text
        assert "77号" not in text
        assert "张三" not in text


def test_the_history_as_data_leads_to_the_page_of_that_time(
    client: FlaskClient, twice: tuple[Version, Version]
) -> None:
    data = client.get(f"/entries/{ID}/history.json").get_json()
    assert (data["id"], data["state"]) == (ID, "published")
    second, first = data["events"]
    assert second["version"] == 2
    assert {"label": "到期日", "before": "2020-06-30", "after": "2020-12-31"} in second["changes"]
    assert first["unreviewed"] is True
    for event, version in zip((first, second), twice, strict=True):
        shown = client.get(event["then"]).get_data(as_text=True)
        assert version.entry.promise.rstrip("。") in shown


def test_an_amendment_by_a_later_notice_is_told_with_a_link_to_it(base: Base, page: Open) -> None:
    entries.publish(base.db, an_entry(), "li", "新增")
    extends = {"type": "extends", "to": f"{ID}#defer", "end": "2020-12-31"}
    notice = an_entry("later", doc_number="试发〔2020〕9号", reliefs=[], relations=[extends])
    entries.publish(base.db, notice, "li", "新增")
    first = page(f"/entries/{ID}/history").all(".history > li")[0]
    assert "期限被别的文件改动" in first.get_text()
    assert [tag.get_text() for tag in first.select("del, ins")] == ["2020-06-30", "2020-12-31"]
    link = first.find("a", string="试发〔2020〕9号")
    assert link is not None
    assert link["href"] == "/entries/later"


def test_the_page_of_an_entry_leads_to_its_history(page: Open, twice: tuple[Version, Version]) -> None:
    assert f"/entries/{ID}/history" in page(f"/entries/{ID}").hrefs()


def test_what_is_withdrawn_or_merged_keeps_its_history(base: Base, page: Open) -> None:
    entries.publish(base.db, an_entry(), "li", "新增")
    entries.publish(base.db, an_entry("survivor"), "li", "新增")
    entries.withdraw(base.db, ID, "li", "文件撤回")
    assert f"/entries/{ID}/history" in page(f"/entries/{ID}", 410).hrefs()
    shown = page(f"/entries/{ID}/history")
    assert "文件撤回" in shown.text(".history > li")
    entries.withdraw(base.db, ID, "li", "重复", merged_into="survivor")
    merged = page(f"/entries/{ID}/history")
    assert "/entries/survivor" in merged.hrefs(".history > li:first-child a")
    assert "并入" in merged.text()


def test_an_entry_that_never_was_has_no_history(client: FlaskClient) -> None:
    assert client.get("/entries/never/history").status_code == 404
    assert client.get("/entries/never/history.json").status_code == 404


@pytest.mark.parametrize("address", [f"/entries/{ID}/history", f"/entries/{ID}?known_at=2100-01-01"])
@pytest.mark.usefixtures("twice")
def test_the_pages_are_sound_in_english_too(page: Open, address: str) -> None:
    page(f"{address}{'&' if '?' in address else '?'}lang=en")


def test_markup_in_a_record_stays_text(base: Base, page: Open) -> None:
    nasty = "<script>alert(1)</script>"
    entries.publish(base.db, an_entry(title=nasty), "li", nasty)
    entries.publish(base.db, an_entry(title=nasty * 2, aliases=[nasty]), "li", nasty)
    shown = page(f"/entries/{ID}/history")
    assert not shown.all("main script")
    assert nasty in shown.text()


# -- as it was -------------------------------------------------------------------------------------


def test_known_at_shows_what_we_said_at_that_moment(page: Open, twice: tuple[Version, Version]) -> None:
    first, second = twice
    assert "可以缓交三个月" in page(replay(first)).text("h1")
    assert "缓交到年底" in page(replay(second)).text("h1")
    assert "2020年6月30日" in page(replay(first)).text(".standing")


def test_a_replay_says_so_and_leads_back(page: Open, twice: tuple[Version, Version]) -> None:
    shown = page(replay(twice[0]))
    assert "这是本库在" in shown.text(".as-of")
    assert shown.hrefs(".as-of a") == [f"/entries/{ID}"]


def test_no_text_to_pass_on_is_offered_of_what_we_said_once(
    page: Open, twice: tuple[Version, Version]
) -> None:
    assert page(f"/entries/{ID}").all("textarea")
    assert not page(replay(twice[0])).all("textarea")


def test_known_at_stays_on_the_page_and_goes_nowhere_else(page: Open, twice: tuple[Version, Version]) -> None:
    shown = page(replay(twice[0]))
    carrying = {href for href in shown.hrefs("a") if "known_at" in href}
    assert carrying == {
        href for href in carrying if href.startswith((f"/entries/{ID}?", f"/entries/{ID}.json?"))
    }
    assert any("lang=en" in href for href in carrying)
    assert not any("known_at" in href for href in page(f"/search?known_at={TIME}").hrefs("a"))


TIME = "2026-11-22T10:00:00Z"


@pytest.mark.usefixtures("twice")
@pytest.mark.parametrize("text", ["gestern", "2026-13-40", "2026-11-22T99:00Z", "0001-01-01", "9999-12-31"])
def test_what_is_no_moment_gets_a_notice_and_the_page_of_now(
    page: Open, client: FlaskClient, text: str
) -> None:
    shown = page(f"/entries/{ID}?known_at={text}")
    assert text in shown.text("[role=alert]")
    assert "缓交到年底" in shown.text("h1")
    refused = client.get(f"/entries/{ID}.json?known_at={text}")
    assert refused.status_code == 400
    assert text in refused.get_data(as_text=True)


@pytest.mark.usefixtures("twice")
def test_before_it_was_published_there_was_nothing(page: Open, client: FlaskClient) -> None:
    shown = page(f"/entries/{ID}?known_at=2020-03-10")
    assert "那时本库没有这一件" in shown.text("h1")
    assert f"/entries/{ID}/history" in shown.hrefs()
    data = client.get(f"/entries/{ID}.json?known_at=2020-03-10").get_json()
    assert (data["status"], data["version"]) == (None, None)


def test_what_is_withdrawn_now_is_shown_as_it_was(
    base: Base, page: Open, twice: tuple[Version, Version]
) -> None:
    entries.withdraw(base.db, ID, "li", "文件撤回")
    assert "缓交到年底" in page(replay(twice[1])).text("h1")
    page(f"/entries/{ID}", 410)


def test_a_replay_as_data_names_its_version_and_moment(
    client: FlaskClient, twice: tuple[Version, Version]
) -> None:
    moment = quote(twice[0].published_at)
    data = client.get(f"/entries/{ID}.json?known_at={moment}&as_of=2020-03-10").get_json()
    assert (data["version"], data["known_at"]) == (1, twice[0].published_at)
    assert (data["as_of"], data["status"]["until"], data["unreviewed"]) == ("2020-03-10", "2020-06-30", True)
    assert "known_at" not in client.get(f"/entries/{ID}.json").get_json()


def test_a_replay_is_of_the_day_of_its_moment_unless_another_is_asked_for(
    client: FlaskClient, twice: tuple[Version, Version]
) -> None:
    moment = datetime.fromisoformat(twice[0].published_at)
    data = client.get(f"/entries/{ID}.json?known_at={quote(moment.isoformat())}").get_json()
    assert data["as_of"] == moment.astimezone(SHANGHAI).date().isoformat()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 22, 15, 59, 59, 999999, UTC)),
        ("2026年11月22日", datetime(2026, 11, 22, 15, 59, 59, 999999, UTC)),
        (TIME, datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T18:00:00+08:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T18:00:00 08:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T18:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22 18:00:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("", None),
        ("9999-12-31T23:59:59-08:00", None),
    ],
)
def test_moments_are_read_as_people_and_addresses_write_them(text: str, moment: datetime | None) -> None:
    assert read_moment(text) == moment


# -- nobody else looked ----------------------------------------------------------------------------


def test_a_version_that_nobody_reviewed_says_so_on_its_page(
    base: Base, client: FlaskClient, page: Open
) -> None:
    entries.publish(base.db, an_entry(), "li", "新增", unreviewed=True)
    assert "未经第二人复核" in page(f"/entries/{ID}").text(".sources")
    assert client.get(f"/entries/{ID}.json").get_json()["unreviewed"] is True
    entries.publish(base.db, an_entry(title="复核过的"), "li", "更新", reviewed_by="wang")
    assert "未经第二人复核" not in page(f"/entries/{ID}").text()
    assert client.get(f"/entries/{ID}.json").get_json()["unreviewed"] is False
