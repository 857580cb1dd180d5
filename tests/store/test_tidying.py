"""Tidying: what was promised to be deleted is deleted on its day, named and counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from kb.config import Settings
from kb.domain.difficulty import Difficulty
from kb.store import audit, difficulties, outbox, searches
from kb.store.database import Database, open_database
from kb.store.searches import Tally
from kb.store.tidying import RULES, Rule, tidy
from tests.conftest import TODAY

CONTACT = "marker-owner@example.com"


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    with closing(open_database(settings.database)) as opened:
        yield opened


def closed_on(db: Database, day: date | None) -> Difficulty:
    """A difficulty with a contact, closed at noon of a day in China, or still open."""
    held = difficulties.state_one(db, needs=("arrears",), text="困难", contact=CONTACT)[0]
    if day is None:
        return held
    held = difficulties.close(db, held, "li")
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC).isoformat(timespec="microseconds")
    db.table("difficulties").update(held.id, {"closed_at": at})
    return held


def numbers(db: Database, today: date, *, dry_run: bool = False) -> dict[str, int]:
    return {one.key: one.number for one in tidy(db, today, dry_run=dry_run) if one.number}


def contact_of(db: Database, held: Difficulty) -> str:
    return difficulties.existing(db, held.id).contact


@pytest.mark.parametrize(
    ("closed", "today", "gone"),
    [
        (date(2025, 11, 22), date(2026, 11, 21), False),
        (date(2025, 11, 22), date(2026, 11, 22), True),
        (date(2024, 2, 29), date(2025, 2, 27), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
        (date(2025, 12, 31), date(2026, 12, 30), False),
        (date(2025, 12, 31), date(2026, 12, 31), True),
    ],
)
def test_a_contact_goes_twelve_months_after_closing_and_the_difficulty_stays(
    db: Database, closed: date, today: date, gone: bool
) -> None:
    held = closed_on(db, closed)
    assert numbers(db, today) == ({"difficulty-contacts": 1} if gone else {})
    assert contact_of(db, held) == ("" if gone else CONTACT)
    assert difficulties.existing(db, held.id).text == "困难"


def test_mail_to_the_contact_goes_with_it(db: Database) -> None:
    held = closed_on(db, None)
    held = difficulties.answer(db, held, "答复", "li", ("有答复了", "请看链接"))
    held = difficulties.close(db, held, "li")
    db.table("difficulties").update(held.id, {"closed_at": "2025-01-01T00:00:00.000000+00:00"})
    tidy(db, TODAY)
    assert sum(outbox.counts(db).values()) == 0


def test_what_is_open_keeps_its_contact_however_long_that_takes(db: Database) -> None:
    held = closed_on(db, None)
    assert numbers(db, TODAY + timedelta(days=4000)) == {}
    assert contact_of(db, held) == CONTACT


def test_what_was_opened_again_is_counted_from_its_last_closing(db: Database) -> None:
    held = closed_on(db, date(2025, 1, 1))
    difficulties.reopen(db, difficulties.existing(db, held.id), "li")
    assert numbers(db, TODAY) == {}


def test_a_dry_run_counts_and_changes_nothing(db: Database) -> None:
    held = closed_on(db, date(2025, 1, 1))
    before = audit.head(db)
    assert numbers(db, TODAY, dry_run=True) == {"difficulty-contacts": 1}
    assert contact_of(db, held) == CONTACT
    assert audit.head(db) == before


def test_a_second_run_finds_nothing_left(db: Database) -> None:
    closed_on(db, date(2025, 1, 1))
    assert numbers(db, TODAY) != {}
    before = audit.head(db)
    assert numbers(db, TODAY) == {}
    assert audit.head(db) == before


def test_the_audit_says_how_much_went_by_which_rule(db: Database) -> None:
    closed_on(db, date(2025, 1, 1))
    tidy(db, TODAY)
    (row, *_rest) = audit.recent(db)
    assert (row.actor, row.action, row.detail) == ("kb tidy", "tidy", "difficulty-contacts 1")


def test_old_counts_of_searches_go(db: Database, settings: Settings) -> None:
    searches.add(settings.database, {(TODAY, "社保"): Tally(asked=1)})
    assert numbers(db, TODAY + searches.KEPT) == {}
    assert numbers(db, TODAY + searches.KEPT + timedelta(days=1)) == {"searches": 1}


def test_a_rule_that_fails_takes_the_others_back(db: Database) -> None:
    held = closed_on(db, date(2025, 1, 1))

    def fail(_db: Database, _today: date) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tidy(db, TODAY, rules=(*RULES, Rule("broken", "", fail)))
    assert contact_of(db, held) == CONTACT


def test_every_rule_has_a_name_and_says_what_goes() -> None:
    assert len({one.key for one in RULES}) == len(RULES)
    assert all(one.told for one in RULES)
