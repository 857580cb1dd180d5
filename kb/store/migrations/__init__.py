"""The schema, append only: never change a migration that has been released, add the next one.

The order of these imports is the order in which a new store is made.
"""

from kb.store.migrations.base import migrations

from kb.store.migrations import first  # isort: skip

__all__ = ["first", "migrations"]
