"""``kb export``: the published library as a directory in one file, for places without a network."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from kb.domain.taxonomy import NATION, Taxonomy
from kb.outreach.directory import directory_on
from kb.outreach.directoryfile import FORMATS, Format, directory_file
from kb.store.atomic import write_whole
from kb.terminal import Context, Day, say

READABLE = 0o644
"""What is published may be read by everybody on the machine."""


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: what FILE ends with.")
@click.option("--region", help="What holds in a place: 湖南, 430100. Default: everything.")
@click.option("--as-of", type=Day(), help="The day asked about; default today.")
@click.option("--ended", is_flag=True, help="What has expired too.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.pass_obj
def export(
    context: Context, form: str | None, region: str | None, as_of: date | None, ended: bool, output: Path
) -> None:
    """Write the published library as a directory to print, as one page or as a sheet.

    By region and type, with 最近核对 and what is not verified; the same file for the same state.

    Example: kb export --format docx --region 湖南 -o 目录.docx
    """
    settings = context.settings
    wanted = _format(form, output)
    found = directory_on(
        context.db,
        context.terms.taxonomy,
        as_of or context.today,
        region=_code(region, context.terms.taxonomy),
        organiser=settings.organiser,
        site=settings.base_url,
        ended=ended,
    )
    data = directory_file(found, wanted, settings.organiser)
    write_whole(output, data)
    output.chmod(READABLE)
    say(f"{output}：{found.title}，{found.day}，{len(found.items)} 项")


def _format(form: str | None, output: Path) -> Format:
    wanted = form or output.suffix.lstrip(".").lower()
    if wanted not in FORMATS:
        raise click.UsageError(f"看不出要什么格式：请加 --format，可用：{'、'.join(FORMATS)}")
    return wanted


def _code(region: str | None, taxonomy: Taxonomy) -> str:
    if not region:
        return NATION
    code = taxonomy.regions.find(region)
    if code is None:
        raise click.UsageError(f"没有「{region[:40]}」这个地区。请写名称或六位代码，如 湖南、430100")
    return code
