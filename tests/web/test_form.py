"""The form of an entry: what it shows reads back as what it was, and what nobody understands is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.entry import Entry
from kb.domain.reading import keys_at, read_record
from kb.domain.taxonomy import Taxonomy
from kb.store import entries
from kb.store.entries import to_json
from kb.store.terms import load_terms
from tests.conftest import POLICIES, Base, an_entry
from web.desk.editing import CONFIRMATION
from web.desk.fields import ENTRY, node_at
from web.desk.filled import place_of, problems_of
from web.desk.form import act, decode, encode
from web.desk.nodes import Field, Node, Part

TAXONOMY = load_terms(POLICIES).taxonomy


def data_of(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(entry))
    return found


def test_every_shipped_entry_comes_back_from_its_form(shipped: Base, taxonomy: Taxonomy) -> None:
    held = [data_of(one.entry) for one in entries.all_current(shipped.db)]
    assert len(held) > 200
    typed = [without_confirmation(data) for data in held]
    assert typed != held
    assert [decode(encode(data, taxonomy), taxonomy) for data in held] == typed


def without_confirmation(data: dict[str, Any]) -> dict[str, Any]:
    """The record without what no form says: when and by whom the entry was confirmed."""
    verified = {key: value for key, value in data.get("verified", {}).items() if key not in CONFIRMATION}
    rest = {key: value for key, value in data.items() if key != "verified"}
    return {**rest, "verified": verified} if verified else rest


# -- generated entries -----------------------------------------------------------------------------

WORDS = st.text("企业减免《》=+-'\"<b>&甲乙 1%", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.dates().map(lambda day: day.isoformat())
YUAN = st.integers(0, 10**12).map(str) | st.decimals(0, 10**9, places=2).map(str)
RATES = st.integers(0, 1000).map(lambda n: f"{n / 1000:g}")
CODES = st.lists(st.sampled_from([one.code for one in TAXONOMY.regions.all]), max_size=3, unique=True)
TYPES = st.sampled_from(sorted(TAXONOMY.types.by_key))


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=3)


def record(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping as the store writes it: what is empty is left out."""
    made = st.fixed_dictionaries(required, optional=optional)
    return made.map(lambda data: {key: value for key, value in data.items() if value not in ([], {}, "")})


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from(list(TAXONOMY.facts.values())))
    if fact.type == "bool":
        return {"field": fact.key, "op": "eq", "value": draw(st.booleans())}
    if fact.type in ("choice", "set"):
        keys = [one.code for one in TAXONOMY.regions.all] if fact.of == "regions" else list(fact.choices)
        keys = keys or sorted(getattr(TAXONOMY, fact.of).by_key)
        chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True))
        return {"field": fact.key, "op": "in", "value": chosen}
    figure = {"date": DAYS, "rate": st.sampled_from(["0.5", "0.055", 1, 0])}.get(
        fact.type, st.integers(0, 10**9)
    )
    between = draw(st.booleans())
    value = [draw(figure), draw(figure)] if between else draw(figure)
    unit = {"unit": fact.unit} if fact.unit else {}
    return {"field": fact.key, "op": "between" if between else "le", "value": value, **unit}


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    data = draw(record({"text": WORDS}, {"source": WORDS}))
    shape = draw(st.sampled_from(["manual", "one", "any"]))
    if shape == "one":
        return {**data, **draw(comparisons())}
    several = draw(st.lists(comparisons(), min_size=1, max_size=2))
    return data if shape == "manual" else {**data, "any": several}


LINKS = some(record({"title": WORDS}, {"url": WORDS}))
REGIONS = record({}, {"include": CODES, "exclude": CODES})
PERIODS = record({"end_kind": st.just("dated"), "end": DAYS}, {"note": WORDS, "inferred": WORDS})
RELIEFS = record(
    {"id": st.just("tax-1"), "type": TYPES, "title": WORDS, "what": WORDS},
    {
        "audience": record({}, {"sizes": some(st.sampled_from(["micro", "small"])), "regions": REGIONS}),
        "conditions": some(conditions()),
        "worth": record(
            {"text": WORDS},
            {
                "rate": RATES,
                "cap": YUAN,
                "floor": YUAN,
                "each": YUAN,
                "months": st.integers(1, 36),
                "up_to": st.just(True),
            },
        ),
        "period": PERIODS,
        "apply": record(
            {"channel": st.sampled_from(["apply", "bank"])},
            {
                "steps": some(WORDS),
                "templates": LINKS,
                "windows": some(record({"note": WORDS}, {"opens": DAYS, "closed": st.just(True)})),
                "handling_days": st.integers(0, 90),
            },
        ),
    },
)
ENTRIES = record(
    {"id": st.just("nat-1"), "kind": st.just("policy"), "title": WORDS, "promise": WORDS, "known_on": DAYS},
    {
        "aliases": some(WORDS),
        "body": st.text("文\n#- <", max_size=20).map(str.strip),
        "issued_on": DAYS,
        "in_force": PERIODS,
        "regions": REGIONS,
        "reliefs": some(RELIEFS),
        "relations": some(record({"type": st.just("extends"), "to": WORDS, "end": DAYS}, {"from": DAYS})),
        "needs": some(WORDS),
        "points": some(record({"text": WORDS}, {"types": some(TYPES), "note": WORDS})),
        "sources": some(
            record(
                {"document": WORDS}, {"snapshot": st.just({"sha256": "0" * 64, "fetched_at": "2026-01-01"})}
            )
        ),
        "attachments": LINKS,
        "verified": record(
            {}, {"level": st.just("lead"), "doubts": st.dictionaries(st.just("title"), WORDS)}
        ),
    },
)


@given(ENTRIES)
def test_whatever_an_entry_says_comes_back_from_its_form(data: dict[str, Any]) -> None:
    assert decode(encode(data, TAXONOMY), TAXONOMY) == data


@given(st.dictionaries(st.sampled_from(sorted(encode(data_of(an_entry()), TAXONOMY))), st.text(max_size=30)))
def test_whatever_is_typed_stands_in_the_field_again(typed: dict[str, str]) -> None:
    once = decode({name: [text] for name, text in typed.items()}, TAXONOMY)
    assert decode(encode(once, TAXONOMY), TAXONOMY) == once


# -- what people type ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("issued_on", "2026年3月1日", "2026-03-01"),
        ("issued_on", "二〇二六年三月一日", "2026-03-01"),
        ("issued_on", "2026-3-1", "2026-03-01"),
        ("issued_on", "2026年3月", "2026年3月"),
        ("issuers", "财政部\r\n\r\n 税务总局 ", ["财政部", "税务总局"]),
        ("body", "一\r\n二", "一\n二"),
    ],
)
def test_a_field_understands_what_people_write(name: str, typed: str, meant: object) -> None:
    assert decode({name: [typed]}, TAXONOMY) == {name: meant}


@pytest.mark.parametrize(
    ("typed", "yuan", "shown"),
    [
        ("300万元", "3000000", "3,000,000"),
        ("300万", "3000000", "3,000,000"),
        ("3,000,000", "3000000", "3,000,000"),
        ("3000000", "3000000", "3,000,000"),
        ("1.5亿", "150000000", "150,000,000"),
        ("３００万", "3000000", "3,000,000"),
        ("3百", "3百", "3百"),
        ("3,00", "3,00", "3,00"),
        ("一百万", "一百万", "一百万"),
    ],
)
def test_money_is_kept_in_yuan(typed: str, yuan: str, shown: str) -> None:
    data = decode({"reliefs-0-worth-cap": [typed]}, TAXONOMY)
    assert data["reliefs"][0]["worth"]["cap"] == yuan
    assert encode(data, TAXONOMY)["reliefs-0-worth-cap"] == [shown]


@pytest.mark.parametrize(
    ("typed", "share", "shown"),
    [
        ("50%", "0.5", "50%"),
        ("0.5", "0.5", "50%"),
        ("50", "0.5", "50%"),
        ("200%", "2", "200%"),
        ("半", "半", "半"),
    ],
)
def test_a_rate_may_be_written_as_a_percentage(typed: str, share: str, shown: str) -> None:
    data = decode({"reliefs-0-worth-rate": [typed]}, TAXONOMY)
    assert data["reliefs"][0]["worth"]["rate"] == share
    assert encode(data, TAXONOMY)["reliefs-0-worth-rate"] == [shown]


@pytest.mark.parametrize("typed", ["湖南省", "湖南", "430000"])
def test_a_region_is_found_by_name_or_code(typed: str) -> None:
    data = decode({"regions-include": [typed, ""]}, TAXONOMY)
    assert data == {"regions": {"include": ["430000"]}}
    assert encode(data, TAXONOMY)["regions-include"] == ["湖南省"]


def test_regions_may_be_written_in_one_field_and_an_unknown_one_stays() -> None:
    data = decode({"regions-include": ["长沙、株洲，湖南国"]}, TAXONOMY)
    assert data["regions"]["include"] == ["430100", "430200", "湖南国"]


@pytest.mark.parametrize(
    ("field", "op", "typed", "value"),
    [
        ("headcount", "le", ["300"], 300),
        ("revenue", "lt", ["4亿元"], 400_000_000),
        ("layoff_rate", "le", ["5.5%"], "0.055"),
        ("headcount", "between", ["10 至 300"], [10, 300]),
        ("founded_on", "ge", ["2025年1月1日"], "2025-01-01"),
        ("insured", "eq", ["是"], True),
        ("ownership", "eq", ["民营"], "private"),
        ("size", "in", ["小型"], ["small"]),
        ("certificates", "has", ["高新技术企业、科技型中小企业"], ["high-tech", "tech-sme"]),
        ("region", "in", ["长沙"], ["430100"]),
        ("headcount", "le", ["3百"], "3百"),
    ],
)
def test_a_condition_is_written_as_people_speak(field: str, op: str, typed: list[str], value: object) -> None:
    start = "reliefs-0-conditions-0-"
    form = {f"{start}field": [field], f"{start}op": [op], f"{start}value": typed}
    condition = decode(form, TAXONOMY)["reliefs"][0]["conditions"][0]
    assert condition == {"field": field, "op": op, "value": value}


def test_names_that_the_form_does_not_have_are_ignored() -> None:
    form = {
        "title": ["甲"],
        "csrf_token": ["x"],
        "reliefs-0-bonus": ["1"],
        "reliefs-x-title": ["2"],
        "__proto__": ["3"],
    }
    assert decode(form, TAXONOMY) == {"title": "甲", "reliefs": [{}]}


# -- every field of the record is there ------------------------------------------------------------


def _fields(node: Node) -> set[str]:
    inner = node.nodes if isinstance(node, Part) else () if isinstance(node, Field) else node.each.nodes
    named = {one.name for one in inner if one.name}
    return named.union(*(_fields(one) for one in inner if not one.name))


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("in_force",),
        ("regions",),
        ("reliefs",),
        ("reliefs", 0, "audience"),
        ("reliefs", 0, "conditions"),
        ("reliefs", 0, "conditions", 0, "any"),
        ("reliefs", 0, "worth"),
        ("reliefs", 0, "period"),
        ("reliefs", 0, "apply"),
        ("reliefs", 0, "apply", "windows"),
        ("reliefs", 0, "apply", "templates"),
        ("relations",),
        ("sources",),
        ("sources", 0, "snapshot"),
        ("attachments",),
        ("verified",),
        ("profile",),
        ("profile", "demands"),
        ("points",),
    ],
)
def test_the_form_has_every_field_of_the_record(path: tuple[str | int, ...]) -> None:
    node = node_at(path) if path else ENTRY
    assert node is not None
    assert _fields(node) == set(keys_at(path)) - set(CONFIRMATION if path == ("verified",) else ())


# -- buttons ---------------------------------------------------------------------------------------


def test_rows_are_added_moved_and_removed_without_touching_others() -> None:
    data = {"title": "甲", "reliefs": [{"title": "一"}, {"title": "二"}]}
    added, place = act(data, "add:reliefs")
    assert (added["reliefs"][2], place) == ({}, "reliefs-2")
    inner, place = act(data, "add:reliefs-1-apply-windows")
    assert (inner["reliefs"][1], place) == (
        {"title": "二", "apply": {"windows": [{}]}},
        "reliefs-1-apply-windows-0",
    )
    moved, place = act(data, "up:reliefs-1")
    assert ([one["title"] for one in moved["reliefs"]], place) == (["二", "一"], "reliefs-0")
    removed, place = act(data, "remove:reliefs-0")
    assert (removed["reliefs"], place) == ([{"title": "二"}], "reliefs")
    assert data == {"title": "甲", "reliefs": [{"title": "一"}, {"title": "二"}]}


@pytest.mark.parametrize(
    "what",
    [
        "",
        "add:",
        "add:title",
        "add:reliefs-9-conditions",
        "remove:reliefs-9",
        "up:reliefs-0",
        "remove:title-0",
        "drop:reliefs-0",
        "remove:reliefs",
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(what: str) -> None:
    data = {"title": "甲", "reliefs": [{"title": "一"}]}
    assert act(data, what)[0] == data


def test_an_added_row_is_still_there_when_the_form_comes_back_empty() -> None:
    data, _place = act({"title": "甲"}, "add:reliefs")
    data, _place = act(data, "add:reliefs-0-conditions")
    assert decode(encode(data, TAXONOMY), TAXONOMY) == {"title": "甲", "reliefs": [{"conditions": [{}]}]}


# -- what is wrong, at its field and in words ------------------------------------------------------


def _problems(**changes: object) -> dict[str, str]:
    data = {**data_of(an_entry()), **changes}
    _entry, findings = read_record(data, TAXONOMY)
    return {one.name: one.message for one in problems_of(findings, TAXONOMY)}


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"title": ""}, "title", "请填写标题"),
        ({"issued_on": "去年"}, "issued_on", "2026年3月1日"),
        ({"issued_on": None, "known_on": None}, "issued_on", "请填写成文日期"),
        ({"regions": {"include": ["湖南国"]}}, "regions-include", "湖南省"),
        ({"regions": {}}, "regions", "适用地区"),
        ({"sources": []}, "sources", "出处"),
        ({"in_force": {"end_kind": "dated"}}, "in_force", "最后一天"),
        ({"in_force": {"end_kind": "someday"}}, "in_force-end_kind", "列表"),
        ({"reliefs": [{"type": "tax", "id": "tax-1", "what": "好"}]}, "reliefs-0-title", "请填写名称"),
        ({"needs": ["没有"]}, "needs", "没有「没有」"),
        ({"sources": [{"document": "甲", "url": "javascript:alert(1)"}]}, "sources-0-url", "https://"),
        ({"attachments": [{"title": "甲", "url": "www.gov.cn"}]}, "attachments-0-url", "https://"),
        ({"relations": [{"type": "extends", "to_number": "甲"}]}, "relations-0", "延到哪一天"),
    ],
)
def test_a_mistake_stands_at_its_field_in_the_words_of_the_form(
    changes: dict[str, object], name: str, says: str
) -> None:
    found = _problems(**changes)
    assert list(found) == [name]
    assert says in found[name]
    assert "end_kind" not in found[name]


@pytest.mark.parametrize(
    ("op", "value", "says"),
    [
        ("between", [5], "在两个数之间 时写两个数"),
        ("le", [5, 6], "用 不超过 时只写一个数"),
        ("has", 5, "从业人数（数）不能用 有其中一种"),
        ("le", None, "看企业的哪一项、怎么比、比什么 三项要么都写"),
    ],
)
def test_what_is_wrong_with_a_condition_is_said_without_the_keys_of_files(
    op: str, value: object, says: str
) -> None:
    condition = {"text": "甲", "field": "headcount", "op": op, "value": value}
    relief = {**data_of(an_entry())["reliefs"][0], "conditions": [condition]}
    (message,) = _problems(reliefs=[relief]).values()
    assert says in message


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("reliefs", 0, "conditions", 1, "value", "int"), "reliefs-0-conditions-1-value"),
        (("reliefs", 0, "conditions", 1), "reliefs-0-conditions-1"),
        (("verified", "doubts", "titel"), "verified-doubts"),
        (("nonsense",), ""),
        ((), ""),
    ],
)
def test_a_mistake_deep_in_the_record_stands_at_the_nearest_field(
    path: tuple[str | int, ...], name: str
) -> None:
    assert place_of(path)[0] == name
