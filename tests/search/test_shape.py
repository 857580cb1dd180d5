"""An index that holds records of another shape is built anew, never read."""

from __future__ import annotations

import pytest

from kb.search import Request, indexing, record, search, storage
from kb.store import entries
from tests.conftest import SPRING, Base, an_entry


def test_records_of_another_shape_lead_to_a_new_index(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    entries.publish(base.db, an_entry(), "test", "test")
    settings = base.library.settings
    indexing.catch_up(settings, base.db)
    before = storage.current(settings.root)
    indexing.catch_up(settings, base.db)
    assert storage.current(settings.root) == before
    monkeypatch.setattr(record, "SHAPE", "another")
    indexing.catch_up(settings, base.db)
    assert storage.current(settings.root) != before
    assert search(base.library, Request("缓交", SPRING)).total == 1


def test_the_shape_names_what_status_rests_on() -> None:
    for name in ("good_until", "inferred", "confirmed_on"):
        assert f'"{name}"' in record.SHAPE
