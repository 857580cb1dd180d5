"""Tables of a paper: companies' cases row by row, and figures by region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kb.domain.document import Block, Document
from kb.domain.proposal import Proposal
from kb.domain.taxonomy import Taxonomy
from kb.ingest.documents import wording
from kb.ingest.documents.shaping import header_again
from kb.ingest.papers.found import Figure, Figures, Item, proposal
from kb.ingest.papers.reading import Head, Place, close, label, places

_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(r"序号|编号"),
    "about": re.compile(r"企业(?:基本)?情况|基本情况|企业概况"),
    "demands": re.compile(r"需求|诉求|建议"),
    "problems": re.compile(r"问题|困难"),
    "region": re.compile(r"区域|地区|所在地|省份"),
}
_REGION = re.compile(r"省份|省市|地区|省（区、市）|省|区域|城市")
_SIZE = re.compile(r"(?:某|一家|本市|我省)?(?:(?P<size>[微小中大]型)|小微型?(?=企业))(?:企业)?")
_BUSINESS = re.compile(
    r"[，,、；;\s]*(?:主营(?:业务)?|主要(?:业务|从事))?(?:为(?!.{1,16}提供)|是|：|:)?\s*(?P<business>[^，,\s].*?)[。；;\s]*$"
)
_POINT = re.compile(r"(?:^|(?<=[。；;，,！？\s]))\s*(?:\d{1,2}[、.．](?!\d)|[（(]\d{1,2}[)）]|[①-⑳])\s*")
_FEWEST_FIGURES = 5


@dataclass(frozen=True)
class Cell:
    """A cell of a table, letter by letter, and where it begins in the document's text."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def cells_of(table: Block) -> list[list[Cell]]:
    """The cells of a table without white space around them, each with its place."""
    rows: list[list[Cell]] = []
    at = table.start
    for line in table.text.split("\n"):
        row, begin = [], at
        for raw in line.split("\t"):
            bare = raw.strip()
            row.append(Cell(bare, begin + (raw.index(bare) if bare else 0)))
            begin += len(raw) + 1
        rows.append(row)
        at += len(line) + 1
    return rows


def _tables(paper: Document) -> Iterator[tuple[Block, Place | None]]:
    """Every table with the section it stands in."""
    owners = {block.start: place for place in places(paper) for block in place.section.blocks}
    for block in paper.blocks:
        if block.kind == "table":
            yield block, owners.get(block.start)


# -- cases -----------------------------------------------------------------------------------------


def cases(paper: Document, head: Head, taxonomy: Taxonomy) -> Iterator[Item]:
    """The companies of every table that tells company, problems and demands, row by row."""
    for block, place in _tables(paper):
        rows = cells_of(block)
        columns = _columns([cell.text for cell in rows[0]])
        if not {"about", "problems", "demands"} <= columns.keys():
            continue
        first = [cell.text for cell in rows[0]]
        for row in rows[1:]:
            if len(row) >= len(first) and not header_again(first, [cell.text for cell in row][: len(first)]):
                yield _case(paper, head, taxonomy, place, {name: row[at] for name, at in columns.items()})


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Which column says what, by the words of its header; each column once."""
    found: dict[str, int] = {}
    for at, text in enumerate(header):
        name = next((name for name, words in _COLUMNS.items() if words.search(text)), None)
        if name and name not in found:
            found[name] = at
    return found


def _case(
    paper: Document, head: Head, taxonomy: Taxonomy, place: Place | None, row: Mapping[str, Cell]
) -> Item:
    number = row["number"].text if "number" in row else ""
    found = [*_about(paper, row["about"], taxonomy), *_where(paper, row.get("region"), taxonomy)]
    found += _points(paper, row["problems"], "problems")
    found += _points(paper, row["demands"], "demands")
    fields = {one.field: one.value for one in found}
    anchor = place.section.anchor if place else ""
    section = (label(place) if place else "正文") + (f"序号{number}" if number else "")
    source = {"document": head.document, "section": section}
    start = min(cell.start for cell in row.values() if cell.text)
    end = max(cell.end for cell in row.values())
    found.append(proposal(paper.text, "sources-0", source, start, row["about"].end))
    title = _title(fields, taxonomy)
    data: dict[str, Any] = {
        "kind": "case",
        "title": title,
        "issuers": [head.issuer],
        **({"issued_on": head.issued_on.isoformat()} if head.issued_on else {}),
        **({"regions": {"include": fields["regions-include"]}} if "regions-include" in fields else {}),
        "profile": {
            "sizes": fields.get("profile-sizes", []),
            "business": fields.get("profile-business", ""),
            "problems": [one.value for one in found if one.field.startswith("profile-problems")],
            "demands": [one.value for one in found if one.field.startswith("profile-demands")],
        },
        "sources": [source],
    }
    passage = paper.text[start:end]
    return Item("case", number, title, section, anchor, passage, start, tuple(found), data)


def _about(paper: Document, cell: Cell, taxonomy: Taxonomy) -> Iterator[Proposal]:
    """Size and business from ``小型企业，主营为通信技术服务``."""
    size = _SIZE.match(cell.text)
    named = [size["size"]] if size and size["size"] else ["小型", "微型"] if size else []
    keys = [key for key in map(taxonomy.sizes.find, named) if key]
    after = 0
    if size and keys:
        after = size.end()
        yield proposal(paper.text, "profile-sizes", keys, cell.start, cell.start + after)
    match = _BUSINESS.match(cell.text, after)
    if match:
        start, end = match.span("business")
        yield proposal(
            paper.text, "profile-business", match["business"], cell.start + start, cell.start + end
        )


def _where(paper: Document, cell: Cell | None, taxonomy: Taxonomy) -> Iterator[Proposal]:
    code = taxonomy.regions.find("".join(cell.text.split())) if cell else None
    if cell and code:
        yield proposal(paper.text, "regions-include", [code], cell.start, cell.end)


def _points(paper: Document, cell: Cell, name: str) -> Iterator[Proposal]:
    """The numbered points of a cell one by one; the whole of one without numbers."""
    starts = [match.span() for match in _POINT.finditer(cell.text)]
    spans = [(0, starts[0][0])] if starts else [(0, len(cell.text))]
    ends = [*(begin for begin, _end in starts[1:]), len(cell.text)]
    spans += [(after, end) for (_begin, after), end in zip(starts, ends, strict=False)]
    number = 0
    for begin, end in spans:
        said = cell.text[begin:end].strip()
        if not said:
            continue
        start = cell.start + begin + cell.text[begin:end].index(said)
        value: Any = {"text": said} if name == "demands" else said
        yield proposal(paper.text, f"profile-{name}-{number}", value, start, start + len(said))
        number += 1


def _title(fields: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    codes, sizes = fields.get("regions-include", []), fields.get("profile-sizes", [])
    where = _short(codes[0], taxonomy) if codes else ""
    size = taxonomy.sizes.label(sizes[0]) if len(sizes) == 1 else "小微" if sizes else ""
    business = fields.get("profile-business", "")
    return f"{where}一家{size}企业的困难和诉求" + (f"（{business}）" if business else "")


def _short(code: str, taxonomy: Taxonomy) -> str:
    """``湖南长沙``; a municipality or province alone."""
    names = [taxonomy.regions.by_code[one].short for one in reversed(taxonomy.regions.path(code)[:-1])]
    return "".join(names)


# -- figures ---------------------------------------------------------------------------------------


def figures(paper: Document, taxonomy: Taxonomy) -> Iterator[Figures]:
    """Every table that gives a figure by region, however many pairs of columns it is set in."""
    for block, place in _tables(paper):
        rows = cells_of(block)
        pairs = _pairs([cell.text for cell in rows[0]])
        values, unread = _values(rows[1:], pairs, taxonomy)
        if len(values) >= _FEWEST_FIGURES and len(values) > len(unread):
            section = label(place) if place else "正文"
            yield Figures(_caption(paper, block), section, block.anchor, tuple(values), tuple(unread))


def _pairs(header: Sequence[str]) -> list[int]:
    """The columns of regions that have another column beside them."""
    return [at for at, text in enumerate(header[:-1]) if _REGION.fullmatch("".join(text.split()))]


def _values(
    rows: Sequence[Sequence[Cell]], pairs: Sequence[int], taxonomy: Taxonomy
) -> tuple[list[Figure], list[str]]:
    """The figures, one column of regions after the other; and names that are no region of ours."""
    values: list[Figure] = []
    unread: list[str] = []
    for at in pairs:
        for row in rows:
            if len(row) <= at + 1 or not row[at].text:
                continue
            code, value = taxonomy.regions.find(row[at].text), _number(row[at + 1].text)
            if code and value is not None:
                values.append(Figure(code, value, row[at + 1].text, row[at + 1].start))
            else:
                unread.append(f"{row[at].text} {row[at + 1].text}".strip())
    return values, unread


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip(" 分%％"))
    except InvalidOperation:
        return None


def _caption(paper: Document, table: Block) -> str:
    """The line right above a table that names it; empty where there is none."""
    before = [block for block in paper.blocks if block.start < table.start]
    return close(before[-1].text) if before and wording.is_caption(before[-1].text) else ""
