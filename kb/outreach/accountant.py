"""发给会计: plain text to paste into a chat: what to fill in, where, with which papers, until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.domain.benefit import Estimate
from kb.domain.dates import in_words
from kb.domain.eligibility import Checked
from kb.domain.relief import Apply, Window
from kb.domain.taxonomy import Taxonomy
from kb.matching.catalogue import Offer
from kb.matching.match import Match
from kb.outreach.matches import GROUPS, outcome_words
from kb.outreach.message import LEAD, caveat, shortened
from kb.outreach.until import until_words

LIMIT = 1000
"""Most characters of the text about one relief."""
SHORTEST = 8
POINTS = 90
"""Most characters of the open points of one relief among several."""
NOT_A_BASIS = "测算不作为办理依据"
NO_PAPERS = "本库没有收录材料清单，以办理处要求为准"
NO_WAY = "未写明，请问主管部门"
NOTHING = "目前没有查到对应政策"
_OPEN = {"unknown": "待补充", "manual": "请对照原文"}


@dataclass(frozen=True)
class _Line:
    """A labelled line; a ``firm`` one is never cut."""

    label: str
    text: str
    firm: bool = False

    def __str__(self) -> str:
        return self.label + self.text


def accountant_text(one: Match, taxonomy: Taxonomy, organiser: str, link: str) -> str:
    """What an accountant needs to know of one relief, at most :data:`LIMIT` characters, lines by ``\\n``.

    Number, what to do, until when, link and caveat stay whole; the longest other line gives way first.
    A link too long for the limit is left out. A number that is not confirmed is never shown.
    """
    last = "\n".join(part for part in (link, caveat(organiser)) if part)
    text = _fitted([*_lines(one, taxonomy), _Line("", last, firm=True)])
    if len(text) > LIMIT and link:
        return accountant_text(one, taxonomy, organiser, "")
    return text[:LIMIT]


def _lines(one: Match, taxonomy: Taxonomy) -> Iterator[_Line]:
    offer, apply = one.offer, one.offer.relief.apply
    yield _Line("【发给会计】", offer.relief.title)
    yield _Line("对照结果：", outcome_words(one))
    if offer.lead:
        yield _Line("注意：", LEAD, firm=True)
    elif doubts := doubt_words(offer, taxonomy):
        yield _Line("内容待核实：", doubts)
    yield _Line("能得到什么：", offer.relief.what)
    yield _Line("文件：", f"《{offer.title}》")
    if number := number_words(offer):
        yield _Line("文号：", number, firm=True)
    yield _Line("要做什么：", GROUPS[one.group], firm=True)
    yield from _ways(apply, taxonomy)
    yield _Line("到什么时候：", until_words(one.status, offer.confirmed_on), firm=True)
    if windows := windows_words(one):
        yield _Line("受理时间：", windows)
    yield from _open_lines(one)
    if one.estimate and not offer.lead:
        yield _Line("测算：", f"{estimate_words(one.estimate)}；{_basis(one.estimate)}")
        yield _Line("", NOT_A_BASIS, firm=True)


def _ways(apply: Apply | None, taxonomy: Taxonomy) -> Iterator[_Line]:
    yield _Line("在哪办：", way_words(apply, taxonomy))
    if apply and apply.steps:
        yield _Line("步骤：", steps_words(apply))
    if apply and apply.url:
        yield _Line("办理网址：", apply.url, firm=True)
    if apply and apply.contact:
        yield _Line("咨询：", apply.contact)
    yield _Line("要准备：", "、".join(papers(apply)) or NO_PAPERS)


def _open_lines(one: Match) -> Iterator[_Line]:
    points = open_points(one)
    if points:
        yield _Line("还要确认：\n- ", "\n- ".join(points))


def _fitted(lines: list[_Line]) -> str:
    """The lines in at most :data:`LIMIT` characters, if cutting those that may be cut is enough."""
    while (over := len(_joined(lines)) - LIMIT) > 0:
        at = max(range(len(lines)), key=lambda place: (not lines[place].firm, len(lines[place].text)))
        text = lines[at].text
        if lines[at].firm or len(text) <= SHORTEST:
            break
        lines[at] = replace(lines[at], text=shortened(text, max(SHORTEST, len(text) - over)))
    return _joined(lines)


def _joined(lines: Sequence[_Line]) -> str:
    return "\n".join(map(str, lines))


def accountant_text_of(matches: Sequence[Match], taxonomy: Taxonomy, organiser: str, link: str) -> str:
    """Several reliefs in one text, numbered, a few short lines each, with one link and the caveat.

    Estimates are not added up: some reliefs exclude each other.
    """
    lines = [f"【发给会计】请看这 {len(matches)} 项能不能办、怎么办" if matches else NOTHING]
    for number, one in enumerate(matches, 1):
        lines.extend(_short_lines(number, one, taxonomy))
    if any(one.estimate and not one.offer.lead for one in matches):
        lines.append(NOT_A_BASIS)
    return "\n".join(line for line in (*lines, link, caveat(organiser)) if line)


def _short_lines(number: int, one: Match, taxonomy: Taxonomy) -> Iterator[str]:
    offer, apply = one.offer, one.offer.relief.apply
    lead = f"；{LEAD}" if offer.lead else ""
    yield f"{number}. {offer.relief.title}：{outcome_words(one)}{lead}"
    yield f"{document_words(offer)}；{until_words(one.status, offer.confirmed_on)}"
    yield "；".join(part for part in (way_words(apply, taxonomy), windows_words(one)) if part)
    if papers(apply):
        yield f"要准备：{'、'.join(papers(apply))}"
    if points := open_points(one):
        yield f"还要确认：{shortened('；'.join(points), POINTS)}"
    if one.estimate and not offer.lead:
        yield f"测算：{estimate_words(one.estimate)}"


def number_words(offer: Offer) -> str:
    """The document's number, or that it is not confirmed; empty for what has none."""
    if offer.doc_number:
        return offer.doc_number
    return "待核，请按文件名查找" if "doc_number" in offer.doubts else ""


def document_words(offer: Offer) -> str:
    """``《题名》（文号）``, without brackets where there is no number."""
    return f"《{offer.title}》（{offer.doc_number}）" if offer.doc_number else f"《{offer.title}》"


def doubt_words(offer: Offer, taxonomy: Taxonomy) -> str:
    """The parts of our record, but the number, that are not confirmed: ``期限、支持内容和金额``."""
    return "、".join(taxonomy.doubts.label(key) for key in offer.doubts if key != "doc_number")


def way_words(apply: Apply | None, taxonomy: Taxonomy) -> str:
    """How and where: ``申报享受（电子税务局）``."""
    if apply is None:
        return NO_WAY
    label = taxonomy.channels.label(apply.channel)
    return f"{label}（{apply.where}）" if apply.where else label


def steps_words(apply: Apply) -> str:
    """``1. …；2. …``; a single step without a number."""
    if len(apply.steps) == 1:
        return apply.steps[0]
    return "；".join(f"{number}. {step}" for number, step in enumerate(apply.steps, 1))


def papers(apply: Apply | None) -> tuple[str, ...]:
    """What to bring: materials, then the forms there are templates for."""
    return (*apply.materials, *(form.title for form in apply.templates)) if apply else ()


def windows_words(one: Match) -> str:
    """When applications are taken and whether they are on the day; empty where no window is written."""
    told = "；".join(filter(None, map(_window, one.windows)))
    if not told or one.claimable:
        return told
    return f"本年窗口已过（{told}）" if one.group == "closed" else f"还没开始受理（{told}）"


def _window(window: Window) -> str:
    days = [in_words(day) if day else "" for day in (window.opens, window.closes)]
    told = f"{days[0]}起" if days[0] else ""
    told += f"至{days[1]}" if days[1] else ""
    told = "不再受理" if window.closed else told
    return "，".join(part for part in (told, window.note) if part)


def open_points(one: Match) -> tuple[str, ...]:
    """The open conditions: ``待补充：…`` is for the company, ``请对照原文：…`` for a person to compare."""
    return tuple(_point(checked) for checked in one.checked if checked.verdict in _OPEN)


def _point(checked: Checked) -> str:
    yours = f"（本企业：{checked.yours}）" if checked.yours else ""
    return f"{_OPEN[checked.verdict]}：{checked.rule.text}{yours}"


def estimate_words(worth: Estimate) -> str:
    """``11,000—22,000 元``, in whole yuan for the whole period."""
    low, high = int(worth.low), int(worth.high)
    return f"{high:,} 元" if low == high else f"{low:,}—{high:,} 元"


def _basis(worth: Estimate) -> str:
    return "；".join((worth.formula, *worth.assumptions))
