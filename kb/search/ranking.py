"""Scores of records for a query: OR over words and pairs by Whoosh's BM25F, synonyms at less weight.

Phrases, beginnings and excluded words then narrow them down (:mod:`kb.search.narrowing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.domain import docnumber
from kb.search import analysis, learned, narrowing
from kb.search.analysis import Segmenter
from kb.search.features import Parts, features
from kb.search.query import Query
from kb.search.reader import Generation
from kb.search.record import Record
from kb.search.schema import CHARACTERS, TEXT_FIELDS
from kb.search.scorer import Scores

TINY = 1e-9
NUMBER_BONUS = 1000.0
PARENT = 0.15
WORTH_SHOWING = 0.2
"""What a record counts at least, as a share of the best, that has a word beginning as asked for."""
HALF = np.float32(0.5)
PAIR_FIELDS = tuple(field.name for field in TEXT_FIELDS if field.cut == "pairs")
MAX_TERMS = 300


@dataclass(frozen=True)
class Synonyms:
    """Directed pairs of normalised words: ``other`` is also looked for at ``weight``."""

    pairs: tuple[tuple[str, str, float], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str, float]]) -> Synonyms:
        """From pairs as they stand in ``synonyms.yml``."""
        return cls(
            tuple(
                (analysis.normalise(one), analysis.normalise(other), weight) for one, other, weight in pairs
            )
        )

    def expand(self, text: str) -> list[tuple[str, float]]:
        """The other words for what occurs in ``text``, none that stands there itself."""
        found: dict[str, float] = {}
        for one, other, weight in self.pairs:
            if one in text and other not in text:
                found[other] = max(weight, found.get(other, 0.0))
        return list(found.items())


def weighted_terms(
    text: str, segmenter: Segmenter, synonyms: Synonyms, variants: Iterable[tuple[str, float]] = ()
) -> dict[tuple[str, str], float]:
    """``(field, term)`` to weight for normalised query text; the heaviest where a term comes twice.

    The tokens of a synonym, or of another spelling in ``variants``, share its weight, so that a part of it
    alone hardly counts.
    """
    terms: dict[tuple[str, str], float] = {}
    for part, weight in [(text, 1.0), *synonyms.expand(text), *variants]:
        cuts = {"words": segmenter.query_words(part), "pairs": analysis.pairs(part)}
        for field in TEXT_FIELDS:
            tokens = cuts[field.cut]
            share = 1.0 if part is text else 1.0 / max(1, len(tokens))
            for token in tokens:
                key = (field.name, token)
                terms[key] = max(terms.get(key, 0.0), field.weight * weight * share)
        for token in analysis.pairs(part):
            if len(token) == 1 and analysis.is_han(token):
                terms.setdefault((CHARACTERS.name, token), CHARACTERS.weight * weight)
    return dict(list(terms.items())[:MAX_TERMS])


@dataclass(frozen=True)
class Ranked:
    """One score a record, 0 where nothing matched, and what it is made of; no parts for an empty query."""

    scores: Scores
    text: str = ""
    parts: Parts | None = None


def rank(generation: Generation, query: Query, segmenter: Segmenter, synonyms: Synonyms) -> Ranked:
    """The hand-set scores of all records; every one counts alike for an empty query."""
    if query.is_empty:
        ranked = Ranked(np.ones(len(generation.table.records), dtype=np.float32))
    else:
        text = " ".join((query.text, *query.phrases))
        parts = _parts(generation, text, weighted_terms(text, segmenter, synonyms, query.variants))
        ranked = Ranked(with_parents(generation, parts.text), text, parts)
    return replace(ranked, scores=_narrowed(generation, query, ranked.scores))


def _parts(generation: Generation, text: str, terms: dict[tuple[str, str], float]) -> Parts:
    scorer = generation.scorer
    pairs = {key: weight for key, weight in terms.items() if key[0] in PAIR_FIELDS}
    by_pairs = scorer.scores(pairs)
    by_words = scorer.scores({key: weight for key, weight in terms.items() if key not in pairs})
    coverage = scorer.coverage("pairs", analysis.pairs(text))
    return Parts(by_words, by_pairs, coverage, (by_words + by_pairs) * (HALF + HALF * coverage))


def _narrowed(generation: Generation, query: Query, scores: Scores) -> Scores:
    """Scores after phrases, beginnings, excluded words and numbers."""
    if query.narrows:
        kept = narrowing.fitting(generation, query)
        scores = np.where(kept, scores, np.float32(0.0))
        if query.beginnings:
            least = np.float32(WORTH_SHOWING * max(1.0, float(scores.max(initial=0.0))))
            scores = np.where(kept, np.maximum(scores, least), scores)
    return _numbered_first(generation.table.records, query, scores) if query.numbers else scores


def reranked(generation: Generation, ranked: Ranked, scores: Scores, best: list[int]) -> list[int]:
    """``best`` with its first few dozen put in order by the learned ranking too.

    ``scores`` are the hand-set ones after whatever else weighs, and that weighs on the new order just as
    much: passages do not make up for another region. What has the number that was typed stays.
    """
    numbered = sum(1 for at in best if scores[at] >= NUMBER_BONUS)
    some = best[numbered : learned.DEPTH]
    if ranked.parts is None or len(some) < 2:
        return best
    rows = features(generation, ranked.text, ranked.parts, some)
    hand_set = ranked.scores[some]
    places = learned.order(hand_set, rows, learned.shipped(), scores[some] / np.maximum(hand_set, TINY))
    return [*best[:numbered], *(some[place] for place in places), *best[learned.DEPTH :]]


def with_parents(generation: Generation, scores: Scores) -> Scores:
    """Scores of articles raised by those of the document they are part of: the right law, then the article.

    What has no siblings keeps its score, and what matches nothing gains nothing.
    """
    siblings = generation.siblings
    if len(siblings) == len(scores):
        return scores
    together = np.bincount(generation.parents, scores, minlength=len(siblings)) / np.sqrt(siblings)
    together[siblings < 2] = 0.0
    raised = scores + np.float32(PARENT) * together.astype(np.float32)[generation.parents]
    return np.where(scores > 0, raised, np.float32(0.0))


def _numbered_first(records: Sequence[Record], query: Query, scores: Scores) -> Scores:
    """Documents whose number was typed come first; one that holds an excluded word stays out."""
    fitting = np.array([fits_number(record, query) for record in records], dtype=bool)
    if query.excluded:
        fitting &= scores > 0
    return np.where(fitting, scores + NUMBER_BONUS, scores)


def fits_number(record: Record, query: Query) -> bool:
    """Whether a number in the query may be this record's, the unverified candidate included."""
    held = [_number(text) for text in (record.doc_number, record.candidate) if text]
    return any(asked.fits(number) for asked in query.numbers for number in held if number)


_number = lru_cache(maxsize=50_000)(docnumber.parse)


def order(scores: Scores, ids: Sequence[str], chosen: NDArray[np.bool_]) -> list[int]:
    """The chosen records with a score above zero, best first, ties by id."""
    return top(np.where(chosen, scores, np.float32(0.0)), ids, len(ids))


def top(scores: Scores, ids: Sequence[str], count: int) -> list[int]:
    """The ``count`` best records with a score above zero, best first, ties by id."""
    positions = np.flatnonzero(scores)
    values = scores[positions]
    if 0 < count < len(positions):
        kept = values >= np.partition(values, -count)[-count]
        positions, values = positions[kept], values[kept]
    ranked = zip((-values).tolist(), [ids[at] for at in positions.tolist()], positions.tolist(), strict=True)
    return [at for _, _, at in sorted(ranked)[:count]]
