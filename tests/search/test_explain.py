"""Why a result is where it is: the parts of a score are those it was made of."""

from __future__ import annotations

import pytest

from kb.search import Request, search
from kb.search.explain import explain
from tests.conftest import SPRING, TODAY, Base


def test_every_hit_is_explained_by_terms_that_it_has(shipped: Base) -> None:
    answer = search(shipped.library, Request("杭州小企业租金", SPRING, limit=5))
    why = explain(shipped.library, answer)
    assert why
    assert set(why) == {hit.record.id for hit in answer.hits}
    for hit in answer.hits:
        one = why[hit.record.id]
        assert one.score == hit.score
        assert one.hand_set > 0
        assert 0 < one.coverage <= 1
        assert 0 < sum(share.score for share in one.shares) <= one.text + 0.01
        scores = [share.score for share in one.shares]
        assert scores == sorted(scores, reverse=True)


def test_synonyms_are_told_from_what_was_typed(shipped: Base) -> None:
    answer = search(shipped.library, Request("房租", SPRING, limit=3))
    shares = [share for one in explain(shipped.library, answer).values() for share in one.shares]
    assert {share.own for share in shares if share.term == "房租"} == {True}
    assert {share.own for share in shares if share.term == "租金"} == {False}


def test_what_was_recognised_is_named_with_its_factor(shipped: Base) -> None:
    answer = search(shipped.library, Request("杭州 房租", SPRING, limit=20))
    why = explain(shipped.library, answer)
    own = why["hz-2020-resume"].factors
    assert own["type"] > 1
    assert own["region"] == max(one.factors["region"] for one in why.values()) > 1
    assert min(one.factors["region"] for one in why.values()) < 1


@pytest.mark.parametrize("text", ["", "龘龘龘龘"])
def test_without_words_or_hits_there_is_nothing_to_explain(shipped: Base, text: str) -> None:
    assert explain(shipped.library, search(shipped.library, Request(text, TODAY))) == {}
