"""Cells: nothing is taken for a formula, and what was written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.cells import LONGEST, TOO_LONG, escaped, same, tidy, typed, unescaped
from kb.errors import KbError

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@given(st.text())
def test_an_escaped_text_is_read_back_as_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == text


@given(st.sampled_from(STARTS), st.text())
def test_no_cell_begins_as_a_formula(start: str, text: str) -> None:
    assert escaped(start + text).startswith("'")
    assert start.isspace() or escaped(f"  {start}{text}").startswith("'")


@pytest.mark.parametrize("text", ["企业减税", "'单引号", "2020-02-20", "a=b"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert escaped(text) == text


@given(st.text(st.characters()))
def test_tidy_text_can_be_typed_and_is_the_same(text: str) -> None:
    assert same(typed(tidy(text)), text)


@pytest.mark.parametrize("text", ["零\x00", "\x1b[31m红", "\x0b", "\ud800", "\ufffe", "\x7f"])
def test_what_no_cell_can_hold_is_refused_when_typed_and_left_out_when_written(text: str) -> None:
    with pytest.raises(KbError, match="控制字符"):
        typed(text)
    assert tidy(text) != text


def test_text_of_either_direction_survives() -> None:
    assert typed("مرحبا\u202e减税") == tidy("مرحبا\u202e减税") == "مرحبا\u202e减税"


def test_a_text_too_long_for_a_cell_says_so() -> None:
    assert tidy("长" * LONGEST) == TOO_LONG
    with pytest.raises(KbError, match="最多"):
        typed("长" * (LONGEST + 1))
