"""The command that compares what comes out of kept pages with what must."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from pathlib import Path

import click

from kb.config import ROOT
from kb.ingest.extraction import golden
from kb.search.analysis import normalise
from kb.terminal import FINDINGS, Context, progress_of, say, show

PAGES = ROOT / "tests" / "sites"
_HAN = re.compile(r"[\u3400-\u9fff]+")


def simplify(text: str) -> str:
    """Text with its traditional characters turned into simplified ones, all else as it is."""
    return _HAN.sub(lambda run: normalise(run[0]), text)


@click.command("eval-extract")
@click.argument("pages", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The comparison as JSON.")
@click.pass_obj
def eval_extract(context: Context, pages: Path | None, as_json: bool) -> None:
    """Compare what is read from kept pages with the JSON beside each; exit 1 if anything differs.

    PAGES is a page, a site's folder with its site.yml, or a folder of those; default the imitation sites of
    the tests. Where no JSON is kept yet it is written, and counts as a finding until somebody has read it.

    Example: kb eval-extract tests/sites/trs
    """
    with progress_of("eval-extract") as progress:
        found = progress(golden.pages_in(pages or PAGES))
        compared = [golden.compare(page, context.terms.taxonomy, simplify) for page in found]
    if as_json:
        show([{**asdict(one), "page": str(one.page)} for one in compared])
    else:
        for one in compared:
            _tell(one)
    differing = [one for one in compared if one.state != "same"]
    new = sum(one.state == "written" for one in compared)
    say(f"对照了 {len(compared)} 页，{len(differing) - new} 页与留存的不同，{new} 页新写了结果待人看过")
    sys.exit(FINDINGS if differing else 0)


def _tell(one: golden.Compared) -> None:
    if one.state == "written":
        click.echo(
            f"{one.page}：原来没有留存的结果，已写到 {one.page.with_suffix('.json').name}，请看过再提交"
        )
    elif one.state == "changed":
        click.echo(f"{one.page}：结果变了；若是对的，删去 {one.page.with_suffix('.json').name} 再跑一次")
        click.echo(one.difference)


COMMANDS: tuple[click.Command, ...] = (eval_extract,)
