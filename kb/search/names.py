"""Everything an entry can be called, to be looked up while one types: everyday names, titles, numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from kb.domain import docnumber
from kb.domain.docnumber import DocNumber
from kb.search.analysis import normalise
from kb.search.record import Record

MOST = 200
"""Places looked at for what was typed; more share a word with half of what there is."""
_SPARE = re.compile(r"[\s〔〕\[\]()（）【】﹝﹞「」“”\"《》]+")


def squeezed(text: str) -> str:
    """The normal form without spaces, brackets and quotation marks: ``人社部发202011号``."""
    return _SPARE.sub("", normalise(text))


@dataclass(frozen=True, order=True)
class Name:
    """A name of record number ``at``; ``kind`` is ``alias``, ``number`` or ``title``."""

    at: int
    kind: str
    text: str


@dataclass(frozen=True)
class Names:
    """The names of all records, aliases before numbers before titles, and their numbers by serial."""

    names: tuple[Name, ...]
    serials: dict[int, tuple[tuple[int, DocNumber], ...]]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Names:
        """The names of ``records``; an unverified number is none."""
        found = [*_aliases(records), *_numbers(records), *_titles(records)]
        serials: dict[int, tuple[tuple[int, DocNumber], ...]] = {}
        for at, record in enumerate(records):
            number = docnumber.parse(record.doc_number) if record.doc_number else None
            if number:
                serials[number.serial] = (*serials.get(number.serial, ()), (at, number))
        return cls(tuple(found), serials)

    @cached_property
    def _all(self) -> tuple[str, list[int]]:
        """All names in one text, each on a line, and where each begins."""
        lines = [squeezed(name.text) for name in self.names]
        return "\n".join(lines), [0, *accumulate(len(line) + 1 for line in lines)]

    def holding(self, typed: Sequence[str]) -> Iterator[tuple[Name, bool]]:
        """The names that hold all of squeezed ``typed``, with whether they begin with it; at most MOST.

        A figure is not found inside a longer one: 11号 is not 111号.
        """
        text, starts = self._all
        longest = max(typed, key=len)
        at, looked_at = text.find(longest), 0
        while at >= 0 and looked_at < MOST:
            number = bisect_right(starts, at) - 1
            first, end = starts[number], starts[number + 1]
            inside = longest[0].isdigit() and at > first and text[at - 1].isdigit()
            if not inside and all(text.find(part, first, end) >= 0 for part in typed):
                yield self.names[number], text.startswith(typed[0], first)
            looked_at += 1
            at = text.find(longest, end)

    def numbered(self, asked: Sequence[DocNumber]) -> list[int]:
        """The records that carry a number that one of ``asked`` may mean."""
        return [at for one in asked for at, number in self.serials.get(one.serial, ()) if one.fits(number)]


def _aliases(records: Sequence[Record]) -> Iterator[Name]:
    for at, record in enumerate(records):
        yield from (Name(at, "alias", alias) for alias in record.aliases)


def _numbers(records: Sequence[Record]) -> Iterator[Name]:
    for at, record in enumerate(records):
        if record.doc_number:
            yield Name(at, "number", record.doc_number)


def _titles(records: Sequence[Record]) -> Iterator[Name]:
    for at, record in enumerate(records):
        yield Name(at, "title", record.title)
