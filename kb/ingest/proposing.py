"""What a pasted document says about itself by simple, certain rules, each with the words it stands on.

Nothing is guessed: a field for which no rule is certain stays empty. What a member gets, and on which
conditions, is for a person to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kb.domain import docnumber
from kb.domain.dates import WordedDate, find_dates, find_lengths, parse_date
from kb.domain.proposal import Proposal, record_from
from kb.domain.sense import issuer_region
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.timeline import months_after

__all__ = ["Proposal", "propose", "record_from"]
HEAD_LINES = 30
LONGEST_TITLE = 120
_ENDINGS = (
    "通知|意见|公告|办法|措施|规定|细则|方案|政策|决定|公示|通告|函|批复|条例|指南|计划|要点|清单|答记者问"
)
_TITLE = re.compile(rf"(?:关于.{{2,}}|.{{4,}})(?:{_ENDINGS})(?:[（(〈《].{{1,20}}[）)〉》])?")
_LABEL = re.compile(r"^(?P<label>[\u4e00-\u9fff]{2,6})\s*[:：]\s*(?P<rest>.+)$")
_ORGAN = re.compile(
    r"(?:中共|中国|国务院|国家|[\u4e00-\u9fff]{2,})"
    r"(?:[部委局厅署院]|人民政府|办公厅|办公室|委员会|总局|银行|领导小组|管委会|联合会|协会|监会|指挥部|机制|中心|集团)|证监会"
)
_NATIONAL = re.compile(
    r"国务院.*|国家.*|中国(?:人民银行|证监会|银保监会|民用航空局).*|证监会|银保监会|[\u4e00-\u9fff]{2,8}(?<!指挥)部(?:办公厅)?|(?:税务|市场监管)总局|海关总署|金融监管总局"
)
_BY = re.compile(r"(?!转发|印发)([\u4e00-\u9fff]{4,30}?)关于")
_BRANCH_OF = re.compile(r"(?:国家税务总局|中国人民银行|国家统计局)(?=.)")
_URL = re.compile(r"https?://[\w.-]+\.gov\.cn[^\s，。；、）)】]*", re.ASCII)
_WHOLE = re.compile(
    r"本(?:通知|办法|意见|措施|政策|公告|规定|细则|方案|条例|文件)|有效期|(?:执行|实施|政策)期限"
)
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")


@dataclass(frozen=True)
class _Line:
    """A line without the white space around it, and where it begins in the text."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def propose(text: str, taxonomy: Taxonomy) -> tuple[Proposal, ...]:
    """What the rules find in ``text``, one proposal a field, in the order of the form."""
    lines = list(_lines(text))
    title, issuers = _title(text, lines), _issuers(text, lines)
    number, issued = _number(text, lines), _issued(text, lines)
    found = [title, number, issuers, issued, *_regions(issuers, taxonomy)]
    found += _period(text)
    found += _source(title, number, text)
    return tuple(one for one in found if one)


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare:
            yield _Line(bare, at + line.index(bare))
        at += len(line)


def _from(field: str, value: Any, text: str, start: int, end: int) -> Proposal:
    return Proposal(field, value, text[start:end], start, end)


def _labelled(lines: Iterable[_Line], *labels: str) -> Iterator[tuple[_Line, str]]:
    """Lines such as ``发文机关：…`` with what they say."""
    for line in lines:
        match = _LABEL.match(line.text)
        if match and match["label"] in labels:
            yield line, match["rest"].strip()


# -- title and number ------------------------------------------------------------------------------


def _title(text: str, lines: list[_Line]) -> Proposal | None:
    head = lines[:HEAD_LINES]
    for line, said in _labelled(head, "标题", "名称", "文件名称"):
        return _from("title", said, text, line.start, line.end)
    for at, line in enumerate(head):
        if _is_title(line.text):
            return _from("title", line.text, text, line.start, line.end)
        after = head[at + 1] if at + 1 < len(head) else None
        if after and line.text.startswith("关于") and _is_title(line.text + after.text):
            return _from("title", line.text + after.text, text, line.start, after.end)
    return None


def _is_title(text: str) -> bool:
    plain = len(text) <= LONGEST_TITLE and not re.search(
        r"[。；：:！？]|^[（(]?[一二三四五六七八九十\d]+[、.．）)]", text
    )
    return plain and bool(_TITLE.fullmatch(text)) and docnumber.parse(text) is None


def _number(text: str, lines: list[_Line]) -> Proposal | None:
    head = lines[:HEAD_LINES]
    for line, said in _labelled(head, "文号", "发文字号", "发文号"):
        if _is_number(said):
            return _from("doc_number", said, text, line.start, line.end)
    for line in head:
        bare = line.text.strip("（）()【】[] ")
        if _is_number(bare):
            return _from("doc_number", bare, text, line.start, line.end)
    return None


def _is_number(text: str) -> bool:
    found = docnumber.parse(text) if len(text) <= 40 else None
    return bool(found and found.agency and (found.year or found.agency.endswith("令")))


# -- who and when ----------------------------------------------------------------------------------


def _issuers(text: str, lines: list[_Line]) -> Proposal | None:
    """The signature above the date, else what the head of the paper says."""
    for line, said in _labelled(lines[:HEAD_LINES], "发文机关", "发布机构", "发文单位", "发布单位"):
        if organs := _organs(said):
            return _from("issuers", organs, text, line.start, line.end)
    signed = _signature(lines)
    block = (
        signed
        or list(_until_other(lines[:HEAD_LINES]))
        or [line for line in lines[-1:] if _organs(line.text)]
    )
    if not block:
        return _titled(text, lines)
    names = list(dict.fromkeys(name for line in block for name in _organs(line.text)))
    return _from("issuers", names, text, block[0].start, block[-1].end)


def _titled(text: str, lines: list[_Line]) -> Proposal | None:
    """The authority with whose name the title begins: ``试验市公安局关于……的公告``."""
    for line in lines[:HEAD_LINES]:
        match = _BY.match(line.text) if _is_title(line.text) else None
        if match and _organs(match[1]):
            return _from("issuers", [match[1]], text, line.start, line.start + match.end(1))
    return None


def _signature(lines: list[_Line]) -> list[_Line]:
    """The lines of names right above the last line that is a date."""
    dated = [at for at, line in enumerate(lines) if _day(line.text)]
    block: list[_Line] = []
    for line in reversed(lines[: dated[-1]] if dated else []):
        if not _organs(line.text):
            break
        block.insert(0, line)
    return block


def _until_other(lines: Iterable[_Line]) -> Iterator[_Line]:
    """The lines of names with which a paper begins."""
    for line in lines:
        if not _organs(line.text.removesuffix("文件")):
            return
        yield line


def _organs(text: str) -> list[str]:
    """The authorities that a text consists of, and of nothing else."""
    names = [one for one in re.split(r"[\s、，,]+", text.removesuffix("文件")) if one]
    fine = all(len(one) <= 30 and _ORGAN.fullmatch(one) and not re.search("关于|各", one) for one in names)
    return names if fine else []


def _issued(text: str, lines: list[_Line]) -> Proposal | None:
    for line, said in _labelled(lines[:HEAD_LINES], "成文日期", "发文日期", "印发日期"):
        if day := _day(said):
            return _from("issued_on", day.isoformat(), text, line.start, line.end)
    signed = [line for line in lines if _day(line.text)]
    if signed:
        day = _day(signed[-1].text)
        return _from("issued_on", str(day), text, signed[-1].start, signed[-1].end)
    for line in lines:
        day = (
            _day(line.text.removesuffix("印发").strip().split(" ")[-1])
            if line.text.endswith("印发")
            else None
        )
        if day:
            return _from("issued_on", day.isoformat(), text, line.start, line.end)
    return None


def _day(text: str) -> date | None:
    worded = parse_date(text.strip("（）() ")) if len(text) <= 30 else None
    return worded.exact if worded else None


def _regions(issuers: Proposal | None, taxonomy: Taxonomy) -> Iterator[Proposal]:
    """Where all the authorities are; the nation where all of them are known to be national."""
    if issuers is None:
        return
    places = {_place(one, taxonomy) for one in issuers.value}
    if len(places) == 1 and (place := places.pop()):
        yield Proposal("regions-include", [place], issuers.quote, issuers.start, issuers.end)


def _place(issuer: str, taxonomy: Taxonomy) -> str:
    code = issuer_region(_BRANCH_OF.sub("", issuer), taxonomy.regions)
    if code != NATION:
        return code
    return NATION if _NATIONAL.fullmatch(issuer) else ""


# -- period ----------------------------------------------------------------------------------------


def _period(text: str) -> list[Proposal]:
    """The period of the whole paper, from the last sentence that speaks of it."""
    for match in reversed(list(_SENTENCE.finditer(text))):
        sentence = match[0].strip()
        if not _WHOLE.search(sentence):
            continue
        values = _period_in(sentence)
        if values:
            start = match.start() + match[0].index(sentence)
            end = start + len(sentence)
            return [_from(f"in_force-{name}", value, text, start, end) for name, value in values.items()]
    return []


def _period_in(sentence: str) -> dict[str, str]:
    found = [one for one in find_dates(sentence) if one.exact]
    first = next((one for one in found if _stands(sentence, one, r"自{}起?")), None)
    last = next((one for one in found if _stands(sentence, one, r"(?:至|到|截止){}")), None)
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
        named = title.value + (f"（{number.value}）" if number else "")
        yield Proposal("sources-0-document", named, title.quote, title.start, title.end)
    if url := _URL.search(text):
        yield _from("sources-0-url", url[0], text, url.start(), url.end())
