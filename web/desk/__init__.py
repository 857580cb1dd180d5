"""The desk, where staff write, review, publish and look after entries: one module a blueprint."""
