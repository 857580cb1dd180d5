"""What a text proposes for a record, each with the words it stands on: about the paper, its reliefs, others.

``propose_all`` reads any text, ``propose_extracted`` a page that was taken apart: what the page labels goes
before what the text says. Nothing is guessed; what two rules read differently is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kb.domain.extracted import Extracted
from kb.domain.proposal import Proposal, record_from, relief_ids, weaker
from kb.domain.taxonomy import NATION, Taxonomy
from kb.ingest import proposing
from kb.ingest.proposals import audience, figures
from kb.ingest.proposals.grants import Grant, grants
from kb.ingest.proposals.needs import needs
from kb.ingest.proposals.relations import relations
from kb.ingest.proposals.sentences import Piece, parts, sentences

__all__ = ["Proposal", "propose_all", "propose_extracted", "record_from", "relief_ids"]
MOST_RELIEFS = 40
"""More than any paper grants one by one; what follows is for a person."""
_NO_NUMBERS: Mapping[str, str] = {}


def propose_all(
    text: str, taxonomy: Taxonomy, known: Mapping[str, str] = _NO_NUMBERS, body_start: int = 0
) -> tuple[Proposal, ...]:
    """Everything the rules find in ``text``: the paper's own facts, then reliefs, needs and relations.

    ``known`` gives the entry id of a document number in comparison form; before ``body_start`` stand
    labelled facts and no sentences.
    """
    return _with_details(proposing.propose(text, taxonomy), text, taxonomy, known, body_start)


def propose_extracted(
    page: Extracted, taxonomy: Taxonomy, known: Mapping[str, str] = _NO_NUMBERS
) -> tuple[Proposal, ...]:
    """The same of a page: what it labels first, then what its text says of the rest."""
    given = tuple(_of_facts(page))
    fields = {one.field for one in given}
    body = page.text[page.body_start :]
    own = (_moved(one, page.body_start) for one in proposing.propose(body, taxonomy))
    rest = tuple(one for one in own if one.field not in fields and _fits(one, fields))
    facts = {one.field: one for one in (*given, *rest)}
    if title := facts.get("title"):
        rest = tuple(one for one in rest if one.field != "sources-0-document")
        rest = (*rest, proposing.named_source(title, facts.get("doc_number")))
    return _with_details((*given, *rest), page.text, taxonomy, known, page.body_start)


_DIRECT = {"title": "title", "doc_number": "doc_number", "issued_on": "issued_on"}


def _of_facts(page: Extracted) -> Iterator[Proposal]:
    for one in page.facts:
        value = list(one.value) if isinstance(one.value, tuple) else one.value
        field = {**_DIRECT, "issuers": "issuers", "effective_on": "in_force-start"}.get(one.field)
        if field:
            yield Proposal(field, value, one.quote, one.start, one.end, one.confidence)
        if one.field == "expires_on":
            yield Proposal("in_force-end", value, one.quote, one.start, one.end, one.confidence)
            yield Proposal("in_force-end_kind", "dated", one.quote, one.start, one.end, one.confidence)


def _fits(one: Proposal, fields: set[str]) -> bool:
    """A period is taken from one place only, the page's labels or its text."""
    return not (one.field.startswith("in_force") and any(name.startswith("in_force") for name in fields))


def _moved(one: Proposal, by: int) -> Proposal:
    return replace(one, start=one.start + by, end=one.end + by)


def _with_details(
    head: tuple[Proposal, ...], text: str, taxonomy: Taxonomy, known: Mapping[str, str], body_start: int
) -> tuple[Proposal, ...]:
    facts = {one.field: one for one in head}
    title = facts.get("title")
    pieces = [one for one in sentences(text, body_start) if not (title and one.words in str(title.value))]
    reliefs = list(_reliefs(pieces, taxonomy, facts))
    year = str(facts["issued_on"].value)[:4] if "issued_on" in facts else ""
    found = [*head, *needs(pieces, reliefs, year), *reliefs]
    return (*found, *_relations(pieces, facts, known))


def _relations(
    pieces: Iterable[Piece], facts: Mapping[str, Proposal], known: Mapping[str, str]
) -> Iterator[Proposal]:
    number = str(facts["doc_number"].value) if "doc_number" in facts else ""
    starts = str(facts["in_force-start"].value) if "in_force-start" in facts else None
    seen: set[tuple[str, str]] = set()
    count = 0
    for piece in pieces:
        for one in relations(piece, known, starts, number):
            key = (one.value["type"], one.value.get("to") or one.value.get("to_number", ""))
            if key not in seen:
                seen.add(key)
                yield replace(one, field=f"relations-{count}")
                count += 1


# -- reliefs ---------------------------------------------------------------------------------------


def _reliefs(
    pieces: Iterable[Piece], taxonomy: Taxonomy, facts: Mapping[str, Proposal]
) -> Iterator[Proposal]:
    found = [grant for piece in pieces for part in parts(piece) for grant in grants(part)]
    for number, grant in enumerate(_once(found)[:MOST_RELIEFS]):
        for one in _relief(grant, f"reliefs-{number}-", taxonomy, facts):
            yield replace(one, confidence=weaker(one.confidence, grant.confidence))


def _once(found: Iterable[Grant]) -> list[Grant]:
    """Each grant once: neither what is said twice with the same words, nor the heading above it."""
    kept: dict[tuple[str, str], Grant] = {}
    for one in found:
        kept.setdefault((one.type, re.sub(r"\W", "", one.piece.words)), one)
    whole = {one.type for one in kept.values() if not one.is_heading}
    return [one for one in kept.values() if not (one.is_heading and one.type in whole)]


def _relief(
    grant: Grant, prefix: str, taxonomy: Taxonomy, facts: Mapping[str, Proposal]
) -> Iterator[Proposal]:
    piece = grant.piece
    yield piece.proposes(f"{prefix}type", grant.type, grant.confidence)
    yield piece.proposes(f"{prefix}worth", figures.worth(grant), "certain")
    if keys := audience.sizes(piece):
        yield piece.proposes(f"{prefix}audience-sizes", list(keys), "certain")
    for number, one in enumerate(audience.conditions(piece, taxonomy)):
        yield replace(one, field=f"{prefix}conditions-{number}")
    if period := _period(grant, facts):
        yield piece.proposes(f"{prefix}period", period, "likely")
    yield from _places(grant, prefix, taxonomy, facts)
    if found := audience.channel(piece):
        key, (start, end) = found
        yield Proposal(f"{prefix}apply-channel", key, piece.text[start:end], start, end, "likely")


def _period(grant: Grant, facts: Mapping[str, Proposal]) -> dict[str, str] | None:
    """The relief's own period, unless the whole paper's is the same."""
    found = figures.stretch(grant)
    if found is None:
        return None
    first, last = found.first.isoformat(), found.last.isoformat()
    own = facts.get("in_force-end")
    if own and own.value == last:
        return None
    return {"start": first, "end": last, "end_kind": "dated", "note": found.wording}


def _places(
    grant: Grant, prefix: str, taxonomy: Taxonomy, facts: Mapping[str, Proposal]
) -> Iterator[Proposal]:
    whole = facts["regions-include"].value if "regions-include" in facts else [NATION]
    out = audience.excluded(grant.piece, taxonomy.regions)
    if out and not set(whole).isdisjoint(taxonomy.regions.path(out[0])[1:]):
        yield grant.piece.proposes(f"{prefix}audience-regions-exclude", list(out), "certain")
    elif whole == [NATION] and (only := audience.included(grant.piece, taxonomy.regions)):
        yield grant.piece.proposes(f"{prefix}audience-regions-include", list(only), "likely")
