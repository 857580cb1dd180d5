"""What narrows a search down whatever it scores: "phrases", beginnings*, and either of them after a minus.

Whoosh's matchers find the words that begin so. The index has no positions, so for phrases its postings narrow
down where to look and the text itself decides.
"""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray
from whoosh import query as wq
from whoosh.searching import Searcher

from kb.search import analysis
from kb.search.query import Notice, Query
from kb.search.reader import Generation
from kb.search.schema import CHARACTERS, TEXT_FIELDS

Mask = NDArray[np.bool_]
MOST_WORDS = 400
"""How many words of one field a beginning stands for."""
WORD_FIELDS = tuple(field.name for field in TEXT_FIELDS if field.cut == "words")


def fitting(generation: Generation, query: Query) -> Mask:
    """The records with every phrase and beginning of the query and with none that it excludes."""
    kept = np.ones(len(generation.table.records), dtype=bool)
    for phrase in query.phrases:
        kept &= containing(generation, phrase)
    for word in query.excluded:
        kept &= ~containing(generation, word)
    for start in query.beginnings:
        kept &= beginning(generation, start)
    for start in query.excluded_beginnings:
        kept &= ~beginning(generation, start)
    return kept


def beginning(generation: Generation, start: str) -> Mask:
    """The records with a word that begins so; if there are none, those whose text holds it literally."""
    found = np.zeros(len(generation.table.records), dtype=bool)
    with generation.searcher() as searcher:
        words = [
            wq.Term(field, word)
            for field in WORD_FIELDS
            for word in _words(searcher, field, start)[:MOST_WORDS]
        ]
        numbers = np.fromiter(wq.Or(words).docs(searcher) if words else (), dtype=np.intp)
    positions = generation.scorer.positions[numbers]
    found[positions[positions >= 0]] = True
    return found if found.any() else containing(generation, start)


def notices(generation: Generation, query: Query) -> tuple[Notice, ...]:
    """What to say of beginnings that so many words have that not all were looked for."""
    starts = (*query.beginnings, *query.excluded_beginnings)
    if not starts:
        return ()
    with generation.searcher() as searcher:
        return tuple(
            Notice("too-common", {"value": start, "number": MOST_WORDS})
            for start in starts
            if any(len(_words(searcher, field, start)) > MOST_WORDS for field in WORD_FIELDS)
        )


def _words(searcher: Searcher, field: str, start: str) -> list[bytes]:
    """The words of a field that begin so, in their order, at most one more than are looked for."""
    reader = searcher.reader()
    if field not in reader.indexed_field_names():
        return []
    return list(islice(reader.expand_prefix(field, start), MOST_WORDS + 1))


def containing(generation: Generation, phrase: str) -> Mask:
    """The records whose text holds ``phrase`` literally, Latin words and numbers whole.

    Pairs narrow down where to look, single characters for those that have no neighbour in the phrase.
    """
    found = np.zeros(len(generation.table.records), dtype=bool)
    tokens = list(dict.fromkeys(analysis.pairs(phrase)))
    for at in np.flatnonzero(_having_all(generation, tokens)) if tokens else ():
        found[at] = _holds(generation, int(at), phrase)
    return found


def _having_all(generation: Generation, tokens: list[str]) -> Mask:
    """The records with every token."""
    together = np.ones(generation.scorer.size, dtype=bool)
    for token in tokens:
        alone = len(token) == 1 and analysis.is_han(token)
        one = np.zeros(generation.scorer.size, dtype=bool)
        one[generation.scorer.having(CHARACTERS.name if alone else "pairs", token)] = True
        together &= one
    return together


def _holds(generation: Generation, at: int, phrase: str) -> bool:
    record = generation.record(at)
    text = analysis.normalise("\n".join((record.title, record.promise, generation.text(at), *record.aliases)))
    return "".join(phrase.split()) in "".join(text.split())
