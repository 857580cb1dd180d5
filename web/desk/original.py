"""The text that a draft was made from: which of its words a field stands on, marked where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kb.domain.taxonomy import Taxonomy
from kb.ingest.proposing import Proposal
from web.desk.codec import Texts
from web.desk.filled import Basis
from web.desk.form import encode


def _marks(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals whose words are marked: of those that overlap the first."""
    found: list[Proposal] = []
    for one in sorted(proposals, key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def pieces(text: str, proposals: Iterable[Proposal]) -> list[tuple[str, str]]:
    """The text in pieces, in order, each with the name of its mark (or nothing)."""
    found: list[tuple[str, str]] = []
    at = 0
    for one in _marks(proposals):
        found += [(text[at : one.start], ""), (one.quote, one.field)]
        at = one.end
    return [piece for piece in (*found, (text[at:], "")) if piece[0]]


def bases(proposals: Iterable[Proposal], values: Mapping[str, Texts], taxonomy: Taxonomy) -> dict[str, Basis]:
    """The basis of every field that still says what was proposed for it."""
    proposed = list(proposals)
    marks = _marks(proposed)
    found = {}
    for one in proposed:
        mark = next((mark for mark in marks if mark.start <= one.start < mark.end), None)
        if mark and values.get(one.field) == _texts(one, taxonomy):
            found[one.field] = Basis(one.quote, mark.field)
    return found


def _texts(one: Proposal, taxonomy: Taxonomy) -> Texts | None:
    """How the form would show a proposal's value."""
    value: Any = one.value
    for step in reversed(one.field.split("-")):
        value = [value] if step.isdigit() else {step: value}
    return encode(value, taxonomy).get(one.field)
