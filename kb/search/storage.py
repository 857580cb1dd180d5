"""The index on disk: directories beside each other, a pointer to the current one, a manifest of hashes.

The index is a cache over the store. Whatever is wrong with it, the answer is to build it anew beside the
old one and to swap the pointer; nothing here repairs.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import whoosh.index
from filelock import FileLock, Timeout
from whoosh.index import EmptyIndexError

from kb.errors import KbError
from kb.search import kept, postings, record
from kb.search.postings import Segment, Text
from kb.search.record import Record
from kb.search.schema import SEARCHED, WATERMARK_ID, normal_text, whoosh_schema

POINTER = "current"
MANIFEST = "manifest.json"
PENDING = "pending"
_OF_SEGMENTS = (".seg", postings.SUFFIX, kept.SUFFIX)
_TOC = re.compile(r"_MAIN_(\d+)\.toc$")


class DamagedIndexError(Exception):
    """The index on disk is missing, of another version or not what was written: build it anew."""


@contextmanager
def locked(root: Path, timeout: float) -> Iterator[bool]:
    """Hold the index lock; yields false if another process has it and ``timeout`` seconds passed."""
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / "lock", timeout=timeout)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def current(root: Path) -> Path:
    """The directory the pointer names."""
    try:
        name = (root / POINTER).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DamagedIndexError("没有索引") from error
    path = root / name
    if not re.fullmatch(r"g-[0-9a-f]+", name) or not path.is_dir():
        raise DamagedIndexError(f"索引指针指向不存在的 {name!r}")
    return path


def new_directory(root: Path) -> Path:
    """An empty directory beside the current one."""
    path = root / f"g-{secrets.token_hex(6)}"
    path.mkdir(parents=True)
    return path


def point_to(root: Path, directory: Path) -> None:
    """Make ``directory`` the current index, then drop the others (open ones stay readable)."""
    _put(root / POINTER, directory.name.encode())
    for other in root.glob("g-*"):
        if other != directory:
            shutil.rmtree(other, ignore_errors=True)


def _put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def generation(directory: Path) -> int:
    """The number of the latest Whoosh commit; -1 if there is none."""
    try:
        names = os.listdir(directory)
    except OSError:
        return -1
    return max((int(m[1]) for name in names if (m := _TOC.match(name))), default=-1)


def _files(directory: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """SHA-256 of every file that the latest commit is made of; what is ``known`` is not read again."""
    latest = f"_MAIN_{generation(directory)}.toc"
    return {
        path.name: (known or {}).get(path.name) or _sha256(path)
        for path in sorted(directory.iterdir())
        if path.suffix in _OF_SEGMENTS or path.name == latest
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begin_commit(directory: Path) -> None:
    """Note that a commit is under way, so that files of it are not taken for damage after a crash."""
    (directory / PENDING).write_text(str(generation(directory)), encoding="utf-8")


def end_commit(directory: Path, version: str) -> None:
    """Write arrays, records and manifest of the commit just made and forget that it was under way.

    Files of a segment never change: those that the last manifest names keep the hash they have there.
    """
    _save_beside(directory)
    try:
        known = _manifest(directory)["files"]
    except DamagedIndexError:
        known = {}
    files = _files(directory, known)
    manifest = {"version": version, "generation": generation(directory), "files": files}
    _put(directory / MANIFEST, json.dumps(manifest).encode())
    (directory / PENDING).unlink(missing_ok=True)


def _manifest(directory: Path) -> dict[str, Any]:
    try:
        data = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedIndexError("索引清单读不出来") from error
    if not isinstance(data, dict) or not {"version", "generation", "files"} <= set(data):
        raise DamagedIndexError("索引清单不完整")
    return data


def verify(directory: Path, version: str) -> int:
    """The generation on disk, after checking every file against the manifest.

    Files of a commit that was cut off before its manifest are allowed if Whoosh can read all of them.
    """
    manifest = _manifest(directory)
    if manifest["version"] != version:
        raise DamagedIndexError("索引的版本与词表或程序不同")
    try:
        found = _files(directory)
    except OSError as error:
        raise DamagedIndexError("索引文件读不出来") from error
    at = generation(directory)
    if (directory / PENDING).exists() and at != manifest["generation"]:
        _verify_cut_off(directory, found, manifest["files"])
        return at
    changed = [name for name, digest in manifest["files"].items() if found.get(name) != digest]
    if changed or at != manifest["generation"]:
        raise DamagedIndexError(f"索引文件缺失或被改动：{'、'.join(sorted(changed)[:3])}")
    return at


def _verify_cut_off(directory: Path, found: dict[str, str], known: dict[str, str]) -> None:
    if any(name in known and known[name] != digest for name, digest in found.items()):
        raise DamagedIndexError("索引文件被改动")
    try:
        with open_index(directory).searcher() as searcher:
            for _ in searcher.reader().iter_docs():
                continue
    except DamagedIndexError:
        raise
    except Exception as error:  # whatever Whoosh raises on torn files means the same here
        raise DamagedIndexError("上次提交中断，索引不完整") from error


def open_index(directory: Path) -> whoosh.index.FileIndex:
    """The Whoosh index in ``directory``; only directories this product made are ever opened."""
    try:
        return whoosh.index.open_dir(str(directory), schema=whoosh_schema())
    except Exception as error:  # a torn TOC raises anything from EOFError to UnpicklingError
        raise DamagedIndexError(f"索引打不开：{type(error).__name__}") from error


def open_reader(directory: Path) -> Any:
    """A Whoosh reader of the latest commit in ``directory``."""
    try:
        return open_index(directory).reader()
    except EmptyIndexError as error:
        raise DamagedIndexError("索引目录已被换掉") from error


def segments(reader: Any, directory: Path) -> list[Segment]:
    """The arrays of every segment of ``reader``, saved ones where they are whole."""
    return [_segment(leaf, directory) for leaf, _ in reader.leaf_readers()]


def _segment(leaf: Any, directory: Path) -> Segment:
    try:
        return postings.load(_beside(leaf, directory, postings.SUFFIX), SEARCHED)
    except (OSError, ValueError):
        return _read_segment(leaf, _read_records(leaf))


def records(leaf: Any, directory: Path) -> dict[int, Record]:
    """The records of a segment by their number in it, without texts; saved ones where they are whole."""
    try:
        found = kept.loads(_beside(leaf, directory, kept.SUFFIX).read_bytes())
    except (OSError, ValueError):
        found = kept.loads(kept.dumps(_read_records(leaf)))
    return {at: one for at, one in found.items() if not leaf.is_deleted(at)}


def _save_beside(directory: Path) -> None:
    """Arrays and records of the segments that have none."""
    reader = open_reader(directory)
    try:
        for leaf, _ in reader.leaf_readers():
            path = _beside(leaf, directory, kept.SUFFIX)
            if not path.exists():
                found = _read_records(leaf)
                postings.save(path.with_suffix(postings.SUFFIX), _read_segment(leaf, found))
                _put(path, kept.dumps(found))
    finally:
        reader.close()


def _beside(leaf: Any, directory: Path, suffix: str) -> Path:
    return directory / f"{leaf.segment().segment_id()}{suffix}"


def _read_records(leaf: Any) -> dict[int, Record]:
    """The records of a segment with their texts, as Whoosh keeps them."""
    return {
        at: record.from_json(stored["data"], stored["text"])
        for at, stored in leaf.iter_docs()
        if "data" in stored
    }


def _read_segment(leaf: Any, found: Mapping[int, Record]) -> Segment:
    texts = [Text()] * leaf.doc_count_all()
    for number, one in found.items():
        texts[number] = Text(*normal_text(one), one.text)
    return postings.read_segment(leaf, SEARCHED, texts)


def create_index(directory: Path) -> whoosh.index.FileIndex:
    """A new empty index in ``directory``."""
    return whoosh.index.create_in(str(directory), whoosh_schema())


def read_watermark(searcher: Any) -> int:
    """The number of the last change in what ``searcher`` sees."""
    stored = searcher.document(id=WATERMARK_ID)
    if stored is None:
        raise DamagedIndexError("索引里没有变更序号")
    return int(stored["watermark"])


def told_if_full(error: OSError, root: Path) -> KbError:
    """A write failure in words."""
    return KbError(
        f"索引目录 {root} 写不进去（{error.strerror or error}）。"
        "数据库未受影响；请腾出空间或检查权限，再运行 kb index"
    )
