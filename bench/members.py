"""How long a list of 1,000 members takes: matched, and written as a sheet, as texts and as letters.

Against the shipped base with all companies different, and against 10,000 reliefs with every tenth different.
Seconds of one core. Run: ``.venv/bin/python -m bench.members``
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench import match as matching
from kb.config import ROOT
from kb.domain.members import Member
from kb.ingest import load as loading
from kb.matching.catalogue import Shelf
from kb.outreach import memberletters, membersheets
from kb.outreach.members import Batch, matched
from kb.store import entries
from kb.store.database import Database, open_database, writing
from kb.store.terms import Terms, load_terms

MEMBERS = 1_000
REPEATED = 10
T = TypeVar("T")


def members(terms: Terms, different: int) -> list[Member]:
    """A thousand members, of whom ``different`` differ in what they tell."""
    chance = random.Random(4)
    told = []
    while len(told) < different:
        told += [one.told for one in matching.companies(terms, chance)]
    return [Member(row + 2, f"试验企业{row}", f"A{row}", told[row % different]) for row in range(MEMBERS)]


def timed(name: str, call: Callable[[], T]) -> T:
    """Run ``call`` once and print its seconds."""
    started = time.process_time()
    found = call()
    print(f"  {name:34} {time.process_time() - started:6.1f} s")
    return found


def report(name: str, db: Database, terms: Terms, *differing: int) -> Batch:
    """Print what matching takes with so many different companies; the last batch."""
    catalogue = Shelf(terms.taxonomy).catalogue(db)
    print(f"{name}: {len(catalogue.offers)} reliefs, {MEMBERS} members")

    def run(different: int) -> Batch:
        listed = members(terms, different)
        return matched(listed, catalogue, terms.standards, terms.taxonomy, matching.DAY, lambda need: ())

    return [timed(f"match, {number} different", lambda number=number: run(number)) for number in differing][
        -1
    ]


def written(batch: Batch, terms: Terms) -> None:
    """Print what writing the results takes."""
    lines = sum(len(one.lines) for one in batch.results)
    print(f"  {lines} rows of matches; {matching.resident():.0f} MB")
    timed("sheet", lambda: membersheets.results_workbook(batch, (), terms.taxonomy, "某协会", ""))
    timed("texts", lambda: memberletters.texts_zip(batch, "某协会", lambda one: ""))
    timed("letters", lambda: memberletters.letters(batch, "某协会", lambda one: ""))


def main() -> None:
    """Print figures for the shipped base, then matching alone for 10,000 reliefs."""
    terms = load_terms(ROOT / "policies")
    with tempfile.TemporaryDirectory() as home:
        db = open_database(Path(home) / "shipped.sqlite")
        loading.load(db, ROOT / "policies", terms.taxonomy)
        written(report("shipped", db, terms, MEMBERS // REPEATED, MEMBERS), terms)
        shipped = [held.entry for held in entries.all_current(db) if held.entry.kind == "policy"]
        large = open_database(Path(home) / "large.sqlite")
        with writing(large):
            for entry in matching.varied([e for e in shipped if e.reliefs], terms.taxonomy, random.Random(4)):
                entries.publish(large, entry, "bench", "bench")
        report("10,000", large, terms, MEMBERS // REPEATED)
        large.close()
        db.close()


if __name__ == "__main__":
    main()
