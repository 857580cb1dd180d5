"""Golden companies: what was worked out by hand comes out, and a change of rules shows what it moves."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.errors import EntryFileError
from kb.matching import golden as matching
from kb.matching.catalogue import Catalogue, Shelf
from kb.matching.golden import Moved, run
from kb.store import entries
from kb.store.golden import Golden, read, read_all
from kb.store.terms import Terms, load_terms
from tests.conftest import POLICIES, Base, an_entry

GOLDEN, ERRORS = read_all(POLICIES / "golden", load_terms(POLICIES).taxonomy)
DAYS = ("2020-02-15", "2020-03-10", "2020-08-01", "2026-11-22", "2027-01-05")
SEGMENTS = """construction maintenance cable equipment integration security software datacentre iot
value-added resale consulting ai digital-services"""


@pytest.fixture(scope="module")
def catalogue(shipped: Base) -> Catalogue:
    return Shelf(shipped.terms.taxonomy).catalogue(shipped.db)


def moved(golden: Golden, catalogue: Catalogue, terms: Terms) -> tuple[Moved, ...]:
    return run([golden], catalogue, terms.standards, terms.taxonomy)


def test_the_companies_cover_days_sizes_segments_and_verdicts(terms: Terms) -> None:
    assert not ERRORS
    assert len(GOLDEN) >= 24
    assert {golden.day.isoformat() for golden in GOLDEN} == set(DAYS)
    assert all(5 <= len(golden.expect) <= 12 for golden in GOLDEN)
    told = [golden.told for golden in GOLDEN]
    assert {segment for one in told for segment in one.segments} >= set(SEGMENTS.split())
    sizes = {key for one in told if "size" in one.rooms for key in one.rooms["size"].keys or ()}
    assert sizes == {"micro", "small", "medium", "large"}
    assert any("size" not in one.rooms for one in told)
    assert {expected.verdict for golden in GOLDEN for expected in golden.expect} == {
        "eligible",
        "possible",
        "ineligible",
        "unchecked",
        "upcoming",
        "absent",
    }


def test_the_cases_are_companies_as_the_survey_tells_them(shipped: Base) -> None:
    """Region, size and segment of the twelve are those of their entries, and nothing else is told."""
    cases = {golden.id: golden for golden in GOLDEN if golden.id.startswith("case-")}
    assert len(cases) == 12
    for golden in cases.values():
        held = entries.get(shipped.db, golden.id)
        assert held
        assert held.entry.profile
        assert (golden.told.region,) == held.entry.regions.include
        assert golden.told.segments == set(held.entry.profile.industries)
        assert golden.told.rooms.keys() == {"size"}
        assert golden.told.rooms["size"].keys == set(held.entry.profile.sizes)
        assert golden.day == date(2020, 3, 10)


def test_every_relief_expected_is_held(catalogue: Catalogue) -> None:
    assert matching.unknown(GOLDEN, catalogue) == ()


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.id)
def test_what_was_worked_out_by_hand_comes_out(golden: Golden, catalogue: Catalogue, terms: Terms) -> None:
    found = [
        (one.expected.relief, one.expected.verdict, one.verdict) for one in moved(golden, catalogue, terms)
    ]
    assert found == []


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.id)
def test_any_other_verdict_would_be_noticed(golden: Golden, catalogue: Catalogue, terms: Terms) -> None:
    wrong = tuple(
        replace(one, verdict="absent" if one.verdict != "absent" else "eligible") for one in golden.expect
    )
    found = moved(replace(golden, expect=wrong), catalogue, terms)
    assert [one.verdict for one in found] == [one.verdict for one in golden.expect]
    assert all(one.deciding for one in found if one.verdict in ("eligible", "ineligible"))


COMPANY = """\
id: some
what: 长沙一家小型企业，10到29人。
as_of: 2020-03-10
company: {region: 长沙, size: 小型, headcount: 10-29}
expect:
  - {relief: nat-2020-test-1#defer, verdict: eligible, why: 30人以内}
"""


def written(folder: Path, text: str = COMPANY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "some.yml"
    path.write_text(text, encoding="utf-8")
    return path


def relief(most: int) -> dict[str, object]:
    rule = {"text": f"不超过{most}人", "field": "headcount", "op": "le", "value": most}
    return {"id": "defer", "type": "tax", "title": "缓交", "what": "缓交。", "conditions": [rule]}


@pytest.mark.parametrize(
    ("most", "verdict", "deciding"),
    [(30, None, []), (20, "possible", ["不超过20人"]), (9, "ineligible", ["不超过9人"])],
)
def test_a_changed_rule_moves_the_verdict_and_names_the_condition(
    base: Base, tmp_path: Path, most: int, verdict: str | None, deciding: list[str]
) -> None:
    golden = read(written(tmp_path), base.terms.taxonomy)
    entries.publish(base.db, an_entry(reliefs=[relief(most)]), "t", "t")
    found = moved(golden, Shelf(base.terms.taxonomy).catalogue(base.db), base.terms)
    assert [one.verdict for one in found] == ([verdict] if verdict else [])
    assert [checked.rule.text for one in found for checked in one.deciding] == deciding


def test_what_time_moves_has_a_status_and_no_condition(base: Base, tmp_path: Path) -> None:
    golden = read(written(tmp_path), base.terms.taxonomy)
    entries.publish(base.db, an_entry(reliefs=[relief(30)]), "t", "t")
    catalogue = Shelf(base.terms.taxonomy).catalogue(base.db)
    (later,) = moved(replace(golden, day=date(2022, 3, 10)), catalogue, base.terms)
    (before,) = moved(replace(golden, day=date(2020, 1, 1)), catalogue, base.terms)
    assert later.status
    assert (later.verdict, later.status.status, later.deciding) == ("absent", "expired", ())
    assert (before.verdict, before.status, before.deciding) == ("absent", None, ())


def test_a_relief_that_is_not_held_is_an_error_with_its_line(base: Base, tmp_path: Path) -> None:
    golden = read(written(tmp_path), base.terms.taxonomy)
    (error,) = matching.unknown([golden], Shelf(base.terms.taxonomy).catalogue(base.db))
    assert (error.path, error.line) == (str(golden.path), 6)
    assert "nat-2020-test-1#defer" in error.message


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("id: some", "id: other", 1, "other.yml"),
        ("as_of: 2020-03-10", "as_of: 三月", 3, "2020-03-10"),
        ("as_of: 2020-03-10\n", "", 1, "缺少必填的键 as_of"),
        ("what: 长沙", "who: 长沙", 2, "没有「who」这个键"),
        ("headcount: 10-29", "heads: 10-29", 4, "heads"),
        ("region: 长沙", "region: 火星", 4, "火星"),
        ("headcount: 10-29", "headcount: 许多", 4, "许多"),
        ("verdict: eligible", "verdict: yes", 6, "'eligible', 'possible'"),
        ("why: 30人以内", "because: 30人以内", 6, "没有「because」这个键，可用：relief"),
        ("company: {", "company: [", 4, "YAML 写法有误"),
    ],
)
def test_a_bad_file_is_an_error_with_path_and_line(
    tmp_path: Path, terms: Terms, old: str, new: str, line: int, says: str
) -> None:
    assert old in COMPANY
    path = written(tmp_path, COMPANY.replace(old, new))
    found, errors = read_all(tmp_path, terms.taxonomy)
    assert found == ()
    assert all(isinstance(error, EntryFileError) and error.path == str(path) for error in errors)
    assert (line, True) in [(error.line, says in error.message) for error in errors]


def test_a_relief_is_expected_once(tmp_path: Path, terms: Terms) -> None:
    row = COMPANY.splitlines(keepends=True)[-1]
    written(tmp_path, COMPANY + row)
    _, (error,) = read_all(tmp_path, terms.taxonomy)
    assert (error.line, "写了两次" in error.message) == (7, True)


def test_truths_lists_and_figures_are_told_as_people_type_them(tmp_path: Path, terms: Terms) -> None:
    facts = "{insured: true, certificates: none, industry: [ai, software], revenue: 300万, layoff_rate: 0.2}"
    told = read(
        written(tmp_path, COMPANY.replace("{region: 长沙, size: 小型, headcount: 10-29}", facts)),
        terms.taxonomy,
    ).told
    assert told.rooms["insured"].keys == {"True"}
    assert told.certificates == frozenset()
    assert told.segments == {"ai", "software"}
    assert (told.rooms["revenue"].low, str(told.rooms["layoff_rate"].high)) == (3_000_000, "0.2")


def check(settings: Settings, *args: str) -> Result:
    environ = {"KB_HOME": str(settings.home), "KB_POLICIES": str(settings.policies)}
    return CliRunner().invoke(main, ["check", *args], env=environ, catch_exceptions=False)


def test_check_says_that_nothing_moved_and_touches_no_store(settings: Settings) -> None:
    result = check(settings, "--golden")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 处对照结果变了" in result.stderr
    assert not settings.database.exists()


@pytest.fixture
def altered(tmp_path: Path) -> Path:
    """The exemption of the disability levy with its ceiling lowered from 30 to 20 people."""
    shipped = POLICIES / "entries" / "policy" / "nat-2026-mof-2023-8.yml"
    text = shipped.read_text(encoding="utf-8")
    assert text.count("op: le\n        value: 30\n") == 1
    path = tmp_path / shipped.name
    path.write_text(
        text.replace("op: le\n        value: 30\n", "op: le\n        value: 20\n"), encoding="utf-8"
    )
    return path


def test_check_prints_one_line_for_each_verdict_that_moves(settings: Settings, altered: Path) -> None:
    result = check(settings, str(altered), "--golden")
    assert result.exit_code == 1
    assert result.stdout == (
        "changsha-maintenance-10-29 · 30人及以下企业免征残保金（nat-2026-mof-2023-8#exempt-thirty）："
        "原来 初步符合，现在 可能符合（待定：在职职工30人（含）以下）\n"
    )


def test_check_gives_what_moved_as_json(settings: Settings, altered: Path) -> None:
    result = check(settings, str(altered), "--golden", "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["errors"] == []
    (row,) = data["moved"]
    assert (row["company"], row["as_of"]) == ("changsha-maintenance-10-29", "2026-11-22")
    assert (row["expected"], row["verdict"]) == ("eligible", "possible")
    assert row["because"] == ["在职职工30人（含）以下"]
    assert Path(row["path"]).name == "changsha-maintenance-10-29.yml"
    assert "exempt-thirty" in Path(row["path"]).read_text(encoding="utf-8").splitlines()[row["line"] - 1]


def test_check_of_a_whole_folder_uses_its_own_companies(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES / "entries", folder / "entries")
    written(folder / "golden")
    result = check(settings, str(folder), "--golden")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{folder / 'golden' / 'some.yml'}:6: 没有支持事项")


def test_check_without_companies_is_an_error_and_not_a_pass(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    service = Path("entries") / "service" / "service-hubei-legal.yml"
    (folder / service).parent.mkdir(parents=True)
    shutil.copy(POLICIES / service, folder / service)
    (folder / "golden").mkdir()
    result = check(settings, str(folder), "--golden")
    assert result.exit_code == 1
    assert f"{folder / 'golden'} 里没有样例企业" in result.stderr


def test_check_matches_only_once_the_entries_are_sound(settings: Settings, altered: Path) -> None:
    altered.write_text(altered.read_text(encoding="utf-8").replace("field: headcount", "field: heads"))
    result = check(settings, str(altered), "--golden", "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["moved"] == []
    assert all("heads" in row["message"] for row in data["errors"])
    assert len(data["errors"]) == 3
