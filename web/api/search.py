"""Searching, page by page: a list is frozen when its first page is asked for, so publishing moves nothing."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import current_app, url_for

from kb.domain.taxonomy import Taxonomy
from kb.outreach.message import caveat
from kb.outreach.results import answer_json, hit_json
from kb.search import Answer, Request, search, watermark
from kb.search.engine import SORTS, Hit
from kb.search.table import FIELDS, Filters
from kb.search.understanding import RECOGNISED
from kb.store import entries
from web.api import cursors, parameters
from web.api.kinds import OneOf, Term, Words
from web.api.models import SearchAnswer
from web.api.parameters import Given, Parameter
from web.api.problems import RefusedError
from web.api.serving import Resource, next_page, serve
from web.i18n import _
from web.links import absolute
from web.results import field_titles
from web.site import database, site

DEEPEST = 500
"""As far down a list as pages go."""
FROZEN = 64
"""How many lists are held; who comes back to one that has gone begins anew if the index has moved."""


def declared(taxonomy: Taxonomy) -> tuple[Parameter, ...]:
    """What a search takes."""
    titles = field_titles()
    filters = (Parameter(name, Term(name), titles[name], many=True) for name in FIELDS)
    return (
        Parameter("q", Words(), _("搜索词，和网页上一样写；空着就列出全部"), example="养老保险"),
        *filters,
        Parameter("sort", OneOf(tuple(map(str, SORTS))), _("先后：相关、发文日期、截止日期")),
        Parameter("ignore", OneOf(tuple(RECOGNISED)), _("不要从搜索词里看出这一项"), many=True),
        parameters.as_of(),
        parameters.limit(100, 20),
        parameters.cursor(),
        parameters.lang(),
    )


RESOURCE = Resource(
    "search",
    "/search",
    SearchAnswer,
    lambda: _("搜索"),
    lambda: _("同 kb search：条件落在同一个支持事项上；翻页时名单不变，最多翻到第 500 件。"),
    declared,
    ("restart",),
    "q=养老保险&as_of=2020-03-10&limit=5",
)


@dataclass(frozen=True)
class Frozen:
    """A list as it was when its first page was asked for, and the change up to which it knew."""

    answer: Answer
    watermark: int


class Lists:
    """The lists that somebody may still be going through, the least used of them let go first."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int], Frozen] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, frozen: Frozen) -> None:
        """Hold a list."""
        with self._lock:
            self._held[name, frozen.watermark] = frozen
            while len(self._held) > FROZEN:
                self._held.popitem(last=False)

    def get(self, name: str, number: int) -> Frozen | None:
        """The list, if it is still held."""
        with self._lock:
            found = self._held.get((name, number))
            if found:
                self._held.move_to_end((name, number))
            return found


def _lists() -> Lists:
    held = current_app.extensions.setdefault("kb_api_lists", Lists())
    return held if isinstance(held, Lists) else Lists()


@serve(RESOURCE)
def show(given: Given) -> dict[str, Any]:
    """A page of an answer."""
    place = cursors.read("search", given, (int, int))
    frozen = _again(given, place[0]) if place else _fresh(given)
    offset, limit = (place[1] if place else 0), given.number("limit", 20)
    if offset < 0:
        raise RefusedError("bad-cursor")
    page = frozen.answer.hits[offset : offset + limit]
    rest = offset + limit < len(frozen.answer.hits)
    cursor = cursors.made("search", given, [frozen.watermark, offset + limit]) if rest else None
    data = answer_json(replace(frozen.answer, hits=()), site().taxonomy)
    return {
        **data,
        "hits": [_hit(hit) for hit in page if _is_published(hit, place is None)],
        "next": next_page(RESOURCE, given, cursor) if cursor else None,
        "cursor": cursor,
        "caveat": caveat(site().settings.organiser),
    }


def _again(given: Given, number: int) -> Frozen:
    """The list that a cursor is of; made again if the index has not moved since, else to be begun anew."""
    held = _lists().get(_name(given), number)
    if held:
        return held
    if watermark(site().library) != number:
        raise RefusedError("restart", _("库里有了新内容，这份名单已经不在了，请从第一页重新取。"))
    return _fresh(given)


def _fresh(given: Given) -> Frozen:
    before = watermark(site().library)
    frozen = Frozen(search(site().library, request_of(given)), before)
    if len(frozen.answer.hits) > given.number("limit", 20):
        _lists().put(_name(given), frozen)
    return frozen


def request_of(given: Given) -> Request:
    """The search that is asked for, as deep as pages go."""
    day: date = given.day() or site().today
    filters = Filters(**{name: given.all(name) for name in FIELDS})
    sort = next((one for one in SORTS if one == given.text("sort")), SORTS[0])
    return Request(given.text("q"), day, filters, sort, DEEPEST, ignore=given.all("ignore"))


def _name(given: Given) -> str:
    day = given.day() or site().today
    return hashlib.sha256(f"{cursors.mark('search', given)} {day}".encode()).hexdigest()


def _is_published(hit: Hit, fresh: bool) -> bool:
    """What has been withdrawn since the list was frozen is left out of it."""
    held = None if fresh else entries.get(database(), hit.record.id)
    return fresh or bool(held and held.state == "published")


def _hit(hit: Hit) -> dict[str, Any]:
    address = absolute(url_for("entries.show", entry_id=hit.record.id))
    return {**hit_json(hit, site().taxonomy), "address": address}
