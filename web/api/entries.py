"""Entries: a list by id, one on a day or as it was known, and its versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import url_for

from kb.domain.dates import SHANGHAI
from kb.domain.entry import KINDS, Entry
from kb.domain.taxonomy import Taxonomy
from kb.outreach.message import caveat
from kb.outreach.sheet import Sheet, sheet_json, sheet_on
from kb.store import entries, history, mirror
from kb.store.entries import Published, Version
from web.api import cursors, parameters
from web.api.kinds import OneOf
from web.api.models import EntriesAnswer, EntryAnswer, VersionAnswer, VersionsAnswer
from web.api.parameters import Given, Parameter
from web.api.problems import RefusedError
from web.api.records import record_of
from web.api.serving import Resource, next_page, serve
from web.i18n import _
from web.links import absolute, absolute_papers
from web.site import database, site

_COMPUTED = (
    "version",
    "published_at",
    "as_of",
    "status",
    "good_until",
    "unreviewed",
    "kind_label",
    "region_labels",
    "relief_status",
    "related",
)


def listing(taxonomy: Taxonomy) -> tuple[Parameter, ...]:
    """What the list takes."""
    return (
        Parameter("kind", OneOf(tuple(KINDS)), _("类别")),
        Parameter("as_of", parameters.as_of().kind, _("只要这一天以前公布的")),
        parameters.limit(100, 50),
        parameters.cursor(),
        parameters.lang(),
    )


LIST = Resource(
    "entries",
    "/entries",
    EntriesAnswer,
    lambda: _("全部条目"),
    lambda: _("在发布的条目，按编号排；发布和撤下都不会让翻页漏掉或重复别的条目。"),
    listing,
    (),
    "kind=policy&limit=5",
)


@serve(LIST)
def index(given: Given) -> dict[str, Any]:
    """A page of the published entries."""
    place = cursors.read("entries", given, (str,))
    limit, day = given.number("limit", 50), given.day()
    known_by = day.isoformat() if day else ""
    after = place[0] if place else ""
    found = mirror.published_after(database(), after, limit + 1, given.text("kind"), known_by)
    page = found[:limit]
    cursor = cursors.made("entries", given, [page[-1].entry.id]) if len(found) > limit else None
    return {
        "as_of": day.isoformat() if day else None,
        "entries": [_item(one) for one in page],
        "next": next_page(LIST, given, cursor) if cursor else None,
        "cursor": cursor,
        "caveat": caveat(site().settings.organiser),
    }


def _item(held: Published) -> dict[str, Any]:
    entry = held.entry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "promise": entry.promise,
        "doc_number": entry.doc_number,
        "issuers": list(entry.issuers),
        "issued_on": entry.issued_on.isoformat() if entry.issued_on else None,
        "known_on": entry.known_on.isoformat(),
        "version": held.version.number,
        "published_at": held.version.published_at,
        "address": _address(entry),
    }


def _address(entry: Entry) -> str:
    return absolute(url_for("entries.show", entry_id=entry.id))


ONE = Resource(
    "entry",
    "/entries/<entry_id>",
    EntryAnswer,
    lambda: _("一个条目"),
    lambda: _("record 是内容本身，status 和 relief_status 是按 as_of 那一天算出来的。"),
    lambda taxonomy: (parameters.as_of(), parameters.known_at(), parameters.lang()),
    ("not-found", "not-then", "gone"),
    "as_of=2020-03-10",
)


@serve(ONE)
def show(given: Given, entry_id: str) -> dict[str, Any]:
    """An entry on a day, or as it was published at a moment."""
    held, moment = held_of(entry_id), given.moment()
    day = given.day() or (moment.astimezone(SHANGHAI).date() if moment else site().today)
    shown = _at(held, moment) if moment else _now(held)
    sheet = sheet_on(database(), shown, day, moment)
    if sheet is None:
        issued = shown.entry.known_on.isoformat()
        raise RefusedError("not-then", more={"known_on": issued, "as_of": day.isoformat()})
    return _answer(sheet, moment)


def held_of(entry_id: str) -> Published:
    """The entry of an id, whatever its state; refused if it never existed."""
    held = entries.get(database(), entry_id)
    if held is None:
        raise RefusedError("not-found", _("没有编号是 %(id)s 的条目。", id=entry_id[:64]))
    return held


def _now(held: Published) -> Published:
    if held.state != "published":
        raise RefusedError("gone", more={"state": held.state, "merged_into": held.merged_into})
    return held


def _at(held: Published, moment: datetime) -> Published:
    then = history.entry_at(database(), held.entry.id, moment)
    if then is None:
        raise RefusedError("not-then", more={"known_at": moment.astimezone(UTC).isoformat()})
    return then


def _answer(sheet: Sheet, moment: datetime | None) -> dict[str, Any]:
    data = absolute_papers(sheet_json(sheet, site().taxonomy))
    return {
        "id": sheet.entry.id,
        **{name: data[name] for name in _COMPUTED},
        "known_at": moment.astimezone(UTC).isoformat() if moment else None,
        "address": _address(sheet.entry),
        "record": record_of(sheet.entry),
        "caveat": caveat(site().settings.organiser),
    }


VERSIONS = Resource(
    "versions",
    "/entries/<entry_id>/versions",
    VersionsAnswer,
    lambda: _("一个条目的各版本"),
    lambda: _("新的在前；撤下或并入别处的条目也有。"),
    lambda taxonomy: (parameters.lang(),),
    ("not-found",),
)


@serve(VERSIONS)
def versions(given: Given, entry_id: str) -> dict[str, Any]:
    """Every version of an entry."""
    held = held_of(entry_id)
    rows = [_row(one) for one in history.versions_of(database(), entry_id)]
    return {"id": entry_id, "state": held.state, "merged_into": held.merged_into, "versions": rows}


def _row(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "published_at": version.published_at,
        "reason": version.reason,
        "unreviewed": version.unreviewed,
    }


VERSION = Resource(
    "version",
    "/entries/<entry_id>/versions/<int:number>",
    VersionAnswer,
    lambda: _("一个版本"),
    lambda: _("版本发布以后不再变，可以一直缓存。"),
    lambda taxonomy: (parameters.lang(),),
    ("not-found",),
)


@serve(VERSION)
def version(given: Given, entry_id: str, number: int) -> dict[str, Any]:
    """One version, whole."""
    found = history.version(database(), held_of(entry_id).entry.id, number)
    if found is None:
        raise RefusedError("not-found", _("%(id)s 没有第 %(n)s 版。", id=entry_id[:64], n=number))
    record = record_of(found.entry)
    return {"id": entry_id, **_row(found), "record": record, "caveat": caveat(site().settings.organiser)}
