"""An entry that is not published, as members would see it."""

from __future__ import annotations

from datetime import date

from flask import render_template

from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.outreach.sheet import sheet_of_draft
from web.drawing import life_of
from web.site import database
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
