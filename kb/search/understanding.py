"""What words of a free query name: region, size, type of relief, need, issuer, year, a day.

Recognised words go on being looked for; besides, a record that fits weighs more and one of another region
less, relief by relief. They become filters only when a person makes them so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kb.domain.taxonomy import NATION, Taxonomy, Term
from kb.search.analysis import Segmenter, normalise
from kb.search.query import Query, Recognised
from kb.search.table import Table

Meaning = tuple[str, tuple[str, ...]]
Values = Mapping[str, tuple[str, ...]]
NOT_SIZES = ("小型微利企业", "小型微利", "小微利", "小规模纳税人", "小规模")
"""Two of the three kinds of "small" are no size class and never stand for one."""
RECOGNISED = ("region", "size", "type", "need", "issuer", "year", "as_of")
"""The fields whose values are recognised in words."""
_LISTS = ("size", "type", "need")
_SAME_NAME = 0.9
_DAY = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})[日号]")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_BRACKETED = re.compile(r"[〔\[（(【﹝]\s*(?:19|20)\d\d|(?:19|20)\d\d\s*年?第?\s*\d+\s*号")
FIT = {"region": 1.1, "type": 1.15, "size": 1.05, "need": 1.1, "issuer": 1.15, "year": 1.1}
MISFIT = {"region": 0.5, "size": 0.9}
NEAR = 1.15
"""A rule of the very place that was named, before one of its province or of the nation."""


class Phrasebook:
    """Which words mean which value of a filter; built once for a vocabulary and its issuers."""

    def __init__(self, meanings: Iterable[tuple[str, Meaning]]) -> None:
        self._meanings: dict[str, dict[str, tuple[str, ...]]] = {}
        for words, (field, values) in meanings:
            held = self._meanings.setdefault(normalise(words), {})
            held[field] = tuple(dict.fromkeys((*held.get(field, ()), *values)))
        self._longest = max(map(len, self._meanings), default=0)

    @property
    def words(self) -> Iterable[str]:
        """All phrases, normalised."""
        return self._meanings.keys()

    def find(self, text: str, edges: frozenset[int]) -> Iterator[tuple[str, Values]]:
        """``(words, values by field)`` from left to right, the longest first, none overlapping.

        Words begin and end at ``edges``, so that 西南通信 does not name 南通.
        """
        at = 0
        while at < len(text):
            words = self._at(text, at, edges)
            if words:
                yield words, self._meanings[words]
            at += len(words) or 1

    def _at(self, text: str, at: int, edges: frozenset[int]) -> str:
        if at not in edges:
            return ""
        ends = range(min(len(text), at + self._longest), at, -1)
        return next((text[at:end] for end in ends if end in edges and text[at:end] in self._meanings), "")


def phrasebook(
    taxonomy: Taxonomy, issuers: Iterable[str], synonyms: Iterable[tuple[str, str, float]]
) -> Phrasebook:
    """The phrases of a vocabulary: labels, other names, what members say for them, issuers' short names."""
    return Phrasebook([*_terms(taxonomy), *_regions(taxonomy), *_issuers(issuers, synonyms)])


def _terms(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning]]:
    yield from ((words, ("", ())) for words in NOT_SIZES)
    for field in _LISTS:
        for term in taxonomy.terms_of(field) or ():
            yield from ((name, (field, (term.key,))) for name in _names(term))


def _names(term: Term) -> tuple[str, ...]:
    return (term.label, *term.also, *term.extra.get("said", ()))


def _regions(taxonomy: Taxonomy) -> Iterator[tuple[str, Meaning]]:
    for name, code in taxonomy.regions.names().items():
        yield name, ("region", (code,))
    for name, members in taxonomy.regions.groups.items():
        yield name, ("region", members)


def _issuers(
    issuers: Iterable[str], synonyms: Iterable[tuple[str, str, float]]
) -> Iterator[tuple[str, Meaning]]:
    short = [(one, other) for one, other, weight in synonyms if weight >= _SAME_NAME]
    for issuer in issuers:
        yield issuer, ("issuer", (issuer,))
        yield from ((one, ("issuer", (issuer,))) for one, other in short if other == normalise(issuer))


def understand(
    query: Query,
    book: Phrasebook,
    segmenter: Segmenter,
    taxonomy: Taxonomy,
    day: date,
    ignore: Iterable[str] = (),
) -> tuple[Recognised, ...]:
    """What the query names, in the order of the words, but for the fields of ``ignore``."""
    found = [*_days(query.text), *_named(query.text, book, segmenter, taxonomy, day)]
    given = {*ignore, *query.filters}
    kept = {(one.field, one.values): one for one in found if one.field not in given}
    return tuple(_closest(list(kept.values()), taxonomy))


def _days(text: str) -> Iterator[Recognised]:
    whole = [*_DAY.finditer(text), *_ISO.finditer(text)]
    for match in whole:
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
        yield Recognised("as_of", (day.isoformat(),), match[0])
    for match in _YEAR.finditer(_BRACKETED.sub("", text)):
        if not any(one[0].startswith(match[0]) for one in whole):
            yield Recognised("year", (match[1],), match[0])


def _named(
    text: str, book: Phrasebook, segmenter: Segmenter, taxonomy: Taxonomy, day: date
) -> Iterator[Recognised]:
    listed = {term.key for term in taxonomy.needs_of(day.year)}
    for words, meanings in book.find(text, edges(text, segmenter)):
        for field, values in meanings.items():
            if field == "need":
                values = tuple(key for key in values if key in listed)
            if field and values and not (field == "need" and "type" in meanings):
                yield Recognised(field, values, words)


def edges(text: str, segmenter: Segmenter) -> frozenset[int]:
    """The positions in ``text`` at which words begin or end."""
    found, at = {0, len(text)}, 0
    for word in segmenter.query_words(text):
        start = text.find(word, at)
        at = start + len(word)
        found |= {start, at}
    return frozenset(found)


def _closest(found: list[Recognised], taxonomy: Taxonomy) -> Iterator[Recognised]:
    """Without a province where a city of it is named too: 浙江 杭州 is one place."""
    named = {code for one in found if one.field == "region" for code in one.values}
    inside = {above for code in named for above in taxonomy.regions.path(code)[1:]}
    for one in found:
        if one.field != "region" or not inside.issuperset(one.values):
            yield one


def boost(
    table: Table, recognised: Iterable[Recognised], taxonomy: Taxonomy, day: date
) -> NDArray[np.float64]:
    """A factor for each record: its best relief against everything recognised; 1 for one without rows."""
    named = _by_field(recognised)
    rows = np.ones(len(table.rows) if named else 0)
    for field, values in named.items():
        rows = rows * _fit(table, field, values, taxonomy, day)
    return _best(table, rows)


def factors(
    table: Table, recognised: Iterable[Recognised], taxonomy: Taxonomy, day: date
) -> dict[str, NDArray[np.float64]]:
    """The same by field, each by the best relief for itself."""
    named = _by_field(recognised).items()
    return {field: _best(table, _fit(table, field, values, taxonomy, day)) for field, values in named}


def _best(table: Table, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    best = np.ones(len(table.records))
    if len(rows):
        first = np.flatnonzero(np.diff(table.owner, prepend=-1))
        best[table.owner[first]] = np.maximum.reduceat(rows, first)
    return best


def _by_field(recognised: Iterable[Recognised]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in recognised:
        if one.field in FIT:
            found[one.field] = (*found.get(one.field, ()), *one.values)
    return found


def _fit(
    table: Table, field: str, values: tuple[str, ...], taxonomy: Taxonomy, day: date
) -> NDArray[np.float64]:
    masks = [table.value_mask(field, value, day, taxonomy) for value in values]
    factors = np.where(np.logical_or.reduce(masks), FIT[field], MISFIT.get(field, 1.0))
    if field == "region":
        near = [table.value_mask("place", value, day, taxonomy) for value in values if value != NATION]
        factors = np.where(np.logical_or.reduce(near), factors * NEAR, factors) if near else factors
    return factors
