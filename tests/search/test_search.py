"""Searching: what is typed is understood, filters hold on one relief, days before issue know nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.domain.entry import BACKGROUND_KINDS
from kb.domain.taxonomy import Taxonomy
from kb.search import Library, Request, indexing, search, suggest
from kb.search import query as queries
from kb.search.evaluate import evaluate, ndcg, recall, reciprocal_rank
from kb.search.snippets import as_html, as_text, mark, snippet
from kb.search.table import FIELDS, Filters
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry


def ids(
    library: Library, text: str, day: date = TODAY, limit: int = 10, **filters: tuple[str, ...]
) -> list[str]:
    answer = search(library, Request(text, day, Filters(**filters), limit=limit))
    return [hit.record.id for hit in answer.hits]


# What members ask, on the shipped knowledge base


@pytest.mark.parametrize(
    ("text", "day", "expected", "within"),
    [
        ("养老保险 免征", SPRING, "nat-2020-mohrss-11", 3),
        ("機房 電費", SPRING, "nat-2020-ndrc-258", 3),
        ("建金2020 23号", SPRING, "nat-2020-mohurd-23", 1),
        ("建金〔2020〕23号", SPRING, "nat-2020-mohurd-23", 1),
        ("医保发2020 6号", SPRING, "nat-2020-nhsa-6", 1),
        ("残保金", TODAY, "nat-2026-mof-2023-8", 1),
        ("背靠背", TODAY, "nat-2026-gwy-802", 2),
        ("公告2023年第7号", TODAY, "nat-2026-mof-sta-2023-7", 1),
        ("稳岗补贴", TODAY, "nat-2026-mohrss-39", 3),
        ("研发费用加计扣除", TODAY, "nat-2026-mof-sta-2023-7", 1),
        ("运营商拖欠工程款", TODAY, "nat-2026-gwy-802", 3),
    ],
)
def test_a_question_finds_its_policy(shipped: Base, text: str, day: date, expected: str, within: int) -> None:
    assert expected in ids(shipped.library, text, day)[:within]


def test_rent_of_an_office_building_finds_the_rent_relief_of_2020(shipped: Base) -> None:
    found = search(shipped.library, Request("写字楼 租金", SPRING))
    assert "rent" in found.hits[0].record.relief_types


def test_today_holds_nothing_from_before_2022_without_a_confirmation(shipped: Base) -> None:
    for text in ("", "贷款", "租金", "社保", "通信工程"):
        answer = search(shipped.library, Request(text, TODAY, limit=1000))
        for hit in answer.hits:
            issued = hit.record.issued_on or hit.record.known_on
            held = entries.get(shipped.db, hit.record.id)
            assert held
            assert issued.year >= 2022 or held.entry.verified.confirmed_on, hit.record.id


def test_a_long_term_policy_is_open_without_an_end(shipped: Base) -> None:
    (hit,) = search(shipped.library, Request("公告2023年第7号", TODAY, limit=1)).hits
    assert (hit.status.status, hit.status.end_kind, hit.status.end) == ("open", "long_term", None)


def test_nothing_that_was_not_yet_issued_is_in_answers_counts_or_facets(shipped: Base) -> None:
    answer = search(shipped.library, Request("", SPRING, Filters(status=("all",)), limit=1000))
    assert all(hit.record.known_on <= SPRING for hit in answer.hits)
    assert max(one.value for one in answer.facets["year"]) == "2020"
    assert search(shipped.library, Request("", date(2015, 1, 1), Filters(status=("all",)))).total == 0


# Understanding


@pytest.mark.parametrize(
    ("raw", "text", "phrases", "excluded"),
    [
        ("养老保险 免征", "养老保险 免征", (), ()),
        ("“通信工程” -湖北", "", ("通信工程",), ("湖北",)),
        ('贷款 "中小 企业" -"疫情 防控"', "贷款", ("中小 企业",), ("疫情 防控",)),
        ("ＩＤＣ機房", "idc机房", (), ()),
        ('没有结束的 "引号', "没有结束的 引号", (), ()),
        ("-", "-", (), ()),
        ("(((AND OR NOT)))", "(((and or not)))", (), ()),
        ("", "", (), ()),
    ],
)
def test_words_phrases_and_exclusions(
    taxonomy: Taxonomy, raw: str, text: str, phrases: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    query = queries.parse(raw, taxonomy)
    assert (query.text, query.phrases, query.excluded) == (text, phrases, excluded)


def test_staff_may_name_fields(taxonomy: Taxonomy) -> None:
    query = queries.parse("region:长沙 type:税费减免 kind:policy issuer:财政部 贷款", taxonomy)
    assert query.filters == {
        "region": ("430100",),
        "type": ("tax",),
        "kind": ("policy",),
        "issuer": ("财政部",),
    }
    assert query.text == "贷款"


def test_an_unknown_value_is_a_notice_that_names_the_accepted_ones(taxonomy: Taxonomy) -> None:
    (notice,) = queries.parse("type:魔法", taxonomy).notices
    assert "没有「魔法」" in str(notice)
    assert "税费减免（tax）" in str(notice)


def test_what_is_too_long_is_cut_and_said(taxonomy: Taxonomy) -> None:
    query = queries.parse("贷" * 5000, taxonomy)
    assert len(query.text) == queries.MAX_CHARACTERS
    assert query.notices
    assert queries.parse("( " * 5000, taxonomy).notices


def test_phrase_and_exclusion_are_literal(base: Base) -> None:
    entries.publish(base.db, an_entry("nat-2020-test-1", body="通信工程施工企业"), "a", "")
    entries.publish(base.db, an_entry("nat-2020-test-2", body="工程通信的企业"), "a", "")
    indexing.catch_up(base.library.settings, base.db)
    assert ids(base.library, '"通信工程"', status=("all",)) == ["nat-2020-test-1"]
    assert ids(base.library, '"通信工程施工"', status=("all",)) == ["nat-2020-test-1"]
    assert ids(base.library, "企业 -通信工程", status=("all",)) == ["nat-2020-test-2"]
    assert ids(base.library, "税", status=("all",)) == []


def test_a_single_character_finds_what_holds_it(base: Base) -> None:
    entries.publish(base.db, an_entry(body="这里讲税。"), "a", "")
    indexing.catch_up(base.library.settings, base.db)
    assert ids(base.library, "税", status=("all",)) == ["nat-2020-test-1"]


@settings(max_examples=150)
@given(text=st.text(max_size=80))
@example("(" * 10_000)
@example("\0\ud7ff")
@example('"' * 300)
@example("region: type: kind: -: ::")
@example("number:１１号 11号 令第1号")
@example("*?~^[]{}\\/&&||!()")
def test_nothing_that_can_be_typed_raises(shipped: Base, text: str) -> None:
    search(shipped.library, Request(text, TODAY))
    suggest(shipped.library, text, TODAY)


# Document numbers


def test_a_bare_number_that_fits_several_asks_which(base: Base) -> None:
    for name, number in (("a", "甲发〔2020〕11号"), ("b", "乙发〔2020〕11号"), ("c", "丙发〔2020〕12号")):
        entries.publish(base.db, an_entry(f"nat-2020-{name}", doc_number=number), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    answer = search(base.library, Request("11号", TODAY, Filters(status=("all",))))
    assert answer.suggestion
    assert "您要找哪一个" in answer.suggestion.message
    assert {option.entry for option in answer.suggestion.options} == {"nat-2020-a", "nat-2020-b"}
    whole = search(base.library, Request("甲发〔2020〕11号", TODAY, Filters(status=("all",))))
    assert whole.suggestion is None
    assert whole.hits[0].record.id == "nat-2020-a"


def test_an_unverified_number_is_found_by_and_never_offered(base: Base) -> None:
    entry = an_entry("nat-2020-a", doc_number=None, doc_number_candidate="甲发〔2020〕77号")
    entries.publish(base.db, entry, "x", "")
    indexing.catch_up(base.library.settings, base.db)
    assert ids(base.library, "甲发〔2020〕77号", status=("all",)) == ["nat-2020-a"]
    assert all("77" not in option.label for option in suggest(base.library, "77号", TODAY))


# Filters and facets


def test_region_size_type_and_status_hold_on_one_same_relief(base: Base) -> None:
    reliefs = [
        {"id": "a", "type": "tax", "title": "甲", "what": "甲", "audience": {"sizes": ["micro"]}},
        {"id": "b", "type": "rent", "title": "乙", "what": "乙", "audience": {"sizes": ["large"]}},
    ]
    entry = an_entry(reliefs=reliefs, in_force={"end_kind": "long_term"})
    entries.publish(base.db, entry, "a", "")
    indexing.catch_up(base.library.settings, base.db)
    assert ids(base.library, "", type=("tax",), size=("micro",))
    assert ids(base.library, "", type=("rent",), size=("large",))
    assert not ids(base.library, "", type=("tax",), size=("large",))
    facets = search(base.library, Request("", TODAY, Filters(size=("large",)))).facets
    assert {one.value: one.count for one in facets["type"]} == {"rent": 1}


def test_a_relief_that_excludes_a_province_is_not_offered_there(shipped: Base) -> None:
    inside = search(shipped.library, Request("", SPRING, Filters(region=("420100",)), limit=1000))
    others = [hit.record for hit in inside.hits]
    assert all(
        any(code in ("100000", "420000", "420100") for code in record.regions.include) for record in others
    )


@settings(max_examples=60)
@given(
    day=st.sampled_from([date(2020, 2, 15), SPRING, date(2020, 8, 1), TODAY]),
    region=st.sampled_from([(), ("430100",), ("110000",), ("100000",), ("420000",)]),
    size=st.sampled_from([(), ("micro",), ("large",)]),
    kind=st.sampled_from([(), ("policy",), ("service", "policy")]),
    field=st.sampled_from(FIELDS),
    text=st.sampled_from(["", "租金", "贷款 企业"]),
)
def test_a_facet_counts_what_choosing_it_gives(
    shipped: Base,
    day: date,
    region: tuple[str, ...],
    size: tuple[str, ...],
    kind: tuple[str, ...],
    field: str,
    text: str,
) -> None:
    chosen = {"region": region, "size": size, "kind": kind}
    facets = search(shipped.library, Request(text, day, Filters(**chosen), limit=0)).facets
    for one in facets[field][:4]:
        filters = Filters(**{**chosen, field: (one.value,)})
        assert search(shipped.library, Request(text, day, filters, limit=0)).total == one.count, one


def test_the_default_status_leaves_out_what_it_counts_as_hidden(shipped: Base) -> None:
    shown = search(shipped.library, Request("租金", TODAY, limit=0))
    everything = search(shipped.library, Request("租金", TODAY, Filters(status=("all",)), limit=0))
    assert shown.hidden == everything.total - shown.total > 0


def test_where_nothing_is_in_force_the_ended_ones_are_named(shipped: Base) -> None:
    answer = search(shipped.library, Request("機房 電費", TODAY))
    assert answer.total == 0
    assert answer.suggestion
    assert answer.suggestion.about == "ended"
    assert answer.suggestion.options[0].entry in ("nat-2020-ndrc-258", "nat-2020-ndrc-994")


def test_the_papers_of_2020_have_no_term(shipped: Base) -> None:
    answer = search(shipped.library, Request("", TODAY, Filters(kind=tuple(BACKGROUND_KINDS)), limit=0))
    assert answer.total == 31
    assert answer.hidden == 0


def test_sorting_by_end_puts_the_soonest_first_and_the_ended_last(shipped: Base) -> None:
    filters = Filters(status=("all",))
    hits = search(shipped.library, Request("", TODAY, filters, sort="end", limit=1000)).hits
    ends = [hit.status.end for hit in hits]
    coming = [end for end in ends if end and end >= TODAY]
    assert coming == sorted(coming)
    assert ends[: len(coming)] == coming
    gone = [end for end in ends if end and end < TODAY]
    assert gone == sorted(gone, reverse=True)
    dates = [
        hit.record.issued_on or date.min
        for hit in search(shipped.library, Request("", TODAY, filters, sort="date", limit=1000)).hits
    ]
    assert dates == sorted(dates, reverse=True)


# Scores, snippets, measures


def test_a_snippet_marks_hits_and_escapes_the_rest() -> None:
    parts = snippet("前言。<b>单位</b>缴费免征，最长五个月。后语。", {"免征": 1.0})
    assert as_html(parts) == "&lt;b&gt;单位&lt;/b&gt;缴费<mark>免征</mark>，最长五个月。后语。"
    assert "【免征】" in as_text(parts)


@given(text=st.text(max_size=200), tokens=st.lists(st.text(min_size=1, max_size=3), max_size=4))
def test_a_snippet_says_nothing_that_is_not_in_the_text(text: str, tokens: list[str]) -> None:
    parts = mark(text, dict.fromkeys(tokens, 1.0))
    assert "".join(part.text for part in parts) == text
    shown = "".join(part.text for part in snippet(text, dict.fromkeys(tokens, 1.0)))
    assert len(shown) <= 92
    assert set(shown) <= set(text) | {"…"}


def test_measures_are_those_of_the_textbook() -> None:
    good = frozenset({"a", "b"})
    assert recall(["x", "a", "b"], good, 2) == 0.5
    assert reciprocal_rank(["x", "a"], good) == 0.5
    assert reciprocal_rank(["x"] * 10 + ["a"], good) == 0.0
    assert ndcg(["a", "b"], good) == 1.0
    assert ndcg(["x", "a"], frozenset({"a"})) == pytest.approx(0.6309, abs=1e-4)


def test_relevance_on_the_epidemic_questions_keeps_its_floor(shipped: Base, shared: Path) -> None:
    folder = shared / "eval" / "ncp"
    figures = evaluate(shipped.library, folder / "docs.jsonl", folder / "queries-dev.jsonl")
    assert (figures.documents, figures.questions) == (599, 348)
    assert figures.mrr_at_10 >= 0.895
