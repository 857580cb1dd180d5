"""What has happened to the items of an issue since its day: told beside them, computed for today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kb.domain.dates import in_words
from kb.domain.digest import MEMBER, Digest, Item
from kb.domain.timeline import StatusOn
from kb.outreach.digestchanges import changes_in_words
from kb.outreach.sheet import sheet_on
from kb.outreach.until import end_words
from kb.store import difficulties, entries
from kb.store.database import Database

TAKEN_BACK = "会员收回了公开的同意，这一条不再显示。"
REWRITTEN = "这一条的文字后来改过，会员同意的是改后的文字，这里不再显示原来的。"


def since_issue(db: Database, digest: Digest, today: date) -> dict[str, str]:
    """What is different today from what an issue says, in words by the item's key; nothing for the rest."""
    told = {one.key: _told(db, one, digest, today) for one in digest.items if one.is_entry}
    return {key: words for key, words in told.items() if words}


def _told(db: Database, item: Item, digest: Digest, today: date) -> str:
    held = entries.get(db, item.key)
    if held is None or held.state == "withdrawn":
        return "已撤下，请看条目页的说明"
    if held.state == "merged":
        return "已并入另一条目，请看条目页"
    sheet = sheet_on(db, held, today)
    if sheet is None:
        return ""
    moved = changes_in_words(db, item.key, digest.day + timedelta(days=1), today, digest.issued_at)
    standing = _standing(item, sheet.status, today, told=bool(moved))
    edited = "" if held.version.number == item.version or moved else "本库后来更新过内容，请看现在的详情"
    return "；".join(part for part in (*moved, standing or edited) if part)


def _standing(item: Item, status: StatusOn, today: date, *, told: bool) -> str:
    """How the end that the item names stands today; nothing while it stands as written, or as ``told``."""
    before = date.fromisoformat(item.end) if item.end else None
    if status.status == "expired" and item.status != "expired":
        return f"已于{end_words(status)}到期" if status.end else "已失效，日期不详"
    if status.end == before:
        return "时效待核实" if status.stale else ""
    if told:
        return ""
    if before and before < today:
        rest = "时效待核实" if status.stale else "请看现在的详情"
        return f"所写的到期日（{in_words(before)}）已过，其余{rest}"
    return f"到期日现为{end_words(status)}" if status.end else ""


def as_shown(db: Database, digest: Digest) -> Digest:
    """The issue without words that their member no longer agrees to; all of it where that is none."""
    return replace(digest, items=tuple(_shown(db, one) for one in digest.items))


def _shown(db: Database, item: Item) -> Item:
    if item.is_entry:
        return item
    held = difficulties.get(db, int(item.key))
    public = held.published if held else None
    if public and public.seal == item.seal:
        return item
    text = REWRITTEN if public else TAKEN_BACK
    return replace(item, place=MEMBER, heading="（已撤下）", text=text, seal="")
