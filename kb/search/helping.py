"""Questions back to the person: which number, was that a slip, and what there was before it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.search import ranking
from kb.search.query import Query
from kb.search.reader import Generation
from kb.search.scorer import Scores
from kb.search.table import Mask

ENDED_SHOWN = 5
NUMBERS_SHOWN = 20


@dataclass(frozen=True)
class Option:
    """One thing that may have been meant: what to show and what to search for, or the entry it is.

    ``kind`` is the entry's, or ``word``, ``region``, ``need``; ``over`` if the entry is not current any more.
    """

    label: str
    query: str
    entry: str = ""
    kind: str = "word"
    over: bool = False


@dataclass(frozen=True)
class Suggestion:
    """A question back to the person, with the answers to choose from.

    ``about`` is ``number`` (您要找哪一个), ``spelling`` (您是不是要找), ``instead`` (nothing has the words
    typed; this was looked for) or ``ended`` (nothing is in force; these were).
    """

    about: Literal["number", "spelling", "instead", "ended"]
    message: str
    options: tuple[Option, ...]


def which_number(generation: Generation, query: Query, day: date) -> Suggestion | None:
    """您要找哪一个: a bare number, or one short of its agency, that several documents carry."""
    if not query.numbers:
        return None
    fitting = [
        record
        for record in generation.table.records
        if record.known_on <= day and record.doc_number and ranking.fits_number(record, query)
    ]
    if len(fitting) < 2:
        return None
    fitting.sort(key=lambda record: (record.known_on, record.id), reverse=True)
    options = (
        Option(f"{r.doc_number} {r.title}", str(r.doc_number), r.id, r.kind) for r in fitting[:NUMBERS_SHOWN]
    )
    return Suggestion("number", "您要找哪一个？", tuple(options))


def spelling(query: Query) -> Suggestion | None:
    """您是不是要找: the query as it was probably meant."""
    return Suggestion("spelling", "您是不是要找：", _as_meant(query)) if query.corrected else None


def instead(query: Query) -> Suggestion:
    """What was looked for because nothing has what was typed."""
    message = f"没有找到“{query.words}”，下面是“{query.corrected}”的结果"
    return Suggestion("instead", message, _as_meant(query))


def _as_meant(query: Query) -> tuple[Option, ...]:
    return (Option(query.corrected, query.corrected),)


def ended(generation: Generation, scores: Scores, left_out: Mask) -> Suggestion | None:
    """What fits the words but is over or 时效待核实, for where nothing else is left to show."""
    nearest = ranking.order(scores, generation.ids, left_out)[:ENDED_SHOWN]
    if not nearest:
        return None
    records = [generation.record(at) for at in nearest]
    options = (
        Option(f"{r.promise.rstrip('。')}（{r.doc_number or r.title}）", r.title, r.id, r.kind)
        for r in records
    )
    return Suggestion("ended", "没有仍然有效的；已失效或时效待核实的有：", tuple(options))
