"""The shipped policies against the facts they were written from, where these are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb.outreach.sheet import Sheet, sheet_on
from kb.store import entries
from tests.conftest import TODAY, Base

THIN = "索引条目"
CANDIDATE = "文号待核："


@pytest.fixture(scope="module")
def facts(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "facts" / "policies.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def pairs(facts: list[dict[str, Any]], shipped: Base) -> list[tuple[dict[str, Any], Sheet]]:
    return list(_pairs(facts, shipped))


def _pairs(facts: list[dict[str, Any]], shipped: Base) -> Iterator[tuple[dict[str, Any], Sheet]]:
    for fact in facts:
        held = entries.get(shipped.db, fact["id"])
        assert held, fact["id"]
        sheet = sheet_on(shipped.db, held, TODAY)
        assert sheet, fact["id"]
        yield fact, sheet


def test_titles_numbers_issuers_and_days_are_the_facts(pairs: list[tuple[dict[str, Any], Sheet]]) -> None:
    for fact, sheet in pairs:
        entry = sheet.entry
        given = (fact["title"], fact["doc_number"], tuple(fact["issuers"]), fact["issued"], fact["known_on"])
        issued = entry.issued_on.isoformat() if entry.issued_on else None
        held = (entry.title, entry.doc_number, entry.issuers, issued, entry.known_on.isoformat())
        assert held == given, entry.id


def test_a_candidate_number_is_kept_apart_and_never_written_out(
    pairs: list[tuple[dict[str, Any], Sheet]],
) -> None:
    candidates = {}
    for fact, sheet in pairs:
        note = fact["note"] or ""
        if note.startswith(CANDIDATE):
            candidate = note.removeprefix(CANDIDATE).split("。")[0].strip()
            assert sheet.entry.doc_number_candidate == candidate, sheet.entry.id
            assert "doc_number" in sheet.entry.verified.doubts, sheet.entry.id
            candidates[candidate] = sheet.entry.id
    assert len(candidates) > 10
    for _, sheet in pairs:
        words = sheet.entry.model_dump_json(exclude={"doc_number_candidate", "doc_number", "relations"})
        for candidate, owner in candidates.items():
            shown = candidate in words.replace(" ", "")
            assert not (shown and sheet.entry.id == owner), (candidate, owner)


def test_the_end_of_the_facts_is_one_of_the_ends_computed(pairs: list[tuple[dict[str, Any], Sheet]]) -> None:
    """A record has one end for a whole document: its latest, or the one that its note explains."""
    for fact, sheet in pairs:
        terms = [sheet.term, *(one.term for one in sheet.reliefs)]
        if fact["effective_to"]:
            ends = {term.status.end for term in terms}
            own = sheet.entry.in_force.end if sheet.entry.in_force else None
            assert date.fromisoformat(fact["effective_to"]) in {*ends, own}, sheet.entry.id
        else:
            assert any(term.status.end_kind == fact["end_kind"] for term in terms), sheet.entry.id


def test_thin_records_are_leads_and_estimate_nothing(pairs: list[tuple[dict[str, Any], Sheet]]) -> None:
    for fact, sheet in pairs:
        assert sheet.entry.is_lead == (fact["note"] or "").startswith(THIN), sheet.entry.id
        if sheet.entry.is_lead:
            worths = [relief.worth for relief in sheet.entry.reliefs if relief.worth]
            assert not any(worth.base or worth.rate or worth.cap for worth in worths), sheet.entry.id


def test_what_was_not_verified_is_said(pairs: list[tuple[dict[str, Any], Sheet]]) -> None:
    for fact, sheet in pairs:
        if fact["unverified"]:
            assert sheet.entry.verified.doubts, sheet.entry.id
        confirmed = fact["status_2026_11_22"] == "in_force"
        assert (sheet.entry.verified.confirmed_on is not None) == confirmed, sheet.entry.id


def test_what_gives_no_relief_offers_none(pairs: list[tuple[dict[str, Any], Sheet]]) -> None:
    (notice,) = [sheet for fact, sheet in pairs if not fact["relief_types"]]
    assert notice.entry.id == "nat-2026-mof-sta-2026-9"
    assert not notice.entry.reliefs


def test_every_policy_has_three_names_in_members_words(shipped: Base) -> None:
    for held in entries.all_current(shipped.db):
        if held.entry.kind == "policy":
            assert len(set(held.entry.aliases) - {held.entry.title}) >= 3, held.entry.id
