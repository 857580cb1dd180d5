"""Every version for ever: what changed, and what was known at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.outreach.sheet import sheet_on
from kb.store import entries, history
from kb.store.database import Database, open_database
from kb.store.entries import Version
from kb.store.history import Event
from tests.conftest import TODAY, Base, an_entry

ID = "nat-2020-test-1"
BEFORE = timedelta(microseconds=1)


def published(db: Database, entry: Entry, reason: str = "更新", **more: object) -> Version:
    version = entries.publish(db, entry, "li", reason, **more)  # type: ignore[arg-type]
    assert version is not None
    return version


def moment(version: Version) -> datetime:
    return datetime.fromisoformat(version.published_at)


def later_notice(end: str = "2020-12-31", **changes: object) -> Entry:
    extends = {"type": "extends", "to": f"{ID}#defer", "end": end}
    data = {"issued_on": "2020-06-01", "in_force": None, "reliefs": [], "relations": [extends]}
    return an_entry("nat-2020-later", **{"doc_number": "试发〔2020〕9号", **data, **changes})


def lines(events: list[Event]) -> list[str]:
    """Each event with its differences on one line."""
    return [
        " ".join([one.action, *(f"{c.label}:{c.before}→{c.after}" for c in one.changes)]) for one in events
    ]


def test_the_newest_version_comes_first_and_none_is_lost(base: Base) -> None:
    for title in ("一", "二", "三"):
        published(base.db, an_entry(title=title), f"因为{title}")
    found = history.versions_of(base.db, ID)
    assert [(one.number, one.entry.title, one.reason) for one in found] == [
        (3, "三", "因为三"),
        (2, "二", "因为二"),
        (1, "一", "因为一"),
    ]
    assert history.version(base.db, ID, 2) == found[1]
    assert history.version(base.db, ID, 4) is None


def test_each_version_says_what_it_changed_why_and_whether_anybody_else_looked(
    base: Base, taxonomy: Taxonomy
) -> None:
    published(base.db, an_entry(), "新增", unreviewed=True)
    end = {"start": "2020-02-01", "end": "2020-12-31", "end_kind": "dated"}
    published(base.db, an_entry(in_force=end), "更正到期日", reviewed_by="wang")
    second, first = history.events_of(base.db, ID, taxonomy)
    assert lines([second, first]) == ["publish 到期日:2020-06-30→2020-12-31", "publish"]
    assert (first.number, first.reason, first.unreviewed, first.reviewed_by) == (1, "新增", True, "")
    assert (second.number, second.reason, second.unreviewed, second.reviewed_by) == (
        2,
        "更正到期日",
        False,
        "wang",
    )


def test_an_entry_is_found_as_it_was_from_the_very_moment_it_was_published(base: Base) -> None:
    first, second = (published(base.db, an_entry(title=title)) for title in ("一", "二"))
    for at, title in ((moment(first), "一"), (moment(second) - BEFORE, "一"), (moment(second), "二")):
        held = history.entry_at(base.db, ID, at)
        assert held is not None
        assert held.entry.title == title
    assert history.entry_at(base.db, ID, moment(first) - BEFORE) is None
    assert history.entry_at(base.db, "never", moment(first)) is None


def test_what_was_withdrawn_is_not_there_until_it_comes_back(base: Base, taxonomy: Taxonomy) -> None:
    published(base.db, an_entry(title="一"))
    entries.withdraw(base.db, ID, "li", "文件被撤回")
    gone = datetime.now(UTC)
    back = published(base.db, an_entry(title="一"), "文件重新公布")
    assert history.entry_at(base.db, ID, gone) is None
    assert history.entry_at(base.db, ID, moment(back)) is not None
    events = history.events_of(base.db, ID, taxonomy)
    assert lines(events) == ["publish", "withdraw", "publish"]
    assert [one.back for one in events] == [True, False, False]
    assert (events[1].reason, events[1].by) == ("文件被撤回", "li")


def test_each_withdrawal_keeps_its_own_reason(base: Base, taxonomy: Taxonomy) -> None:
    for number in (1, 2):
        published(base.db, an_entry(title=f"第{number}次"))
        entries.withdraw(base.db, ID, "li", f"理由{number}")
    ends = [one for one in history.events_of(base.db, ID, taxonomy) if one.action == "withdraw"]
    assert [one.reason for one in ends] == ["理由2", "理由1"]


def test_a_merge_leads_to_the_survivor(base: Base, taxonomy: Taxonomy) -> None:
    published(base.db, an_entry())
    published(base.db, an_entry("survivor"))
    entries.withdraw(base.db, ID, "li", "重复", merged_into="survivor")
    first = history.events_of(base.db, ID, taxonomy)[0]
    assert (first.action, first.because, first.reason) == ("merge", "survivor", "重复")


# -- amendments ------------------------------------------------------------------------------------


def test_an_extension_by_a_later_notice_is_part_of_the_history(base: Base, taxonomy: Taxonomy) -> None:
    published(base.db, an_entry())
    published(base.db, later_notice())
    published(base.db, later_notice("2021-03-31"))
    published(base.db, later_notice("2021-03-31", title="改了题目，没有改期限"))
    entries.withdraw(base.db, "nat-2020-later", "li", "撤回")
    label = "支持事项“缓交试验费用” · 到期日"
    events = history.events_of(base.db, ID, taxonomy)
    assert lines(events) == [
        f"amend {label}:2021-03-31→2020-06-30",
        f"amend {label}:2020-12-31→2021-03-31",
        f"amend {label}:2020-06-30→2020-12-31",
        "publish",
    ]
    assert {one.because for one in events[:3]} == {"nat-2020-later"}


def test_relations_are_those_published_at_the_moment(base: Base) -> None:
    entry = published(base.db, an_entry())
    first = published(base.db, later_notice())
    second = published(base.db, later_notice("2021-03-31"))
    entries.withdraw(base.db, "nat-2020-later", "li", "撤回")
    ends = [
        [str(one.relation.end) for one in history.relations_at(base.db, ID, at)]
        for at in (moment(entry), moment(first), moment(second), datetime.now(UTC))
    ]
    assert ends == [[], ["2020-12-31"], ["2021-03-31"], []]


def test_relations_to_an_entry_whose_id_begins_alike_are_not_taken_for_its_own(base: Base) -> None:
    published(base.db, an_entry())
    other = published(base.db, later_notice(relations=[{"type": "amends", "to": f"{ID}0"}]))
    assert history.relations_at(base.db, ID, moment(other)) == []


def test_a_sheet_at_a_moment_has_the_dates_and_names_of_that_moment(base: Base) -> None:
    published(base.db, an_entry())
    first = published(base.db, later_notice())
    published(base.db, later_notice("2021-03-31", doc_number="试发〔2020〕10号"))
    found = []
    for at in (moment(first) - BEFORE, moment(first), None):
        held = history.entry_at(base.db, ID, at) if at else entries.get(base.db, ID)
        sheet = sheet_on(base.db, held, TODAY, at) if held else None
        assert sheet is not None
        found.append((str(sheet.status.end), [tie.other.doc_number for tie in sheet.ties if tie.other]))
    assert found == [
        ("2020-06-30", []),
        ("2020-12-31", ["试发〔2020〕9号"]),
        ("2021-03-31", ["试发〔2020〕10号"]),
    ]


# -- laws ------------------------------------------------------------------------------------------


@hypothesis_settings(max_examples=25)
@given(acts=st.lists(st.sampled_from(["一", "二", "withdraw", "extend", "shorten"]), max_size=8))
def test_history_says_of_every_moment_what_the_store_said_then(
    tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy, acts: list[str]
) -> None:
    db = open_database(tmp_path_factory.mktemp("history") / "kb.sqlite")
    seen = []
    for act in acts:
        _do(db, act)
        seen.append((datetime.now(UTC), _said(db)))
    for at, said in seen:
        held = history.entry_at(db, ID, at)
        assert (held.entry if held else None, history.relations_at(db, ID, at)) == said
    events = history.events_of(db, ID, taxonomy)
    assert [one.number for one in events if one.number] == [one.number for one in history.versions_of(db, ID)]
    assert [one.at for one in events] == sorted((one.at for one in events), reverse=True)
    db.close()


def _do(db: Database, act: str) -> None:
    if act == "withdraw":
        if entries.get(db, ID):
            entries.withdraw(db, ID, "li", act)
    elif act in ("extend", "shorten"):
        entries.publish(db, later_notice({"extend": "2020-12-31", "shorten": "2020-03-31"}[act]), "li", act)
    else:
        entries.publish(db, an_entry(title=act), "li", act)


def _said(db: Database) -> object:
    held = entries.get(db, ID)
    known = held.entry if held and held.state == "published" else None
    return known, entries.incoming_relations(db, ID)
