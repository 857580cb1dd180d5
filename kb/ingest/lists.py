"""What a source lists now: its list pages gone through one after the other until there is no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.domain.source import Listing, Pages, Source
from kb.errors import BlockedError, SourceError
from kb.ingest.extraction.listing import Item, Read
from kb.ingest.extraction.urls import joined
from kb.ingest.fetching import Fetched
from kb.ingest.visiting import GoneError, Visitor
from kb.ingest.worker import Worker


@dataclass(frozen=True)
class Listed:
    """The documents of all lists, each once; ``elsewhere`` is how many are on hosts that are not asked.

    ``problems`` say which lists could not be read; ``kept_out`` whether we were kept out of one.
    """

    items: tuple[Item, ...]
    elsewhere: int = 0
    problems: tuple[str, ...] = ()
    kept_out: bool = False

    @property
    def newest(self) -> date | None:
        """The latest day that the lists give."""
        return max((one.day for one in self.items if one.day), default=None)


def list_documents(source: Source, visitor: Visitor, worker: Worker, today: date) -> Listed:
    """Every document that the source's lists name. Never raises for what a site does."""
    found: dict[str, Item] = {}
    problems, kept_out = [], False
    for at, listing in enumerate(source.lists):
        try:
            for item in _documents(source, at, listing, visitor, worker, today):
                found.setdefault(item.address, item)
        except SourceError as error:
            kept_out = kept_out or isinstance(error, BlockedError)
            problems.append(f"{listing.url}：{error.message}")
    ours = tuple(item for item in found.values() if source.allows(item.address))
    return Listed(ours, len(found) - len(ours), tuple(problems), kept_out)


def _documents(
    source: Source, at: int, listing: Listing, visitor: Visitor, worker: Worker, today: date
) -> Iterator[Item]:
    """The documents of one list, over its pages: until the last, an empty one, one seen before or one of old
    documents. :class:`SourceError` where the first, or a further one that is there, cannot be read."""
    seen: set[str] = set()
    most = listing.pages.most if listing.pages else 1
    for number in range(1, most + 1):
        address = listing.url if number == 1 else _further(listing, number)
        try:
            fetched = visitor.visit(address, source)
        except GoneError:
            if number == 1:
                raise
            return
        if fetched is None:
            return
        read = _read(source, at, fetched, worker)
        if read.problem and number == 1:
            raise SourceError(source.id, address, read.problem)
        mark = hashlib.sha256("\n".join(one.address for one in read.items).encode()).hexdigest()
        if not read.items or mark in seen:
            return
        seen.add(mark)
        yield from (_secure(item, source) for item in read.items)
        if listing.pages and _ends(listing.pages, number, read, today):
            return


def _ends(pages: Pages, number: int, read: Read, today: date) -> bool:
    """Whether a list is over with this page: by its total, or because all on it is old."""
    if read.total is not None and number * pages.per_page >= read.total:
        return True
    newest = max((one.day for one in read.items if one.day), default=today)
    return newest < today - timedelta(pages.within_days)


def _further(listing: Listing, number: int) -> str:
    return joined(listing.url, listing.pages.address_of(number)) if listing.pages else listing.url


def _read(source: Source, at: int, fetched: Fetched, worker: Worker) -> Read:
    job = {
        "source": source.model_dump(mode="json"),
        "address": fetched.address,
        "headers": dict(fetched.headers),
        "listing": at,
    }
    answer = worker.do(job, fetched.body)
    return Read(tuple(map(_item, answer["items"])), str(answer["empty"]), answer["total"])


def _item(row: dict[str, str | None]) -> Item:
    day = row["day"]
    address, title, number = (str(row[name] or "") for name in ("address", "title", "number"))
    return Item(address, title, date.fromisoformat(day) if day else None, number)


def _secure(item: Item, source: Source) -> Item:
    """Lists mix http and https: where http is not allowed, the same page is asked encrypted."""
    if source.http or not item.address.startswith("http://"):
        return item
    return replace(item, address="https://" + item.address.removeprefix("http://"))
