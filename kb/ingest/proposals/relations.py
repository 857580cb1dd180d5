"""What a paper does to earlier ones: extends, stops, changes, passes on; named by their numbers.

Only a paper that is named by number is proposed. A part of one that stops is a change (部分条款失效不等于
全文失效), and what is excepted (除…外、不予废止) is said as it stands and left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kb.domain import docnumber
from kb.domain.dates import find_dates
from kb.domain.proposal import Confidence, Proposal
from kb.ingest.proposals.sentences import Piece

_FUNCTION = (
    "根据|按照|依据|依照|执行|落实|贯彻|参照|同时|废止|停止|延长|延续|转发|印发|修改|结合|发布|公布|文件|规定|及其|以及|"
    "取代|代替|替代|修订|本办法|本条例|本通知|本公告|原|和|与|及|对|将|的|在|把|按|由"
)
"""Words before a number that are no part of the agency's name."""
_AGENCY = r"[\u4e00-\u9fff]"
_SERIAL = r"第?\s*\d{1,5}\s*号"
_NUMBER = re.compile(
    rf"(?P<agency>{_AGENCY}{{2,12}})[〔\[［【（(﹝]\s*(?:19|20)\d\d\s*[〕\]］】）)﹞]\s*{_SERIAL}"
    rf"|(?P<office>{_AGENCY}{{2,10}}(?:[ 　、]{_AGENCY}{{2,10}}){{0,5}}(?:公告|令))"
    rf"\s*(?:(?:19|20)\d\d年)?\s*{_SERIAL}"
)
_AFTER_FUNCTION = re.compile(rf".*(?:{_FUNCTION})")
_CLAUSE = re.compile(r"第[一二三四五六七八九十百\d]+[条款项章]")
_CLAUSES = re.compile(rf"{_CLAUSE.pattern}(?:[、和及至]{_CLAUSE.pattern})*")
_OWN_CLAUSE = re.compile(rf"[）)》\s]*中?的?{_CLAUSE.pattern}")
_NEAR = 10
_BUT = re.compile(
    r"除[^，,。；]{1,40}外|不予废止|不废止|继续有效|第[一二三四五六七八九十百\d]+[条款项](?:除外|继续)"
)
_DONE = re.compile(r"已(?:经)?(?:废止|失效|停止|到期)|尚未|拟|建议|能否")


@dataclass(frozen=True)
class Named:
    """A paper that a sentence names: its number as written and where."""

    number: str
    start: int
    end: int


def named(piece: Piece) -> tuple[Named, ...]:
    """The papers that a piece names by number, in order, each once."""
    found: dict[str, Named] = {}
    for match in _NUMBER.finditer(piece.words):
        start = match.start()
        agency = match["agency"] or match["office"]
        if lead := _AFTER_FUNCTION.match(agency):
            start += lead.end()
        number = piece.words[start : match.end()]
        parsed = docnumber.parse(number)
        if parsed and len(parsed.agency) >= 2:
            found.setdefault(
                docnumber.comparison_form(number),
                Named(number, piece.start + start, piece.start + match.end()),
            )
    return tuple(found.values())


_EXTENDS = re.compile(
    r"延长(?:实施|执行)?(?:期限)?(?:至|到)|延续(?:实施|执行)?(?:至|到)|继续(?:执行|实施)(?:至|到)|(?:顺延|延期)(?:至|到)"
)
_STOPS = re.compile(r"(?:予以|同时|自行|一并|即行)?(?:废止|停止执行|停止施行|失效|不再执行)|代替|取代|替代")
_CHANGES = re.compile(r"(?:修改|修订|调整)为|作(?:出)?如下修[改订]|予以修[改订]|作(?:出)?(?:以下|如下)调整")
_PASSES_ON = re.compile(r"(?:现将|将).{0,160}转发(?:给你们|你们)?|^转发")
_CARRIES_OUT = re.compile(r"^(?:为|根据|按照|依据|依照|为(?:深入)?贯彻|贯彻)")
_NOW = re.compile(r"现(?:就|将|公告|通知|结合)|制定本|特制定|如下|经[^，。]{1,20}同意")
_FROM = re.compile(r"自(?P<day>[^，,。；起]{4,16}?)(?:之日)?起")


def relations(
    piece: Piece, known: Mapping[str, str], starts: str | None, own: str = ""
) -> Iterator[Proposal]:
    """What the sentence says of the papers it names. ``known`` gives the entry of a number's comparison form,
    ``starts`` the first day of this paper where it is certain, ``own`` its number.
    """
    mine = docnumber.comparison_form(own) if own else ""
    papers = [one for one in named(piece) if docnumber.comparison_form(one.number) != mine]
    bare = piece.bare
    papers = [one for one in papers if not _is_later(one, own) and not _acts(one, piece)]
    if not papers or _DONE.search(bare):
        return
    kind = next((kind for kind, rule in _KINDS.items() if rule.search(bare)), None)
    if kind == "implements" and not (
        _PASSES_ON.search(bare) or (_CARRIES_OUT.search(bare) and _NOW.search(bare))
    ):
        kind = None
    for paper in _meant(str(kind), papers, piece) if kind else ():
        yield from _said(str(kind), paper, piece, known, starts, part=_is_part(paper, papers, piece))


def _meant(kind: str, papers: list[Named], piece: Piece) -> list[Named]:
    """The papers that the deed is done to: for what stops one, those that stand right before or after it."""
    if kind != "repeals":
        return papers
    spots = [(piece.start + at.start(), piece.start + at.end()) for at in _STOPS.finditer(piece.bare)]
    near = [one for one in papers if any(_gap(one, spot, papers, piece) <= _NEAR for spot in spots)]
    return near


def _gap(one: Named, spot: tuple[int, int], papers: list[Named], piece: Piece) -> int:
    """How many characters stand between a paper and a deed that belong to no other paper."""
    start, end = (one.end, spot[0]) if one.end <= spot[0] else (spot[1], one.start)
    between = piece.text[start:end]
    for other in papers:
        between = between.replace(other.number, "")
    return len(
        re.sub(
            r"《[^》]*》|[（）()、和及,，]|第[一二三四五六七八九十\d]+[条款项]|自[^，,。；]{4,16}起",
            "",
            between,
        )
    )


def _is_part(paper: Named, papers: list[Named], piece: Piece) -> bool:
    """Whether only articles of it are meant: those named right after it, or somewhere else in the piece."""
    own = {one.number: bool(_OWN_CLAUSE.match(piece.text, one.end, piece.end)) for one in papers}
    elsewhere = len(_CLAUSES.findall(piece.bare)) > sum(own.values())
    return own[paper.number] or elsewhere


def _is_later(paper: Named, own: str) -> bool:
    """Whether it is younger than the paper that speaks, by the years of their numbers."""
    mine, other = docnumber.parse(own) if own else None, docnumber.parse(paper.number)
    return bool(mine and other and mine.year and other.year > mine.year)


def _acts(paper: Named, piece: Piece) -> bool:
    """Whether it is said to do it itself: ``由……延长至``, ``被……取代``."""
    return bool(re.search(r"(?:由|被|经|后由)(?:《[^》]*》[（(]?)?$", piece.text[piece.start : paper.start]))


_KINDS = {
    "extends": _EXTENDS,
    "amends": _CHANGES,
    "repeals": _STOPS,
    "implements": re.compile(rf"{_PASSES_ON.pattern}|{_CARRIES_OUT.pattern}"),
}


def _said(
    kind: str, paper: Named, piece: Piece, known: Mapping[str, str], starts: str | None, *, part: bool
) -> Iterator[Proposal]:
    bare = piece.bare
    excepted = bool(_BUT.search(bare))
    confidence: Confidence = "hint" if excepted else "certain"
    value: dict[str, Any] = {"type": kind, **_target(paper, known)}
    if kind == "extends":
        end = _end(bare)
        if end is None:
            return
        value["end"] = end
        confidence = "likely" if excepted or part else confidence
    if kind == "repeals":
        if part or (excepted and "除" in bare):
            value["type"], confidence = "amends", "hint" if excepted else "likely"
        elif re.search(r"不予废止|不废止|继续有效", bare):
            return
        elif day := _first_day(bare):
            value["from"] = day
        elif starts:
            value["from"], confidence = starts, "likely"
    if kind == "implements":
        confidence = "certain" if re.search(r"将.{0,160}转发", bare) else "likely"
    if excepted or part:
        value["note"] = piece.words
    yield Proposal("relations-0", value, piece.words, piece.start, piece.end, confidence)


def _target(paper: Named, known: Mapping[str, str]) -> dict[str, str]:
    entry = known.get(docnumber.comparison_form(paper.number))
    return {"to": entry} if entry else {"to_number": paper.number}


def _end(bare: str) -> str | None:
    """The one day to which the sentence extends; a month without a day is taken to its last."""
    ends = set()
    for match in _EXTENDS.finditer(bare):
        after = bare[match.end() : match.end() + 16]
        found = find_dates(after)
        if found and after.replace(" ", "").startswith(found[0].wording.replace(" ", "")[:4]):
            ends.add(found[0].last)
    return ends.pop().isoformat() if len(ends) == 1 else None


def _first_day(bare: str) -> str | None:
    days = {day for match in _FROM.finditer(bare) for one in find_dates(match["day"]) if (day := one.exact)}
    return days.pop().isoformat() if len(days) == 1 else None
