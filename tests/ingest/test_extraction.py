"""What is read from pages: one test for each way in which sites are built, and in which they deceive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.config import ROOT
from kb.domain import docnumber
from kb.domain.extracted import Extracted
from kb.domain.recipe import Recipe
from kb.ingest.extraction import extract, golden
from kb.ingest.extraction.decoding import decode
from kb.ingest.extraction.page import extract_by
from kb.taking.evaluating import simplify

SITES = ROOT / "tests" / "sites"
PAGES = golden.pages_in(SITES)
TEXT = (
    "<p>各试验单位：</p>"
    "<p>为检验采集程序，现将试验费用缓缴有关事项通知如下，内容均为虚构，只用来检验页面的结构，此外没有别的用处。</p>"
)
SIGNED = "<p>试验市样本局</p><p>2026年8月1日</p>"


def read(name: str) -> Extracted:
    return golden.read_page(SITES / name, simplify)


def page(body: str, head: str = "", scripts: str = "") -> Extracted:
    html = f"<html><head>{head}</head><body>{scripts}<div class=TRS_Editor>{body}</div></body></html>"
    return extract(html.encode(), {}, "https://www.shiyan.example/a/b.html")


def bare(text: str) -> str:
    return "".join(text.split())


# -- how many, and that nothing is made up ---------------------------------------------------------


def test_there_are_at_least_twenty_five_pages_over_ten_templates() -> None:
    assert len(PAGES) >= 25
    assert len({one.parent for one in PAGES}) >= 10


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_value_stands_on_words_of_the_page(path: Path) -> None:
    found = golden.read_page(path, simplify)
    shown = bare(simplify(decode(path.read_bytes(), {}).text).replace("&nbsp;", " "))

    for fact in (*found.facts, *found.others):
        assert found.text[fact.start : fact.end] == fact.quote
        for line in fact.quote.splitlines():
            assert bare(line) in shown or bare(line) in bare(found.body.text)


@given(
    st.lists(
        st.sampled_from(
            [
                "试验财务部",
                "试财〔2026〕9号",
                "2026年8月1日",
                "关于试验的通知",
                "发文机关：试验市财政局",
                "本通知自2026年9月1日起施行，有效期至2027年8月31日。",
                "（2026年2月3日印发）",
                "试 验 市 局",
                "二○二六年一月二日",
                "2026 年 3 月 4 日",
                "２０２６年５月６日",
                "<b>文号</b>：",
                "成文日期",
                "各单位：",
                "一、总则",
                "\u3000",
            ]
        ),
        max_size=14,
    ),
    st.sampled_from(["p", "div", "td", "li", "span"]),
)
def test_whatever_a_page_holds_quotes_are_its_own_words(parts: list[str], tag: str) -> None:
    html = "".join(f"<{tag}>{part}</{tag}>" for part in parts)
    found = extract(f"<meta charset=utf-8><body>{html}".encode(), {}, "https://a.example/b.html")

    for fact in (*found.facts, *found.others):
        assert found.text[fact.start : fact.end] == fact.quote
        assert bare(fact.quote) in bare(re.sub("<.*?>", "", "".join(parts)))


@given(st.text(alphabet="<>/='\" abp试验〔2026〕号年月日部局：\n", max_size=300))
def test_no_markup_makes_it_fail(html: str) -> None:
    found = extract(html.encode(), {}, "https://a.example/b.html")

    assert all(found.text[fact.start : fact.end] == fact.quote for fact in found.facts)


# -- tables and meta elements ----------------------------------------------------------------------


def test_a_table_repeated_for_phones_is_read_once() -> None:
    found = read("council/new.html")

    assert found.text.count("发文字号：") == 1
    assert found.doc_number == "试财发〔2026〕9号"


def test_joint_issuers_are_those_of_the_signature_not_the_site_that_the_table_names() -> None:
    assert read("council/new.html").issuers == ("试验财务部", "试验税务总局")


def test_a_page_may_say_ended_without_a_day() -> None:
    found = read("council/old.html")

    assert (found.said("status"), found.fact("expires_on")) == ("失效", None)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("firstpublishedtime", "2026-03-04-08:30:00"),
        ("PubDate", "2026-03-04 08:30"),
        ("PubDate", "2026-03-04 08:30:15"),
        ("PubDate", "2026-03-04\u00a008:30"),
        ("“PubDate”", "2026-03-04"),
    ],
)
def test_the_ways_to_write_when_a_page_came_out_mean_the_same(name: str, written: str) -> None:
    found = page(TEXT, f'<meta name="{name}" content="{written}"></meta></meta>')

    assert found.said("published_on") == "2026-03-04"


def test_a_meta_date_that_differs_from_the_visible_one_is_kept_and_told() -> None:
    found = read("ministry/mismatch.html")

    assert found.said("published_on") == "2026-08-05"
    assert [one.value for one in found.others] == ["2026-08-06"]
    assert any("发布日期说法不一" in note for note in found.notes)


def test_a_title_that_the_meta_element_gives_differently_is_told() -> None:
    found = page(
        f"{TEXT}{SIGNED}", '<meta name=ArticleTitle content="关于甲事的通知">', "<h1>关于乙事的公告</h1>"
    )

    assert any("标题说法不一" in note for note in found.notes)


def test_four_different_days_each_go_to_their_place() -> None:
    found = read("department/four-dates.html")
    names = ("issued_on", "published_on", "effective_on", "expires_on")

    assert [found.said(name) for name in names] == ["2026-03-02", "2026-03-09", "2026-04-01", "2031-03-31"]  # type: ignore[arg-type]


def test_a_label_followed_by_another_label_has_no_value() -> None:
    table = "<table><tr><td>文号：</td><td>发布日期：</td></tr></table>"

    assert page(TEXT, scripts=table).fact("doc_number") is None


def test_a_box_of_several_labels_is_not_the_value_of_its_first() -> None:
    box = "<div><p><b>标　题：</b>关于试验的公告</p><p><b>发文机关：</b>试验工业部</p></div>"
    found = extract(f"<meta charset=utf-8>{box}<p>正文。</p>".encode(), {}, "https://a.example/b.html")
    assert (found.said("title"), found.issuers) == ("关于试验的公告", ("试验工业部",))


def test_what_is_only_in_a_comment_or_a_search_box_is_no_fact() -> None:
    assert read("city-directory/own.html").fact("status") is None


# -- data in scripts -------------------------------------------------------------------------------


def test_data_in_the_page_beats_its_table_and_both_are_kept() -> None:
    found = read("city-directory/own.html")

    assert found.doc_number == "试工规〔2026〕2号"
    assert "试工规〔2026〕3号" in [one.value for one in found.others]


def test_the_issuer_of_what_was_posted_again_is_in_its_text() -> None:
    found = read("city-directory/repost.html")

    assert (found.issuers, found.doc_number) == (("试验财务部",), "试财金〔2026〕60号")
    assert (found.title, found.said("issued_on")) == ("试验财务部关于样本担保的通知", "2026-07-24")


@pytest.mark.parametrize("office", ["试验市试验街道办事处", "试验高新区管理委员会", "试验镇人民政府"])
def test_an_office_that_only_posts_again_is_no_issuer(office: str) -> None:
    table = f"<table><tr><td>发布机构</td><td>{office}</td></tr></table>"

    found = page(TEXT, scripts=table)
    signed = page(f"{TEXT}<p>{office}</p><p>2026年8月1日</p>", scripts=table)

    assert found.issuers == ()
    assert any(office in note for note in found.notes)
    assert signed.issuers == (office,)


def test_a_status_that_a_script_writes_is_its_first_value_that_is_not_empty() -> None:
    assert read("city-rules/ended.html").said("status") == "失效（提前废止）"
    assert read("city-rules/valid.html").said("status") == "有效（延续实施）"


def test_of_two_last_days_a_day_apart_the_visible_one_counts_and_both_are_kept() -> None:
    found = read("city-rules/ended.html")

    assert found.said("expires_on") == "2023-05-31"
    assert [one.value for one in found.others if one.field == "expires_on"] == ["2023-06-01"]


def test_the_number_in_a_link_is_never_the_papers() -> None:
    assert read("city-rules/ended.html").doc_number == "试府办规〔2020〕10号"
    assert page(TEXT + '<p><a href="/试财发〔2026〕1号.pdf">附件</a></p>').fact("doc_number") is None


# -- the text --------------------------------------------------------------------------------------


def test_numbers_that_the_text_cites_are_not_its_own() -> None:
    found = page(f"{TEXT}<p>根据试综〔2019〕1号文件，</p><p>按照（试综〔2019〕2号）执行。</p>{SIGNED}")

    assert found.fact("doc_number") is None


@pytest.mark.parametrize(
    "number", ["试发〔2026〕9号", "试发[2026]9号", "试发﹝2026﹞９号", "试发【2026】9号", "试发（2026）9号"]
)
def test_brackets_and_widths_of_a_number_do_not_matter(number: str) -> None:
    found = page(f"<p>{number}</p>{TEXT}{SIGNED}")

    assert docnumber.comparison_form(found.doc_number) == "试发[2026]9号"


@pytest.mark.parametrize("number", ["试验税务总局公告2020年第8号", "试验院令第802号"])
def test_announcements_and_orders_have_numbers_of_their_own_shape(number: str) -> None:
    assert page(f"<p>{number}</p>{TEXT}{SIGNED}").doc_number == number


def test_a_number_that_lost_its_first_letters_is_a_hint_and_not_mended() -> None:
    found = read("department/numbers.html").fact("doc_number")

    assert found is not None
    assert (found.value, found.confidence) == ("发〔2020〕29号", "hint")


def test_letters_of_a_signature_that_are_set_apart_are_one_name() -> None:
    assert read("labour/notice.html").issuers == ("试验人社部",)


def test_a_sentence_on_the_whole_paper_gives_its_first_and_last_day() -> None:
    found = page(f"{TEXT}<p>本通知自2026年9月1日起施行，有效期至2027年8月31日。</p>{SIGNED}")

    assert (found.said("effective_on"), found.said("expires_on")) == ("2026-09-01", "2027-08-31")


def test_what_ends_for_another_paper_does_not_end_this_one() -> None:
    found = read("tax/stopped.html")

    assert (found.said("status"), found.fact("expires_on")) == ("全文有效", None)


def test_a_page_without_any_marks_still_gives_title_number_and_issuer() -> None:
    found = read("unknown/plain.html")

    assert found.title == "试验省通信管理局关于样本线路维护的通知"
    assert (found.doc_number, found.issuers) == ("试通信〔2026〕15号", ("试验省通信管理局",))
    assert "首页" not in found.text


# -- the body --------------------------------------------------------------------------------------


def test_styles_do_not_leak_into_the_text() -> None:
    assert not any("{" in read(f"trs/{name}.html").text for name in ("nested", "bare", "files"))


def test_editors_within_editors_lose_nothing_and_repeat_nothing() -> None:
    text = read("trs/nested.html").body.text

    assert [text.count(part) for part in ("一、试验范围", "（二）乙类", "2.受理窗口", "试验财务部")] == [
        1,
        1,
        1,
        1,
    ]


def test_items_of_a_numbered_list_keep_the_numbers_a_reader_sees() -> None:
    assert "\n\n2. 编报时间由受理窗口另行通知。" in read("trs/bare.html").body.text


def test_tables_of_data_are_rows_of_cells_and_tables_of_layout_are_paragraphs() -> None:
    assert "1\t甲类样本\t试综〔2019〕1号" in read("ministry/disclosure.html").body.text
    assert "\t" not in read("department/district.html").body.text


def test_lines_broken_in_the_markup_are_one_line() -> None:
    assert "现将试验费用" in page(TEXT.replace("现将试验费用", "现将\n    试验费用")).body.text


# -- attachments and gates -------------------------------------------------------------------------


def test_attachments_lie_beside_the_page_and_keep_the_names_a_reader_sees() -> None:
    files = {one.name: one.address for one in read("trs/files.html").attachments}
    named = read("city-news/news.html").attachments[0].name

    assert files["附件1：样本补助表"] == "https://www.finance.example/zcfb/202608/P020260805000001.pdf"
    assert named == "样本补贴明细表.xls"


def test_addresses_that_are_none_of_the_web_are_no_attachments() -> None:
    links = '<a href="javascript:x.pdf">甲</a><a href="file:///etc/a.pdf">乙</a><a href="#a.pdf">丙</a>'

    assert page(f"{TEXT}<p>{links}</p>").attachments == ()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("labour/attached.html", "attachment"),
        ("labour/shell.html", "nothing"),
        ("ministry/pictures.html", "hand"),
        ("unknown/nothing.html", "nothing"),
        ("trs/files.html", "content"),
    ],
)
def test_what_a_page_is_worth_is_told(name: str, outcome: str) -> None:
    found = read(name)

    assert found.outcome == outcome
    assert bool(found.why) == (outcome != "content")


def test_a_shadow_page_is_the_original_in_simplified_characters() -> None:
    shadow, original = read("tax/shadow.html"), read("tax/province.html")

    assert (shadow.address, shadow.title, shadow.body.text) == (
        original.address,
        original.title,
        original.body.text,
    )


def test_a_sources_own_labels_data_and_variables_are_understood() -> None:
    html = (
        '<script>var DATA = {"doc": {"no": "试发〔2026〕9号"}}; var zt = "有效";</script>'
        f"<dl><dt>起效</dt><dd>2026-09-01</dd></dl><div id=x>{TEXT}<i>分享到</i></div>"
    )
    recipe = Recipe(
        body=("#x",),
        drop=("i",),
        labels={"起效": "effective_on"},
        data={"doc.no": "doc_number"},
        variables={"zt": "status"},
    )
    found = extract_by(html.encode(), {}, "https://a.example/", recipe)

    assert (found.doc_number, found.said("status")) == ("试发〔2026〕9号", "有效")
    assert found.said("effective_on") == "2026-09-01"
    assert "分享到" not in found.text


def test_the_issuers_with_whom_a_title_begins_count_where_nobody_signed() -> None:
    title = "<p>试验市人民政府 试验市样本局关于样本补助的通知</p>"

    assert page(f"{title}{TEXT}").issuers == ("试验市人民政府", "试验市样本局")
    assert page(f"{title}{TEXT}<p>试验市样本局</p><p>2026年8月1日</p>").issuers == ("试验市样本局",)


def test_an_element_with_too_many_attributes_is_left_out_and_the_text_around_it_stays() -> None:
    many = " ".join(f"a{at}=1" for at in range(5_000))
    found = page(f"{TEXT}<p {many}>甲</p><p>乙</p>")

    assert found.body.text.endswith("乙")
    assert "a1=1" not in found.body.text
