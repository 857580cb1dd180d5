"""The relief knowledge base: domain, store, intake, search and what goes out. Never imports ``web``."""
