"""One round of the post: what changed becomes notices, what is due becomes mail, what waits is sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, time

from kb.config import Settings
from kb.domain.dates import SHANGHAI
from kb.errors import KbError
from kb.outreach.alerts import Ground
from kb.outreach.gathering import gather
from kb.outreach.mail import Report, send_waiting, server_of
from kb.outreach.notices import follow, remind
from kb.store import told
from kb.store.database import writing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """What a round did: notices made of changes, reminders, mails put into the outbox, and the sending.

    ``held`` is how many notices are in no mail yet, ``problem`` why making them ended early.
    """

    notices: int
    reminders: int
    mails: int
    report: Report = field(default_factory=Report)
    held: int = 0
    problem: str = ""


class _Undone(Exception):  # noqa: N818 - it is not an error
    """Ends a rehearsal, so that nothing of it is kept."""


def moment_of(settings: Settings) -> datetime:
    """This moment in Shanghai, or noon of the day that ``KB_TODAY`` says."""
    if settings.today:
        return datetime.combine(settings.today, time(12), SHANGHAI)
    return datetime.now(SHANGHAI)


def post(ground: Ground, settings: Settings, moment: datetime) -> Round:
    """Make the mail that is due at ``moment``, an aware time in Shanghai, and send what waits.

    What waits is sent whatever becomes of the making.
    """
    made, problem = (0, 0, 0), ""
    try:
        made = _made(ground, settings, moment)
    except Exception as error:  # whatever it is, it is told, and the mail that waits is not to blame
        log.debug("making mail failed", exc_info=True)
        problem = str(error) if isinstance(error, KbError) else type(error).__name__
    report = send_waiting(ground.db, settings)
    return Round(*made, report, told.count_waiting(ground.db), problem)


def _made(ground: Ground, settings: Settings, moment: datetime) -> tuple[int, int, int]:
    """Without a server no mail is written: it would be stale when there is one."""
    made, reminded = follow(ground), remind(ground, moment)
    return made, reminded, gather(ground, moment, settings.organiser) if _can_send(settings) else 0


def _can_send(settings: Settings) -> bool:
    try:
        server_of(settings)
    except KbError:
        return False
    return True


def rehearse(ground: Ground, settings: Settings, moment: datetime) -> Round:
    """What :func:`post` would make now; nothing is kept and nothing sent."""
    made = (0, 0, 0)
    try:
        with writing(ground.db):
            made = _made(ground, settings, moment)
            raise _Undone
    except _Undone:
        return Round(*made)
