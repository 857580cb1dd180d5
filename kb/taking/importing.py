"""``kb import``: one document by hand, its sections and what it proposes shown, drafts made of that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from kb.domain.document import Section, sections
from kb.domain.proposal import Proposal
from kb.domain.taxonomy import NATION
from kb.errors import KbError
from kb.ingest import importing
from kb.ingest.documents import files
from kb.ingest.documents.wording import tight
from kb.ingest.fetching import agent
from kb.ingest.importing import Compared, Given, Plan
from kb.ingest.packed import LARGEST
from kb.ingest.papers.comparing import Outcome
from kb.terminal import Context, say, show

BY = "kb import"
LABELS = {"new": "新", "changed": "修订", "unchanged": "未变", "waiting": "已有草稿"}
_SHOWN = 44


@click.command("import")
@click.argument("file", metavar="FILE|URL")
@click.option(
    "--as-draft/--dry-run", default=True, help="Make drafts of what is new (the default), or only show it."
)
@click.option("--json", "as_json", is_flag=True, help="Sections and proposals as JSON.")
@click.pass_obj
def import_command(context: Context, file: str, as_draft: bool, as_json: bool) -> None:
    """Read a document (txt, html, pdf, docx, xlsx): show its sections and proposals, make drafts of them.

    Example: kb import 调查报告.docx --dry-run
    """
    given = importing.fetched(file, agent(context.settings)) if _is_address(file) else _opened(file)
    document, page = files.opened(given.data, given.name, given.address, given.media)
    paper = importing.paper_of(given.data, given.name, given.address)
    made = importing.plan(context.db, document, paper, context.terms, context.settings.policies, page)
    drafts = importing.take_in(context.db, made, BY, NATION) if as_draft else []
    if as_json:
        show(_json(made, context, [one.id for one in drafts]))
    else:
        _tell(made, context)
    _tell_end(made, len(drafts), as_draft)


def _is_address(file: str) -> bool:
    return file.lower().startswith(("http://", "https://"))


def _opened(file: str) -> Given:
    if "://" in file:
        raise KbError(f"只读 http 和 https 的网址：{file}。请先把文件下载下来，再写文件的路径")
    path = Path(file)
    try:
        with path.open("rb") as held:
            return Given(held.read(LARGEST + 1), path.name)
    except OSError as error:
        raise KbError(f"读不了 {file}：{error.strerror or error}") from error


# -- shown -----------------------------------------------------------------------------------------


def _tell(made: Plan, context: Context) -> None:
    click.echo(made.document.title or "（没有认出标题）")
    if made.head:
        click.echo(made.head.document)
    for line in _tree(sections(made.document)):
        click.echo(line)
    for one in made.outcomes:
        click.echo("\t".join(_row(one, context.terms.taxonomy.kinds.label(one.item.kind))))
        for change in one.changes:
            click.echo(f"\t{change.label}：{_short(change.before)} → {_short(change.after)}")
        if made.head is None:
            for proposal in one.item.proposals:
                click.echo(
                    f"\t{proposal.field}\t{_short(_plain(proposal.value))}\t“{_short(proposal.quote)}”"
                )
    for table in made.figures:
        click.echo(_figures_line(table, context))


def _tree(found: Iterable[Section], depth: int = 0) -> Iterable[str]:
    for section in found:
        if section.opening:
            yield f"{'  ' * depth}{_short(section.opening.text)}  #{section.anchor}"
        yield from _tree(section.parts, depth + 1 if section.opening else depth)


def _row(one: Outcome, kind: str) -> tuple[str, ...]:
    entry = one.entry_id or (f"草稿 {one.draft_id}" if one.draft_id else "-")
    near = f"可能已有 {'、'.join(one.near)}" if one.near else ""
    row = (LABELS[one.what], kind, one.item.number, one.item.title, one.item.section, entry, near)
    return tuple(cell for cell in row if cell)


def _figures_line(table: Compared, context: Context) -> str:
    figures = table.figures
    said = f"数据表\t{figures.caption or '（没有表题）'}\t{figures.section}\t{len(figures.values)} 个值"
    if not table.held:
        return said
    if not table.differing:
        return f"{said}\t与已登记的一致"
    return f"{said}\t与已登记的不同：{'、'.join(map(context.terms.taxonomy.regions.label, table.differing))}"


def _tell_end(made: Plan, drafts: int, as_draft: bool) -> None:
    for remark in made.remarks:
        say(f"请留意：{remark}")
    counts = [
        f"{label} {count}"
        for what, label in LABELS.items()
        if (count := sum(one.what == what for one in made.outcomes))
    ]
    done = f"存成草稿 {drafts} 份，还没有发布" if as_draft else "只看看，没有存"
    say(f"提出 {len(made.outcomes)} 项（{'，'.join(counts) or '无'}）；{done}")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# -- as data ---------------------------------------------------------------------------------------


def _json(made: Plan, context: Context, drafts: list[int]) -> dict[str, Any]:
    numbers = iter(drafts)
    kinds = dict.fromkeys(one.item.kind for one in made.outcomes)
    return {
        "title": made.document.title,
        "document": made.head.document if made.head else "",
        "needs_hand": made.document.needs_hand,
        "attachments": [{"name": one.name, "address": one.address} for one in made.document.attachments],
        "sections": [_section(one) for one in sections(made.document)],
        "counts": {kind: made.count(kind) for kind in kinds},
        "items": [_item(one, numbers) for one in made.outcomes],
        "figures": [_figures(one, context) for one in made.figures],
        "remarks": list(made.remarks),
    }


def _section(section: Section) -> dict[str, Any]:
    opening = section.opening
    return {
        "anchor": section.anchor,
        "level": opening.level if opening else 0,
        "heading": tight(opening.text) if opening and opening.kind == "heading" else "",
        "text": opening.text if opening and opening.kind != "heading" else "",
        "blocks": [{"kind": one.kind, "anchor": one.anchor, "text": one.text} for one in section.blocks],
        "parts": [_section(one) for one in section.parts],
    }


def _item(one: Outcome, drafts: Iterable[int]) -> dict[str, Any]:
    taken = one.what in ("new", "changed")
    return {
        "kind": one.item.kind,
        "number": one.item.number,
        "title": one.item.title,
        "section": one.item.section,
        "anchor": one.item.anchor,
        "what": one.what,
        "entry": one.entry_id,
        "near": list(one.near),
        "draft": next(iter(drafts), None) if taken else (one.draft_id or None),
        "data": one.item.data,
        "changes": [{"label": c.label, "before": c.before, "after": c.after} for c in one.changes],
        "proposals": [_proposal(each) for each in one.item.proposals],
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    return {
        "field": one.field,
        "value": one.value,
        "quote": one.quote,
        "start": one.start,
        "end": one.end,
        "confidence": one.confidence,
    }


def _figures(table: Compared, context: Context) -> dict[str, Any]:
    regions = context.terms.taxonomy.regions
    return {
        "caption": table.figures.caption,
        "section": table.figures.section,
        "anchor": table.figures.anchor,
        "held": table.held,
        "differing": list(table.differing),
        "unread": list(table.figures.unread),
        "values": [
            {
                "region": one.region,
                "label": regions.label(one.region),
                "value": str(one.value),
                "start": one.start,
            }
            for one in table.figures.values
        ],
    }


COMMANDS: tuple[click.Command, ...] = (import_command,)
