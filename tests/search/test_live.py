"""Words added at the desk in a running process: synonyms at the next look, words after the rebuild."""

from __future__ import annotations

from contextlib import closing

import pytest

from kb.search import Library, Request, indexing, open_library, search
from kb.search.live import EVERY_SECONDS, LiveLibrary
from kb.store import entries, words
from kb.store.database import open_database
from tests.conftest import SPRING, Base, an_entry


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(base: Base, clock: Clock) -> LiveLibrary:
    """The library of a running process over one entry about 试验费用."""
    entries.publish(base.db, an_entry(), "test", "test")
    indexing.catch_up(base.library.settings, base.db)
    made = LiveLibrary(base.settings, base.terms, base.library, clock)
    assert hits(made.library(), "玄铁重剑") == []
    return made


def hits(library: Library, text: str) -> list[str]:
    return [hit.record.id for hit in search(library, Request(text, SPRING)).hits]


def test_a_synonym_of_another_process_works_within_a_second(
    base: Base, live: LiveLibrary, clock: Clock
) -> None:
    with closing(open_database(base.settings.database)) as elsewhere:
        words.add_synonym(elsewhere, "玄铁重剑", "试验费用", "wang", 0.9)
    assert hits(live.library(), "玄铁重剑") == []
    clock.now += EVERY_SECONDS
    assert hits(live.library(), "玄铁重剑") == ["nat-2020-test-1"]
    words.remove(base.db, "synonym", "玄铁重剑", "试验费用", "wang")
    clock.now += EVERY_SECONDS
    assert hits(live.library(), "玄铁重剑") == []


def test_whoever_added_it_can_look_at_once(base: Base, live: LiveLibrary) -> None:
    words.add_synonym(base.db, "玄铁重剑", "试验费用", "wang", 0.9)
    live.look_again()
    assert hits(live.library(), "玄铁重剑") == ["nat-2020-test-1"]


def test_a_synonym_does_not_touch_the_index(base: Base, live: LiveLibrary) -> None:
    before = live.index_settings(base.db).version
    words.add_synonym(base.db, "玄铁重剑", "试验费用", "wang")
    assert live.index_settings(base.db).version == before
    live.look_again()
    assert live.library().reader is base.library.reader


def test_a_new_word_is_searched_by_while_the_index_is_built_beside_the_old_one(
    base: Base, live: LiveLibrary
) -> None:
    words.add_lexicon(base.db, "缓缴试验费用", "wang")
    wanted = live.index_settings(base.db)
    assert wanted.version != base.library.settings.version
    live.look_again()
    library = live.library()
    assert library.settings == wanted
    old = library.reader.generation()
    assert hits(library, "试验费用") == ["nat-2020-test-1"]
    indexing.catch_up(wanted, base.db)
    assert library.reader.generation().directory != old.directory
    assert hits(library, "试验费用") == ["nat-2020-test-1"]
    words.remove(base.db, "lexicon", "缓缴试验费用", "", "wang")
    assert live.index_settings(base.db) == base.library.settings


def test_a_new_process_and_the_command_line_begin_with_the_words(base: Base, live: LiveLibrary) -> None:
    words.add_synonym(base.db, "玄铁重剑", "试验费用", "wang", 0.9)
    assert hits(open_library(base.settings, base.terms), "玄铁重剑") == ["nat-2020-test-1"]


def test_a_store_that_cannot_be_read_changes_nothing(base: Base, live: LiveLibrary, clock: Clock) -> None:
    base.db.close()
    for name in ("kb.sqlite", "kb.sqlite-wal", "kb.sqlite-shm"):
        (base.settings.home / name).unlink(missing_ok=True)
    base.settings.database.write_bytes(b"this is no database, only text" * 100)
    clock.now += EVERY_SECONDS
    assert hits(live.library(), "试验费用") == ["nat-2020-test-1"]
