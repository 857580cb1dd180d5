"""The mail that says that a difficulty was answered. It carries nothing of what was told or answered."""

from __future__ import annotations

import re

from kb.domain.difficulty import Difficulty
from kb.outreach.message import UNSET, caveat

_MAIL = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def mail_address(contact: str) -> str:
    """The contact if it is one mail address and nothing else; else empty."""
    return contact if _MAIL.fullmatch(contact) else ""


def answered_mail(held: Difficulty, organiser: str) -> tuple[str, str] | None:
    """Subject and text of the word that there is an answer; ``None`` where the contact takes no mail."""
    if not mail_address(held.contact):
        return None
    lines = (
        "您好：",
        f"您向{organiser or UNSET}反映的第 {held.id} 件困难有答复了。",
        "请用提交时保存的私密链接查看。为了保密，这封邮件不写困难和答复的内容，也不带链接。",
        "链接找不到了，请直接和协会联系。",
        "",
        caveat(organiser),
    )
    return "您反映的困难有答复了", "\n".join(lines)
