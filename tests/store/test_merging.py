"""Merging two entries that are one: what is carried over, what moves, what is in the way."""

from __future__ import annotations

from datetime import date

import pytest

from kb.errors import KbError
from kb.store import apart, audit, changes, drafts, entries, merging
from tests.conftest import Base, an_entry

KEPT = {"sources": [{"document": "甲", "url": "https://a.gov.cn/1"}], "needs": ["cash"]}
GONE = {
    "title": "关于阶段性缓缴试验费的通知（转载）",
    "aliases": ["缓缴试验费"],
    "needs": ["cash", "tax"],
    "sources": [
        {"document": "乙", "url": "https://b.gov.cn/2"},
        {"document": "甲", "url": "https://a.gov.cn/1"},
    ],
}


def publish(base: Base, entry_id: str, **fields: object) -> None:
    entries.publish(base.db, an_entry(entry_id, **fields), "test", "test", reviewed_by="li")


def two(base: Base) -> None:
    publish(base, "kept-1", **KEPT)
    publish(base, "gone-1", **GONE)


def entry(base: Base, entry_id: str) -> entries.Published:
    held = entries.get(base.db, entry_id)
    assert held is not None
    return held


def extending(to: str) -> dict[str, object]:
    relation = {"type": "extends", "to": to, "end": "2021-12-31"}
    return {
        "title": "关于延长试验费用缓缴期限的通知",
        "doc_number": "试发〔2021〕9号",
        "relations": [relation],
    }


def test_the_survivor_takes_over_and_the_other_address_leads_to_it(base: Base) -> None:
    two(base)
    merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    kept, gone = entry(base, "kept-1"), entry(base, "gone-1")
    assert kept.entry.aliases == ("关于阶段性缓缴试验费的通知（转载）", "缓缴试验费")
    assert kept.entry.needs == ("cash", "tax")
    assert [source.document for source in kept.entry.sources] == ["甲", "乙"]
    assert (gone.state, gone.merged_into) == ("merged", "kept-1")
    assert [row.action for row in audit.recent(base.db, subject="kept-1")][:2] == ["merge", "publish"]


def test_only_what_was_ticked_is_taken_over(base: Base) -> None:
    two(base)
    merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件", carry=("needs",))
    assert entry(base, "kept-1").entry.aliases == ()
    assert entry(base, "kept-1").entry.needs == ("cash", "tax")


def test_nothing_left_to_take_over_makes_no_version(base: Base) -> None:
    two(base)
    assert merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件", carry=()) is None
    assert entry(base, "kept-1").version.number == 1
    assert entry(base, "gone-1").state == "merged"


def test_whether_a_second_person_had_looked_stays_as_it_was(base: Base) -> None:
    two(base)
    version = merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    assert version is not None
    assert (version.published_by, version.reviewed_by, version.unreviewed) == ("test", "li", False)
    (row,) = audit.recent(base.db, subject="kept-1", actor="wang", limit=1)
    assert row.action == "merge"


def test_what_later_entries_say_moves_along_in_the_same_transaction(base: Base) -> None:
    two(base)
    publish(base, "later-1", **extending("gone-1#defer"))
    assert [one.id for one in merging.plan(base.db, "kept-1", "gone-1").pointing] == ["later-1"]
    before = changes.last_number(base.db)
    merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    (amendment,) = entries.amendments_to(base.db, "kept-1")
    assert (amendment.because, amendment.relief, amendment.end) == ("later-1", "defer", date(2021, 12, 31))
    assert entries.amendments_to(base.db, "gone-1") == []
    touched = {one.entry_id for one in changes.since(base.db, before, 100)}
    assert touched == {"kept-1", "gone-1", "later-1"}


def test_what_the_other_said_about_third_entries_is_carried(base: Base) -> None:
    publish(base, "third-1")
    publish(base, "kept-1")
    publish(base, "gone-1", **extending("third-1"))
    merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    assert [one.because for one in entries.amendments_to(base.db, "third-1")] == ["kept-1"]


def _refused(base: Base, says: str) -> None:
    before = changes.last_number(base.db)
    with pytest.raises(KbError, match=says):
        merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    assert changes.last_number(base.db) == before
    assert entry(base, "gone-1").state == "published"


def test_a_relief_that_the_survivor_lacks_is_in_the_way(base: Base) -> None:
    relief = {"id": "rent", "type": "rent", "title": "减租", "what": "减租。"}
    publish(base, "kept-1")
    publish(base, "gone-1", reliefs=[relief])
    publish(base, "later-1", **extending("gone-1#rent"))
    _refused(base, "later-1.*支持事项 rent")


@pytest.mark.parametrize(("says", "about"), [("kept-1", "gone-1"), ("gone-1", "kept-1")])
def test_two_papers_of_which_one_speaks_of_the_other_are_not_one(base: Base, says: str, about: str) -> None:
    publish(base, about)
    publish(base, says, relations=[{"type": "succeeds", "to": about}])
    _refused(base, "先后两份文件")


def test_two_terms_for_one_relief_are_in_the_way(base: Base) -> None:
    two(base)
    first, second = (dict(extending(name)["relations"][0]) for name in ("kept-1", "gone-1"))  # type: ignore[index]
    second["end"] = "2022-12-31"
    publish(base, "later-1", **{**extending("kept-1"), "relations": [first, second]})
    _refused(base, "写两次期限")


def test_an_open_draft_of_the_one_that_goes_is_in_the_way(base: Base) -> None:
    two(base)
    drafts.create(base.db, {"id": "gone-1", "kind": "policy", "title": "x"}, "wang", "100000", "edit", 1)
    _refused(base, "没办完的草稿")


def test_only_two_published_entries_can_be_merged(base: Base) -> None:
    two(base)
    for stays, goes in (("kept-1", "kept-1"), ("kept-1", "no-such"), ("no-such", "gone-1")):
        with pytest.raises(KbError):
            merging.merge(base.db, stays, goes, "wang", "x")
    merging.merge(base.db, "kept-1", "gone-1", "wang", "同一份文件")
    with pytest.raises(KbError, match="没有在发布"):
        merging.merge(base.db, "kept-1", "gone-1", "wang", "again")


def test_pairs_that_are_two_are_remembered_in_either_order(base: Base) -> None:
    apart.keep_apart(base.db, "b-1", "a-1", "wang")
    apart.keep_apart(base.db, "a-1", "b-1", "li")
    assert apart.pairs(base.db) == {("a-1", "b-1")}
    assert [row.action for row in audit.recent(base.db)] == ["apart"]
    apart.forget(base.db, "b-1", "a-1", "li")
    assert apart.listed(base.db) == []
