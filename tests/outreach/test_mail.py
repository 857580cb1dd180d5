"""Sending by SMTP against a real server on loopback: what it takes, refuses for a time, refuses for good."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from kb.config import Settings
from kb.errors import KbError
from kb.outreach.mail import WAITS, send_waiting, server_of
from kb.store import outbox
from kb.store.database import Database, open_database
from kb.store.private import mark, new_salt, salt_of, word
from kb.store.secret import secret_key
from tests import mailserver
from tests.mailserver import Received

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@dataclass
class Post:
    """A store, the settings to send with, and the folder of the server."""

    db: Database
    settings: Settings
    folder: Path

    def put(self, number: int = 1, **more: str) -> None:
        usual = {
            "key": f"test:{number}",
            "to": f"member{number}@example.org",
            "subject": f"第 {number} 封",
            "text": "到期日有变化。\n.\n一行一个点，一样要送到。\n",
        }
        outbox.put(self.db, **{**usual, **more})

    def send(self, moment: datetime = NOON, organiser: str = "") -> str:
        """``发出/推迟/失败/排队``."""
        report = send_waiting(self.db, replace(self.settings, organiser=organiser), moment)
        return f"{report.sent}/{report.put_off}/{report.failed}/{report.waiting}"

    @property
    def received(self) -> list[Received]:
        return mailserver.received(self.folder)


@pytest.fixture
def refuse() -> dict[str, str]:
    """What the server says to some recipients; to be filled by a test."""
    return {}


@pytest.fixture
def post(settings: Settings, tmp_path: Path, refuse: dict[str, str]) -> Iterator[Post]:
    folder = tmp_path / "mail"
    with mailserver.serving(folder, refuse) as url, closing(open_database(settings.database)) as db:
        ready = replace(
            settings, smtp_url=url, mail_from="notice@kb.example.org", base_url="https://kb.example.org"
        )
        yield Post(db, ready, folder)


def test_what_waits_is_sent_once_with_text_html_and_a_sender(post: Post) -> None:
    post.put(html="<p>到期日有变化。</p>")
    assert post.send(organiser="中国通信企业协会") == "1/0/0/0"
    assert post.send() == "0/0/0/0"
    (mail,) = post.received
    assert mail.to == "member1@example.org"
    assert mail.subject == "第 1 封"
    assert str(mail.message["From"]) == "中国通信企业协会 <notice@kb.example.org>"
    assert mail.text.splitlines() == ["到期日有变化。", ".", "一行一个点，一样要送到。"]
    assert "<p>到期日有变化。</p>" in mail.html
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["List-Unsubscribe"] is None


def test_what_was_sent_keeps_no_text(post: Post) -> None:
    post.put()
    post.send()
    (row,) = outbox.listed(post.db, "sent")
    assert row.text + row.html + row.unsubscribe == ""


def test_a_subscribed_mail_can_be_ended_with_one_click(post: Post) -> None:
    post.put(unsubscribe=f"{{{{site}}}}/alerts/stop/{mark('stop', 'a' * 16)}")
    post.send()
    (mail,) = post.received
    right = word(secret_key(post.settings.secret), "stop", "a" * 16)
    assert mail.message["List-Unsubscribe"] == f"<https://kb.example.org/alerts/stop/{right}>"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_store_holds_no_link_that_works(post: Post) -> None:
    salt = new_salt()
    post.put(text=f"{{{{site}}}}/alerts/manage/{mark('manage', salt)}")
    right = word(secret_key(post.settings.secret), "manage", salt)
    assert right not in "\n".join(post.db.conn.iterdump())
    post.send()
    (mail,) = post.received
    assert mail.path("/alerts/manage/") == f"/alerts/manage/{right}"
    assert salt_of(secret_key(post.settings.secret), "manage", right) == salt
    assert salt_of(secret_key(post.settings.secret), "stop", right) is None
    assert salt_of(b"another key", "manage", right) is None


def test_a_refusal_for_good_is_kept_in_words_and_the_rest_is_sent(post: Post, refuse: dict[str, str]) -> None:
    refuse["member1@example.org"] = "550 no mailbox member1@example.org here"
    post.put(1)
    post.put(2)
    assert post.send() == "1/0/1/0"
    (row,) = outbox.listed(post.db, "failed")
    assert row.said == "550 no mailbox … here"


def test_a_refusal_for_a_time_is_tried_again_later_and_later_then_given_up(
    post: Post, refuse: dict[str, str]
) -> None:
    refuse["member1@example.org"] = "451 greylisted, come again"
    post.put()
    moment = NOON
    for minutes in WAITS:
        assert post.send(moment) == "0/1/0/1"
        assert post.send(moment + timedelta(minutes=minutes, seconds=-1)) == "0/0/0/1"
        moment += timedelta(minutes=minutes)
    assert post.send(moment) == "0/0/1/0"


def test_what_was_refused_for_a_time_arrives_when_the_server_will_have_it(
    post: Post, refuse: dict[str, str]
) -> None:
    refuse["member1@example.org"] = "451 greylisted, come again"
    post.put()
    post.send()
    refuse.clear()
    assert post.send(NOON + timedelta(minutes=1)) == "1/0/0/0"


def test_failed_mail_is_sent_again_when_staff_say_so(post: Post, refuse: dict[str, str]) -> None:
    refuse["member1@example.org"] = "550 no"
    post.put()
    post.send()
    refuse.clear()
    assert post.send() == "0/0/0/0"
    assert outbox.retry(post.db) == 1
    assert post.send() == "1/0/0/0"


def test_without_a_server_mail_waits_and_it_is_said_why(post: Post) -> None:
    post.put()
    missing = send_waiting(post.db, replace(post.settings, smtp_url=""), NOON)
    assert (missing.waiting, "KB_SMTP_URL" in missing.problem) == (1, True)
    unnamed = send_waiting(post.db, replace(post.settings, base_url=""), NOON)
    assert (unnamed.waiting, "KB_BASE_URL" in unnamed.problem) == (1, True)
    closed = f"smtp://127.0.0.1:{mailserver.free_port()}"
    gone = send_waiting(post.db, replace(post.settings, smtp_url=closed), NOON)
    assert (gone.waiting, "没有接上" in gone.problem) == (1, True)
    assert post.send() == "1/0/0/0"


def test_a_cancelled_mail_is_not_sent(post: Post) -> None:
    post.put(1)
    post.put(2)
    outbox.forget(post.db, "member1@example.org", "test:")
    assert post.send() == "1/0/0/0"
    assert [mail.to for mail in post.received] == ["member2@example.org"]


@pytest.mark.parametrize("subject", ["两行\r\nBcc: other@example.org", "控制\x00符", "长" * 300])
def test_a_subject_stays_one_header_whatever_is_in_it(post: Post, subject: str) -> None:
    post.put(subject=subject)
    assert post.send() == "1/0/0/0"
    (mail,) = post.received
    assert mail.message["Bcc"] is None
    assert "\n" not in mail.subject


def test_an_address_that_no_mail_can_go_to_fails_alone(post: Post) -> None:
    post.put(1, to="not an address")
    post.put(2)
    assert post.send() == "1/0/1/0"


def test_the_same_row_has_the_same_message_id_and_another_row_another(post: Post) -> None:
    post.put(1)
    post.put(2)
    post.put(1, to="member2@example.org")
    post.send()
    assert len({mail.id for mail in post.received}) == 3
    post.db.execute("UPDATE outbox SET state = 'waiting', text = 'x' WHERE key = 'test:1'")
    post.send()
    assert len({mail.id for mail in post.received}) == 3


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "smtp")),
        ("smtp+starttls://u:p@mail.example.org", ("mail.example.org", 587, "smtp+starttls")),
        ("smtps://u:p%40ss@mail.example.org:2465", ("mail.example.org", 2465, "smtps")),
    ],
)
def test_the_address_of_the_server_says_how_to_talk_to_it(
    settings: Settings, url: str, right: tuple[str, int, str]
) -> None:
    ready = replace(settings, smtp_url=f"{url}?from=a@example.org", base_url="https://kb.example.org")
    server = server_of(ready)
    assert (server.host, server.port, server.scheme) == right
    assert server.sender == "a@example.org"
    assert "p@ss" not in repr(server) + repr(ready)


@pytest.mark.parametrize(
    ("url", "sender", "word_in_it"),
    [
        ("mail.example.org", "a@example.org", "KB_SMTP_URL"),
        ("smtp://:99999", "a@example.org", "KB_SMTP_URL"),
        ("http://mail.example.org", "a@example.org", "KB_SMTP_URL"),
        ("smtp://mail.example.org:25", "", "KB_MAIL_FROM"),
        ("smtp://u:p@mail.example.org", "a@example.org", "加密"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    settings: Settings, url: str, sender: str, word_in_it: str
) -> None:
    ready = replace(settings, smtp_url=url, mail_from=sender, base_url="https://kb.example.org")
    with pytest.raises(KbError, match=word_in_it):
        server_of(ready)


def test_addresses_are_masked_where_staff_see_them() -> None:
    assert outbox.masked("zhang.san@example.org") == "z…@e….org"
    assert outbox.masked("x") == "x…"


# -- conversations that end, and settings of ours --------------------------------------------------


class Awkward(mailserver.Keeper):
    """Hangs up on a recipient, at their name or over their text, and may not have us at all."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.hang_up_at_name = self.hang_up_over_text = self.sender = ""

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.hang_up_at_name:
            _hang_up(server)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up_over_text in envelope.rcpt_tos:
            _hang_up(server)
            return "250 kept"
        return await super().handle_DATA(server, session, envelope)


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.close()


@pytest.fixture
def awkward(tmp_path: Path) -> Iterator[tuple[Awkward, str]]:
    keeper = Awkward(tmp_path / "awkward")
    controller = Controller(keeper, hostname="127.0.0.1", port=mailserver.free_port())
    controller.start()
    yield keeper, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def stubborn(post: Post, awkward: tuple[Awkward, str]) -> tuple[Post, Awkward]:
    keeper, url = awkward
    return replace(post, settings=replace(post.settings, smtp_url=url), folder=keeper.folder), keeper


@pytest.mark.parametrize("where", ["hang_up_at_name", "hang_up_over_text"])
def test_a_mail_over_which_the_server_hangs_up_lets_the_others_go_first(
    stubborn: tuple[Post, Awkward], where: str
) -> None:
    post, server = stubborn
    setattr(server, where, "member1@example.org")
    for number in (1, 2, 3):
        post.put(number)
    assert post.send() == "0/0/0/3"
    assert post.send() == "2/0/0/1"
    assert post.send(NOON + timedelta(seconds=59)) == "0/0/0/1"
    setattr(server, where, "")
    assert post.send(NOON + timedelta(seconds=60)) == "1/0/0/0"


def test_a_mail_that_may_have_arrived_three_times_has_failed(stubborn: tuple[Post, Awkward]) -> None:
    post, server = stubborn
    server.hang_up_over_text = "member1@example.org"
    post.put()
    for day in range(3):
        post.send(NOON + timedelta(days=day))
    (row,) = outbox.listed(post.db, "failed")
    assert "不知道对方收到没有" in row.said
    assert row.doubts == outbox.DOUBTS
    assert post.send(NOON + timedelta(days=9)) == "0/0/0/0"


def test_a_mail_whose_sender_was_killed_over_it_three_times_has_failed(post: Post) -> None:
    post.put()
    for _kill in range(3):
        mail = outbox.claim(post.db, NOON)
        assert mail
        assert outbox.hand(post.db, mail)
        outbox.recover(post.db, "不知道")
    (row,) = outbox.listed(post.db, "failed")
    assert row.said == "不知道"
    outbox.retry(post.db)
    claimed = outbox.claim(post.db, NOON)
    assert claimed
    outbox.recover(post.db, "不知道")
    assert outbox.counts(post.db)["waiting"] == 1


@pytest.mark.parametrize("said", ["550 no such sender", "530 log in first", "451 not now"])
def test_a_server_that_will_not_have_our_sender_ends_the_run_and_no_mail_is_to_blame(
    stubborn: tuple[Post, Awkward], said: str
) -> None:
    post, server = stubborn
    server.sender = said
    post.put(1)
    post.put(2)
    report = send_waiting(post.db, post.settings, NOON)
    assert (report.sent, report.failed, report.waiting) == (0, 0, 2)
    assert said in report.problem
    assert "KB_MAIL_FROM" in report.problem
    server.sender = ""
    assert post.send() == "2/0/0/0"


@pytest.mark.parametrize("code", [530, 535, 538])
def test_a_server_that_wants_us_to_log_in_refuses_no_mail(
    post: Post, refuse: dict[str, str], code: int
) -> None:
    refuse["member1@example.org"] = f"{code} authentication required"
    post.put(1)
    report = send_waiting(post.db, post.settings, NOON)
    assert (report.failed, report.waiting) == (0, 1)
    assert str(code) in report.problem


def test_the_server_has_ten_minutes_to_answer_for_a_text_and_half_a_one_for_the_rest(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    asked = smtplib.SMTP.getreply

    def noted(smtp: smtplib.SMTP) -> tuple[int, bytes]:
        waits.append(smtp.sock.gettimeout() if smtp.sock else None)
        return asked(smtp)

    monkeypatch.setattr(smtplib.SMTP, "getreply", noted)
    post.put()
    assert post.send() == "1/0/0/0"
    assert waits.count(600.0) == 1
    assert set(waits) == {30.0, 600.0}
