"""From notices to mail: what is due is put into words as things stand at that moment, and into the outbox.

A notice says how an entry stood when its reader last heard of it. What was taken back meanwhile, and
reminders of a day that has passed or moved, are told no more. Mail that waits and that surely nobody has is
taken back and written anew when the day or the library has changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from kb.domain.alert import End, Stand, What, is_due, moved, stand_from
from kb.domain.entry import Entry
from kb.outreach.alerts import Ground
from kb.outreach.changed import change_lines, change_subject, name_of, present_stand
from kb.outreach.letters import Item, letter, links_of, subject_of
from kb.outreach.message import LEAD, entry_audience, shortened
from kb.outreach.sheet import Sheet, sheet_on
from kb.outreach.until import about, checked_words, runs_words
from kb.store import entries, outbox, subscriptions, told
from kb.store.database import writing
from kb.store.entries import Published
from kb.store.outbox import Mail
from kb.store.told import Notice

ORDER: tuple[What, ...] = ("changed", "withdrawn", "reminder", "new")
"""What a mail tells first."""
TITLE = 18
"""The most characters of a title in a subject."""
ENDS = 300
"""Most characters for the ends of reliefs that differ."""
DOUBTFUL = "待核实"


@dataclass(frozen=True)
class Words:
    """One thing told, in words."""

    what: What
    subject: str
    item: Item


def gather(ground: Ground, moment: datetime, organiser: str) -> int:
    """Put the notices that are due into the outbox, one mail for each subscriber; how many mails."""
    made = 0
    with writing(ground.db):
        as_of = f"{told.cursor(ground.db)} {ground.today.isoformat()}"
        before = told.recall(ground.db, as_of)
        speaker = _Speaker(ground)
        for owner, notices in groupby(told.waiting(ground.db), lambda one: one.subscriber):
            due = _due(list(notices), moment)
            if due:
                made += _mail(speaker, owner, due, organiser, as_of, before.get(owner))
    return made


def _due(notices: Sequence[Notice], moment: datetime) -> list[list[Notice]]:
    """The notices to be told now, together those of one entry, or of one day that it ends on.

    Where one of them is due the others are told with it.
    """
    groups: dict[tuple[str, str], list[Notice]] = {}
    for one in notices:
        groups.setdefault((one.entry, str(one.body.get("day", ""))), []).append(one)
    return [
        group for group in groups.values() if any(is_due(one.frequency, one.made_on, moment) for one in group)
    ]


def _mail(
    speaker: _Speaker, owner: int, groups: list[list[Notice]], organiser: str, as_of: str, before: Mail | None
) -> bool:
    """The mail of one subscriber; none where nothing of it is still to be told."""
    db = speaker.ground.db
    address = told.owner(db, owner)
    names, why, said = subscriptions.names_of(db, owner), list[str](), list[Words]()
    for group in groups:
        mine = [names[number] for one in group for number in one.body.get("subs", ()) if number in names]
        words = speaker.words(group) if mine else None
        if words:
            why += mine
            said.append(words)
    notices = [one for group in groups for one in group]
    key = f"{subscriptions.MAIL}{owner}:{max(one.id for one in notices)}" if said and address else ""
    told.mailed(db, notices, key, as_of)
    if not key or address is None:
        return False
    said.sort(key=lambda one: ORDER.index(one.what))
    subject, links = subject_of([one.subject for one in said]), links_of(address[1])
    made = letter(subject, [one.item for one in said], why, organiser, links)
    texts = {"subject": made.subject, "text": made.text, "html": made.html, "unsubscribe": made.unsubscribe}
    done = outbox.put(db, key=key, to=address[0], **texts)
    if before:
        outbox.keep_off(db, key, address[0], before)
    return done


class _Speaker:
    """Puts notices into words, the same ones once however many are told them."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._said: dict[str, Words | None] = {}

    def words(self, group: Sequence[Notice]) -> Words | None:
        """What there is to tell of one entry now; ``None`` if nothing is left of it."""
        first = group[0]
        about_it = {name: value for name, value in first.body.items() if name != "subs"}
        reliefs = sorted({relief for one in group for relief in one.body.get("reliefs", ())})
        key = json.dumps([first.entry, bool(first.reminder), about_it, reliefs], ensure_ascii=False)
        if key not in self._said:
            self._said[key] = (
                self._reminder(first, reliefs) if first.reminder else self._change(first.entry, first.body)
            )
        return self._said[key]

    def _change(self, entry_id: str, body: Mapping[str, object]) -> Words | None:
        """From how the entry stood when it was last told of to how it stands now."""
        ground, given = self.ground, body.get("before")
        before = stand_from(given) if isinstance(given, dict) else None
        held = entries.get(ground.db, entry_id)
        if held is None or held.state != "published":
            return _gone(ground, entry_id, held) if before else None
        sheet = sheet_on(ground.db, held, ground.today)
        if before is None:
            return _new(ground, held.entry, sheet)
        return _changed(ground, held, before, sheet)

    def _reminder(self, notice: Notice, reliefs: Iterable[str]) -> Words | None:
        """Of an end that is still that day; ``None`` where it has passed or moved, or may not be shown."""
        ground, day = self.ground, date.fromisoformat(notice.body["day"])
        held = entries.get(ground.db, notice.entry)
        if held is None or held.state != "published" or day < ground.today:
            return None
        ends, wanted = present_stand(ground.db, held).ends, frozenset(reliefs)
        mine = [end for end in ends if end.day == day and end.relief in wanted]
        if not mine or "status" in held.entry.verified.doubts:
            return None
        return _ending(ground, held.entry, mine, len(mine) < len(ends))


def _gone(ground: Ground, entry_id: str, held: Published | None) -> Words:
    into = held.merged_into if held else None
    what = f"已并入 {name_of(ground.db, into)}" if into else "已从本库撤下，不要再据此办理"
    title = held.entry.title if held else entry_id
    return _words("withdrawn", entry_id, title, f"《{shortened(title, TITLE)}》{what}", [what])


def _new(ground: Ground, entry: Entry, sheet: Sheet | None) -> Words:
    lines = [
        entry.promise,
        f"谁能享受：{entry_audience(entry, ground.terms.taxonomy)}",
        f"到什么时候：{_until(sheet)}" if sheet else f"{entry.known_on.isoformat()} 公布",
        f"文号：{entry.doc_number}" if entry.doc_number else "",
        *_doubts(ground, entry),
    ]
    marked = f"（{_mark(entry)}）" if _mark(entry) else ""
    return _words("new", entry.id, entry.title, f"新的匹配{marked}：{entry.promise}", lines)


def _changed(ground: Ground, held: Published, before: Stand, sheet: Sheet | None) -> Words | None:
    entry, after = held.entry, present_stand(ground.db, held)
    lines = change_lines(ground.db, entry, before, after, ground.terms.taxonomy)
    if not lines:
        return None
    what = change_subject(ground.db, entry, before, after, lines)
    doubt = f"（{DOUBTFUL}）" if moved(before, after) and _is_period_doubtful(entry) else ""
    now = f"现在：{_until(sheet)}" if sheet else ""
    subject = f"《{shortened(entry.title, TITLE)}》{what}{doubt}"
    return _words("changed", entry.id, entry.title, subject, [*lines, now, *_doubts(ground, entry)])


def _ending(ground: Ground, entry: Entry, ends: Sequence[End], is_part: bool) -> Words:
    first = ends[0]
    left = ((first.day or ground.today) - ground.today).days
    when = f"还有 {left} 天到期" if left else "今天到期"
    doubt = DOUBTFUL if _is_period_doubtful(entry) else ""
    day = about(first.day.isoformat() if first.day else "", first.inferred)
    reliefs = "、".join(end.title for end in ends if end.title)
    lines = [
        f"{when}：{day}{f'（{doubt}）' if doubt else ''}",
        f"到期的事项：{reliefs}" if reliefs else "",
        "别的事项到期日不同，见网页" if is_part else "",
        entry.promise,
        *_doubts(ground, entry),
    ]
    which = f"{'部分事项' if is_part else ''}{'约' if first.inferred else ''}"
    dated = "，".join(part for part in (first.words, doubt) if part)
    lead = "线索，" if entry.is_lead else ""
    subject = f"{lead}《{shortened(entry.title, TITLE)}》{which}{when}（{dated}）"
    return _words("reminder", entry.id, entry.title, subject, lines)


def _words(what: What, entry_id: str, title: str, subject: str, lines: Iterable[str]) -> Words:
    return Words(what, subject, Item(title, tuple(line for line in lines if line), f"/entries/{entry_id}"))


def _until(sheet: Sheet) -> str:
    """Until when, by name where the reliefs differ; whatever is doubtful about it beside it."""
    words = runs_words(sheet.status, sheet.dated, ENDS, "见网页")
    doubt = f"（{DOUBTFUL}）" if _is_period_doubtful(sheet.entry) else ""
    return f"{words}{doubt}（{checked_words(sheet.status, sheet.entry.verified.confirmed_on)}）"


def _is_period_doubtful(entry: Entry) -> bool:
    return "period" in entry.verified.doubts


def _mark(entry: Entry) -> str:
    """That an entry is only a lead, or that something of it is not confirmed; in a subject."""
    if entry.is_lead:
        return LEAD
    if _is_period_doubtful(entry):
        return f"期限{DOUBTFUL}"
    return f"内容{DOUBTFUL}" if set(entry.verified.doubts) - {"doc_number"} else ""


def _doubts(ground: Ground, entry: Entry) -> list[str]:
    """That it is a lead, and the parts that are not confirmed."""
    labels = [ground.terms.taxonomy.doubts.label(key) for key in entry.verified.doubts if key != "doc_number"]
    parts = [LEAD] if entry.is_lead else []
    return [*parts, f"内容{DOUBTFUL}：{'、'.join(labels)}"] if labels else parts
