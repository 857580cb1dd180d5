"""``kb members``: a list of members matched at once. Nothing of it is kept."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from kb.ingest.members import MemberSheet, read
from kb.matching.catalogue import Shelf
from kb.matching.words import entries_for
from kb.outreach import memberletters, membersheets
from kb.outreach.members import Batch, Result, matched
from kb.search import indexing
from kb.store.atomic import write_whole
from kb.terminal import FINDINGS, Context, Day, say, show


@click.command("members")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="The workbook of results.")
@click.option("--texts", type=click.Path(dir_okay=False, path_type=Path), help="A ZIP of texts to send.")
@click.option("--letters", type=click.Path(dir_okay=False, path_type=Path), help="A Word file of letters.")
@click.option("--template", type=click.Path(dir_okay=False, path_type=Path), help="Write the empty list.")
@click.option("--as-of", type=Day(), help="The day asked about; default today.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@click.pass_obj
def members_command(
    context: Context,
    file: Path | None,
    out: Path | None,
    texts: Path | None,
    letters: Path | None,
    template: Path | None,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Match every member of a list (XLSX or CSV); rows with an error are named, the rest is done.

    Example: kb members members.xlsx -o results.xlsx
    """
    taxonomy = context.terms.taxonomy
    if template:
        write_whole(template, membersheets.template(taxonomy))
        say(f"模板写到 {template}")
    if file is None:
        if not template:
            raise click.UsageError(
                "请写名单文件，如 kb members 会员.xlsx -o 结果.xlsx；空白模板用 --template"
            )
        return
    sheet = read(file.read_bytes(), taxonomy)
    batch = _batch(context, sheet, as_of or context.today)
    _write(context, sheet, batch, {"out": out, "texts": texts, "letters": letters})
    _show(sheet, batch, as_json)
    sys.exit(FINDINGS if sheet.errors else 0)


def _batch(context: Context, sheet: MemberSheet, day: date) -> Batch:
    indexing.catch_up(context.library.settings, context.db)
    catalogue = Shelf(context.terms.taxonomy).catalogue(context.db)

    def fitting(need: str) -> tuple[str, ...]:
        return entries_for(context.library, need, day)

    terms = context.terms
    return matched(sheet.members, catalogue, terms.standards, terms.taxonomy, day, fitting)


def _write(context: Context, sheet: MemberSheet, batch: Batch, files: dict[str, Path | None]) -> None:
    organiser, base = context.settings.organiser, context.settings.base_url
    taxonomy = context.terms.taxonomy
    entries = f"{base}/entries/" if base else ""
    remarks = [(one.row, one.column, one.message, one.what == "error") for one in sheet.remarks]

    def nowhere(_one: Result) -> str:
        return base

    makers = {
        "out": lambda: membersheets.results_workbook(batch, remarks, taxonomy, organiser, entries),
        "texts": lambda: memberletters.texts_zip(batch, organiser, nowhere),
        "letters": lambda: memberletters.letters(batch, organiser, nowhere),
    }
    for name, path in files.items():
        if path:
            write_whole(path, makers[name]())
            say(f"写到 {path}")


def _show(sheet: MemberSheet, batch: Batch, as_json: bool) -> None:
    if as_json:
        show(
            {
                "as_of": batch.day.isoformat(),
                "members": [_json(one) for one in batch.results],
                "remarks": [asdict(one) for one in sheet.remarks],
            }
        )
    else:
        for one in batch.results:
            counts = (len(one.eligible), len(one.possible), len(one.soon))
            click.echo("\t".join((one.member.called, *map(str, counts))))
    for remark in sheet.remarks:
        say(f"第 {remark.row} 行「{remark.column}」：{remark.message}")
    say(
        f"按 {batch.day} 查：做了 {len(batch.results)} 家（情况不同的 {batch.different} 种），"
        f"有错没做 {sheet.left_out} 行"
    )


def _json(one: Result) -> dict[str, Any]:
    return {
        "row": one.member.row,
        "name": one.member.name,
        "code": one.member.code,
        "eligible": len(one.eligible),
        "possible": len(one.possible),
        "soon": len(one.soon),
        "ask": list(one.ask),
        "matches": [
            {
                "entry": line.relief.entry,
                "relief": line.relief.relief,
                "title": line.relief.title,
                "verdict": "eligible" if line.eligible else "possible",
                "soon": line.relief.soon,
                "last": line.relief.last.isoformat() if line.relief.last else None,
                "fits_need": line.fits,
            }
            for line in one.lines
        ],
    }


COMMANDS = (members_command,)
