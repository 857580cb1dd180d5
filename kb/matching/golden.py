"""Golden companies against a catalogue: which of the verdicts worked out by hand have moved, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.domain.company import Company, Standards
from kb.domain.eligibility import Checked, check
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import StatusOn, status_on
from kb.errors import EntryFileError
from kb.matching.catalogue import Catalogue, Offer
from kb.matching.match import Matches, match
from kb.store.golden import Expectation, Golden, Listed

_DECIDING: dict[Listed, frozenset[str]] = {
    "eligible": frozenset({"met"}),
    "possible": frozenset({"unknown", "manual"}),
    "unchecked": frozenset({"unknown", "manual"}),
    "upcoming": frozenset({"unknown", "manual"}),
    "ineligible": frozenset({"failed"}),
    "absent": frozenset({"failed"}),
}


@dataclass(frozen=True)
class Moved:
    """A verdict that is no longer what was worked out: ``expected``, then ``verdict`` as it comes out now.

    ``deciding`` are the conditions that make it so, none where time or doubt does; ``status`` is ``None``
    for what had not been issued on the company's day.
    """

    golden: Golden
    expected: Expectation
    verdict: Listed
    title: str
    deciding: tuple[Checked, ...]
    status: StatusOn | None


def run(
    golden: Iterable[Golden], catalogue: Catalogue, standards: Standards, taxonomy: Taxonomy
) -> tuple[Moved, ...]:
    """Every expectation that does not come out, by company in the order of its file; none is all well."""
    offers = {offer.id: offer for offer in catalogue.offers}
    moved: list[Moved] = []
    for one in golden:
        company = Company(one.told, standards, taxonomy)
        listing = listed(match(catalogue, company, one.day))
        for expected in one.expect:
            verdict = listing.get(expected.relief, "absent")
            if verdict != expected.verdict:
                offer = offers.get(expected.relief)
                title = offer.relief.title if offer else expected.relief
                known = offer if offer and offer.known_on <= one.day else None
                reasons = tuple(deciding(known, verdict, company, catalogue))
                status = status_on(known.steps, known.trust, one.day) if known else None
                moved.append(Moved(one, expected, verdict, title, reasons, status))
    return tuple(moved)


def listed(found: Matches) -> dict[str, Listed]:
    """Where each relief stands in the answer; what has ended is in none of its lists."""
    names: dict[str, Listed] = {one.offer.id: one.outcome for one in (*found.matches, *found.ineligible)}
    names |= {one.offer.id: "unchecked" for one in found.unchecked}
    return names | {one.offer.id: "upcoming" for one in found.upcoming}


def deciding(
    offer: Offer | None, verdict: Listed, company: Company, catalogue: Catalogue
) -> Iterator[Checked]:
    """The conditions that make a relief come out as it does; none where time or doubt decides."""
    for number in offer.rules if offer else ():
        checked = check(catalogue.rules[number], company)
        if checked.verdict in _DECIDING[verdict]:
            yield checked


def unknown(golden: Iterable[Golden], catalogue: Catalogue) -> tuple[EntryFileError, ...]:
    """Expectations of reliefs that the catalogue does not have: else ``absent`` would always come out."""
    known = {offer.id for offer in catalogue.offers}
    return tuple(
        EntryFileError(one.path, expected.line, f"没有支持事项 {expected.relief}；请核对条目和事项的编号")
        for one in golden
        for expected in one.expect
        if expected.relief not in known
    )
