"""What a check finds: a place in the record and what to do there."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """Something to mend at ``path`` of a record; ``message`` says what to do.

    ``kind`` names mistakes of shape (``missing``, ``date_parsing``), for whoever says them in other words.
    """

    path: Path
    message: str
    kind: str = ""
