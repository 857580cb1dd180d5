"""Suggestions while typing: document numbers, everyday names, entries, regions, needs."""

from __future__ import annotations

from datetime import date

from kb.search.analysis import normalise
from kb.search.engine import Library
from kb.search.helping import Option
from kb.search.query import Query, find_numbers
from kb.search.ranking import fits_number
from kb.search.reader import Generation
from kb.search.record import Record

LIMIT = 8


def suggest(library: Library, text: str, day: date, limit: int = LIMIT) -> tuple[Option, ...]:
    """What a person who has typed ``text`` may be after, issued by ``day``; at most ``limit``."""
    typed = "".join(normalise(text[:80]).split())
    if not typed:
        return ()
    found = library.reader.reading(lambda generation: _entries(generation, text, typed, day))
    found += _terms(library, typed)
    return tuple(dict.fromkeys(found))[:limit]


def _entries(generation: Generation, text: str, typed: str, day: date) -> list[Option]:
    query = Query(text, numbers=find_numbers(text))
    known = [record for record in generation.table.records if record.known_on <= day]
    numbered = [record for record in known if query.numbers and fits_number(record, query)]
    ranked = sorted(((_rank(record, typed), record.id, record) for record in known), key=lambda one: one[:2])
    near = [record for place, _, record in ranked if place < 9]
    return [_option(record, typed) for record in dict.fromkeys((*numbered, *near))]


def _rank(record: Record, typed: str) -> int:
    aliases = [normalise(alias) for alias in record.aliases]
    if any(alias.startswith(typed) for alias in aliases):
        return 0
    title = normalise(record.title)
    if title.startswith(typed):
        return 1
    return 2 if any(typed in alias for alias in aliases) else 3 if typed in title else 9


def _option(record: Record, typed: str) -> Option:
    alias = next((a for a in record.aliases if typed in normalise(a)), None)
    number = f"（{record.doc_number}）" if record.doc_number else ""
    label = f"{alias} · {record.title}{number}" if alias else f"{record.title}{number}"
    return Option(label, alias or record.doc_number or record.title, record.id)


def _terms(library: Library, typed: str) -> list[Option]:
    regions = [r.name for r in library.taxonomy.regions.all if typed in r.name or typed in r.short]
    needs = [need.label for need in library.taxonomy.needs if typed in normalise(need.label)]
    return [Option(name, name) for name in dict.fromkeys((*regions[:3], *needs))]
