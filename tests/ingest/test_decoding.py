"""Bytes of pages as text: what labels say, what they conceal, and sixty encodings."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ingest.extraction import extract
from kb.ingest.extraction.decoding import decode, known, squeeze

TITLE = "关于缓缴试验费用的通知"
PAGE = (
    f"<html><head><title>{TITLE}</title></head><body><p>各试验单位：为做好试验费用缓缴工作，现将有关事项"
    "通知如下，内容均为虚构，只用来检验编码。</p><p>试验市样本局</p><p>2026年8月1日</p></body></html>"
)
TRADITIONAL = PAGE.replace("关于缓缴试验费用的通知", "關於緩繳試驗費用的通知").replace("为", "為")
CHINESE = ("utf-8", "gb18030", "gbk", "gb2312", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
LABELS = (
    "utf-8",
    "gb2312",
    "gbk",
    "gb18030",
    "ISO-8859-1",
    "big5",
    "windows-1251",
    "shift_jis",
    "nonsense",
    "",
)
ENCODINGS = re.findall(
    r"\S+",
    """
    utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be utf-7 gb2312 gbk gb18030 hz
    big5 big5hkscs cp950 euc_jp euc_jis_2004 euc_jisx0213 shift_jis shift_jis_2004 shift_jisx0213 cp932
    iso2022_jp iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext euc_kr cp949 johab iso2022_kr
    ascii latin-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-7 iso8859-9 iso8859-10 iso8859-13
    iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1256 cp1257 cp1258 koi8-r
    koi8-u kz1048 tis-620 cp437 cp850 cp852 cp855 cp866 mac-roman mac-cyrillic mac-greek cp037 cp500
    cp1140
    """,
)


def declared(charset: str) -> dict[str, str]:
    return {"content-type": f"text/html; charset={charset}"}


def test_there_are_sixty_encodings() -> None:
    assert len(set(ENCODINGS)) >= 60


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_page_that_names_its_encoding_is_read_in_it(encoding: str) -> None:
    raw = PAGE.encode(encoding, "xmlcharrefreplace")

    assert extract(raw, declared(encoding)).title == TITLE


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("encoding", CHINESE)
def test_a_label_that_lies_does_not_spoil_the_text(encoding: str, label: str) -> None:
    read = decode(PAGE.encode(encoding), declared(label))

    assert (read.text, read.bad) == (PAGE, 0.0)


@pytest.mark.parametrize("label", LABELS)
def test_a_page_in_big5_is_read_whatever_its_label(label: str) -> None:
    assert decode(TRADITIONAL.encode("big5", "ignore"), declared(label)).encoding == "big5hkscs"


def test_gb2312_and_gbk_are_read_as_gb18030_which_has_the_rare_characters() -> None:
    page = f'<meta charset="gb2312"><p>联系人：张㛃、李䶮、王𬭎、陈𠮷。{PAGE}'

    assert decode(page.encode("gb18030"), {}).text == page
    assert {known(name) for name in ("gb2312", "GBK", "gb18030")} == {"gb18030"}


def test_the_encoding_in_the_page_counts_where_the_header_names_none() -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset=big5">{TRADITIONAL}'

    assert decode(page.encode("big5", "ignore"), {"content-type": "text/html"}).named == "big5hkscs"


def test_byte_order_marks_and_characters_that_are_not_seen_are_left_out() -> None:
    read = decode(b"\xef\xbb\xbf" + "试\u200b验\ufeff通\u00ad知".encode(), {})

    assert read.text == "试验通知"


def test_no_break_and_ideographic_spaces_are_spaces() -> None:
    assert squeeze("\u3000试验财务部\u00a0\u3000试验税务总局\t ") == "试验财务部 试验税务总局"


def test_a_page_of_garbage_is_not_content() -> None:
    raw = b"".join(hashlib.sha256(bytes([at])).digest() for at in range(200))

    assert extract(raw, declared("utf-8")).outcome == "nothing"


def test_a_few_unreadable_bytes_are_told_and_the_rest_is_read() -> None:
    found = extract((PAGE * 3).encode("gb18030") + b"\xff\xff</p>", declared("gbk"))

    assert found.outcome == "content"
    assert "有几个字认不出来，请对照原页" in found.notes


@given(st.binary(max_size=400), st.sampled_from([*ENCODINGS, "rot13", "idna", "zip", "", "x" * 40]))
def test_any_bytes_under_any_label_are_read_as_something(raw: bytes, label: str) -> None:
    assert 0.0 <= decode(raw, declared(label)).bad <= 1.0
