"""Difficulties: who may see one, to whom it may go on, which words of a rewrite may lead to somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.alert import address_of
from kb.domain.difficulty import Difficulty, Rewrite, mail_in, may_see, worries_in
from kb.domain.taxonomy import Taxonomy
from kb.domain.workflow import Actor

HUNAN, CHANGSHA = "430000", "430100"
TOLD = Difficulty(1, "2026-11-22T00:00:00+00:00", CHANGSHA, "small", "", ("arrears",), "…", "", "received")


@pytest.mark.parametrize(
    ("office", "region", "sees"),
    [
        ("100000", CHANGSHA, True),
        ("100000", "", True),
        (HUNAN, CHANGSHA, True),
        (HUNAN, HUNAN, True),
        (HUNAN, "420000", False),
        (HUNAN, "", False),
        (CHANGSHA, HUNAN, False),
    ],
)
def test_an_office_sees_what_lies_in_its_region(
    taxonomy: Taxonomy, office: str, region: str, sees: bool
) -> None:
    actor = Actor("li", "Li", "editor", office)
    assert may_see(actor, replace(TOLD, region=region), taxonomy.regions) is sees


def test_bodies_are_named_one_by_one() -> None:
    assert replace(TOLD, consent_forward="省通信管理局、 工信厅;税务局").bodies == (
        "省通信管理局",
        "工信厅",
        "税务局",
    )


def test_without_consent_passing_on_is_no_step_and_a_closed_one_can_only_be_opened_again() -> None:
    assert "pass" not in TOLD.steps
    assert "pass" in replace(TOLD, consent_forward="省通信管理局").steps
    assert replace(TOLD, consent_forward="省通信管理局", state="closed").steps == ("reopen",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("拖欠38.5万元", "amount"),
        ("欠我们三十万", "amount"),
        ("差 1,200 元", "amount"),
        ("长沙某某通信工程有限公司不付", "company"),
        ("中国移动不付", "company"),
        ("省联通的代维费", "company"),
        ("“智慧城区”验收后不付", "project"),
        ("汇通大厦二期", "project"),
        ("3标段", "project"),
        ("找过王经理", "person"),
        ("请打 138 0000 1111", "contact"),
        ("写信到 a@example.com", "contact"),
    ],
)
def test_what_may_lead_to_somebody_is_named(text: str, kind: str) -> None:
    assert kind in {one.kind for one in worries_in([text])}


@pytest.mark.parametrize(
    "text",
    [
        "验收半年后仍收不到工程款，希望协会帮忙反映。",
        "小型企业招不到熟练的代维人员。",
        "2026年3月以后订单少了。",
    ],
)
def test_plain_words_worry_nobody(text: str) -> None:
    assert worries_in([text]) == ()


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_seal_stands_for_just_these_words(title: str, text: str, answer: str) -> None:
    one = Rewrite(title, text, answer)
    assert one.seal == Rewrite(title, text, answer).seal
    assert one.seal != Rewrite(title, text, answer + "。").seal
    assert one.seal != Rewrite(title, text + "。", answer).seal


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("abc@qq.com", "abc@qq.com"),
        (" ABC@QQ.com ", "abc@qq.com"),
        ("邮箱：abc@qq.com", "abc@qq.com"),
        ("邮箱:abc@qq.com。", "abc@qq.com"),
        ("张三abc@qq.com", "abc@qq.com"),
        ("13800001111/abc@qq.com", "abc@qq.com"),
        ("ａｂｃ＠ｑｑ．ｃｏｍ", "abc@qq.com"),
        ("<abc@qq.com>，或 ABC@qq.com", "abc@qq.com"),
        ("邮箱 o'brien@example.com", "o'brien@example.com"),
        ("abc@qq.com 或 def@qq.com", ""),
        ("müller@example.com", ""),
        ("13800001111", ""),
        ("a@b", ""),
        ("", ""),
    ],
)
def test_the_address_in_a_contact_is_found_and_none_is_guessed(contact: str, address: str) -> None:
    assert mail_in(contact) == address


@given(st.text(max_size=60))
def test_whatever_is_found_in_a_contact_is_an_address(contact: str) -> None:
    found = mail_in(contact)
    assert found == (address_of(found) or "")
