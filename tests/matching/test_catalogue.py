"""The catalogue follows the store: after any sequence of changes it is what a fresh one would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.eligibility import Rule
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.matching import catalogue as module
from kb.matching.catalogue import Catalogue, Offer, Shelf
from kb.store import changes, entries
from kb.store.database import Database, open_database
from tests.conftest import SPRING, TODAY, Base, an_entry

IDS = tuple(f"nat-2020-test-{number}" for number in range(1, 5))
EXTENDS = {"type": "extends", "to": IDS[0], "end": "2020-12-31"}


def contents(held: Catalogue) -> list[tuple[Offer, tuple[Rule, ...]]]:
    """The offers with their rules, wherever these stand in the catalogue's list."""
    return [
        (replace(offer, rules=()), tuple(held.rules[rule] for rule in offer.rules)) for offer in held.offers
    ]


def publish(db: Database, entry: Entry) -> None:
    entries.publish(db, entry, "编辑", "试验")


def ends(held: Catalogue, day: date) -> dict[str, date | None]:
    return {one.offer.id: one.status.end for one in held.on(day)}


def test_it_holds_every_relief_that_companies_can_get(shipped: Base) -> None:
    held = Shelf(shipped.terms.taxonomy).catalogue(shipped.db)
    wanted = {
        f"{one.entry.id}#{relief.id}": one.version.number
        for one in entries.all_current(shipped.db)
        if one.entry.kind in ("policy", "service")
        for relief in one.entry.reliefs
    }
    assert {offer.id: offer.version for offer in held.offers} == wanted
    assert held.number == changes.last_number(shipped.db)
    assert len(set(held.rules)) == len(held.rules)


def test_it_follows_publish_republish_and_withdraw(base: Base) -> None:
    shelf = Shelf(base.terms.taxonomy)
    assert shelf.catalogue(base.db).offers == ()
    publish(base.db, an_entry())
    first = shelf.catalogue(base.db)
    assert [(one.id, one.version, one.title) for one in first.offers] == [
        ("nat-2020-test-1#defer", 1, "关于阶段性缓缴试验费用的通知")
    ]
    assert shelf.catalogue(base.db) is first
    publish(base.db, an_entry(title="改过的通知"))
    assert [(one.version, one.title) for one in shelf.catalogue(base.db).offers] == [(2, "改过的通知")]
    assert first.offers[0].version == 1
    publish(base.db, an_entry(reliefs=[]))
    assert shelf.catalogue(base.db).offers == ()
    publish(base.db, an_entry())
    entries.withdraw(base.db, IDS[0], "编辑", "试验")
    assert shelf.catalogue(base.db).offers == ()


def test_a_later_document_moves_the_dates_of_an_earlier_one(base: Base) -> None:
    shelf = Shelf(base.terms.taxonomy)
    publish(base.db, an_entry())
    assert ends(shelf.catalogue(base.db), SPRING) == {f"{IDS[0]}#defer": date(2020, 6, 30)}
    publish(base.db, an_entry(IDS[1], issued_on="2020-03-01", reliefs=[], relations=[EXTENDS]))
    moved = shelf.catalogue(base.db)
    assert ends(moved, SPRING) == {f"{IDS[0]}#defer": date(2020, 12, 31)}
    assert ends(moved, date(2020, 2, 29)) == {f"{IDS[0]}#defer": date(2020, 6, 30)}
    entries.withdraw(base.db, IDS[1], "编辑", "试验")
    assert ends(shelf.catalogue(base.db), SPRING) == {f"{IDS[0]}#defer": date(2020, 6, 30)}


def test_what_was_not_yet_issued_is_not_there(base: Base) -> None:
    publish(base.db, an_entry())
    held = Shelf(base.terms.taxonomy).catalogue(base.db)
    assert ends(held, date(2020, 1, 31)) == {}
    assert len(held.on(date(2020, 2, 1))) == 1


@pytest.mark.parametrize("kind", ["measure", "recommendation"])
def test_background_papers_are_no_offers(base: Base, kind: str) -> None:
    publish(base.db, an_entry(kind=kind))
    assert Shelf(base.terms.taxonomy).catalogue(base.db).offers == ()


def test_equal_rules_are_kept_once(base: Base) -> None:
    audience = {"sizes": ["micro"]}
    two = [
        {"id": name, "type": "tax", "title": "缓", "what": "缓。", "audience": audience}
        for name in ("one", "two")
    ]
    publish(base.db, an_entry(reliefs=two))
    publish(base.db, an_entry(IDS[1], reliefs=two))
    held = Shelf(base.terms.taxonomy).catalogue(base.db)
    assert [offer.rules for offer in held.offers] == [(0,)] * 4
    assert len(held.rules) == 1


# -- any sequence ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One thing that staff do; ``look`` brings the shelf level after it."""

    entry: str
    changes: dict[str, Any] | None
    look: bool


@st.composite
def relations(draw: st.DrawFn, entry_id: str) -> list[dict[str, str]]:
    """At most one relation to an entry, which may not be held (yet)."""
    target = draw(st.none() | st.sampled_from([one for one in IDS if one != entry_id]))
    if target is None:
        return []
    to = draw(st.sampled_from([target, f"{target}#defer"]))
    moves = [{"type": "extends", "end": "2020-12-31"}, {"type": "repeals", "from": "2020-05-01"}]
    return [{"to": to, **draw(st.sampled_from([*moves, {"type": "implements"}]))}]


@st.composite
def acts(draw: st.DrawFn) -> Act:
    entry_id = draw(st.sampled_from(IDS))
    look = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        return Act(entry_id, None, look)
    relief = {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。"}
    audience = {"sizes": draw(st.sampled_from([[], ["micro"], ["micro", "small"]]))}
    return Act(
        entry_id,
        {
            "issued_on": draw(st.sampled_from(["2020-02-01", "2020-03-01", "2020-06-22"])),
            "kind": draw(st.sampled_from(["policy", "policy", "service", "measure"])),
            "in_force": {"start": "2020-02-01", "end": "2020-06-30", "end_kind": "dated"},
            "relations": draw(relations(entry_id)),
            "reliefs": draw(st.sampled_from([[], [{**relief, "audience": audience}]])),
        },
        look,
    )


@contextmanager
def empty_store() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "kb.db")
        try:
            yield db
        finally:
            db.close()


def do(db: Database, act: Act) -> None:
    if act.changes is not None:
        publish(db, an_entry(act.entry, **act.changes))
    elif entries.get(db, act.entry):
        entries.withdraw(db, act.entry, "编辑", "试验")


@settings(max_examples=40)
@given(sequence=st.lists(acts(), min_size=1, max_size=12))
def test_after_any_changes_it_is_what_a_fresh_one_is(taxonomy: Taxonomy, sequence: list[Act]) -> None:
    with empty_store() as db, pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "CHUNK", 2)  # so that several reads of the changes are needed
        shelf = Shelf(taxonomy)
        for act in sequence:
            do(db, act)
            if act.look:
                _same(shelf.catalogue(db), Shelf(taxonomy).catalogue(db))
        _same(shelf.catalogue(db), Shelf(taxonomy).catalogue(db))


def _same(followed: Catalogue, fresh: Catalogue) -> None:
    assert followed.number == fresh.number
    assert contents(followed) == contents(fresh)
    for day in (SPRING, date(2020, 6, 25), TODAY):
        assert ends(followed, day) == ends(fresh, day)
