"""Which papers that wait are one with another or with an entry, and joining them: 另见于 in the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kb.domain.workflow import IN_HAND, Draft
from kb.errors import KbError
from kb.ingest.clusters import NEAR_BITS, Print, Why, apart, compared, print_of, simhash
from kb.ingest.scripts import common_form
from kb.store import drafts, entries, intake
from kb.store.database import Database, writing
from kb.store.history import as_data
from kb.store.intake import Item

Kind = Literal["entry", "item"]


@dataclass(frozen=True)
class Alike:
    """An entry (``key`` its id) or another paper that waits (``key`` its draft) that may be the same one."""

    kind: Kind
    key: str
    title: str
    number: str
    why: tuple[Why, ...]
    score: float


def fingerprint(text: str) -> str:
    """The simhash of a text as it is stored: 16 hexadecimal digits."""
    return f"{simhash(common_form(text)):016x}"


def print_of_record(
    key: str, data: Mapping[str, Any], text: str = "", address: str = "", kept: str = ""
) -> Print:
    """What is compared of an entry's or a draft's plain data; ``kept`` is the fingerprint of its text."""
    sources = data.get("sources")
    rows = [one for one in sources if isinstance(one, dict)] if isinstance(sources, list) else []
    return print_of(
        key,
        title=str(data.get("title") or ""),
        number=str(data.get("doc_number") or data.get("doc_number_candidate") or ""),
        text=text,
        issued_on=str(data.get("issued_on") or ""),
        addresses=[address, *(str(one.get("url") or "") for one in rows)],
        fingerprint=int(kept, 16) if kept and text else None,
    )


def print_of_item(item: Item, *, with_text: bool = True) -> Print:
    """What is compared of a paper that waits: what its draft says, else what is proposed for it."""
    said = {one.proposal.field: one.proposal.value for one in item.proposals if one.answer != "dropped"}
    names = ("title", "doc_number", "issued_on")
    data = {name: item.draft.data.get(name) or said.get(name) for name in names}
    data["sources"] = item.draft.data.get("sources")
    text = item.draft.original if with_text else ""
    return print_of_record(str(item.draft.id), data, text, item.paper.address, item.paper.simhash)


def prints_of_entries(db: Database) -> tuple[Print, ...]:
    """What is compared of every published entry: number, title, day and addresses; its text is our words."""
    return tuple(print_of_record(str(data["id"]), data) for data in entries.all_data(db))


def alike(
    item: Item, held: Iterable[Print], waiting: Sequence[Item], titles: Mapping[str, str]
) -> list[Alike]:
    """The entries and other papers that may be the same as ``item``, the surest first.

    The entry that its draft revises is not among them. ``titles`` gives those of entries.
    """
    whole = print_of_item(item)
    found = [
        Alike("entry", one.key, titles.get(one.key, one.key), one.number, twin.why, twin.score)
        for one in held
        if one.key != item.draft.entry_id and (twin := compared(whole, one))
    ]
    for other in waiting:
        if other.draft.id == item.draft.id:
            continue
        one = print_of_item(other, with_text=_near(item, other))
        if twin := compared(whole, one):
            found.append(Alike("item", one.key, other.draft.title, one.number, twin.why, twin.score))
    return sorted(found, key=lambda one: (-one.score, one.kind, one.key))


def _near(one: Item, other: Item) -> bool:
    """Whether their fingerprints allow one text; a paper without one has to be read."""
    first, second = one.paper.simhash, other.paper.simhash
    return not (first and second) or apart(int(first, 16), int(second, 16)) <= NEAR_BITS


# -- joining ---------------------------------------------------------------------------------------


def also_at(data: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The record with one more source, unless it has that address already."""
    rows = [one for one in data.get("sources") or () if one]
    if any(isinstance(one, dict) and one.get("url") == source["url"] for one in rows):
        return dict(data)
    return {**data, "sources": [*rows, dict(source)]}


def source_of(item: Item) -> dict[str, str] | None:
    """The source that a paper adds: where it was found; ``None`` for one that has no address."""
    if not item.paper.address:
        return None
    whole = print_of_item(item, with_text=False)
    said = {one.proposal.field: one.proposal.value for one in item.proposals}
    title = str(item.draft.data.get("title") or said.get("title") or item.draft.title or item.paper.address)
    number = str(item.draft.data.get("doc_number") or said.get("doc_number") or "")
    named = title + (f"（{number}）" if number and whole.number else "")
    return {"document": named, "url": item.paper.address}


def join(db: Database, item: Item, kind: Kind, key: str, by: str, office: str) -> Draft | None:
    """``item`` is the same paper as an entry or as another that waits: its address becomes a source of that.

    An entry gets it in a revision, which is only a draft; the draft that has it comes back, ``None`` where
    the paper has no address to keep. The paper itself is dropped, saying why; :class:`KbError` where it or
    the other is no longer there.
    """
    with writing(db):
        held = drafts.existing(db, item.draft.id)
        if held.state not in IN_HAND:
            raise KbError("这一份已经处理完了，不能再归并")
        into = _of_entry(db, item, key, by, office) if kind == "entry" else _of_item(db, item, key, by)
        where = f"出处记到草稿 {into.id}" if into else "它没有网址，没有出处可记"
        named = (into.title or into.entry_id) if into else key if kind == "entry" else f"草稿 {key}"
        drafts.move(db, held, "drop", by, f"与{named}是同一份，{where}")
    return into


def _of_entry(db: Database, item: Item, entry_id: str, by: str, office: str) -> Draft | None:
    held, source = entries.get(db, entry_id), source_of(item)
    if held is None or held.state != "published":
        raise KbError(f"条目 {entry_id} 没有在发布，不能归并")
    if source is None:
        return None
    mine = [
        one for one in drafts.listed(db, IN_HAND, entry_id) if one.home == office and one.id != item.draft.id
    ]
    if mine:
        data = also_at(mine[0].data, source)
        return drafts.save(db, mine[0].id, mine[0].revision, data, by).draft
    data = also_at(as_data(held.entry), source)
    return drafts.create(db, data, by, office, "edit", held.version.number)


def _of_item(db: Database, item: Item, key: str, by: str) -> Draft | None:
    other = intake.item(db, int(key)) if key.isdigit() else None
    if other is None or other.draft.state not in IN_HAND or other.draft.id == item.draft.id:
        raise KbError("另一份已经处理完了，请刷新再看")
    source, own = source_of(item), source_of(other)
    if source is None:
        return None
    data = also_at(other.draft.data, own) if own else dict(other.draft.data)
    data = also_at(data, source)
    return drafts.save(db, other.draft.id, other.draft.revision, data, by).draft
