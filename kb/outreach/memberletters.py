"""Results of many members as texts to send each of them, and as letters to print, a page a member."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date

from kb.domain.cells import tidy
from kb.domain.dates import in_words
from kb.errors import KbError
from kb.outreach import word
from kb.outreach.accountant import NOT_A_BASIS
from kb.outreach.members import Batch, Line, Result
from kb.outreach.message import caveat, shortened

LIMIT = 1_000
IN_TEXT = 8
IN_LETTER = 5
MOST_LETTERS = 1_000
"""A Word file of more pages than this opens badly on the computers of an office."""
ZIP_TYPE = "application/zip"
Address = Callable[[Result], str]
"""The address of a member's own matches; empty where none is public."""
NOTHING = "按现在填的情况，没有对上的支持事项。补充地区、人数、行业等情况后可以再对照一次。"
_ODD = re.compile(r"[^\w（）()《》—-]+")


def text_of(one: Result, day: date, organiser: str, address: str) -> str:
    """What to send a member: how much there is, what ends soon, the best few, in at most 1,000 characters."""
    for most in range(IN_TEXT, 0, -1):
        lines = [_head(one, day), *_items(one, most, address), *_last(one, organiser, address)]
        text = "\n".join(line for line in lines if line)
        if len(text) <= LIMIT:
            return text
    return text[:LIMIT]


def _head(one: Result, day: date) -> str:
    counts = f"初步符合 {len(one.eligible)} 项，可能符合 {len(one.possible)} 项"
    soon = f"，其中 60 天内到期 {len(one.soon)} 项" if one.soon else ""
    return f"【{tidy(one.member.called)}】按{in_words(day)}查：{counts}{soon}。"


def _items(one: Result, most: int, address: str) -> Iterator[str]:
    if not one.lines:
        yield NOTHING
        return
    listed = chosen(one, most)
    for number, line in enumerate(listed, 1):
        title = shortened(line.relief.title, 40)
        yield f"{number}. {title}：{_short_verdict(line)}；{_when(line)}；{line.relief.todo}"
    if len(one.lines) > len(listed):
        where = "见下面的网址" if address else "请问协会"
        yield f"还有 {len(one.lines) - len(listed)} 项，{where}。"
    if one.ask:
        yield f"补充这些能看得更准：{'、'.join(one.ask)}"


def chosen(one: Result, most: int) -> list[Line]:
    """What comes first for a member: some of what ends soon, then what fits and is met; each once."""
    soon = sorted(one.soon, key=lambda line: not (line.eligible or line.fits))[: max(1, most // 3)]
    fitting = (line for line in one.possible if line.fits)
    listed = dict.fromkeys((*soon, *one.eligible, *fitting, *one.possible))
    return list(listed)[:most]


def _short_verdict(line: Line) -> str:
    doubt = f"，{line.relief.doubt}" if line.relief.doubt else ""
    return f"{'60天内到期，' if line.relief.soon else ''}{line.verdict}{doubt}"


def _when(line: Line) -> str:
    return f"{line.relief.until}{f'，受理 {line.relief.windows}' if line.relief.windows else ''}"


def _last(one: Result, organiser: str, address: str) -> Iterator[str]:
    yield address
    if any(line.worth for line in one.lines):
        yield f"{NOT_A_BASIS}。"
    yield caveat(organiser)


def texts_zip(batch: Batch, organiser: str, address: Address) -> bytes:
    """The texts as a ZIP: one file a member, numbered as in the list, and one with all of them."""
    out = io.BytesIO()
    texts = [(one, text_of(one, batch.day, organiser, address(one))) for one in batch.results]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = "\n\n――――――――――\n\n".join(text for _one, text in texts)
        archive.writestr(_entry("全部.txt", batch.day), _encoded(whole))
        for number, (one, text) in enumerate(texts, 1):
            archive.writestr(_entry(f"{number:04}-{_file(one.member.called)}.txt", batch.day), _encoded(text))
    return out.getvalue()


def _entry(name: str, day: date) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))


def _encoded(text: str) -> bytes:
    """UTF-8 with the mark by which Notepad knows it, and its line ends."""
    return ("\ufeff" + text.replace("\n", "\r\n")).encode("utf-8", "replace")


def _file(name: str) -> str:
    return _ODD.sub("_", name).strip("_")[:40] or "会员"


def letters(batch: Batch, organiser: str, address: Address) -> bytes:
    """A Word file with a letter a member, each on a page of its own; :class:`KbError` for too many."""
    if len(batch.results) > MOST_LETTERS:
        raise KbError(
            f"信函一次最多 {MOST_LETTERS} 家，这份名单有 {len(batch.results)} 家。"
            "请把名单分成几份再做，或者下载结果表、群消息"
        )
    doc = word.new_document("惠企政策对照结果", author=organiser)
    for number, one in enumerate(batch.results):
        if number:
            word.page_break(doc)
        _letter(doc, one, batch.day, organiser, address(one))
    return word.as_bytes(doc)


def _letter(doc: word.Document, one: Result, day: date, organiser: str, address: str) -> None:
    word.heading(doc, one.member.called, 1)
    word.paragraph(doc, _head(one, day).partition("】")[2], "正文")
    if not one.lines:
        word.paragraph(doc, NOTHING, "正文")
    else:
        listed = chosen(one, IN_LETTER)
        for number, line in enumerate(listed, 1):
            for text, style in zip(_item(number, line), ("说明", "表格"), strict=True):
                word.paragraph(doc, text, style)
        rest = len(one.lines) - len(listed)
        ask = f"补充{'、'.join(one.ask)}，能看得更准。" if one.ask else ""
        word.paragraph(
            doc,
            (f"另有 {rest} 项，{'见下面的网址' if address else '请问协会'}。" if rest else "") + ask,
            "说明",
        )
    if address:
        word.paragraph(doc, address, "说明")
    word.caveat_line(doc, organiser, estimates=any(line.worth for line in one.lines))


def _item(number: int, line: Line) -> tuple[str, str]:
    """Two lines: what it is and how it comes out, then until when, what to do and by which document."""
    relief = line.relief
    verdict = f"{'60天内到期，' if relief.soon else ''}{line.verdict}{'，内容待核实' if relief.doubt else ''}"
    first = shortened(f"{number}. {relief.title}：{verdict}。{relief.what}", 70)
    document = shortened(relief.number, 30)
    when = shortened(f"{relief.until}；{relief.todo}，{relief.way}", 70 - len(document))
    return first, f"{when}；{document}"
