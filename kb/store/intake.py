"""What waits at the desk: papers that came from crawls, imports and uploads, each a draft with proposals.

A paper is a draft whose ``original`` is the text read; its proposals are answered one by one, and what is
accepted stands in the draft. Nothing here publishes.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from kb.domain.proposal import Confidence, Proposal, put, relief_ids, taken_out
from kb.domain.workflow import OPEN, Draft
from kb.errors import KbError
from kb.store import drafts
from kb.store.database import Database, now, writing

Answer = Literal["", "accepted", "changed", "dropped"]
_QUICK = ("title", "doc_number", "issued_on")
"""Facts that lists show and that name the draft from the start; dropping one takes it out again."""


@dataclass(frozen=True)
class Paper:
    """Where a paper came from. ``source`` is a source's id, ``import`` or ``upload``; ``name`` a file's.

    ``sha256`` is that of the raw bytes, ``simhash`` of the text (16 hexadecimal digits); ``notes`` are
    points that a person must look at, in words.
    """

    source: str
    name: str = ""
    address: str = ""
    sha256: str = ""
    simhash: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """A proposal and what somebody said to it; ``said`` is the value that was taken instead."""

    number: int
    proposal: Proposal
    answer: Answer = ""
    said: Any = None
    by: str = ""
    at: str = ""

    @property
    def value(self) -> Any:
        """What stands in the draft because of it."""
        return self.said if self.answer == "changed" else self.proposal.value


@dataclass(frozen=True)
class Item:
    """A paper that waits, with its draft and its proposals; ``taken_at`` is UTC."""

    draft: Draft
    paper: Paper
    taken_at: str
    reliefs: Mapping[int, str]
    proposals: tuple[Answered, ...]

    @property
    def left(self) -> int:
        """How many proposals nobody has answered."""
        return sum(not one.answer for one in self.proposals)


def take_in(
    db: Database,
    paper: Paper,
    text: str,
    proposals: Sequence[Proposal],
    by: str,
    office: str,
    data: Mapping[str, Any] | None = None,
    base_version: int | None = None,
) -> Draft:
    """A draft of the paper with what is proposed for it; ``data`` is the record to be revised, if any.

    Every quote must stand in ``text`` where it says, else :class:`KbError`: then nothing was kept.
    """
    wrong = next((one for one in proposals if text[one.start : one.end] != one.quote), None)
    if wrong:
        raise KbError(f"{wrong.field} 的依据不在原文里，没有收下")
    begun = dict(data) if data is not None else _begun(proposals)
    taken = [str(one.get("id", "")) for one in begun.get("reliefs") or ()]
    with writing(db):
        origin = f"intake:{paper.source}"
        draft = drafts.create(db, begun, by, office, origin, base_version, text, paper.sha256)
        ids = relief_ids(proposals, taken)
        db.table("intake").insert(_row(draft.id, paper, ids))
        db.table("proposals").insert_all(_proposal_row(draft.id, at, one) for at, one in enumerate(proposals))
    return draft


def _begun(proposals: Iterable[Proposal]) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": "policy"}
    for one in proposals:
        if one.field in _QUICK and one.field not in record and one.confidence == "certain":
            record[one.field] = one.value
    return record


def _row(number: int, paper: Paper, ids: Mapping[int, str]) -> dict[str, object]:
    return {
        "draft_id": number,
        "source": paper.source,
        "name": paper.name,
        "address": paper.address,
        "sha256": paper.sha256,
        "taken_at": now(),
        "simhash": paper.simhash,
        "reliefs": json.dumps(ids),
        "notes": json.dumps(paper.notes, ensure_ascii=False),
    }


def _proposal_row(draft_id: int, number: int, one: Proposal) -> dict[str, object]:
    return {
        "draft_id": draft_id,
        "number": number,
        "field": one.field,
        "value": json.dumps(one.value, ensure_ascii=False),
        "quote": one.quote,
        "start": one.start,
        "end": one.end,
        "confidence": one.confidence,
    }


def item(db: Database, number: int) -> Item | None:
    """The paper of a draft; ``None`` where the draft is none."""
    found = next(db.query("SELECT * FROM intake WHERE draft_id = ?", [number]), None)
    draft = drafts.get(db, number) if found else None
    return _item(db, found, draft) if found and draft else None


def waiting(db: Database) -> list[Item]:
    """The papers whose drafts are open, what came last first."""
    held = {one.id: one for one in drafts.listed(db, OPEN)}
    rows = db.query("SELECT * FROM intake ORDER BY taken_at DESC, draft_id DESC")
    return [_item(db, row, held[row["draft_id"]]) for row in list(rows) if row["draft_id"] in held]


def _item(db: Database, row: Mapping[str, Any], draft: Draft) -> Item:
    notes = tuple(json.loads(row["notes"]))
    names = ("source", "name", "address", "sha256", "simhash")
    paper = Paper(**{name: str(row[name]) for name in names}, notes=notes)
    sql = "SELECT * FROM proposals WHERE draft_id = ? ORDER BY number"
    found = tuple(_answered(one) for one in db.query(sql, [draft.id]))
    ids = {int(key): name for key, name in json.loads(row["reliefs"]).items()}
    return Item(draft, paper, str(row["taken_at"]), ids, found)


def _answered(row: Mapping[str, Any]) -> Answered:
    proposal = Proposal(
        row["field"],
        json.loads(row["value"]),
        row["quote"],
        row["start"],
        row["end"],
        cast(Confidence, row["confidence"]),
    )
    said = json.loads(row["said"]) if row["said"] else None
    return Answered(
        row["number"], proposal, cast(Answer, row["answer"]), said, row["by"] or "", row["at"] or ""
    )


def answer(db: Database, draft_id: int, number: int, given: Answer, by: str, said: Any = None) -> Item:
    """Keep what ``by`` says to one proposal and bring the draft level with it; ``""`` takes it back.

    Dropping the type of a proposed relief drops all that was proposed for that relief. :class:`KbError`
    where somebody has said something else to it meanwhile: that is to be taken back first.
    """
    with writing(db):
        held = _open(db, draft_id)
        one = next((one for one in held.proposals if one.number == number), None)
        if one is None:
            raise KbError("没有这一条建议")
        if given and one.answer and (one.answer, one.said) != (given, said):
            raise KbError(f"{one.by} 刚才已经定了这一条，没有照您的改；要改请先按“重新定”")
        data = dict(held.draft.data)
        for each in _with_it(held, one, given):
            data = _applied(data, held, each, given, said)
            _write(db, draft_id, each.number, given, by, said)
        drafts.save(db, draft_id, held.draft.revision, data, by)
    return cast(Item, item(db, draft_id))


def accept_all(db: Database, draft_id: int, numbers: Container[int], by: str) -> Item:
    """Accept several proposals at once; those that somebody has answered meanwhile stay as they are."""
    with writing(db):
        held = _open(db, draft_id)
        data = dict(held.draft.data)
        for one in held.proposals:
            if one.number in numbers and not one.answer:
                data = _applied(data, held, one, "accepted", None)
                _write(db, draft_id, one.number, "accepted", by, None)
        drafts.save(db, draft_id, held.draft.revision, data, by)
    return cast(Item, item(db, draft_id))


def _open(db: Database, draft_id: int) -> Item:
    held = item(db, draft_id)
    if held is None:
        raise KbError("没有这一条建议")
    if held.draft.state not in OPEN:
        raise KbError("这一份已经处理完了，不能再改")
    return held


def _with_it(held: Item, one: Answered, given: Answer) -> list[Answered]:
    steps = one.proposal.steps
    if given != "dropped" or len(steps) != 3 or (steps[0], steps[2]) != ("reliefs", "type"):
        return [one]
    return [each for each in held.proposals if each.proposal.steps[:2] == steps[:2]]


def _applied(data: dict[str, Any], held: Item, one: Answered, given: Answer, said: Any) -> dict[str, Any]:
    data = taken_out(data, one.proposal.field, one.value, held.reliefs)
    after = replace(one, answer=given, said=said)
    if given in ("accepted", "changed"):
        return put(data, one.proposal.field, after.value, held.reliefs)
    mine = held.reliefs.values()
    rows = [row for row in data.get("reliefs") or () if set(row) - {"id"} or row.get("id") not in mine]
    return {**data, "reliefs": rows} if "reliefs" in data else data


def _write(db: Database, draft_id: int, number: int, given: Answer, by: str, said: Any) -> None:
    row = {
        "answer": given,
        "said": json.dumps(said, ensure_ascii=False) if given == "changed" else None,
        "by": by,
        "at": now(),
    }
    db.table("proposals").update((draft_id, number), row)
