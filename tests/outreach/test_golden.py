"""Status, end and reason of documents on five days, worked out by hand from the facts (tests/data)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from kb.domain.timeline import StatusOn
from kb.outreach.sheet import sheet_on
from kb.store import entries
from tests.conftest import Base

DATA = Path(__file__).parent.parent / "data"
DAYS = ("2020-02-15", "2020-03-10", "2020-08-01", "2026-11-22", "2027-01-05")


def golden() -> list[dict[str, str]]:
    with (DATA / "golden_status.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def standing(status: StatusOn) -> str:
    if status.stale:
        return "stale"
    return "recent" if status.recently_ended else status.status


def test_the_table_covers_twenty_documents_on_five_days() -> None:
    rows = golden()
    assert len({row["target"].partition("#")[0] for row in rows}) >= 20
    for target in {row["target"] for row in rows}:
        assert tuple(row["day"] for row in rows if row["target"] == target) == DAYS


@pytest.mark.parametrize("row", golden(), ids=lambda row: f"{row['target']} {row['day']}")
def test_a_document_stands_as_the_facts_say(shipped: Base, row: dict[str, str]) -> None:
    """``status`` is empty before the document was known; ``because`` where its own words set the end."""
    entry_id, _, relief = row["target"].partition("#")
    held = entries.get(shipped.db, entry_id)
    assert held
    sheet = sheet_on(shipped.db, held, date.fromisoformat(row["day"]))
    if not row["status"]:
        assert sheet is None
        return
    assert sheet
    terms = {one.relief.id: one.term for one in sheet.reliefs}
    status = (terms[relief] if relief else sheet.term).status
    found = standing(status), str(status.end or status.end_kind), status.because
    assert found == (row["status"], row["end"], row["because"] or entry_id)


def test_every_fact_has_its_entry(shipped: Base) -> None:
    ids = (DATA / "fact_ids.txt").read_text(encoding="utf-8").split()
    published = {held.entry.id for held in entries.all_current(shipped.db)}
    assert len(ids) == len(set(ids)) == 149
    assert set(ids) <= published


def test_the_list_of_facts_is_the_shared_one(shared: Path) -> None:
    import json

    lines = (shared / "facts" / "policies.jsonl").read_text(encoding="utf-8").splitlines()
    ids = (DATA / "fact_ids.txt").read_text(encoding="utf-8").split()
    assert [json.loads(line)["id"] for line in lines] == ids
