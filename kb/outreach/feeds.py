"""Atom feeds of searches. An entry counts as updated when its dates move too, not only when it is new."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

from kb.outreach.message import caveat
from kb.outreach.until import end_iso
from kb.search.engine import Hit

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """What a feed is called and where it lives; ``entries`` is put before an id to make an entry's link."""

    title: str
    address: str
    page: str
    entries: str
    organiser: str


@dataclass(frozen=True)
class News:
    """Something that happened to an entry at a moment of UTC, in lines; ``name`` tells it from the others."""

    name: str
    at: str
    lines: tuple[str, ...]


def atom(feed: Feed, hits: Iterable[Hit], day: date) -> bytes:
    """The hits as an Atom document in UTF-8, well-formed whatever the title holds."""
    shown = list(hits)
    root = _root(feed, _moment(max((updated_on(hit, day) for hit in shown), default=day)))
    for hit in shown:
        _entry(root, feed, hit, day)
    return _written(root)


def entry_atom(feed: Feed, news: Iterable[News]) -> bytes:
    """What happened to one entry, the newest first, as an Atom document in UTF-8."""
    told = list(news)
    root = _root(feed, max((one.at for one in told), default=""))
    for item in told:
        one = ElementTree.SubElement(root, "entry")
        _add(one, "title", item.lines[0])
        _add(one, "id", f"{feed.page}#{item.name}")
        _add(one, "link", href=feed.page, rel="alternate", type="text/html")
        _add(one, "published", item.at)
        _add(one, "updated", item.at)
        _add(one, "summary", "；".join((feed.title, *item.lines)))
    return _written(root)


def _root(feed: Feed, updated: str) -> ElementTree.Element:
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN"})
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "link", href=feed.address, rel="self", type="application/atom+xml")
    _add(root, "link", href=feed.page, rel="alternate", type="text/html")
    _add(root, "updated", updated)
    author = ElementTree.SubElement(root, "author")
    _add(author, "name", feed.organiser or "relief-kb")
    _add(root, "rights", caveat(feed.organiser))
    return root


def _written(root: ElementTree.Element) -> bytes:
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(root: ElementTree.Element, feed: Feed, hit: Hit, day: date) -> None:
    record, address = hit.record, f"{feed.entries}{hit.record.id}"
    one = ElementTree.SubElement(root, "entry")
    _add(one, "title", record.promise)
    _add(one, "id", address)
    _add(one, "link", href=address, rel="alternate", type="text/html")
    _add(one, "published", _moment(record.issued_on or record.known_on))
    _add(one, "updated", _moment(updated_on(hit, day)))
    number = f"（{record.doc_number}）" if record.doc_number else ""
    until = f"至 {end_iso(hit.status)}" if hit.status.end else ""
    parts = [f"{record.title}{number}", "、".join(record.issuers), until]
    _add(one, "summary", "；".join(part for part in parts if part))


def updated_on(hit: Hit, day: date) -> date:
    """The last day, by ``day``, on which the entry was issued, extended, ended or confirmed."""
    steps = (step.known_on for row in hit.record.rows for step in row.steps)
    known = [moment for moment in (*steps, hit.record.trust.since) if moment <= day]
    return max(known, default=hit.record.known_on)


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> None:
    safe = {name: _NOT_XML.sub("", value) for name, value in attributes.items()}
    ElementTree.SubElement(parent, tag, safe).text = _NOT_XML.sub("", text) or None


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+08:00"
