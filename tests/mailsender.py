"""Sends what waits, in children that can be killed: ``python -m tests.mailsender HOME URL``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from kb.config import Settings
from kb.outreach.mail import send_waiting
from kb.store.database import open_database
from tests.forks import fork_for_each_line, ready

SENDER = "notice@kb.example.org"


def settings_of(home: Path, url: str) -> Settings:
    """What is needed to send."""
    return Settings(home, home, smtp_url=url, mail_from=SENDER, base_url="https://kb.example.org")


def send(_line: str) -> None:
    settings = settings_of(Path(sys.argv[1]), sys.argv[2])
    with closing(open_database(settings.database)) as db:
        ready()
        send_waiting(db, settings)


if __name__ == "__main__":
    fork_for_each_line(send)
