"""An entry that is not published: as members would see it, and what it would do to the golden companies."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from flask import render_template

from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.matching.effect import Effect, effect
from kb.outreach.sheet import sheet_of_draft
from kb.store import golden
from kb.store.golden import Golden
from web.drawing import life_of
from web.site import database, site
from web.story import story_of


def preview_html(entry: Entry, day: date) -> str:
    """The article of ``entry`` as it would read on ``day``; its headings begin at the second level."""
    sheet = sheet_of_draft(database(), entry, day)
    return render_template(
        "entries/article.html",
        sheet=sheet,
        entry=entry,
        background=entry.kind in BACKGROUND_KINDS,
        story=story_of(sheet),
        life=life_of(sheet),
        preview=True,
    )


def effects_of(entry: Entry, today: date) -> tuple[Effect, ...]:
    """The verdicts of the golden companies that publishing ``entry`` would move."""
    return effect(database(), golden_companies(), site().taxonomy, site().terms.standards, entry, today)


def golden_companies() -> tuple[Golden, ...]:
    """The golden companies, read again when a file of their folder has changed."""
    folder = site().settings.policies / "golden"
    stamps = tuple((one.name, one.stat().st_mtime_ns) for one in sorted(folder.glob("*.yml")))
    return _companies(folder, stamps)


@lru_cache(maxsize=1)
def _companies(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> tuple[Golden, ...]:
    return golden.read_all(folder, site().taxonomy)[0]
