"""What is taken for personal data, however it is written, and what members really ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.privacy import looks_personal

DIGITS = st.text("0123456789", min_size=7, max_size=19)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "张三 138-0013-8000 社保",
        "１３８００１３８０００",
        "电话 0731 8888 6666",
        "(010)12345678",
        "430102199001011234",
        "43010219900101123X",
        "91430100MA4L1234XX",
        "9143 0100 MA4L 1234 XX",
        "6222 0212 3456 7890 123",
        "一三八零零一三八零零零",
        "幺三八零零幺三八零零零",
        "zhang.san@example.cn",
        "zhang＠example.cn",
        "https://example.cn/?token=x",
        "www.example.cn",
    ],
)
def test_numbers_codes_mail_and_addresses_are_personal(text: str) -> None:
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "运营商拖欠工程款",
        "财税〔2023〕12号",
        "财政部 税务总局公告2020年第8号",
        "2026年11月22日",
        "2020-03-10",
        "10-29人的小企业",
        "500万以下 3% 减按1%",
        "5G 基站 用电",
        "二〇二六年减税",
        "社保缓缴到12月31日",
        "招用 10 人 每人 1500 元",
    ],
)
def test_what_members_ask_is_not(text: str) -> None:
    assert not looks_personal(text)


@given(DIGITS, st.sampled_from(["", " ", "-", ".", " - ", "　"]), st.text("的是电话号码", max_size=4))
def test_no_long_number_passes_however_it_is_spaced(number: str, between: str, around: str) -> None:
    spaced = between.join(number[at : at + 3] for at in range(0, len(number), 3))
    assert looks_personal(f"{around}{spaced}{around}")
    wide = number.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert looks_personal(wide)
