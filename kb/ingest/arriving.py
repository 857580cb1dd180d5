"""A page that was fetched and parsed becomes what waits at the desk: a paper, a revision, or nothing new.

Each page is one transaction: its snapshot, its draft and what is known of it come together or not at all.
What people wrote is never touched; a changed page proposes, beside the text as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.domain import docnumber
from kb.domain.proposal import Proposal, news_to, put
from kb.domain.source import Source
from kb.domain.taxonomy import NATION
from kb.errors import SourceError
from kb.ingest.extraction.listing import Item
from kb.ingest.fetching import Fetched
from kb.ingest.parsed import Parsed, changed_proposals, difference, says_already
from kb.store import drafts, entries, intake, pages, runs, snapshots
from kb.store.database import Database, now, writing
from kb.store.entries import Published, to_json
from kb.store.pages import Outcome, Page
from kb.store.snapshots import Snapshot

BY = "kb crawl"
SHRUNK = 0.5
"""A page that keeps less than this share of its text is not believed without a person."""
_WORTH_COMPARING = 120
_QUICK = ("title", "doc_number", "issued_on")


@dataclass(frozen=True)
class Place:
    """Where what arrives is kept: the database, ``KB_HOME``, the run, and entries by document number."""

    db: Database
    home: Path
    run: int
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Paper:
    """An attachment that was fetched with its page."""

    address: str
    fetched: Fetched
    name: str = ""


def unchanged(
    place: Place,
    source: Source,
    item: Item,
    page: Page,
    snapshot: int | None = None,
    swapped: Sequence[Paper] = (),
) -> Outcome:
    """Note that a page is as it was; ``swapped`` attachments have other content by now and want a person."""
    outcome: Outcome = page.outcome if page.outcome in ("irrelevant", "hand") else "unchanged"
    told = "；".join(f"附件“{one.name or one.address}”换了内容，请对照" for one in swapped)
    sums = [snapshots.put(place.home, one.fetched.body) for one in swapped]
    with writing(place.db):
        for one, sha256 in zip(swapped, sums, strict=True):
            _noted(place.db, one, sha256)
        after: Outcome = "hand" if swapped else outcome
        kept = {"checked_at": now(), "outcome": after, "snapshot": snapshot or page.snapshot}
        kept |= {"held_back": None, "detail": told or page.detail}
        pages.keep(place.db, Page(**{**vars(page), **kept}))
        noted: Outcome = "hand" if swapped else "unchanged"
        runs.note_page(place.db, place.run, source.id, item.address, page.title, noted, told, page.draft_id)
    return noted


def gone(place: Place, source: Source, item: Item, page: Page | None, why: str) -> Outcome:
    """Note that a listed page is not there; its good snapshot stays."""
    held = page or Page(item.address, source.id, item.title, pages.day_of_listing(item.day), "", "gone")
    if held.dismissed == "gone":
        return unchanged(place, source, item, held)
    with writing(place.db):
        pages.keep(place.db, Page(**{**vars(held), "checked_at": now(), "outcome": "gone", "detail": why}))
        runs.note_page(place.db, place.run, source.id, item.address, held.title, "gone", why)
    return "gone"


def arrive(
    place: Place,
    source: Source,
    item: Item,
    page: Page | None,
    fetched: Fetched,
    parsed: Parsed,
    papers: Iterable[Paper] = (),
) -> Outcome:
    """Keep what was fetched, its attachments too, and make of it what it is; which that was.

    :class:`SourceError` where the page has nothing on it: then only the bytes are kept.
    """
    got = [Paper(item.address, fetched), *papers]
    sums = [snapshots.put(place.home, one.fetched.body) for one in got]
    with writing(place.db):
        snapshot, *_rest = [_noted(place.db, one, sha256) for one, sha256 in zip(got, sums, strict=True)]
        arrival = (
            None if parsed.outcome == "nothing" else _Arrival(place, source, item, page, snapshot, parsed)
        )
        outcome = arrival.settle() if arrival else None
    if outcome is None:
        raise SourceError(source.id, item.address, f"页面上没有取到正文：{parsed.why or '原因不明'}")
    return outcome


def _noted(db: Database, one: Paper, sha256: str) -> Snapshot:
    fetched = one.fetched
    size = len(fetched.body)
    return snapshots.note(db, one.address, fetched.address, sha256, size, fetched.status, fetched.headers)


@dataclass(frozen=True)
class _Arrival:
    place: Place
    source: Source
    item: Item
    page: Page | None
    snapshot: Snapshot
    parsed: Parsed

    def settle(self) -> Outcome:
        page = self.page
        if page is None or page.snapshot is None:
            return self._first()
        if page.text == self.parsed.text:
            return unchanged(self.place, self.source, self.item, page, self.snapshot.id)
        if self._has_shrunk(page) and page.accepted != self.snapshot.sha256:
            if page.dismissed == self.snapshot.sha256:
                return unchanged(self.place, self.source, self.item, page)
            return self._held_back(page)
        return self._changed(page)

    # -- a page seen for the first time --------------------------------------------------------------

    def _first(self) -> Outcome:
        parsed = self.parsed
        if not self.source.is_relevant(self.title, parsed.text):
            return self._kept("irrelevant", "没有出现来源文件里的关键词", None)
        held = self._held_entry()
        if held is not None:
            return self._of_held(held)
        notes = (*([parsed.why] if parsed.why else []), *parsed.notes)
        draft = intake.take_in(
            self.place.db,
            self._paper(notes),
            parsed.text,
            parsed.proposals,
            BY,
            self._office(),
            self._begun(),
        )
        return self._kept("hand" if parsed.outcome == "hand" else "new", parsed.why, draft.id)

    def _of_held(self, held: Published) -> Outcome:
        """A page about a document that is held: what fills a gap is proposed, and where else it stands."""
        data = json.loads(to_json(held.entry))
        address = self.parsed.address
        is_source = any(one.get("url") == address for one in data.get("sources", ()))
        news = news_to(self.parsed.proposals, data)
        if not news and is_source:
            return self._kept("known", f"条目 {held.entry.id} 已有", None)
        if not is_source:
            data["sources"] = [*data.get("sources", ()), self._as_source()]
        notes = (f"条目 {held.entry.id} 已有这份文件，这里是它的另一个出处", *self.parsed.notes)
        return self._kept("changed", notes[0], self._revision(held, data, news, notes))

    # -- a page that changed -------------------------------------------------------------------------

    def _has_shrunk(self, page: Page) -> bool:
        was, now_ = len(page.text), len(self.parsed.text)
        return was >= _WORTH_COMPARING and now_ < was * SHRUNK

    def _held_back(self, page: Page) -> Outcome:
        was, now_ = len(page.text), len(self.parsed.text)
        told = f"正文从 {was} 字变成 {now_} 字，没有采用，请打开看看"
        kept = {"checked_at": now(), "outcome": "shrunk", "detail": told, "held_back": self.snapshot.id}
        pages.keep(self.place.db, Page(**{**vars(page), **kept}))
        self._noted("shrunk", told, None)
        return "shrunk"

    def _changed(self, page: Page) -> Outcome:
        notes = (difference(page.text, self.parsed.text), *self.parsed.notes)
        fresh = changed_proposals(page.proposed or {}, self.parsed.proposals)
        earlier = drafts.get(self.place.db, page.draft_id) if page.draft_id else None
        held = self._held_entry(earlier.entry_id if earlier else "")
        if held is not None:
            data = json.loads(to_json(held.entry))
            news = [one for one in fresh if not says_already(one, data)]
            return self._kept("changed", notes[0], self._revision(held, data, news, notes))
        data = dict(earlier.data) if earlier and earlier.state != "dropped" else self._begun()
        about = (f"页面改了；先前采到的是草稿 {earlier.id}",) if earlier else ()
        draft = intake.take_in(
            self.place.db, self._paper((*about, *notes)), self.parsed.text, fresh, BY, self._office(), data
        )
        return self._kept("changed", notes[0], draft.id)

    # -- what both share -----------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.parsed.title or self.item.title

    def _held_entry(self, entry_id: str = "") -> Published | None:
        """The published entry that the page is about: the one named, of its address, or of its number."""
        number = next((one.value for one in self.parsed.proposals if one.field == "doc_number"), "")
        by_number = self.place.numbers.get(docnumber.comparison_form(str(number))) if number else None
        for name in (entry_id, pages.entry_at(self.place.db, self.parsed.address), by_number):
            held = entries.get(self.place.db, name) if name else None
            if held is not None and held.state == "published":
                return held
        return None

    def _revision(
        self, held: Published, data: Mapping[str, Any], proposals: Sequence[Proposal], notes: Iterable[str]
    ) -> int:
        draft = intake.take_in(
            self.place.db,
            self._paper(tuple(notes)),
            self.parsed.text,
            proposals,
            BY,
            self._office(),
            data,
            held.version.number,
        )
        return draft.id

    def _paper(self, notes: tuple[str, ...]) -> intake.Paper:
        told = notes if not self.snapshot.is_plain else (*notes, "这一页经 http 取得，途中没有加密")
        return intake.Paper(
            self.source.id, "", self.parsed.address, self.snapshot.sha256, self.parsed.simhash, told
        )

    def _begun(self) -> dict[str, Any]:
        """The beginning of a record: what names the document, where it is from, and the source's region."""
        record: dict[str, Any] = {"kind": "policy"}
        for one in self.parsed.proposals:
            if one.field in _QUICK and one.field not in record and one.confidence == "certain":
                record = put(record, one.field, one.value)
        record.setdefault("title", self.title)
        if self.source.region != NATION:
            record["regions"] = {"include": [self.source.region]}
        record["sources"] = [self._as_source()]
        if self.parsed.attachments:
            record["attachments"] = [
                {"title": name or address, "url": address} for name, address in self.parsed.attachments
            ]
        return record

    def _as_source(self) -> dict[str, Any]:
        number = next((one.value for one in self.parsed.proposals if one.field == "doc_number"), "")
        return {
            "document": str(number) or self.title or self.item.address,
            "url": self.parsed.address,
            "snapshot": {"sha256": self.snapshot.sha256, "fetched_at": self.snapshot.fetched_at},
        }

    def _office(self) -> str:
        return self.source.region[:2] + "0000"

    def _kept(self, outcome: Outcome, detail: str, draft_id: int | None) -> Outcome:
        page = Page(
            address=self.item.address,
            source=self.source.id,
            title=self.title,
            found_on=self.page.found_on if self.page else pages.day_of_listing(self.item.day),
            checked_at=now(),
            outcome=outcome,
            detail=detail,
            snapshot=self.snapshot.id,
            text=self.parsed.text,
            proposed={
                "all": [[one.field, one.value, one.quote] for one in self.parsed.proposals],
                "attachments": list(self.parsed.attachments),
            },
            draft_id=draft_id or (self.page.draft_id if self.page else None),
        )
        pages.keep(self.place.db, page)
        self._noted(outcome, detail, draft_id)
        return outcome

    def _noted(self, outcome: Outcome, detail: str, draft_id: int | None) -> None:
        where = (self.place.db, self.place.run, self.source.id, self.item.address)
        runs.note_page(*where, self.title, outcome, detail, draft_id)
