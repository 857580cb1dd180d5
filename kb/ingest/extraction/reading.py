"""What the text of a document says of itself: its head, its signature, the sentences on when it applies.

Only three places give the number: a line of its own in the head, right below the title, and beside the
signature. Numbers that the text cites are of other papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.domain.dates import WordedDate, find_dates
from kb.domain.extracted import Layer
from kb.domain.proposal import Confidence
from kb.domain.recipe import FactName
from kb.ingest.extraction import wording

HEAD_LINES = 12
_TITLE = re.compile(
    r"(?:关于.{2,}|.{4,}(?:关于|印发).{2,}|.{2,})"
    r"(?:通知|意见|公告|办法|措施|规定|细则|方案|政策|决定|公示|通告|函|批复|条例|指南|计划|要点|清单|目录|通报|解读)"
    r"(?:[（(〈《].{1,20}[）)〉》])?"
)
_NO_TITLE = re.compile(r"[。；：:！？]|^[（(]?[一二三四五六七八九十\d]+[、.．）)]|^附件")
_OWN = re.compile(
    r"本(?:通知|办法|意见|措施|政策|公告|规定|细则|方案|条例|文件|通告|决定)|^有效期|^执行期限|^实施期限"
)
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")
_BRACKETED = re.compile(r"^[（(](?P<inside>[^（）()]*(?:[（(][^（）()]*[）)])?[^（）()]*)[）)]$")


@dataclass(frozen=True)
class Reading:
    """A fact that the text itself gives: the words are ``text[start:end]``."""

    field: FactName
    value: str | tuple[str, ...]
    start: int
    end: int
    layer: Layer
    where: str
    confidence: Confidence


@dataclass(frozen=True)
class _Line:
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def read(text: str) -> list[Reading]:
    """What the text of a document's body says, the surest of each field first."""
    held = list(_lines(text))
    head = held[:HEAD_LINES]
    signed = _signature(held)
    found = [*_title(head), *_number(head, "head"), *_head_issuers(head)]
    if signed is not None:
        found += [*_signed(held, signed), *_number(held[max(0, signed - 3) : signed + 2], "signature")]
    found += _bracketed(head)
    found += [named for one in found if one.field == "title" and (named := _named_in(one))]
    found += _periods(text)
    return found


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare:
            yield _Line(bare, at + line.index(bare))
        at += len(line)


# -- the head --------------------------------------------------------------------------------------


def _title(head: list[_Line]) -> Iterator[Reading]:
    for at, line in enumerate(head[:6]):
        if line.text.endswith(("：", ":", "。")):
            return
        after = head[at + 1] if at + 1 < len(head) else None
        if is_title(line.text):
            yield Reading("title", line.text, line.start, line.end, "head", "正文首部", "likely")
            return
        if (
            after
            and "关于" in line.text
            and is_title(line.text + after.text)
            and not _NO_TITLE.search(line.text)
        ):
            yield Reading(
                "title", line.text + after.text, line.start, after.end, "head", "正文首部", "likely"
            )
            return


def _named_in(title: Reading) -> Reading | None:
    """The authorities with which a title begins: ``试验市人民政府关于……``."""
    before = str(title.value).partition("关于")[0].rstrip()
    names = wording.organs(before)
    end = title.start + len(before)
    return Reading("issuers", names, title.start, end, "text", "标题", "likely") if names else None


def is_title(text: str) -> bool:
    """Whether a line can be the title of a document."""
    plain = 6 <= len(text) <= 120 and not _NO_TITLE.search(text)
    return plain and bool(_TITLE.fullmatch(text)) and not wording.number(text)


def _number(block: list[_Line], layer: Layer) -> Iterator[Reading]:
    for line in block:
        if told := wording.number(line.text):
            start = line.start + line.text.index(told)
            where = "正文首部独立成段" if layer == "head" else "落款附近"
            yield Reading("doc_number", told, start, start + len(told), layer, where, "likely")
            return


def _head_issuers(head: list[_Line]) -> Iterator[Reading]:
    """The authorities with which a paper begins, before its number or title."""
    block = []
    for line in head[:6]:
        if not (names := wording.organs(line.text)):
            break
        block.append((line, names))
    if block:
        names = tuple(dict.fromkeys(name for _, each in block for name in each))
        yield Reading("issuers", names, block[0][0].start, block[-1][0].end, "head", "正文首部", "likely")


def _bracketed(head: list[_Line]) -> Iterator[Reading]:
    """``（2020年2月7日印发）`` below the title."""
    for line in head:
        match = _BRACKETED.match(line.text)
        said = match["inside"] if match else ""
        if (
            said
            and len(said) <= 40
            and re.search(r"日(?:印发|发布|公布|$)", said)
            and (day := wording.day(said))
        ):
            yield Reading("issued_on", day, line.start, line.end, "head", "标题下括注", "likely")
            return


# -- the signature ---------------------------------------------------------------------------------


def _signature(held: list[_Line]) -> int | None:
    """The line of the date under the issuers' names, the first that has them; else the last date alone."""
    dated = [at for at, line in enumerate(held) if _ends_dated(line.text)]
    signed = [
        at for at in dated if at and (wording.organs(held[at - 1].text) or _names_before(held[at].text))
    ]
    return next(iter(signed or dated[-1:]), None)


def _ends_dated(text: str) -> bool:
    """Whether a line is a day, or names of authorities and a day."""
    found = _last_day(text)
    if found is None:
        return False
    before = text[: _place(text, found)[0]].strip("（( ")
    after = text[_place(text, found)[1] :].strip("）) ")
    return not after and (not before or bool(wording.organs(before)))


def _last_day(text: str) -> WordedDate | None:
    exact = [one for one in find_dates(text) if one.exact] if len(text) <= 60 else []
    return exact[-1] if exact else None


def _place(text: str, found: WordedDate) -> tuple[int, int]:
    """Where the wording of a date stands in the text; spaces and widths may differ."""
    pattern = r"\s*".join(map(_either, found.wording.replace(" ", "")))
    match = re.search(pattern, text)
    return match.span() if match else (0, 0)


def _either(char: str) -> str:
    """A letter or its full-width twin."""
    wide = chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char
    return (
        f"[{re.escape(char)}{re.escape(wide)}○〇]"
        if char in "〇○"
        else f"[{re.escape(char)}{re.escape(wide)}]"
    )


def _names_before(text: str) -> tuple[str, ...]:
    found = _last_day(text)
    return wording.organs(text[: _place(text, found)[0]].strip("（( ")) if found else ()


def _signed(held: list[_Line], at: int) -> Iterator[Reading]:
    line = held[at]
    found = _last_day(line.text)
    if found is None:
        return
    begins, ends = _place(line.text, found)
    day = wording.day(line.text[begins:ends])
    if names := _names_before(line.text):
        yield Reading("issuers", names, line.start, line.start + begins, "signature", "落款", "certain")
    else:
        yield from _signers(held[max(0, at - 12) : at])
    if day:
        start = line.start + begins
        yield Reading("issued_on", day, start, start + ends - begins, "signature", "落款", "certain")


def _signers(before: list[_Line]) -> Iterator[Reading]:
    block: list[_Line] = []
    for line in reversed(before):
        if not wording.organs(line.text):
            break
        block.insert(0, line)
    if block:
        names = tuple(dict.fromkeys(name for line in block for name in wording.organs(line.text)))
        yield Reading("issuers", names, block[0].start, block[-1].end, "signature", "落款", "certain")


# -- when it applies -------------------------------------------------------------------------------


def _periods(text: str) -> Iterator[Reading]:
    """The first and last day that sentences on the paper as a whole give; nothing is counted out."""
    for match in reversed(list(_SENTENCE.finditer(text))):
        sentence = match[0].strip()
        if len(sentence) > 200 or not _OWN.search(sentence):
            continue
        days = [one for one in find_dates(sentence) if one.exact]
        start = match.start() + match[0].index(sentence)
        found = list(_ends(sentence, days, start))
        yield from found
        if found:
            return


def _ends(sentence: str, days: list[WordedDate], at: int) -> Iterator[Reading]:
    for one in days:
        begins, ends = _place(sentence, one)
        before, after = sentence[:begins], sentence[ends:]
        if re.search(r"自\s*$", before) and re.match(
            r"\s*起?(?:正式)?(?:施行|执行|实施|生效|至|，?\s*有效期)", after
        ):
            field: FactName = "effective_on"
        elif re.search(
            r"(?:有效期|执行|实施|施行)[^，。；]{0,12}(?:至|到|截止)\s*$|起至\s*$|日至\s*$|，至\s*$", before
        ):
            field = "expires_on"
        else:
            continue
        value = wording.day(sentence[begins:ends])
        if value:
            yield Reading(field, value, at, at + len(sentence), "text", "正文", "likely")
