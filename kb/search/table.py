"""Filters and facets over relief rows: region, size, industry, type and status hold on one same relief.

One array element a row; entry-level fields are spread over the rows of their entry. Counts are of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from kb.domain.entry import KINDS
from kb.domain.relief import Regions as RuleRegions
from kb.domain.taxonomy import NATION, Regions, Taxonomy
from kb.domain.timeline import StatusOn, best, status_on
from kb.search.record import Record, Row

Mask = NDArray[np.bool_]
MEMO = 2000
FIELDS = ("region", "size", "industry", "type", "status", "kind", "issuer", "year", "need")


@dataclass(frozen=True)
class Filters:
    """What is asked for, by field, as keys or codes; several values of a field are alternatives.

    ``status`` empty means what default lists hold: open, upcoming and unstated but current.
    """

    region: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    need: tuple[str, ...] = ()
    status: tuple[str, ...] = ()

    def of(self, field: str) -> tuple[str, ...]:
        return tuple(getattr(self, field))

    @property
    def any_status(self) -> bool:
        return "all" in self.status


class Table:
    """The rows of all records, in the records' order, with what filters need of them as arrays."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.rows: list[Row] = [row for record in records for row in record.rows]
        counts = [len(record.rows) for record in records]
        self.owner: NDArray[np.intp] = np.repeat(np.arange(len(records)), counts)
        self.known = np.array([record.known_on.toordinal() for record in records], dtype=np.int32)
        self.offers = np.array([not record.is_notice for record in records], dtype=bool)
        self._memo: dict[tuple[str, str], Mask] = {}
        self._region_sets, self._region_ids = _distinct([row.regions for row in self.rows])
        self._days = lru_cache(maxsize=16)(self._statuses)

    def statuses(self, day: date) -> Day:
        """Every row's status on ``day``, worked out once a day asked for."""
        return self._days(day)

    def _statuses(self, day: date) -> Day:
        found = [
            status_on(row.steps, self.records[at].trust, day)
            for row, at in zip(self.rows, self.owner, strict=True)
        ]
        bounds = [0, *accumulate(len(record.rows) for record in self.records)]
        return Day(
            tuple(best(found[first:last]) for first, last in pairwise(bounds)),
            np.array([status.status if status else "" for status in found], dtype="U8"),
            np.array([bool(status and status.current) for status in found], dtype=bool),
            self.known <= day.toordinal(),
        )

    def entry_status(self, at: int, day: date) -> StatusOn | None:
        """The best status of the reliefs of record number ``at``."""
        return self.statuses(day).entries[at]

    def value_mask(self, field: str, value: str, day: date, taxonomy: Taxonomy) -> Mask:
        """The rows for which ``value`` of ``field`` holds."""
        if field == "status":
            return np.asarray(self.statuses(day).names == value)
        key = (field, value)
        if key not in self._memo:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            self._memo[key] = self._value_mask(field, value, taxonomy)
        return self._memo[key]

    def _value_mask(self, field: str, value: str, taxonomy: Taxonomy) -> Mask:
        if field == "region":
            good = np.array(
                [_applies(rule, value, taxonomy.regions) for rule in self._region_sets], dtype=bool
            )
            return np.asarray(good[self._region_ids]) if len(self.rows) else np.zeros(0, dtype=bool)
        if field == "type":
            return self._row_mask(lambda row: row.type == value)
        if field == "size":
            return self._row_mask(lambda row: not row.sizes or value in row.sizes)
        if field == "industry":
            return self._row_mask(lambda row: not row.industries or value in row.industries)
        if field == "need":
            return self._record_mask(partial(_meets, taxonomy), value)
        return self._record_mask(_RECORD_TESTS[field], value)

    def _row_mask(self, test: Callable[[Row], bool]) -> Mask:
        return np.array([test(row) for row in self.rows], dtype=bool)

    def _record_mask(self, test: Callable[[Record, str], bool], value: str) -> Mask:
        return np.array([test(record, value) for record in self.records], dtype=bool)[self.owner]

    def field_mask(self, field: str, filters: Filters, day: date, taxonomy: Taxonomy) -> Mask:
        """The rows that a field's filter lets through."""
        if field == "status" and not filters.status:
            return self.statuses(day).current
        values = filters.of(field)
        if not values or (field == "status" and filters.any_status):
            return np.ones(len(self.rows), dtype=bool)
        return np.asarray(
            np.logical_or.reduce([self.value_mask(field, value, day, taxonomy) for value in values])
        )

    def entries_of(self, rows: Mask) -> Mask:
        """The entries that have at least one of the rows."""
        found = np.zeros(len(self.records), dtype=bool)
        found[self.owner[rows]] = True
        return found


@dataclass(frozen=True)
class Day:
    """One day: the status of every entry, name and currency of every row's; ``known`` entries were issued."""

    entries: tuple[StatusOn | None, ...]
    names: NDArray[np.str_]
    current: Mask
    known: Mask


_RECORD_TESTS: dict[str, Callable[[Record, str], bool]] = {
    "kind": lambda record, value: record.kind == value,
    "place": lambda record, value: value in record.regions.include,
    "issuer": lambda record, value: value in record.issuers,
    "year": lambda record, value: str(_year(record)) == value,
}


def _meets(taxonomy: Taxonomy, record: Record, need: str) -> bool:
    """The entry names the need; or, naming none of that list, one of the other list that maps to it."""
    if need in record.needs:
        return True
    same_list = need in taxonomy.needs_2020
    of_that_list = any((key in taxonomy.needs_2020) == same_list for key in record.needs)
    return not of_that_list and bool(taxonomy.same_needs(need).intersection(record.needs))


def _year(record: Record) -> int:
    return (record.issued_on or record.known_on).year


def _distinct(
    values: Sequence[tuple[RuleRegions, ...]],
) -> tuple[list[tuple[RuleRegions, ...]], NDArray[np.intp]]:
    order = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return list(order), np.array([order[value] for value in values], dtype=np.intp)


def _applies(rules: tuple[RuleRegions, ...], code: str, regions: Regions) -> bool:
    """None of a row's region lists says no; an audience that only excludes starts from the nation."""
    return all(regions.applies(rule.include or (NATION,), rule.exclude, code) != "no" for rule in rules)


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, how readers see it, and how many entries choosing it would leave."""

    value: str
    label: str
    count: int


def select(table: Table, filters: Filters, candidates: Mask, day: date, taxonomy: Taxonomy) -> Mask:
    """The entries among ``candidates`` with one relief that passes every filter on ``day``."""
    passed = _rows(table, candidates, day)
    for field in FIELDS:
        passed = passed & table.field_mask(field, filters, day, taxonomy)
    return table.entries_of(passed)


def _rows(table: Table, candidates: Mask, day: date) -> Mask:
    return np.asarray((candidates & table.statuses(day).known)[table.owner])


def facets(
    table: Table, filters: Filters, candidates: Mask, day: date, taxonomy: Taxonomy
) -> dict[str, tuple[FacetValue, ...]]:
    """For every field the values that occur and how many entries each would leave.

    A field's own filter does not narrow its own counts, so that alternatives stay visible.
    """
    issued = _rows(table, candidates, day)
    masks = {field: table.field_mask(field, filters, day, taxonomy) for field in FIELDS}
    found = {}
    for field in FIELDS:
        base = issued.copy()
        for other, mask in masks.items():
            if other != field:
                base &= mask
        found[field] = tuple(_counted(table, field, filters, base, day, taxonomy))
    return found


def _counted(
    table: Table, field: str, filters: Filters, base: Mask, day: date, taxonomy: Taxonomy
) -> Iterable[FacetValue]:
    values = [*_occurring(table, field, base, day, taxonomy), *filters.of(field)]
    counted = []
    for value in dict.fromkeys(values):
        if value != "all":
            rows = base & table.value_mask(field, value, day, taxonomy)
            count = int(table.entries_of(rows).sum())
            counted.append(FacetValue(value, label_of(field, value, taxonomy), count))
    kept = [one for one in counted if one.count or one.value in filters.of(field)]
    return kept if field in _FIXED_ORDER else sorted(kept, key=_facet_order(field))


_FIXED_ORDER = frozenset({"size", "industry", "type", "kind", "status", "need"})


def _facet_order(field: str) -> Callable[[FacetValue], tuple[int, str]]:
    if field == "year":
        return lambda one: (-int(one.value), one.value)
    if field == "region":
        return lambda one: (int(one.value != NATION), one.value)
    return lambda one: (-one.count, one.value)


def _occurring(table: Table, field: str, base: Mask, day: date, taxonomy: Taxonomy) -> Iterable[str]:
    fixed: dict[str, Iterable[str]] = {
        "size": taxonomy.sizes.by_key,
        "industry": taxonomy.industries.by_key,
        "type": taxonomy.types.by_key,
        "kind": KINDS,
        "status": taxonomy.statuses.by_key,
        "need": [term.key for term in taxonomy.needs_of(day.year)],
    }
    if field in fixed:
        return fixed[field]
    records = [table.records[int(at)] for at in np.flatnonzero(table.entries_of(base))]
    if field == "year":
        return {str(_year(record)) for record in records}
    if field == "issuer":
        return {issuer for record in records for issuer in record.issuers}
    return {code for record in records for code in record.regions.include}


def label_of(field: str, value: str, taxonomy: Taxonomy, language: str = "zh") -> str:
    """How readers see a value of a field."""
    if field == "region":
        return taxonomy.regions.label(value)
    terms = taxonomy.terms_of(field)
    return terms.label(value, language) if terms else value
