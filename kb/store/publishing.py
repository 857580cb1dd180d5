"""Publishing a draft: the version, its change, its audit row and the draft's end in one transaction."""

from __future__ import annotations

from kb.domain.entry import Entry
from kb.domain.taxonomy import Regions
from kb.domain.workflow import Actor, Draft, is_unreviewed, steps
from kb.errors import KbError
from kb.store import drafts, entries, users
from kb.store.database import Database, writing
from kb.store.entries import Version


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
        if "publish" not in steps(actor, drafts.existing(db, draft.id), regions, alone=alone):
            raise KbError("现在不能由您发布：要由另一位有复核权限的同事发布，或先送审")
        check_base(db, draft)
        unreviewed = is_unreviewed(actor, draft)
        reviewed_by = "" if unreviewed else actor.name
        author = actor.name if unreviewed else draft.updated_by
        version = entries.publish(db, entry, author, reason, reviewed_by=reviewed_by, unreviewed=unreviewed)
        drafts.move(db, draft, "publish", actor.name, reason)
    return version


def check_base(db: Database, draft: Draft) -> None:
    """:class:`StaleDraftError` unless the draft was made from what is published now."""
    held = entries.get(db, draft.entry_id)
    number = held.version.number if held else None
    if number != draft.base_version:
        raise StaleDraftError(
            f"{draft.entry_id} 在这份草稿开始之后又发布过（库里第 {number} 版，"
            f"草稿据第 {draft.base_version} 版）。请先比对两边的改动，再发布"
        )
