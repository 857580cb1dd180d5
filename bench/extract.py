"""How often title, number, issuers, region and days are right on a sample that people checked by hand.

``python -m bench.extract SHARED/eval`` prints the table; ``--show`` prints what is proposed beside head and
end of each text, to be checked. The answers are fingerprints by document id (``bench/extract.json``):
nothing of the texts is kept here, and an empty one says that the text has no such thing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

from kb.config import ROOT
from kb.domain import docnumber
from kb.domain.proposal import record_from
from kb.domain.taxonomy import Taxonomy
from kb.ingest.documents import from_text
from kb.ingest.documents.wording import squeeze
from kb.ingest.proposals import propose_all
from kb.store.terms import load_taxonomy

SAMPLE = 60
PARTS = ("looked at while the rules were made", "read afterwards")
FIELDS = ("title", "number", "issuers", "region", "issued", "start", "end")
ANSWERS = Path(__file__).with_name("extract.json")


def sample(folder: Path) -> dict[str, str]:
    """The texts of both samples by id: the first 120 in the order of their ids' hashes."""
    lines = (folder / "ncp" / "docs.jsonl").read_text(encoding="utf-8").splitlines()
    docs = {str(row["id"]): str(row["text"]) for row in map(json.loads, lines)}
    chosen = sorted(docs, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[: SAMPLE * len(PARTS)]
    return {name: docs[name] for name in chosen}


def said(text: str, taxonomy: Taxonomy) -> dict[str, str]:
    """What is proposed for a text, field by field in one spelling; empty where nothing is."""
    document = from_text(text)
    record = record_from(one for one in propose_all(document.text, taxonomy) if one.confidence != "hint")
    number = str(record.get("doc_number") or "")
    period = record.get("in_force") or {}
    return {
        "title": squeeze(document.title or str(record.get("title") or "")),
        "number": docnumber.comparison_form(number) if number else "",
        "issuers": " ".join(sorted(record.get("issuers") or ())),
        "region": " ".join(sorted((record.get("regions") or {}).get("include") or ())),
        "issued": str(record.get("issued_on") or ""),
        "start": str(period.get("start") or ""),
        "end": str(period.get("end") or ""),
    }


def fingerprint(value: str) -> str:
    """What is kept of an answer."""
    return hashlib.sha256(value.encode()).hexdigest()[:12] if value else ""


def table(docs: dict[str, str], answers: dict[str, dict[str, str]], taxonomy: Taxonomy) -> list[str]:
    """A line a field: in how many texts it stands, how many of these are right, missed, wrong, and how many
    values were proposed where the text has none."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, text in docs.items():
        found = said(text, taxonomy)
        for field in FIELDS:
            right, own = answers[name][field], fingerprint(found[field])
            counts[field, "has" if right else "none"] += 1
            if right:
                counts[field, "right" if own == right else "wrong" if own else "missed"] += 1
            elif own:
                counts[field, "invented"] += 1
    head = "| field | in the text | right | missed | wrong | proposed where there is none |"
    rows = [
        [field, *(counts[field, name] for name in ("has", "right", "missed", "wrong", "invented"))]
        for field in FIELDS
    ]
    return [head, "|---" * 6 + "|", *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def main() -> None:
    """The table, or what is to be checked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    docs, taxonomy = sample(asked.folder), load_taxonomy(ROOT / "policies")
    if asked.show:
        for name, text in docs.items():
            print(name, json.dumps(said(text, taxonomy), ensure_ascii=False))
            print("   ", " ".join(text[:160].split()), "……", " ".join(text[-110:].split()))
        return
    if not ANSWERS.exists():
        sys.exit(f"{ANSWERS} 不在：先用 --show 核对")
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    for number, part in enumerate(PARTS):
        chosen = dict(list(docs.items())[number * SAMPLE : (number + 1) * SAMPLE])
        print(f"{SAMPLE} {part}", *table(chosen, answers, taxonomy), "", sep="\n")


if __name__ == "__main__":
    main()
