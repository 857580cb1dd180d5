"""Why a result is where it is: which terms hit which field with what weight, and what was multiplied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.search import analysis, ranking
from kb.search.engine import Answer, Library
from kb.search.query import Query
from kb.search.reader import Generation
from kb.search.understanding import boost, factors

SHOWN = 12
Terms = dict[tuple[str, str], float]
Column = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """What one term in one field adds; ``own`` if typed, else a synonym or other spelling."""

    field: str
    term: str
    weight: float
    score: float
    own: bool


@dataclass(frozen=True)
class Explanation:
    """The score of one hit in parts.

    ``text`` is the sum of what all terms add, of which ``shares`` are the largest. ``coverage`` is the
    share of the query that it has, 0 to 1; ``factors`` are by field what was recognised in the query.
    ``hand_set`` is what these make together. Passages and the learned part then put the first few dozen in
    order; ``score`` is that of the place, so that a list never seems out of order.
    """

    id: str
    score: float
    hand_set: float
    text: float
    coverage: float
    factors: dict[str, float]
    shares: tuple[Share, ...]


def explain(library: Library, answer: Answer) -> dict[str, Explanation]:
    """For each hit of ``answer`` by id; empty for a query without words."""
    if answer.query.is_empty or not answer.hits:
        return {}
    return library.reader.reading(lambda generation: _explained(library, generation, answer))


def _explained(library: Library, generation: Generation, answer: Answer) -> dict[str, Explanation]:
    wanted = {hit.record.id: hit.score for hit in answer.hits}
    positions = [at for at, entry in enumerate(generation.ids) if entry in wanted]
    query, segmenter = answer.query, library.settings.segmenter
    text = " ".join((query.text, *query.phrases))
    terms = ranking.weighted_terms(text, segmenter, library.synonyms, query.variants)
    own = ranking.weighted_terms(text, segmenter, ranking.Synonyms(()))
    columns = {key: _column(generation, key, weight, positions) for key, weight in terms.items()}
    ranked = ranking.rank(generation, query, segmenter, library.synonyms)
    whole = ranked.scores * boost(generation.table, query.recognised, library.taxonomy, answer.as_of)
    covered = generation.scorer.coverage("pairs", analysis.pairs(text))[positions]
    named = _factors(library, generation, query, answer, positions)
    return {
        generation.ids[at]: Explanation(
            id=generation.ids[at],
            score=wanted[generation.ids[at]],
            hand_set=round(float(whole[at]), 4),
            text=round(float(sum(column[row] for column in columns.values())), 4),
            coverage=round(float(covered[row]), 3),
            factors={field: round(float(column[row]), 3) for field, column in named.items()},
            shares=_shares(terms, own, columns, row),
        )
        for row, at in enumerate(positions)
    }


def _column(generation: Generation, key: tuple[str, str], weight: float, positions: Sequence[int]) -> Column:
    """What a term adds to each of the records at ``positions``."""
    return np.asarray(generation.scorer.scores({key: weight})[list(positions)], dtype=np.float64)


def _factors(
    library: Library, generation: Generation, query: Query, answer: Answer, positions: Sequence[int]
) -> dict[str, Column]:
    found = factors(generation.table, query.recognised, library.taxonomy, answer.as_of)
    return {field: column[list(positions)] for field, column in found.items()}


def _shares(terms: Terms, own: Terms, columns: dict[tuple[str, str], Column], row: int) -> tuple[Share, ...]:
    found = [
        Share(field, term, round(terms[field, term], 3), round(float(column[row]), 4), (field, term) in own)
        for (field, term), column in columns.items()
        if column[row] > 0
    ]
    found.sort(key=lambda one: (-one.score, one.field, one.term))
    return tuple(found[:SHOWN])
