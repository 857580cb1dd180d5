"""One paper at several places: by number, title or text, in either script; different papers stay apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from kb.ingest.clusters import Print, apart, clusters, compared, print_of, same_address, simhash, twins
from kb.ingest.entryfile import paths
from kb.ingest.scripts import common_form, simplified_number
from kb.yamlfile import read
from tests.conftest import POLICIES
from tests.ingest.papers_in import PAPER

TRADITIONAL = OpenCC("s2t")
TITLE = "关于阶段性减免试验费用的通知"
BODY = PAPER.partition("：\n")[2]


def a_print(key: str, **values: object) -> Print:
    whole: dict[str, object] = {"title": TITLE, "text": BODY, **values}
    return print_of(key, **whole)  # type: ignore[arg-type]


def why(one: Print, other: Print) -> tuple[str, ...]:
    found = compared(one, other)
    return found.why if found else ()


# -- scripts ---------------------------------------------------------------------------------------


def entry_texts() -> Iterator[str]:
    for path in paths(POLICIES / "entries"):
        data = read(path).data
        yield f"{data['title']}\n{data.get('summary', '')}\n{data.get('body', '')}"


def test_a_text_has_one_form_in_both_scripts() -> None:
    for text in entry_texts():
        mirror = TRADITIONAL.convert(text)
        differing = sum(a != b for a, b in zip(common_form(text), common_form(mirror), strict=False))
        assert len(common_form(text)) == len(common_form(mirror))
        assert differing == 0


@pytest.mark.parametrize(
    "number",
    [
        "人社部发〔2020〕11号",
        "财办库〔2020〕29号",
        "税总发〔2020〕14号",
        "湘政办发〔2026〕3号",
        "财政部 税务总局公告2020年第8号",
    ],
)
def test_a_number_is_the_same_in_both_scripts(number: str) -> None:
    mirror = TRADITIONAL.convert(number)
    assert mirror != number
    assert a_print("a", number=number).number == a_print("b", number=mirror).number != ""


def test_a_number_that_cannot_be_turned_is_not_compared() -> None:
    assert simplified_number("龘發〔2020〕11號") == ""
    assert a_print("a", number="龘發〔2020〕11號").number == ""


# -- fingerprints ----------------------------------------------------------------------------------


def test_a_small_change_moves_the_fingerprint_little_and_another_text_far() -> None:
    text = common_form(BODY * 3)
    changed = text.replace("300", "400", 1)
    assert apart(simhash(text), simhash(changed)) <= 6
    other = common_form(
        "本办法规定了试验场地的开放时间、预约方式和安全要求，参加试验的人员应当按要求登记。" * 6
    )
    assert apart(simhash(text), simhash(other)) > 12


@given(st.text(alphabet="试验部门企业减免费用一二三四五2026", max_size=400))
def test_the_fingerprint_follows_from_the_text_alone(text: str) -> None:
    assert simhash(text) == simhash(str(text))
    assert 0 <= simhash(text) < 1 << 64
    assert apart(simhash(text), simhash(text)) == 0


# -- twins -----------------------------------------------------------------------------------------


def test_the_same_number_makes_one_paper() -> None:
    one = a_print("a", number="试发〔2026〕11号", title="甲", text="")
    other = a_print("b", number="试发[2026]11号", title="乙", text="")
    assert why(one, other) == ("number",)


def test_different_numbers_are_different_papers_however_alike_they_read() -> None:
    assert why(a_print("a", number="试发〔2026〕11号"), a_print("b", number="试发〔2026〕12号")) == ()


def test_a_repost_with_a_head_and_a_foot_of_its_own_is_the_same_text() -> None:
    repost = f"首页 > 通知公告\n{BODY}\n来源：试验部网站"
    assert "text" in why(a_print("a"), a_print("b", title="", text=repost))


def test_the_plan_of_another_year_is_another_paper() -> None:
    one = a_print("a", title="2025年试验方案", text=BODY)
    other = a_print("b", title="2026年试验方案", text=BODY.replace("2026", "2027").replace("2020", "2021"))
    assert why(one, other) == ()


def test_a_title_alone_says_nothing_without_the_day() -> None:
    one = a_print("a", issued_on="2026-02-20", text=BODY)
    other = "完全不同的正文，说的是另外一件事情。" * 12
    assert why(one, a_print("b", issued_on="2026-02-20", text=other)) == ("title",)
    assert why(one, a_print("b", text=other)) == ()
    assert why(one, a_print("b", issued_on="2025-02-20", text=other)) == ()


def test_a_traditional_mirror_is_the_same_paper() -> None:
    mirror = a_print("b", title=TRADITIONAL.convert(TITLE), text=TRADITIONAL.convert(BODY))
    assert set(why(a_print("a"), mirror)) == {"title", "text"}


@pytest.mark.parametrize(
    "address",
    [
        "http://www.example.gov.cn/zc/a.html",
        "https://example.gov.cn/zc/a.html#top",
        "https://big5.www.example.gov.cn/gate/big5/www.example.gov.cn/zc/a.html",
        "https://www.example.gov.cn/gate/big5/www.example.gov.cn/zc/a.html",
    ],
)
def test_an_address_is_the_same_behind_another_scheme_or_a_gate(address: str) -> None:
    assert same_address(address) == "example.gov.cn/zc/a.html"


def test_the_surest_twin_comes_first() -> None:
    one = a_print("a", number="试发〔2026〕11号", addresses=["https://a.gov.cn/1"])
    near = a_print("c", text=BODY.replace("最高", "最多"))
    sure = a_print("b", title="", text="", addresses=["http://a.gov.cn/1"])
    found = twins(one, [near, sure, one])
    assert found[0].score == 100.0
    assert [twin.key for twin in found] == ["b", "c"]


# -- clusters --------------------------------------------------------------------------------------


def entry_prints(change: object = None) -> list[Print]:
    turn = TRADITIONAL.convert if change else str
    mark = "/t" if change else ""
    found = []
    for path in paths(POLICIES / "entries"):
        data = read(path).data
        if data["kind"] == "policy":
            text = f"{data.get('summary', '')}{data.get('body', '')}"
            number = str(data.get("doc_number") or "")
            day = str(data.get("issued_on") or "")
            found.append(
                print_of(
                    data["id"] + mark,
                    title=turn(data["title"]),
                    number=turn(number),
                    text=turn(text),
                    issued_on=day,
                )
            )
    return found


def test_the_shipped_entries_are_all_different_papers() -> None:
    assert clusters(entry_prints()) == []


def test_each_shipped_entry_and_its_traditional_mirror_are_one_and_no_other() -> None:
    held = entry_prints()
    found = clusters([*held, *entry_prints(TRADITIONAL)])
    assert found == [(one.key, f"{one.key}/t") for one in held]


def test_a_page_its_mirror_its_repost_and_its_old_address_are_one_cluster() -> None:
    day = "2026-02-20"
    page = a_print(
        "page", number="试发〔2026〕11号", issued_on=day, addresses=["https://www.a.gov.cn/x.html"]
    )
    mirror = a_print("mirror", title=TRADITIONAL.convert(TITLE), text=TRADITIONAL.convert(BODY))
    repost = a_print("repost", title=f"{TITLE}（转载）", text=f"（转载）{BODY}")
    old = a_print("old", title="", text="", addresses=["http://a.gov.cn/x.html"])
    other = a_print("other", number="试发〔2026〕12号", text=BODY)
    assert clusters([page, other, mirror, repost, old]) == [("page", "mirror", "repost", "old")]
