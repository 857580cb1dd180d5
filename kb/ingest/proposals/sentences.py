"""A text in sentences and in the parts of them that say one thing, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kb.domain.proposal import Confidence, Proposal

_NEXT = (
    r"[ \u3000](?=[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|\d{1,2}(?:、|[.．](?!\d))|【)"
)
"""Space before a numbered item or a label in 【】: where lines were lost, the next line begins there."""
_SENTENCE = re.compile(rf"(?:(?![ \u3000]{{2}}|{_NEXT})[^。；;！!？?\n\t])+[。；;！!？?]?")
_CLOSING = "。；;！!"
LONGEST = 300
"""A longer stretch without a full stop is no sentence: a list of links, a page whose lines were lost."""
_NUMBERING = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,4}[条章节款]|[（(]?[一二三四五六七八九十百\d]{1,3}[）)、.．]|[①-⑳]|[-•●·*])\s*"
)
_TITLE = re.compile(r"《[^》\n]*》")
_LESS = r"(?:减免|免收|减收|免除|减半(?:收取)?|缓收|免(?=[租房]))"
_RENT = r"(?:租金|房租|费用|物业费)"
_DESCRIBED = re.compile(
    rf"[^，,。；;：:＿]{{0,40}}(?:{_LESS}[^，,。；;：:的]{{0,16}}{_RENT}[^，,。；;：:的]{{0,6}}"
    rf"|{_RENT}[^，,。；;：:的]{{0,10}}{_LESS}"
    r"|(?:为|向|给|给予)[^，,。；;：:的]{2,20}(?:企业|主体)[^，,。；;：:的]{0,24}(?:提供|发放|开展|办理|给予|减免)[^，,。；;：:的]{0,24})"
    r"的(?!期限|时间|部分|政策|优惠|标准|损失|措施|办法)(?=[^，,。；;：:]{1,60}[，,])"
)
"""Who has helped others, in front of what he gets for that: ``对为中小企业减免租金的园区，``."""
_FOR_OTHERS = re.compile(r"的[^，,。；;：:]{1,60}[，,]")
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

    @cached_property
    def bare(self) -> str:
        """The words with blanks for titles in 《》 and for what somebody did for others; same length.

        Neither says what the paper gives, nor to whom.
        """
        plain = _TITLE.sub(_blank, self.words)
        return _DESCRIBED.sub(_blank, plain) if _FOR_OTHERS.search(plain) else plain

    def proposes(self, field: str, value: object, confidence: Confidence) -> Proposal:
        """A proposal that stands on the whole piece."""
        return Proposal(field, value, self.words, self.start, self.end, confidence)


def _blank(match: re.Match[str]) -> str:
    return "＿" * len(match[0])


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
