"""The commands that look after the knowledge base: accounts, audit, backup and restore, dump."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.ingest import entryfile
from kb.store import audit, entries, users
from kb.store.database import Database, open_database
from tests.conftest import an_entry

PASSWORD = "correct horse battery"


def run(settings: Settings, *args: str, stdin: str = "") -> Result:
    environ = {
        "KB_HOME": str(settings.home),
        "KB_TODAY": "2026-11-22",
        "KB_POLICIES": str(settings.policies),
    }
    return CliRunner().invoke(main, list(args), env=environ, input=stdin, catch_exceptions=False)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    db = open_database(settings.database)
    yield db
    db.close()


def add(settings: Settings, name: str, *args: str) -> Result:
    return run(settings, "user", "add", name, *args, "--password-stdin", stdin=f"{PASSWORD}\n")


def logs_in(settings: Settings, name: str, password: str = PASSWORD) -> bool:
    with opened(settings) as db:
        return users.log_in(db, name, password) is not None


def test_the_first_account_is_made_listed_and_may_log_in(settings: Settings) -> None:
    result = add(settings, "liu.min", "--role", "admin", "--shown", "刘敏", "--region", "湖南")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    (row,) = json.loads(run(settings, "user", "list", "--json").stdout)
    assert (row["name"], row["shown"], row["role"], row["region"]) == ("liu.min", "刘敏", "admin", "430000")
    assert row["active"]
    assert logs_in(settings, "liu.min")
    assert "刘敏" in run(settings, "user", "list").stdout


def test_a_password_is_changed_and_an_account_kept_out_and_let_in(settings: Settings) -> None:
    add(settings, "liu.min", "--role", "admin")
    add(settings, "wang")
    assert (
        run(settings, "user", "password", "wang", "--password-stdin", stdin="a new one 四个词\n").exit_code
        == 0
    )
    assert not logs_in(settings, "wang")
    assert logs_in(settings, "wang", "a new one 四个词")
    assert run(settings, "user", "disable", "wang").exit_code == 0
    assert not logs_in(settings, "wang", "a new one 四个词")
    assert "停用" in run(settings, "user", "list").stdout
    assert run(settings, "user", "disable", "wang", "--undo").exit_code == 0
    assert logs_in(settings, "wang", "a new one 四个词")


@pytest.mark.parametrize(
    ("args", "stdin", "code", "says"),
    [
        (["add", "Liu Min!", "--password-stdin"], PASSWORD, 1, "小写字母"),
        (["add", "wang", "--password-stdin"], "short", 1, "10"),
        (["add", "wang", "--password-stdin"], "", 1, "10"),
        (["add", "wang", "--role", "king", "--password-stdin"], PASSWORD, 2, "editor"),
        (["add", "wang", "--region", "火星", "--password-stdin"], PASSWORD, 2, "火星"),
        (["add", "liu.min", "--password-stdin"], PASSWORD, 1, "kb user password"),
        (["add", "wang"], PASSWORD, 2, "--password-stdin"),
        (["password", "nobody", "--password-stdin"], PASSWORD, 1, "kb user list"),
        (["disable", "nobody"], "", 1, "kb user list"),
        (["disable", "liu.min"], "", 1, "最后一个"),
    ],
)
def test_what_is_wrong_with_an_account_is_said(
    settings: Settings, args: list[str], stdin: str, code: int, says: str
) -> None:
    add(settings, "liu.min", "--role", "admin")
    result = run(settings, "user", *args, stdin=stdin)
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr
    assert PASSWORD not in result.stderr
    assert len(json.loads(run(settings, "user", "list", "--json").stdout)) == 1


def typed(settings: Settings, *answers: str) -> tuple[int, str]:
    """The exit code and the whole screen of ``kb user add`` at a terminal where ``answers`` are typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        environ = {**os.environ, "KB_HOME": str(settings.home), "KB_POLICIES": str(settings.policies)}
        os.execve(sys.executable, [sys.executable, "-m", "kb", "user", "add", "liu.min"], environ)  # noqa: S606
    screen, waiting = b"", list(answers)
    while True:
        try:
            part = os.read(terminal, 1000)
        except OSError:
            break
        if not part:
            break
        screen += part
        if waiting and screen.endswith(b": "):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def test_a_password_is_asked_for_twice_and_never_shown(settings: Settings) -> None:
    code, screen = typed(settings, PASSWORD, PASSWORD)
    assert code == 0, screen
    assert "密码" in screen
    assert "再输一次" in screen
    assert PASSWORD not in screen
    assert logs_in(settings, "liu.min")


def test_the_audit_is_listed_by_subject_and_actor(settings: Settings) -> None:
    with opened(settings) as db:
        entries.publish(db, an_entry(), "wang\nliu", "首次发布")
        entries.publish(db, an_entry("nat-2020-test-2"), "wang", "首次发布")
    lines = run(settings, "audit").stdout.splitlines()
    assert [line.split("\t")[4] for line in lines] == ["nat-2020-test-2", "nat-2020-test-1"]
    assert "wang\\u000aliu" in lines[1]
    (row,) = json.loads(run(settings, "audit", "--subject", "nat-2020-test-1", "--json").stdout)
    assert (row["number"], row["action"], row["detail"]) == (1, "publish", "首次发布")
    assert len(run(settings, "audit", "--actor", "wang", "--limit", "5").stdout.splitlines()) == 1


def test_an_audit_tampered_with_exits_one_and_names_the_row(settings: Settings) -> None:
    with opened(settings) as db:
        for number in range(3):
            audit.append(db, "wang", "note", str(number))
        head = audit.head(db)
    result = run(settings, "audit", "verify", "--known", str(head))
    assert (result.exit_code, result.stdout) == (0, "")
    with opened(settings) as db:
        db.execute("DROP TRIGGER audit_never_changes")
        db.execute("UPDATE audit SET actor = 'liu' WHERE number = 2")
    result = run(settings, "audit", "verify")
    assert result.exit_code == 1
    assert "第 2 行" in result.stdout
    faults = json.loads(run(settings, "audit", "verify", "--json").stdout)["faults"]
    assert [fault["number"] for fault in faults] == [0, 2]
    assert run(settings, "audit", "verify", "--known", "2:abc").exit_code == 2
    assert run(settings, "audit", "verify", "--known", f"3:{'0' * 64}").exit_code == 1


def test_a_backup_is_made_restored_indexed_and_searched(settings: Settings, tmp_path: Path) -> None:
    with opened(settings) as db:
        entries.publish(db, an_entry(), "wang", "首次发布")
    done = run(settings, "backup", str(tmp_path / "backups"))
    assert done.exit_code == 0, done.output
    path = done.stdout.strip()
    other = Settings(home=tmp_path / "other", policies=settings.policies)
    done = run(other, "restore", path)
    assert (done.exit_code, done.stdout.strip()) == (0, str(other.home))
    assert "kb index" in done.stderr
    assert run(other, "index").exit_code == 0
    found = json.loads(run(other, "search", "试验费用", "--status", "all", "--json").stdout)
    assert [hit["id"] for hit in found["hits"]] == ["nat-2020-test-1"]
    assert run(other, "audit", "verify").exit_code == 0
    again = run(other, "restore", path)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "不是空的" in again.stderr


def test_a_backup_of_nothing_makes_no_knowledge_base(settings: Settings, tmp_path: Path) -> None:
    result = run(settings, "backup", str(tmp_path / "backups"))
    assert result.exit_code == 1
    assert "还没有库" in result.stderr
    assert not settings.home.exists()


def test_dump_writes_what_differs_and_says_what_it_left(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    paths = {name: folder / "entries" / "policy" / f"{name}.yml" for name in ("nat-1", "nat-2", "nat-3")}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(entryfile.dump(an_entry(name)), encoding="utf-8")
    assert run(settings, "load", str(folder)).exit_code == 0
    with opened(settings) as db:
        for name in ("nat-1", "nat-2"):
            entries.publish(db, an_entry(name, title="库里改的"), "wang", "")
        entries.withdraw(db, "nat-3", "wang", "误发")
    paths["nat-2"].write_text(entryfile.dump(an_entry("nat-2", title="文件改的")), encoding="utf-8")
    result = run(settings, "dump")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [str(paths["nat-1"])]
    assert "nat-2.yml 在上次载入后改过" in result.stderr
    assert "nat-3 已撤下" in result.stderr
    found = {one["id"]: one["what"] for one in json.loads(run(settings, "dump", "--all", "--json").stdout)}
    assert found == {"nat-2": "file-changed", "nat-3": "withdrawn"}
    assert run(settings, "dump", "nat-1", "--all").exit_code == 2
    assert run(settings, "dump", "nat-1").exit_code == 0
    assert "已撤下" in run(settings, "load", str(folder)).output
