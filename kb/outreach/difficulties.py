"""The mails about a difficulty. They carry nothing of what was told, answered or rewritten, and no link."""

from __future__ import annotations

from kb.domain.difficulty import Difficulty
from kb.outreach.message import UNSET, caveat


def answered_mail(held: Difficulty, organiser: str) -> tuple[str, str] | None:
    """Subject and text of the word that there is an answer; ``None`` where the contact takes no mail."""
    told = f"您向{organiser or UNSET}反映的第 {held.id} 件困难有答复了。"
    said = "为了保密，这封邮件不写困难和答复的内容，也不带链接。"
    return _mail(held, "您反映的困难有答复了", (told, said), organiser)


def proposed_mail(held: Difficulty, organiser: str) -> tuple[str, str] | None:
    """Subject and text of the word that consent to a rewrite is asked; ``None`` as above."""
    told = f"您向{organiser or UNSET}反映的第 {held.id} 件困难，秘书处改写了一段文字，想征求您的同意再公开。"
    said = "同意不同意都由您定，不同意就不公开。为了保密，这封邮件不写困难和文字的内容，也不带链接。"
    return _mail(held, "请您看一段文字能不能公开", (told, said), organiser)


def _mail(held: Difficulty, subject: str, told: tuple[str, str], organiser: str) -> tuple[str, str] | None:
    if not held.mail:
        return None
    first, said = told
    lines = (
        "您好：",
        first,
        f"请用提交时保存的私密链接查看。{said}",
        "链接找不到了，请直接和协会联系。",
        "",
        caveat(organiser),
    )
    return subject, "\n".join(lines)
