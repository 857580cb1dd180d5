"""The text with which a survey round is sent round in a group chat."""

from __future__ import annotations

from datetime import date

from kb.domain import dates
from kb.outreach.message import LIMIT, caveat, shortened


def invitation_text(title: str, closes_on: date, address: str, organiser: str) -> str:
    """At most :data:`LIMIT` characters: what is asked, what is not, until when, the link, the caveat.

    Only the title gives way.
    """
    rest = (
        "手机上一分钟答完；不问企业名称和联系方式，只合起来统计。\n"
        f"截止：{dates.in_words(closes_on)}\n{address}\n{caveat(organiser)}"
    )
    room = LIMIT - len(rest) - len("【调查】\n")
    return f"【调查】{shortened(title, max(8, room))}\n{rest}"
