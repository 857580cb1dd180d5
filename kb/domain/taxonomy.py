"""The vocabulary: terms with keys and labels, and regions by GB/T 2260 code.

Built from plain data by :func:`taxonomy_from`; reading the files is :mod:`kb.store.terms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

NATION = "100000"
Answer = Literal["yes", "maybe", "no"]


@dataclass(frozen=True)
class Term:
    """One word of a list: ``key`` in files and addresses, ``label`` for readers, ``also`` accepted too."""

    key: str
    label: str
    en: str = ""
    also: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class TermList:
    """An ordered list of terms that finds one by key, label or another accepted name."""

    name: str
    terms: tuple[Term, ...]

    @cached_property
    def by_key(self) -> dict[str, Term]:
        return {term.key: term for term in self.terms}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = {term.label: term.key for term in self.terms}
        for term in self.terms:
            for other in term.also:
                names.setdefault(other, term.key)
        return names

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __contains__(self, key: object) -> bool:
        return key in self.by_key

    def find(self, name: str) -> str | None:
        """The key meant by a key, a label or another accepted name; ``None`` if there is none."""
        name = name.strip()
        return name if name in self.by_key else self._by_name.get(name)

    def label(self, key: str, language: str = "zh") -> str:
        """The label for readers; an unknown key stands for itself."""
        term = self.by_key.get(key)
        if term is None:
            return key
        return (term.en or term.label) if language == "en" else term.label


@dataclass(frozen=True)
class Region:
    """A region by GB/T 2260 code: the nation, a province or a prefecture-level city."""

    code: str
    name: str
    short: str

    @property
    def parent(self) -> str | None:
        if self.code == NATION:
            return None
        return NATION if self.code.endswith("0000") else self.code[:2] + "0000"


class Regions:
    """All regions, found by code, full name, short name or a province-and-city name written together."""

    def __init__(self, regions: Iterable[Region], groups: Mapping[str, tuple[str, ...]]) -> None:
        self.all = tuple(regions)
        self.by_code = {region.code: region for region in self.all}
        self.groups = dict(groups)
        self._by_name: dict[str, str] = {}
        for region in sorted(self.all, key=lambda r: (not r.code.endswith("0000"), r.code)):
            for name in self._names(region):
                self._by_name.setdefault(name, region.code)

    def _names(self, region: Region) -> Iterator[str]:
        yield from (region.name, region.short)
        if not region.code.endswith("0000"):
            province = self.by_code[region.code[:2] + "0000"]
            for first in (province.name, province.short):
                yield from (first + region.name, first + region.short)

    def find(self, name: str) -> str | None:
        """The code meant by a code or a name, short or full, such as ``湖南长沙``; ``None`` if none is."""
        name = name.strip()
        return name if name in self.by_code else self._by_name.get(name)

    def names(self) -> Mapping[str, str]:
        """Every accepted name with its code."""
        return self._by_name

    def label(self, code: str) -> str:
        """The full name, a city with its province: ``湖南省长沙市``."""
        region = self.by_code.get(code)
        if region is None:
            return code
        if code.endswith("0000"):
            return region.name
        return self.by_code[code[:2] + "0000"].name + region.name

    def path(self, code: str) -> tuple[str, ...]:
        """The code itself, then what it lies in, up to the nation."""
        steps: list[str] = []
        current: str | None = code
        while current is not None and current in self.by_code:
            steps.append(current)
            current = self.by_code[current].parent
        return tuple(steps)

    def provinces(self) -> tuple[Region, ...]:
        return tuple(r for r in self.all if r.code.endswith("0000") and r.code != NATION)

    def applies(self, include: Iterable[str], exclude: Iterable[str], code: str) -> Answer:
        """Whether a rule for ``include`` less ``exclude`` applies to a company known to be in ``code``.

        ``maybe`` where the company is known only by a province and the rule is about a city of it.
        Asked for the nation itself only nation-wide rules answer ``yes``; the others are ``no``.
        """
        path = set(self.path(code))
        if any(out in path for out in exclude):
            return "no"
        if any(one in path for one in include):
            return "maybe" if self._below(exclude, code) else "yes"
        return "maybe" if code != NATION and self._below(include, code) else "no"

    def _below(self, codes: Iterable[str], code: str) -> bool:
        return code != NATION and any(code in self.path(one)[1:] for one in codes)


@dataclass(frozen=True)
class Fact:
    """A figure or property of a company that a condition may test. ``type`` as in ``taxonomy.yml``."""

    key: str
    label: str
    type: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, compare=False)
    of: str = ""
    en: str = ""
    choices_en: Mapping[str, str] = field(default_factory=dict, compare=False)

    def name(self, language: str = "zh") -> str:
        """What to call it in a sentence: the label without what stands in brackets."""
        return self.en if language == "en" and self.en else self.label.partition("（")[0]

    def choice(self, key: str, language: str = "zh") -> str:
        """The label of one of its own choices; an unknown key stands for itself."""
        labels = self.choices_en if language == "en" and self.choices_en else self.choices
        return labels.get(key, key)


@dataclass(frozen=True)
class Ask:
    """One of the six things companies asked for in 2020, with the search it opens."""

    label: str
    en: str
    query: Mapping[str, tuple[str, ...]] = field(compare=False)


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """Every list of terms; one is equal to itself only.

    ``industries`` are the sector's segments and the coarse ``outside`` trades.
    """

    kinds: TermList
    types: TermList
    sizes: TermList
    industries: TermList
    outside: frozenset[str]
    channels: TermList
    statuses: TermList
    doubts: TermList
    needs: TermList
    needs_2020: frozenset[str]
    need_maps: Mapping[str, tuple[str, ...]]
    regions: Regions
    facts: Mapping[str, Fact]
    asks: tuple[Ask, ...]
    examples: Mapping[str, tuple[str, ...]]

    def terms_of(self, field: str) -> TermList | None:
        """The list that a filter's values are of; ``None`` for regions, issuers and years."""
        lists = {
            "size": self.sizes,
            "industry": self.industries,
            "type": self.types,
            "kind": self.kinds,
            "status": self.statuses,
            "need": self.needs,
        }
        return lists.get(field)

    def same_needs(self, key: str) -> frozenset[str]:
        """The need itself and those of the other list that it maps to."""
        back = (today for today, olds in self.need_maps.items() if key in olds)
        return frozenset((key, *self.need_maps.get(key, ()), *back))

    def examples_of(self, year: int) -> tuple[str, ...]:
        """Searches to try, of the day asked about."""
        return self.examples["survey_2020" if year <= 2021 else "today"]

    def needs_of(self, year: int) -> tuple[Term, ...]:
        """The list of needs of the day asked about: the survey's for 2020 and 2021, today's after."""
        old = year <= 2021
        return tuple(term for term in self.needs if (term.key in self.needs_2020) == old)


def _terms(rows: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    return tuple(
        Term(row["key"], row["label"], row.get("en", ""), tuple(row.get("also", ())), row) for row in rows
    )


def _regions(data: Mapping[str, Any]) -> Regions:
    def one(row: Mapping[str, Any]) -> Region:
        return Region(row["code"], row["name"], row["short"])

    regions = [one(data["nation"])]
    for province in data["provinces"]:
        regions.append(one(province))
        regions.extend(one(city) for city in province.get("cities", ()))
    return Regions(regions, {group["name"]: tuple(group["members"]) for group in data["groups"]})


def _fact(row: Mapping[str, Any]) -> Fact:
    return Fact(
        row["key"],
        row["label"],
        row["type"],
        row.get("unit", ""),
        row.get("choices", {}),
        row.get("of", ""),
        row.get("en", ""),
        row.get("choices_en", {}),
    )


def taxonomy_from(terms: Mapping[str, Any], needs: Mapping[str, Any], regions: Mapping[str, Any]) -> Taxonomy:
    """The vocabulary from the data of ``taxonomy.yml``, ``needs.yml`` and ``regions.yml``."""
    named = {
        name: TermList(name, _terms(terms[name]))
        for name in ("kinds", "types", "sizes", "channels", "statuses", "doubts")
    }
    outside = _terms(terms["outside"])
    return Taxonomy(
        **named,
        industries=TermList("industries", _terms(terms["industries"]) + outside),
        outside=frozenset(term.key for term in outside),
        needs=TermList("needs", _terms(needs["today"]) + _terms(needs["survey_2020"])),
        needs_2020=frozenset(row["key"] for row in needs["survey_2020"]),
        need_maps={row["key"]: tuple(row["maps"]) for row in needs["today"]},
        regions=_regions(regions),
        facts={row["key"]: _fact(row) for row in terms["facts"]},
        asks=tuple(
            Ask(row["label"], row["en"], {name: tuple(v) for name, v in row["query"].items()})
            for row in terms["asks"]
        ),
        examples={name: tuple(queries) for name, queries in terms["examples"].items()},
    )
