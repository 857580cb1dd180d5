"""Settings from ``KB_*`` environment variables, read once into one frozen value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kb.errors import KbError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Where state and policies live, and what this installation is called.

    ``today`` replaces the current day (tests); ``base_url`` is the public address for links that
    leave the site; ``rate_limit`` is in Flask-Limiter's notation; ``trusted_proxy`` the address of a
    web server in front whose X-Forwarded headers are believed; ``contact`` whom other sites may write
    to about our visits.
    """

    home: Path
    policies: Path
    today: date | None = None
    base_url: str = ""
    rate_limit: str = "120 per minute"
    organiser: str = ""
    phone: str = ""
    filing_number: str = ""
    trusted_proxy: str = ""
    contact: str = ""

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
        organiser=environ.get("KB_ORGANISER", ""),
        phone=environ.get("KB_PHONE", ""),
        filing_number=environ.get("KB_FILING_NUMBER", ""),
        trusted_proxy=environ.get("KB_TRUSTED_PROXY", ""),
        contact=environ.get("KB_CONTACT", ""),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise KbError(f"KB_TODAY 要写成 2026-11-22 这样的日期，现在是 {text!r}") from error
