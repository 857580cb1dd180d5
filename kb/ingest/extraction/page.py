"""One page from bytes to :class:`kb.domain.extracted.Extracted`, layer by layer, and whether to believe it.

Data in scripts first, then tables of facts, then the head and the signature of the text; where no container
of the text is known, its density.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bs4 import Tag

from kb.domain.document import Document
from kb.domain.extracted import Extracted, Outcome
from kb.domain.recipe import USUAL, Recipe
from kb.domain.source import Source
from kb.ingest.documents.shaping import from_text
from kb.ingest.extraction import bodies, facts, mirrors, papers, reading
from kb.ingest.extraction.decoding import WORST, Decoded, decode
from kb.ingest.extraction.marks import marks
from kb.ingest.extraction.trees import Page, parse

SHORT = 50
"""A text of fewer characters is none, unless it has attachments."""
LONGEST = 300_000
"""Characters of a body that are read."""
Convert = Callable[[str], str]


def extract(
    raw: bytes,
    headers: Mapping[str, str],
    address: str = "",
    source: Source | None = None,
    simplify: Convert | None = None,
) -> Extracted:
    """What the page at ``address`` says, read as its ``source`` describes it. Never fails for its markup.

    ``headers`` are lower case. A shadow page in traditional characters gets the address of its original, and
    with ``simplify`` its characters too.
    """
    return extract_by(raw, headers, address, source.page if source else USUAL, simplify)


def extract_by(
    raw: bytes, headers: Mapping[str, str], address: str, recipe: Recipe, simplify: Convert | None = None
) -> Extracted:
    """The same by a recipe alone."""
    decoded = decode(raw, headers, recipe.encoding)
    shadow = mirrors.is_shadow(address)
    html = simplify(decoded.text) if shadow and simplify else decoded.text
    page = parse(html)
    body, _ = bodies.body_of(page.soup, recipe)
    head, found = facts.told(marks(page.soup, page.scripts, body, recipe))
    offered = papers.attachments(body or page.soup, address, recipe.attachments)
    whole = _text(page, body, recipe)
    document = from_text(whole[:LONGEST])
    start = len(head) + 2 if head else 0
    text = f"{head}\n\n{document.text}" if head else document.text
    found += facts.of_text(reading.read(document.text), text, start)
    chosen = facts.choose(found, recipe.repost)
    outcome, why = _outcome(document, decoded, body, bool(offered))
    return Extracted(
        mirrors.original(address),
        decoded.encoding,
        text,
        start,
        document,
        chosen.facts,
        chosen.others,
        offered,
        outcome,
        why,
        (*_remarks(decoded, page.cut or len(whole) > LONGEST, shadow), *chosen.notes),
    )


def _text(page: Page, body: Tag | None, recipe: Recipe) -> str:
    """The text of the body, a paragraph or a row of a table a line."""
    if body is None:
        return "\n".join(line.text for line in bodies.densest(page.soup))
    for selector in recipe.drop:
        for one in body.select(selector):
            one.extract()
    return "\n".join(line.text for line in bodies.lines(body))


def _outcome(document: Document, decoded: Decoded, body: Tag | None, offers: bool) -> tuple[Outcome, str]:
    """Whether what was read can be the document, and if not, why."""
    if decoded.bad > WORST:
        return "nothing", "乱码太多，编码认不出来"
    if len("".join(document.text.split())) >= SHORT:
        return "content", ""
    if offers:
        return "attachment", "正文见附件"
    if body is not None and bodies.images(body):
        return "hand", "正文只有图片，需人工录入"
    return "nothing", "没有读到正文，也没有附件"


def _remarks(decoded: Decoded, cut: bool, shadow: bool) -> list[str]:
    told = []
    if decoded.bad:
        told.append("有几个字认不出来，请对照原页")
    if cut:
        told.append("页面太长，只读了前面一部分")
    if shadow:
        told.append("取自繁体影子页，请以原页为准")
    return told
