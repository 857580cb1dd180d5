"""Digests (简报): an issue, its items as they stood on its day, and the choice they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

Section = Literal["changed", "new", "ending", "ended", "answered"]
State = Literal["draft", "issued", "dropped"]
SECTIONS: tuple[Section, ...] = ("new", "changed", "ending", "ended", "answered")
SECTION_NAMES: Mapping[Section, str] = {
    "new": "新政策和新服务",
    "changed": "政策变动",
    "ending": "即将到期",
    "ended": "刚到期，关注续期",
    "answered": "会员困难与答复",
}
NAME = "惠企政策简报"
LONGEST_HEADING = 60
MEMBER = "会员"
"""The place of an answered difficulty: a town could tell whose it is."""


@dataclass(frozen=True)
class Choice:
    """One thing that staff put into an issue: an entry, or a difficulty that was answered.

    ``heading`` is what they call it, empty for its own title.
    """

    section: Section
    key: str
    heading: str = ""

    @property
    def is_entry(self) -> bool:
        return self.section != "answered"


@dataclass(frozen=True)
class Item:
    """A choice in words, as it stood on the day of the issue. What is not known is empty.

    ``key`` is the entry's id, or the difficulty's for an answered one; ``version`` the entry's that was
    read; ``status``, ``end`` (ISO) and ``inferred`` are kept to tell later what has changed since, and
    ``seal`` of an answered difficulty to show its words only while its member agrees to just these.
    """

    section: Section
    key: str
    place: str = ""
    heading: str = ""
    text: str = ""
    who: str = ""
    until: str = ""
    how: str = ""
    document: str = ""
    number: str = ""
    change: str = ""
    note: str = ""
    version: int = 0
    status: str = ""
    end: str = ""
    inferred: str = ""
    seal: str = ""

    @property
    def title(self) -> str:
        """``湖南·稳岗返还``: 地区或单位·标题."""
        return f"{self.place}·{self.heading}" if self.place else self.heading

    @property
    def is_entry(self) -> bool:
        return self.section != "answered"

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Label and text of everything but the first sentence, in the order of every output."""
        given = (
            ("变化", self.change),
            ("谁能享受", self.who),
            ("到什么时候", self.until),
            ("怎么办", self.how),
            ("文件", self.document),
            ("文号", self.number),
            ("说明", self.note),
        )
        return tuple((label, text) for label, text in given if text)


@dataclass(frozen=True)
class Masthead:
    """What staff write on an issue besides its items; 报 and 送 name who is sent it."""

    name: str = NAME
    edition: str = ""
    editor: str = ""
    lead: str = ""
    sources: str = ""
    report_to: str = ""
    send_to: str = ""


@dataclass(frozen=True)
class Note:
    """更正: what an issue said wrongly, told beside it, since an issue never changes. ``at`` is UTC."""

    at: str
    by: str
    text: str


@dataclass(frozen=True)
class Digest:
    """An issue, or one in the making (``number`` and ``total`` 0, ``items`` empty).

    ``day`` is its date and the day everything in it is said for; ``since`` the first day of its period.
    ``number`` counts within the year of ``day``, ``total`` over all years.
    """

    id: int
    state: State
    revision: int
    day: date
    since: date
    masthead: Masthead
    choices: tuple[Choice, ...]
    items: tuple[Item, ...]
    number: int
    total: int
    created_by: str
    created_at: str
    updated_by: str
    updated_at: str
    issued_by: str
    issued_at: str

    @property
    def numbering(self) -> str:
        """``2020年第 3 期（总第 31 期）``; for one in the making that it has no number yet."""
        if not self.total:
            return f"{self.day.year}年第 ＿ 期（未出刊）"
        return f"{self.day.year}年第 {self.number} 期（总第 {self.total} 期）"

    @property
    def title(self) -> str:
        return f"{self.masthead.name} {self.numbering}"

    @property
    def sections(self) -> tuple[tuple[Section, tuple[Item, ...]], ...]:
        """The sections that have items, each with its own, in order."""
        return in_sections(self.items)


def in_sections(items: Iterable[Item]) -> tuple[tuple[Section, tuple[Item, ...]], ...]:
    """Items by section, sections in the order of :data:`SECTIONS`, empty ones left out."""
    listed = list(items)
    grouped = ((name, tuple(one for one in listed if one.section == name)) for name in SECTIONS)
    return tuple((name, held) for name, held in grouped if held)


def ordered(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Choices by section, each thing once (where it came first), within a section as they were."""
    once: dict[str, Choice] = {}
    for one in sorted(choices, key=lambda one: SECTIONS.index(one.section)):
        once.setdefault(f"{one.is_entry}:{one.key}", one)
    return tuple(once.values())


def moved(choices: tuple[Choice, ...], key: str, by: int) -> tuple[Choice, ...]:
    """The choices with one moved up (-1) or down (1) within its section; as they were at its edge."""
    at = next((place for place, one in enumerate(choices) if one.key == key), -1)
    to = at + by
    if at < 0 or not 0 <= to < len(choices) or choices[to].section != choices[at].section:
        return choices
    listed = list(choices)
    listed[at], listed[to] = listed[to], listed[at]
    return tuple(listed)


def renamed(choices: tuple[Choice, ...], headings: Mapping[str, str]) -> tuple[Choice, ...]:
    """The choices with the headings that staff wrote, by key; what is too long is cut.

    An answered difficulty keeps the heading that its member agreed to.
    """
    return tuple(
        replace(one, heading=" ".join(headings.get(one.key, one.heading).split())[:LONGEST_HEADING])
        if one.is_entry
        else replace(one, heading="")
        for one in choices
    )


def plain(value: Any) -> Any:
    """Choices, items or a masthead as data that JSON can hold."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return {name: part for name, part in asdict(value).items() if part not in ("", 0)}
