"""``kb crawl`` and ``kb sources check``: official sites asked for what is new, and their descriptions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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
from kb.store.pages import Outcome
from kb.store.runs import Run, SourceRun
from kb.terminal import FINDINGS, Context, say, show

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
@click.pass_obj
def crawl_command(context: Context, source: str | None, only_due: bool, dry_run: bool, as_json: bool) -> None:
    """Ask official sites for what is new; what comes waits at the desk. Exit 1 if something wants you.

    Example: kb crawl --due
    """
    if source and only_due:
        raise click.UsageError("SOURCE 和 --due 只能给一样")
    chosen = _chosen(context, source, only_due)
    if not context.settings.contact:
        say("提醒：还没有设 KB_CONTACT，对方网站看不到该找谁；请设成一个邮箱或电话")
    with Worker(context.settings.policies) as worker:
        ground = Ground(
            context.db,
            context.settings.home,
            Visitor(agent(context.settings)),
            worker,
            context.today,
            _teller(len(chosen)),
        )
        if dry_run:
            _survey(ground, chosen, as_json)
            return
        asked = source or ("due" if only_due else "all")
        run = crawling.crawl(ground, chosen, asked)
    _report(run, as_json)
    sys.exit(0 if all(one.is_well for one in run.sources) else FINDINGS)


def _chosen(context: Context, name: str | None, only_due: bool) -> list[Source]:
    """The sources to crawl; :class:`KbError` where a file is wrong that is needed."""
    found, errors = source_files.read_all(_folder(context), context.terms.taxonomy)
    if errors and (not name or name in {Path(one.path).stem for one in errors}):
        for error in errors:
            say(str(error))
        if name:
            raise KbError(f"来源文件 {name} 有错，先改好再采")
    if name:
        return [source_files.chosen(found, name)]
    return crawling.due(context.db, found) if only_due else [one for one in found if not one.paused]


def _folder(context: Context) -> Path:
    return source_files.folder(context.settings.policies)


def _teller(many: int) -> Callable[[Progress], None]:
    """Shows how far the crawl is: one line that moves on a terminal, otherwise one line a source."""
    begun: list[str] = []

    def tell(progress: Progress) -> None:
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


def _report(run: Run, as_json: bool) -> None:
    if as_json:
        show(run_json(run))
        return
    for one in run.sources:
        told = [STATES[one.state], f"列出 {one.listed}", _counts(one.counts), one.detail, *one.unmet]
        click.echo("\t".join((one.source, "；".join(part for part in told if part))))
    say(f"采集 {run.id} 号结束，{len(run.sources)} 个来源：{_counts(_totals(run)) or '没有动静'}")


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
