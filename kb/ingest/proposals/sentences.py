"""A text in sentences and in the parts of them that say one thing, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.domain.proposal import Confidence, Proposal

_SENTENCE = re.compile(r"(?:(?![ \u3000]{2})[^。；;！!？?\n\t])+[。；;！!？?]?")
_CLOSING = "。；;！!"
LONGEST = 300
"""A longer stretch without a full stop is no sentence: a list of links, a page whose lines were lost."""
_NUMBERING = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,4}[条章节款]|[（(]?[一二三四五六七八九十百\d]{1,3}[）)、.．]|[①-⑳]|[-•●·*])\s*"
)
_TITLE = re.compile(r"《[^》\n]*》")
_DOES = re.compile(r"[免减缓补奖返退降延贴扣]|给予|预留|支付")
_APART = re.compile(r"[，,](?=对(?!应|象|方|外|此|比))")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: ``text`` is the whole one, the stretch goes from ``start`` to ``end``.

    ``closed`` is true for (a part of) what ends as a sentence does; headings do not.
    """

    text: str
    start: int
    end: int
    closed: bool = True

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    @property
    def bare(self) -> str:
        """The words with what stands in 《》 blanked, so that titles of papers say nothing; same length."""
        return _TITLE.sub(lambda match: "＿" * len(match[0]), self.words)

    def proposes(self, field: str, value: object, confidence: Confidence) -> Proposal:
        """A proposal that stands on the whole piece."""
        return Proposal(field, value, self.words, self.start, self.end, confidence)


def sentences(text: str, start: int = 0) -> Iterator[Piece]:
    """The sentences from ``start`` on, without numbering before them and white space around them."""
    for match in _SENTENCE.finditer(text, start):
        numbered = _NUMBERING.match(match[0])
        begin = match.start() + (numbered.end() if numbered else 0)
        words = text[begin : match.end()]
        begin += len(words) - len(words.lstrip())
        end = begin + len(words.strip())
        if begin < end <= begin + LONGEST:
            yield Piece(text, begin, end, text[end - 1] in _CLOSING)


def parts(sentence: Piece) -> Iterator[Piece]:
    """The sentence, parted where it turns to somebody else: ``，对大型企业……``.

    What stands before and does nothing yet (``自……起，``) stays with what follows.
    """
    at = sentence.start
    for match in _APART.finditer(sentence.bare):
        cut = sentence.start + match.start()
        if _DOES.search(sentence.text, at, cut):
            yield Piece(sentence.text, at, cut, sentence.closed)
            at = sentence.start + match.end()
    if at < sentence.end:
        yield Piece(sentence.text, at, sentence.end, sentence.closed)
