"""The published library as a directory for places without a network: by region, then by type of relief.

What stands in it is the same in Word, as a page and as a sheet; the modules beside this one write those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from kb.domain.dates import in_words
from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.domain.relief import Regions, Relief
from kb.domain.taxonomy import NATION, Taxonomy
from kb.outreach.accountant import papers, steps_words, way_words
from kb.outreach.message import LEAD, audience_words, caveat, entry_audience
from kb.outreach.sheet import Sheet, sheet_on
from kb.outreach.until import checked_words, running_words
from kb.store import changes, entries
from kb.store.database import Database

TITLE = "惠企政策目录"
BACKGROUND = "背景资料（2020年调查）"
NOTICES = "延期、废止和影响提示"
STALE = "时效待核实"


@dataclass(frozen=True)
class Item:
    """One relief, or an entry that has none, in words; an empty one has nothing to say.

    ``status`` is a word, ``until`` the same with the day; ``checked`` says when that was last looked at and
    ``doubts`` what of our data is not verified. ``relief`` is empty for an entry without one.
    """

    entry: str
    relief: str
    kind: str
    place: str
    type: str
    title: str
    what: str
    worth: str
    who: str
    conditions: tuple[str, ...]
    status: str
    until: str
    checked: str
    how: str
    steps: str
    materials: str
    contact: str
    document: str
    number: str
    issuers: str
    issued: str
    source: str
    url: str
    doubts: tuple[str, ...]
    version: int


@dataclass(frozen=True)
class Group:
    """The items of one type in one place."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Part:
    """A place, or the papers of 2020, with its groups."""

    title: str
    groups: tuple[Group, ...]

    @property
    def total(self) -> int:
        return sum(len(group.items) for group in self.groups)


@dataclass(frozen=True)
class Directory:
    """The directory for ``day``; ``change`` is the number of the store's last change, ``place`` what it is
    for, ``site`` its public address (empty where there is none), ``notes`` what has to be said."""

    day: date
    place: str
    change: int
    site: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.place}{TITLE}"

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item in the order of the directory."""
        return tuple(item for part in self.parts for group in part.groups for item in group.items)


def directory_on(
    db: Database,
    taxonomy: Taxonomy,
    day: date,
    *,
    region: str = NATION,
    organiser: str = "",
    site: str = "",
    ended: bool = False,
) -> Directory:
    """What is published and had been issued by ``day``, always in one order; with ``ended`` what expired too.

    For a ``region`` also what holds in all it lies in and in every place below it.
    """
    placed = sorted(_placed(db, taxonomy, day, region, ended), key=lambda one: one[0])
    parts = []
    for (_papers, title), inside in groupby(placed, key=lambda one: (one[0][0], one[1].place)):
        groups = groupby((item for _key, item in inside), key=lambda item: item.type)
        parts.append(Part(title, tuple(Group(name, tuple(items)) for name, items in groups)))
    place = "" if region == NATION else taxonomy.regions.label(region)
    notes = (*_notes(day, ended), caveat(organiser))
    return Directory(day, place, changes.last_number(db), site, tuple(parts), notes)


def _notes(day: date, ended: bool) -> Iterator[str]:
    left_out = "" if ended else "，已到期的不收"
    when = f"按{in_words(day)}整理，只收当天已公布的文件和当时的期限{left_out}"
    yield f"{when}。政策会变，办之前请核对原文或问主管部门。"
    yield "“最近核对”是本库最近一次核对时效的日子；写“内容待核实”的，数据还没有核实。"


_Key = tuple[int, str, str, int, bool, int, str, int]


def _placed(
    db: Database, taxonomy: Taxonomy, day: date, region: str, ended: bool
) -> Iterator[tuple[_Key, Item]]:
    for held in entries.all_current(db):
        entry = held.entry
        if not _holds_in(taxonomy, entry.regions, region):
            continue
        sheet = sheet_on(db, held, day)
        if sheet and (ended or sheet.status.status != "expired"):
            for at, item in enumerate(_items(sheet, taxonomy, region, ended)):
                yield (*_rank(entry, item, taxonomy), entry.id, at), item


def _holds_in(taxonomy: Taxonomy, regions: Regions, region: str) -> bool:
    if region == NATION:
        return True
    return taxonomy.regions.applies(regions.include or (NATION,), regions.exclude, region) != "no"


def _rank(entry: Entry, item: Item, taxonomy: Taxonomy) -> tuple[int, str, str, int, bool, int]:
    """The nation, then places by code, last the papers of 2020; in each the types as the taxonomy has them,
    in those what is 时效待核实 last, else the newest document first."""
    code = (entry.regions.include or (NATION,))[0]
    if entry.kind in BACKGROUND_KINDS:
        return 1, "", "", [term.label for term in taxonomy.kinds].index(item.type), False, 0
    labels = [term.label for term in taxonomy.types]
    kind = labels.index(item.type) if item.type in labels else len(labels)
    stale = item.status == STALE
    return 0, code, item.place, kind, stale, -(entry.issued_on or entry.known_on).toordinal()


def _items(sheet: Sheet, taxonomy: Taxonomy, region: str, ended: bool) -> Iterable[Item]:
    entry = sheet.entry
    if not entry.reliefs:
        yield _item(sheet, taxonomy, None)
    for one in sheet.reliefs:
        current = ended or one.term.status.status != "expired"
        if current and _holds_in(taxonomy, _regions(one.relief, entry), region):
            yield _item(sheet, taxonomy, one.relief)


def _regions(relief: Relief, entry: Entry) -> Regions:
    own = relief.audience.regions
    include = own.include or entry.regions.include
    return Regions(include=include, exclude=own.exclude + entry.regions.exclude)


def _item(sheet: Sheet, taxonomy: Taxonomy, relief: Relief | None) -> Item:
    entry, background = sheet.entry, sheet.entry.kind in BACKGROUND_KINDS
    status = next((one.term.status for one in sheet.reliefs if one.relief is relief), sheet.status)
    apply = relief.apply if relief else None
    source = entry.sources[0] if entry.sources else None
    place = "、".join(taxonomy.regions.label(code) for code in entry.regions.include or (NATION,))
    kind = taxonomy.kinds.label(entry.kind)
    return Item(
        entry=entry.id,
        relief=relief.id if relief else "",
        kind=kind,
        place=BACKGROUND if background else place,
        type=taxonomy.types.label(relief.type) if relief else kind if background else NOTICES,
        title=relief.title if relief else entry.title,
        what=relief.what if relief else entry.promise,
        worth=relief.worth.text if relief and relief.worth else "",
        who=_who(entry, relief, taxonomy) if not background else "",
        conditions=tuple(one.text for one in relief.conditions) if relief else (),
        status="" if background else _status(status.stale, taxonomy.statuses.label(status.status)),
        until="" if background else running_words(status),
        checked="" if background else checked_words(status, entry.verified.confirmed_on),
        how=way_words(apply, taxonomy) if relief else "",
        steps=steps_words(apply) if apply else "",
        materials="、".join(papers(apply)),
        contact=apply.contact if apply else "",
        document=entry.title,
        number=entry.doc_number or "",
        issuers="、".join(entry.issuers),
        issued=in_words(entry.issued_on) if entry.issued_on else "",
        source="，".join(part for part in (source.document, source.section) if part) if source else "",
        url=next((one.url for one in entry.sources if one.url), ""),
        doubts=tuple(_doubts(entry, taxonomy)),
        version=sheet.version.number,
    )


def _status(stale: bool, label: str) -> str:
    return STALE if stale else label


def _who(entry: Entry, relief: Relief | None, taxonomy: Taxonomy) -> str:
    if relief is None:
        return entry_audience(entry, taxonomy) if not entry.is_amendment else ""
    audience = relief.audience
    return audience_words(_regions(relief, entry), [audience.sizes], [audience.industries], taxonomy)


def _doubts(entry: Entry, taxonomy: Taxonomy) -> Iterator[str]:
    if entry.is_lead:
        yield LEAD
    for field, why in entry.verified.doubts.items():
        yield f"{taxonomy.doubts.label(field)}：{why}"


def facts_of(item: Item) -> tuple[tuple[str, str], ...]:
    """The item as label and words, for paper; what there is nothing to say about is left out."""
    worth = f"（{item.worth}）" if item.worth and item.worth not in item.what else ""
    until = f"{item.until}（{item.checked}）" if item.until else item.checked
    ways = "；".join(part for part in (item.how, item.steps, item.contact) if part)
    basis = "，".join(
        part for part in (f"《{item.document}》", item.number, item.issuers, item.issued) if part
    )
    told = (
        ("能得到什么" if item.relief else "主要内容", item.what + worth),
        ("谁能享受", "；".join(part for part in (item.who, *item.conditions) if part)),
        ("到什么时候", until),
        ("怎么办", ways),
        ("要带的材料", item.materials),
        ("依据", basis if item.relief or item.number or item.issuers else ""),
        ("官方网址", item.url),
        ("内容待核实", "；".join(item.doubts)),
    )
    return tuple((label, words) for label, words in told if words)
