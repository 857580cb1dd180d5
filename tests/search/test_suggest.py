"""Suggestions while typing: by number, everyday name, title, region, need, pinyin; what is current first."""

from __future__ import annotations

from datetime import date

import pytest

from kb.domain.docnumber import parse
from kb.search import indexing, suggest
from kb.search.helping import Option
from kb.search.names import names_of, numbers_of, squeezed
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry

SUMMER = date(2020, 8, 1)


def offered(base: Base, text: str, day: date = TODAY, limit: int = 8) -> tuple[Option, ...]:
    return suggest(base.library, text, day, limit)


def test_a_bare_number_offers_each_document_that_carries_it(shipped: Base) -> None:
    found = offered(shipped, "11号", SUMMER)
    carried = [
        record.id
        for record in shipped.library.reader.generation().table.records
        if record.doc_number and parse(record.doc_number).serial == 11 and record.known_on <= SUMMER
    ]
    assert len(carried) > 2
    assert {one.entry for one in found} == set(carried)
    assert all("11号" in one.query for one in found)


@pytest.mark.parametrize("text", ["人社部发〔2026", "人社部发2026", "人社部发(2026)39", "39号"])
def test_the_beginning_of_a_number_is_enough_however_it_is_bracketed(shipped: Base, text: str) -> None:
    assert offered(shipped, text)[0].entry == "nat-2026-mohrss-39"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("背靠", "nat-2026-gwy-802"),
        ("稳岗", "nat-2026-mohrss-39"),
        ("款项支付条例", "nat-2026-gwy-802"),
        ("idc", "service-data-centre-course"),
        ("高企 认定", "nat-2026-gaoqi-32"),
    ],
)
def test_everyday_names_and_titles_lead_to_entries(shipped: Base, text: str, entry: str) -> None:
    assert entry in {one.entry for one in offered(shipped, text)[:3]}


def test_what_is_current_on_the_day_comes_first_and_what_is_over_says_so(shipped: Base) -> None:
    over = [one.over for one in offered(shipped, "稳岗")]
    assert over == sorted(over)
    assert set(over) == {False, True}
    assert not offered(shipped, "养老保险免征", SPRING)[0].over
    assert offered(shipped, "养老保险免征", TODAY)[0].over


def test_nothing_that_was_not_yet_issued_is_offered(shipped: Base) -> None:
    found = offered(shipped, "稳岗", SPRING, 50)
    known = {
        record.id for record in shipped.library.reader.generation().table.records if record.known_on <= SPRING
    }
    assert {one.entry for one in found if one.entry} <= known


@pytest.mark.parametrize(("text", "label"), [("杭州", "杭州市"), ("湖南", "湖南省"), ("贷款周", "贷款周转")])
def test_regions_and_needs_are_offered_as_words(shipped: Base, text: str, label: str) -> None:
    assert label in {one.query for one in offered(shipped, text, limit=20) if not one.entry}


@pytest.mark.parametrize("text", ["gongji", "gongjijin", "gjj", "gong ji", "公基金", "GongJiJin"])
def test_pinyin_and_slips_are_offered_what_was_meant(shipped: Base, text: str) -> None:
    found = offered(shipped, text, SPRING)
    assert found[0] == Option("公积金", "公积金")
    assert any("公积金" in one.label and one.entry for one in found)


def test_nobody_is_offered_the_same_twice(shipped: Base) -> None:
    for text in ("贷款", "企业", "2020", "社保", "gong"):
        found = [one.entry or one.label for one in offered(shipped, text, limit=50)]
        assert len(found) == len(set(found))


@pytest.mark.parametrize("text", ["", "  ", "〔〕", "龘龘龘"])
def test_nothing_typed_or_known_offers_nothing(shipped: Base, text: str) -> None:
    assert offered(shipped, text) == ()


def test_a_new_entry_is_offered_at_once(base: Base) -> None:
    assert offered(base, "试验费用") == ()
    entries.publish(base.db, an_entry(aliases=("试验费用缓交",)), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    (option,) = offered(base, "试验费用")
    assert option.entry == "nat-2020-test-1"


def test_names_are_found_inside_but_figures_only_whole(shipped: Base) -> None:
    records = shipped.library.reader.generation().table.records
    numbers, names = numbers_of(records).names, names_of(records)
    assert [name.text for name, _ in numbers.holding([squeezed("云政发〔2020〕11号")])] == [
        "云政发〔2020〕11号"
    ]
    assert not any("111号" in name.text for name, _ in numbers.holding(["11号"]))
    assert all(begins for name, begins in names.holding(["稳岗返还"]) if name.text == "稳岗返还")
