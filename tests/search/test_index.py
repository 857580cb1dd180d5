"""The index is a cache: it catches up after a crash and is rebuilt whenever anything is wrong with it."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.search import Request, health, indexing, search, storage, watermark
from kb.search.reader import IndexNotReadyError, Reader
from kb.store import changes, entries
from kb.store.database import open_database
from tests.conftest import POLICIES, TODAY, Base, an_entry, make_base


def publish(base: Base, count: int, start: int = 0, title: str = "关于缓缴试验费用的通知") -> None:
    for number in range(start, start + count):
        entries.publish(base.db, an_entry(f"nat-2020-test-{number}", title=title), "a", "")


def found(base: Base, text: str = "试验费用") -> set[str]:
    from dataclasses import replace

    from kb.search.table import Filters

    fresh = replace(base.library, reader=Reader(base.library.settings))
    answer = search(fresh, Request(text, TODAY, Filters(status=("all",)), limit=1000))
    return {hit.record.id for hit in answer.hits}


def catch_up(base: Base) -> None:
    assert indexing.catch_up(base.library.settings, base.db)


def test_what_was_published_is_found_and_what_was_withdrawn_is_not(base: Base) -> None:
    publish(base, 3)
    catch_up(base)
    assert found(base) == {f"nat-2020-test-{n}" for n in range(3)}
    entries.withdraw(base.db, "nat-2020-test-1", "a", "误发")
    catch_up(base)
    assert found(base) == {"nat-2020-test-0", "nat-2020-test-2"}
    assert watermark(base.library) == changes.last_number(base.db)


def test_a_backlog_is_applied_in_chunks(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "CHUNK", 4)
    sizes = []
    real = indexing.apply

    def watched(settings: object, db: object, batch: list[object]) -> int:
        sizes.append(len(batch))
        return real(settings, db, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "apply", watched)
    publish(base, 10)
    catch_up(base)
    assert sizes == [4, 4, 2]
    assert len(found(base)) == 10


def test_an_extension_moves_the_end_of_what_is_already_indexed(base: Base) -> None:
    publish(base, 1)
    catch_up(base)
    relation = {"type": "extends", "to": "nat-2020-test-0", "end": "2027-12-31"}
    entries.publish(
        base.db, an_entry("nat-2020-later", issued_on="2020-06-22", relations=[relation]), "a", ""
    )
    catch_up(base)
    answer = search(base.library, Request("试验费用", TODAY))
    assert [(h.record.id, str(h.status.end)) for h in answer.hits] == [("nat-2020-test-0", "2027-12-31")]


def flip_a_byte(directory: Path, pattern: str = "*.seg") -> None:
    largest = max(directory.glob(pattern), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 0xFF
    largest.write_bytes(content)


def change_kept_records(directory: Path) -> None:
    flip_a_byte(directory, "*.records")


def lose_kept_records(directory: Path) -> None:
    next(directory.glob("*.records")).unlink()


def truncate(directory: Path) -> None:
    largest = max(directory.glob("*.seg"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:100])


def tear_the_toc(directory: Path) -> None:
    toc = next(directory.glob("*.toc"))
    toc.write_bytes(toc.read_bytes()[:20])


def lose_the_manifest(directory: Path) -> None:
    (directory / storage.MANIFEST).unlink()


def garble_the_manifest(directory: Path) -> None:
    (directory / storage.MANIFEST).write_text("{", encoding="utf-8")


def point_elsewhere(directory: Path) -> None:
    (directory.parent / storage.POINTER).write_text("../../etc", encoding="utf-8")


DAMAGES = [
    shutil.rmtree,
    flip_a_byte,
    change_kept_records,
    lose_kept_records,
    truncate,
    tear_the_toc,
    lose_the_manifest,
    garble_the_manifest,
    point_elsewhere,
    lambda directory: shutil.rmtree(directory.parent),
    lambda directory: (directory.parent / storage.POINTER).unlink(),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_any_damage_between_two_starts_is_seen_and_built_anew(
    base: Base, damage: Callable[[Path], None]
) -> None:
    publish(base, 5)
    catch_up(base)
    damage(storage.current(base.library.settings.root))
    indexing._verified.clear()
    assert health(base.library.settings)
    catch_up(base)
    assert health(base.library.settings) is None
    assert len(found(base)) == 5


def test_another_lexicon_means_another_index(base: Base) -> None:
    publish(base, 2)
    catch_up(base)
    other = indexing.IndexSettings(base.library.settings.root, (*base.terms.lexicon, "试验费用"))
    assert "版本" in str(health(other))
    assert indexing.catch_up(other, base.db)
    assert health(other) is None


def test_an_index_newer_than_the_store_is_built_anew(base: Base, tmp_path: Path) -> None:
    publish(base, 3)
    catch_up(base)
    other = make_base(tmp_path / "other", base.settings.policies, None)
    entries.publish(other.db, an_entry("nat-2020-test-7"), "a", "")
    shutil.rmtree(other.settings.index)
    shutil.copytree(base.settings.index, other.settings.index)
    catch_up(other)
    assert found(other) == {"nat-2020-test-7"}
    other.db.close()


def test_a_commit_cut_off_before_its_manifest_is_kept(base: Base) -> None:
    publish(base, 3)
    catch_up(base)
    directory = storage.current(base.library.settings.root)
    manifest = (directory / storage.MANIFEST).read_bytes()
    before = storage.generation(directory)
    publish(base, 2, start=3)
    catch_up(base)
    (directory / storage.MANIFEST).write_bytes(manifest)
    (directory / storage.PENDING).write_text(str(before), encoding="utf-8")
    indexing._verified.clear()
    catch_up(base)
    assert storage.current(base.library.settings.root) == directory
    assert len(found(base)) == 5


_INDEX_FOR_EVER = """
import sys
from pathlib import Path
from kb.search import indexing
from kb.store import entries
from tests.conftest import make_base, POLICIES, an_entry
base = make_base(Path(sys.argv[1]), POLICIES, None)
indexing.CHUNK = 2
for number in range(100000):
    entries.publish(base.db, an_entry(f"nat-2020-test-{number}"), "a", "")
    indexing.catch_up(base.library.settings, base.db)
    print(number, flush=True)
"""


@pytest.mark.parametrize("wait", [0.0, 0.011, 0.023, 0.037])
def test_kill_minus_nine_between_store_and_index_costs_nothing(base: Base, wait: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _INDEX_FOR_EVER, str(base.settings.home)], stdout=subprocess.PIPE
    )
    assert process.stdout
    for _ in range(3):
        process.stdout.readline()
    threading.Event().wait(wait)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    indexing._verified.clear()
    catch_up(base)
    published = {one.entry.id for one in entries.all_current(base.db)}
    assert len(published) >= 3
    assert found(base) == published


def test_a_held_lock_means_somebody_is_at_it(base: Base) -> None:
    with storage.locked(base.library.settings.root, 1) as mine:
        assert mine
        results: list[bool] = []
        thread = threading.Thread(
            target=lambda: results.append(_catch_up_elsewhere(base)),
        )
        thread.start()
        thread.join()
    assert results == [False]


def _catch_up_elsewhere(base: Base) -> bool:
    db = open_database(base.settings.database)
    try:
        return indexing.catch_up(base.library.settings, db, timeout=0)
    finally:
        db.close()


def test_without_any_index_a_search_says_it_is_being_built(base: Base) -> None:
    shutil.rmtree(base.settings.index)
    with pytest.raises(IndexNotReadyError, match="正在建立索引"):
        search(base.library, Request("试验", TODAY))


def test_a_reader_goes_on_with_what_it_has_while_the_index_is_rebuilt(base: Base) -> None:
    publish(base, 3)
    catch_up(base)
    assert search(base.library, Request("试验", TODAY)).hidden == 3
    flip_a_byte(storage.current(base.library.settings.root))
    (base.settings.index / storage.POINTER).unlink()
    assert search(base.library, Request("试验", TODAY)).hidden == 3


def test_searches_go_on_while_entries_are_published(base: Base) -> None:
    publish(base, 20)
    catch_up(base)
    stop = threading.Event()
    errors: list[BaseException] = []

    def look() -> None:
        while not stop.is_set():
            try:
                answer = search(base.library, Request("试验费用", TODAY))
                assert answer.hidden >= 20
            except BaseException as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(12):
        publish(base, 1, start=100 + number)
        catch_up(base)
    indexing.rebuild(base.library.settings, base.db)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert search(base.library, Request("试验费用", TODAY)).hidden == 32


_INDEX_WITH_LITTLE_ROOM = """
import resource, signal, sys
from pathlib import Path
from kb.errors import KbError
from kb.search import indexing
from tests.conftest import make_base, POLICIES
base = make_base(Path(sys.argv[1]), POLICIES, None)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
try:
    indexing.rebuild(base.library.settings, base.db)
except KbError as error:
    print(error)
"""


def test_no_room_for_the_index_says_so_and_leaves_the_old_one(base: Base) -> None:
    publish(base, 50)
    catch_up(base)
    done = subprocess.run(
        [sys.executable, "-c", _INDEX_WITH_LITTLE_ROOM, str(base.settings.home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "写不进去" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    indexing._verified.clear()
    assert health(base.library.settings) is None
    assert len(found(base)) == 50
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_kb_error_is_what_front_doors_translate() -> None:
    assert issubclass(IndexNotReadyError, KbError)


acts = st.lists(st.tuples(st.sampled_from("pw"), st.integers(0, 5)), min_size=1, max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_a_reader_that_keeps_what_it_has_read_sees_what_a_new_one_sees(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    base = make_base(tmp_path_factory.mktemp("home"), POLICIES, None)
    kept = base.library.reader
    kept.generation()
    for turn, (act, number) in enumerate(acts):
        entry_id = f"nat-2020-test-{number}"
        if act == "p":
            entries.publish(base.db, an_entry(entry_id, body=f"第{turn}回写的正文"), "a", "")
        elif (held := entries.get(base.db, entry_id)) and held.state == "published":
            entries.withdraw(base.db, entry_id, "a", "误发")
        catch_up(base)
        old, new = kept.generation(), Reader(base.library.settings).generation()
        assert old.table.records == new.table.records
        assert [*map(old.text, range(len(old.ids)))] == [*map(new.text, range(len(new.ids)))]
    base.db.close()


def test_words_are_looked_up_in_the_very_commit_or_not_at_all(base: Base) -> None:
    publish(base, 1)
    catch_up(base)
    before = base.library.reader.generation()
    publish(base, 1, start=1)
    catch_up(base)
    with pytest.raises(FileNotFoundError), before.searcher():
        pytest.fail("another commit was opened")
    with base.library.reader.generation().searcher() as searcher:
        assert searcher.doc_count() == 3  # two entries and the watermark
