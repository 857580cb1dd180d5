"""Chinese dates keep their wording and are never rounded to a day they do not name."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020年6月30日", date(2020, 6, 30)),
        ("二〇二〇年二月十日", date(2020, 2, 10)),
        ("二○二○年十二月三十一日", date(2020, 12, 31)),
        ("2020-02-20", date(2020, 2, 20)),
        ("2020/2/8", date(2020, 2, 8)),
        ("２０２０年２月２０日", date(2020, 2, 20)),
        ("二零二六年一月三十日", date(2026, 1, 30)),
    ],
)
def test_a_written_day_is_that_day(text: str, day: date) -> None:
    worded = dates.parse_date(text)
    assert worded
    assert worded.exact == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026年3月", date(2026, 3, 1), date(2026, 3, 31)),
        ("2020年2月", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020年", date(2020, 1, 1), date(2020, 12, 31)),
    ],
)
def test_a_month_or_year_is_a_stretch_not_a_day(text: str, first: date, last: date) -> None:
    worded = dates.parse_date(text)
    assert worded
    assert worded.exact is None
    assert (worded.first, worded.last, worded.wording) == (first, last, text)


@pytest.mark.parametrize("text", ["2020年2月30日", "2020-13-01", "明天", "", "12月31日"])
def test_what_the_calendar_does_not_have_is_none(text: str) -> None:
    assert dates.parse_date(text) is None


def test_dates_are_found_in_a_sentence_in_order_with_their_words() -> None:
    found = dates.find_dates("自2020年2月1日起执行，延长至二〇二〇年十二月三十一日。")
    assert [(one.exact, one.wording) for one in found] == [
        (date(2020, 2, 1), "2020年2月1日"),
        (date(2020, 12, 31), "二〇二〇年十二月三十一日"),
    ]


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("3个月", 3, "月"),
        ("三个月", 3, "月"),
        ("10个工作日", 10, "工作日"),
        ("两年", 2, "年"),
        ("十五日", 15, "日"),
    ],
)
def test_lengths_keep_count_and_unit(text: str, count: int, unit: str) -> None:
    (found,) = dates.find_lengths(text)
    assert (found.count, found.unit, found.wording) == (count, unit, text)


@given(st.dates(date(1949, 10, 1), date(2099, 12, 31)))
def test_words_and_day_are_one_another(day: date) -> None:
    worded = dates.parse_date(dates.in_words(day))
    assert worded
    assert worded.exact == day


@given(st.text("0123456789〇一二三四五六七八九十年月日./-个两 ", max_size=30))
def test_no_text_raises(text: str) -> None:
    dates.find_dates(text)
    dates.find_lengths(text)


def test_today_is_the_day_in_china() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert dates.today(lambda zone: late.astimezone(zone)) == date(2026, 11, 22)
