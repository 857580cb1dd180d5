"""The state of each address: what failures on different days, answers and refusals make of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.store import addresses, entries
from kb.store.addresses import FAILED_DAYS, Address
from tests.conftest import TODAY, Base, an_entry

SOURCE, APPLY = "https://www.example.gov.cn/a.html", "https://bs.example.gov.cn/apply"
FORM, PAPER = "https://www.example.gov.cn/form.doc", "http://www.example.gov.cn/paper.pdf"


def note(base: Base, outcome: str, day: int = 0, url: str = SOURCE) -> Address:
    return addresses.note(base.db, url, outcome, outcome, url, TODAY + timedelta(days=day))


@pytest.fixture
def pointing(base: Base) -> Base:
    """One entry that points to four addresses and a file of our own."""
    relief = {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。"}
    apply = {"channel": "declare", "url": APPLY, "templates": [{"title": "申请表", "url": FORM}]}
    changes = {
        "reliefs": [{**relief, "apply": apply}],
        "sources": [{"document": "试发〔2020〕1号", "url": SOURCE}, {"document": "没有网址"}],
        "attachments": [{"title": "全文", "url": PAPER}, {"title": "样表", "url": "/files/abc/样表.xlsx"}],
    }
    entries.publish(base.db, an_entry(**changes), "test", "test")
    return base


def test_every_address_of_a_published_entry_is_known_with_its_place(pointing: Base) -> None:
    found = {one.use.role: (one.use.url, one.use.label, one.state) for one in addresses.lines(pointing.db)}
    assert found == {
        "source": (SOURCE, "试发〔2020〕1号", "never"),
        "apply": (APPLY, "缓交试验费用", "never"),
        "template": (FORM, "申请表", "never"),
        "attachment": (PAPER, "全文", "never"),
    }
    entries.withdraw(pointing.db, "nat-2020-test-1", "test", "test")
    assert addresses.lines(pointing.db) == []


def test_it_is_broken_after_failing_on_three_different_days(base: Base) -> None:
    note(base, "ok")
    assert [(note(base, "broken", day)).state for day in (1, 1, 1, 2, 2)] == ["ok"] * 5
    third = note(base, "broken", 9)
    assert (third.state, third.failed_days, third.failed_on) == ("broken", 3, TODAY + timedelta(days=9))


def test_one_never_seen_working_is_unknown_until_then(base: Base) -> None:
    assert note(base, "broken").state == "unknown"


def test_an_answer_begins_the_count_anew(base: Base) -> None:
    for outcome in ("ok", "suspect"):
        for day in range(5):
            note(base, "broken", day)
        again = note(base, outcome, 6)
        assert (again.state, again.failed_days, again.failed_on) == (outcome, 0, None)


def test_being_turned_away_neither_counts_nor_clears(base: Base) -> None:
    note(base, "broken", 0)
    note(base, "broken", 1)
    turned_away = note(base, "unknown", 2)
    assert (turned_away.state, turned_away.failed_days) == ("unknown", 2)
    assert note(base, "broken", 3).state == "broken"
    assert note(base, "unknown", 4).state == "unknown"
    assert note(base, "broken", 5).state == "broken"


def test_a_working_address_clears_no_other(pointing: Base) -> None:
    for day in range(3):
        note(pointing, "broken", day, SOURCE)
        note(pointing, "ok", day, APPLY)
    assert [(one.url, one.use.role) for one in addresses.broken(pointing.db)] == [(SOURCE, "source")]
    assert {one.url: one.state for one in addresses.lines(pointing.db)}[APPLY] == "ok"


def test_what_was_checked_longest_ago_is_due_first(pointing: Base) -> None:
    note(pointing, "ok", 0, SOURCE)
    note(pointing, "ok", 0, PAPER)
    assert addresses.due(pointing.db) == [APPLY, FORM, SOURCE, PAPER]
    assert addresses.due(pointing.db, limit=1) == [APPLY]


def test_the_worst_comes_first(pointing: Base) -> None:
    for day in range(3):
        note(pointing, "broken", day, PAPER)
    note(pointing, "ok", 0, SOURCE)
    note(pointing, "suspect", 0, FORM)
    states = [one.state for one in addresses.lines(pointing.db)]
    assert states == ["broken", "suspect", "ok", "never"]
    assert [one.url for one in addresses.lines(pointing.db, state="suspect")] == [FORM]


@given(
    st.lists(
        st.tuples(st.sampled_from(["ok", "suspect", "unknown", "broken"]), st.integers(0, 2)), max_size=12
    )
)
def test_broken_means_three_days_of_failures_since_the_last_answer(steps: list[tuple[str, int]]) -> None:
    from kb.store.addresses import _after

    state: Address | None = None
    day, failed = date(2026, 1, 1), set[date]()
    for outcome, later in steps:
        day += timedelta(days=later)
        if outcome in ("ok", "suspect"):
            failed.clear()
        elif outcome == "broken":
            failed.add(day)
        state = _after(state, Address("u", outcome, "", "", 0, None, ""), day)
        assert state.failed_days == len(failed)
        if outcome == "broken":
            assert (state.state == "broken") == (len(failed) >= FAILED_DAYS)
        else:
            assert state.state == outcome
