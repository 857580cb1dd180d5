"""Hosts that asked to be left alone stay so from run to run, and not for ever."""

from __future__ import annotations

from kb.store import patience
from tests.conftest import Base


def test_a_host_is_left_alone_until_its_time_is_over(base: Base) -> None:
    patience.keep(base.db, {"www.example.gov.cn": 3_600.0, "over.example.cn": -1.0})
    left = patience.left(base.db)
    assert left.keys() == {"www.example.gov.cn"}
    assert 3_500 < left["www.example.gov.cn"] <= 3_600
    patience.keep(base.db, {})
    assert patience.left(base.db) == {}


def test_no_host_is_left_alone_for_longer_than_a_week(base: Base) -> None:
    patience.keep(base.db, {"www.example.gov.cn": 1e300})
    assert patience.left(base.db)["www.example.gov.cn"] <= patience.LONGEST.total_seconds()
