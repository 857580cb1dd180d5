"""Titles and headlines of texts that lost their lines, and signatures that a space broke."""

from __future__ import annotations

import pytest

from kb.domain.document import Document
from kb.ingest.documents import from_text
from kb.ingest.documents.wording import squeeze

BODY = "近日，试验市的有关部门研究了支持企业的办法，企业可以按照规定办理，办理时请带上材料。" * 4


def read(head: str, tail: str = "") -> Document:
    return from_text(f"{head} {BODY} {tail}".strip())


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("试验市下发通知 加快清理拖欠账款", "试验市下发通知加快清理拖欠账款"),
        ("试验市推出八项举措 降低用电成本", "试验市推出八项举措降低用电成本"),
        ("快来看！ 全省办事服务指南", "快来看!全省办事服务指南"),
        ("试验系统上线运行了 试验系统上线运行了 可在网上申请", "试验系统上线运行了"),
        ("试验市减免企业房租 惠及千家 减免企业房租", "试验市减免企业房租惠及千家"),
        ("试验市恢复包车运行 原标题： 试验市恢复包车运行 落实措施", "试验市恢复包车运行"),
        ("试验市发布防治方案 专家参与治疗 3月5日9时10分讯", "试验市发布防治方案专家参与治疗"),
        ("试验市税务局 通知公告 试验优惠政策指引", "试验优惠政策指引"),
        ("关于支持试验企业政策 降低成本的通知 财试〔2026〕7号", "关于支持试验企业政策降低成本的通知"),
        (
            "关于印发试验企业和个体 关于印发试验企业和个体 服务指南的通知",
            "关于印发试验企业和个体服务指南的通知",
        ),
        ("试验省出台30条意见 试验省人民政府 关于稳定企业的若干意见", "关于稳定企业的若干意见"),
        ("财政部 税务总局关于试验政策的通知财试〔2026〕7号", "财政部税务总局关于试验政策的通知"),
    ],
)
def test_a_title_is_whole_said_once_and_without_what_is_no_title(head: str, title: str) -> None:
    assert squeeze(read(head).title) == title


@pytest.mark.parametrize(
    "tail",
    [
        "试验省应对疫情工作 领导小组办公室 2026年2月7 日 （此件公开发布） 附件一 名单",
        "试验省应对疫情工作 领导小组办公室 2026年2月7日 扫一扫在手机打开当前页 相关解读 责任编辑某某",
    ],
)
def test_a_signature_is_found_before_other_words_and_with_spaces_inside(tail: str) -> None:
    document = read("关于试验工作的通知", tail)
    signed = [squeeze(block.text) for block in document.blocks if block.kind == "signature"]
    assert signed == ["试验省应对疫情工作领导小组办公室", "2026年2月7日"]


def test_a_title_keeps_the_space_after_an_issuer_and_no_other() -> None:
    found = from_text("试验省财政厅　试验省税务局关于支持企业 的通知\n\n" + BODY)
    assert found.title == "试验省财政厅 试验省税务局关于支持企业的通知"
