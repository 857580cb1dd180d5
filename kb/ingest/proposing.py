"""What a pasted document says about itself by simple, certain rules, each with the words it stands on.

Nothing is guessed: a field for which no rule is certain stays empty. What a member gets, and on which
conditions, is for a person to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kb.domain.dates import WordedDate, find_dates, find_lengths
from kb.domain.proposal import Confidence, Proposal, record_from
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import months_after
from kb.ingest.authorities import names_in, place_of_all, place_told
from kb.ingest.documents.wording import without_number
from kb.ingest.signing import (
    BY,
    HEAD_LINES,
    Line,
    day_of,
    is_number,
    is_title,
    letterhead,
    lines_in,
    names_above,
    names_of,
    own_signature,
    signed,
)

__all__ = ["Proposal", "propose", "record_from"]
_LABEL = re.compile(r"^(?P<label>[\u4e00-\u9fff]{2,6})\s*[:：]\s*(?P<rest>.+)$")
_BARE = re.compile(r"(?:19|20)\d\d\s*年\s*第\s*\d{1,4}\s*号")
_KIND = re.compile(r"(?:公告|通告|令)$")
_JOINT = re.compile(r"[\u4e00-\u9fff]+(?:公告|通告)\s*(?:19|20)\d\d\s*年\s*第\s*\d{1,4}\s*号")
_RELATIVE = re.compile(r"[省市县区]")
_IMPRINT = 80
_UNTIL = r"(?:至|到|截止(?:时间|日期?)?(?:为|至|到)?){}(?!起)"
_SINCE = r"(?:自|从){}[^，。；]{{0,4}}(?:起|开始)[^，。；]{{0,4}}(?:施行|实施|执行|生效|有效)"
_URL = re.compile(r"https?://[\w.-]+\.gov\.cn[^\s，。；、）)】]*", re.ASCII)
_PAPER = "通知|办法|意见|措施|政策|公告|规定|细则|方案|条例|文件"
_WHOLE = re.compile(
    rf"(?:本(?:若干|实施|暂行|管理|扶持|优惠|支持){{0,2}}|(?:上述|以上)(?:各项)?)(?:{_PAPER})"
    r"|^(?:第[一二三四五六七八九十百]+条|[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．])?\s*"
    r"(?:自[^，,。；]{2,14}起[^，,。；]{0,8}[，,])?(?:政策)?(?:有效期|(?:执行|实施|政策)期限)(?!.*延[长续])"
)
"""Words with which a sentence speaks of its whole paper; 期限 alone counts only where it begins with it."""
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")


def propose(text: str, taxonomy: Taxonomy) -> tuple[Proposal, ...]:
    """What the rules find in ``text``, one proposal a field, in the order of the form."""
    lines = list(lines_in(text))
    title, issuers = _title(text, lines), _issuers(text, lines)
    number, issued = _number(text, lines), _issued(text, lines)
    found = [title, number, issuers, issued, *_regions(text, issuers, taxonomy)]
    found += _period(text)
    found += _source(title, number, text)
    return tuple(one for one in found if one)


def _from(field: str, value: Any, text: str, start: int, end: int) -> Proposal:
    return Proposal(field, value, text[start:end], start, end)


def _labelled(lines: Iterable[Line], *labels: str) -> Iterator[tuple[Line, str]]:
    """Lines such as ``发文机关：…`` with what they say."""
    for line in lines:
        match = _LABEL.match(line.text)
        if match and match["label"] in labels:
            yield line, match["rest"].strip()


# -- title and number ------------------------------------------------------------------------------


def _title(text: str, lines: list[Line]) -> Proposal | None:
    head = lines[:HEAD_LINES]
    for line, said in _labelled(head, "标题", "名称", "文件名称"):
        return _from("title", said, text, line.start, line.end)
    for at, line in enumerate(head):
        if is_title(line.text):
            return _from("title", without_number(line.text)[0], text, line.start, line.end)
        after = head[at + 1] if at + 1 < len(head) else None
        if after and line.text.startswith("关于") and is_title(line.text + after.text):
            return _from("title", line.text + after.text, text, line.start, after.end)
    return None


def _number(text: str, lines: list[Line]) -> Proposal | None:
    head = lines[:HEAD_LINES]
    for line, said in _labelled(head, "文号", "发文字号", "发文号"):
        if is_number(said):
            return _from("doc_number", said, text, line.start, line.end)
    for at, line in enumerate(head):
        bare = line.text.strip("（）()【】[] ")
        if is_number(bare) and not without_number(bare)[1]:
            above = names_above(head, at) if _JOINT.fullmatch(bare) else []
            said = " ".join([one.text for one in above] + [bare])
            return _from("doc_number", said, text, (above or [line])[0].start, line.end)
    return _number_of_title(text, head)


def _number_of_title(text: str, head: list[Line]) -> Proposal | None:
    """A number on the line of the title; of 2020年第2号 below it, the whole as it is cited."""
    at = next((at for at, line in enumerate(head) if is_title(line.text)), None)
    if at is None:
        return None
    line, after = head[at], head[at + 1] if at + 1 < len(head) else None
    if number := without_number(line.text)[1]:
        start = line.start + line.text.index(number)
        return _from("doc_number", number, text, start, start + len(number))
    bare = after.text.strip("（）() ") if after else ""
    kind, by = _KIND.search(line.text), BY.match(line.text)
    if after and _BARE.fullmatch(bare) and kind and by and names_in(by[0]):
        return _from("doc_number", f"{by[0]}{kind[0]}{bare}", text, after.start, after.end)
    return None


# -- who and when ----------------------------------------------------------------------------------


def _issuers(text: str, lines: list[Line]) -> Proposal | None:
    """The signature above the date, else what the head or the title of the paper says."""
    for line, said in _labelled(lines[:HEAD_LINES], "发文机关", "发布机构", "发文单位", "发布单位"):
        if organs := names_in(said):
            return _from("issuers", list(organs), text, line.start, line.end)
    unsigned = [line for line in lines[-1:] if names_in(line.text) and not signed(lines)[0]]
    block = own_signature(lines)[0] or letterhead(lines) or unsigned
    if not block:
        return _titled(text, lines)
    return _from("issuers", names_of(block), text, block[0].start, block[-1].end)


def _titled(text: str, lines: list[Line]) -> Proposal | None:
    """The authority with whose name the title begins: ``试验市公安局关于……的公告``."""
    for line in lines[:HEAD_LINES]:
        start = line.text.index(without_number(line.text)[0])
        match = BY.match(line.text, start) if is_title(line.text) else None
        if match and not _RELATIVE.match(match[0]) and (names := names_in(match[0])):
            return _from("issuers", list(names), text, line.start + start, line.start + match.end())
    return None


def _issued(text: str, lines: list[Line]) -> Proposal | None:
    for line, said in _labelled(lines[:HEAD_LINES], "成文日期", "发文日期", "印发日期"):
        if day := day_of(said):
            return _from("issued_on", day.isoformat(), text, line.start, line.end)
    if own := own_signature(lines)[1]:
        return _from("issued_on", str(day_of(own.text)), text, own.start, own.end)
    for line in lines:
        days = [one.exact for one in find_dates(line.text)] if line.text.endswith("印发") else []
        if len(days) == 1 and days[0] and len(line.text) <= _IMPRINT:
            return _from("issued_on", days[0].isoformat(), text, line.start, line.end)
    return None


def _regions(text: str, issuers: Proposal | None, taxonomy: Taxonomy) -> Iterator[Proposal]:
    """Where all the authorities are; the nation where all of them are known to be national."""
    if issuers is None:
        return
    place, sure = place_of_all(issuers.value, taxonomy.regions)
    if place:
        confidence: Confidence = "certain" if sure else "likely"
        yield Proposal("regions-include", [place], issuers.quote, issuers.start, issuers.end, confidence)
    elif len(issuers.value) == 1:
        place, words = place_told(issuers.value[0], text, taxonomy.regions)
        if place:
            start = text.index(words)
            yield Proposal("regions-include", [place], words, start, start + len(words), "likely")


# -- period ----------------------------------------------------------------------------------------


def _period(text: str) -> list[Proposal]:
    """The period of the whole paper, from the last sentence that speaks of its end, else of its start."""
    said = [one for one in _SENTENCE.finditer(text) if _WHOLE.search(one[0].strip())]
    for read in (_period_in, _start_in):
        for match in reversed(said):
            sentence = match[0].strip()
            if values := read(sentence):
                start = match.start() + match[0].index(sentence)
                end = start + len(sentence)
                return [_from(f"in_force-{name}", value, text, start, end) for name, value in values.items()]
    return []


def _period_in(sentence: str) -> dict[str, str]:
    found = [one for one in find_dates(sentence) if one.exact]
    first = next((one for one in found if _stands(sentence, one, r"自{}起?")), None)
    last = next((one for one in found if _stands(sentence, one, _UNTIL)), None) or _year_end(sentence)
    note = {"note": sentence.rstrip("。；")}
    start = {"start": first.first.isoformat()} if first else {}
    if last and not (first and last.first < first.first):
        return {"end_kind": "dated", **start, "end": last.first.isoformat(), **note}
    if "长期有效" in sentence:
        return {"end_kind": "long_term", **start, **note}
    until = _after(first.first, sentence) if first else None
    if until:
        return {"end_kind": "dated", **start, "end": until.isoformat(), **note, "inferred": note["note"]}
    return {}


def _start_in(sentence: str) -> dict[str, str]:
    """The start of a paper that takes effect on a day and does not say until when."""
    found = [one for one in find_dates(sentence) if one.exact]
    first = next((one for one in found if _stands(sentence, one, _SINCE)), None)
    return {"start": first.first.isoformat(), "note": sentence.rstrip("。；")} if first else {}


def _year_end(sentence: str) -> WordedDate | None:
    """The last day of the year in 有效期至2020年底."""
    said = re.search(r"(?:至|到)((?:19|20)\d\d)\s*年\s*年?[底末]", sentence)
    day = date(int(said[1]), 12, 31) if said else None
    return WordedDate(day, day, said[0]) if said and day else None


def _stands(sentence: str, one: WordedDate, shape: str) -> bool:
    """Whether a date stands in the sentence as ``shape`` says; spaces within its wording may differ."""
    wording = r"\s*".join(map(re.escape, one.wording))
    return bool(re.search(shape.format(wording), sentence))


def _after(start: date, sentence: str) -> date | None:
    """The last day of ``有效期两年`` counted from ``start``."""
    said = re.search(r"有效期(?:为|限为)?([^，。；]{1,8})", sentence)
    lengths = find_lengths(said[1]) if said else []
    if len(lengths) != 1 or lengths[0].unit not in ("年", "月"):
        return None
    months = lengths[0].count * (12 if lengths[0].unit == "年" else 1)
    return months_after(start, months) - timedelta(days=1)


# -- source ----------------------------------------------------------------------------------------


def _source(title: Proposal | None, number: Proposal | None, text: str) -> Iterator[Proposal]:
    if title:
        yield named_source(title, number)
    if url := _URL.search(text):
        yield _from("sources-0-url", url[0], text, url.start(), url.end())


def named_source(title: Proposal, number: Proposal | None) -> Proposal:
    """What an entry names as its source: the paper's title with its number, as sure as the title is."""
    named = title.value + (f"（{number.value}）" if number and number.value not in title.value else "")
    return replace(title, field="sources-0-document", value=named)
