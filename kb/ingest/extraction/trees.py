"""A page as a tree without what no reader sees: scripts, styles, comments, choices of a search form.

Pages built to kill a parser (elements without end, a tag a megabyte long) are cut to a size that is read in
seconds; the caller's worker has the last word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import PreformattedString

LONGEST = 3_000_000
"""Characters of a page that are read."""
MOST_TAGS = 60_000
DEEPEST = 500
_HUGE = re.compile(r"</?[A-Za-z][^<>]{20000}[^<>]*>?")
_TAGS = re.compile(r"(?:<[^<>]{0,2000}>\s*)+")
_DATA = re.compile(r"data:[\w/+.;=-]{0,100}base64,[A-Za-z0-9+/=\s]{100,}")
_UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "svg", "select", "button", "textarea"}
)


@dataclass(frozen=True)
class Page:
    """A page parsed. ``scripts`` are the inline ones, taken out of the tree; ``cut`` if it was too long."""

    soup: BeautifulSoup
    scripts: tuple[str, ...]
    cut: bool


def parse(html: str) -> Page:
    """The page as a tree; never fails, whatever the markup."""
    slim = _HUGE.sub(" ", _DATA.sub("data:", html))
    kept = slim[: _enough(slim)]
    soup = BeautifulSoup(kept, "lxml")
    if _is_deep(soup):
        soup = BeautifulSoup(_TAGS.sub("<br>", kept), "lxml")
    scripts = tuple(one.string for one in soup.find_all("script") if one.string)
    for one in soup.find_all(lambda tag: tag.name in _UNSEEN):
        one.extract()
    for text in soup.find_all(string=lambda text: isinstance(text, Comment | PreformattedString)):
        text.extract()
    return Page(soup, scripts, len(kept) < len(slim))


def _is_deep(soup: BeautifulSoup) -> bool:
    """Whether elements are nested deeper than any page needs; of such a page only the text is read."""
    depths: dict[int, int] = {}
    for tag in soup.find_all(True):
        depth = depths[id(tag)] = depths.get(id(tag.parent), 0) + 1
        if depth > DEEPEST:
            return True
    return False


def _enough(html: str) -> int:
    """Where to stop reading: after so many characters or so many tags."""
    at = -1
    for _ in range(MOST_TAGS):
        at = html.find("<", at + 1)
        if at < 0:
            return LONGEST
    return min(at, LONGEST)


def first(soup: Tag, selectors: tuple[str, ...]) -> Tag | None:
    """The first element that any of the selectors finds, the selectors tried in order."""
    for selector in selectors:
        found = soup.select_one(selector)
        if found is not None:
            return found
    return None
