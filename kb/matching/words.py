"""A need in a company's own words: the entries that these words find, where they name no need of a list."""

from __future__ import annotations

from datetime import date

from kb.search import Library, Request, search

HITS = 50
NEAR = 0.5
"""Hits that score less than this share of the best speak of something else."""
CHANCE = 4.0
"""Below this a hit shares a syllable: on the shipped base 老板跑路了 has 1.5 at best, 质保金不退 19.9."""


def entries_for(library: Library, need: str, day: date) -> tuple[str, ...]:
    """Ids of entries that fit free words on ``day``; none for a need of the lists, which says it itself."""
    if not need or library.taxonomy.needs.find(need):
        return ()
    hits = search(library, Request(need, day, limit=HITS, facets=False)).hits
    least = max(CHANCE, NEAR * max((hit.score for hit in hits), default=0.0))
    return tuple(hit.record.id for hit in hits if hit.score >= least)
