"""Counting what members said: counts, means, percentages."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.statistics import Voice, counted, crossed, grouped, mean_difficulty, percent, shares, shares_by

NEEDS = ("arrears", "low-bids", "hiring")
VOICES = st.lists(
    st.builds(
        Voice,
        region=st.sampled_from(["", "430000", "110000"]),
        size=st.sampled_from(["", "micro", "large"]),
        segment=st.sampled_from(["", "software"]),
        needs=st.lists(st.sampled_from(NEEDS), unique=True).map(tuple),
        difficulty=st.none() | st.integers(0, 10),
    ),
    max_size=40,
)


def test_a_per_cent_is_rounded_half_up_to_one_decimal() -> None:
    assert percent(1, 8) == Decimal("12.5")
    assert percent(1, 16) == Decimal("6.3")
    assert percent(401, 707) == Decimal("56.7")


def test_of_nobody_there_is_no_per_cent_and_no_mean() -> None:
    assert percent(0, 0) is None
    assert mean_difficulty([]) is None
    assert mean_difficulty([Voice()]) is None


def test_the_mean_leaves_out_who_did_not_say() -> None:
    assert mean_difficulty([Voice(difficulty=10), Voice(difficulty=5), Voice()]) == Decimal("7.5")


def test_a_need_that_somebody_ticked_twice_counts_once() -> None:
    (share,) = shares([Voice(needs=("arrears", "arrears"))], ["arrears"])
    assert (share.count, share.base, share.percent) == (1, 1, Decimal(100))


def test_the_most_named_comes_first_and_ties_keep_the_order_given() -> None:
    voices = [Voice(needs=("hiring",)), Voice(needs=("hiring", "arrears"))]
    assert [one.key for one in shares(voices, NEEDS)] == ["hiring", "arrears", "low-bids"]


@given(VOICES)
def test_every_voice_is_in_exactly_one_group(voices: list[Voice]) -> None:
    assert sum(counted(voices, "size").values()) == len(voices)
    assert sum(crossed(voices, "region", "size").values()) == len(voices)
    assert sorted(map(id, (one for those in grouped(voices, "region").values() for one in those))) == sorted(
        map(id, voices)
    )


@given(VOICES)
def test_the_shares_of_the_sizes_add_up_to_those_of_all(voices: list[Voice]) -> None:
    by_size = shares_by(voices, NEEDS, "size")
    for one in shares(voices, NEEDS):
        assert sum(found[one.key].count for found in by_size.values()) == one.count
        assert sum(found[one.key].base for found in by_size.values()) == one.base


@given(VOICES)
def test_a_mean_lies_between_the_least_and_the_most(voices: list[Voice]) -> None:
    told = [one.difficulty for one in voices if one.difficulty is not None]
    mean = mean_difficulty(voices)
    assert (mean is None) == (not told)
    if mean is not None:
        assert min(told) <= mean <= max(told)
