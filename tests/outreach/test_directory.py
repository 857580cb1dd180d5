"""The directory: what is in it and in what order, in every form, the same bytes for the same state."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from openpyxl import load_workbook

from kb.cli import main
from kb.domain.entry import BACKGROUND_KINDS
from kb.outreach.directory import BACKGROUND, Directory, directory_on, facts_of
from kb.outreach.directoryfile import FORMATS, Format, directory_file
from kb.outreach.message import caveat
from kb.outreach.sheet import sheet_on
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base

ORGANISER = "中国通信企业协会"
SITE = "https://kb.example.org"


@pytest.fixture(scope="module")
def whole(shipped: Base) -> Directory:
    return directory_on(shipped.db, shipped.terms.taxonomy, TODAY, organiser=ORGANISER, site=SITE)


@pytest.fixture(scope="module")
def hunan(shipped: Base) -> Directory:
    return directory_on(shipped.db, shipped.terms.taxonomy, TODAY, region="430000", organiser=ORGANISER)


@pytest.fixture(scope="module")
def files(hunan: Directory) -> dict[Format, bytes]:
    return {form: directory_file(hunan, form, ORGANISER) for form in FORMATS}


def test_everything_published_and_not_expired_is_in_it_once(shipped: Base, whole: Directory) -> None:
    wanted = set()
    for held in entries.all_current(shipped.db):
        sheet = sheet_on(shipped.db, held, TODAY)
        if sheet and sheet.status.status != "expired":
            running = [one.relief.id for one in sheet.reliefs if one.term.status.status != "expired"]
            wanted |= {(held.entry.id, relief) for relief in running or [""]}
    listed = [(item.entry, item.relief) for item in whole.items]
    assert len(listed) == len(set(listed))
    assert set(listed) == wanted
    assert len(listed) > 200


def test_what_has_expired_comes_in_only_when_asked_for(shipped: Base, whole: Directory) -> None:
    more = directory_on(shipped.db, shipped.terms.taxonomy, TODAY, ended=True)
    assert not [item for item in whole.items if "到期" in item.until]
    assert len(more.items) > len(whole.items)
    assert [item for item in more.items if "到期" in item.until]
    assert "已到期的不收" in whole.notes[0]
    assert "已到期的不收" not in more.notes[0]


def test_the_nation_comes_first_then_places_last_the_papers_of_2020(whole: Directory) -> None:
    assert whole.parts[0].title == "全国"
    assert whole.parts[-1].title == BACKGROUND
    titles = [part.title for part in whole.parts]
    assert len(titles) == len(set(titles))
    for part in whole.parts:
        groups = [group.title for group in part.groups]
        assert len(groups) == len(set(groups))
        assert part.total


def test_in_a_group_what_may_no_longer_hold_comes_last(whole: Directory) -> None:
    for part in whole.parts:
        for group in part.groups:
            stale = [item.status == "时效待核实" for item in group.items]
            assert stale == sorted(stale)


def test_every_status_stands_beside_its_last_check_and_every_doubt_is_told(
    shipped: Base, whole: Directory
) -> None:
    for item in whole.items:
        held = entries.get(shipped.db, item.entry)
        assert held
        if held.entry.kind not in BACKGROUND_KINDS:
            assert item.checked.startswith(("最近核对", "待复核", "时效未核对"))
        assert bool(item.doubts) == bool(held.entry.verified.doubts or held.entry.is_lead)
        told = dict(facts_of(item))
        assert ("内容待核实" in told) == bool(item.doubts)


def test_a_number_that_was_not_verified_is_in_no_directory(shipped: Base, whole: Directory) -> None:
    hidden = [
        held.entry.doc_number_candidate
        for held in entries.all_current(shipped.db)
        if held.entry.doc_number_candidate
    ]
    page = directory_file(whole, "html", ORGANISER).decode()
    assert hidden
    assert not [number for number in hidden if number in page]


def test_a_province_has_what_holds_in_it_and_in_its_cities(hunan: Directory) -> None:
    titles = {part.title for part in hunan.parts}
    assert {"全国", "湖南省", "湖南省长沙市"} <= titles
    assert not {"湖北省", "广东省"} & titles
    assert hunan.title == "湖南省惠企政策目录"


def test_the_directory_of_an_earlier_day_knows_nothing_later(shipped: Base) -> None:
    spring = directory_on(shipped.db, shipped.terms.taxonomy, SPRING)
    assert spring.items
    for item in spring.items:
        held = entries.get(shipped.db, item.entry)
        assert held
        assert held.entry.known_on <= SPRING


def test_nothing_published_gives_a_file_that_says_how_many(base: Base) -> None:
    empty = directory_on(base.db, base.terms.taxonomy, TODAY)
    for form in FORMATS:
        assert directory_file(empty, form, "")
    assert "共 0 项" in directory_file(empty, "html", "").decode()


def test_the_word_file_has_headings_contents_that_lead_to_them_and_a_page_number(
    hunan: Directory, files: dict[Format, bytes]
) -> None:
    doc = docx.Document(io.BytesIO(files["docx"]))
    by_level = {
        level: [one.text for one in doc.paragraphs if one.style and one.style.name == f"Heading {level}"]
        for level in (1, 2, 3)
    }
    assert by_level[1] == [f"{part.title}（{part.total} 项）" for part in hunan.parts]
    assert by_level[2] == [group.title for part in hunan.parts for group in part.groups]
    assert by_level[3] == [item.title for item in hunan.items]
    body = doc.element.xml
    led = set(re.findall(r'w:anchor="([^"]+)"', body))
    marked = set(re.findall(r'<w:bookmarkStart[^>]*w:name="([^"]+)"', body))
    assert led
    assert led <= marked
    assert body.count("PAGEREF") == len(led)
    assert "PAGE" in doc.sections[0].footer._element.xml
    assert doc.paragraphs[0].text == "湖南省惠企政策目录"
    assert caveat(ORGANISER) in [one.text for one in doc.paragraphs]


def test_the_page_needs_nothing_from_elsewhere(hunan: Directory, files: dict[Format, bytes]) -> None:
    soup = BeautifulSoup(files["html"].decode(), "lxml")
    assert not soup.select("script, link, img, iframe, object, base, [src]")
    addresses = [str(one["href"]) for one in soup.select("[href]")]
    assert addresses
    assert all(one.startswith("#") and soup.find(id=one[1:]) for one in addresses)
    style = soup.select_one("style")
    assert style
    assert not re.search(r"url\(|@import", style.get_text())
    assert len(soup.select("article")) == len(hunan.items)
    assert files["html"].decode().rstrip().endswith(f"<p>{caveat(ORGANISER)}</p>\n</body>\n</html>")


def test_the_sheet_has_a_row_for_every_relief_and_no_formula(
    hunan: Directory, files: dict[Format, bytes]
) -> None:
    book = load_workbook(io.BytesIO(files["xlsx"]))
    rows = list(book["目录"].iter_rows(values_only=True))
    assert rows[0][:4] == ("地区", "支持类型", "类别", "事项")
    assert [row[3] for row in rows[1:]] == [item.title for item in hunan.items]
    assert {"最近核对", "内容待核实"} <= set(rows[0])
    assert all(cell.data_type in ("s", "n") for row in book["目录"].iter_rows() for cell in row)
    assert caveat(ORGANISER) in [row[0] for row in book["说明"].iter_rows(values_only=True)]


def test_the_same_state_gives_the_same_bytes(hunan: Directory, files: dict[Format, bytes]) -> None:
    again = {form: directory_file(hunan, form, ORGANISER) for form in FORMATS}
    assert again == files


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_a_package_says_the_day_it_is_for(files: dict[Format, bytes], form: Format) -> None:
    with zipfile.ZipFile(io.BytesIO(files[form])) as package:
        assert {one.date_time[:3] for one in package.infolist()} == {(1980, 1, 1)}
        core = package.read("docProps/core.xml").decode()
    assert set(re.findall(r"<dcterms:\w+[^>]*>([^<]*)<", core)) == {f"{TODAY}T00:00:00Z"}


# -- the command ---------------------------------------------------------------------------------


@pytest.fixture
def run(shipped: Base) -> CliRunner:
    environ = {"KB_HOME": str(shipped.settings.home), "KB_TODAY": str(TODAY), "KB_ORGANISER": ORGANISER}
    return CliRunner(env=environ)


def test_the_command_writes_what_the_file_is_called_after(run: CliRunner, tmp_path: Path) -> None:
    target = tmp_path / "目录.html"
    done = run.invoke(main, ["export", "--region", "长沙", "--as-of", "2020-03-10", "-o", str(target)])
    assert done.exit_code == 0, done.output
    page = target.read_text(encoding="utf-8")
    assert "湖南省长沙市惠企政策目录" in page
    assert "2020年3月10日" in page
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["-o", "x.txt"], "--format"),
        (["--region", "火星", "-o", "x.html"], "没有「火星」这个地区"),
        (["--format", "pdf", "-o", "x.pdf"], "pdf"),
        (["--format", "docx"], "--output"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run.invoke(main, ["export", *given])
    assert done.exit_code == 2
    assert told in done.output
    assert not list(tmp_path.iterdir())
