"""Differences in words, and both of two changes in one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kb.domain.differences import differences, merge3, plain
from kb.domain.entry import Entry
from kb.domain.fields import ENTRY, PRIVATE, Field
from kb.domain.taxonomy import Taxonomy
from kb.store import entries
from kb.store.history import as_data
from tests.conftest import Base, an_entry

END = {"start": "2020-02-01", "end": "2020-12-31", "end_kind": "dated"}


def told(before: Any, after: Any, taxonomy: Taxonomy) -> list[str]:
    """Every difference as one line."""
    return [f"{one.label} {one.before} → {one.after}" for one in differences(before, after, taxonomy)]


def changed(taxonomy: Taxonomy, **changes: object) -> list[str]:
    return told(as_data(an_entry()), as_data(an_entry(**changes)), taxonomy)


def with_relief(**changes: object) -> dict[str, object]:
    relief = {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。"}
    return {"reliefs": [{**relief, **changes}]}


# -- in words --------------------------------------------------------------------------------------


def test_an_end_that_moved_is_told_with_both_days(taxonomy: Taxonomy) -> None:
    assert changed(taxonomy, in_force=END) == ["到期日 2020-06-30 → 2020-12-31"]


def test_the_same_record_has_no_difference(taxonomy: Taxonomy) -> None:
    assert changed(taxonomy) == []


def test_keys_are_told_by_their_labels(taxonomy: Taxonomy) -> None:
    audience = {"sizes": ["small", "micro"], "regions": {"include": ["430100"]}}
    told = changed(taxonomy, **with_relief(type="rent", audience=audience), regions={"include": ["430000"]})
    assert told == [
        "适用地区 全国 → 湖南省",
        "支持事项“缓交试验费用” · 支持类型 税费减免 → 租金减免",
        "支持事项“缓交试验费用” · 企业规模  → 小型、微型",
        "支持事项“缓交试验费用” · 适用地区  → 湖南省长沙市",
    ]


def test_money_is_told_in_yuan_and_rates_in_per_cent(taxonomy: Taxonomy) -> None:
    worth = {"text": "免一半", "base": "rent", "rate": 0.5, "cap": 3000000}
    assert changed(taxonomy, **with_relief(worth=worth)) == [
        "支持事项“缓交试验费用” · 好处的原文  → 免一半",
        "支持事项“缓交试验费用” · 按什么计算  → 月租金",
        "支持事项“缓交试验费用” · 比例  → 50%",
        "支持事项“缓交试验费用” · 最高  → 3,000,000 元",
    ]


def test_a_figure_written_another_way_is_the_same_figure(taxonomy: Taxonomy) -> None:
    one, other = ({"reliefs": [{"id": "a", "worth": {"rate": rate}}]} for rate in ("0.50", 0.5))
    assert differences(one, other, taxonomy) == ()


def test_a_condition_is_told_with_what_it_compares(taxonomy: Taxonomy) -> None:
    few = {"text": "人不多", "field": "headcount", "op": "lt", "value": 20}
    more = {**few, "value": 300, "source": "职工不足300人"}
    before, after = (as_data(an_entry(**with_relief(conditions=[one]))) for one in (few, more))
    assert told(before, after, taxonomy) == [
        "支持事项“缓交试验费用” · 条件“人不多” · 依据的原文  → 职工不足300人",
        "支持事项“缓交试验费用” · 条件“人不多” · 比较值 20 人 → 300 人",
    ]


def test_a_condition_that_came_is_told_whole(taxonomy: Taxonomy) -> None:
    condition = {"text": "三种之一", "any": [{"field": "low_profit", "op": "eq", "value": True}]}
    assert changed(taxonomy, **with_relief(conditions=[condition])) == [
        "支持事项“缓交试验费用” · 条件“三种之一”  → 内容：三种之一；满足一种即可：是否小型微利企业 等于 是"
    ]


def test_what_a_new_condition_compares_is_one_phrase(taxonomy: Taxonomy) -> None:
    condition = {"text": "人不多", "field": "headcount", "op": "lt", "value": 20}
    assert changed(taxonomy, **with_relief(conditions=[condition])) == [
        "支持事项“缓交试验费用” · 条件“人不多”  → 内容：人不多；从业人数 低于 20 人"
    ]


def test_a_relief_that_came_or_went_is_told_by_its_name(taxonomy: Taxonomy) -> None:
    other = {"id": "halve", "type": "rent", "title": "减半", "what": "减一半。"}
    assert changed(taxonomy, reliefs=[other]) == [
        "支持事项“减半”  → 编号：halve；支持类型：租金减免；名称：减半；能得到什么：减一半。",
        "支持事项“缓交试验费用” 编号：defer；支持类型：税费减免；名称：缓交试验费用；"
        "能得到什么：缓交三个月。 → ",
    ]


def test_another_order_of_reliefs_is_a_difference(taxonomy: Taxonomy) -> None:
    reliefs = [{"id": name, "title": name} for name in ("a", "b")]
    assert told({"reliefs": reliefs}, {"reliefs": reliefs[::-1]}, taxonomy) == [
        "支持事项的次序 “a”“b” → “b”“a”"
    ]


def test_relations_sources_and_verification_are_told(taxonomy: Taxonomy) -> None:
    told = changed(
        taxonomy,
        relations=[{"type": "extends", "to": "nat-1#a", "end": "2020-12-31"}],
        sources=[{"document": "试发〔2020〕1号", "url": "https://www.gov.cn/a"}],
        verified={"level": "verified", "doubts": {"period": "没见到原文"}, "confirmed_on": "2026-11-22"},
    )
    assert told == [
        "与其他文件的关系“延长”  → 关系：延长；对方：nat-1#a；延长到：2020-12-31",
        "来源“试发〔2020〕1号” · 网址  → https://www.gov.cn/a",
        "核对程度 部分核对 → 已核对",
        "内容待核实 · 期限  → 没见到原文",
        "最近核对  → 2026-11-22",
    ]


def test_unfinished_data_is_compared_as_it_stands(taxonomy: Taxonomy) -> None:
    before = {"id": "a", "in_force": "三个月", "reliefs": ["房租"], "made_up": {"x": 1}}
    after = {"id": "a", "in_force": {"end": "2020年底"}, "reliefs": [{}], "issued_on": "2020-13-45"}
    assert told(before, after, taxonomy) == [
        "成文日期  → 2020-13-45",
        '期限 三个月 → {"end": "2020年底"}',
        "支持事项 房租 → ",
        'made_up {"x": 1} → ',
    ]


def test_what_is_empty_says_the_same_as_what_is_missing(taxonomy: Taxonomy) -> None:
    empty = {"title": "", "aliases": [], "in_force": None, "verified": {"level": "partial", "doubts": {}}}
    assert differences({}, {**empty, "reliefs": [{"conditions": [{}]}]}, taxonomy) == ()


def test_a_point_may_be_a_plain_sentence(taxonomy: Taxonomy) -> None:
    assert differences({"points": ["减税"]}, {"points": [{"text": "减税"}]}, taxonomy) == ()


def test_every_field_of_the_record_has_a_label() -> None:
    missing = sorted(_unlabelled(Entry, ENTRY, "entry"))
    assert missing == []


def _unlabelled(model: type[BaseModel], known: Any, where: str) -> list[str]:
    found = []
    for name, info in model.model_fields.items():
        field: Field | None = known.get(info.alias or name)
        if field is None:
            found.append(f"{where}.{name}")
            continue
        inner = _model_in(info.annotation)
        assert field.label, f"{where}.{name} is called nothing"
        if inner:
            found += _unlabelled(inner, field.inner, f"{where}.{name}")
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in getattr(annotation, "__args__", ()) if (m := _model_in(part))), None)


def test_private_fields_are_fields_of_the_record() -> None:
    for path in PRIVATE:
        known: Any = ENTRY
        for name in path:
            known = getattr(known, "inner", known)[name]


def test_every_shipped_entry_is_told_whole_from_nothing(shipped: Base, taxonomy: Taxonomy) -> None:
    for held in entries.all_current(shipped.db):
        data = as_data(held.entry)
        assert {one.path[0] for one in differences({}, data, taxonomy)} == set(plain(data)), held.entry.id
        for one in differences({}, data, taxonomy):
            assert one.label
            assert one.after
            assert one.before == ("部分核对" if one.path == ("verified", "level") else "")


# -- laws ------------------------------------------------------------------------------------------

_words = st.text("甲乙丙", max_size=2)
_relief = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c"])},
    optional={
        "title": _words,
        "worth": st.dictionaries(st.sampled_from(["text", "rate", "cap"]), _words | st.integers(0, 3)),
        "conditions": st.lists(st.fixed_dictionaries({"text": _words, "source": _words}), max_size=3),
    },
)
_reliefs = st.lists(_relief, max_size=3, unique_by=lambda one: one["id"])
_records = st.fixed_dictionaries(
    {},
    optional={
        "title": _words | st.none(),
        "aliases": st.lists(_words, max_size=2),
        "issued_on": st.sampled_from(["2020-02-01", "昨天"]),
        "in_force": st.dictionaries(st.sampled_from(["start", "end", "note"]), _words),
        "reliefs": _reliefs | st.lists(_words, max_size=1),
        "verified": st.fixed_dictionaries({"doubts": st.dictionaries(st.just("period"), _words)}),
        "more": _words,
    },
)


@given(one=_records, other=_records)
def test_there_are_no_differences_exactly_where_records_are_equal(
    taxonomy: Taxonomy, one: Any, other: Any
) -> None:
    assert (differences(one, other, taxonomy) == ()) == (plain(one) == plain(other))


@given(one=_records, other=_records)
def test_differences_turn_round_with_their_sides(taxonomy: Taxonomy, one: Any, other: Any) -> None:
    there, back = differences(one, other, taxonomy), differences(other, one, taxonomy)
    assert len(there) == len(back)


@given(record=_records)
def test_a_record_without_what_is_empty_is_left_as_it_is(record: Any) -> None:
    assert plain(plain(record)) == plain(record)


@given(base=_records, other=_records)
def test_a_side_that_changed_nothing_gives_the_other_side(base: Any, other: Any) -> None:
    for merged in (merge3(base, other, base), merge3(base, base, other), merge3(base, other, other)):
        assert merged.conflicts == ()
        assert merged.data == merged.other == plain(other)


@given(base=_records, mine=_records, theirs=_records)
def test_merging_makes_no_value_up_and_loses_none_without_a_conflict(
    base: Any, mine: Any, theirs: Any
) -> None:
    merged = merge3(base, mine, theirs)
    known = [_leaves(plain(side)) for side in (base, mine, theirs)]
    for side, kept in (("mine", merged.data), ("theirs", merged.other)):
        assert merged.kept(side) is kept
        for place, value in _leaves(kept).items():
            assert any(leaves.get(place) == value for leaves in known), place
    if not merged.conflicts:
        assert merged.data == merged.other
        new = {place for side in known[1:] for place in side.items() - known[0].items()}
        assert new <= _leaves(merged.data).items()


def _leaves(data: Any, place: tuple[object, ...] = ()) -> dict[tuple[object, ...], str]:
    """Every value by its place; reliefs by their ids, other lists whole."""
    if isinstance(data, dict):
        parts = [(key, part) for key, part in data.items()]
    elif place == ("reliefs",) and all(isinstance(one, dict) and one.get("id") for one in data):
        parts = [(one["id"], one) for one in data]
    else:
        return {place: repr(data)}
    return {k: v for key, part in parts for k, v in _leaves(part, (*place, key)).items()}


@given(base=_records, mine=_records, theirs=_records)
def test_conflicts_are_the_same_from_either_side(base: Any, mine: Any, theirs: Any) -> None:
    one, other = merge3(base, mine, theirs), merge3(base, theirs, mine)
    assert {c.path for c in one.conflicts} == {c.path for c in other.conflicts}


# -- both in one -----------------------------------------------------------------------------------


def test_changes_of_different_fields_of_one_relief_are_both_kept() -> None:
    base = {"reliefs": [{"id": "a", "title": "缓交", "what": "三个月"}, {"id": "b", "title": "免"}]}
    mine = {"reliefs": [{"id": "a", "title": "缓交费用", "what": "三个月"}, {"id": "b", "title": "免"}]}
    theirs = {"reliefs": [{"id": "a", "title": "缓交", "what": "六个月"}, {"id": "c", "title": "补"}]}
    merged = merge3(base, mine, theirs)
    assert merged.conflicts == ()
    assert merged.data == {
        "reliefs": [{"id": "a", "title": "缓交费用", "what": "六个月"}, {"id": "c", "title": "补"}]
    }


def test_a_field_that_both_changed_is_a_conflict_that_either_side_may_win() -> None:
    base, mine, theirs = ({"title": name, "summary": "同"} for name in ("一", "二", "三"))
    merged = merge3(base, {**mine, "summary": "异"}, theirs)
    (conflict,) = merged.conflicts
    assert (conflict.path, conflict.base, conflict.mine, conflict.theirs) == (("title",), "一", "二", "三")
    assert merged.kept("mine") == {"title": "二", "summary": "异"}
    assert merged.kept("theirs") == {"title": "三", "summary": "异"}


def test_removing_what_the_other_changed_is_a_conflict() -> None:
    base = {"reliefs": [{"id": "a", "title": "缓交"}]}
    merged = merge3(base, {}, {"reliefs": [{"id": "a", "title": "免"}]})
    assert [one.path for one in merged.conflicts] == [("reliefs", "a")]
    assert (merged.data, merged.other) == ({}, {"reliefs": [{"id": "a", "title": "免"}]})


@pytest.mark.parametrize("both_move", [False, True])
def test_an_order_that_one_side_changed_is_kept_and_new_reliefs_stay_by_their_neighbours(
    both_move: bool,
) -> None:
    def listed(names: str) -> dict[str, Any]:
        return {"reliefs": [{"id": name} for name in names]}

    theirs = listed("acbx" if both_move else "abcx")
    merged = merge3(listed("abc"), listed("cab"), theirs)
    assert [one["id"] for one in merged.data["reliefs"]] == list("cabx" if both_move else "cxab")
