"""A search as its page shows it: hits, chips, facets, pages, background papers and help when nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from kb.domain.entry import BACKGROUND_KINDS, KINDS
from kb.domain.taxonomy import Taxonomy
from kb.search import Answer, Library, Request, search
from kb.search.engine import Hit
from kb.search.explain import Explanation, explain
from kb.search.table import FIELDS, FacetValue, Filters, label_of
from web.accounts import current_actor
from web.i18n import _
from web.links import link
from web.params import PAGE_SIZE, Asked
from web.reach import Reach, reach_of
from web.view import View

FRONT_KINDS = tuple(kind for kind in KINDS if kind not in BACKGROUND_KINDS)
"""What a search without a kind lists; the other kinds follow in one folded block."""
SHOWN = 8
BACKGROUND_SHOWN = 5
NEAREST_SHOWN = 3


@dataclass(frozen=True)
class Chip:
    """An applied filter and the address without it."""

    field: str
    label: str
    remove: str


@dataclass(frozen=True)
class Hint:
    """What words of the query name: addresses to make it a filter and to take it for mere words."""

    field: str
    label: str
    apply: str
    remove: str


@dataclass(frozen=True)
class Choice:
    """A value of a facet: how many entries it would leave, and the address that chooses or drops it."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """The values of one field; ``more`` are folded."""

    field: str
    title: str
    shown: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True)
class Drop:
    """A filter without which there would be something."""

    label: str
    count: int
    address: str


@dataclass(frozen=True)
class Help:
    """For an empty answer: which filter to drop, and the nearest there is."""

    drops: tuple[Drop, ...]
    nearest: tuple[Hit, ...]


@dataclass(frozen=True)
class Results:
    """Everything the results page shows; ``background``, ``help`` and ``why`` only where they are needed."""

    asked: Asked
    answer: Answer
    chips: tuple[Chip, ...]
    hints: tuple[Hint, ...]
    facets: tuple[Facet, ...]
    pages: int
    background: Answer | None
    help: Help | None
    reach: Reach
    why: dict[str, Explanation]


def results(library: Library, asked: Asked, view: View) -> Results:
    """The page of results that is asked for; beyond the last page stands the last page."""
    answer = search(library, asked.request(view, kinds_by_default=FRONT_KINDS))
    pages = max(1, -(-answer.total // PAGE_SIZE))
    if asked.page > pages:
        return results(library, replace(asked, page=pages), view)
    taxonomy = library.taxonomy
    return Results(
        asked=asked,
        answer=answer,
        chips=chips(asked, answer, taxonomy, view),
        hints=tuple(_hints(asked, answer, taxonomy, view)),
        facets=tuple(
            facet for name in FIELDS if (facet := _facet(name, asked, answer, taxonomy, view)) is not None
        ),
        pages=pages,
        background=_background(library, asked, answer, view),
        help=None if answer.total else _help(library, asked, answer, view),
        reach=reach_of(answer.filters.region, _subjects(answer), view.day),
        why=explain(library, answer) if asked.explain and current_actor() else {},
    )


def _subjects(answer: Answer) -> tuple[str, ...]:
    """The types of relief that the answer is about: those asked for, else the best hit's."""
    best = answer.hits[0].record.relief_types if answer.hits and not answer.query.is_empty else ()
    return answer.filters.type or best


def address(asked: Asked) -> str:
    """The address of a search."""
    return link("search.index", **asked.parameters())


def field_titles() -> dict[str, str]:
    """What the fields of a filter are called."""
    return {
        "region": _("地区"),
        "size": _("企业规模"),
        "industry": _("行业"),
        "type": _("支持类型"),
        "kind": _("类别"),
        "issuer": _("发文机关"),
        "year": _("年份"),
        "status": _("状态"),
        "need": _("困难"),
    }


def index_fields() -> dict[str, str]:
    """What the fields of the index are called where a score is explained."""
    return {
        "words": _("正文，整词"),
        "pairs": _("正文，两个字"),
        "alias_words": _("别名和一句话，整词"),
        "alias_pairs": _("别名和一句话，两个字"),
        "characters": _("单个字"),
    }


def chosen(asked: Asked, answer: Answer, field: str) -> tuple[str, ...]:
    """The values of a filter that were asked for, in the address or in the words; defaults are none."""
    values = (*asked.filters.of(field), *answer.query.filters.get(field, ()))
    return tuple(dict.fromkeys(values))


def chips(asked: Asked, answer: Answer, taxonomy: Taxonomy, view: View) -> tuple[Chip, ...]:
    """One chip for each value asked for."""
    titles, found = field_titles(), []
    for field in FIELDS:
        values = chosen(asked, answer, field)
        for value in values:
            rest = tuple(other for other in values if other != value)
            label = _label(field, value, taxonomy, view)
            found.append(Chip(titles[field], label, address(asked.with_values(field, rest))))
    return tuple(found)


def _hints(asked: Asked, answer: Answer, taxonomy: Taxonomy, view: View) -> Iterator[Hint]:
    """What was recognised in the words and is no filter yet; not the day that is being looked at."""
    titles = field_titles()
    for one in answer.query.recognised:
        remove = address(asked.ignoring(one.field))
        if one.field == "as_of":
            day = date.fromisoformat(one.values[0])
            if day != view.day:
                apply = link("search.index", **{**asked.parameters(), "as_of": one.values[0], "page": None})
                yield Hint(_("按哪一天查"), one.values[0], apply, remove)
        elif not asked.filters.of(one.field):
            label = "、".join(_label(one.field, value, taxonomy, view) for value in one.values)
            yield Hint(titles[one.field], label, address(asked.with_values(one.field, one.values)), remove)


def _label(field: str, value: str, taxonomy: Taxonomy, view: View) -> str:
    if field == "status" and value == "all":
        return _("全部")
    return label_of(field, value, taxonomy, view.language)


def _facet(name: str, asked: Asked, answer: Answer, taxonomy: Taxonomy, view: View) -> Facet | None:
    values = answer.facets[name]
    now = chosen(asked, answer, name)
    choices = [_choice(name, one, now, asked, taxonomy, view) for one in values]
    if not choices or (len(choices) == 1 and not now):
        return None
    first = [one for one in choices if one.chosen]
    rest = [one for one in choices if not one.chosen]
    ordered = (*first, *rest) if len(choices) > SHOWN else tuple(choices)
    return Facet(name, field_titles()[name], ordered[:SHOWN], ordered[SHOWN:])


def _choice(
    name: str, one: FacetValue, now: tuple[str, ...], asked: Asked, taxonomy: Taxonomy, view: View
) -> Choice:
    """Choosing puts the value in place of the field's others: the count is what one will get."""
    is_chosen = one.value in now
    values = tuple(value for value in now if value != one.value) if is_chosen else (one.value,)
    label = _label(name, one.value, taxonomy, view)
    return Choice(label, one.count, address(asked.with_values(name, values)), is_chosen)


def _background(library: Library, asked: Asked, answer: Answer, view: View) -> Answer | None:
    if chosen(asked, answer, "kind") or asked.page > 1:
        return None
    kinds = tuple(kind for kind in KINDS if kind in BACKGROUND_KINDS)
    found = search(
        library, background_search(asked, kinds).request(view, limit=BACKGROUND_SHOWN, facets=False)
    )
    return found if found.total else None


def background_search(asked: Asked, kinds: tuple[str, ...] = tuple(sorted(BACKGROUND_KINDS))) -> Asked:
    """The same search over the papers of the 2020 survey."""
    return replace(asked.with_values("kind", kinds), page=1)


def _help(library: Library, asked: Asked, answer: Answer, view: View) -> Help:
    drops = []
    for field in FIELDS:
        values = chosen(asked, answer, field)
        if values:
            without = asked.with_values(field, ())
            count = search(
                library, without.request(view, limit=0, kinds_by_default=FRONT_KINDS, facets=False)
            ).total
            label = "、".join(_label(field, value, library.taxonomy, view) for value in values)
            drops.append(Drop(label, count, address(without)))
    return Help(tuple(drop for drop in drops if drop.count), _nearest(library, answer, view.day))


def _nearest(library: Library, answer: Answer, day: date) -> tuple[Hit, ...]:
    words = answer.query.words or " ".join(answer.query.phrases)
    if not words:
        return ()
    anywhere = Request(words, day, Filters(status=("all",)), limit=NEAREST_SHOWN, facets=False)
    return search(library, anywhere).hits
