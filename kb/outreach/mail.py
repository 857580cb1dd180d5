"""Sending what waits in the outbox by SMTP. Addresses are never logged.

A mail is claimed, offered to the server, and noted as being handed over just before its text goes; it is
sent when the server has answered for it. Only a death between the text and our note of the answer leaves a
doubt: then it is sent again with the same Message-ID and the row counts it.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from filelock import FileLock, Timeout

from kb.config import Settings
from kb.domain.alert import address_of
from kb.errors import KbError
from kb.store import outbox
from kb.store.database import Database
from kb.store.outbox import Mail
from kb.store.private import filled
from kb.store.secret import secret_key

TIMEOUT_SECONDS = 30.0
ANSWER_SECONDS = 600.0
"""A server may take long over a text it has (RFC 5321); who gives up early sends it twice."""
WAITS = (1, 5, 15, 60, 240, 720, 1440, 1440)
"""Minutes until a mail that was refused for a time is tried again; after the last it has failed."""
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
UNKNOWN = "不知道对方收到没有：几次都是信交出去以后断线，没有等到答复"
"""Why a mail has failed that may have arrived every time."""
OURS = frozenset({530, 535, 538})
"""A server asks us to log in or to encrypt: a setting of ours, whatever mail it was about."""
LONGEST_ADDRESS = 900
SHOWN = 200
"""The most characters kept of what a server says."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
Fate = Literal["sent", "put_off", "failed"]


@dataclass(frozen=True)
class Server:
    """The server that takes our mail, and whom the mail is from."""

    host: str
    port: int
    scheme: str
    sender: str
    name: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Report:
    """What a run did. ``problem`` is why it ended early or never began, ``waiting`` what is left."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    waiting: int = 0
    problem: str = ""


class _LostError(Exception):
    """The conversation cannot go on; the mail it was about waits again."""


class _OursError(Exception):
    """The server will not have us, whatever the mail: a setting of ours."""


def server_of(settings: Settings) -> Server:
    """The server that the settings name; :class:`KbError` says which setting is missing or makes no sense."""
    missing = missing_setting(settings)
    if missing:
        raise KbError(missing)
    url = urlsplit(settings.smtp_url)
    sender = settings.mail_from or parse_qs(url.query).get("from", [""])[0]
    try:
        port = url.port or PORTS.get(url.scheme, 0)
    except ValueError:
        port = 0
    if not port or not url.hostname:
        raise KbError("KB_SMTP_URL 要写成 smtp://主机:端口、smtp+starttls://… 或 smtps://用户:密码@主机:端口")
    if address_of(sender) is None:
        raise KbError("发件地址没有设或不对：请设 KB_MAIL_FROM，如 notice@example.org")
    if url.username and url.scheme == "smtp" and url.hostname not in _LOCAL:
        raise KbError("KB_SMTP_URL 带了密码却不加密：请改用 smtp+starttls:// 或 smtps://")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return Server(url.hostname, port, url.scheme, sender, settings.organiser, user, password)


def missing_setting(settings: Settings) -> str:
    """Why nothing can be sent, and what to set; nothing if all is there."""
    if not settings.smtp_url:
        return "还没有设 KB_SMTP_URL，邮件在排队，设好后会自动发出"
    if not settings.base_url:
        return "还没有设 KB_BASE_URL，邮件里的链接没有网址，邮件在排队"
    return ""


# -- a run -----------------------------------------------------------------------------------------


def send_waiting(db: Database, settings: Settings, moment: datetime | None = None) -> Report:
    """Send what may be sent at ``moment`` (default now), one run at a time on this machine.

    Without settings, or while another run is at it, nothing is sent and the report says why.
    """
    at = moment or datetime.now(UTC)
    try:
        server = server_of(settings)
        with FileLock(settings.home / "mail.lock", timeout=0):
            outbox.recover(db, UNKNOWN)
            return _run(db, server, settings, at)
    except Timeout:
        return Report(problem="另一个进程正在发信", waiting=_waiting(db))
    except KbError as error:
        return Report(problem=str(error), waiting=_waiting(db))


def _waiting(db: Database) -> int:
    held = outbox.counts(db)
    return held["waiting"] + held["claimed"] + held["handing"]


def _run(db: Database, server: Server, settings: Settings, at: datetime) -> Report:
    fates: list[Fate] = []
    problem, key = "", secret_key(settings.secret)
    if outbox.is_anything_due(db, at):
        try:
            with _connected(server) as smtp:
                while mail := outbox.claim(db, at):
                    fates.append(_deliver(db, smtp, server, _filled(mail, key, settings.base_url), at))
        except _OursError as error:
            problem = f"发信服务器不让我们发，请核对 KB_SMTP_URL 和 KB_MAIL_FROM：{error}"
        except (_LostError, OSError, smtplib.SMTPException) as error:
            problem = f"发信服务器没有接上或断开了：{_told(error)}"
    counted = {fate: fates.count(fate) for fate in ("sent", "put_off", "failed")}
    return Report(**counted, waiting=_waiting(db), problem=problem)


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A conversation with the server, over TLS where the address says so."""
    kind, context = server.scheme, ssl.create_default_context()
    if kind == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if kind == "smtp+starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    finally:
        smtp.close()


def _deliver(db: Database, smtp: smtplib.SMTP, server: Server, mail: Mail, at: datetime) -> Fate:
    """Offer one claimed mail to the server and note what became of it.

    :class:`_LostError` where the connection ended; the mail then waits again.
    """
    try:
        data = bytes_of(mail, server)
    except (ValueError, UnicodeError, LookupError) as error:
        outbox.failed(db, mail, f"这封信写不成：{_CONTROLS.sub(' ', str(error))[:SHOWN]}")
        return "failed"
    try:
        refused = _envelope(smtp, server, mail)
        if refused:
            smtp.rset()
            return _refused(db, mail, *refused, at)
    except _OursError as error:
        outbox.give_back(db, mail, str(error))
        raise
    except (OSError, smtplib.SMTPException) as error:
        outbox.put_off(db, mail, _told(error), _next(mail, at))
        raise _LostError(_told(error)) from error
    if not outbox.hand(db, mail):
        raise _LostError("这封信刚被取消")
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
        code, said = _last_answer(smtp)
    except (OSError, smtplib.SMTPException) as error:
        outbox.doubt(db, mail, _told(error), UNKNOWN, _next(mail, at))
        raise _LostError(_told(error)) from error
    if code != 250:
        return _refused(db, mail, code, said, at)
    outbox.sent(db, mail)
    return "sent"


def _last_answer(smtp: smtplib.SMTP) -> tuple[int, bytes]:
    """What the server says of a text it has, with all the time it may take."""
    if smtp.sock:
        smtp.sock.settimeout(ANSWER_SECONDS)
    answer = smtp.getreply()
    if smtp.sock:
        smtp.sock.settimeout(TIMEOUT_SECONDS)
    return answer


def _next(mail: Mail, at: datetime) -> datetime:
    """When a mail is tried again whose conversation ended: others go first."""
    return at + timedelta(minutes=WAITS[min(mail.tries, len(WAITS) - 1)])


def _envelope(smtp: smtplib.SMTP, server: Server, mail: Mail) -> tuple[int, bytes] | None:
    """Name sender and recipient and ask to send; what the server said where it would not have the mail.

    :class:`_OursError` where it would not have us.
    """
    code, said = smtp.docmd(f"MAIL FROM:<{server.sender}>")
    if code != 250:
        raise _OursError(f"{code} {_told(said.decode('utf-8', 'replace'))}")
    steps = ((250, f"RCPT TO:<{mail.recipient}>"), (354, "DATA"))
    for right, command in steps:
        code, said = smtp.docmd(command)
        if code != right and not (right == 250 and code == 251):
            return code, said
    return None


def _refused(db: Database, mail: Mail, code: int, said: bytes, at: datetime) -> Fate:
    """Note a refusal: for good (5xx), or for a time, after which it is tried again less and less often."""
    words = f"{code} {_told(said.decode('utf-8', 'replace'))}"
    if code in OURS:
        outbox.give_back(db, mail, words)
        raise _OursError(words)
    if code == 421:
        outbox.put_off(db, mail, words, _next(mail, at))
        raise _LostError(words)
    if code >= 500 or mail.tries >= len(WAITS):
        outbox.failed(db, mail, words)
        return "failed"
    outbox.put_off(db, mail, words, at + timedelta(minutes=WAITS[mail.tries]))
    return "put_off"


def _told(said: object) -> str:
    """What a server or the system said, on one line, without addresses."""
    text = _CONTROLS.sub(" ", str(said)).strip() or type(said).__name__
    return _ADDRESS.sub("…", text)[:SHOWN]


# -- a message -------------------------------------------------------------------------------------


def _filled(mail: Mail, key: bytes, base_url: str) -> Mail:
    """The mail with its private links."""
    texts = {name: filled(getattr(mail, name), key, base_url) for name in ("text", "html", "unsubscribe")}
    return Mail(**{**vars(mail), **texts})


def bytes_of(mail: Mail, server: Server) -> bytes:
    """The message as it goes over the wire: plain text, HTML beside it, one click to unsubscribe where one
    subscribed.

    The same row always has the same Message-ID. :class:`ValueError` where a header cannot be written.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(server.name or "通信企业惠企政策库", addr_spec=server.sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = _CONTROLS.sub(" ", mail.subject)
    message["Date"] = format_datetime(datetime.fromisoformat(mail.made_at))
    message["Message-ID"] = message_id(mail, server.sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="base64")
    return _one_click(mail.unsubscribe) + message.as_bytes()


def _one_click(address: str) -> bytes:
    """The headers of RFC 8058, on one line each: folded, some mailboxes do not find them."""
    if not address:
        return b""
    if _CONTROLS.search(address) or len(address) > LONGEST_ADDRESS:
        raise ValueError("退订地址不能用")
    line = f"List-Unsubscribe: <{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return line.encode("ascii")


def message_id(mail: Mail, sender: str) -> str:
    """``<…@domain>``, made of the row's key and recipient."""
    made = sha256(f"{mail.key}\n{mail.recipient}".encode()).hexdigest()[:32]
    return f"<{made}@{sender.rpartition('@')[2]}>"
