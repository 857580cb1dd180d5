"""Which entries may be one: by number, title or text, and which only look alike."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ingest.duplicates import Pair, card_of, pairs_of
from kb.store import entries
from tests.conftest import Base

BODY = (
    "为支持中小企业渡过难关，现将阶段性缓缴试验费用有关事项通知如下。中小企业可以缓缴三个月试验费用，"
    "缓缴期间免收滞纳金。企业向所在地试验部门提出申请，提交近三个月财务报表，五个工作日内办结。"
)


def data(entry_id: str, **fields: object) -> dict[str, object]:
    return {
        "id": entry_id,
        "kind": "policy",
        "title": "关于缓缴试验费用的通知",
        "regions": {"include": ["100000"]},
        **fields,
    }


def found(*entries: dict[str, object]) -> list[Pair]:
    return pairs_of(card_of(one) for one in entries)


def why(*entries: dict[str, object]) -> set[str]:
    return {reason for pair in found(*entries) for reason in pair.why}


@pytest.mark.parametrize("other", ["试发【2020】1号", "试发(2020)第１号", "试发 2020 1号"])
def test_one_number_however_written_is_one_document(other: str) -> None:
    (pair,) = found(data("b", doc_number="试发〔2020〕1号"), data("a", title="另一个标题", doc_number=other))
    assert (pair.one, pair.other, pair.score, pair.why) == ("a", "b", 100.0, ("number",))


def test_a_candidate_number_counts_too() -> None:
    one = data("a", doc_number="试发〔2020〕1号", title="甲")
    assert why(one, data("b", doc_number_candidate="试发〔2020〕1号", title="乙")) == {"number"}


@pytest.mark.parametrize(
    "title", ["（转载）关于缓缴试验费用的通知", "缓缴试验费用", "关于印发《关于缓缴试验费用的通知》的通知"]
)
def test_a_title_in_another_wrapping_is_the_same_title(title: str) -> None:
    assert why(data("a"), data("b", title=title)) == {"title"}


def test_alike_titles_of_other_numbers_years_batches_or_places_are_other_documents() -> None:
    one = data("a", doc_number="试发〔2020〕1号")
    assert not found(one, data("b", doc_number="试发〔2020〕2号"))
    assert not found(data("a", title="2025年试验费用缓缴通知"), data("b", title="2026年试验费用缓缴通知"))
    assert not found(data("a", title="第一批试验名单通知"), data("b", title="第二批试验名单通知"))
    assert not found(data("a"), data("b", regions={"include": ["430000"]}))
    assert not found(data("a"), data("b", kind="service"))


def test_nearly_one_text_under_other_titles_is_a_pair() -> None:
    edited = BODY.replace("五个工作日", "5个工作日").replace("现将", "现就")
    assert "text" in why(data("a", body=BODY), data("b", title="一份转发件", body=edited))
    assert not found(data("a", body=BODY), data("b", title="一份转发件", body="完全不同的内容，" * 30))


def test_what_was_said_to_be_two_is_not_shown_again() -> None:
    cards = [card_of(data("a")), card_of(data("b"))]
    assert pairs_of(cards)
    assert not pairs_of(cards, frozenset({("a", "b")}))


def test_the_shipped_entries_are_no_duplicates_of_each_other(shipped: Base) -> None:
    assert pairs_of(card_of(one) for one in entries.all_data(shipped.db)) == []


TITLES = st.sampled_from(["关于缓缴试验费用的通知", "缓缴试验费用", "减租办法", "减免租金的办法", ""])
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "title": TITLES,
            "doc_number": st.sampled_from([None, "试发〔2020〕1号", "试发〔2020〕2号"]),
            "body": st.sampled_from(["", BODY, BODY + "特此通知。", "短"]),
        }
    ),
    max_size=6,
)


@given(ENTRIES)
def test_pairs_are_in_order_once_and_the_same_whatever_the_order(rows: list[dict[str, object]]) -> None:
    listed = [data(f"e{number}", **row) for number, row in enumerate(rows)]
    pairs = found(*listed)
    assert pairs == found(*reversed(listed))
    assert len({(pair.one, pair.other) for pair in pairs}) == len(pairs)
    assert all(pair.one < pair.other and 0 < pair.score <= 100 and pair.why for pair in pairs)
    numbers = {str(one["id"]): one["doc_number"] for one in listed}
    assert all(_may_be_one(numbers[pair.one], numbers[pair.other]) for pair in pairs)


def _may_be_one(*numbers: object) -> bool:
    given: Iterable[object] = {number for number in numbers if number}
    return len(set(given)) <= 1
