"""Filters and facets over relief rows: region, size, industry, type and status hold on one same relief.

One array element a row; entry-level fields are spread over the rows of their entry. Counts are of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import accumulate, pairwise
from operator import attrgetter, contains, eq

import numpy as np
from numpy.typing import NDArray

from kb.domain.entry import KINDS
from kb.domain.relief import Regions as RuleRegions
from kb.domain.taxonomy import NATION, Regions, Taxonomy
from kb.domain.timeline import StatusOn, best, status_on
from kb.search.facets import Held, Signatures, Test, counted, signatures
from kb.search.record import Record, Row

Mask = NDArray[np.bool_]
MEMO = 2000
COMBINATIONS = 5000
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
        self.one_row_each = all(count == 1 for count in counts)
        self.known = np.array([record.known_on.toordinal() for record in records], dtype=np.int32)
        self.offers = np.array([record.offers for record in records], dtype=bool)
        self._memo: dict[tuple[str, str], Mask] = {}
        self._fields: dict[str, Signatures] = {}
        self._days = lru_cache(maxsize=16)(self._statuses)

    def statuses(self, day: date) -> Day:
        """Every row's status on ``day``, worked out once a day asked for."""
        return self._days(day)

    def _statuses(self, day: date) -> Day:
        found = list(_each_status(self.records, day))
        bounds = [0, *accumulate(len(record.rows) for record in self.records)]
        names = [status.status if status else "" for status in found]
        return Day(
            tuple(best(found[first:last]) for first, last in pairwise(bounds)),
            signatures(self.owner, names, sorted({*names} - {""}), eq),
            np.array([bool(status and status.current) for status in found], dtype=bool),
            self.known <= day.toordinal(),
        )

    def entry_status(self, at: int, day: date) -> StatusOn | None:
        """The best status of the reliefs of record number ``at``."""
        return self.statuses(day).entries[at]

    def field(self, field: str, day: date, taxonomy: Taxonomy) -> Signatures:
        """What every row has in a field; an entry's own fields are spread over its rows."""
        if field == "status":
            return self.statuses(day).names
        if field not in self._fields:
            held = self._held(field)
            different = {id(one): one for one in held}.values()
            values = _listed(field, taxonomy) or _all_named(field, different)
            holds = partial(_holding, field, taxonomy, tuple(values))
            names = partial(_naming, tuple(values)) if field == "region" else None
            self._fields[field] = signatures(self.owner, held, values, _test(field, taxonomy), holds, names)
        return self._fields[field]

    def _held(self, field: str) -> list[Held]:
        """What every row, or its entry, has in a field."""
        if field in _OF_ROW:
            return list(map(attrgetter(_OF_ROW[field]), self.rows))
        of_records = [_of_record(field, record) for record in self.records]
        return [of_records[at] for at in self.owner.tolist()]

    def value_mask(self, field: str, value: str, day: date, taxonomy: Taxonomy) -> Mask:
        """The rows for which ``value`` of ``field`` holds."""
        if field == "status":
            return self.statuses(day).names.mask(value)
        key = (field, value)
        if key not in self._memo:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            self._memo[key] = self.field(field, day, taxonomy).mask(value)
        return self._memo[key]

    def field_mask(self, field: str, filters: Filters, day: date, taxonomy: Taxonomy) -> Mask | None:
        """The rows that a field's filter lets through; nothing if all of them."""
        if field == "status" and not filters.status:
            return self.statuses(day).current
        values = filters.of(field)
        if not values or (field == "status" and filters.any_status):
            return None
        return np.asarray(
            np.logical_or.reduce([self.value_mask(field, value, day, taxonomy) for value in values])
        )

    def entries_of(self, rows: Mask) -> Mask:
        """The entries that have at least one of the rows."""
        if self.one_row_each:
            return rows
        found = np.zeros(len(self.records), dtype=bool)
        found[self.owner[rows]] = True
        return found


@dataclass(frozen=True)
class Day:
    """One day: the status of every entry, name and currency of every row's; ``known`` entries were issued."""

    entries: tuple[StatusOn | None, ...]
    names: Signatures
    current: Mask
    known: Mask


def _each_status(records: Sequence[Record], day: date) -> Iterator[StatusOn | None]:
    """The status of every row; rows of an entry that share a timeline share it."""
    for record in records:
        shared: dict[int, StatusOn | None] = {}
        for row in record.rows:
            key = id(row.steps)
            if key not in shared:
                shared[key] = status_on(row.steps, record.trust, day)
            yield shared[key]


def _of_record(field: str, record: Record) -> Held:
    """What an entry has in a field."""
    if field == "year":
        return str(_year(record))
    return record.regions.include if field == "place" else getattr(record, _OF_RECORD[field])


_OF_ROW = {"region": "regions", "type": "type", "size": "sizes", "industry": "industries"}
_OF_RECORD = {"kind": "kind", "issuer": "issuers", "need": "needs"}


def _test(field: str, taxonomy: Taxonomy) -> Test:
    """Whether what is held in a field holds for a value."""
    if field == "region":
        return lambda held, value: _applies(held, value, taxonomy.regions)
    if field == "need":
        return partial(_meets, taxonomy)
    if field in ("size", "industry"):
        return lambda held, value: not held or value in held
    return eq if field in ("type", "kind", "year") else contains


def _listed(field: str, taxonomy: Taxonomy) -> Sequence[str]:
    """The values of a field that a vocabulary lists, in its order; none for the others."""
    if field == "need":
        return [term.key for term in taxonomy.needs]
    return KINDS if field == "kind" else tuple(getattr(taxonomy.terms_of(field), "by_key", ()))


def _all_named(field: str, different: Iterable[Held]) -> list[str]:
    """The values that any row names in a field, in the order of their spelling."""
    return sorted({one for some in different for one in _named(field, some)})


def _named(field: str, held: Held) -> Iterable[str]:
    """The values that a row names in a field."""
    if field == "region":
        rules: tuple[RuleRegions, ...] = held
        return rules[0].include
    return (held,) if isinstance(held, str) else held


@lru_cache(maxsize=COMBINATIONS)
def _holding(field: str, taxonomy: Taxonomy, values: tuple[str, ...], held: Held) -> tuple[bool, ...]:
    """Which values hold for what a row has: asked again for every state of the index."""
    test = _test(field, taxonomy)
    return tuple(test(held, value) for value in values)


@lru_cache(maxsize=COMBINATIONS)
def _naming(values: tuple[str, ...], rules: tuple[RuleRegions, ...]) -> tuple[bool, ...]:
    """Which regions the first of a row's rules names."""
    return tuple(value in rules[0].include for value in values)


def _meets(taxonomy: Taxonomy, needs: tuple[str, ...], need: str) -> bool:
    """The entry names the need; or, naming none of that list, one of the other list that maps to it."""
    if need in needs:
        return True
    same_list = need in taxonomy.needs_2020
    of_that_list = any((key in taxonomy.needs_2020) == same_list for key in needs)
    return not of_that_list and bool(taxonomy.same_needs(need).intersection(needs))


def _year(record: Record) -> int:
    return (record.issued_on or record.known_on).year


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
    for mask in _masks(table, filters, day, taxonomy).values():
        passed = passed & mask
    return table.entries_of(passed)


def _rows(table: Table, candidates: Mask, day: date) -> Mask:
    known = candidates & table.statuses(day).known
    return known if table.one_row_each else np.asarray(known[table.owner])


def _masks(table: Table, filters: Filters, day: date, taxonomy: Taxonomy) -> dict[str, Mask]:
    """The rows that each filter lets through, of the fields that are filtered at all."""
    found = ((field, table.field_mask(field, filters, day, taxonomy)) for field in FIELDS)
    return {field: mask for field, mask in found if mask is not None}


def facets(
    table: Table,
    filters: Filters,
    candidates: Mask,
    day: date,
    taxonomy: Taxonomy,
    fields: Sequence[str] = FIELDS,
) -> dict[str, tuple[FacetValue, ...]]:
    """For every one of ``fields`` the values that occur and how many entries each would leave.

    A field's own filter does not narrow its own counts, so that alternatives stay visible.
    """
    issued = _rows(table, candidates, day)
    masks = _masks(table, filters, day, taxonomy)
    narrowed: dict[str, NDArray[np.intp]] = {}
    found = {}
    for field in fields:
        own = field if field in masks else ""
        if own not in narrowed:
            rest = [mask for other, mask in masks.items() if other != own]
            narrowed[own] = np.flatnonzero(np.logical_and.reduce([issued, *rest]))
        found[field] = tuple(_counted(table, field, filters, narrowed[own], day, taxonomy))
    return found


def _counted(
    table: Table, field: str, filters: Filters, rows: NDArray[np.intp], day: date, taxonomy: Taxonomy
) -> Sequence[FacetValue]:
    """The counts of one field; what is chosen is listed even where it leaves nothing."""
    chosen = filters.of(field)
    signed = table.field(field, day, taxonomy)
    counts = counted(signed, rows)
    for value in chosen:
        if value != "all" and value not in counts:
            counts[value] = len(np.unique(table.owner[rows[signed.mask(value)[rows]]]))
    offered = _offered(field, day, taxonomy)
    order = {value: at for at, value in enumerate(offered)}
    kept = [
        FacetValue(value, label_of(field, value, taxonomy), count)
        for value, count in counts.items()
        if value in chosen or (count and (not order or value in order))
    ]
    if order:
        return sorted(kept, key=lambda one: order.get(one.value, len(order)))
    return sorted(kept, key=_facet_order(field))


def _offered(field: str, day: date, taxonomy: Taxonomy) -> Sequence[str]:
    """The values that may be offered, in the order of their vocabulary; none if whatever occurs may be."""
    if field == "need":
        return [term.key for term in taxonomy.needs_of(day.year)]
    if field == "status":
        return tuple(taxonomy.statuses.by_key)
    return _listed(field, taxonomy) if field in _FIXED_ORDER else ()


_FIXED_ORDER = frozenset({"size", "industry", "type", "kind", "status", "need"})


def _facet_order(field: str) -> Callable[[FacetValue], tuple[int, str]]:
    if field == "year":
        return lambda one: (-int(one.value), one.value)
    if field == "region":
        return lambda one: (int(one.value != NATION), one.value)
    return lambda one: (-one.count, one.value)


def label_of(field: str, value: str, taxonomy: Taxonomy, language: str = "zh") -> str:
    """How readers see a value of a field."""
    if field == "region":
        return taxonomy.regions.label(value)
    terms = taxonomy.terms_of(field)
    return terms.label(value, language) if terms else value
