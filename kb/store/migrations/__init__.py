"""The schema, append only: never change a migration that has been released, add the next one.

The order of these imports is the order in which a new store is made.
"""

from kb.store.migrations.base import migrations

from kb.store.migrations import first  # isort: skip
from kb.store.migrations import alerts  # isort: skip
from kb.store.migrations import difficulties  # isort: skip
from kb.store.migrations import digests  # isort: skip
from kb.store.migrations import rounds  # isort: skip
from kb.store.migrations import apikeys  # isort: skip
from kb.store.migrations import intake  # isort: skip
from kb.store.migrations import crawls  # isort: skip
from kb.store.migrations import patience  # isort: skip

__all__ = [
    "alerts",
    "apikeys",
    "crawls",
    "difficulties",
    "digests",
    "first",
    "intake",
    "migrations",
    "patience",
    "rounds",
]
