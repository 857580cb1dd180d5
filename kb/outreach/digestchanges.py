"""What changed in a period, in words: ends that later documents moved, fields that we rewrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from kb.domain.differences import differences
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import Step, timeline
from kb.outreach.until import about
from kb.store import digests, entries, history
from kb.store.database import Database

FIELDS = 6
"""Most fields that are named as rewritten."""
_BY_THE_WAY = ("verified", "sources", "aliases", "needs", "attachments", "body")
"""Fields whose change is no news to members."""


def ends_moved_in(
    entry_id: str,
    timelines: Iterable[Iterable[Step]],
    since: date,
    day: date,
    added: frozenset[str] = frozenset(),
) -> bool:
    """Whether another document moved an end of the entry from ``since`` to ``day``.

    Also by a document from before, if it is one of ``added``: those that the library has had only since.
    """
    return any(
        step.because != entry_id and _is_news(step, since, day, added)
        for steps in timelines
        for step in steps
    )


def _is_news(step: Step, since: date, day: date, added: frozenset[str]) -> bool:
    return step.known_on <= day and (since <= step.known_on or step.because in added)


def changes_in_words(db: Database, entry_id: str, since: date, day: date, after: str = "") -> tuple[str, ...]:
    """``到期日 2020-06-30 → 2020-12-31，因 银保监发〔2020〕29号``, each once.

    Where the reliefs moved differently each is named before. With the moment ``after`` (UTC) also what a
    document from before ``since`` did that was first published here after it.
    """
    held = entries.get(db, entry_id)
    if held is None or held.state != "published":
        return ()
    amendments = entries.amendments_to(db, entry_id)
    added = digests.added_since(db, after) if after else frozenset()
    reliefs = held.entry.reliefs or (None,)
    told = {
        one.title if one else "": tuple(
            _moved(db, before, after_)
            for before, after_ in pairwise(timeline(held.entry, one, amendments))
            if after_.because != entry_id and before.end != after_.end and _is_news(after_, since, day, added)
        )
        for one in reliefs
    }
    told = {name: words for name, words in told.items() if words}
    if len(set(told.values())) == 1 and len(told) == len(reliefs):
        return next(iter(told.values()))
    return tuple(f"{name}：{words}" if name else words for name, all_ in told.items() for words in all_)


def _moved(db: Database, before: Step, after: Step) -> str:
    return f"到期日 {_end(before)} → {_end(after)}，因 {_named(db, after.because)}"


def _end(step: Step) -> str:
    if step.end:
        return about(step.end.isoformat(), step.inferred)
    return {"long_term": "长期有效", "ended": "已失效"}.get(step.end_kind, "未写截止日")


def _named(db: Database, entry_id: str) -> str:
    held = entries.get(db, entry_id)
    if held is None:
        return "后来的文件"
    return held.entry.doc_number or f"《{held.entry.title}》"


def edited_fields(db: Database, entry_id: str, after: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The names of the fields that our versions since the moment ``after`` (UTC) changed; none for new ones.

    What only concerns our checking, or how things are found, is left out.
    """
    versions = history.versions_of(db, entry_id)
    before = next((one for one in versions if one.published_at <= after), None)
    if before is None or before is versions[0]:
        return ()
    found = differences(history.as_data(before.entry), history.as_data(versions[0].entry), taxonomy)
    names = dict.fromkeys(one.label for one in found if one.path[0] not in _BY_THE_WAY)
    return tuple(names)[:FIELDS]
