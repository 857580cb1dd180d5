"""Putting a backup back into an empty home, after everything in it has been checked."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kb.errors import KbError
from kb.store import audit
from kb.store.backup import (
    DATABASE,
    MANIFEST,
    SEAL,
    UNFINISHED,
    Manifest,
    copy_file,
    explained,
    faults_of,
    looked_at,
    problem_of,
    read_manifest,
    seal_of,
    stored,
    sync,
)

_STAGE = ".restoring"
_SHOWN = 20


def restore(backup: Path, home: Path, *, despite_audit: bool = False) -> Manifest:
    """Put ``backup`` into ``home``, which must be empty or missing; what it holds.

    Every file is compared with the manifest and the database is checked before anything is written;
    :class:`KbError` names what is damaged, missing or too much. ``despite_audit`` takes in a copy whose
    audit had been tampered with before it was made.
    """
    _refuse(home)
    manifest = verify(backup, despite_audit=despite_audit)
    with explained(home, "恢复没有做成，目录里没有留下东西"):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _put(backup, home, manifest)
        except BaseException:
            for name in {_STAGE, *_tops(manifest)}:
                _remove(home / name)
            raise
    return manifest


def _refuse(home: Path) -> None:
    if home.exists() and not home.is_dir():
        raise KbError(f"KB_HOME 指向的 {home} 是一个文件；请改成一个空目录")
    held = sorted(path.name for path in home.iterdir()) if home.exists() else []
    if _STAGE in held and DATABASE not in held:
        raise KbError(f"{home} 里是上次没做完的恢复；请把里面的东西全部删去，再恢复一次")
    if held:
        raise KbError(
            f"{home} 不是空的（有 {'、'.join(held[:3])}），恢复会盖掉现有的数据，所以没有动。"
            f"请先停掉站点，把它改名留着（如 {home.name}.old），或把 KB_HOME 指到一个空目录，再恢复"
        )


def verify(backup: Path, *, despite_audit: bool = False) -> Manifest:
    """What a backup holds, after every file and the database have been checked; see :func:`restore`."""
    with explained(backup, "备份读不出来，什么都没有恢复"):
        manifest = _manifest(backup)
        wrong = list(_wrong(backup, manifest))
    if wrong:
        more = f"\n  ……共 {len(wrong)} 处" if len(wrong) > _SHOWN else ""
        lines = "".join(f"\n  {one}" for one in wrong[:_SHOWN])
        raise KbError(f"备份 {backup} 已损坏，什么都没有恢复；请换一份备份：{lines}{more}")
    _check_database(backup, manifest, despite_audit)
    return manifest


def _manifest(backup: Path) -> Manifest:
    """The manifest of a finished backup that is as it was written."""
    if not backup.is_dir():
        raise KbError(f"没有 {backup} 这个目录；请给出备份的目录，如 /mnt/backup/kb-2026-11-22T02-00-00Z")
    if backup.name.endswith(UNFINISHED):
        raise KbError(f"{backup} 是没做完的备份，不能用；请用名字以 kb- 开头的那些")
    for name in (MANIFEST, SEAL):
        if not (backup / name).is_file():
            raise KbError(f"{backup} 里缺少 {name}，不是一份完整的备份{_hint(backup)}")
    raw = (backup / MANIFEST).read_bytes()
    if (backup / SEAL).read_bytes() != seal_of(raw):
        raise KbError(f"备份 {backup} 已损坏，什么都没有恢复：{MANIFEST} 与 {SEAL} 对不上；请换一份备份")
    try:
        return read_manifest(raw)
    except ValueError as error:
        raise KbError(f"备份 {backup} 的 {MANIFEST} 不是本产品写的（{error}）；请换一份备份") from error


def _hint(backup: Path) -> str:
    inside = sorted(path.name for path in backup.glob("kb-*") if (path / MANIFEST).is_file())
    return f"；备份在它的子目录里，最近的是 {backup / inside[-1]}" if inside else ""


def _wrong(backup: Path, manifest: Manifest) -> Iterator[str]:
    """Each file that is not what the manifest says."""
    found = set(_walk(backup)) - {MANIFEST, SEAL}
    for name in sorted(manifest.files.keys() - found):
        yield f"{name}：缺少"
    for name in sorted(found - manifest.files.keys()):
        yield f"{name}：清单里没有，是多出来的"
    for name in sorted(found & manifest.files.keys()):
        path = backup / name
        if path.is_symlink() or not path.is_file():
            yield f"{name}：不是普通文件"
            continue
        held, wanted = stored(path), manifest.files[name]
        if held.size != wanted.size:
            yield f"{name}：大小是 {held.size} 字节，应为 {wanted.size}"
        elif held.sha256 != wanted.sha256:
            yield f"{name}：内容被改过（SHA-256 不符）"


def _walk(backup: Path) -> Iterator[str]:
    """Everything in the folder that is no folder, relative to it; links are not followed."""
    for folder, below, names in os.walk(backup):
        linked = [name for name in below if Path(folder, name).is_symlink()]
        for name in (*names, *linked):
            yield Path(folder, name).relative_to(backup).as_posix()


def _check_database(backup: Path, manifest: Manifest, despite_audit: bool) -> None:
    try:
        with looked_at(backup / DATABASE) as db:
            problem = problem_of(db)
            faults = () if problem else faults_of(db, _head(manifest))
    except sqlite3.Error as error:
        problem, faults = str(error), ()
    if problem:
        raise KbError(f"备份 {backup} 的 {DATABASE} 用不了，什么都没有恢复：{problem}")
    if faults and not despite_audit:
        raise KbError(
            f"备份 {backup} 里的审计记录被改动过，什么都没有恢复："
            f"第 {faults[0].number} 行，{faults[0].what}。"
            "请先换一份更早的备份；确实只有这一份时加 --despite-audit"
        )


def _head(manifest: Manifest) -> audit.Head:
    number, _, digest = manifest.audit_head.partition(":")
    return audit.Head(int(number) if number.isdigit() else 0, digest)


def _put(backup: Path, home: Path, manifest: Manifest) -> None:
    """Copy beside, then move into place, the database last: without it the home is no knowledge base."""
    stage = home / _STAGE
    stage.mkdir(mode=0o700)
    for name, wanted in manifest.files.items():
        if copy_file(backup / name, stage / name) != wanted:
            raise KbError(f"{name} 在恢复途中变了，什么都没有恢复；请把备份放稳后再试")
    for folder, _below, _names in os.walk(stage):
        sync(Path(folder))
    for name in sorted(_tops(manifest), key=lambda name: name == DATABASE):
        (stage / name).rename(home / name)
    stage.rmdir()
    sync(home)


def _tops(manifest: Manifest) -> set[str]:
    return {name.partition("/")[0] for name in manifest.files}


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
