"""What a running site holds, and what one request gets of it: settings, vocabulary, index, one connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import cast

from flask import current_app, g

from kb.config import Settings
from kb.domain import dates
from kb.domain.taxonomy import Taxonomy
from kb.matching.catalogue import Shelf
from kb.search import Library
from kb.search.live import LiveLibrary
from kb.store.database import Database, open_database
from kb.store.terms import Terms

NAME = "通信企业惠企政策库"
"""The product's name; English pages say Relief Finder (through the catalogue)."""


@dataclass(frozen=True)
class Site:
    """Everything that lives as long as the process. ``terms`` are the defaults, ``opened`` the library
    that it began with."""

    settings: Settings
    terms: Terms
    opened: Library
    shelf: Shelf

    @cached_property
    def live(self) -> LiveLibrary:
        """What keeps the library up to the words of the desk."""
        return LiveLibrary(self.settings, self.terms, self.opened)

    @property
    def library(self) -> Library:
        """What to search with now."""
        return self.live.library()

    @property
    def taxonomy(self) -> Taxonomy:
        return self.terms.taxonomy

    @property
    def today(self) -> date:
        """Today in China, or what ``KB_TODAY`` says."""
        return self.settings.today or dates.today()


def site() -> Site:
    """The site of the application that is answering."""
    return cast(Site, current_app.extensions["kb"])


def database() -> Database:
    """The store, opened once a request; closed with it."""
    if "database" not in g:
        g.database = open_database(site().settings.database)
    return cast(Database, g.database)


def close_database(_error: BaseException | None = None) -> None:
    """Close the request's connection, if it had one."""
    held = g.pop("database", None)
    if held is not None:
        held.close()
