"""The pages of alerts: asking, private links, one-click unsubscribing, the outbox at the desk, feeds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from xml.etree import ElementTree

import icalendar
import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.store import outbox, subscriptions
from kb.store.database import open_database
from kb.store.outbox import Mail
from kb.store.private import filled
from kb.store.secret import secret_key
from tests.web.conftest import Desk, Page, checked, made

ENTRY = "nat-2020-mohrss-11"
MEMBER = "zhang@example.org"
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Member:
    """Somebody with a browser and a mailbox."""

    client: FlaskClient
    settings: Settings

    def get(self, address: str, status: int = 200) -> Page:
        response = self.client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)[:400]
        return checked(response.get_data(as_text=True), dict(response.headers))

    def post(self, address: str, data: dict[str, object], form: str = "/alerts/new") -> TestResponse:
        """Send a form with the token of a page that has one."""
        soup = BeautifulSoup(self.client.get(form).get_data(as_text=True), "lxml")
        field = soup.find("input", attrs={"name": "csrf_token"})
        assert isinstance(field, Tag)
        return self.client.post(address, data={"csrf_token": str(field["value"]), **data})

    def mails(self) -> list[Mail]:
        with closing(open_database(self.settings.database)) as db:
            return outbox.listed(db, "waiting")[::-1]

    def link(self, start: str) -> str:
        """The path of a private link in the last mail."""
        text = filled(self.mails()[-1].text, secret_key(self.settings.secret), "https://kb.example.org")
        (line,) = [one for one in text.splitlines() if start in one]
        return line[line.index(start) :]

    def confirmed(self, **topic: object) -> str:
        """Subscribe and confirm; the path of the page to manage it."""
        asked = {"about": "entry", "entry": ENTRY, "address": MEMBER, **topic}
        assert self.post("/alerts/", asked).status_code == 303
        address = self.link("/alerts/confirm/")
        answer = self.post(address, {})
        assert answer.status_code == 303
        return answer.headers["Location"].partition("?")[0]


@pytest.fixture
def member(writable: Settings) -> Member:
    return Member(made(writable).test_client(), writable)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"/alerts/new?about=entry&entry={ENTRY}", "《"),
        ("/alerts/new?about=search&q=社保&region=430000", "搜索“社保”（湖南省）"),
        ("/alerts/new?about=company&region=430000&headcount=10-29", "您的企业情况（湖南省）"),
        ("/alerts/new?about=digest", "协会简报"),
        ("/alerts/new", "协会简报"),
    ],
)
def test_the_form_says_what_one_will_be_told_of(member: Member, address: str, name: str) -> None:
    assert name in member.get(address).text(".lead")
    assert member.get(f"{address}{'&' if '?' in address else '?'}lang=en").one("html")["lang"] == "en"


@pytest.mark.parametrize("address", [f"/entries/{ENTRY}", "/search?q=社保", "/match?region=430000&all=1"])
def test_pages_offer_to_tell_of_changes(member: Member, address: str) -> None:
    assert "有变化时通知我" in member.get(address).text()


def test_figures_of_a_company_come_in_a_post_and_are_said_to_be_kept(member: Member) -> None:
    answer = member.client.post(
        "/alerts/new", data={"about": "company", "region": "430000", "revenue": "900000"}
    )
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert page.one("input[name=revenue]")["value"] == "900000"
    assert "包括数字" in page.text()
    assert all("900000" not in address for address in page.hrefs("a"))


def test_an_entry_that_is_not_there_cannot_be_followed(member: Member) -> None:
    member.get("/alerts/new?about=entry&entry=none", 404)
    member.get("/alerts/new?about=nonsense", 404)


@pytest.mark.parametrize(
    "typed", ["", "zhang", "a@b", "a b@example.org", "张@example.org", "a@example.org\nBcc: x"]
)
def test_an_address_that_is_none_is_said_and_what_was_typed_stays(member: Member, typed: str) -> None:
    answer = member.post(
        "/alerts/", {"about": "entry", "entry": ENTRY, "address": typed, "frequency": "weekly"}
    )
    assert answer.status_code == 422
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert page.one("#problem")
    assert page.one("input[name=frequency][checked]")["value"] == "weekly"
    assert member.mails() == []


def test_the_answer_does_not_tell_whether_an_address_is_known(member: Member) -> None:
    member.confirmed()
    asked = {"about": "entry", "entry": ENTRY}
    known = member.post("/alerts/", {**asked, "address": MEMBER})
    new = member.post("/alerts/", {**asked, "address": "li@example.org"})
    assert (known.status_code, known.headers["Location"]) == (new.status_code, new.headers["Location"])
    assert known.get_data() == new.get_data()


def test_opening_the_link_confirms_nothing_pressing_the_button_does(member: Member) -> None:
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    address = member.link("/alerts/confirm/")
    for _scan in range(3):
        assert "确认订阅" in member.get(address).text("h1")
    assert "confirmed_on': None" in str(subscriptions_of(member))
    assert member.post(address, {}).status_code == 303
    assert "confirmed_on': '2026-11-22'" in str(subscriptions_of(member))


def subscriptions_of(member: Member) -> list[dict[str, object]]:
    with closing(open_database(member.settings.database)) as db:
        return list(db.query("SELECT * FROM subscriptions"))


def test_how_often_can_be_changed_and_one_subscription_ended(member: Member) -> None:
    manage = member.confirmed()
    member.confirmed(about="digest")
    assert len(member.get(manage).all(".held li")) == 2
    number = subscriptions_of(member)[0]["id"]
    member.post(manage, {"do": "frequency", "id": number, "frequency": "weekly"}, manage)
    assert subscriptions_of(member)[0]["frequency"] == "weekly"
    member.post(manage, {"do": "end", "id": number}, manage)
    (left,) = subscriptions_of(member)
    assert left["kind"] == "digest"


def test_deleting_everything_leaves_nothing(member: Member) -> None:
    manage = member.confirmed(about="company", region="430000", revenue="900000")
    answer = member.post(manage, {"do": "delete"}, manage)
    assert answer.headers["Location"].endswith("/alerts/ended")
    member.get(manage, 404)
    with closing(open_database(member.settings.database)) as db:
        kept = "\n".join(db.conn.iterdump())
    assert MEMBER not in kept
    assert "900000" not in kept


def test_nobody_can_touch_the_subscriptions_of_another(member: Member) -> None:
    manage = member.confirmed()
    member.confirmed(address="li@example.org")
    others = subscriptions_of(member)[1]["id"]
    member.post(manage, {"do": "end", "id": others}, manage)
    assert len(subscriptions_of(member)) == 2


def test_one_click_from_a_mail_program_unsubscribes_without_cookie_or_token(member: Member) -> None:
    member.confirmed()
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    stop = member.link("/alerts/stop/")
    program = member.client.application.test_client()
    answer = program.post(stop, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert subscriptions_of(member) == []
    assert program.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://mail.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_one_click_is_taken_from_the_page_of_a_mail_program(member: Member, headers: dict[str, str]) -> None:
    member.confirmed()
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    program = member.client.application.test_client()
    stop = member.link("/alerts/stop/")
    answer = program.post(stop, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert subscriptions_of(member) == []


def test_who_ends_a_part_is_told_what_goes_on(member: Member) -> None:
    member.confirmed()
    member.confirmed(about="digest")
    member.post("/alerts/", {"about": "digest", "address": MEMBER})
    answer = member.post(member.link("/alerts/leave/"), {}).get_data(as_text=True)
    assert "您还订着：" in answer
    assert "这一条有变化、快到期、撤下" in answer
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    answer = member.post(member.link("/alerts/stop/"), {}).get_data(as_text=True)
    assert "您还订着" not in answer
    assert "有关的数据已经删除" in answer


def test_who_has_as_many_as_one_may_is_told_so_and_led_to_them(member: Member) -> None:
    for number in range(subscriptions.MOST):
        member.confirmed(about="search", q=f"社保{number}")
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    answer = member.post(member.link("/alerts/confirm/"), {})
    assert answer.status_code == 422
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "最多 20 项" in page.text(".errors")
    assert any("/alerts/manage/" in one for one in page.hrefs(".errors a"))


def test_the_page_that_asks_shows_what_the_mail_does_not(member: Member) -> None:
    member.post("/alerts/", {"about": "search", "q": "社保", "address": MEMBER})
    assert "社保" not in member.mails()[-1].text
    assert "搜索“社保”" in member.get(member.link("/alerts/confirm/")).text(".lead")


def test_opening_the_unsubscribe_link_ends_nothing(member: Member) -> None:
    member.confirmed()
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    page = member.get(member.link("/alerts/stop/"))
    assert page.one("main form button").get_text() == "退订"
    assert len(subscriptions_of(member)) == 1


@pytest.mark.parametrize("what", ["confirm", "manage", "stop", "leave"])
@pytest.mark.parametrize("word", ["x", "a" * 32, "密" * 32, "%00" * 4])
def test_a_word_that_we_did_not_make_leads_nowhere(member: Member, what: str, word: str) -> None:
    assert "没有用了" in member.get(f"/alerts/{what}/{word}", 404).text("h1")


def test_pages_by_private_link_are_kept_by_nobody_and_named_to_nobody(member: Member) -> None:
    manage = member.confirmed()
    headers = member.client.get(manage).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in str(member.get(manage).one("meta[name=robots]"))


# -- the desk --------------------------------------------------------------------------------------


def test_staff_see_that_mail_waits_and_why_but_no_address(desk: Callable[..., Desk], member: Member) -> None:
    member.post("/alerts/", {"about": "entry", "entry": ENTRY, "address": MEMBER})
    one = desk("editor")
    page = one.get("/desk/outbox/")
    assert "KB_SMTP_URL" in page.text(".notice")
    assert MEMBER not in page.html
    assert "邮件没有发出" in one.get("/desk/").text()


def test_staff_see_which_subscription_is_not_understood_and_what_waits_to_be_written(
    desk: Callable[..., Desk], member: Member
) -> None:
    member.confirmed()
    with closing(open_database(member.settings.database)) as db:
        db.execute("UPDATE subscriptions SET problem = '不认识：industry'")
        db.execute(
            "INSERT INTO notices (subscriber_id, entry_id, change, reminder, frequency, body, made_on)"
            " SELECT id, 'x', 1, '', 'now', '{}', '2026-11-22' FROM subscribers"
        )
        db.conn.commit()
    one = desk("editor")
    page = one.get("/desk/outbox/")
    assert "不认识：industry" in page.text()
    assert "还没有成信的通知" in page.text()
    assert MEMBER not in page.html
    assert "1 条通知等着写成信" in one.get("/desk/").text()


def test_staff_have_failed_mail_sent_again(desk: Callable[..., Desk], writable: Settings) -> None:
    with closing(open_database(writable.database)) as db:
        outbox.put(db, key="test:1", to=MEMBER, subject="一", text="一")
        db.execute("UPDATE outbox SET state = 'failed', said = '550 no mailbox'")
        db.conn.commit()
    one = desk("editor")
    page = one.get("/desk/outbox/")
    assert "z…@e….org 550 no mailbox" in page.text()
    assert one.post("/desk/outbox/retry").status_code == 303
    assert "550" not in one.get("/desk/outbox/").text()


# -- following with one's own programs -------------------------------------------------------------


def test_an_entry_has_a_feed_of_what_happened_to_it(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get(f"/entries/{ENTRY}.atom").get_data())  # noqa: S314 - ours
    titles = [one.findtext(f"{ATOM}title") or "" for one in root.iter(f"{ATOM}entry")]
    assert titles[-1] == "收入本库"
    assert any(" → " in title and "因 " in title for title in titles)
    ids = [one.findtext(f"{ATOM}id") for one in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_the_last_days_of_an_entry_and_of_a_search_go_into_a_calendar(client: FlaskClient) -> None:
    for address in (f"/entries/{ENTRY}.ics?as_of=2020-03-10", "/search.ics?as_of=2020-03-10&q=社保"):
        answer = client.get(address)
        assert answer.mimetype == "text/calendar"
        events = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
        assert events
        assert len({str(one["UID"]) for one in events}) == len(events)
    assert client.get(f"/entries/{ENTRY}.ics").status_code == 404
    assert client.get("/search.ics?region=无此地").status_code == 400
    assert client.get("/entries/none.atom").status_code == 404
