"""Commands that ask the knowledge base: search, match, coverage, eval."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from kb.domain.company import Company
from kb.domain.taxonomy import Taxonomy
from kb.domain.telling import in_yuan, tell
from kb.errors import KbError
from kb.matching.catalogue import Shelf
from kb.matching.match import match
from kb.matching.words import entries_for
from kb.outreach import results
from kb.outreach.coverage import grid_json, grid_on, grid_rows
from kb.outreach.matches import match_lines, matches_json
from kb.search import Answer, Request, indexing, search
from kb.search.evaluate import evaluate
from kb.search.explain import explain
from kb.search.query import find_value, unknown_value
from kb.search.table import Filters
from kb.store import changes
from kb.terminal import Context, Day, progress_of, say, show

_FILTERS = ("region", "size", "industry", "type", "kind", "issuer", "year", "status", "need")


@click.command("search")
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@click.option("--as-of", type=Day(), help="The day asked about; default today.")
@click.option("--region", multiple=True, help="Name or GB/T 2260 code: 湖南, 430100.")
@click.option("--size", multiple=True, help="微型, 小型, 中型, 大型.")
@click.option("--industry", multiple=True, help="Segment of the sector: 通信工程.")
@click.option("--relief", "type", multiple=True, help="Type of relief: 税费减免.")
@click.option("--kind", multiple=True, help="policy, service, measure, recommendation, case.")
@click.option("--issuer", multiple=True, help="Issuing body.")
@click.option("--year", multiple=True, help="Year of issue.")
@click.option("--need", multiple=True, help="The problem to solve: 运营商或总包拖欠.")
@click.option("--status", multiple=True, help="open, upcoming, expired, unstated, all.")
@click.option("--sort", type=click.Choice(["relevance", "date", "end"]), default="relevance")
@click.option("--limit", type=click.IntRange(0, 1000), default=10, show_default=True)
@click.option("--explain", "reasons", is_flag=True, help="Which terms hit which field with what weight.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@click.pass_obj
def search_command(
    context: Context,
    /,
    words: tuple[str, ...],
    as_of: date | None,
    sort: Any,
    limit: int,
    reasons: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Search the published entries.

    Words are looked for together and alone. "通信工程" in quotes has to stand there as it is, 稳岗* is a word
    that begins so (two characters at least), and -湖北 leaves out what has it; so do -"通信工程" and -稳岗*.

    Example: kb search 养老保险 --as-of 2020-03-10 --region 湖南
    """
    filters = Filters(**{name: _keys(context, name, given[name]) for name in _FILTERS})
    day = as_of or context.today
    indexing.catch_up(context.library.settings, context.db)
    answer = search(context.library, Request(" ".join(words), day, filters, sort, limit))
    taxonomy = context.terms.taxonomy
    for notice in answer.query.notices:
        say(str(notice))
    if not changes.last_number(context.db):
        say("库里还没有条目；请先运行 kb load")
    why = explain(context.library, answer) if reasons else {}
    if as_json:
        show(results.answer_json(answer, taxonomy, why))
        return
    for line in results.answer_lines(answer, taxonomy, why):
        click.echo(line)
    if why:
        say("最前面几十件的先后还看这些词离得多近、是不是在同一段，所以和得分略有出入")
    _tell(answer, taxonomy)


def _tell(answer: Answer, taxonomy: Taxonomy) -> None:
    """The figures of an answer, what was understood and what to ask back."""
    hidden = f"；另有 {answer.hidden} 件已失效或时效待核实，加 --status all 查看" if answer.hidden else ""
    say(f"按 {answer.as_of} 查，共 {answer.total} 件，用时 {answer.took_ms} 毫秒{hidden}")
    understood = results.understood_line(answer, taxonomy)
    if understood:
        say(f"看出可能要找：{understood}（只影响排序）")
    for suggestion in answer.suggestions:
        say(suggestion.message)
        for option in suggestion.options:
            say(f"  {option.label}")


def _keys(context: Context, name: str, values: Iterable[str]) -> tuple[str, ...]:
    keys = []
    for value in values:
        key = find_value(name, value, context.terms.taxonomy)
        if key is None:
            raise click.UsageError(str(unknown_value(name, value, context.terms.taxonomy)))
        keys.append(key)
    return tuple(keys)


@click.command("match")
@click.option("--region", help="Where the company is: 湖南, 湖南省长沙市, 430100.")
@click.option("--size", help="微型, 小型, 中型, 大型.")
@click.option("--industry", multiple=True, help="Segment of the sector: 通信工程.")
@click.option("--employees", help="People: 25 or 10-29.")
@click.option("--revenue", help="Yearly revenue in 万元: 800 or 500-1000.")
@click.option(
    "--fact", multiple=True, metavar="FIELD=VALUE", help="Any other fact: rent=20000, taxpayer=small-scale."
)
@click.option("--need", default="", help="The problem, from the list or in your own words.")
@click.option("--as-of", type=Day(), help="The day asked about; default today.")
@click.option("--json", "as_json", is_flag=True, help="The matches as JSON.")
@click.pass_obj
def match_command(
    context: Context,
    /,
    region: str | None,
    size: str | None,
    industry: tuple[str, ...],
    employees: str | None,
    revenue: str | None,
    fact: tuple[str, ...],
    need: str,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Match a company against every relief of a day, with the reason for each condition.

    Example: kb match --region 长沙 --size 小型 --industry 通信工程 --need 减税和社保
    """
    facts = [("region", region), ("size", size), ("headcount", employees)]
    facts += [("industry", one) for one in industry]
    facts += [("revenue", in_yuan(revenue) if revenue else None), *map(_pair, fact)]
    given = [(key, text) for key, text in facts if text is not None]
    try:
        told = tell(context.terms.taxonomy, given, need=need)
    except KbError as error:
        raise click.UsageError(str(error)) from error
    day = as_of or context.today
    company = Company(told, context.terms.standards, context.terms.taxonomy)
    catalogue = Shelf(context.terms.taxonomy).catalogue(context.db)
    found = match(catalogue, company, day, _fitting(context, need, day))
    if as_json:
        show(matches_json(found))
        return
    for line in match_lines(found):
        click.echo(line)
    say(
        f"按 {day} 查：符合或可能符合 {len(found.matches)} 项，时效待核实 {len(found.unchecked)} 项，"
        f"未开始 {len(found.upcoming)} 项，不符合 {len(found.ineligible)} 项"
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not value.strip():
        raise click.UsageError(f"--fact 要写成 字段=值，如 rent=20000，现在是「{text[:40]}」")
    return key.strip(), value


def _fitting(context: Context, need: str, day: date) -> tuple[str, ...]:
    """The entries that the words of a need find, where it is on no list."""
    if need:
        indexing.catch_up(context.library.settings, context.db)
    return entries_for(context.library, need, day)


@click.command()
@click.option("--as-of", type=Day(), help="The day asked about; default today.")
@click.option("--json", "as_json", is_flag=True, help="The grid as JSON.")
@click.pass_obj
def coverage(context: Context, as_of: date | None, as_json: bool) -> None:
    """Count the reliefs held by region and type, to see the gaps.

    Example: kb coverage --as-of 2020-03-10
    """
    indexing.catch_up(context.library.settings, context.db)
    grid = grid_on(context.library, as_of or context.today)
    if as_json:
        show(grid_json(grid, context.terms.taxonomy))
        return
    for row in grid_rows(grid, context.terms.taxonomy):
        click.echo("\t".join(row))
    say(f"按 {grid.day} 查；每格：当日可用/收录过，没有的是 -")


@click.command("eval")
@click.argument("documents", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@click.pass_obj
def eval_command(context: Context, documents: Path, questions: Path, as_json: bool) -> None:
    """Measure relevance on documents and questions (jsonl or jsonl.gz).

    Example: kb eval docs.jsonl queries.jsonl --json
    """
    with progress_of("eval") as progress:
        figures = evaluate(context.library, documents, questions, progress)
    if as_json:
        show(figures.as_json())
        return
    for name, value in figures.as_json().items():
        click.echo(f"{name:18} {value}")
