"""Things that come in: entry files now, pages and documents later. Sees only store and domain."""
