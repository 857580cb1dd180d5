"""A crawl: source by source, page by page, each kept at once, so that it may be interrupted at any moment.

One broken source never stops the others, and a second run carries on where the first was stopped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from kb.domain.source import Source
from kb.errors import BlockedError, KbError, SourceError
from kb.ingest import arriving
from kb.ingest.arriving import Place
from kb.ingest.extraction.listing import Item
from kb.ingest.fetching import Fetched
from kb.ingest.lists import Listed, list_documents
from kb.ingest.parsed import Parsed, parsed_from
from kb.ingest.visiting import GoneError, Known, Visitor
from kb.ingest.worker import Worker
from kb.store import naming, pages, patience, runs, snapshots
from kb.store.database import Database
from kb.store.pages import Outcome, Page
from kb.store.runs import Run
from kb.store.snapshots import Snapshot

MOST_ATTACHMENTS = 20
MOST_ATTACHED = 100_000_000
"""Of one page: how many attachments are fetched, and after how many bytes of them no more."""
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a source is: ``done`` of ``total`` pages, and how often each outcome came."""

    source: Source
    done: int
    total: int
    counts: Mapping[Outcome, int]


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Ground:
    """What a crawl works with. ``tell`` is called after each page."""

    db: Database
    home: Path
    visitor: Visitor
    worker: Worker
    today: date
    tell: Tell = field(default=lambda progress: None)


@dataclass(frozen=True)
class Survey:
    """What a dry run found of a source: what it lists, and how many of that were never fetched."""

    source: Source
    listed: Listed
    fresh: tuple[Item, ...]
    unmet: tuple[str, ...]


class BusyError(KbError):
    """Another crawl is under way."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """For as long as a crawl goes on there is no second one; :class:`BusyError` if there is one already."""
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "crawl.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError("已有一次采集在进行，等它结束再来") from error
    try:
        yield
    finally:
        lock.release()


def crawl(ground: Ground, sources: Iterable[Source], asked: str) -> Run:
    """Go through ``sources`` and keep what they give; the finished run.

    :class:`BusyError` if another is under way.
    """
    with alone(ground.home):
        snapshots.sweep(ground.home)
        number = runs.begin(ground.db, asked)
        place = Place(ground.db, ground.home, number, naming.by_number(ground.db))
        ground.visitor.leave_alone(patience.left(ground.db))
        try:
            for source in sources:
                _source(ground, place, source)
                patience.keep(ground.db, ground.visitor.left_alone())
        except KeyboardInterrupt:
            runs.interrupt(ground.db)
            raise
        return runs.end(ground.db, number)


def due(db: Database, sources: Iterable[Source]) -> list[Source]:
    """The sources whose turn has come; none that is paused."""
    last = runs.last_of(db)
    return [
        one for one in sources if not one.paused and runs.is_due(last.get(one.id), one.polite.every_hours)
    ]


def survey(ground: Ground, source: Source) -> Survey:
    """What a source lists now, and what of it a crawl would fetch for the first time. Nothing is kept."""
    listed = list_documents(source, ground.visitor, ground.worker, ground.today)
    held = pages.checked(ground.db, [item.address for item in listed.items])
    fresh = tuple(item for item in listed.items if item.address not in held)
    return Survey(source, listed, fresh, _unmet(source, listed, ground.today))


def _unmet(source: Source, listed: Listed, today: date) -> tuple[str, ...]:
    """The expectations that a list misses; none where it could not be read, for then nothing is known."""
    return () if listed.problems else source.expect.unmet(len(listed.items), listed.newest, today)


def _source(ground: Ground, place: Place, source: Source) -> None:
    """One source's turn; whatever happens in it is written down and no more."""
    runs.begin_source(place.db, place.run, source.id, source.name)
    try:
        listed = list_documents(source, ground.visitor, ground.worker, ground.today)
        _documents(ground, place, source, listed)
    except KbError as error:
        runs.end_source(place.db, place.run, source.id, "failed", str(error))
        return
    except Exception as error:
        LOG.exception("source %s", source.id)
        told = f"程序出错（{type(error).__name__}），其他来源不受影响"
        runs.end_source(place.db, place.run, source.id, "failed", told)
        return
    state: runs.State = "done" if not listed.problems else "blocked" if listed.kept_out else "failed"
    runs.end_source(
        place.db,
        place.run,
        source.id,
        state,
        "；".join(listed.problems),
        len(listed.items),
        pages.day_of_listing(listed.newest) or None,
        _unmet(source, listed, ground.today),
    )


def _documents(ground: Ground, place: Place, source: Source, listed: Listed) -> None:
    turn = _turn(ground, source, listed.items)
    counts: Counter[Outcome] = Counter()
    ground.tell(Progress(source, 0, len(turn), counts))
    for number, item in enumerate(turn, 1):
        counts[_document(ground, place, source, item)] += 1
        ground.tell(Progress(source, number, len(turn), counts))


def _turn(ground: Ground, source: Source, items: Iterable[Item]) -> list[Item]:
    """Which documents to ask for in this run: those never fetched, what was tried in vain last among them,
    then those checked longest ago."""
    items = list(items)
    held = pages.checked(ground.db, [item.address for item in items])
    tried = runs.tried(ground.db, source.id)
    since = (datetime.now(UTC) - timedelta(days=source.polite.recheck_days)).isoformat()
    fresh = [item for item in items if item.address not in held]
    fresh.sort(key=lambda item: tried.get(item.address, ""))
    old = [item for item in items if held.get(item.address, "9999") <= since]
    old.sort(key=lambda item: held[item.address])
    return [*fresh, *old][: source.polite.most_documents]


def _document(ground: Ground, place: Place, source: Source, item: Item) -> Outcome:
    """Visit one page and keep what it brings; a page of which nothing was learnt leaves all as it was."""
    page = pages.get(place.db, item.address)
    try:
        fetched = ground.visitor.visit(item.address, source, _known(place, page))
        if page and (fetched is None or _is_same(place, page, fetched)):
            named = (page.proposed or {}).get("attachments", ())
            swapped = list(_attachments(ground, place, source, named))
            return arriving.unchanged(place, source, item, _back(page), swapped=swapped)
        if fetched is None:
            raise SourceError(source.id, item.address, "对方说没有变化，可是还没有取过")
        parsed = _parsed(ground, place, source, fetched)
        papers = list(_attachments(ground, place, source, parsed.attachments))
        return arriving.arrive(place, source, item, page, fetched, parsed, papers)
    except GoneError as error:
        return arriving.gone(place, source, item, page, error.message)
    except SourceError as error:
        outcome = _kind(error)
        runs.note_page(place.db, place.run, source.id, item.address, item.title, outcome, error.message)
        return outcome


def _back(page: Page) -> Page:
    """A page that is there: if it goes once more, that is news again."""
    return replace(page, dismissed="") if page.dismissed == pages.GONE else page


def _kind(error: SourceError) -> Outcome:
    return "blocked" if isinstance(error, BlockedError) else "failed"


def _attachments(
    ground: Ground, place: Place, source: Source, named: Iterable[tuple[str, str]]
) -> Iterator[arriving.Paper]:
    """Those of a page's attachments that are new or have other content by now, on the source's hosts.

    What cannot be had is noted with the run.
    """
    left = MOST_ATTACHED
    for name, address in [one for one in named if source.allows(one[1])][:MOST_ATTACHMENTS]:
        held = snapshots.latest(place.db, address)
        try:
            if left <= 0:
                raise SourceError(source.id, address, "这一页的附件加起来太大，其余的没有取")
            fetched = ground.visitor.visit(address, source, _asked_with(place, held))
        except SourceError as error:
            told = f"附件没有取到：{error.message}"
            runs.note_page(place.db, place.run, source.id, address, name, _kind(error), told)
            continue
        left -= len(fetched.body) if fetched else 0
        if fetched is not None and not (held and _is_kept(place, held, fetched)):
            yield arriving.Paper(address, fetched, name)


def _parsed(ground: Ground, place: Place, source: Source, fetched: Fetched) -> Parsed:
    job = {
        "source": source.model_dump(mode="json"),
        "address": fetched.address,
        "headers": dict(fetched.headers),
        "numbers": dict(place.numbers),
    }
    answer = ground.worker.do(job, fetched.body)
    try:
        return parsed_from(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(source.id, fetched.address, "解析的结果不完整") from error


def _known(place: Place, page: Page | None) -> Known | None:
    """What to ask with; nothing where a newer state waits, for that is what must be seen again."""
    if page is None or page.snapshot is None or page.held_back:
        return None
    return _asked_with(place, snapshots.existing(place.db, page.snapshot))


def _asked_with(place: Place, held: Snapshot | None) -> Known | None:
    """What to ask with for what is held; nothing where its file is damaged, for then it is wanted again."""
    if held is None or not snapshots.is_sound(place.home, held.sha256):
        return None
    return Known(held.headers.get("etag", ""), held.headers.get("last-modified", ""))


def _is_same(place: Place, page: Page, fetched: Fetched) -> bool:
    if page.snapshot is None:
        return False
    return _is_kept(place, snapshots.existing(place.db, page.snapshot), fetched)


def _is_kept(place: Place, held: Snapshot, fetched: Fetched) -> bool:
    """Whether just these bytes are held; a file of theirs that was damaged is whole again then."""
    if held.sha256 != snapshots.digest(fetched.body):
        return False
    snapshots.put(place.home, fetched.body)
    return True
