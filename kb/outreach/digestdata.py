"""Digests as data, as a feed, and as a mail to those who subscribed to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

from kb.domain.digest import SECTION_NAMES, Digest, Note, plain
from kb.outreach.alerts import send_digest
from kb.outreach.feeds import ATOM
from kb.outreach.message import caveat
from kb.outreach.word import clean
from kb.store.database import Database

MAILED = 12
"""So many items a mail names; the rest is on the page."""


def digest_json(
    digest: Digest, organiser: str, notes: Sequence[Note] = (), since: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The issue as data; with ``since`` what has changed after it, by the item's key."""
    changed = since or {}
    return {
        **summary_json(digest),
        "since": digest.since.isoformat(),
        "masthead": plain(digest.masthead),
        "items": [
            {**plain(replace(one, seal="")), "title": one.title, "changed_since": changed.get(one.key)}
            for one in digest.items
        ],
        "corrections": [{"at": one.at, "text": one.text} for one in notes],
        "caveat": caveat(organiser),
    }


def summary_json(digest: Digest) -> dict[str, Any]:
    """What a list says of an issue."""
    return {
        "number": digest.total,
        "year": digest.day.year,
        "number_in_year": digest.number,
        "title": digest.title,
        "day": digest.day.isoformat(),
        "issued_at": digest.issued_at,
        "titles": [one.title for one in digest.items],
    }


@dataclass(frozen=True)
class DigestFeed:
    """Where the feed and its pages live; ``issue`` is put before a number to make an issue's address."""

    title: str
    address: str
    page: str
    issue: str
    organiser: str


def digests_atom(feed: DigestFeed, issues: Iterable[Digest], empty: str) -> bytes:
    """The issues as an Atom document in UTF-8; ``empty`` is the moment that one without issues gives."""
    listed = list(issues)
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN"})
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "link", href=feed.address, rel="self", type="application/atom+xml")
    _add(root, "link", href=feed.page, rel="alternate", type="text/html")
    _add(root, "updated", max((one.issued_at for one in listed), default=empty))
    _add(ElementTree.SubElement(root, "author"), "name", feed.organiser or "relief-kb")
    _add(root, "rights", caveat(feed.organiser))
    for digest in listed:
        _entry(root, digest, f"{feed.issue}{digest.total}")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(root: ElementTree.Element, digest: Digest, address: str) -> None:
    one = ElementTree.SubElement(root, "entry")
    _add(one, "title", digest.title)
    _add(one, "id", address)
    _add(one, "link", href=address, rel="alternate", type="text/html")
    _add(one, "published", digest.issued_at)
    _add(one, "updated", digest.issued_at)
    _add(one, "summary", "；".join(item.title for item in digest.items))


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> None:
    safe = {name: clean(value) for name, value in attributes.items()}
    ElementTree.SubElement(parent, tag, safe).text = clean(text) or None


def mail_digest(db: Database, digest: Digest, path: str, organiser: str) -> int:
    """Have the issue mailed to everybody who subscribed to digests, each once; how many mails were put.

    ``path`` is its page. Answered difficulties are counted, not quoted: a mail that waits cannot follow a
    member who takes the consent back. Joins the transaction that is open.
    """
    listed = [item for _section, items in digest.sections for item in items if item.is_entry]
    lines = [f"{SECTION_NAMES[item.section]}：{item.title}" for item in listed]
    if answered := len(digest.items) - len(lines):
        lines.append(f"{SECTION_NAMES['answered']}：{answered} 条，见网页")
    more = f"还有 {len(lines) - MAILED} 条，请看网页。" if len(lines) > MAILED else ""
    told = tuple(part for part in (*lines[:MAILED], more) if part)
    lead = digest.masthead.lead or "新一期简报出刊了。"
    return send_digest(db, str(digest.total), digest.title, lead, path, organiser, lines=told)
