"""What a change does to golden companies: worked out beside the store, with the reasons."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kb.domain.company import Told
from kb.domain.room import Room
from kb.matching.effect import Effect, effect
from kb.store import changes, entries
from kb.store.golden import Golden, read_all
from tests.conftest import POLICIES, TODAY, Base, an_entry

SPRING = date(2020, 3, 10)
SMALL = Golden(
    "small",
    "湖南的一家小企业",
    SPRING,
    Told({"headcount": Room(Decimal(20), Decimal(20))}, "430000"),
    (),
    Path("small.yml"),
)

NOTICE: dict[str, object] = {
    "issued_on": "2020-03-01",
    "doc_number": None,
    "in_force": None,
    "reliefs": [],
}


def changed(base: Base, **changes: object) -> tuple[Effect, ...]:
    after = an_entry(**changes)
    return effect(base.db, [SMALL], base.terms.taxonomy, base.terms.standards, after, TODAY)


def verdicts(effects: tuple[Effect, ...]) -> list[tuple[date, str, str, str]]:
    return [(one.day, one.relief, one.before, one.after) for one in effects]


def with_condition(most: int) -> dict[str, object]:
    condition = {"text": f"不超过{most}人", "field": "headcount", "op": "le", "value": most}
    relief = {
        "id": "defer",
        "type": "tax",
        "title": "缓交",
        "what": "缓交三个月。",
        "conditions": [condition],
    }
    return {"reliefs": [relief]}


def test_a_new_entry_appears_on_the_day_it_was_in_force_and_not_today(base: Base) -> None:
    assert verdicts(changed(base)) == [(SPRING, "nat-2020-test-1#defer", "absent", "possible")]


def test_a_changed_condition_names_what_decides(base: Base) -> None:
    entries.publish(base.db, an_entry(**with_condition(30)), "test", "")
    (moved,) = changed(base, **with_condition(10))
    assert (moved.before, moved.after) == ("eligible", "ineligible")
    assert [(one.rule.text, one.verdict) for one in moved.reasons] == [("不超过10人", "failed")]


def test_a_change_that_matters_to_nobody_moves_nothing(base: Base) -> None:
    entries.publish(base.db, an_entry(**with_condition(30)), "test", "")
    assert changed(base, **with_condition(40), promise="换一句话。") == ()


def test_what_it_does_to_other_entries_is_shown_too(base: Base) -> None:
    entries.publish(base.db, an_entry(), "test", "")
    longer = {"type": "extends", "to": "nat-2020-test-1#defer", "end": "2020-12-31"}
    notice = {
        "issued_on": "2020-03-01",
        "doc_number": None,
        "in_force": None,
        "reliefs": [],
        "relations": [longer],
    }
    (moved,) = changed(base, entry_id="nat-2020-test-2", **notice)
    assert (moved.relief, moved.before, moved.after) == ("nat-2020-test-1#defer", "possible", "possible")
    assert (moved.ended, moved.ends) == (date(2020, 6, 30), date(2020, 12, 31))


def test_a_relation_that_is_taken_back_gives_the_other_entry_its_own_end_again(base: Base) -> None:
    entries.publish(base.db, an_entry(), "test", "")
    stopped = {"type": "repeals", "to": "nat-2020-test-1", "from": "2020-03-05"}
    entries.publish(base.db, an_entry("nat-2020-test-2", **NOTICE, relations=[stopped]), "test", "")
    (moved,) = changed(base, entry_id="nat-2020-test-2", **NOTICE)
    assert (moved.relief, moved.before, moved.after) == ("nat-2020-test-1#defer", "absent", "possible")


def test_the_store_is_not_touched(base: Base) -> None:
    entries.publish(base.db, an_entry(), "test", "")
    before = changes.last_number(base.db)
    changed(base, **with_condition(10))
    assert changes.last_number(base.db) == before
    held = entries.get(base.db, "nat-2020-test-1")
    assert held
    assert not held.entry.reliefs[0].conditions


@pytest.mark.parametrize("entry_id", ["nat-2020-mohrss-11", "hn-2020-3", "nat-2026-mof-sta-2023-12"])
def test_publishing_what_is_published_moves_no_golden_company(shipped: Base, entry_id: str) -> None:
    held = entries.get(shipped.db, entry_id)
    assert held
    companies, _errors = read_all(POLICIES / "golden", shipped.terms.taxonomy)
    assert companies
    terms = shipped.terms
    assert effect(shipped.db, companies, terms.taxonomy, terms.standards, held.entry, TODAY) == ()
