"""Settings from ``KB_*`` environment variables, read once into one frozen value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kb.errors import KbError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Where state and policies live, and what this installation is called.

    ``today`` replaces the current day (tests); ``base_url`` is the public address for links that
    leave the site; ``rate_limit``, and ``api_rate_limit`` for programs with a key, are in Flask-Limiter's
    notation; ``trusted_proxy`` the address of a web server in front whose X-Forwarded headers are
    believed; ``contact`` whom other sites may write to about our visits; ``smtp_url`` the server that
    takes our mail (it may hold a password, so it is never shown) and ``mail_from`` whom it is from;
    ``embed_hosts`` the sites that may show our search box in a frame.
    """

    home: Path
    policies: Path
    today: date | None = None
    base_url: str = ""
    rate_limit: str = "120 per minute"
    api_rate_limit: str = "600 per minute"
    organiser: str = ""
    phone: str = ""
    filing_number: str = ""
    trusted_proxy: str = ""
    contact: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    embed_hosts: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        return self.home / "kb.sqlite"

    @property
    def secret(self) -> Path:
        """The key that signs the sessions of staff."""
        return self.home / "secret"

    @property
    def index(self) -> Path:
        return self.home / "index"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; a value that makes no sense is an error that names the variable."""
    return Settings(
        home=Path(environ.get("KB_HOME") or "instance").absolute(),
        policies=Path(environ.get("KB_POLICIES") or ROOT / "policies").absolute(),
        today=_day(environ.get("KB_TODAY", "")),
        base_url=environ.get("KB_BASE_URL", "").rstrip("/"),
        rate_limit=environ.get("KB_RATE_LIMIT") or Settings.rate_limit,
        api_rate_limit=environ.get("KB_API_RATE_LIMIT") or Settings.api_rate_limit,
        organiser=environ.get("KB_ORGANISER", ""),
        phone=environ.get("KB_PHONE", ""),
        filing_number=environ.get("KB_FILING_NUMBER", ""),
        trusted_proxy=environ.get("KB_TRUSTED_PROXY", ""),
        contact=environ.get("KB_CONTACT", ""),
        smtp_url=environ.get("KB_SMTP_URL", ""),
        mail_from=environ.get("KB_MAIL_FROM", ""),
        embed_hosts=_hosts(environ.get("KB_EMBED_HOSTS", "")),
    )


_HOST = re.compile(r"(?:https?://)?(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")


def _hosts(text: str) -> tuple[str, ...]:
    """Names of hosts between commas or blanks, as a Content-Security-Policy takes them."""
    hosts = tuple(one.rstrip("/") for one in re.split(r"[\s,，、;；]+", text.lower()) if one)
    for one in hosts:
        if not _HOST.fullmatch(one):
            raise KbError(
                "KB_EMBED_HOSTS 要写成 www.example.org,https://hn.example.org 这样的网站名，不带路径，"
                f"现在有 {one!r}"
            )
    return hosts


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise KbError(f"KB_TODAY 要写成 2026-11-22 这样的日期，现在是 {text!r}") from error
