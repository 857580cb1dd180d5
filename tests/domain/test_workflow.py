"""Who may take which step: the second pair of eyes, offices, and what a lone account may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.workflow import AFTER, ROLES, Actor, Draft, Role, State, may_see, steps

HUNAN, HUBEI = "430000", "420000"
STATES: tuple[State, ...] = ("draft", "review", "submitted", "returned", "published", "dropped")


def a_draft(state: State = "draft", office: str = NATION, **changes: object) -> Draft:
    data = {"regions": {"include": [HUNAN]}}
    made = Draft(
        id=1,
        entry_id="d2026-0001",
        kind="policy",
        title="通知",
        data=data,
        state=state,
        office=office,
        home=office,
        origin="desk",
        original="",
        base_version=None,
        revision=1,
        author="an",
        assignee="",
        due_on=None,
        token=None,
        created_at="",
        updated_at="",
        updated_by="an",
        vouched=("an",),
    )
    return replace(made, **changes)


def an_actor(name: str = "an", role: Role = "editor", region: str = NATION) -> Actor:
    return Actor(name, name, role, region)


def test_text_that_nobody_else_wrote_or_submitted_is_not_published(taxonomy: Taxonomy) -> None:
    review = a_draft("review")
    assert "publish" in steps(an_actor("bo", "reviewer"), review, taxonomy.regions, alone=False)
    assert "publish" not in steps(an_actor("an", "admin"), review, taxonomy.regions, alone=False)
    mended = replace(review, vouched=("bo",))
    assert "publish" not in steps(an_actor("bo", "reviewer"), mended, taxonomy.regions, alone=False)
    assert "publish" in steps(an_actor("an", "reviewer"), mended, taxonomy.regions, alone=False)
    submitted = replace(review, vouched=("an", "bo"))
    assert "publish" in steps(an_actor("bo", "reviewer"), submitted, taxonomy.regions, alone=False)


def test_a_branch_does_not_touch_what_lies_outside_it(taxonomy: Taxonomy) -> None:
    """Its own text says its own province, but what it would replace or stop is the nation's."""
    reviewer, own = an_actor("bo", "reviewer", HUNAN), a_draft("review", HUNAN)
    found = steps(reviewer, own, taxonomy.regions, alone=False, touched=[NATION])
    assert "publish" not in found
    assert "return" in found
    alone = replace(own, state="draft")
    assert "publish" not in steps(reviewer, alone, taxonomy.regions, alone=True, touched=[NATION])


def test_an_editor_reviews_nothing(taxonomy: Taxonomy) -> None:
    assert steps(an_actor("bo"), a_draft("review"), taxonomy.regions, alone=False) == ("recall",)


def test_a_lone_account_publishes_what_it_wrote(taxonomy: Taxonomy) -> None:
    assert "publish" in steps(an_actor(), a_draft(), taxonomy.regions, alone=True)
    assert "publish" not in steps(an_actor(), a_draft(), taxonomy.regions, alone=False)


def test_a_branch_publishes_its_own_province_and_sends_the_rest_on(taxonomy: Taxonomy) -> None:
    reviewer = an_actor("bo", "reviewer", HUNAN)
    own = a_draft("review", HUNAN)
    assert "publish" in steps(reviewer, own, taxonomy.regions, alone=False)
    elsewhere = replace(own, data={"regions": {"include": [HUNAN, HUBEI]}})
    assert "publish" not in steps(reviewer, elsewhere, taxonomy.regions, alone=False)
    in_hand = replace(elsewhere, state="draft")
    assert steps(an_actor("an", "editor", HUNAN), in_hand, taxonomy.regions, alone=False) == (
        "edit",
        "send",
        "drop",
    )


def test_a_city_lies_within_its_branch_and_no_place_within_none(taxonomy: Taxonomy) -> None:
    branch = an_actor(region=HUNAN)
    assert branch.covers(["430100"], taxonomy.regions)
    assert not branch.covers([NATION], taxonomy.regions)
    assert not branch.covers([], taxonomy.regions)
    assert an_actor().covers([], taxonomy.regions)


def test_what_was_sent_on_stays_in_sight_and_can_be_called_back(taxonomy: Taxonomy) -> None:
    sent = a_draft("submitted", NATION, home=HUNAN)
    branch = an_actor("an", "reviewer", HUNAN)
    assert may_see(branch, sent)
    assert steps(branch, sent, taxonomy.regions, alone=False) == ("recall",)
    assert {"publish", "return"} <= set(
        steps(an_actor("bo", "reviewer"), sent, taxonomy.regions, alone=False)
    )


@given(
    st.sampled_from(STATES),
    st.sampled_from(ROLES),
    st.sampled_from([NATION, HUNAN, HUBEI]),
    st.sampled_from([NATION, HUNAN]),
    st.booleans(),
)
def test_no_step_ever_reaches_outside_the_office(
    taxonomy: Taxonomy, state: State, role: Role, region: str, office: str, alone: bool
) -> None:
    actor, draft = an_actor("bo", role, region), a_draft(state, office)
    found = steps(actor, draft, taxonomy.regions, alone=alone)
    if region not in (NATION, office):
        assert found == ()
    if "publish" in found:
        assert actor.covers(draft.places, taxonomy.regions)
        assert alone or actor.at_least("reviewer")
    if state == "published":
        assert found == ()
    assert set(found) <= {"edit", *AFTER}


@pytest.mark.parametrize("role", ROLES)
def test_roles_build_on_each_other(role: Role) -> None:
    assert all(
        an_actor(role=role).at_least(other) == (ROLES.index(other) <= ROLES.index(role)) for other in ROLES
    )
