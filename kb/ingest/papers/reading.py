"""What an association's paper says of itself, and how its places are called in a source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kb.domain.dates import in_words, parse_date
from kb.domain.document import Block, Document, Section, sections
from kb.ingest.authorities import squeeze_spaced
from kb.ingest.documents import wording

_ASSOCIATION = re.compile(r"[\u4e00-\u9fff（）()]{2,24}?(?:协会|学会|联合会|商会|促进会|联盟)")
_ISSUE = re.compile(r"第\s*[\d一二三四五六七八九十百]+\s*[期号]")
_BRACKETED = re.compile(r"[（(]\s*([^（）()]{2,10})\s*[)）]")
_LOOSE = re.compile(
    r"(?<=[\d\u3000-\u9fff])[ \u3000]+(?=[\u3000-\u9fff])|(?<=[\u3000-\u9fff])[ \u3000]+(?=\d)"
)
_HEAD_BLOCKS = 12
_SENTENCE = re.compile(r"[^。！？；]*[。！？；]?")


@dataclass(frozen=True)
class Head:
    """Who issued a paper, when, what it is called; ``issue`` such as ``（协会专刊）第31期`` or empty."""

    issuer: str
    title: str
    issued_on: date | None
    issue: str = ""

    @property
    def document(self) -> str:
        """The paper as entries name it in their sources."""
        day = f"（{in_words(self.issued_on)}）" if self.issued_on else ""
        return f"{self.issuer}《{self.title}》{self.issue}{day}"


@dataclass(frozen=True)
class Place:
    """A section with the sections it lies in, the widest first."""

    section: Section
    above: tuple[Section, ...]

    @property
    def path(self) -> tuple[Section, ...]:
        return (*self.above, self.section)


def head_of(paper: Document) -> Head | None:
    """The head of a paper that an association issued; ``None`` for any other paper."""
    issuer = _issuer(paper)
    if not issuer or not paper.title:
        return None
    return Head(issuer, paper.title, _day(paper), _issue(paper))


def _issuer(paper: Document) -> str:
    """The association that signed the paper or stands above its title."""
    first = next((at for at, block in enumerate(paper.blocks) if block.kind == "title"), 0)
    signed = [block for block in paper.blocks if block.kind == "signature"]
    for block in (*paper.blocks[:first], *signed):
        found = _ASSOCIATION.match(squeeze_spaced(block.text))
        if found and wording.is_organ(block.text):
            return found[0]
    return ""


def _day(paper: Document) -> date | None:
    """The day of the head, else of the signature."""
    for block in paper.blocks:
        worded = parse_date(block.text) if block.kind == "signature" else None
        if worded and worded.exact:
            return worded.exact
    return None


def _issue(paper: Document) -> str:
    """``（协会专刊）第31期``: what stands between title and text about a periodical."""
    head = [block.text for block in paper.blocks[:_HEAD_BLOCKS] if block.kind == "paragraph"]
    numbers = [text for text in head if _ISSUE.fullmatch(text)]
    if not numbers:
        return ""
    names = [match[1] for text in head if (match := _BRACKETED.fullmatch(text))]
    return "".join(f"（{name}）" for name in names) + "".join(numbers[0].split())


# -- places ----------------------------------------------------------------------------------------


def places(paper: Document) -> Iterator[Place]:
    """Every section that something opens, in the order of the text."""
    for section in sections(paper):
        yield from _places(section, ())


def _places(section: Section, above: tuple[Section, ...]) -> Iterator[Place]:
    own = above
    if section.opening:
        yield Place(section, above)
        own = (*above, section)
    for part in section.parts:
        yield from _places(part, own)


def headline(block: Block) -> str:
    """What a heading, or the first sentence of a numbered paragraph, says, without number and stop."""
    said = wording.after_number(block.text)
    if block.kind == "item":
        said = said.partition("。")[0]
    return close(said.strip(" ：:。*"))


def rest(block: Block) -> str:
    """A numbered paragraph without its number and headline."""
    return wording.after_number(block.text).partition("。")[2].strip() if block.kind == "item" else ""


def close(text: str) -> str:
    """The text without spaces between Chinese characters and beside figures."""
    return _LOOSE.sub("", wording.tight(text))


def label(place: Place, last: str = "") -> str:
    """What sources call a place: ``三、有序复工复产的相关建议（二）``; ``last`` in place of its own."""
    return "".join([*map(_step, place.above), last or _step(place.section)]) or "正文"


def _step(section: Section) -> str:
    block = section.opening
    if block is None:
        return ""
    number = wording.number_of(block.text)
    if wording.is_attached(block.text):
        return _attached(section, block, number)
    if block.kind == "item":
        return number
    name = " ".join(block.text.split())
    return f"“{name}”" if block.level == wording.UNNUMBERED else name


def _attached(section: Section, block: Block, number: str) -> str:
    """``附件2“名称”``; a bare ``附件`` is called by the title that stands under it."""
    name = headline(block)
    if name:
        return f"{number}“{name}”"
    own = title_under(section)
    return f"{number}《{close(own.text)}》" if own else number


def title_under(section: Section) -> Block | None:
    """The heading right under a bare ``附件``: the attached paper's own title."""
    if section.blocks or not section.parts:
        return None
    first = section.parts[0].opening
    return first if first and first.level == wording.UNNUMBERED else None


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end."""
    for match in _SENTENCE.finditer(text):
        if match[0].strip():
            yield match.start(), match.end()
