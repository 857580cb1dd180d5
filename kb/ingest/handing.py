"""Papers handed in at the desk: read and taken in as ``kb import`` would, waiting like what a crawl found."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from kb.domain.workflow import Draft
from kb.errors import KbError
from kb.store import intake
from kb.store.database import Database
from kb.store.terms import Terms

_LONGEST_NAME = 80


def hand_in(
    db: Database,
    data: bytes,
    name: str,
    by: str,
    office: str,
    terms: Terms,
    policies: Path,
    source: str = "upload",
) -> list[Draft]:
    """The drafts of a paper with its proposals, one or, of an association's own paper, one of each item.

    ``source`` says how it came, ``upload`` or ``paste``.

    :class:`KbError` with what to do where it cannot be read, where the same bytes still wait, and where
    everything in it is held already.
    """
    from kb.ingest import importing  # what reads Word and PDF is much, and most who serve need none of it
    from kb.ingest.documents import files

    sha256 = hashlib.sha256(data).hexdigest()
    twice = next((one for one in intake.waiting(db) if one.paper.sha256 == sha256), None)
    if twice:
        raise KbError(f"这份文件已经收过，在等处理：草稿 {twice.draft.id}")
    document, page = files.opened(data, name)
    paper = importing.paper_of(data, _short(name), source=source)
    made = importing.plan(db, document, paper, terms, policies, page)
    found = importing.take_in(db, made, by, office)
    if not found:
        held = dict.fromkeys(one.entry_id or f"草稿 {one.draft_id}" for one in made.outcomes)
        raise KbError(f"这份文件里的内容已经都有了：{'、'.join(list(held)[:5]) or '没有要收的'}")
    return found


def _short(name: str) -> str:
    """The file's name without a path and without what does not belong into one."""
    return re.sub(r"[^\w.（）()〔〕 -]", "_", re.split(r"[/\\]", name)[-1])[-_LONGEST_NAME:]
