"""Merging two entries that are one: the survivor stays, the other's address leads to it for ever.

Everything happens in one transaction: what is carried over is published, what later entries say about the
one that goes is said about the survivor, and the one that goes becomes a tombstone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kb.domain.entry import Entry, Relation
from kb.errors import KbError
from kb.store import audit, drafts, entries
from kb.store.database import Database, writing
from kb.store.entries import Version

CARRIED = ("aliases", "needs", "sources", "attachments", "relations")
"""What of the one that goes can be taken over by the one that stays."""


@dataclass(frozen=True)
class Obstacle:
    """Why two entries cannot be merged as they are, and what to do about it."""

    entry_id: str
    message: str


@dataclass(frozen=True)
class Plan:
    """A merge before it is made: what is left to carry over, whose relations move, what is in the way."""

    stays: Entry
    goes: Entry
    carry: Mapping[str, tuple[Any, ...]]
    pointing: tuple[Entry, ...]
    obstacles: tuple[Obstacle, ...]


def plan(db: Database, stays: str, goes: str) -> Plan:
    """What merging ``goes`` into ``stays`` would mean; :class:`KbError` unless both are published."""
    kept, gone = _published(db, stays), _published(db, goes)
    if stays == goes:
        raise KbError("要合并的两件是同一件")
    pointing = _pointing(db, goes)
    others = tuple(one for one in pointing if one.id != stays)
    return Plan(kept, gone, _left_over(kept, gone), others, tuple(_obstacles(db, kept, gone, pointing)))


def merge(
    db: Database, stays: str, goes: str, by: str, reason: str, carry: Iterable[str] = CARRIED
) -> Version | None:
    """Merge ``goes`` into ``stays``; the survivor's new version, ``None`` where nothing was carried over.

    :class:`KbError` with what to do where something is in the way; then nothing has happened.
    """
    with writing(db):
        made = plan(db, stays, goes)
        if made.obstacles:
            raise KbError("；".join(one.message for one in made.obstacles))
        told = f"合并 {goes}：{reason}"
        kept = _with(made.stays, {name: made.carry[name] for name in carry if name in made.carry})
        version = _published_again(db, kept, by, told)
        for one in made.pointing:
            _published_again(db, _repointed(one, goes, stays), by, told)
        entries.withdraw(db, goes, by, reason, merged_into=stays)
        audit.append(db, by, "merge", stays, f"并入了 {goes}：{reason}")
    return version


def _published_again(db: Database, entry: Entry, by: str, reason: str) -> Version | None:
    """Publish what says nothing new: whether a second person has looked at it is as it was."""
    held = entries.get(db, entry.id)
    if held is None:
        raise KeyError(entry.id)
    before = held.version
    return entries.publish(
        db,
        entry,
        before.published_by,
        reason,
        reviewed_by=before.reviewed_by,
        unreviewed=before.unreviewed,
        acting=by,
    )


def _published(db: Database, entry_id: str) -> Entry:
    held = entries.get(db, entry_id)
    if held is None or held.state != "published":
        raise KbError(f"{entry_id} 没有在发布，不能合并")
    return held.entry


def _pointing(db: Database, entry_id: str) -> tuple[Entry, ...]:
    """The entries that say something about ``entry_id``, each once."""
    ids = dict.fromkeys(one.source for one in entries.incoming_relations(db, entry_id))
    return tuple(_published(db, source) for source in ids)


def _left_over(kept: Entry, gone: Entry) -> dict[str, tuple[Any, ...]]:
    """What the one that goes has and the one that stays has not; its title becomes an alias."""
    addresses = {source.url for source in kept.sources if source.url}
    found: dict[str, tuple[Any, ...]] = {
        "aliases": tuple(dict.fromkeys((gone.title, *gone.aliases))),
        "needs": gone.needs,
        "sources": tuple(one for one in gone.sources if not (one.url and one.url in addresses)),
        "attachments": gone.attachments,
        "relations": tuple(one for one in gone.relations if one.target[0] != kept.id),
    }
    found["aliases"] = tuple(one for one in found["aliases"] if one != kept.title)
    new = {name: tuple(v for v in values if v not in getattr(kept, name)) for name, values in found.items()}
    return {name: values for name, values in new.items() if values}


def _with(entry: Entry, more: Mapping[str, tuple[Any, ...]]) -> Entry:
    return _changed(entry, {name: (*getattr(entry, name), *values) for name, values in more.items()})


def _changed(entry: Entry, fields: Mapping[str, tuple[Any, ...]]) -> Entry:
    """The entry with other values, read anew so that what it may not say is noticed."""
    return Entry.model_validate({**dict(entry), **fields})


def _repointed(entry: Entry, goes: str, stays: str) -> Entry:
    """The entry with what it says about ``goes`` said about ``stays``, nothing twice."""
    moved = (_moved(relation, goes, stays) for relation in entry.relations)
    return _changed(entry, {"relations": tuple(dict.fromkeys(moved))})


def _moved(relation: Relation, goes: str, stays: str) -> Relation:
    target, relief = relation.target
    if target != goes:
        return relation
    return relation.model_copy(update={"to": f"{stays}#{relief}" if relief else stays})


def _obstacles(db: Database, kept: Entry, gone: Entry, pointing: Iterable[Entry]) -> Iterator[Obstacle]:
    for one, other in ((kept, gone), (gone, kept)):
        if any(relation.target[0] == other.id for relation in one.relations):
            message = (
                f"{one.id} 的“关系”里写着 {other.id}，它们是先后两份文件，不是同一件；"
                f"确实写错了，请先修改 {one.id}，删去这条关系再合并"
            )
            yield Obstacle(one.id, message)
    for entry in pointing:
        if entry.id != kept.id:
            yield from _in_the_way(entry, kept, gone.id)
    for draft in drafts.listed(db, entry_id=gone.id):
        message = f"{gone.id} 还有没办完的草稿 {draft.id}；请先把它发布或放弃，再合并"
        yield Obstacle(gone.id, message)


def _in_the_way(entry: Entry, kept: Entry, gone: str) -> Iterator[Obstacle]:
    """What keeps the relations of ``entry`` from being said about ``kept`` instead."""
    reliefs = {relief.id for relief in kept.reliefs}
    named = {relation.target[1] for relation in entry.relations if relation.target[0] == gone}
    for name in sorted(one for one in named if one and one not in reliefs):
        yield Obstacle(
            entry.id,
            f"{entry.id} 的“关系”指向 {gone} 的支持事项 {name}，而 {kept.id} 没有这一项；"
            f"请先修改 {entry.id} 的这条关系，或在 {kept.id} 里补上编号为 {name} 的支持事项，再合并",
        )
    moved = [relation for relation in _repointed(entry, gone, kept.id).relations if relation.to]
    told = Counter((one.type, one.to) for one in moved if one.type in ("extends", "repeals"))
    for (_type, to), count in told.items():
        if count > 1:
            yield Obstacle(
                entry.id, f"{entry.id} 会对 {to} 写两次期限；请先修改 {entry.id}，只留一条关系，再合并"
            )
