"""Document numbers: one form for all spellings, and what a person's short form may mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import docnumber
from kb.domain.docnumber import DocNumber


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("医保发2020 6号", "医保发〔2020〕6号"),
        ("建金[2020]23号", "建金〔2020〕23号"),
        ("建金2020 23号", "建金〔2020〕23号"),
        ("人社部发【2020】11号", "人社部发〔2020〕11号"),
        ("人社部发（2020）11号", "人社部发〔2020〕11号"),
        ("人社部发﹝２０２０﹞１１号", "人社部发〔2020〕11号"),
        (" 人社部发 〔 2020 〕 11 号 ", "人社部发〔2020〕11号"),
        ("国务院令802号", "国务院令第802号"),
        ("公告2020年第8号", "公告 2020 年第 8 号"),
    ],
)
def test_spellings_of_one_number_are_equal(typed: str, held: str) -> None:
    assert docnumber.same(typed, held)


@pytest.mark.parametrize(
    ("asked", "held", "fits"),
    [
        ("财税公告2020年第8号", "财政部 税务总局公告2020年第8号", True),
        ("公告2023年第7号", "财政部 税务总局公告2023年第7号", True),
        ("税务总局公告2020年第10号", "国家税务总局公告2020年第10号", True),
        ("11号", "人社部发〔2020〕11号", True),
        ("请问人社部发〔2020〕11号", "人社部发〔2020〕11号", True),
        ("人社部发〔2020〕11号", "人社部发〔2020〕49号", False),
        ("人社部发〔2021〕11号", "人社部发〔2020〕11号", False),
        ("财发〔2020〕11号", "人社部发〔2020〕11号", False),
        ("医保发〔2020〕8号", "财政部 税务总局公告2020年第8号", False),
    ],
)
def test_what_was_typed_may_mean_what_is_held(asked: str, held: str, fits: bool) -> None:
    one, other = docnumber.parse(asked), docnumber.parse(held)
    assert one
    assert other
    assert one.fits(other) is fits


@pytest.mark.parametrize("text", ["", "贷款", "2020年", "11", "关于延长政策的通知", "号", "〔〕号"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert docnumber.parse(text) is None


@given(
    agency=st.text("人社部发财税医保建金银工信企业", min_size=1, max_size=8),
    year=st.integers(1990, 2035),
    serial=st.integers(1, 99999),
    brackets=st.sampled_from(["〔〕", "[]", "【】", "（）", "()", "﹝﹞", "［］"]),
    spaces=st.booleans(),
)
def test_any_bracket_and_space_gives_the_same_number(
    agency: str, year: int, serial: int, brackets: str, spaces: bool
) -> None:
    gap = "　" if spaces else ""
    written = f"{agency}{gap}{brackets[0]}{year}{brackets[1]}{gap}{serial}号"
    assert docnumber.parse(written) == DocNumber(agency, year, serial)


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    docnumber.parse(text)
    docnumber.comparison_form(text)
