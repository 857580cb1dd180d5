"""``kb crawl`` and ``kb sources check``: official sites asked for what is new, and their descriptions."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from kb.domain.source import Source
from kb.errors import KbError
from kb.ingest import crawling
from kb.ingest import sources as source_files
from kb.ingest.crawling import Ground, Progress, Survey
from kb.ingest.fetching import agent
from kb.ingest.visiting import Visitor
from kb.ingest.worker import Worker
from kb.store.database import Database, open_to_read
from kb.store.pages import Outcome
from kb.store.runs import Run, SourceRun
from kb.terminal import FINDINGS, Context, say, show

INTERRUPTED = 130
"""The exit code of a run that somebody stopped: what a shell gives for ctrl-C."""
LABELS: Mapping[Outcome, str] = {
    "new": "新",
    "changed": "变",
    "shrunk": "骤短",
    "hand": "需人工",
    "gone": "没有了",
    "blocked": "被挡",
    "failed": "失败",
    "known": "已有",
    "irrelevant": "无关",
    "unchanged": "未变",
}
STATES = {
    "done": "完成",
    "blocked": "被挡",
    "failed": "失败",
    "interrupted": "中断",
    "running": "进行中",
}


@click.command("crawl")
@click.argument("source", required=False)
@click.option("--due", "only_due", is_flag=True, help="Only the sources whose turn has come, for cron.")
@click.option("--dry-run", is_flag=True, help="Read the lists, say what is new, keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what wants you, for cron.")
@click.pass_obj
def crawl_command(
    context: Context, source: str | None, only_due: bool, dry_run: bool, as_json: bool, quiet: bool
) -> None:
    """Ask official sites for what is new; what comes waits at the desk. Exit 1 if something wants you.

    Example: kb crawl --due --quiet
    """
    if source and only_due:
        raise click.UsageError("SOURCE 和 --due 只能给一样")
    with closing(open_to_read(context.settings.database) if dry_run else context.db) as db:
        chosen = _chosen(context, db, source, only_due)
        if not (quiet or context.settings.contact):
            say("提醒：还没有设 KB_CONTACT，对方网站看不到该找谁；请设成一个邮箱或电话")
        with Worker(context.settings.policies) as worker:
            visitor = Visitor(agent(context.settings))
            tell = _teller(0 if quiet else len(chosen))
            ground = Ground(db, context.settings.home, visitor, worker, context.today, tell)
            if dry_run:
                _survey(ground, chosen, as_json)
                return
            run = _run(ground, chosen, source or ("due" if only_due else "all"), quiet)
    _report(run, as_json, quiet)
    sys.exit(0 if all(one.is_well for one in run.sources) else FINDINGS)


def _run(ground: Ground, sources: list[Source], asked: str, quiet: bool) -> Run:
    """The run; ends the program where another is under way or somebody stops this one."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return crawling.crawl(ground, sources, asked)
    except crawling.BusyError:
        if quiet:
            sys.exit(0)
        raise
    except KeyboardInterrupt:
        say("\n采集中断了：取到的都已存好，再运行一次会接着采")
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)


def _chosen(context: Context, db: Database, name: str | None, only_due: bool) -> list[Source]:
    """The sources to crawl; :class:`KbError` where a file is wrong that is needed."""
    found, errors = source_files.read_all(_folder(context), context.terms.taxonomy)
    if errors and (not name or name in {Path(one.path).stem for one in errors}):
        for error in errors:
            say(str(error))
        if name:
            raise KbError(f"来源文件 {name} 有错，先改好再采")
    if name:
        return [source_files.chosen(found, name)]
    return crawling.due(db, found) if only_due else [one for one in found if not one.paused]


def _folder(context: Context) -> Path:
    return source_files.folder(context.settings.policies)


def _teller(many: int) -> Callable[[Progress], None]:
    """Shows how far the crawl of ``many`` sources is: one line that moves on a terminal, otherwise one line a
    source; nothing of none."""
    begun: list[str] = []

    def tell(progress: Progress) -> None:
        if not many:
            return
        if progress.source.id not in begun:
            begun.append(progress.source.id)
        head = f"[{len(begun)}/{many}] {progress.source.name} {progress.done}/{progress.total}"
        line = f"{head} {_counts(progress.counts)}".rstrip()
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{line}", err=True, nl=progress.done == progress.total)
        elif progress.done == progress.total:
            say(line)

    return tell


def _counts(counts: Mapping[Outcome, int]) -> str:
    return "，".join(f"{label} {counts[key]}" for key, label in LABELS.items() if counts.get(key))


def _survey(ground: Ground, sources: list[Source], as_json: bool) -> None:
    found = []
    for source in sources:
        one = crawling.survey(ground, source)
        found.append(one)
        if not as_json:
            _tell_survey(one)
    if as_json:
        show([_survey_json(one) for one in found])
    troubles = any(one.listed.problems or one.unmet for one in found)
    say(f"试采 {len(found)} 个来源，列表里没有采过的 {sum(len(one.fresh) for one in found)} 条；什么也没有存")
    sys.exit(FINDINGS if troubles else 0)


def _tell_survey(one: Survey) -> None:
    for item in one.fresh:
        click.echo(f"{one.source.id}\t{item.day or '-'}\t{item.title}\t{item.address}")
    for problem in (*one.listed.problems, *one.unmet):
        say(f"{one.source.id}: {problem}")


def _survey_json(one: Survey) -> dict[str, Any]:
    return {
        "source": one.source.id,
        "listed": len(one.listed.items),
        "new": [
            {"address": item.address, "title": item.title, "day": item.day and item.day.isoformat()}
            for item in one.fresh
        ],
        "problems": list(one.listed.problems),
        "unmet": list(one.unmet),
    }


def _report(run: Run, as_json: bool, quiet: bool) -> None:
    """The run, a line a source; of a quiet one only the sources that want a person."""
    if as_json:
        show(run_json(run))
        return
    for one in run.sources:
        if quiet and one.is_well:
            continue
        told = [STATES[one.state], f"列出 {one.listed}", _counts(one.counts), one.detail, *one.unmet]
        click.echo("\t".join((one.source, "；".join(part for part in told if part))))
    if not quiet:
        say(f"采集 {run.id} 号结束，{len(run.sources)} 个来源：{_summary(run)}")


def _summary(run: Run) -> str:
    bad = sum(one.state != "done" for one in run.sources)
    unread = f"{bad} 个没有读成" if bad else ""
    return "，".join(part for part in (unread, _counts(_totals(run))) if part) or "没有动静"


def _totals(run: Run) -> dict[Outcome, int]:
    return {key: run.count(key) for key in LABELS}


def run_json(run: Run) -> dict[str, Any]:
    """A run as data."""
    return {
        "run": run.id,
        "asked": run.asked,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "counts": _totals(run),
        "sources": [_source_json(one) for one in run.sources],
    }


def _source_json(one: SourceRun) -> dict[str, Any]:
    return {
        "source": one.source,
        "name": one.name,
        "state": one.state,
        "listed": one.listed,
        "newest": one.newest,
        "detail": one.detail,
        "unmet": list(one.unmet),
        "counts": dict(one.counts),
    }


@click.group("sources")
def sources_group() -> None:
    """The descriptions of the sites that are crawled (policies/sources).

    Example: kb sources check
    """


@sources_group.command("check")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_obj
def sources_check(context: Context, path: Path | None, as_json: bool) -> None:
    """Validate source files: errors with file, line and what to do; exit 1 if there are any.

    Example: kb sources check policies/sources/miit.yml
    """
    found, errors = source_files.read_all(path or _folder(context), context.terms.taxonomy)
    if as_json:
        rows = [{"path": one.path, "line": one.line, "message": one.message} for one in errors]
        doubts = {one.id: dict(one.unconfirmed) for one in found}
        show({"sources": [one.id for one in found], "errors": rows, "unconfirmed": doubts})
    else:
        for error in errors:
            click.echo(str(error))
        for one in found:
            for place, why in one.unconfirmed.items():
                say(f"{one.id}: {place} 待在真实站点核对（{why}）")
    say(f"{len(found)} 个来源可用，{len(errors)} 处要改")
    sys.exit(FINDINGS if errors else 0)


COMMANDS: tuple[click.Command, ...] = (crawl_command, sources_group)
