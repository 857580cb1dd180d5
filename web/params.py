"""What the address of a search asks for, and what of it makes no sense."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from kb.domain.taxonomy import Taxonomy
from kb.search import Request
from kb.search import query as queries
from kb.search.engine import SORTS, Sort
from kb.search.table import FIELDS, Filters
from kb.search.understanding import RECOGNISED
from web.i18n import _
from web.links import LONGEST
from web.view import View, bad_day_notice, notice_words

PAGE_SIZE = 10
MAX_PAGE = 1000
MAX_VALUES = 20


@dataclass(frozen=True)
class Problem:
    """A parameter that was not understood: what was given, what to do, and what would be accepted."""

    parameter: str
    value: str
    message: str
    accepted: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """A search as an address says it, in keys and codes; ``problems`` are left out of it.

    ``ignore`` names the fields not to be understood from the words; ``explain`` asks for the reasons.
    """

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    page: int = 1
    ignore: tuple[str, ...] = ()
    explain: bool = False
    problems: tuple[Problem, ...] = ()

    def request(self, view: View, **more: Any) -> Request:
        """The request to the search engine for this page, on the day of ``view``."""
        limit = more.pop("limit", PAGE_SIZE)
        offset = (self.page - 1) * PAGE_SIZE
        more = {"ignore": self.ignore, **more}
        return Request(self.text, view.day, self.filters, self.sort, limit, offset, **more)

    def parameters(self) -> dict[str, object]:
        """The address parameters that say the same: codes, and only what differs from the default."""
        found: dict[str, object] = {name: self.filters.of(name) for name in FIELDS}
        found["q"] = self.text
        found["sort"] = self.sort if self.sort != "relevance" else None
        found["page"] = self.page if self.page > 1 else None
        found["ignore"] = self.ignore
        found["explain"] = 1 if self.explain else None
        return found

    def ignoring(self, name: str) -> Asked:
        """The same search without understanding values of ``name`` from the words."""
        return replace(self, ignore=tuple(dict.fromkeys((*self.ignore, name))), page=1)

    def with_text(self, text: str) -> Asked:
        """Other words, the same filters, from the first page."""
        return replace(self, text=text, ignore=(), page=1)

    def with_page(self, page: int) -> Asked:
        """The same search at another page."""
        return replace(self, page=page)

    def with_sort(self, sort: Sort) -> Asked:
        """The same search in another order, from its first page."""
        return replace(self, sort=sort, page=1)

    def with_values(self, name: str, values: tuple[str, ...]) -> Asked:
        """The same search with other values of one filter; ``name:…`` in the words and the page go."""
        text = re.sub(rf"(?i)(?<!\S){name}[:：]\S+", "", self.text).strip()
        return replace(self, text=text, filters=replace(self.filters, **{name: values}), page=1)


def day_problem(view: View) -> Problem:
    """The complaint about an ``as_of`` that is no date."""
    return Problem("as_of", view.bad_day[:40], bad_day_notice(view.bad_day))


def read(args: MultiDict[str, str], taxonomy: Taxonomy, view: View) -> Asked:
    """What ``args`` ask for; labels are taken for their keys, nothing raises."""
    problems: list[Problem] = []
    if view.bad_day:
        problems.append(day_problem(view))
    filters = Filters(**{name: _values(name, args, taxonomy, problems) for name in FIELDS})
    return Asked(
        text=args.get("q", "").strip()[:LONGEST],
        filters=filters,
        sort=_sort(args.get("sort", ""), problems),
        page=_page(args.get("page", ""), problems),
        ignore=tuple(name for name in RECOGNISED if name in args.getlist("ignore")),
        explain=args.get("explain") == "1",
        problems=tuple(problems),
    )


def _values(
    name: str, args: MultiDict[str, str], taxonomy: Taxonomy, problems: list[Problem]
) -> tuple[str, ...]:
    found: list[str] = []
    for value in args.getlist(name)[:MAX_VALUES]:
        if not value.strip():
            continue
        key = queries.find_value(name, value[:80], taxonomy)
        if key:
            found.append(key)
        else:
            message = notice_words(queries.unknown_value(name, value, taxonomy))
            problems.append(Problem(name, value[:40], message, _accepted(name, taxonomy)))
    return tuple(dict.fromkeys(found))


def _accepted(name: str, taxonomy: Taxonomy) -> tuple[dict[str, str], ...]:
    if name == "region":
        regions = (taxonomy.regions.by_code["100000"], *taxonomy.regions.provinces())
        return tuple({"value": region.code, "label": region.name} for region in regions)
    listed = taxonomy.terms_of(name) or ()
    terms = tuple({"value": term.key, "label": term.label} for term in listed)
    return (*terms, {"value": "all", "label": "全部"}) if name == "status" else terms


def _sort(value: str, problems: list[Problem]) -> Sort:
    for sort in SORTS:
        if value == sort:
            return sort
    if value:
        accepted = tuple({"value": str(sort)} for sort in SORTS)
        message = _("没有「%(value)s」这种排序，可用：%(known)s", value=value[:40], known="、".join(SORTS))
        problems.append(Problem("sort", value[:40], message, accepted))
    return "relevance"


def _page(value: str, problems: list[Problem]) -> int:
    if not value:
        return 1
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MAX_PAGE:
        return int(value)
    problems.append(Problem("page", value[:40], _("没有第「%(value)s」页，从第一页看起", value=value[:40])))
    return 1
