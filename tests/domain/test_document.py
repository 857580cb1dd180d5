"""A document: one text of which every character is in a block or white space, and a tree of sections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.document import Block, document, sections, walk

WORDS = st.text("一二三协会企业贷款abc。 ", min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
BLOCKS = st.lists(st.builds(Block, WORDS, st.just("paragraph"), st.integers(0, 6)), max_size=12)


@given(BLOCKS)
def test_a_blocks_text_is_what_stands_at_its_place(blocks: list[Block]) -> None:
    made = document(blocks)
    assert [made.text[one.start : one.end] for one in made.blocks] == [one.text for one in blocks]
    between = made.text
    for one in reversed(made.blocks):
        between = between[: one.start] + between[one.end :]
    assert not between.strip()


@given(BLOCKS)
def test_the_sections_hold_every_block_once_and_in_order(blocks: list[Block]) -> None:
    made = document(blocks)
    assert [one for section in sections(made) for one in walk(section)] == list(made.blocks)


@given(BLOCKS)
def test_anchors_are_told_apart(blocks: list[Block]) -> None:
    anchors = [one.anchor for one in document(blocks).blocks]
    assert len(set(anchors)) == len(anchors)


def test_narrower_sections_stand_in_wider_ones() -> None:
    made = document(
        [
            Block("序", "paragraph"),
            Block("一、问题", "heading", 2),
            Block("（一）缺人", "heading", 3),
            Block("正文", "paragraph"),
            Block("二、建议", "heading", 2),
        ]
    )
    first, problems, advice = sections(made)
    assert (first.opening, [one.text for one in first.blocks]) == (None, ["序"])
    assert [part.opening.text for part in problems.parts if part.opening] == ["（一）缺人"]
    assert made.text[problems.start : problems.end].startswith("一、问题")
    assert made.text[problems.start : problems.end].endswith("正文")
    assert advice.opening is not None
    assert advice.parts == ()


def test_a_change_elsewhere_leaves_an_anchor_as_it_is() -> None:
    before = document([Block("甲", "paragraph"), Block("乙", "paragraph")])
    after = document([Block("甲改了", "paragraph"), Block("新", "paragraph"), Block("乙", "paragraph")])
    assert before.blocks[1].anchor == after.blocks[2].anchor


def test_the_cells_of_a_table_are_read_row_by_row() -> None:
    table = document([Block("省份\t分\n 甲 \t 1.0\t", "table")]).blocks[0]
    assert table.rows == (("省份", "分"), ("甲", "1.0", ""))
