"""A site that entries are fetched from, as people describe it in ``policies/sources/<id>.yml``.

Everything that differs from site to site is here and nothing of it in code: which lists to read and how they
go on, where on a page the facts stand, how politely to ask, and what a healthy site looks like. Selectors are
CSS; several are tried in order. What was not confirmed on the live site is named in ``unconfirmed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from kb.domain.recipe import USUAL, Recipe
from kb.domain.relief import Code, EntryId, Text, Value

Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(?::\d{1,5})?$")]
Reads = Literal["html", "jpage", "json"]


class Pages(Value):
    """How a list goes on. ``address`` holds ``{n}`` and is joined to the list's own address.

    Page 2 has the number ``second`` (``createPageHTML`` names it ``index_1``, other sites ``index_2``).
    It goes on for at most ``most`` pages and until a page has nothing younger than ``within_days``.
    ``{start}`` and ``{end}`` are the first and last record of the page, for lists that count records.
    """

    address: Text
    second: int = Field(default=2, ge=0, le=2)
    per_page: int = Field(default=20, ge=1, le=500)
    most: int = Field(default=3, ge=1, le=50)
    within_days: int = Field(default=1_100, ge=1)

    @model_validator(mode="after")
    def _counts(self) -> Pages:
        if not any(mark in self.address for mark in ("{n}", "{start}")):
            raise ValueError("address 里要有 {n}（页码）或 {start}（第几条起），才翻得了页")
        return self

    def address_of(self, page: int) -> str:
        """Where page ``page`` is, which counts from 1; relative to the list's address."""
        start = (page - 1) * self.per_page + 1
        marks = {"{n}": self.second + page - 2, "{start}": start, "{end}": start + self.per_page - 1}
        told = self.address
        for mark, value in marks.items():
            told = told.replace(mark, str(value))
        return told


class Listing(Value):
    """A page that lists documents. ``html`` and the records of ``jpage`` are read by selectors.

    Within an ``item``, ``link`` leads to the document and ``date`` says when it came out. For ``json``,
    ``item`` is the path to the list (``catMap.*.listVO``) and the others are the names of its keys.
    """

    url: Text
    read: Reads = "html"
    item: Text
    link: str = "a[href]"
    title: str = ""
    date: str = ""
    number: str = ""
    pages: Pages | None = None


class Expectations(Value):
    """What a healthy run finds: so many documents listed, the newest not older than so many days."""

    at_least: int = Field(default=1, ge=0)
    newest_within_days: int = Field(default=0, ge=0)

    def unmet(self, found: int, newest: date | None, today: date) -> tuple[str, ...]:
        """What is not as expected, in words; nothing where all is well."""
        told = []
        if found < self.at_least:
            told.append(f"列表里只有 {found} 条，至少应有 {self.at_least} 条")
        if self.newest_within_days and newest is None:
            told.append("列表里没有读到日期，看不出有没有新文件")
        elif self.newest_within_days and newest and newest < today - timedelta(self.newest_within_days):
            told.append(f"最新一条是 {newest}，超过 {self.newest_within_days} 天没有新文件")
        return tuple(told)


class Politeness(Value):
    """How hard a site is asked: seconds between two requests, documents a run, days until a page is asked
    again, hours until the source is due again."""

    pause_seconds: float = Field(default=5.0, ge=0, le=600)
    most_documents: int = Field(default=60, ge=1, le=2_000)
    recheck_days: int = Field(default=7, ge=0, le=365)
    every_hours: int = Field(default=24, ge=1, le=24 * 90)


class Source(Value):
    """One site and how to read it. ``hosts`` are the only ones asked; ``http`` allows it unencrypted.

    ``region`` and ``issuer`` are what its documents are taken for where they do not say; ``relevant`` are
    words of which a document must hold one to be worth a draft (none: all are). ``page`` says how its pages
    are built; ``paused`` why the source is left alone for now.
    """

    id: EntryId
    name: Text
    home: Text
    hosts: tuple[Host, ...] = Field(min_length=1)
    http: bool = False
    region: Code = "100000"
    issuer: str = ""
    paused: str = ""
    relevant: tuple[Text, ...] = ()
    lists: tuple[Listing, ...] = Field(min_length=1)
    page: Recipe = USUAL
    polite: Politeness = Politeness()
    expect: Expectations = Expectations()
    unconfirmed: Mapping[str, Text] = Field(default_factory=dict)
    note: str = ""

    def allows(self, address: str) -> bool:
        """Whether an address is one of this source's: its host is listed, and http only where allowed."""
        parts = urlsplit(address)
        return parts.netloc.lower() in self.hosts and parts.scheme in (
            ("http", "https") if self.http else ("https",)
        )

    def is_relevant(self, *texts: str) -> bool:
        """Whether one of the words that matter stands in one of ``texts``."""
        return not self.relevant or any(word in text for word in self.relevant for text in texts)


def held_at(data: Any, dotted: str) -> bool:
    """Whether plain data has something at ``lists.0.item``."""
    for step in dotted.split("."):
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list | tuple) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return False
    return True
