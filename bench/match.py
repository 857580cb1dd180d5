"""How long one company takes against every relief, warm, on one core: the shipped base and 10,000 reliefs.

The 10,000 are made from the shipped ones, all open: places, figures in conditions and worth are varied, and
half of the conditions have words of their own, so that rules are not shared more than in real documents.
Times are of the processor, so that other work on the machine does not count. The peer, measured in the
same run, checks every rule of every relief anew. Run: ``.venv/bin/python -m bench.match``
"""

from __future__ import annotations

import gc
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from kb.config import ROOT
from kb.domain.benefit import estimate
from kb.domain.company import Company
from kb.domain.eligibility import check, outcome_of
from kb.domain.entry import Entry
from kb.domain.relief import Condition, Period, Regions, Relief
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.telling import tell
from kb.ingest import load as loading
from kb.matching.catalogue import Catalogue, Shelf
from kb.matching.match import Matches, match
from kb.matching.ways import how_to_get
from kb.store import entries
from kb.store.database import Database, open_database, writing
from kb.store.terms import Terms, load_terms

DAY = date(2026, 11, 22)
RELIEFS = 10_000
COMPANIES = 250
FEW = 50
"""So many of the companies for what is only compared."""
NATION_WIDE = 0.3
"""The share of documents for the whole nation; the rest are spread over provinces and cities."""
SPREAD = (Decimal("0.5"), Decimal("0.8"), Decimal("1"), Decimal("1.5"), Decimal("2"))


def varied(shipped: Sequence[Entry], taxonomy: Taxonomy, chance: random.Random) -> Iterator[Entry]:
    """Entries with ``RELIEFS`` reliefs in all, each open on the day asked about."""
    places = [region.code for region in taxonomy.regions.all if region.code != NATION]
    made = number = 0
    while made < RELIEFS:
        number += 1
        model = chance.choice(shipped)
        reliefs = tuple(_relief(one, number, chance) for one in model.reliefs[: RELIEFS - made])
        made += len(reliefs)
        place = NATION if chance.random() < NATION_WIDE else chance.choice(places)
        changes = {
            "id": f"made-{number}",
            "reliefs": reliefs,
            "relations": (),
            "regions": Regions(include=(place,)),
            "known_on": date(2026, 1, 1),
            "issued_on": date(2026, 1, 1),
            "in_force": Period(start=date(2026, 1, 1), end=date(2027, 12, 31), end_kind="dated"),
        }
        yield model.model_copy(update=changes)


def _relief(relief: Relief, number: int, chance: random.Random) -> Relief:
    conditions = tuple(_condition(one, number, chance) for one in relief.conditions)
    audience = relief.audience.model_copy(update={"regions": Regions()})
    worth = relief.worth
    if worth and worth.rate is not None:
        worth = worth.model_copy(update={"rate": worth.rate * chance.choice(SPREAD)})
    update = {"conditions": conditions, "audience": audience, "worth": worth, "period": None}
    return relief.model_copy(update=update)


def _condition(condition: Condition, number: int, chance: random.Random) -> Condition:
    """Half of the conditions in words of their own; numbers of people and yuan varied."""
    changes: dict[str, object] = {}
    if chance.random() < 0.5:
        changes["text"] = f"{condition.text}（第{number}号文件）"
    if isinstance(condition.value, int) and not isinstance(condition.value, bool):
        changes["value"] = int(condition.value * chance.choice(SPREAD))
    return condition.model_copy(update=changes)


def companies(terms: Terms, chance: random.Random) -> list[Company]:
    """Different companies of a known place: eleven facts told or not, some as a range; half with a need."""
    taxonomy = terms.taxonomy
    places = [region.code for region in taxonomy.regions.all if region.code != NATION]
    segments, needs = sorted(terms.standards.segments), [term.key for term in taxonomy.needs_of(DAY.year)]
    found = []
    for _ in range(COMPANIES):
        people = chance.randrange(1, 900)
        facts = {
            "industry": chance.choice(segments),
            "headcount": chance.choice([str(people), f"{people}-{people * 2}", f"{people}以上"]),
            "revenue": f"{chance.randrange(50, 50_000)}万",
            "assets": f"{chance.randrange(50, 20_000)}万",
            "taxable_income": f"{chance.randrange(0, 600)}万",
            "taxpayer": chance.choice(["小规模纳税人", "一般纳税人"]),
            "ownership": chance.choice(["民营", "国有"]),
            "insured": "是",
            "certificates": chance.choice(["none", "高新技术企业", "专精特新中小企业"]),
            "rent": f"{chance.randrange(1, 30)}万",
            "social_contributions": f"{chance.randrange(1, 50)}万",
        }
        told = [(key, text) for key, text in facts.items() if chance.random() < 0.6]
        need = chance.choice([*needs, *[""] * len(needs)])
        place = chance.choice(places)
        found.append(Company(tell(taxonomy, told, region=place, need=need), terms.standards, taxonomy))
    return found


def naive(catalogue: Catalogue, company: Company, day: date) -> int:
    """The peer: every rule of every relief worked out anew, in no order; how many are not ruled out."""
    left = 0
    for standing in catalogue.on(day):
        offer, status = standing.offer, standing.status
        checked = [check(catalogue.rules[number], company) for number in offer.rules]
        outcome = outcome_of(checked, offer.doubts, lead=offer.lead)
        how_to_get(offer.relief.apply, day)
        if outcome != "ineligible":
            left += 1
            estimate(offer.relief.worth, company, offer.steps[0], status)
    return left


def timed(call: Callable[[Company], object], asked: Sequence[Company]) -> tuple[float, float]:
    """p50 and p95 of ``call`` in milliseconds of one core, one call a company after one to warm up."""
    call(asked[0])
    times = []
    for company in asked:
        fresh = Company(company.told, company.standards, company.taxonomy)
        started = time.thread_time()
        call(fresh)
        times.append((time.thread_time() - started) * 1000)
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


def resident() -> float:
    """The most memory the process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def nowhere(asked: Sequence[Company]) -> list[Company]:
    """The same companies without their place: nothing is then ruled out by it."""
    return [Company(replace(one.told, region=""), one.standards, one.taxonomy) for one in asked]


def report(name: str, db: Database, terms: Terms, asked: Sequence[Company]) -> None:
    """Print building and matching of one base."""
    before, started = resident(), time.thread_time()
    catalogue = Shelf(terms.taxonomy).catalogue(db)
    seconds, grown = time.thread_time() - started, resident() - before
    held = f"{len(catalogue.offers)} reliefs, {len(catalogue.rules)} rules"
    print(f"{name}: {held}; built in {seconds:.2f} s, {grown:.0f} MB; {len(asked)} companies")

    def matched(company: Company) -> Matches:
        return match(catalogue, company, DAY)

    few = asked[:FEW]
    found = timed(matched, asked)
    line(f"match, {rows(map(matched, few))} rows", found)
    line("each rule anew", timed(lambda one: naive(catalogue, one, DAY), few), found)
    line("match without collecting garbage", uncollected(matched, few), found)
    line(f"match without a place, {rows(map(matched, nowhere(few)))} rows", timed(matched, nowhere(few)))


def rows(answers: Iterable[Matches]) -> str:
    """How many rows answers have: p50—p95."""
    counts = [len(one.matches) + len(one.unchecked) + len(one.ineligible) for one in answers]
    return f"{np.percentile(counts, 50):.0f}—{np.percentile(counts, 95):.0f}"


def uncollected(call: Callable[[Company], object], asked: Sequence[Company]) -> tuple[float, float]:
    """The same with the collector of cycles off: what is left over is what it costs to walk all we hold."""
    gc.disable()
    try:
        return timed(call, asked)
    finally:
        gc.enable()


def line(name: str, found: tuple[float, float], peer: tuple[float, float] | None = None) -> None:
    """Print one measurement, with its ratio to another's p50."""
    ratio = f"  ({found[0] / peer[0]:.1f} x)" if peer else ""
    print(f"  {name:42} p50 {found[0]:7.2f} ms  p95 {found[1]:7.2f} ms{ratio}")


def main() -> None:
    """Print figures for the shipped base, then for 10,000 reliefs."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    terms, chance = load_terms(ROOT / "policies"), random.Random(4)
    asked = companies(terms, chance)
    with tempfile.TemporaryDirectory() as home:
        db = open_database(Path(home) / "shipped.sqlite")
        loading.load(db, ROOT / "policies", terms.taxonomy)
        report("shipped", db, terms, asked)
        shipped = [held.entry for held in entries.all_current(db) if held.entry.kind == "policy"]
        large = open_database(Path(home) / "large.sqlite")
        with writing(large):
            for entry in varied([one for one in shipped if one.reliefs], terms.taxonomy, chance):
                entries.publish(large, entry, "bench", "bench")
        report("10,000", large, terms, asked)
        large.close()
        db.close()


if __name__ == "__main__":
    main()
