"""采集: what the runs of the crawler brought, source by source, and the pages that want a person."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.source import Source
from kb.errors import EntryFileError, KbError
from kb.ingest import sources as source_files
from kb.store import pages, runs, snapshots
from kb.store.pages import Outcome
from kb.store.runs import Run, SourceRun, State
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("runs", __name__, url_prefix="/desk/runs")
RUNS = 30
"""How many runs the page lists."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every source with its last turn, the pages that want a person, and the last runs."""
    found, errors = _sources()
    last = runs.last_of(database())
    return render_template(
        "desk/runs/index.html",
        sources=[(one, last.get(one.id)) for one in found],
        errors=errors,
        waiting=pages.to_see(database()),
        runs=runs.recent(database(), RUNS),
        outcome_words=outcome_words,
        state_words=state_words,
        counted=counted,
        is_well=is_well,
    )


@lru_cache(maxsize=2)
def _read(_stamp: tuple[tuple[str, int], ...]) -> source_files.SourcesFound:
    return source_files.read_all(source_files.folder(site().settings.policies), site().taxonomy)


def _sources() -> tuple[tuple[Source, ...], tuple[EntryFileError, ...]]:
    """The source files as they are now, read anew when one of them changed."""
    folder = source_files.folder(site().settings.policies)
    if not folder.is_dir():
        return (), ()
    return _read(tuple(sorted((str(one), one.stat().st_mtime_ns) for one in folder.glob("*.y*ml"))))


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One run: each source, and each page of it that did not stay as it was."""
    run = runs.get(database(), number)
    if run is None:
        abort(404)
    told = {
        one.source: [
            page for page in runs.pages(database(), number, one.source) if page.outcome != "unchanged"
        ]
        for one in run.sources
    }
    return render_template(
        "desk/runs/show.html",
        run=run,
        pages=told,
        outcome_words=outcome_words,
        state_words=state_words,
        counted=counted,
    )


@bp.get("/snapshots/<int:number>")
def snapshot(number: int) -> ResponseReturnValue:
    """The bytes of a snapshot as a file to be saved: a stranger's page is never shown as one of ours."""
    found = snapshots.get(database(), number)
    if found is None:
        abort(404)
    return Response(
        snapshots.raw(site().settings.home, found.sha256),
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="snapshot-{number}.bin"'},
    )


@bp.post("/settle")
def settle() -> ResponseReturnValue:
    """Take a page's shorter state for good, or leave things as they are."""
    address = request.form.get("address", "")
    try:
        if request.form.get("what") == "accept":
            pages.accept(database(), address, actor().name)
            flash(_("下一次采集会采用这个较短的新内容，改动成为修订建议。"))
        else:
            pages.dismiss(database(), address, actor().name)
            flash(_("记下了。原来的内容不变，以后照常再看这一页。"))
    except KbError as error:
        flash(str(error))
    return redirect(link("runs.index"), 303)


def counted(counts: Run | SourceRun) -> str:
    """``新 3，变 1``: how often each outcome came, without those that never did."""
    many = {key: counts.count(key) for key in pages.OUTCOMES}
    return _("，").join(f"{outcome_words(key)} {many[key]}" for key in pages.OUTCOMES if many[key])


def is_well(run: Run) -> bool:
    """Whether nothing in a run wants a person."""
    return all(one.is_well for one in run.sources)


def outcome_words(outcome: Outcome) -> str:
    """What a visit brought, in a word."""
    return {
        "new": _("新"),
        "changed": _("变"),
        "shrunk": _("骤短"),
        "hand": _("需人工"),
        "gone": _("没有了"),
        "blocked": _("被挡"),
        "failed": _("失败"),
        "known": _("已有"),
        "irrelevant": _("无关"),
        "unchanged": _("未变"),
    }[outcome]


def state_words(state: State) -> str:
    """How a source's turn ended, in a word."""
    return {
        "running": _("进行中"),
        "done": _("完成"),
        "blocked": _("被挡"),
        "failed": _("失败"),
        "interrupted": _("中断"),
    }[state]
