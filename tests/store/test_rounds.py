"""Survey rounds in the store: answers that nobody can be known by, statistics that are settled once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from kb.domain.roundresults import Results, results_of
from kb.domain.rounds import Answer, Round
from kb.errors import KbError
from kb.store import audit, difficulties, reportrows, rounds
from kb.store.database import Database, open_database
from kb.store.rounds import Planned

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 20)
DURING, AFTER = date(2026, 11, 5), date(2026, 11, 22)
PLAN = Planned("试验调查", FIRST, LAST, {"": 100, "430000": 20})
MARK = "不该外传的话"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "kb.sqlite")) as opened:
        yield opened


def opened(db: Database) -> Round:
    return rounds.open_round(db, PLAN, "100000", ("arrears", "hiring"), "liu")


def an_answer(day: date = DURING, text: str = "") -> Answer:
    return Answer(day, "430000", "small", "software", "normal", 6, ("arrears",), text)


def key(number: int) -> str:
    return f"{number:022d}"


def filled(db: Database, number: int = 6, text: str = "") -> Round:
    held = opened(db)
    for one in range(number):
        assert rounds.add_answer(db, held, an_answer(text=text), key(one))
    return held


def results(db: Database, held: Round) -> Results:
    found = results_of(held, [one.voice for one in rounds.answers(db, held.id)])
    assert found
    return found


def test_a_round_comes_back_as_it_was_opened(db: Database) -> None:
    held = opened(db)
    assert rounds.get(db, held.id) == held == rounds.by_salt(db, held.salt)
    assert (held.title, held.opens_on, held.closes_on, held.invited) == (
        "试验调查",
        FIRST,
        LAST,
        PLAN.invited,
    )
    assert held.obstacles == ("arrears", "hiring")


def test_an_answer_sent_twice_counts_once(db: Database) -> None:
    held = opened(db)
    assert rounds.add_answer(db, held, an_answer(), key(1)) is True
    assert rounds.add_answer(db, held, an_answer(), key(1)) is False
    assert rounds.count(db, held.id) == 1


def test_an_answer_put_right_takes_the_place_of_the_earlier_one(db: Database) -> None:
    held = opened(db)
    rounds.add_answer(db, held, an_answer(), key(1))
    rounds.add_answer(db, held, an_answer(), key(2))
    right = Answer(LAST, "420000", "micro", "construction", "stopped", 9, ("hiring",), "改过的")
    assert rounds.add_answer(db, held, right, key(1)) is False
    assert rounds.answers(db, held.id) == [right, an_answer()]


def test_after_the_end_an_answer_stays_as_it_is(db: Database) -> None:
    held = opened(db)
    rounds.add_answer(db, held, an_answer(), key(1))
    with pytest.raises(KbError, match="不收答卷"):
        rounds.add_answer(db, held, an_answer(AFTER, "迟到的"), key(1))
    assert rounds.answers(db, held.id) == [an_answer()]


def test_the_form_of_one_round_changes_nothing_of_another(db: Database) -> None:
    held, other = opened(db), opened(db)
    rounds.add_answer(db, held, an_answer(), key(1))
    with pytest.raises(KbError, match="重新打开"):
        rounds.add_answer(db, other, an_answer(text="别的调查"), key(1))
    assert rounds.answers(db, held.id) == [an_answer()]


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 11, 21)])
def test_before_and_after_nothing_is_taken_in(db: Database, day: date) -> None:
    held = opened(db)
    with pytest.raises(KbError, match="不收答卷"):
        rounds.add_answer(db, held, an_answer(day), key(1))
    assert rounds.count(db, held.id) == 0


def test_a_key_that_no_form_of_ours_brings_is_refused(db: Database) -> None:
    held = opened(db)
    with pytest.raises(KbError, match="重新打开"):
        rounds.add_answer(db, held, an_answer(), "1")


def test_an_answer_has_no_moment_no_order_and_no_sender(db: Database) -> None:
    held = filled(db)
    columns = {row["name"] for row in db.query("PRAGMA table_info(round_answers)")}
    told = {"region", "size", "segment", "operating", "difficulty", "obstacles", "text"}
    assert columns == {"key", "round_id", "day", *told}
    assert [one.day for one in rounds.answers(db, held.id)] == [DURING] * 6
    assert "round-answer" not in {row.action for row in audit.recent(db)}


def test_only_the_answers_of_the_days_asked_for_are_counted(db: Database) -> None:
    held = filled(db, 2)
    rounds.add_answer(db, held, an_answer(LAST), key(9))
    assert len(rounds.answers(db, held.id, FIRST, DURING)) == 2
    assert len(rounds.answers(db, held.id, LAST, AFTER)) == 1


def test_a_round_that_was_closed_early_takes_nothing_more(db: Database) -> None:
    held = filled(db)
    closed = rounds.close(db, held.id, DURING, "liu")
    assert closed.state_on(DURING) == "closed"
    assert closed.last_day == DURING
    with pytest.raises(KbError):
        rounds.add_answer(db, held, an_answer(), key(99))


def test_an_open_round_is_not_published(db: Database) -> None:
    held = filled(db)
    with pytest.raises(KbError, match="没有结束"):
        rounds.publish(db, held.id, results(db, held), DURING, "wang")


def test_published_statistics_never_change(db: Database) -> None:
    held = filled(db)
    settled = results(db, held)
    rounds.publish(db, held.id, settled, AFTER, "wang")
    assert rounds.settled(db, held.id) == settled
    assert [one.id for one in rounds.published(db)] == [held.id]
    for again in (
        lambda: rounds.change(db, held.id, PLAN, "liu"),
        lambda: rounds.close(db, held.id, AFTER, "liu"),
        lambda: rounds.publish(db, held.id, settled, AFTER, "wang"),
    ):
        with pytest.raises(KbError, match="已经公布过"):
            again()


def test_what_was_taken_down_comes_back_as_it_was_and_cannot_be_reopened(db: Database) -> None:
    held = filled(db)
    settled = results(db, held)
    rounds.publish(db, held.id, settled, AFTER, "wang")
    assert rounds.unpublish(db, held.id, "wang").published_at == ""
    assert rounds.published(db) == []
    with pytest.raises(KbError):
        rounds.change(db, held.id, PLAN, "liu")
    assert rounds.republish(db, held.id, "wang").published_at
    assert rounds.settled(db, held.id) == settled


def test_statistics_of_other_answers_than_there_are_now_are_refused(db: Database) -> None:
    held = filled(db)
    before = results(db, held)
    rounds.add_answer(db, held, an_answer(), key(50))
    with pytest.raises(KbError, match="刚变过"):
        rounds.publish(db, held.id, before, AFTER, "wang")


def test_what_was_never_published_is_not_shown_again(db: Database) -> None:
    held = filled(db)
    with pytest.raises(KbError, match="还没有公布过"):
        rounds.republish(db, held.id, "wang")


def test_words_are_forgotten_a_year_after_the_round(db: Database) -> None:
    held = filled(db, 3, MARK)
    assert rounds.forget_texts(db, date(2027, 11, 20)) == 0
    assert rounds.forget_texts(db, date(2027, 11, 23)) == 3
    assert [one.text for one in rounds.answers(db, held.id)] == ["", "", ""]
    assert rounds.count(db, held.id) == 3


def test_every_step_of_staff_is_in_the_audit_without_a_word_of_an_answer(db: Database) -> None:
    held = filled(db, 6, MARK)
    rounds.change(db, held.id, PLAN, "liu")
    rounds.close(db, held.id, DURING, "liu")
    rounds.publish(db, held.id, results(db, rounds.existing(db, held.id)), AFTER, "wang")
    rounds.unpublish(db, held.id, "wang")
    rows = audit.recent(db, subject=f"round-{held.id}")
    assert [row.action for row in rows] == [
        "round-unpublish",
        "round-publish",
        "round-close",
        "round-change",
        "round-open",
    ]
    assert MARK not in " ".join(row.detail for row in rows)


# -- rows of reports -------------------------------------------------------------------------------


def test_a_row_of_a_report_goes_when_the_member_deletes_the_difficulty(db: Database) -> None:
    held, _token = difficulties.state_one(db, needs=["arrears"], text=MARK)
    reportrows.write(db, held.id, "验收后一年未付款", "明确付款期限", "liu")
    assert reportrows.written(db)[held.id].problem == "验收后一年未付款"
    difficulties.delete(db, held)
    assert reportrows.written(db) == {}


def test_an_empty_row_takes_the_difficulty_out_of_the_table(db: Database) -> None:
    held, _token = difficulties.state_one(db, needs=["arrears"], text=MARK)
    reportrows.write(db, held.id, "验收后一年未付款", "", "liu")
    reportrows.write(db, held.id, "", "", "wang")
    assert reportrows.written(db) == {}
    assert "验收" not in " ".join(row.detail for row in audit.recent(db))
