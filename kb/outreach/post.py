"""One round of the post: what changed becomes notices, what is due becomes mail, what waits is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from kb.config import Settings
from kb.domain.dates import SHANGHAI
from kb.outreach.alerts import Ground, gather
from kb.outreach.mail import Report, send_waiting
from kb.outreach.notices import follow, remind
from kb.store.database import writing


@dataclass(frozen=True)
class Round:
    """What a round did: notices made of changes, reminders, mails put into the outbox, and the sending."""

    notices: int
    reminders: int
    mails: int
    report: Report = field(default_factory=Report)


class _Undone(Exception):  # noqa: N818 - it is not an error
    """Ends a rehearsal, so that nothing of it is kept."""


def moment_of(settings: Settings) -> datetime:
    """This moment in Shanghai, or noon of the day that ``KB_TODAY`` says."""
    if settings.today:
        return datetime.combine(settings.today, time(12), SHANGHAI)
    return datetime.now(SHANGHAI)


def post(ground: Ground, settings: Settings, moment: datetime) -> Round:
    """Make the mail that is due at ``moment``, an aware time in Shanghai, and send what waits."""
    made = _made(ground, settings, moment)
    return Round(*made, send_waiting(ground.db, settings))


def _made(ground: Ground, settings: Settings, moment: datetime) -> tuple[int, int, int]:
    return follow(ground), remind(ground, moment), gather(ground, moment, settings.organiser)


def rehearse(ground: Ground, settings: Settings, moment: datetime) -> Round:
    """What :func:`post` would make now; nothing is kept and nothing sent."""
    made = (0, 0, 0)
    try:
        with writing(ground.db):
            made = _made(ground, settings, moment)
            raise _Undone
    except _Undone:
        return Round(*made)
