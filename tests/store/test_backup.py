"""Backups: consistent while others write, never half, refused by name when damaged, and they serve again."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import waitress
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.config import Settings
from kb.errors import KbError
from kb.search import indexing, open_library
from kb.store import audit, backup, changes, entries
from kb.store.database import Database, open_database
from kb.store.restore import restore, verify
from kb.store.terms import load_terms
from tests.conftest import POLICIES, TODAY, Base, an_entry
from web import create_app

FILES = {
    "secret.key": b"k" * 32,
    "attachments/ab/form.pdf": b"%PDF-1.4 form",
    "snapshots/2026/文件.html": "<p>原文</p>".encode(),
    "imports/empty": b"",
}
LEFT_OUT = ["index/current", "kb.sqlite.lock", "sub/other.lock"]


@pytest.fixture
def home(base: Base) -> Path:
    """A home with two entries, files beside the database and what is not backed up."""
    entries.publish(base.db, an_entry(), "liu", "首次发布")
    entries.publish(base.db, an_entry("nat-2020-test-2"), "liu", "首次发布")
    for name, content in [*FILES.items(), *((name, b"x") for name in LEFT_OUT)]:
        path = base.settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return base.settings.home


@pytest.fixture
def made(base: Base, home: Path, tmp_path: Path) -> Path:
    """A backup of that home."""
    return backup.make(base.settings, tmp_path / "backups").path


def content(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def finished(target: Path) -> list[Path]:
    return sorted(target.glob("kb-*")) if target.exists() else []


def titles(home: Path) -> list[str]:
    with closing(open_database(home / "kb.sqlite").conn) as connection:
        return [one.entry.title for one in entries.all_current(Database(connection))]


def test_a_backup_holds_everything_that_cannot_be_made_again(made: Path, base: Base) -> None:
    held = content(made)
    assert held.keys() == {*FILES, "kb.sqlite", "manifest.json", "manifest.json.sha256"}
    assert {name: held[name] for name in FILES} == FILES
    manifest = json.loads(held["manifest.json"])
    assert manifest["version"] == "0.1.0"
    assert manifest["last_change"] == changes.last_number(base.db) == 2
    assert manifest["audit_head"] == str(audit.head(base.db))
    for name, described in manifest["files"].items():
        digest = hashlib.sha256(held[name]).hexdigest()
        assert described == {"sha256": digest, "size": len(held[name])}


def test_a_backup_is_for_its_owner_only(made: Path) -> None:
    for path in (made, *made.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_each_backup_has_a_folder_of_its_own(base: Base, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    paths = {backup.make(base.settings, target).path for _ in range(3)}
    assert paths == set(finished(target))
    assert len(paths) == 3


def test_folders_on_another_disk_are_followed_and_loops_are_not(
    base: Base, home: Path, tmp_path: Path
) -> None:
    shutil.move(home / "attachments", tmp_path / "disk")
    (home / "attachments").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "loop").symlink_to(home)
    held = content(backup.make(base.settings, tmp_path / "backups").path)
    assert held["attachments/ab/form.pdf"] == FILES["attachments/ab/form.pdf"]
    assert len(held) == len(FILES) + 3


def test_a_restored_home_holds_the_same(made: Path, base: Base, tmp_path: Path) -> None:
    other = tmp_path / "other"
    restore(made, other)
    assert content(other).keys() == {*FILES, "kb.sqlite"}
    assert {name: raw for name, raw in content(other).items() if name in FILES} == FILES
    assert all(path.stat().st_mode & 0o077 == 0 for path in (other, *other.rglob("*")))
    assert titles(other) == titles(base.settings.home)


def test_a_backup_while_others_publish_is_a_state_that_was(base: Base, home: Path, tmp_path: Path) -> None:
    stop, published = threading.Event(), []

    def publish() -> None:
        db = open_database(base.settings.database)
        while not stop.is_set():
            title = f"第 {len(published)} 版"
            entries.publish(db, an_entry(title=title), "wang", title)
            published.append(title)
        db.close()

    thread = threading.Thread(target=publish)
    thread.start()
    known = []
    try:
        for number in range(8):
            before = list(published)
            known.append(
                (before, restored(backup.make(base.settings, tmp_path / "b").path, tmp_path / str(number)))
            )
    finally:
        stop.set()
        thread.join()
    assert len(published) > 0
    for before, (versions, changed, audited) in known:
        assert versions == changed == audited
        assert versions >= len(before) + 2


def restored(path: Path, home: Path) -> tuple[int, int, int]:
    restore(path, home)
    db = open_database(home / "kb.sqlite")
    assert audit.verify(db) == []
    counts = [
        int(next(db.query(f"SELECT count(*) AS n FROM {table}"))["n"])  # noqa: S608
        for table in ("versions", "changes", "audit")
    ]
    db.close()
    return counts[0], counts[1], counts[2]


def test_a_restored_home_answers_searches_over_http(made: Path, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other", policies=POLICIES, today=TODAY, rate_limit="off")
    restore(made, other.home)
    db = open_database(other.database)
    library = open_library(other, load_terms(POLICIES))
    indexing.catch_up(library.settings, db)
    db.close()
    server = waitress.create_server(create_app(other), host="127.0.0.1", port=0, threads=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    query = urllib.parse.urlencode({"q": "试验费用", "status": "all"})
    address = f"http://127.0.0.1:{server.effective_port}/search.json?{query}"
    with urllib.request.urlopen(address) as answer:
        found = json.load(answer)
    server.close()
    thread.join(10)
    assert {hit["id"] for hit in found["hits"]} == {"nat-2020-test-1", "nat-2020-test-2"}


_KILLED = """
import os, signal, sys
from pathlib import Path
from kb.config import Settings
from kb.store import backup, restore
real, left = os.fsync, [int(sys.argv[3])]
def fsync(descriptor):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
one, other = Path(sys.argv[1]), Path(sys.argv[2])
if sys.argv[4] == "backup":
    backup.make(Settings(home=one, policies=one), other)
else:
    restore.restore(one, other)
"""


def killed(one: Path, other: Path, after: int, what: str) -> int:
    """The exit code of a backup or restore that is killed at its n-th flush to the disk."""
    command = [sys.executable, "-c", _KILLED, str(one), str(other), str(after), what]
    return subprocess.run(command, check=False).returncode


@pytest.mark.parametrize("after", range(0, 11, 2))
def test_kill_minus_nine_leaves_nothing_that_looks_like_a_backup(
    home: Path, tmp_path: Path, after: int
) -> None:
    target = tmp_path / "backups"
    assert killed(home, target, after, "backup") == -signal.SIGKILL
    assert finished(target) == []
    (left,) = backup.unfinished(target)
    with pytest.raises(KbError, match="没做完"):
        restore(left, tmp_path / "other")
    left = left.rename(target / "kb-renamed")
    if after <= 4:
        with pytest.raises(KbError, match=r"manifest\.json"):
            restore(left, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("after", [0, 3, 6])
def test_a_restore_that_is_killed_is_no_knowledge_base_and_says_so(
    made: Path, tmp_path: Path, after: int
) -> None:
    other = tmp_path / "other"
    assert killed(made, other, after, "restore") == -signal.SIGKILL
    assert not (other / "kb.sqlite").exists()
    with pytest.raises(KbError, match="没做完的恢复"):
        restore(made, other)
    shutil.rmtree(other)
    restore(made, other)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


WHOLE = [*(name for name in FILES if FILES[name]), "kb.sqlite", "manifest.json", "manifest.json.sha256"]


@pytest.mark.parametrize("damage", [truncate, flip, lengthen, Path.unlink])
@pytest.mark.parametrize("name", WHOLE)
def test_a_damaged_backup_is_refused_by_the_name_of_the_file(
    made: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(made / name)
    with pytest.raises(KbError) as caught:
        restore(made, tmp_path / "other")
    assert name in str(caught.value)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("name", ["extra.txt", "attachments/ab/extra", "kb.sqlite-wal"])
def test_a_file_too_many_is_refused_by_name(made: Path, tmp_path: Path, name: str) -> None:
    (made / name).write_bytes(b"x")
    with pytest.raises(KbError, match=f"{name}：清单里没有"):
        restore(made, tmp_path / "other")


@pytest.mark.parametrize("name", ["attachments", "secret.key"])
def test_a_link_in_a_backup_is_refused_by_name(made: Path, tmp_path: Path, name: str) -> None:
    shutil.move(made / name, tmp_path / "elsewhere")
    (made / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KbError, match=name):
        restore(made, tmp_path / "other")


def test_all_that_is_wrong_is_said_at_once(made: Path, tmp_path: Path) -> None:
    flip(made / "secret.key")
    (made / "attachments/ab/form.pdf").unlink()
    with pytest.raises(KbError, match=r"form\.pdf：缺少\n.*secret\.key：内容被改过"):
        restore(made, tmp_path / "other")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that every example may damage and must mend."""
    home = tmp_path_factory.mktemp("kept")
    made_settings = Settings(home=home / "home", policies=POLICIES)
    db = open_database(made_settings.database)
    entries.publish(db, an_entry(), "liu", "")
    db.close()
    return backup.make(made_settings, home / "backups").path


@settings(max_examples=60)
@given(st.data())
def test_any_flipped_bit_is_refused(kept: Path, data: st.DataObject) -> None:
    path = kept / data.draw(st.sampled_from(["kb.sqlite", "manifest.json", "manifest.json.sha256"]))
    whole = path.read_bytes()
    raw = bytearray(whole)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(raw)
    with pytest.raises(KbError, match=path.name):
        verify(kept)
    path.write_bytes(whole)


def described_anew(path: Path) -> None:
    """Make the manifest say what the files are now, as somebody who knows how it is made could."""
    manifest = json.loads((path / "manifest.json").read_bytes())
    for name in manifest["files"]:
        raw = (path / name).read_bytes()
        manifest["files"][name] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    sealed(path, json.dumps(manifest).encode())


def sealed(path: Path, raw: bytes) -> None:
    (path / "manifest.json").write_bytes(raw)
    (path / "manifest.json.sha256").write_bytes(backup.seal_of(raw))


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path / "kb.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    described_anew(path)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET actor = 'wang' WHERE number = 1", "审计"),
        ("INSERT INTO changes VALUES (99, 'nobody', 'publish', 1, '', '')", "外键检查"),
        ("INSERT INTO _sqlite_migrations VALUES (99, 'kb', 'of_tomorrow', '')", "请先升级"),
        ("DROP TABLE changes", "不是本产品的数据库"),
    ],
)
def test_a_database_that_is_not_whole_is_refused(
    made: Path, tmp_path: Path, statement: str, says: str
) -> None:
    changed(made, "DROP TRIGGER audit_never_changes", statement)
    with pytest.raises(KbError, match=says):
        restore(made, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_torn_database_is_refused_when_backed_up_and_when_restored(
    base: Base, made: Path, tmp_path: Path
) -> None:
    raw = bytearray((made / "kb.sqlite").read_bytes())
    raw[4096 * 3 : 4096 * 4] = os.urandom(4096)
    (made / "kb.sqlite").write_bytes(raw)
    described_anew(made)
    with pytest.raises(KbError, match=r"kb\.sqlite"):
        restore(made, tmp_path / "other")
    torn = replace(base.settings, home=tmp_path / "torn")
    torn.home.mkdir()
    torn.database.write_bytes(raw)
    with pytest.raises(KbError, match=r"库已损坏|没有做成"):
        backup.make(torn, tmp_path / "more")
    assert list((tmp_path / "more").iterdir()) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"product": "other"}',
        b'{"product": "relief-kb", "files": {"../x": {"sha256": "", "size": 0}}}',
        b'{"product": "relief-kb", "files": {"kb.sqlite": {"sha256": "", "size": 0}}, "more": 1}',
    ],
)
def test_a_manifest_of_another_kind_is_refused(made: Path, tmp_path: Path, raw: bytes) -> None:
    sealed(made, raw)
    with pytest.raises(KbError, match=r"manifest\.json 不是本产品写的"):
        restore(made, tmp_path / "other")


def test_an_audit_tampered_with_before_is_told_and_taken_in_only_if_asked(
    base: Base, home: Path, tmp_path: Path
) -> None:
    base.db.execute("DROP TRIGGER audit_never_changes")
    base.db.execute("UPDATE audit SET actor = 'wang' WHERE number = 1")
    made = backup.make(base.settings, tmp_path / "backups")
    assert {fault.number for fault in made.faults} == {0, 1}
    with pytest.raises(KbError, match="--despite-audit"):
        restore(made.path, tmp_path / "other")
    restore(made.path, tmp_path / "other", despite_audit=True)
    assert titles(tmp_path / "other") == titles(home)


def test_a_chain_cut_short_after_the_backup_is_found_by_its_manifest(made: Path, tmp_path: Path) -> None:
    changed(
        made,
        "DROP TRIGGER audit_never_goes",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit'",
        "CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'never'); END",
    )
    with pytest.raises(KbError, match="另外记下的校验值"):
        restore(made, tmp_path / "other")


def test_a_home_that_is_not_empty_is_refused_with_what_to_do(made: Path, base: Base) -> None:
    before = content(base.settings.home)
    with pytest.raises(KbError, match=r"不是空的.*改名"):
        restore(made, base.settings.home)
    assert content(base.settings.home) == before


def test_an_empty_home_is_filled(made: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert restore(made, tmp_path / "other").last_change == 2


def test_the_folder_of_backups_is_no_backup_and_says_where_they_are(made: Path, tmp_path: Path) -> None:
    with pytest.raises(KbError, match=made.name):
        restore(made.parent, tmp_path / "other")
    with pytest.raises(KbError, match="没有"):
        restore(tmp_path / "nowhere", tmp_path / "other")


def test_places_that_are_no_good_for_a_backup_are_said(base: Base, home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for target, says in [
        (home / "backups", "不能放在"),
        (home, "不能放在"),
        (tmp_path / "file", "是一个文件"),
        (tmp_path / "file" / "below", "没有做成"),
        (Path("/proc/backups"), "没有做成"),
    ]:
        with pytest.raises(KbError, match=says):
            backup.make(base.settings, target)
    with pytest.raises(KbError, match="还没有库"):
        backup.make(replace(base.settings, home=tmp_path / "nothing"), tmp_path / "backups")
    assert not (tmp_path / "nothing").exists()


_LIMITED = """
import sys
from pathlib import Path
from kb.config import Settings
from kb.errors import KbError
from kb.store import backup, restore
one, other = Path(sys.argv[2]), Path(sys.argv[3])
try:
    if sys.argv[1] == "backup":
        backup.make(Settings(home=one, policies=one), other)
    else:
        restore.restore(one, other)
except KbError as error:
    sys.exit(str(error))
"""


def limited(what: str, one: Path, other: Path, limit: int) -> subprocess.CompletedProcess[str]:
    """A backup or restore where no file may grow beyond ``limit`` bytes, as on a full disk."""
    return subprocess.run(
        [sys.executable, "-c", _LIMITED, what, str(one), str(other)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("limit", [0, 10, 50_000, 150_000])
def test_a_full_disk_is_said_and_leaves_nothing(
    base: Base, home: Path, made: Path, tmp_path: Path, limit: int
) -> None:
    (home / "attachments" / "large").write_bytes(os.urandom(400_000))
    larger = backup.make(base.settings, tmp_path / "larger").path
    for what, one, other in [("backup", home, tmp_path / "more"), ("restore", larger, tmp_path / "other")]:
        done = limited(what, one, other, limit)
        assert done.returncode == 1, done.stderr
        assert "多半是满了" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(other.iterdir()) == []
