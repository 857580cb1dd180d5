"""Lists read: whatever a site sends, addresses are whole, each once, and an empty list is never silent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.domain.source import Listing, Reads
from kb.ingest.extraction.listing import read_list, selector_problem
from kb.ingest.extraction.urls import joined

HERE = "https://www.example.gov.cn/zc/index.html"
HTML = Listing(url=HERE, item="li", date="span")
READS: tuple[Reads, ...] = ("html", "jpage", "json")


def addresses(html: str, listing: Listing = HTML) -> list[str]:
    return [one.address for one in read_list(html.encode(), {}, HERE, listing).items]


def test_relative_absolute_and_mixed_addresses_come_out_whole_and_once() -> None:
    links = ("a.html", "./a.html", "/zc/a.html", "//www.example.gov.cn/zc/a.html#top")
    listed = "".join(f"<li><a href='{one}'>通知</a></li>" for one in links)
    assert addresses(listed) == ["https://www.example.gov.cn/zc/a.html"]


def test_a_base_of_the_page_counts() -> None:
    assert addresses("<base href='/other/'><li><a href='a.html'>通知</a></li>") == [
        "https://www.example.gov.cn/other/a.html"
    ]


def test_what_leads_to_no_web_page_is_left_out() -> None:
    assert (
        addresses("<li><a href='javascript:void(0)'>x</a></li><li><a href='mailto:a@b.cn'>x</a></li>") == []
    )


def test_the_full_title_of_a_link_that_is_cut_short_is_taken() -> None:
    (one,) = read_list(
        "<li><a href='a' title='关于试验的通知'>关于试…</a><span>[2026-11-20]</span></li>".encode(),
        {},
        HERE,
        HTML,
    ).items
    assert (one.title, str(one.day)) == ("关于试验的通知", "2026-11-20")


def test_a_list_in_gbk_is_read() -> None:
    raw = "<meta charset=gb2312><li><a href='a'>关于试验企业的通知</a></li>".encode("gb18030")
    (one,) = read_list(raw, {"content-type": "text/html"}, HERE, HTML).items
    assert one.title == "关于试验企业的通知"


def test_a_broken_selector_is_explained() -> None:
    assert selector_problem("ul > > li").startswith("选择器")
    assert selector_problem("li:has(> a[title])") == ""


@hypothesis_settings(max_examples=60)
@given(raw=st.binary(max_size=400) | st.text(max_size=300).map(str.encode), read=st.sampled_from(READS))
def test_any_bytes_give_documents_or_say_why_not(raw: bytes, read: Reads) -> None:
    found = read_list(raw, {}, HERE, Listing(url=HERE, read=read, item="a.*.b" if read == "json" else "li"))
    assert found.items or found.problem or read == "jpage"


@given(onward=st.text(max_size=60))
def test_any_link_comes_out_as_a_web_address_or_not_at_all(onward: str) -> None:
    whole = joined(HERE, onward)
    assert whole == "" or whole.startswith(("http://", "https://"))
    assert joined(whole, "") == whole if whole else True
