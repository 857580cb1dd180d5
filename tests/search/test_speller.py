"""您是不是要找: slips by sound and shape and pinyin are seen, what the documents say never is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.taxonomy import Taxonomy
from kb.search import Request, indexing, pinyin, search
from kb.search.speller import Speller, corrected
from kb.search.table import Filters
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry


def meant(base: Base, text: str) -> str:
    """The query that is offered instead of ``text``; empty if none is."""
    answer = search(base.library, Request(text, SPRING, Filters(status=("all",)), limit=0, facets=False))
    asked = [one for one in answer.suggestions if one.about in ("spelling", "instead")]
    return asked[0].options[0].query if asked else ""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("公基金缓交", "公积金缓缴"),
        ("带款贴席", "贷款贴息"),
        ("增直税", "增值税"),
        ("稳刚补贴", "稳岗补贴"),
        ("专经特新", "专精特新"),
        ("政府采构", "政府采购"),
        ("小薇企业", "小微企业"),
        ("高新技木企业认定", "高新技术企业认定"),
        ("研发费用佳计扣除", "研发费用加计扣除"),
        ("杭州房祖减免", "杭州房租减免"),
        ("gongjijin", "公积金"),
        ("gong ji jin", "公积金"),
        ("gongjijjin", "公积金"),
        ("gjj", "公积金"),
        ("canbaojin", "残保金"),
        ("zengzhishuiyouhui", "增值税优惠"),
        ("zengzhishui xiaoguimo", "增值税 小规模"),
        ("shebao 缓缴", "社保 缓缴"),
        ("帶款貼席", "贷款贴息"),
        ("region:长沙 房祖减免", "region:长沙 房租减免"),
    ],
)
def test_a_slip_is_seen(shipped: Base, typed: str, expected: str) -> None:
    assert meant(shipped, typed) == expected


@pytest.mark.parametrize(
    "text", ["5G", "ICT", "IDC", "AI", "ITSS", "SaaS", "", "一线 晚上 住宅", "老板跑路了"]
)
def test_what_is_no_slip_is_left_alone(shipped: Base, text: str) -> None:
    assert meant(shipped, text) == ""


def test_nothing_that_an_entry_says_of_itself_is_corrected(shipped: Base) -> None:
    for record in shipped.library.reader.generation().table.records:
        for text in (record.title, *record.aliases):
            assert meant(shipped, text) == "", text


def test_questions_about_other_things_are_left_alone(shipped: Base, shared: Path) -> None:
    lines = (shared / "eval" / "ncp" / "queries-dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["query"] for line in lines]
    changed = [text for text in questions if meant(shipped, text)]
    assert len(changed) <= len(questions) // 100


def test_a_slip_finds_what_was_meant_at_once(shipped: Base) -> None:
    answer = search(shipped.library, Request("加记扣除", TODAY))
    assert answer.hits[0].record.id == "nat-2026-mof-sta-2023-7"
    assert answer.query.words == "加记扣除"
    assert answer.suggestion
    assert answer.suggestion.about == "spelling"


def test_where_nothing_has_the_words_the_nearest_is_shown_and_said(shipped: Base) -> None:
    answer = search(shipped.library, Request("canbaojin", TODAY))
    assert answer.instead == "残保金"
    assert answer.hits[0].record.id == "nat-2026-mof-2023-8"
    assert answer.query.raw == "canbaojin"
    assert answer.suggestion
    assert answer.suggestion.message == "没有找到“canbaojin”，下面是“残保金”的结果"


def test_a_word_that_a_document_has_is_never_a_slip(base: Base) -> None:
    entries.publish(base.db, an_entry("nat-2020-a", body="公积金可以缓缴。" * 3), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    assert meant(base, "公基金") == "公积金"
    entries.publish(base.db, an_entry("nat-2020-b", body="公基金是一个人的名字。"), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    assert meant(base, "公基金") == ""


def test_a_word_that_no_document_has_is_never_offered(base: Base) -> None:
    assert meant(base, "公基金") == ""
    assert meant(base, "gongjijin") == ""


@given(text=st.text("公基积金缓交缴稳岗刚gjin 税", max_size=60))
def test_changes_are_of_what_was_typed(text: str) -> None:
    speller = Speller({"公积金": 9, "稳岗": 4, "缓缴": 5}, list)
    changes = speller.changes(text, lambda token: 3 if token in ("公积", "积金", "稳岗", "缓缴") else 0)
    for change in changes:
        assert change.typed in text
        assert change.typed != change.meant
    if not changes:
        assert corrected(text, changes) == text


def test_sounds_are_toneless_and_forgive_what_speakers_mix() -> None:
    assert pinyin.spelled("公积金") == ("gongjijin",)
    assert pinyin.same_sound("公基金", "公积金")
    assert pinyin.loose_keys("稳岗") == pinyin.loose_keys("稳杆")
    assert "huanben" in pinyin.spelled("还本")
    assert pinyin.readings("女") == ("nv",)
    assert pinyin.readings("a") == ("a",)


def test_every_region_can_be_typed_in_pinyin(shipped: Base, taxonomy: Taxonomy) -> None:
    assert meant(shipped, "hangzhou zujin") == "杭州 租金"
    assert all(pinyin.spelled(region.short) for region in taxonomy.regions.all)


WORDS = ["公积金", "贷款", "贴息", "增值税", "缓缴", "社会保险费", "印花税", "工业和信息化部", "稳岗返还"]
SLIPS = ["公基金", "带款贴席", "增直税", "换缴", "gongjijin", "gjj", "gongyehexinxihuabu", "zengzhishuu"]
known = st.dictionaries(st.sampled_from(WORDS), st.integers(1, 9))


@given(first=known, then=st.lists(known, max_size=12), typed=st.sampled_from(SLIPS))
def test_a_speller_that_learns_only_what_is_new_answers_as_one_that_learns_all(
    first: dict[str, int], then: list[dict[str, int]], typed: str
) -> None:
    speller, words = Speller(first, list), first
    for words in then:
        speller = Speller(words, list, speller)
    fresh, held = Speller(words, list), "".join(words)
    assert speller.changes(typed, held.count) == fresh.changes(typed, held.count)
    assert speller.from_letters(typed) == fresh.from_letters(typed)
    assert speller.beginning(typed[:3], 5, held.count) == fresh.beginning(typed[:3], 5, held.count)
