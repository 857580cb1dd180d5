"""Words of the desk over the defaults."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import KbError
from kb.store import audit, words
from kb.store.terms import Terms, with_words
from tests.conftest import Base


@pytest.fixture
def plain(terms: Terms) -> Terms:
    """Two default synonyms and one default word."""
    return replace(
        terms, lexicon=("小微企业",), synonyms=(("社保", "社会保险费", 0.7), ("招人", "招用", 0.6))
    )


def test_a_synonym_goes_one_way_or_both(base: Base, plain: Terms) -> None:
    words.add_synonym(base.db, "包租费", "租金", "wang", 0.8)
    words.add_synonym(base.db, "掏电费", "电价", "wang", both=True)
    found = with_words(plain, words.listed(base.db)).synonyms
    assert ("包租费", "租金", 0.8) in found
    assert ("租金", "包租费", 0.8) not in found
    assert {("掏电费", "电价", 0.7), ("电价", "掏电费", 0.7)} <= set(found)
    assert set(plain.synonyms) < set(found)


def test_a_row_takes_the_place_of_the_default_and_zero_stops_it(base: Base, plain: Terms) -> None:
    words.add_synonym(base.db, "社保", "社会保险费", "wang", 0.9)
    words.add_synonym(base.db, "招人", "招用", "wang", 0)
    assert with_words(plain, words.listed(base.db)).synonyms == (("社保", "社会保险费", 0.9),)
    words.remove(base.db, "synonym", "招人", "招用", "wang")
    assert ("招人", "招用", 0.6) in with_words(plain, words.listed(base.db)).synonyms


def test_a_word_joins_the_lexicon_once(base: Base, plain: Terms) -> None:
    for word in ("算力券", "算力券", "小微企业"):
        words.add_lexicon(base.db, word, "wang")
    assert with_words(plain, words.listed(base.db)).lexicon == ("小微企业", "算力券")


def test_who_and_when_are_kept_and_written_down(base: Base) -> None:
    words.add_synonym(base.db, "包租费", "租金", "wang", 0.8)
    (row,) = words.listed(base.db)
    assert (row.by, row.at[:2]) == ("wang", "20")
    assert words.remove(base.db, "synonym", "包租费", "租金", "li")
    assert not words.remove(base.db, "synonym", "包租费", "租金", "li")
    told = [(row.actor, row.action, row.subject, row.detail) for row in audit.recent(base.db)]
    assert told == [
        ("li", "word-remove", "包租费", "同义词 → 租金"),
        ("wang", "word-add", "包租费", "同义词 → 租金，分量 0.8"),
    ]


@pytest.mark.parametrize(
    ("word", "other", "weight", "says"),
    [
        ("租金", "租金", 0.7, "一样"),
        ("ＶＰＮ", "vpn", 0.7, "一样"),
        ("", "租金", 0.7, "请写一个词"),
        ("……", "租金", 0.7, "请写一个词"),
        ("长" * 31, "租金", 0.7, "太长"),
        ("租\u202e金", "房租", 0.7, "看不见"),
        ("包租费", "租金", 1.5, "0 到 1"),
        ("包租费", "租金", float("nan"), "0 到 1"),
    ],
)
def test_what_is_no_use_is_refused_with_what_to_do(
    base: Base, word: str, other: str, weight: float, says: str
) -> None:
    with pytest.raises(KbError, match=says):
        words.add_synonym(base.db, word, other, "wang", weight)
    assert words.listed(base.db) == ()


def test_one_character_is_no_word_to_cut_by(base: Base) -> None:
    with pytest.raises(KbError, match="至少两个字"):
        words.add_lexicon(base.db, "税", "wang")


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_clean_word_or_a_clear_refusal(text: str) -> None:
    try:
        word = words.cleaned(text)
    except KbError:
        return
    assert word == words.cleaned(word)
    assert word.isprintable()
    assert 0 < len(word) <= words.LONGEST
