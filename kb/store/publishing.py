"""Publishing a draft: the version, its change, its audit row and the draft's end in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.domain.entry import Entry
from kb.domain.taxonomy import Regions
from kb.domain.workflow import Actor, Draft, is_unreviewed, steps
from kb.errors import KbError
from kb.store import changes, drafts, entries, history, users
from kb.store.database import Database, writing
from kb.store.entries import Published, Version


class GoneError(KbError):
    """The entry was withdrawn or merged since the draft was begun: bringing it back is an act of its own."""


class StaleDraftError(KbError):
    """Another version was published since the draft was begun: compare, then publish."""


def publish_draft(
    db: Database, draft: Draft, entry: Entry, actor: Actor, reason: str, regions: Regions
) -> Version | None:
    """Publish ``entry``, which the draft's data read as; ``None`` if it says what is published already.

    :class:`StaleDraftError` where a version was published that the draft does not know; :class:`KbError`
    where the actor may not or the draft changed meanwhile.
    """
    with writing(db):
        alone = users.is_alone(db, actor.region)
        held = drafts.existing(db, draft.id)
        if "publish" not in steps(actor, held, regions, alone=alone, touched=touched(db, held)):
            raise KbError("现在不能由您发布：要由另一位有复核权限的同事发布，或先送审")
        check_base(db, draft)
        unreviewed = is_unreviewed(actor, held)
        reviewed_by = "" if unreviewed else actor.name
        others = [name for name in (held.updated_by, *held.vouched) if name != actor.name]
        author = others[0] if others else actor.name
        version = entries.publish(
            db,
            entry,
            author,
            reason,
            reviewed_by=reviewed_by,
            unreviewed=unreviewed,
            acting=actor.name,
        )
        drafts.move(db, draft, "publish", actor.name, reason)
    return version


def touched(db: Database, draft: Draft) -> tuple[str, ...]:
    """The regions of everything published that publishing the draft would change.

    That is what it replaces, and what it, or the version it replaces, extends or stops.
    """
    held = entries.get(db, draft.entry_id)
    relations = [*_relations(draft.data), *_relations(history.as_data(held.entry) if held else {})]
    targets = {str(one.get("to", "")).partition("#")[0] for one in relations if one.get("type") in _MOVING}
    found = [held, *(entries.get(db, target) for target in sorted(targets - {""}))]
    return tuple(code for one in found if one for code in one.entry.regions.include)


_MOVING = ("extends", "repeals")


def _relations(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = data.get("relations")
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list | tuple) else []


def check_base(db: Database, draft: Draft) -> None:
    """:class:`StaleDraftError` unless the draft was made from what is published now.

    :class:`GoneError` where the entry was withdrawn or merged after the draft was begun, or merged at all
    unless an older version is being restored.
    """
    held = entries.get(db, draft.entry_id)
    if held and held.state != "published":
        _check_return(db, held, draft)
    number = held.version.number if held else None
    if number != draft.base_version:
        raise StaleDraftError(
            f"{draft.entry_id} 在这份草稿开始之后又发布过（库里第 {number} 版，"
            f"草稿据第 {draft.base_version} 版）。请先比对两边的改动，再发布"
        )


def _check_return(db: Database, held: Published, draft: Draft) -> None:
    ended = changes.last_end(db, draft.entry_id)
    restoring = draft.origin.startswith("restore:")
    if draft.created_at <= ended or (held.state == "merged" and not restoring):
        what = f"并入 {held.merged_into}" if held.state == "merged" else "撤下"
        raise GoneError(
            f"{draft.entry_id} 已经{what}，没有发布。确实要恢复，请到这个条目的页面“照第几版恢复”，另起草稿"
        )
