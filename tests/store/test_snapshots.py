"""Pages as they were fetched are kept once, whole, and never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import KbError
from kb.store import snapshots
from kb.store.snapshots import Snapshot
from tests.conftest import Base

PAGE = "https://www.example.gov.cn/a.html"


def kept(base: Base, data: bytes, address: str = PAGE, **headers: str) -> Snapshot:
    home = base.settings.home
    sha256 = snapshots.put(home, data)
    return snapshots.note(base.db, address, address, sha256, len(data), 200, headers)


def files(home: Path) -> list[Path]:
    return [one for one in (home / "snapshots").rglob("*") if one.is_file()]


def test_the_same_page_twice_costs_nothing(base: Base) -> None:
    first = kept(base, b"one")
    (path,) = files(base.settings.home)
    before = path.stat().st_mtime_ns
    assert kept(base, b"one") == first
    assert files(base.settings.home) == [path]
    assert path.stat().st_mtime_ns == before


def test_every_state_of_a_page_stays_with_its_bytes_and_its_time(base: Base) -> None:
    one, two, one_again = kept(base, b"one"), kept(base, b"two"), kept(base, b"one")
    assert [found.id for found in snapshots.history(base.db, PAGE)] == [one_again.id, two.id, one.id]
    assert snapshots.raw(base.settings.home, one.sha256) == b"one"
    assert one.fetched_at < two.fetched_at < one_again.fetched_at


def test_two_addresses_with_the_same_bytes_share_one_file(base: Base) -> None:
    assert kept(base, b"one").sha256 == kept(base, b"one", "https://www.example.gov.cn/b.html").sha256
    assert len(files(base.settings.home)) == 1


def test_headers_that_tell_of_the_page_are_kept_and_cookies_are_not(base: Base) -> None:
    made = kept(base, b"one", etag='"1"', **{"set-cookie": "session=1"})
    assert made.headers == {"etag": '"1"'}


def test_a_page_that_came_unencrypted_says_so(base: Base) -> None:
    assert kept(base, b"one", "http://www.example.gov.cn/").is_plain
    assert not kept(base, b"one").is_plain


def test_bytes_that_were_changed_or_lost_are_not_given_out(base: Base) -> None:
    made = kept(base, b"one")
    path = snapshots.path_of(base.settings.home, made.sha256)
    path.write_bytes(b"two")
    with pytest.raises(KbError, match="内容变了"):
        snapshots.raw(base.settings.home, made.sha256)
    path.unlink()
    with pytest.raises(KbError, match="不见了"):
        snapshots.raw(base.settings.home, made.sha256)


def test_a_file_that_was_cut_short_is_written_anew(base: Base) -> None:
    made = kept(base, b"one")
    snapshots.path_of(base.settings.home, made.sha256).write_bytes(b"o")
    kept(base, b"one")
    assert snapshots.raw(base.settings.home, made.sha256) == b"one"


def test_what_a_killed_run_left_half_written_is_cleared_away(base: Base) -> None:
    made = kept(base, b"one")
    path = snapshots.path_of(base.settings.home, made.sha256)
    (path.parent / ".new-abc").write_bytes(b"hal")
    assert snapshots.sweep(base.settings.home) == 1
    assert files(base.settings.home) == [path]
