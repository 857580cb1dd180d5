"""``kb load``: nothing is lost on either side, a second load does nothing, bad files stop nobody."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kb.errors import KbError
from kb.ingest import dump, entryfile
from kb.ingest import load as loading
from kb.store import changes, entries
from kb.store.database import Database
from tests.conftest import Base, an_entry


def put(root: Path, **changes_: object) -> Path:
    entry = an_entry(**changes_)  # type: ignore[arg-type]
    path = root / "entries" / "policy" / f"{entry.id}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(entryfile.dump(entry), encoding="utf-8")
    return path


def run(base: Base, root: Path) -> loading.Report:
    return loading.load(base.db, root, base.terms.taxonomy)


def drafts(db: Database) -> int:
    return int(next(db.query("SELECT count(*) AS n FROM drafts"))["n"])


def title(base: Base) -> str:
    held = entries.get(base.db, "nat-2020-test-1")
    assert held
    return held.entry.title


def edit_in_store(base: Base, text: str) -> None:
    entries.publish(base.db, an_entry(title=text), "editor", "改标题")


def test_new_then_unchanged_then_changed(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    assert [o.what for o in run(base, tmp_path).outcomes] == ["new"]
    assert [o.what for o in run(base, tmp_path).outcomes] == ["unchanged"]
    assert changes.last_number(base.db) == 1
    put(tmp_path, title="改过的标题")
    assert [o.what for o in run(base, tmp_path).outcomes] == ["changed"]
    assert title(base) == "改过的标题"


def test_a_comment_alone_makes_no_version(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    run(base, tmp_path)
    path.write_text("# 备注\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert [o.what for o in run(base, tmp_path).outcomes] == ["unchanged"]
    assert changes.last_number(base.db) == 1


def test_only_the_store_changed_stays_and_asks_to_be_dumped(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    run(base, tmp_path)
    edit_in_store(base, "工作台改的标题")
    report = run(base, tmp_path)
    assert [o.what for o in report.outcomes] == ["store-ahead"]
    assert report.clean
    assert title(base) == "工作台改的标题"
    dump.dump(base.db, tmp_path, ["nat-2020-test-1"])
    assert "工作台改的标题" in path.read_text(encoding="utf-8")
    assert [o.what for o in run(base, tmp_path).outcomes] == ["unchanged"]


def test_both_changed_keeps_the_published_one_and_makes_a_draft(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    run(base, tmp_path)
    edit_in_store(base, "工作台改的标题")
    put(tmp_path, title="文件改的标题")
    for _ in range(2):
        report = run(base, tmp_path)
        assert [o.what for o in report.outcomes] == ["conflict"]
        assert not report.clean
    assert title(base) == "工作台改的标题"
    assert drafts(base.db) == 1


def test_a_dump_never_overwrites_a_file_that_was_changed(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    run(base, tmp_path)
    edit_in_store(base, "工作台改的标题")
    path = put(tmp_path, title="文件改的标题")
    with pytest.raises(KbError, match="丢掉"):
        dump.dump(base.db, tmp_path, ["nat-2020-test-1"])
    assert "文件改的标题" in path.read_text(encoding="utf-8")


def test_a_vanished_file_is_reported_and_stays_published(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    run(base, tmp_path)
    path.unlink()
    report = run(base, tmp_path)
    assert [o.what for o in report.outcomes] == ["vanished"]
    assert title(base)


def test_a_withdrawn_entry_does_not_come_back_by_its_file(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    run(base, tmp_path)
    entries.withdraw(base.db, "nat-2020-test-1", "editor", "撤下")
    put(tmp_path, title="改过的标题")
    assert [o.what for o in run(base, tmp_path).outcomes] == ["conflict"]
    held = entries.get(base.db, "nat-2020-test-1")
    assert held
    assert held.state == "withdrawn"


def test_the_file_of_a_withdrawn_entry_that_says_the_same_is_no_conflict(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    run(base, tmp_path)
    entries.withdraw(base.db, "nat-2020-test-1", "editor", "撤下")
    path.write_text("# 备注\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    for _ in range(2):
        report = run(base, tmp_path)
        assert [o.what for o in report.outcomes] == ["withdrawn"]
        assert report.clean
    assert drafts(base.db) == 0


def test_a_checkout_that_moved_is_known_again(base: Base, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    put(old)
    put(old, entry_id="nat-2020-test-2")
    run(base, old)
    edit_in_store(base, "工作台改的标题")
    old.rename(new)
    assert [o.what for o in run(base, new).outcomes] == ["store-ahead", "unchanged"]
    assert title(base) == "工作台改的标题"
    (written,) = dump.dump_all(base.db, new)
    assert written.path.startswith(str(new))
    assert not old.exists()
    assert [o.what for o in run(base, new).outcomes] == ["unchanged", "unchanged"]


def test_one_bad_file_does_not_stop_the_others(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "entries" / "policy" / "bad.yml").write_bytes(b"\x00\x01\x02")
    report = run(base, tmp_path)
    assert [o.what for o in report.outcomes] == ["new"]
    assert len(report.errors) == 1
    assert not report.clean


def test_relations_may_point_to_what_is_already_published(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    run(base, tmp_path)
    later = {"type": "extends", "to": "nat-2020-test-1#defer", "end": "2020-12-31"}
    put(tmp_path, entry_id="nat-2020-test-2", issued_on="2020-06-22", relations=[later])
    report = run(base, tmp_path)
    assert sorted(o.what for o in report.outcomes) == ["new", "unchanged"]
    moved = [c for c in changes.since(base.db, 0, 10) if c.action == "timeline"]
    assert [(c.entry_id, c.because) for c in moved] == [("nat-2020-test-1", "nat-2020-test-2")]


def test_a_thousand_entries_load_in_one_go(base: Base, tmp_path: Path) -> None:
    text = entryfile.dump(an_entry("nat-2020-many-1"))
    folder = tmp_path / "entries" / "policy"
    folder.mkdir(parents=True)
    for number in range(1000):
        name = f"nat-2020-many-{number}"
        (folder / f"{name}.yml").write_text(text.replace("nat-2020-many-1\n", f"{name}\n"), encoding="utf-8")
    report = run(base, tmp_path)
    assert report.count("new") == 1000
    assert len(list(entries.all_current(base.db))) == 1000


def test_a_full_disk_says_so_and_loses_nothing(base: Base, tmp_path: Path) -> None:
    put(tmp_path)
    run(base, tmp_path)
    pages = next(base.db.query("PRAGMA page_count"))["page_count"]
    base.db.execute(f"PRAGMA max_page_count = {pages}")
    put(tmp_path, entry_id="nat-2020-test-2", body="很长的正文。" * 20000)
    with pytest.raises(KbError, match="磁盘已满"):
        run(base, tmp_path)
    assert title(base) == an_entry().title
    assert entries.get(base.db, "nat-2020-test-2") is None
    base.db.execute("PRAGMA max_page_count = 1000000")
    assert run(base, tmp_path).clean
    assert entries.get(base.db, "nat-2020-test-2") is not None


def test_a_load_that_dies_in_the_middle_is_completed_by_the_next(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        put(tmp_path, entry_id=f"nat-2020-test-{number}")
    real, calls = entries.publish, iter(range(100))

    def failing(*given: object) -> object:
        if next(calls) == 3:
            raise sqlite3.OperationalError("disk I/O error")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "CHUNK", 2)
    monkeypatch.setattr(entries, "publish", failing)
    with pytest.raises(KbError):
        run(base, tmp_path)
    monkeypatch.setattr(entries, "publish", real)
    assert len(list(entries.all_current(base.db))) == 2
    report = run(base, tmp_path)
    assert (report.count("new"), report.count("unchanged")) == (3, 2)
