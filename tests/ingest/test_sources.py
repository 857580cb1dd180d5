"""Source files: what the shipped ones say, and that a mistake is named with its file, line and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.domain.source import Expectations, Pages, Source
from kb.domain.taxonomy import Taxonomy
from kb.ingest import sources
from tests.conftest import POLICIES

SOUND = """\
id: try
name: 试验来源
home: https://www.example.gov.cn/
hosts: [www.example.gov.cn]
lists:
  - url: https://www.example.gov.cn/list/index.html
    item: ul li
    pages: {address: "index_{n}.html", second: 1}
page:
  body: [div.TRS_Editor]
unconfirmed:
  lists.0.item: 没有核对
"""


def written(tmp_path: Path, text: str, name: str = "try.yml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def errors_of(path: Path, taxonomy: Taxonomy) -> list[tuple[int, str]]:
    _found, errors = sources.read_all(path, taxonomy)
    return [(error.line, error.message) for error in errors]


@pytest.fixture(scope="module")
def shipped_sources(taxonomy: Taxonomy) -> dict[str, Source]:
    found, errors = sources.read_all(POLICIES / "sources", taxonomy)
    assert errors == ()
    return {one.id: one for one in found}


def test_the_shipped_sources_are_sound_and_cover_what_was_asked(shipped_sources: dict[str, Source]) -> None:
    assert shipped_sources.keys() >= {
        "govcn-zhengceku",
        "miit",
        "sdca",
        "chinatax-fgk",
        "mohrss",
        "mof",
        "pbc",
        "hunan-tax",
        "hunan-hrss",
        "guangzhou-gfxwj",
    }


def test_every_shipped_source_expects_something_and_says_what_is_unconfirmed(
    shipped_sources: dict[str, Source],
) -> None:
    for one in shipped_sources.values():
        assert one.expect.at_least
        assert one.expect.newest_within_days
        assert one.unconfirmed
        assert one.polite.pause_seconds >= 5


def test_an_address_that_the_notes_on_these_sites_do_not_name_is_marked_as_unconfirmed(
    shipped_sources: dict[str, Source], shared: Path
) -> None:
    notes = (shared / "facts" / "government-sites.md").read_text(encoding="utf-8")
    for one in shipped_sources.values():
        assert "hosts" in one.unconfirmed or all(host in notes for host in one.hosts), one.id
        for at, listing in enumerate(one.lists):
            assert f"lists.{at}.url" in one.unconfirmed or listing.url in notes, one.id
        assert not one.http


def test_a_sound_file_is_read(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (one,), errors = sources.read_all(written(tmp_path, SOUND), taxonomy)
    assert (one.id, errors) == ("try", ())


@pytest.mark.parametrize(
    ("was", "now", "line", "told"),
    [
        ("name: 试验来源", "name: 试验来源\nselector: a", 3, "没有「selector」这个键"),
        ("    item: ul li", "    item: ul li\n    itme: a", 8, "没有「itme」这个键。可用：item"),
        ("  body: [div.TRS_Editor]", "  text: [div.TRS_Editor]", 10, "没有「text」这个键"),
        ("hosts: [www.example.gov.cn]", "hosts: []", 4, "hosts"),
        ("hosts: [www.example.gov.cn]", "hosts: [www.other.gov.cn]", 6, "不在 hosts 里"),
        ("url: https://www", "url: http://www", 6, "http"),
        ("item: ul li", "item: 'ul > > li'", 7, "选择器"),
        ("  body: [div.TRS_Editor]", "  body: ['div[']", 10, "选择器"),
        ("index_{n}.html", "index.html", 8, "页码"),
        ("index_{n}.html", "https://elsewhere.cn/{n}", 8, "不在 hosts 里"),
        ("second: 1", "second: 7", 8, "second"),
        ("lists.0.item:", "lists.9.item:", 12, "找不到"),
        ("id: try", "id: other", 1, "文件名应为 other.yml"),
        ("hosts:", 'region: "999999"\nhosts:', 4, "没有地区代码"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_do(
    tmp_path: Path, taxonomy: Taxonomy, was: str, now: str, line: int, told: str
) -> None:
    found = errors_of(written(tmp_path, SOUND.replace(was, now)), taxonomy)
    assert any(at == line and told in message for at, message in found), found


def test_two_files_of_one_source_are_a_mistake(tmp_path: Path, taxonomy: Taxonomy) -> None:
    for name in ("try.yml", "try.yaml", ".#try.yml"):
        (tmp_path / name).write_text(SOUND, encoding="utf-8")
    found, errors = sources.read_all(tmp_path, taxonomy)
    assert [one.id for one in found] == ["try"]
    assert [error.message for error in errors] == ["文件名应为 try.yml（与 id 一致）"]


def test_page_two_is_named_as_the_site_names_it() -> None:
    assert [Pages(address="index_{n}.html", second=1).address_of(n) for n in (2, 3)] == [
        "index_1.html",
        "index_2.html",
    ]
    assert Pages(address="index_{n}.html").address_of(2) == "index_2.html"
    records = Pages(address="?startrecord={start}&endrecord={end}", per_page=15)
    assert records.address_of(2) == "?startrecord=16&endrecord=30"


@pytest.mark.parametrize(
    ("found", "newest", "told"),
    [
        (20, date(2026, 11, 20), ()),
        (3, date(2026, 11, 20), ("至少应有 10 条",)),
        (20, date(2026, 1, 1), ("超过 30 天",)),
        (20, None, ("没有读到日期",)),
    ],
)
def test_expectations_say_what_they_miss(found: int, newest: date | None, told: tuple[str, ...]) -> None:
    unmet = Expectations(at_least=10, newest_within_days=30).unmet(found, newest, date(2026, 11, 22))
    assert len(unmet) == len(told)
    assert all(part in line for part, line in zip(told, unmet, strict=True))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sources", "check", *arguments], env={"KB_HOME": "unused"})


def test_the_command_says_which_files_are_sound_and_what_is_still_to_be_confirmed() -> None:
    done = run()
    assert done.exit_code == 0
    assert "待在真实站点核对" in done.stderr


def test_the_command_fails_on_a_mistake_and_names_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND.replace("name:", "nmae:"))
    done = run(str(path))
    assert done.exit_code == 1
    assert f"{path}:2: 没有「nmae」这个键。可用：name" in done.stdout
