"""The three kinds of failure a user can be told about; front doors translate them once.

Anything else that escapes is a defect in this program.
"""

from __future__ import annotations

from pathlib import Path


class KbError(Exception):
    """Something went wrong that the message explains, with what to do about it."""


class EntryFileError(KbError):
    """An entry or vocabulary file says something that cannot be accepted."""

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = str(path)
        self.line = line
        self.message = message


class SourceError(KbError):
    """An official site or document could not be read."""

    def __init__(self, source: str, address: str, message: str) -> None:
        super().__init__(f"{source}: {address}: {message}")
        self.source = source
        self.address = address
        self.message = message


class BlockedError(SourceError):
    """The site answered with a challenge or a shell: nothing was obtained, nothing has vanished."""
