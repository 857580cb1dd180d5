"""Records are kept beside their segment: the same when read, each value once, carried over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search import indexing, kept, record, storage
from kb.search.reader import Reader
from kb.search.record import Record
from kb.store import entries
from tests.conftest import POLICIES, Base, an_entry, make_base

RECORD = record.record_of(an_entry(), 1)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.builds(replace, st.just(RECORD), id=WORDS, title=WORDS, aliases=st.tuples(WORDS, WORDS))))
def test_records_come_back_as_they_were_without_their_texts(records: list[Record]) -> None:
    held = dict(enumerate(records))
    assert kept.loads(kept.dumps(held)) == {at: replace(one, text="") for at, one in held.items()}


def test_shipped_records_come_back_as_whoosh_has_them(shipped: Base) -> None:
    reader = storage.open_reader(shipped.library.reader.generation().directory)
    for leaf, _ in reader.leaf_readers():
        for _at, stored in leaf.iter_docs():
            if "data" in stored:
                one = record.from_json(stored["data"], "")
                assert kept.loads(kept.dumps({3: one})) == {3: one}
    reader.close()


def test_equal_parts_of_different_records_are_one_object() -> None:
    other = replace(RECORD, id="nat-2020-other", trust=replace(RECORD.trust))
    one, two = kept.loads(kept.dumps({0: RECORD, 1: other})).values()
    assert one.trust is two.trust
    assert one.rows[0].steps is two.rows[0].steps
    assert one.regions is two.regions


@given(st.integers(0, len(kept.dumps({0: RECORD})) - 1))
def test_what_is_cut_off_is_not_taken_for_records(length: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kept.loads(kept.dumps({0: RECORD})[:length])


@pytest.mark.parametrize("data", [b"[]", b"[[[9]],[]]", b"[[[6,0]],[]]", b"[[],[[0,0]]]", b"[[[1]],[]]"])
def test_what_is_put_together_wrongly_is_not_taken_for_records(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kept.loads(data)


@pytest.fixture
def base(tmp_path: Path) -> Base:
    made = make_base(tmp_path, POLICIES, None)
    for number in range(3):
        entries.publish(made.db, an_entry(f"nat-2020-test-{number}"), "a", "")
    assert indexing.catch_up(made.library.settings, made.db)
    return made


def test_every_segment_has_its_records_beside_it(base: Base) -> None:
    generation = base.library.reader.generation()
    assert len(list(generation.directory.glob(f"*{kept.SUFFIX}"))) == len(generation.held)


def test_without_its_file_the_segment_itself_is_read(base: Base) -> None:
    generation = base.library.reader.generation()
    for path in generation.directory.glob(f"*{kept.SUFFIX}"):
        path.unlink()
    assert Reader(base.library.settings).generation().table.records == generation.table.records


def test_records_of_known_segments_are_carried_over(base: Base) -> None:
    before = {one.id: one for one in base.library.reader.generation().table.records}
    entries.publish(base.db, an_entry("nat-2020-new"), "a", "")
    entries.withdraw(base.db, "nat-2020-test-1", "a", "误发")
    assert indexing.catch_up(base.library.settings, base.db)
    after = {one.id: one for one in base.library.reader.generation().table.records}
    assert set(after) == {"nat-2020-test-0", "nat-2020-test-2", "nat-2020-new"}
    known = base.library.reader.generation().held
    assert all(after[name] is before[name] for name in before if name in after)
    assert sum(map(len, known.values())) == len(after)
