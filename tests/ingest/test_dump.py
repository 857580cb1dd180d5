"""``kb dump``: load, dump, load changes nothing; what somebody else wrote is never overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import yamlfile
from kb.errors import KbError
from kb.ingest import dump, entryfile
from kb.ingest import load as loading
from kb.store import changes, entries
from tests.conftest import POLICIES, Base, an_entry

ID = "nat-2020-test-1"


def put(root: Path, text: str | None = None, entry_id: str = ID) -> Path:
    path = root / "entries" / "policy" / f"{entry_id}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((text or entryfile.dump(an_entry(entry_id))).encode())
    return path


def load(base: Base, root: Path) -> loading.Report:
    return loading.load(base.db, root, base.terms.taxonomy)


def dumped(base: Base, root: Path) -> list[tuple[str, str]]:
    return [(one.entry_id, one.what) for one in dump.dump_all(base.db, root)]


def content(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped entries that may be written to."""
    root = tmp_path / "policies"
    shutil.copytree(POLICIES / "entries", root / "entries")
    return root


def test_loading_and_dumping_all_that_is_shipped_changes_no_byte(base: Base, copy: Path) -> None:
    before = content(copy)
    assert load(base, copy).clean
    assert dumped(base, copy) == []
    assert content(copy) == before
    assert {one.what for one in load(base, copy).outcomes} == {"unchanged"}


def test_all_that_is_shipped_is_written_the_same_where_there_is_no_file(base: Base, copy: Path) -> None:
    load(base, copy)
    before = content(copy)
    shutil.rmtree(copy / "entries")
    assert {what for _, what in dumped(base, copy)} == {"written"}
    for name, raw in content(copy).items():
        assert without_comments(raw) == without_comments(before[name])
    assert {one.what for one in load(base, copy).outcomes} == {"unchanged"}


def without_comments(raw: bytes) -> list[str]:
    return [line for line in raw.decode().splitlines() if not line.lstrip().startswith("#")]


def test_work_done_in_the_store_goes_back_to_every_shipped_file_once(base: Base, copy: Path) -> None:
    for path in copy.rglob("*.yml"):
        path.write_bytes(b"# note of the editor\n" + path.read_bytes())
    load(base, copy)
    before = content(copy)
    for held in list(entries.all_current(base.db)):
        better = held.entry.model_copy(update={"summary": f"{held.entry.summary}\n补充说明：已核对。"})
        entries.publish(base.db, better, "liu", "补充")
    assert {one.what for one in load(base, copy).outcomes} == {"store-ahead"}
    assert len(dumped(base, copy)) == len(before)
    after, last = content(copy), changes.last_number(base.db)
    for name in before:
        assert after[name] != before[name]
        assert after[name].startswith(b"# note of the editor\n")
        assert b"\xe5\xb7\xb2\xe6\xa0\xb8\xe5\xaf\xb9" in after[name]
    assert dumped(base, copy) == []
    assert content(copy) == after
    assert {one.what for one in load(base, copy).outcomes} == {"unchanged"}
    assert changes.last_number(base.db) == last


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "# 说明\n" + text,
        lambda text: text.replace("title: ", "title:   "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
    ],
    ids=["canonical", "comment", "spaces", "crlf", "bom"],
)
def test_a_file_that_says_what_is_published_stays_as_it_is_typed(
    base: Base, tmp_path: Path, change: Callable[[str], str]
) -> None:
    path = put(tmp_path, change(entryfile.dump(an_entry())))
    before = path.read_bytes()
    load(base, tmp_path)
    assert dumped(base, tmp_path) == []
    assert dump.dump(base.db, tmp_path, [ID]) == []
    assert path.read_bytes() == before
    entries.publish(base.db, an_entry(title="新标题"), "liu", "")
    assert dumped(base, tmp_path) == [(ID, "written")]
    assert "title: 新标题" in path.read_text(encoding="utf-8")
    assert [one.what for one in load(base, tmp_path).outcomes] == ["unchanged"]
    assert dumped(base, tmp_path) == []


def test_an_entry_of_the_desk_gets_a_file_of_its_own(base: Base, tmp_path: Path) -> None:
    entries.publish(base.db, an_entry("d2026-0001"), "liu", "")
    assert dumped(base, tmp_path) == [("d2026-0001", "written")]
    assert (tmp_path / "entries" / "policy" / "d2026-0001.yml").is_file()
    assert [one.what for one in load(base, tmp_path).outcomes] == ["unchanged"]


def test_a_file_that_was_never_loaded_is_not_overwritten(base: Base, tmp_path: Path) -> None:
    entries.publish(base.db, an_entry(), "liu", "")
    path = put(tmp_path, "# 我的笔记\n")
    assert dumped(base, tmp_path) == [(ID, "unknown-file")]
    with pytest.raises(KbError, match="kb load"):
        dump.dump(base.db, tmp_path, [ID])
    assert path.read_text(encoding="utf-8") == "# 我的笔记\n"


def test_a_changed_file_is_named_and_the_others_are_written(base: Base, tmp_path: Path) -> None:
    path, other = put(tmp_path), put(tmp_path, entry_id="nat-2020-test-2")
    load(base, tmp_path)
    for name in (ID, "nat-2020-test-2"):
        entries.publish(base.db, an_entry(name, title="库里改的标题"), "liu", "")
    text = entryfile.dump(an_entry(title="文件改的标题"))
    path.write_text(text, encoding="utf-8")
    assert dumped(base, tmp_path) == [(ID, "file-changed"), ("nat-2020-test-2", "written")]
    assert path.read_text(encoding="utf-8") == text
    assert "库里改的标题" in other.read_text(encoding="utf-8")


def test_the_file_of_a_withdrawn_entry_is_named_and_stays(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    load(base, tmp_path)
    entries.withdraw(base.db, ID, "liu", "误发")
    (outcome,) = dump.dump_all(base.db, tmp_path)
    told = dump.advice(outcome)
    assert told
    assert "git rm" in told
    assert str(path) in told
    with pytest.raises(KbError, match="已撤下"):
        dump.dump(base.db, tmp_path, [ID])
    assert [one.what for one in load(base, tmp_path).outcomes] == ["withdrawn"]
    path.unlink()
    assert dumped(base, tmp_path) == []
    assert load(base, tmp_path).outcomes == ()


def test_a_vanished_file_comes_back(base: Base, tmp_path: Path) -> None:
    path = put(tmp_path)
    before = path.read_bytes()
    load(base, tmp_path)
    path.unlink()
    assert dumped(base, tmp_path) == [(ID, "written")]
    assert path.read_bytes() == before


def test_a_folder_that_moved_away_is_not_made_again(base: Base, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    put(old)
    load(base, old)
    shutil.rmtree(old)
    assert dumped(base, new) == [(ID, "written")]
    assert not old.exists()
    assert (new / "entries" / "policy" / f"{ID}.yml").is_file()


def test_an_unknown_id_is_said(base: Base, tmp_path: Path) -> None:
    with pytest.raises(KbError, match="没有已发布的条目 nat-9"):
        dump.dump(base.db, tmp_path, ["nat-9"])


def test_a_file_is_replaced_whole_keeping_its_mode(tmp_path: Path) -> None:
    path, link = tmp_path / "a.yml", tmp_path / "link.yml"
    path.write_text("旧", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    yamlfile.save(link, "新")
    assert path.read_text(encoding="utf-8") == "新"
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.yml", "link.yml"]


def test_a_disk_that_will_not_have_it_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(KbError, match="写不进去"):
        yamlfile.save(Path("/proc/a.yml"), "新")
    path = tmp_path / "a.yml"
    path.write_text("旧", encoding="utf-8")
    with pytest.raises(KbError, match="写不进去"):
        yamlfile.save(path / "b.yml", "新")
    assert path.read_text(encoding="utf-8") == "旧"
