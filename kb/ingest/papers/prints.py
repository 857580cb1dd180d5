"""From which words of which paper an entry was written, so that the same words propose nothing again.

Shipped entries have fingerprints in ``policies/papers.yml``; what was imported here is known by the
originals of its published drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kb import yamlfile
from kb.ingest.documents.wording import squeeze
from kb.ingest.papers.comparing import print_of
from kb.store import originals
from kb.store.database import Database


def read_prints(policies: Path) -> dict[str, frozenset[str]]:
    """The fingerprints of passages by entry id; none without the file, which is named where it is bad."""
    path = policies / "papers.yml"
    if not path.exists():
        return {}
    document = yamlfile.read(path)
    rows = document.data
    if not isinstance(rows, dict) or not all(isinstance(one, list) for one in rows.values()):
        raise document.error((), "每行写 条目编号: [指纹, …]")
    return {str(entry_id): frozenset(map(str, prints)) for entry_id, prints in rows.items()}


@dataclass(frozen=True)
class Memory:
    """What of papers is known already: published with an entry, or waiting in an open draft."""

    db: Database
    prints: Mapping[str, frozenset[str]]
    _read: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def told(self, entry_id: str, passage: str) -> bool:
        """Whether the entry was written from these words."""
        if print_of(passage) in self.prints.get(entry_id, frozenset()):
            return True
        if entry_id not in self._read:
            self._read[entry_id] = [squeeze(one) for one in originals.of_published(self.db, entry_id)]
        return any(squeeze(passage) in one for one in self._read[entry_id])
