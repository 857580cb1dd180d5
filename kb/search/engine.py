"""Asking and answering: one request in, one answer with hits, facets and what was understood out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Literal

import numpy as np

from kb.domain import docnumber
from kb.domain.entry import BACKGROUND_KINDS
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import StatusOn, rank
from kb.search import analysis, helping, learned, narrowing, ranking, table
from kb.search import query as queries
from kb.search.book import Book, book_of
from kb.search.helping import Suggestion
from kb.search.indexing import IndexSettings
from kb.search.query import Query
from kb.search.ranking import Synonyms
from kb.search.reader import Generation, Reader
from kb.search.record import Record
from kb.search.scorer import Scores
from kb.search.snippets import Snippet, snippet
from kb.search.speller import respelled
from kb.search.table import FacetValue, Filters
from kb.search.understanding import boost, understand

Sort = Literal["relevance", "date", "end"]
SORTS: tuple[Sort, ...] = ("relevance", "date", "end")
WEAKEST = 0.1
"""What scores less than this share of the best hit of the day shares a syllable, not a subject."""


@dataclass(frozen=True)
class Library:
    """Everything a search needs: the reader of one index, the vocabulary, the synonyms."""

    reader: Reader
    taxonomy: Taxonomy
    synonyms: Synonyms

    @property
    def settings(self) -> IndexSettings:
        return self.reader.settings

    def book(self, generation: Generation) -> Book:
        """What is looked up in a generation besides its postings."""
        settings = self.settings
        return book_of(generation, self.taxonomy, self.synonyms.pairs, settings.lexicon, settings.segmenter)


@dataclass(frozen=True)
class Request:
    """A search. ``kinds_by_default`` narrows a search that names no kind; ``limit`` 0 only counts.

    Without ``facets`` none are counted, for lists that show none. With ``after`` only what was issued
    later than that day is looked at. ``ignore`` names the fields whose values in the words stay mere words.
    """

    text: str = ""
    as_of: date = date.min
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    limit: int = 10
    offset: int = 0
    kinds_by_default: tuple[str, ...] = ()
    facets: bool = True
    after: date | None = None
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """One entry of an answer."""

    record: Record
    status: StatusOn
    score: float
    snippet: Snippet


@dataclass(frozen=True)
class Answer:
    """What was found. ``hidden`` counts what only the default status left out: ended or 时效待核实.

    ``instead`` are the words that were looked for because nothing has those typed.
    """

    query: Query
    as_of: date
    filters: Filters
    total: int
    took_ms: float
    suggestions: tuple[Suggestion, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    hits: tuple[Hit, ...]
    hidden: int
    instead: str = ""

    @property
    def suggestion(self) -> Suggestion | None:
        """The first thing to ask back."""
        return self.suggestions[0] if self.suggestions else None


def search(library: Library, request: Request) -> Answer:
    """The entries that fit, the best first; raises only if there is no index to be read."""
    started = time.perf_counter()
    query = queries.parse(request.text, library.taxonomy)
    answer = library.reader.reading(lambda generation: _best_answer(library, generation, request, query))
    return replace(answer, took_ms=round((time.perf_counter() - started) * 1000, 2))


def _best_answer(library: Library, generation: Generation, request: Request, query: Query) -> Answer:
    """The answer to what was typed or, where nothing has it and something else was meant, to that."""
    query = _understood(library, generation, request, query)
    if not query.corrected or not _matches_nothing(generation, query):
        return _answer(library, generation, request, query)
    meant = queries.parse(query.corrected, library.taxonomy)
    answer = _answer(library, generation, request, _understood(library, generation, request, meant))
    own = replace(answer.query, raw=query.raw, notices=query.notices)
    suggestions = (helping.instead(query), *answer.suggestions)
    return replace(answer, query=own, instead=query.corrected, suggestions=suggestions)


def _answer(library: Library, generation: Generation, request: Request, query: Query) -> Answer:
    taxonomy, rows = library.taxonomy, generation.table
    filters = effective_filters(request, query)
    ranked = ranking.rank(generation, query, library.settings.segmenter, library.synonyms)
    scores = ranked.scores * boost(rows, query.recognised, taxonomy, request.as_of).astype(np.float32)
    candidates = _worth_showing(scores, rows.statuses(request.as_of).known, query)
    if query.is_empty:
        candidates &= rows.offers
    if request.after:
        candidates &= rows.known > request.after.toordinal()
    chosen = table.select(rows, filters, candidates, request.as_of, taxonomy)
    everything = replace(filters, status=("all",))
    left_out = np.zeros_like(chosen)
    if not filters.status:
        left_out = table.select(rows, everything, candidates, request.as_of, taxonomy) & ~chosen
    chosen &= scores > 0
    ordered = _ordered(generation, ranked, scores, chosen, request, query)
    asked_back = (
        helping.which_number(generation, query, request.as_of),
        helping.spelling(query),
        None if ordered else helping.ended(generation, scores, left_out),
    )
    here = slice(request.offset, request.offset + request.limit)
    shown = _descending(scores[ordered]) if request.sort == "relevance" else scores[ordered]
    return Answer(
        query=query,
        as_of=request.as_of,
        filters=filters,
        total=int(chosen.sum()),
        took_ms=0.0,
        suggestions=tuple(one for one in asked_back if one),
        facets=table.facets(rows, filters, candidates, request.as_of, taxonomy) if request.facets else {},
        hits=tuple(_hits(library, generation, query, ordered[here], shown[here], request.as_of)),
        hidden=int(left_out.sum()),
    )


def _understood(library: Library, generation: Generation, request: Request, query: Query) -> Query:
    """The query with what its words name and, where they look misspelled, what was probably meant."""
    taxonomy, segmenter = library.taxonomy, library.settings.segmenter
    book = library.book(generation)
    if not query.numbers:
        query = respelled(query, book.speller, partial(frequency, generation))
    named = understand(query, book.phrases, segmenter, taxonomy, request.as_of, request.ignore)
    notices = (*query.notices, *narrowing.notices(generation, query))
    return replace(query, recognised=named, notices=notices)


def frequency(generation: Generation, token: str) -> int:
    """How many records have a pair of characters or a Latin word."""
    return generation.scorer.frequency("pairs", token)


def _matches_nothing(generation: Generation, query: Query) -> bool:
    """Whether not a pair of characters of what was typed is in any document."""
    return not query.phrases and not any(frequency(generation, one) for one in analysis.pairs(query.words))


def _worth_showing(scores: Scores, known: table.Mask, query: Query) -> table.Mask:
    """The records that match in more than passing; measured by the best of those issued by the day.

    A query that is nothing but the number of a document we hold finds that document alone.
    """
    best = float(scores[known].max(initial=0.0))
    if best >= ranking.NUMBER_BONUS:
        only_number = docnumber.parse(query.text) is not None
        least = ranking.NUMBER_BONUS if only_number else WEAKEST * (best - ranking.NUMBER_BONUS)
    else:
        least = WEAKEST * best
    return np.asarray((scores > 0) & (scores >= least))


def effective_filters(request: Request, query: Query) -> Filters:
    """The filters asked for, in the address and in the query together, and the defaults.

    The papers of 2020 have no term: where only they are asked for, their status restricts nothing.
    """
    merged = {
        name: tuple(dict.fromkeys((*request.filters.of(name), *query.filters.get(name, ()))))
        for name in table.FIELDS
    }
    kinds = merged["kind"] or request.kinds_by_default
    if kinds and set(kinds) <= BACKGROUND_KINDS and not merged["status"]:
        merged["status"] = ("all",)
    return Filters(**{**merged, "kind": kinds})


def _descending(scores: Scores) -> Scores:
    """What is shown of scores: those of the places, so that a list never seems out of order."""
    return np.sort(scores)[::-1]


def _ordered(
    generation: Generation,
    ranked: ranking.Ranked,
    scores: Scores,
    chosen: table.Mask,
    request: Request,
    query: Query,
) -> list[int]:
    """The chosen records in the order asked for; by relevance no more of them than this page needs."""
    records, day = generation.table.records, request.as_of
    if request.sort == "relevance" and not query.is_empty:
        count = max(request.offset + request.limit, learned.DEPTH)
        best = ranking.top(np.where(chosen, scores, np.float32(0.0)), generation.ids, count)
        return ranking.reranked(generation, ranked, scores, best)
    positions = ranking.order(scores, generation.ids, chosen)
    if request.sort == "date":
        return sorted(positions, key=lambda at: -(records[at].issued_on or date.min).toordinal())
    if request.sort == "end":
        return sorted(positions, key=lambda at: _end_key(generation.table.entry_status(at, day), day))
    if query.is_empty:
        return sorted(positions, key=lambda at: _browse_key(generation, at, day))
    return positions


def _end_key(status: StatusOn | None, day: date) -> tuple[int, int]:
    """Soonest end first; then what has no end; then what has ended, the latest first."""
    if status is None or status.end is None:
        return 1, 0
    days = (status.end - day).days
    return (0, days) if days >= 0 else (2, -days)


def _browse_key(generation: Generation, at: int, day: date) -> tuple[object, ...]:
    """Without a query: what is open first, full records before thin ones, the newest first."""
    record = generation.record(at)
    status = generation.table.entry_status(at, day)
    standing = rank(status) if status else (9, True)
    issued = record.issued_on or record.known_on
    return record.kind in BACKGROUND_KINDS, standing, record.lead, -issued.toordinal(), record.id


def _hits(
    library: Library,
    generation: Generation,
    query: Query,
    page: list[int],
    shown: Scores,
    day: date,
) -> list[Hit]:
    text = " ".join((query.text, *query.phrases)).strip()
    terms = ranking.weighted_terms(text, library.settings.segmenter, library.synonyms) if text else {}
    tokens = _worth_marking({token: weight for (_, token), weight in terms.items()})
    hits = []
    for at, score in zip(page, shown.tolist(), strict=True):
        record = generation.record(at)
        status = generation.table.entry_status(at, day)
        if status is not None:
            passage = snippet(generation.text(at), tokens) if tokens else ()
            hits.append(Hit(record, status, round(score, 4), passage))
    return hits


def _worth_marking(tokens: dict[str, float]) -> dict[str, float]:
    """The tokens without single characters, unless there are no others."""
    return {token: weight for token, weight in tokens.items() if len(token) > 1} or tokens
