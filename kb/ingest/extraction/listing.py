"""Lists of documents read: HTML by selectors, the records of jpage, JSON of a search interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import soupsieve
from bs4 import BeautifulSoup
from bs4.element import Tag

from kb.domain.dates import SHANGHAI, find_dates
from kb.domain.source import Listing
from kb.ingest.extraction.decoding import decode
from kb.ingest.extraction.trees import parse
from kb.ingest.extraction.urls import joined

_NEEDS_INTERFACE = re.compile(
    r"dataproxy\.jsp|websiteId|channelId|codeName|createApp\(|__NUXT__|webpackJsonp|id=[\"']app[\"']"
)
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[(.*?)\]\]>|(.*?))\s*</record>", re.S | re.I)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)", re.I)
_LONGEST_TITLE = 300


@dataclass(frozen=True)
class Item:
    """One document that a list names. ``day`` is when it came out, as the list says."""

    address: str
    title: str
    day: date | None = None
    number: str = ""


@dataclass(frozen=True)
class Read:
    """One page of a list. ``problem`` says why nothing could be read where that is so.

    ``total`` is how many records there are in all, where the list says so.
    """

    items: tuple[Item, ...]
    problem: str = ""
    total: int | None = None


def read_list(
    raw: bytes, headers: Mapping[str, str], address: str, listing: Listing, encoding: str = ""
) -> Read:
    """The documents that a list at ``address`` names, each once, in its order."""
    text = decode(raw, headers, encoding).text
    if listing.read == "json":
        return _from_json(text, address, listing)
    if listing.read == "jpage":
        records = [one or other for one, other in _RECORD.findall(text)]
        total = _TOTAL.search(text)
        items = _unique(item for one in records for item in _items(one, address, listing))
        problem = "" if records else "接口没有给出记录（record）"
        return Read(items, problem, int(total[1]) if total else None)
    items = _unique(_items(text, address, listing))
    return Read(items, "" if items else _why_empty(text))


def _why_empty(html: str) -> str:
    if _NEEDS_INTERFACE.search(html):
        return "列表是空壳，内容由脚本另取：要改用接口地址（read: json 或 jpage）"
    return "列表里一条也没有读到：页面可能改版，请核对 item 和 link"


def _items(html: str, address: str, listing: Listing) -> Iterator[Item]:
    soup = parse(html).soup
    base = _base(soup, address)
    for holder in soup.select(listing.item):
        link = holder if holder.name == "a" else holder.select_one(listing.link)
        if link is None or not (whole := joined(base, str(link.get("href", "")))):
            continue
        day, number = _text_at(holder, listing.date), _text_at(holder, listing.number)
        found = find_dates(day)
        yield Item(whole, _title(holder, link, listing), found[0].exact if found else None, number)


def _base(soup: BeautifulSoup, address: str) -> str:
    held = soup.find("base", href=True)
    return (joined(address, str(held["href"])) or address) if isinstance(held, Tag) else address


def _title(holder: Tag, link: Tag, listing: Listing) -> str:
    told = _text_at(holder, listing.title) if listing.title else str(link.get("title") or "")
    return " ".join((told or link.get_text(" ")).split())[:_LONGEST_TITLE]


def _text_at(holder: Tag, selector: str) -> str:
    found = holder.select_one(selector) if selector else None
    return " ".join(found.get_text(" ").split()) if found else ""


def _unique(items: Iterable[Item]) -> tuple[Item, ...]:
    kept: dict[str, Item] = {}
    for item in items:
        kept.setdefault(item.address, item)
    return tuple(kept.values())


# -- JSON ------------------------------------------------------------------------------------------


def _from_json(text: str, address: str, listing: Listing) -> Read:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Read((), "接口给的不是 JSON")
    held = [one for one in _at(data, listing.item.split(".")) if isinstance(one, dict)]
    items = _unique(item for one in held if (item := _json_item(one, address, listing)))
    return Read(items, "" if items else f"接口的 {listing.item} 里一条也没有读到")


def _at(data: Any, steps: list[str]) -> Iterator[Any]:
    """What stands at a path; ``*`` is every part; a list at the end is gone through."""
    if not steps:
        yield from data if isinstance(data, list) else [data]
    elif steps[0] == "*":
        for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from _at(one, steps[1:])
    elif isinstance(data, dict) and steps[0] in data:
        yield from _at(data[steps[0]], steps[1:])


def _json_item(row: dict[str, Any], address: str, listing: Listing) -> Item | None:
    whole = joined(address, str(row.get(listing.link) or ""))
    if not whole or not row.get(listing.link):
        return None
    title, number = (_plain(row.get(name)) for name in (listing.title or "title", listing.number))
    return Item(whole, title[:_LONGEST_TITLE], _day(row.get(listing.date)), number)


def _plain(value: Any) -> str:
    """Words without the tags that highlight what was searched for."""
    text = "" if value is None else str(value)
    return " ".join(BeautifulSoup(text, "lxml").get_text("").split()) if "<" in text else text.strip()


def _day(value: Any) -> date | None:
    """A day in China of a date in words or of a moment in seconds or milliseconds."""
    text = str(value or "").strip()
    if text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text[:10]), UTC).astimezone(SHANGHAI).date()
    found = find_dates(text)
    return found[0].exact if found else None


def selector_problem(selector: str) -> str:
    """Why a selector cannot be used; empty if it can, or if there is none."""
    if not selector:
        return ""
    try:
        soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, ValueError) as error:
        return f"选择器 {selector!r} 写法不对：{str(error).splitlines()[0]}"
    return ""
