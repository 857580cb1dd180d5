"""What every migration needs: the set they belong to and how a script is run statement by statement."""

from __future__ import annotations

from sqlite_utils import Migrations

migrations = Migrations("kb")


def statements(script: str) -> list[str]:
    """The statements of a script one by one, since ``executescript`` would commit on its own."""
    found, current = [], ""
    for line in script.strip().splitlines():
        current += line + "\n"
        inside_trigger = current.startswith("CREATE TRIGGER") and not line.rstrip().endswith("END;")
        if line.rstrip().endswith(";") and not inside_trigger:
            found.append(current)
            current = ""
    return found
