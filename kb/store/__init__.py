"""SQLite through sqlite-utils: the only truth. Entries, versions, changes, audit, terms."""
