"""The form by which a member tells a difficulty: what was typed, what is wrong with it, what answers it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request

from kb.domain.difficulty import LONGEST_BODY, LONGEST_CONTACT, LONGEST_TEXT, Difficulty
from kb.domain.taxonomy import NATION, Term
from kb.search import Answer, Request, search
from kb.search.table import Filters
from web.i18n import _
from web.site import site

SHOWN = 4


@dataclass(frozen=True)
class Told:
    """What the form says: keys and codes as they are in addresses, words as they were typed."""

    region: str = ""
    size: str = ""
    industry: str = ""
    need: tuple[str, ...] = ()
    text: str = ""
    contact: str = ""
    forward: bool = False
    bodies: str = ""

    @property
    def codes(self) -> dict[str, object]:
        """What may stand in an address."""
        return {"region": self.region, "size": self.size, "industry": self.industry, "need": self.need}


@dataclass(frozen=True)
class Answers:
    """What already answers it: policies, services, and the search that lists all policies."""

    policies: Answer
    services: Answer
    search: dict[str, object] = field(default_factory=dict)


def read() -> Told:
    """What the address or the form says; a value that is on no list is left out."""
    taxonomy, given = site().taxonomy, request.values
    region, needs = given.get("region", ""), {term.key for term in needs_today()}
    return Told(
        region if region in taxonomy.regions.by_code and region != NATION else "",
        given.get("size", "") if given.get("size", "") in taxonomy.sizes else "",
        given.get("industry", "") if given.get("industry", "") in taxonomy.industries else "",
        tuple(one for one in dict.fromkeys(given.getlist("need")) if one in needs),
        request.form.get("text", "").strip(),
        request.form.get("contact", "").strip(),
        bool(request.form.get("forward")),
        request.form.get("bodies", "").strip(),
    )


def told_of(held: Difficulty) -> Told:
    """The keys and codes of what was taken in."""
    return Told(held.region, held.size, held.segment, held.needs)


def needs_today() -> tuple[Term, ...]:
    """Today's list of needs."""
    return site().taxonomy.needs_of(site().today.year)


def problems_of(told: Told) -> dict[str, str]:
    """What has to be put right, by field, in words; nothing if it can be taken in."""
    found = {}
    if request.form.get("website"):
        found["website"] = _("最下面有一格是防广告用的，请把它清空再提交。")
    if not told.text and not told.need:
        found["text"] = _("请写几句是什么困难，或者回上一步选一项。")
    if len(told.text) > LONGEST_TEXT:
        found["text"] = _(
            "写得太长了：最多 %(most)s 字，现在是 %(n)s 字。", most=LONGEST_TEXT, n=len(told.text)
        )
    if len(told.contact) > LONGEST_CONTACT:
        found["contact"] = _("联系方式最多 %(most)s 字。", most=LONGEST_CONTACT)
    if told.forward and not told.bodies:
        found["bodies"] = _("勾选了同意转交，请写明转给哪个单位。")
    if len(told.bodies) > LONGEST_BODY:
        found["bodies"] = _("单位名称最多 %(most)s 字。", most=LONGEST_BODY)
    return found


def answers_to(told: Told) -> Answers:
    """What the library holds today for these needs there: policies in force, and services.

    Services are of any status, which the page shows: few say how long they last, and one may ask.
    """
    wanted = {name: (value,) for name, value in (("region", told.region), ("size", told.size)) if value}
    needs = {"need": told.need} if told.need else {}
    policies = _found(Filters(kind=("policy",), **wanted, **needs), SHOWN if told.need else 0)
    services = _found(
        Filters(kind=("service",), status=("all",), **wanted, **needs), SHOWN if told.need else 0
    )
    return Answers(policies, services, {**wanted, **needs})


def _found(filters: Filters, limit: int = SHOWN) -> Answer:
    return search(site().library, Request("", site().today, filters, limit=limit, facets=False))
