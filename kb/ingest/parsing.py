"""What the worker does with a page: a list's documents, or what a document says, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kb.domain.extracted import Extracted
from kb.domain.source import Source
from kb.ingest.alike import fingerprint
from kb.ingest.documents import files
from kb.ingest.extraction import extract
from kb.ingest.extraction.listing import read_list
from kb.ingest.proposals import propose_all, propose_extracted
from kb.store.terms import load_terms


class Parser:
    """Knows the vocabulary of ``policies``, read once."""

    def __init__(self, policies: Path) -> None:
        self._taxonomy = load_terms(policies).taxonomy

    def parse(self, job: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
        """The answer to one job; raises whatever a page can break."""
        source = Source.model_validate(job["source"])
        address, headers = str(job["address"]), job["headers"]
        if "listing" in job:
            listing = source.lists[job["listing"]]
            read = read_list(raw, headers, address, listing, source.page.encoding)
            rows = [{**asdict(one), "day": one.day and one.day.isoformat()} for one in read.items]
            return {"items": rows, "empty": read.problem, "total": read.total}
        numbers: Mapping[str, str] = job.get("numbers", {})
        if files.is_page(raw, address, headers.get("content-type", "").partition(";")[0]):
            return self._page(extract(raw, headers, address, source), numbers)
        return self._file(raw, address, numbers)

    def _page(self, found: Extracted, numbers: Mapping[str, str]) -> dict[str, Any]:
        return {
            "address": found.address,
            "title": found.title,
            "text": found.text,
            "outcome": found.outcome,
            "why": found.why,
            "notes": list(found.notes),
            "attachments": [asdict(one) for one in found.attachments],
            "simhash": fingerprint(found.text),
            "proposals": [asdict(one) for one in propose_extracted(found, self._taxonomy, numbers)],
        }

    def _file(self, raw: bytes, address: str, numbers: Mapping[str, str]) -> dict[str, Any]:
        """A list may lead straight to a PDF or a Word file."""
        read = files.read(raw, address.rpartition("/")[2], address)
        return {
            "address": address,
            "title": read.title,
            "text": read.text,
            "outcome": "hand" if read.needs_hand else "content",
            "why": read.needs_hand,
            "notes": [],
            "attachments": [],
            "simhash": fingerprint(read.text),
            "proposals": [asdict(one) for one in propose_all(read.text, self._taxonomy, numbers)],
        }
