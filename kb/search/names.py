"""Everything an entry can be called, to be looked up while one types: everyday names, titles, numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from kb.domain import docnumber
from kb.domain.docnumber import DocNumber
from kb.search.analysis import normalise
from kb.search.record import Record

MOST = 200
"""Places looked at for what was typed; more share a word with half of what there is."""
_SPARE = re.compile(r"[\s〔〕\[\]()（）【】﹝﹞「」“”\"《》]+")


@lru_cache(maxsize=100_000)
def squeezed(text: str) -> str:
    """The normal form without spaces, brackets and quotation marks: ``人社部发202011号``."""
    return _SPARE.sub("", normalise(text))


@dataclass(frozen=True, order=True, slots=True)
class Name:
    """A name of record number ``at``; ``kind`` is ``alias``, ``number`` or ``title``."""

    at: int
    kind: str
    text: str


@dataclass(frozen=True)
class Names:
    """Names to be searched in, each on a line of one text, in the order in which they are to be found."""

    names: tuple[Name, ...]

    @cached_property
    def _lines(self) -> tuple[str, list[int]]:
        """All names in one text, and where each begins."""
        lines = [squeezed(name.text) for name in self.names]
        return "\n".join(lines), [0, *accumulate(len(line) + 1 for line in lines)]

    def holding(self, typed: Sequence[str]) -> Iterator[tuple[Name, bool]]:
        """The names that hold all of squeezed ``typed``, with whether they begin with it; at most MOST.

        A figure is not found inside a longer one: 11号 is not 111号.
        """
        text, starts = self._lines
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


@dataclass(frozen=True)
class Numbers:
    """The document numbers of all records, to be searched in and by their serial."""

    names: Names
    serials: dict[int, tuple[tuple[int, DocNumber], ...]]

    def meant(self, asked: Sequence[DocNumber]) -> list[int]:
        """The records that carry a number that one of ``asked`` may mean."""
        return [at for one in asked for at, held in self.serials.get(one.serial, ()) if one.fits(held)]


def names_of(records: Sequence[Record]) -> Names:
    """Aliases, then titles."""
    aliases = [Name(at, "alias", alias) for at, record in enumerate(records) for alias in record.aliases]
    titles = [Name(at, "title", record.title) for at, record in enumerate(records)]
    return Names((*aliases, *titles))


def numbers_of(records: Sequence[Record]) -> Numbers:
    """The numbers that are shown; an unverified one is not."""
    serials: dict[int, tuple[tuple[int, DocNumber], ...]] = {}
    found = []
    for at, record in enumerate(records):
        number = docnumber.parse(record.doc_number) if record.doc_number else None
        if record.doc_number and number:
            serials[number.serial] = (*serials.get(number.serial, ()), (at, number))
            found.append(Name(at, "number", record.doc_number))
    return Numbers(Names(tuple(found)), serials)
