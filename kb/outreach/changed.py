"""What became of an entry since somebody was last told of it, in words."""

from __future__ import annotations

from collections.abc import Iterator

from kb.domain.alert import End, Moved, Stand, moved, stand_of
from kb.domain.differences import Difference, differences
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.outreach.message import shortened
from kb.search.record import Record, Row
from kb.store import entries, history, naming
from kb.store.database import Database
from kb.store.entries import Published
from kb.store.history import Event

LONGEST = 80
MOST = 8
_OURS = frozenset({"aliases", "doc_number_candidate", "known_on", "needs"})
"""Fields that help finding and say nothing new to a reader."""
_NONE = "（无）"


def present_stand(db: Database, held: Published) -> Stand:
    """How a published entry stands now."""
    return stand_of(held.entry, held.version.number, entries.amendments_to(db, held.entry.id))


def stand_of_record(record: Record) -> Stand:
    """How an entry stood when it was last indexed, without reading the store."""
    return Stand(record.version, tuple(_end(row) for row in record.rows))


def _end(row: Row) -> End:
    last = row.steps[-1]
    title = row.title if row.relief else ""
    return End(row.relief or "", title, last.end, last.end_kind, last.because, last.inferred)


def change_lines(
    db: Database, entry: Entry, before: Stand, after: Stand, taxonomy: Taxonomy
) -> tuple[str, ...]:
    """``到期日 2020-06-30 → 2020-12-31，因 人社部发〔2020〕49号``, one line a change that a reader cares for.

    None where only our own notes changed, as after a check that found nothing new.
    """
    ends = moved(before, after)
    lines = [_end_line(db, entry, before, one) for one in ends]
    lines += [_line(one) for one in _differences(db, entry, before, taxonomy) if not (ends and _is_end(one))]
    rest = len(lines) - MOST
    return (*lines[:MOST], f"另有 {rest} 处改动，见网页") if rest > 0 else tuple(lines)


def _end_line(db: Database, entry: Entry, before: Stand, one: Moved) -> str:
    line = _end_words(db, entry, before, one)
    return f"{line}（{one.title}）" if one.title else line


def _end_words(db: Database, entry: Entry, before: Stand, one: Moved) -> str:
    """Both days, and the notice that moved them or no longer does."""
    line = f"到期日 {one.before or _NONE} → {one.after or _NONE}"
    if one.because != entry.id:
        return f"{line}，因 {name_of(db, one.because)}"
    others = {end.because for end in before.ends} - {entry.id}
    return f"{line}，因 {name_of(db, min(others))} 不再这样写" if others else line


def change_subject(db: Database, entry: Entry, before: Stand, after: Stand, lines: tuple[str, ...]) -> str:
    """The change of most weight, without the names of reliefs."""
    ends = moved(before, after)
    return _end_words(db, entry, before, ends[0]) if ends else lines[0]


def name_of(db: Database, entry_id: str) -> str:
    """An entry's document number, or its title where it has none; the id of what is not held."""
    held = entries.get(db, entry_id)
    return (held.entry.doc_number or f"《{held.entry.title}》") if held else entry_id


def _differences(db: Database, entry: Entry, before: Stand, taxonomy: Taxonomy) -> Iterator[Difference]:
    data = naming.data_of(db, entry.id, before.version)
    for one in differences(data, history.as_data(entry), taxonomy) if data else ():
        if not _is_ours(one):
            yield one


def _is_ours(one: Difference) -> bool:
    return one.path[0] in _OURS or (one.path[0] == "verified" and "doubts" not in one.path)


def _is_end(one: Difference) -> bool:
    return one.path[-1] in ("end", "end_kind")


def event_lines(db: Database, event: Event) -> tuple[str, ...]:
    """What an event of an entry's history means to a reader; none where only our own notes changed."""
    if event.action == "withdraw":
        return ("已从本库撤下，不要再据此办理",)
    if event.action == "merge":
        return (f"已并入 {name_of(db, event.because)}",)
    if event.action == "amend":
        because = f"，因 {name_of(db, event.because)}"
        return tuple(
            f"{one.label} {one.before or _NONE} → {one.after or _NONE}{because}" for one in event.changes
        )
    if event.number == 1:
        return ("收入本库",)
    if event.back:
        return ("重新发布",)
    return tuple(_line(one) for one in event.changes if not _is_ours(one))


def _line(one: Difference) -> str:
    before, after = (shortened(" ".join(text.split()), LONGEST) or _NONE for text in (one.before, one.after))
    return f"{one.label}：{before} → {after}"
