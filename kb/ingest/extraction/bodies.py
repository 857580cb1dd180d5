"""The body of a page: which element it is, and its paragraphs and rows as lines.

Known here are the editors that many sites share; what differs from site to site is in the source's recipe.
Where neither finds it, the densest text of the page is taken.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from kb.domain.recipe import Recipe
from kb.ingest.extraction.decoding import squeeze

EDITORS = (
    ".TRS_Editor",
    ".TRS_UEDITOR",
    ".trs_editor_view",
    "#UCAP-CONTENT",
    "#zoomcon",
    "#zoom",
    "div.article-content",
    "article",
)
"""Containers by which widespread editors and templates mark the text itself."""
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd details div dl dt fieldset figcaption figure"
        " footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot"
        " thead tr ul",
    )
)
_HAN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_HAN})[ \t\r\f\v]*\n\s*(?={_HAN})")
_FOOT = re.compile(r"版权所有|主办单位|承办单位|网站标识码|备案号|.{0,4}ICP备|【?(?:打印|关闭)")
_CELLS = re.compile(r"[\n|]")
_LINKED = 0.8
_LONG_CELL = 200
_MOST_FOUND = 50
_MOST_GUESSED = 20_000

Event = tuple[str, NavigableString | Tag]


@dataclass(frozen=True)
class Line:
    """A paragraph or a row of a table, squeezed; ``tag`` is the element it stands in: ``p``, ``tr``."""

    text: str
    tag: str


def body_of(soup: BeautifulSoup, recipe: Recipe) -> tuple[Tag | None, str]:
    """The element that holds the text, the outermost of nested ones, and the selector that found it."""
    known = EDITORS if soup.select_one(", ".join(EDITORS)) is not None else ()
    for selector in (*recipe.body, *known):
        found = [one for one in soup.select(selector, limit=_MOST_FOUND) if _says(one)]
        ours = {id(one) for one in found}
        outer = [one for one in found if not any(id(parent) in ours for parent in one.parents)]
        if outer:
            return max(outer, key=lambda one: len(one.get_text())), selector
    return None, ""


def _says(tag: Tag) -> bool:
    return bool(tag.get_text(strip=True)) or tag.find(["img", "a"]) is not None


def densest(soup: BeautifulSoup) -> list[Line]:
    """The text of a page that marks it in no known way: from the first to the last line that is dense text.

    The lines are the page's own; only where they begin and end is asked of trafilatura.
    """
    if sum(1 for _ in zip(soup.find_all(True), range(_MOST_GUESSED), strict=False)) == _MOST_GUESSED:
        return list(lines(soup.body or soup))
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    _without_menus(soup)
    own = [line for line in lines(soup.body or soup) if not _FOOT.match(line.text)]
    dense = trafilatura.extract(str(soup), include_comments=False, favor_recall=True, deduplicate=False)
    wanted = {_bare(one) for one in _CELLS.split(dense or "")}
    places = [at for at, line in enumerate(own) if any(_bare(one) in wanted for one in line.text.split("\t"))]
    return own[places[0] : places[-1] + 1] if places else own


def _bare(text: str) -> str:
    return "".join(text.split())


def _without_menus(soup: BeautifulSoup) -> None:
    """Take out what consists of links only: menus, paths, lists of other pages."""
    holders = {id(link.parent): link.parent for link in soup.find_all("a") if link.parent is not None}
    for holder in holders.values():
        whole = len(holder.get_text(strip=True))
        linked = sum(len(link.get_text(strip=True)) for link in holder.find_all("a", recursive=False))
        if holder.name != "body" and whole and linked >= _LINKED * whole:
            holder.extract()


def lines(root: Tag) -> Iterator[Line]:
    """The paragraphs and rows in their order, nothing left out, nothing twice."""
    held: list[str] = []
    tag = root.name
    counted: Counter[int] = Counter()
    for event, node in _walk(root):
        if event == "text":
            held.append(str(node))
            continue
        yield from _spoken(held, tag)
        held = []
        if isinstance(node, Tag):
            if event == "table":
                yield from rows(node)
            tag = node.name if event == "open" and node.name != "br" else "p"
            if event == "open" and node.name == "li":
                held = [_number(node, counted)]
    yield from _spoken(held, tag)


def _spoken(held: list[str], tag: str) -> Iterator[Line]:
    if said := flat("".join(held)):
        yield Line(said, tag)


def flat(text: str) -> str:
    """Text as a browser shows it on one line; a line break between two Chinese characters is none."""
    return squeeze(_BROKEN.sub("", text))


def _walk(root: Tag) -> Iterator[Event]:
    """Texts, the opening and closing of blocks, and whole tables of data, without recursion."""
    waiting: list[Event] = [("visit", root)]
    while waiting:
        event, node = waiting.pop()
        if event != "visit" or isinstance(node, NavigableString):
            yield ("text" if event == "visit" else event), node
        elif node.name == "table" and is_data(node):
            yield "table", node
        else:
            if node.name in _BLOCKS or node.name == "br":
                yield "open", node
                waiting.append(("close", node))
            waiting += [
                ("visit", one) for one in reversed(node.contents) if isinstance(one, Tag | NavigableString)
            ]


def _number(item: Tag, counted: Counter[int]) -> str:
    """The number that a browser shows before an item of a numbered list; others have none."""
    listing = item.parent
    if listing is None or listing.name != "ol":
        return ""
    start = str(listing.get("start", "1"))
    counted[id(listing)] += 1
    return f"{(int(start) if start.isdecimal() and len(start) < 6 else 1) + counted[id(listing)] - 1}. "


def is_data(table: Tag) -> bool:
    """Whether a table is one of data; tables that only arrange the page are read as paragraphs."""
    if table.find("table") is not None:
        return False
    held = [row.find_all(["td", "th"]) for row in table.find_all("tr")]
    cells = [cell for row in held if len(row) > 1 for cell in row]
    longest = max((len(cell.get_text()) for cell in cells), default=0)
    return bool(cells) and longest < (20 if len(held) > 1 else 1) * _LONG_CELL


def rows(table: Tag) -> Iterator[Line]:
    """A table's rows with their cells parted by tabs."""
    caption = table.find("caption")
    if caption is not None and (said := flat(caption.get_text())):
        yield Line(said, "p")
    for row in table.find_all("tr"):
        cells = [flat(cell.get_text(" ")) for cell in row.find_all(["td", "th"])]
        if any(cells):
            yield Line("\t".join(cells), "tr")


def images(root: Tag) -> int:
    """How many pictures stand in the body."""
    return len(root.find_all("img"))
