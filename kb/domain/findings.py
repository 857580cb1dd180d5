"""What a check finds: a place in the record and what to do there."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """Something to mend at ``path`` of a record; ``message`` says what to do."""

    path: Path
    message: str
