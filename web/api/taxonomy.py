"""Every list of keys, with labels in both languages."""

from __future__ import annotations

from typing import Any

from kb.domain.taxonomy import Fact, Taxonomy, TermList
from web.api import parameters
from web.api.parameters import Given
from web.api.serving import Resource, serve
from web.api.vocabulary import TaxonomyAnswer
from web.i18n import _
from web.site import site

RESOURCE = Resource(
    "taxonomy",
    "/taxonomy",
    TaxonomyAnswer,
    lambda: _("词表"),
    lambda: _("各种代码和名称：类别、支持类型、规模、行业、困难、地区、企业情况。"),
    lambda taxonomy: (parameters.lang(),),
)


@serve(RESOURCE)
def show(given: Given) -> dict[str, Any]:
    """The vocabulary."""
    held = site().taxonomy
    names = ("kinds", "types", "sizes", "industries", "channels", "statuses", "needs")
    return {
        **{name: _terms(getattr(held, name)) for name in names},
        "need_maps": {key: list(olds) for key, olds in held.need_maps.items()},
        "regions": [
            {"code": one.code, "name": one.name, "short": one.short, "parent": one.parent}
            for one in held.regions.all
        ],
        "facts": [_fact(one, held) for one in held.facts.values()],
    }


def _terms(terms: TermList) -> list[dict[str, str]]:
    return [{"key": term.key, "label": term.label, "en": term.en} for term in terms]


def _fact(fact: Fact, taxonomy: Taxonomy) -> dict[str, Any]:
    own = [{"key": key, "label": label, "en": fact.choice(key, "en")} for key, label in fact.choices.items()]
    listed = _terms(getattr(taxonomy, fact.of)) if fact.of and fact.of != "regions" else own
    names = ("key", "label", "en", "type", "unit")
    return {**{name: getattr(fact, name) for name in names}, "choices": listed}
