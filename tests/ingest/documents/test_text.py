"""Plain text as a document: titles, numbered sections, tables, notes; broken lines whole; nothing lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.document import Document, sections
from kb.ingest.documents import from_text

NOTICE = """\
试验省财政厅　试验省税务局
关于阶段性减免试验费用的通知
试财〔2026〕3号

各市州财政局：
　　为支持中小企业，现就有关事项通知如下。
　　一、减免范围
　　（一）中小企业免征试验费用。
　　（二）大型企业减半征收试验费用。
　　二、办理方式
　　1. 网上申报。
　　2. 窗口申报。

　　附件：1. 申请表
　　　　　2. 承诺书

　　　　　　　　试验省财政厅
　　　　　　　　试验省税务局
　　　　　　　　2026年2月20日

附件1
申请表
企业名称\t所属行业\t申请金额
"""
RULES = """\
试验资金管理办法
第一章 总则
第一条　为规范试验资金，制定本办法。
第二条　本办法适用于试验省。
第二章 申报
第三条　申报单位应当是中小企业。
"""


def bare(text: str) -> Counter[str]:
    return Counter(char for char in text if not char.isspace())


def kinds(found: Document) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in found.blocks]


def test_an_official_notice_is_taken_apart() -> None:
    found = from_text(NOTICE)
    assert found.title == "关于阶段性减免试验费用的通知"
    assert [one.name for one in found.attachments] == ["申请表", "承诺书"]
    levels = {text: (kind, level) for kind, level, text in kinds(found)}
    assert levels["一、减免范围"] == ("heading", 2)
    assert levels["（一）中小企业免征试验费用。"] == ("item", 3)
    assert levels["2. 窗口申报。"] == ("item", 4)
    assert levels["附件1"] == ("heading", 1)
    assert levels["企业名称\t所属行业\t申请金额"][0] == "table"
    assert [text for kind, _level, text in kinds(found) if kind == "signature"] == [
        "试验省财政厅",
        "试验省税务局",
        "2026年2月20日",
    ]


def test_articles_stand_in_their_chapters() -> None:
    first, second = [one for one in sections(from_text(RULES)) if one.opening]
    assert [part.opening.text[:3] for part in first.parts if part.opening] == ["第一条", "第二条"]
    assert [part.opening.text[:3] for part in second.parts if part.opening] == ["第三条"]


def test_a_paragraph_that_a_page_broke_is_whole_again_and_the_note_comes_after_it() -> None:
    text = (
        "会员情况的调查报告\n\n本次调查面向全体会员单位，截至二月底共收回有效问卷七百零\n\n"
        "注：不含基础运营企业。\n\n七份，占会员单位的一半以上。\n\n下一段另起。\n"
    )
    assert [(one.kind, one.text) for one in from_text(text).blocks][1:] == [
        ("paragraph", "本次调查面向全体会员单位，截至二月底共收回有效问卷七百零七份，占会员单位的一半以上。"),
        ("footnote", "注：不含基础运营企业。"),
        ("paragraph", "下一段另起。"),
    ]


def test_lines_of_one_width_are_paragraphs_again() -> None:
    said = "协会组织会员单位开展试验培训并收集大家遇到的困难和问题及时向主管部门反映争取支持" * 4 + "。"
    wrapped = "\n\n".join(said[at : at + 24] for at in range(0, len(said), 24))
    found = from_text(f"关于开展试验培训的通知\n\n{wrapped} \n\n{wrapped} \n")
    assert [one.text for one in found.blocks if one.kind == "paragraph"] == [said, said]


def test_a_numbered_line_is_never_the_rest_of_the_one_before() -> None:
    said = "（一）各单位要高度重视本次试验工作，认真组织实施，按时报送\n\n（二）其他事项另行通知。"
    assert [one.level for one in from_text(said).blocks] == [3, 3]


@pytest.mark.parametrize("number", ["— 3 —", "- 3 -", "第3页 共8页", "3/8", "第 3 页"])
def test_page_numbers_are_margin(number: str) -> None:
    found = from_text(f"一、试验\n\n这一段说明试验的安排和要求。\n\n{number}\n\n下一段说明试验的经费。")
    assert [one.text for one in found.blocks if one.kind == "margin"] == [number]


def test_a_header_that_every_page_repeats_is_margin_but_the_first_which_is_the_title() -> None:
    pages = [
        f"试验协会工作简报\n试验的安排已经确定，这是第{n}步，各单位要照此办理。\n{n}" for n in range(1, 5)
    ]
    found = from_text("\f".join(pages))
    assert found.title == "试验协会工作简报"
    assert sum(one.kind == "margin" for one in found.blocks) == 7
    assert sum(one.kind == "paragraph" for one in found.blocks) == 4


def test_a_table_that_a_page_broke_is_one_with_its_header_repeated() -> None:
    head = "试验协会\n\n关于会员单位经营困难的调查报告\n\n" + "正文一段，说明情况。\n\n" * 8
    row = "序号\t企业情况\t问题\n"
    table = f"{row}1\t甲\t缺人\n\n试验协会关于会员单位经营困难调查报告\n\n{row}2\t乙\t缺钱\n"
    (found,) = [one for one in from_text(head + table).blocks if one.kind == "table"]
    assert [row[0] for row in found.rows] == ["序号", "1", "序号", "2"]


def test_the_table_of_contents_tells_which_lines_are_headings() -> None:
    text = (
        "试验简报\n\n目 录\n\n1. 甲协会·全力以赴\t1\n2. 乙协会·支持企业渡过难关全面做好服务\t4\n\n"
        "甲协会·全力以赴\n\n甲协会组织了培训，会员都参加了这一次的学习活动，反映很好，收获也很大。\n\n"
        "乙协会·支持企业渡过难关\n\n全面做好服务\n\n乙协会收集了困难，并向主管部门作了反映。\n"
    )
    found = from_text(text)
    assert [one.text for one in found.blocks if one.level == 1] == [
        "甲协会·全力以赴",
        "乙协会·支持企业渡过难关全面做好服务",
    ]
    assert sum(one.kind == "margin" for one in found.blocks) == 3


def test_a_text_that_lost_its_lines_gets_its_sections_back() -> None:
    body = " ".join(
        f"（{n}）第{n}项试验工作由各单位按照职责分工组织实施，确保按时完成。" for n in "一二三四五六七"
    )
    found = from_text(
        f"试验厅 关于做好试验工作的通知 各市州试验局： 现就有关事项通知如下。 {body} 试验厅 2026年2月20日"
    )
    assert found.title == "关于做好试验工作的通知"
    assert [one.level for one in found.blocks if one.level] == [3] * 7
    assert [one.text for one in found.blocks if one.kind == "signature"] == ["试验厅", "2026年2月20日"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("中 国 试 验 协 会\n关于学习先进的倡议书\n各会员单位：\n现倡议如下。", "关于学习先进的倡议书"),
        ("关于印发\n《试验管理办法》的通知\n试发〔2026〕1号\n正文。", "关于印发《试验管理办法》的通知"),
        ("试验协会\n试验行业抗击困难\n信息简报\n第 3 期\n正文一段。", "试验行业抗击困难信息简报"),
        (
            "试验市出台新办法\n"
            + "昨日，试验市召开会议，研究部署试验工作，并就下一步安排提出了具体的要求。" * 2,
            "试验市出台新办法",
        ),
        ("只有一句话，没有标题。", ""),
    ],
)
def test_the_title_is_the_line_that_reads_like_one(text: str, title: str) -> None:
    assert from_text(text).title == title


NUMBERS = ["一、", "（一）", "1.", "第一条 ", "附件1：", "附件：1. 表", "注：", "表1 ", "12", "— 3 —"]
SPACES = ["\n", "\n\n", "\f", "\t", "　　", " "]
WORDS = [
    "目 录",
    "关于",
    "的通知",
    "试验协会",
    "2026年2月20日",
    "。",
    "，",
    "：",
    "“试验”",
    "‘甲’",
    "**",
    "A b",
]
LINES = ["省份\t难度\n甲省\t1", "各单位要认真组织实施本次试验工作", "试财〔2026〕3号"]
PIECES = st.sampled_from([*NUMBERS, *SPACES, *WORDS, *LINES])
TEXTS = st.lists(PIECES, max_size=60).map("".join)


@given(TEXTS | st.text(max_size=300))
def test_no_character_is_lost_and_none_is_added(text: str) -> None:
    assert bare(from_text(text).text) == bare(text)


@given(TEXTS)
def test_every_block_stands_in_the_text_where_it_says(text: str) -> None:
    found = from_text(text)
    assert all(found.text[one.start : one.end] == one.text for one in found.blocks)
    assert all(a.end <= b.start for a, b in zip(found.blocks, found.blocks[1:], strict=False))


@given(
    st.lists(st.text("试验工作安排要求企业", min_size=30, max_size=60), min_size=3, max_size=8, unique=True),
    st.data(),
)
def test_a_change_in_one_paragraph_leaves_the_anchors_of_the_others(
    texts: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(texts) - 1))
    changed = [*texts[:at], "改过的" + texts[at], *texts[at + 1 :]]
    before, after = (from_text("\n\n".join(f"{text}。" for text in one)) for one in (texts, changed))
    anchors = {one.anchor for one in after.blocks}
    assert {one.anchor for one in before.blocks if texts[at] not in one.text} <= anchors


def test_long_texts_are_read_in_a_time_that_grows_with_them() -> None:
    many = "".join(f"（一）第{n}项试验工作由各单位组织实施。\n\n" for n in range(5_000))
    assert len(from_text(many).blocks) == 5_000
