"""``kb import`` and its like: a document read, what it proposes beside what is published, drafts of that.

An association's own paper proposes its entries one by one; any other document is one paper for the desk.
Nothing is published here, and what is published already is revised, never made twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kb.domain import docnumber
from kb.domain.document import Document
from kb.domain.extracted import Extracted
from kb.domain.proposal import Proposal, news_to, record_from, value_at
from kb.domain.survey import Survey
from kb.domain.taxonomy import Taxonomy
from kb.domain.workflow import Draft
from kb.errors import BlockedError, KbError, SourceError
from kb.ingest import papers
from kb.ingest.alike import fingerprint
from kb.ingest.documents.wording import squeeze
from kb.ingest.fetching import PUBLIC, Guard, get
from kb.ingest.papers.comparing import Outcome, compared
from kb.ingest.papers.found import Figures, Found, Item
from kb.ingest.papers.prints import Memory, read_prints
from kb.ingest.papers.reading import Head
from kb.ingest.proposals import propose_all, propose_extracted
from kb.ingest.shells import blocked, missing
from kb.store import audit, entries, intake, originals
from kb.store.database import Database, writing
from kb.store.intake import Paper
from kb.store.terms import Terms


@dataclass(frozen=True)
class Compared:
    """A table of figures beside those that are kept: ``held`` whether the same paper's are,
    ``differing`` the regions where they differ."""

    figures: Figures
    held: bool
    differing: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What importing a document would do. ``head`` is set for an association's own paper."""

    document: Document
    paper: Paper
    head: Head | None
    outcomes: tuple[Outcome, ...]
    figures: tuple[Compared, ...] = ()
    remarks: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """How many items of a kind the document proposes."""
        return sum(one.item.kind == kind for one in self.outcomes)

    @property
    def to_take(self) -> tuple[Outcome, ...]:
        """What importing would make drafts of."""
        return tuple(one for one in self.outcomes if one.what in ("new", "changed"))


@dataclass(frozen=True)
class Given:
    """A document as it was given: its bytes, a file's name, and the address and media type it came with."""

    data: bytes
    name: str
    address: str = ""
    media: str = ""


def fetched(address: str, agent: str, guard: Guard = PUBLIC) -> Given:
    """The document at a web address. :class:`BlockedError` for a shell or a refusal of us, otherwise
    :class:`SourceError` where none came."""
    answer = get(address, agent, guard)
    place = urlsplit(answer.address)
    host = place.hostname or ""
    if reason := blocked(answer):
        raise BlockedError(host, address, reason)
    if answer.status != 200 or missing(answer):
        raise SourceError(host, address, f"没有取到内容（{missing(answer) or f'对方答 {answer.status}'}）")
    return Given(answer.body, place.path.rpartition("/")[2], answer.address, answer.media)


def paper_of(data: bytes, name: str, address: str = "", source: str = "import") -> Paper:
    """Where a document came from, with the hash of its bytes."""
    return Paper(source, name, address, hashlib.sha256(data).hexdigest())


def plan(
    db: Database,
    document: Document,
    paper: Paper,
    terms: Terms,
    policies: Path,
    page: Extracted | None = None,
) -> Plan:
    """What the document proposes, beside what is published; nothing is written.

    ``page`` is the web page it was taken from. :class:`KbError` where there is no text, with what to do.
    """
    if not document.text:
        raise KbError(document.needs_hand or "文件里没有文字，没有可以导入的内容")
    notes = (document.needs_hand,) if document.needs_hand else ()
    paper = replace(paper, simhash=fingerprint(document.text), notes=notes)
    head = papers.head_of(document)
    found = papers.find(document, head, terms.taxonomy) if head else Found()
    if head is None or not (found.items or found.figures):
        outcomes = [_general(db, document, terms.taxonomy, page)]
        return Plan(document, paper, None, tuple(_waiting(db, outcomes)), remarks=notes)
    memory = Memory(db, read_prints(policies))
    outcomes = compared(found.items, entries.all_data(db), memory.told, terms.taxonomy)
    figures = tuple(_beside(one, head, terms.survey) for one in found.figures)
    remarks = (*notes, *found.remarks)
    return Plan(document, paper, head, tuple(_waiting(db, outcomes)), figures, remarks)


def _waiting(db: Database, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes with those marked whose words wait in an open draft already."""
    held = originals.waiting(db)
    texts = {one.draft_id: squeeze(one.original) for one in held}
    found = []
    for outcome in outcomes:
        words = squeeze(outcome.item.passage)
        same = (one for one in held if _is_of(one, outcome) and words in texts[one.draft_id])
        draft = next(same, None) if outcome.what in ("new", "changed") else None
        found.append(replace(outcome, what="waiting", draft_id=draft.draft_id) if draft else outcome)
    return found


def _is_of(draft: originals.Waiting, outcome: Outcome) -> bool:
    if outcome.entry_id:
        return draft.entry_id == outcome.entry_id
    return draft.kind == outcome.item.kind and squeeze(draft.title) == squeeze(outcome.item.title)


def _beside(figures: Figures, head: Head, survey: Survey | None) -> Compared:
    """A table of figures beside the survey's, where it is of the same paper."""
    if survey is None or squeeze(survey.source.document) != squeeze(head.document):
        return Compared(figures, False, ())
    kept = survey.provinces.values
    found = {one.region: one.value for one in figures.values}
    differing = [code for code in {**kept, **found} if kept.get(code) != found.get(code)]
    return Compared(figures, True, tuple(differing))


# -- any other document ----------------------------------------------------------------------------


def _general(db: Database, document: Document, taxonomy: Taxonomy, page: Extracted | None) -> Outcome:
    """A document as one paper: new, or a revision of the entry that has its number or title."""
    held = {str(one["id"]): one for one in entries.all_data(db) if one.get("kind") == "policy"}
    numbers = {
        docnumber.comparison_form(str(one["doc_number"])): name
        for name, one in held.items()
        if one.get("doc_number")
    }
    text = page.text if page else document.text
    if page:
        proposals = propose_extracted(page, taxonomy, numbers)
    else:
        proposals = tuple(_titled(propose_all(text, taxonomy, numbers), document))
    record = record_from(proposals)
    title = str(record.get("title") or document.title)
    data = {"kind": "policy", **({"title": title} if title else {}), **_quick(record)}
    item = Item("policy", "", title, "", "", text, 0, proposals, data)
    one = _same_document(record, title, held, numbers)
    if one is None:
        return Outcome("new", item, data=data)
    fresh = news_to(proposals, one)
    if not fresh or any(squeeze(text) in squeeze(old) for old in originals.of_published(db, str(one["id"]))):
        return Outcome("unchanged", item, str(one["id"]))
    return Outcome("changed", replace(item, proposals=fresh), str(one["id"]), one)


def _titled(proposals: Sequence[Proposal], document: Document) -> Iterator[Proposal]:
    """The proposals with the title that the document's own reading found, in place of another."""
    block = next((one for one in document.blocks if one.kind == "title"), None)
    if block is None:
        yield from proposals
        return
    yield Proposal("title", document.title, block.text, block.start, block.end)
    yield from (one for one in proposals if one.field not in ("title", "sources-0-document"))
    number = next((f"（{one.value}）" for one in proposals if one.field == "doc_number"), "")
    named = document.title + ("" if number.strip("（）") in document.title else number)
    yield Proposal("sources-0-document", named, block.text, block.start, block.end)


def _quick(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("doc_number", "issued_on", "issuers") if name in record}


def _same_document(
    record: Mapping[str, Any], title: str, held: Mapping[str, Mapping[str, Any]], numbers: Mapping[str, str]
) -> Mapping[str, Any] | None:
    """The entry of the same number; without a number in either, of the same title and day."""
    number = str(record.get("doc_number") or "")
    if number and (name := numbers.get(docnumber.comparison_form(number))):
        return held[name]
    for one in held.values():
        same = squeeze(str(one.get("title", ""))) == squeeze(title) and one.get("issued_on") == record.get(
            "issued_on"
        )
        if same and not (number and one.get("doc_number")):
            return one
    return None


def _is_missing(one: Proposal, held: Mapping[str, Any]) -> bool:
    """Whether the entry says nothing where something is proposed: only gaps are filled."""
    return value_at(held, one.steps) in (None, "", [], {})


def _is_news(one: Proposal, held: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether what is proposed stands in the revision and not in the entry."""
    *way, last = one.steps
    before, after = (
        _at(data, way if isinstance(last, int) else one.steps) for data in (held, outcome.data or {})
    )
    if isinstance(last, int):
        return one.value in (after or ()) and one.value not in (before or ())
    return bool(one.value == after != before)


def _at(data: Mapping[str, Any], way: Iterable[str | int]) -> Any:
    place: Any = data
    for step in way:
        place = place.get(step) if isinstance(place, Mapping) else None
    return place


# -- drafts ----------------------------------------------------------------------------------------


def take_in(db: Database, made: Plan, by: str, office: str) -> list[Draft]:
    """Drafts of what is new or changed, all or none; what waits already is left as it is."""
    drafts: list[Draft] = []
    with writing(db):
        for one in made.to_take:
            drafts.append(_draft(db, made, one, by, office))
        if drafts:
            name = made.paper.name or made.paper.address
            audit.append(
                db, by, "paper-import", name, f"草稿 {len(drafts)} 份，文件 {made.paper.sha256[:16]}"
            )
    return drafts


def _draft(db: Database, made: Plan, one: Outcome, by: str, office: str) -> Draft:
    held = entries.get(db, one.entry_id) if one.entry_id else None
    near = (f"可能已有：{'、'.join(one.near)}，请先核对",) if one.near else ()
    paper = replace(made.paper, notes=(*made.paper.notes, *made.remarks, *near))
    version = held.version.number if held else None
    proposals = one.item.proposals
    if held and made.head:
        before = json.loads(entries.to_json(held.entry))
        proposals = tuple(
            each for each in proposals if _is_missing(each, before) or _is_news(each, before, one)
        )
    text = made.document.text if made.head else one.item.passage
    return intake.take_in(db, paper, text, proposals, by, office, one.data, version)
