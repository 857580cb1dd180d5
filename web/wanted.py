"""What somebody wants to be told of, as an address or a form says: a search, company, entry, digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import abort, request

from kb.domain.alert import FREQUENCIES, KINDS, Frequency, Kind
from kb.outreach.message import shortened
from kb.search.table import FIELDS, Filters, label_of
from kb.store import entries
from web.company import Described, describe
from web.i18n import _
from web.params import Asked, read
from web.site import database, site
from web.view import view

NAMED = 60
"""The most characters of what a subscription is called."""


@dataclass(frozen=True)
class Wanted:
    """What to be told of: ``topic`` as the store keeps it, ``name`` in Chinese as mail says it.

    ``fields`` are the parameters that say the same again; ``figures`` is true where some are figures of a
    company or its own words, which are to be kept out of addresses.
    """

    kind: Kind
    topic: Mapping[str, object]
    name: str
    fields: tuple[tuple[str, str], ...]
    figures: bool = False
    problems: tuple[str, ...] = ()


def wanted() -> Wanted:
    """What the present request wants to be told of; 404 for an entry that is not published."""
    kind = request.values.get("about", "digest")
    if kind == "entry":
        return _entry(request.values.get("entry", ""))
    if kind == "search":
        return _search(read(request.values, site().taxonomy, view()))
    if kind == "company":
        return _company(describe(request.values, site().taxonomy))
    if kind not in KINDS:
        abort(404)
    return Wanted("digest", {}, "协会简报", (("about", "digest"),))


def frequency() -> Frequency:
    """How often the form says; at once where it says nothing."""
    asked = request.form.get("frequency", "")
    return next((one for one in FREQUENCIES if one == asked), "now")


def _entry(entry_id: str) -> Wanted:
    held = entries.get(database(), entry_id)
    if held is None or held.state != "published":
        abort(404)
    name = f"《{shortened(held.entry.title, NAMED)}》"
    return Wanted("entry", {"entry": entry_id}, name, (("about", "entry"), ("entry", entry_id)))


def _search(asked: Asked) -> Wanted:
    filters = {name: list(asked.filters.of(name)) for name in FIELDS if asked.filters.of(name)}
    topic = {"q": asked.text, "filters": filters, "ignore": list(asked.ignore)}
    labels = "、".join(_labels(asked.filters))
    words = f"搜索“{asked.text}”" if asked.text else "搜索"
    name = f"{words}（{labels}）" if labels else words if asked.text else "全部政策和服务"
    fields = [("q", asked.text)] if asked.text else []
    fields += [(name, one) for name, values in filters.items() for one in values]
    fields += [("ignore", one) for one in asked.ignore]
    problems = tuple(one.message for one in asked.problems)
    return Wanted("search", topic, shortened(name, NAMED), (("about", "search"), *fields), problems=problems)


def _labels(filters: Filters) -> Iterator[str]:
    for name in FIELDS:
        for value in filters.of(name):
            everything = name == "status" and value == "all"
            yield "包括已失效" if everything else label_of(name, value, site().taxonomy, "zh")


def _company(described: Described) -> Wanted:
    """The company as it was described. Its figures are kept, for nothing else can be matched with them."""
    needs = described.codes.get("need", ())
    facts = [[name, "、".join(values)] for name, values in described.codes.items() if name != "need"]
    facts += [[name, value] for name, value in described.figures.items()]
    topic = {"facts": sorted(facts), "need": needs[0] if needs else described.words}
    region = described.told.region
    name = f"您的企业情况（{site().taxonomy.regions.label(region)}）" if region else "您的企业情况"
    fields = [
        (key, one)
        for key, values in described.everything().items()
        for one in ([values] if isinstance(values, str) else values if isinstance(values, tuple) else ())
    ]
    return Wanted(
        "company",
        topic,
        name,
        (("about", "company"), *fields),
        figures=described.has_figures,
        problems=tuple(one.message for one in described.problems),
    )


def kind_label(kind: Kind) -> str:
    """What a kind of subscription tells of."""
    return {
        "search": _("搜索有新的结果、或结果有变化"),
        "company": _("有新的政策对得上，或对得上的有变化"),
        "entry": _("这一条有变化、快到期、撤下"),
        "digest": _("每一期简报"),
    }[kind]


def frequency_label(one: Frequency) -> str:
    """How often."""
    return {"now": _("随时（有变化就发）"), "daily": _("每天最多一封"), "weekly": _("每周一封（周一）")}[one]
