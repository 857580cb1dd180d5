"""The sheet's columns: every field has one or is known to have none, and cells are read back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kb.domain.columns import BY_TITLE, COLUMNS, column_at, find_column
from kb.domain.entry import Entry
from kb.domain.relief import Relief
from kb.domain.taxonomy import Taxonomy
from kb.domain.values import cell_of, put_at, value_of
from kb.errors import KbError
from kb.store import entries
from tests.conftest import Base

KEPT = {
    "body",
    "relations",
    "profile",
    "points",
    "attachments",
    "reliefs",
    "verified.doubts",
    "verified.confirmed_by",
    "sources.snapshot",
    "worth.base",
    "worth.rate",
    "worth.each",
    "worth.up_to",
    "worth.months",
    "worth.floor",
    "worth.cap",
    "apply.templates",
    "apply.windows.closed",
    "apply.windows.note",
}
"""What stays as it is, since no cell can say it."""


def test_every_field_of_the_record_has_a_column_or_stays_as_it_is() -> None:
    had = {".".join(str(step) for step in one.path if step != 0) for one in COLUMNS}
    fields = {*_leaves(Entry), *_leaves(Relief)}
    assert {one for one in fields if not any(_covers(known, one) for known in had | KEPT)} == set()


def _covers(known: str, path: str) -> bool:
    return path == known or path.startswith(known + ".")


def _leaves(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = next(_models(field.annotation), None)
        if inner is None or name == "conditions":
            yield before + name
        else:
            yield from _leaves(inner, f"{before}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


@pytest.mark.parametrize(
    "header", ["条件（每行一条）", "条件", " 条件 (每行一条) *", "\ufeff条件", "条\n件："]
)
def test_a_header_is_known_however_it_is_written(header: str) -> None:
    assert find_column(header) is BY_TITLE["条件（每行一条）"]


def test_headers_do_not_collide() -> None:
    assert all(find_column(one.title) is one for one in COLUMNS)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (("reliefs", 3, "apply", "channel"), "办理渠道"),
        (("regions", "include", 0), "适用地区"),
        (("reliefs", 0, "conditions", 2, "value"), "条件（每行一条）"),
        (("sources", 0, "url"), "来源网址"),
        (("in_force",), "期限起"),
    ],
)
def test_a_finding_leads_to_its_column(path: tuple[str | int, ...], title: str) -> None:
    column = column_at(path)
    assert column is not None
    assert column.title == title


def test_what_has_no_column_leads_to_none() -> None:
    assert column_at(("relations", 0, "to")) is None
    assert column_at(("sources", 1, "url")) is None


def test_every_cell_of_every_shipped_entry_is_read_back(shipped: Base, taxonomy: Taxonomy) -> None:
    """Read alone, with nothing held: only rules, which no cell can say, become plain sentences."""
    for held in entries.all_current(shipped.db):
        data = json.loads(entries.to_json(held.entry))
        for column in COLUMNS:
            for part in [data] if column.level == "entry" else data.get("reliefs", []):
                cell = cell_of(column, part, taxonomy)
                if cell and column.path:
                    again: dict[str, Any] = {"issued_on": part.get("issued_on")}
                    put_at(again, column.path, value_of(column, cell, None, taxonomy))
                    assert cell_of(column, again, taxonomy) == cell, (held.entry.id, column.title)


@given(st.lists(st.text("甲乙 、；,/\n", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=4))
def test_names_are_read_back_whatever_stands_in_them(taxonomy: Taxonomy, names: list[str]) -> None:
    column = BY_TITLE["发文机关"]
    cell = cell_of(column, {"issuers": names}, taxonomy)
    again = value_of(column, cell, None, taxonomy)
    assert [" ".join(one.split("\n")).strip() for one in again] == [
        " ".join(one.split("\n")).strip() for one in names
    ]


@pytest.mark.parametrize(
    "said", ["2020-02-20", "2020年2月20日", "2020/2/20", "2020.02.20", "2020-02-20 00:00:00"]
)
def test_a_day_may_be_written_in_several_ways(taxonomy: Taxonomy, said: str) -> None:
    assert value_of(BY_TITLE["成文日期"], said, None, taxonomy) == "2020-02-20"


@pytest.mark.parametrize("said", ["2020年2月", "43881", "去年", "2020-02-30", "2020-02-20 13:30"])
def test_what_is_no_day_says_how_to_write_one(taxonomy: Taxonomy, said: str) -> None:
    with pytest.raises(KbError, match="2020-02-20"):
        value_of(BY_TITLE["成文日期"], said, None, taxonomy)


def test_words_are_found_by_label_key_and_other_names(taxonomy: Taxonomy) -> None:
    assert value_of(BY_TITLE["规模"], "小型、micro，中型企业", None, taxonomy) == ["small", "micro", "medium"]
    assert value_of(BY_TITLE["适用地区"], "湖南；湖北省武汉市", None, taxonomy) == ["430000", "420100"]
    assert value_of(BY_TITLE["困难"], "客户流失、订单减少", None, taxonomy) == ["customers-lost"]


def test_two_words_called_alike_are_told_apart_by_their_key(taxonomy: Taxonomy) -> None:
    column = BY_TITLE["困难"]
    keys = [term.key for term in taxonomy.needs if term.label == "低价中标"]
    cell = cell_of(column, {"needs": keys}, taxonomy)
    assert value_of(column, cell, None, taxonomy) == keys
    with pytest.raises(KbError, match=keys[0]):
        value_of(column, "低价中标", None, taxonomy)


def test_a_word_that_is_none_says_what_may_stand_there(taxonomy: Taxonomy) -> None:
    with pytest.raises(KbError, match="税费减免"):
        value_of(BY_TITLE["支持类型"], "税费减", None, taxonomy)


def test_a_line_that_stays_keeps_its_rule(taxonomy: Taxonomy) -> None:
    rule = {"text": "出租方是国有的", "field": "landlord_state_owned", "op": "eq", "value": True}
    plain = {"text": "不裁员", "source": "不裁员或少裁员"}
    column = BY_TITLE["条件（每行一条）"]
    added = value_of(column, "不裁员\n出租方是国有的\n按时交租", [rule, plain], taxonomy)
    assert added == [plain, rule, {"text": "按时交租"}]
    reworded = value_of(column, "出租方是国有的\n没有裁员", [rule, plain], taxonomy)
    assert reworded == [rule, {"text": "没有裁员", "source": "不裁员或少裁员"}]
    with pytest.raises(KbError, match="计算规则"):
        value_of(column, "出租方是国企", [rule], taxonomy)
