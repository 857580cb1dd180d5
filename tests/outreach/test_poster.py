"""The poster of an entry: few words, nothing that matters lost, the smaller the more there is."""

from __future__ import annotations

import pytest

from kb.domain.entry import BACKGROUND_KINDS
from kb.outreach.poster import SHOWN, SIZES, Poster, poster_of
from kb.outreach.sheet import Sheet, sheet_on
from kb.store import entries
from tests.conftest import TODAY, Base


@pytest.fixture(scope="module")
def sheets(shipped: Base) -> list[Sheet]:
    found = (sheet_on(shipped.db, one, TODAY) for one in entries.all_current(shipped.db))
    return [sheet for sheet in found if sheet]


@pytest.fixture(scope="module")
def posters(shipped: Base, sheets: list[Sheet]) -> list[tuple[Sheet, Poster]]:
    return [(sheet, poster_of(sheet, shipped.terms.taxonomy)) for sheet in sheets]


def test_every_entry_has_a_poster_that_says_what_it_must(posters: list[tuple[Sheet, Poster]]) -> None:
    for sheet, poster in posters:
        assert poster.headline
        assert poster.gets or poster.gist or sheet.entry.is_notice
        assert len(poster.gets) + poster.more == len(sheet.reliefs)
        assert len(poster.gets) <= SHOWN
        if sheet.entry.kind not in BACKGROUND_KINDS:
            assert poster.checked
        if sheet.reliefs:
            assert poster.who
            assert poster.how
            assert poster.until or all(one.until for one in poster.gets)


def test_what_is_not_verified_is_said(posters: list[tuple[Sheet, Poster]]) -> None:
    for sheet, poster in posters:
        doubtful = bool(sheet.entry.verified.doubts or sheet.entry.is_lead)
        assert doubtful == any("内容待核实" in note for note in poster.notes)
        if sheet.entry.kind in BACKGROUND_KINDS:
            assert any("2020年" in note for note in poster.notes)


def test_what_has_ended_or_may_have_is_not_to_be_put_up(posters: list[tuple[Sheet, Poster]]) -> None:
    for sheet, poster in posters:
        background = sheet.entry.kind in BACKGROUND_KINDS
        warned = any("不要张贴" in note for note in poster.notes)
        assert warned == (not background and (sheet.status.status == "expired" or sheet.status.stale))
    assert any("已失效" in note for _, poster in posters for note in poster.notes)


def test_the_more_there_is_to_say_the_smaller_it_is_written(posters: list[tuple[Sheet, Poster]]) -> None:
    lengths: dict[int, list[int]] = {}
    for _sheet, poster in posters:
        said = sum(len(one.title + one.what) for one in poster.gets) + len(poster.headline + poster.gist)
        lengths.setdefault(poster.density, []).append(said)
    assert set(lengths) <= set(range(1, len(SIZES) + 1))
    assert len(lengths) > 1
    means = [sum(lengths[at]) / len(lengths[at]) for at in sorted(lengths)]
    assert means == sorted(means)
