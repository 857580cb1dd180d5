"""Digests as values: their order, their numbering, what may be moved where."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.digest import SECTIONS, Choice, Item, in_sections, moved, ordered, plain, renamed

choices = st.lists(st.builds(Choice, st.sampled_from(SECTIONS), st.sampled_from("abcdef")), max_size=12)


@given(choices)
def test_choices_come_by_section_and_each_thing_once(given_: list[Choice]) -> None:
    found = ordered(given_)
    places = [SECTIONS.index(one.section) for one in found]
    assert places == sorted(places)
    assert len({(one.is_entry, one.key) for one in found}) == len(found)
    assert {(one.is_entry, one.key) for one in found} == {(one.is_entry, one.key) for one in given_}


@given(choices, st.sampled_from("abcdef"), st.sampled_from([-1, 1]))
def test_moving_keeps_everything_and_the_order_of_the_sections(
    given_: list[Choice], key: str, by: int
) -> None:
    before = ordered(given_)
    after = moved(before, key, by)
    assert sorted(after, key=repr) == sorted(before, key=repr)
    assert [one.section for one in after] == [one.section for one in before]


def test_one_is_moved_past_its_neighbour_and_not_out_of_its_section() -> None:
    a, b, c = Choice("new", "a"), Choice("new", "b"), Choice("ended", "c")
    assert moved((a, b, c), "b", -1) == (b, a, c)
    assert moved((a, b, c), "b", 1) == (a, b, c)
    assert moved((a, b, c), "a", -1) == (a, b, c)
    assert moved((a, b, c), "nobody", 1) == (a, b, c)


def test_a_heading_that_staff_write_is_one_short_line() -> None:
    (one,) = renamed((Choice("new", "a"),), {"a": "  两行\n标题  " + "长" * 100})
    assert one.heading.startswith("两行 标题 长")
    assert len(one.heading) == 60


def test_an_item_is_called_by_place_and_title_and_tells_only_what_is_known() -> None:
    item = Item("new", "a", "湖南", "稳岗返还", "退还失业保险费。", until="长期有效", number="湘1号")
    assert item.title == "湖南·稳岗返还"
    assert item.lines == (("到什么时候", "长期有效"), ("文号", "湘1号"))
    assert "who" not in plain(item)


def test_sections_without_items_are_left_out() -> None:
    item = Item("ended", "a", "", "一", "二")
    assert in_sections([item]) == (("ended", (item,)),)
