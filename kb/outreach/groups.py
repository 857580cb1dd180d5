"""Plain text to paste into a group chat about several things at once: a search's best, a company's matches.

At most :data:`kb.outreach.message.LIMIT` characters, the caveat never cut.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from kb.domain.dates import in_words
from kb.domain.telling import words_of
from kb.domain.timeline import StatusOn, status_on
from kb.matching.match import Match, Matches
from kb.matching.ways import GROUPS as ORDER
from kb.matching.ways import Group
from kb.outreach.message import LEAD, LIMIT, SEE, caveat, shortened
from kb.outreach.until import Dated, running_words, runs_words
from kb.search.engine import Answer, Hit
from kb.search.record import Record

Address = Callable[[str], str]
QUESTION = 30
"""Most characters of the question in its message."""
GIST = 26
"""Characters of a benefit or a title that are kept as long as there are several."""
SHORTEST_GIST = 10
TITLES = (18, 12)
"""Characters of a title among a company's matches: what shows more of them is taken."""
ABOUT = 40
ALL_DOUBTED = "以上各项都有内容待核实"
MOST_HITS = 3
_LISTS = ((3, True, True), (2, True, True), (3, True, False), (2, True, False), (3, False, True),
          (2, False, True), (1, True, False), (1, False, True))  # fmt: skip
"""How many hits, whether each with its link, whether with the search's: what is tried, the best first."""


def search_message(
    answer: Answer,
    question: str,
    organiser: str,
    link: str,
    entry_link: Address,
    doubted: Collection[str] = (),
) -> str:
    """The question, the day, how many were found, the best few with benefit, until when and link.

    ``link`` is the search's own address, ``entry_link`` makes that of an entry by its id,
    ``doubted`` are the ids of those with something not verified. What does not fit
    gives way: first the search's link, then those of the hits, then hits.
    """
    asked = f"【查政策】{shortened(question, QUESTION) or '全部政策'}"
    head = f"{asked}：按{in_words(answer.as_of)}查，找到 {answer.total} 件"
    for most, own, whole in _LISTS:
        hits = answer.hits[:most]
        links = [entry_link(hit.record.id) if own else "" for hit in hits]
        for length in range(GIST, SHORTEST_GIST - 1, -2):
            lines = [
                head,
                *(
                    _hit_line(at, hit, answer.as_of, length, links[at - 1], doubted)
                    for at, hit in enumerate(hits, 1)
                ),
                _checked_line((hit.record.confirmed_on, hit.status) for hit in hits),
            ]
            text = _text([*lines, link if whole else "", caveat(organiser)])
            if len(text) <= LIMIT:
                return text
    return _last_resort(head, link, organiser)


def dated_rows(record: Record, day: date) -> tuple[Dated, ...]:
    """Every relief's title with its status on ``day``, without reading the store."""
    found = ((row.title, status_on(row.steps, record.trust, day)) for row in record.rows)
    return tuple((title, status) for title, status in found if status)


def _hit_line(number: int, hit: Hit, day: date, length: int, link: str, doubted: Collection[str]) -> str:
    record = hit.record
    runs = record.offers and record.kind in ("policy", "service")
    ends = runs_words(hit.status, dated_rows(record, day), see=SEE if link else "") if runs else ""
    marks = [ends] if ends else []
    marks += _marks(record.lead, record.id in doubted, record.confirmed_on, hit.status)
    ending = f"（{'，'.join(mark for mark in marks if mark)}）" if any(marks) else ""
    gist = shortened(record.promise.rstrip("。"), length)
    return "".join((f"{number}. {gist}{ending}", f" {link}" if link else ""))


def _marks(lead: bool, doubted: bool, confirmed_on: date | None, status: StatusOn) -> list[str]:
    """What must not be lost however short the line is."""
    marks = [LEAD] if lead else ["内容待核实"] if doubted else []
    if confirmed_on is None:
        marks.append("时效未核对")
    elif status.lapsed:
        marks.append("待复核")
    return marks


def _checked_line(shown: Iterable[tuple[date | None, StatusOn]]) -> str:
    """When the statuses above were last checked, once for all; nothing where nobody has."""
    days = sorted({day for day, _status in shown if day})
    if not days:
        return ""
    first, last = in_words(days[0]), in_words(days[-1])
    return f"最近核对{first}" if first == last else f"最近核对{first}至{last}"


WAYS: dict[Group, str] = {
    "automatic": "不用申请",
    "declare": "报税时填",
    "apply": "需要申请",
    "bank": "找银行",
    "use": "投标回款时用",
    "closed": "本年窗口已过",
}
"""What a company must do, as short as a chat needs it."""


def match_message(found: Matches, told: Collection[str], organiser: str, link: str) -> str:
    """What a company may get, for a chat: who it is, how many fit, the first of every group, until when.

    ``told`` names the facts that may be said of the company: those that its link says too. No amounts: what
    a company reckons with is its own.
    """
    listed = [one for one in found.matches if one.outcome != "ineligible"]
    counts = {name: sum(one.outcome == name for one in listed) for name in ("eligible", "possible")}
    words = "、".join(_company_words(found, told))
    head = f"【惠企政策对照】{shortened(words, ABOUT)}，" if words else "【惠企政策对照】"
    head += f"按{in_words(found.day)}查："
    if not listed:
        return _last_resort(f"{head}目前没有查到对应政策", link, organiser)
    head += f"初步符合 {counts['eligible']} 项，可能符合 {counts['possible']} 项"
    texts = [_filled(head, _turns(listed), length, link, organiser) for length in TITLES]
    return max(texts, key=lambda text: text.shown).text or _last_resort(head, link, organiser)


def _company_words(found: Matches, told: Collection[str]) -> Iterator[str]:
    company, taxonomy = found.company.told, found.company.taxonomy
    if company.region and "region" in told:
        yield taxonomy.regions.by_code[company.region].short
    for name in ("headcount", "size"):
        if name in told and (room := company.rooms.get(name)):
            yield words_of(room, taxonomy.facts[name], taxonomy)
    if "industry" in told:
        yield from (term.label for term in taxonomy.industries if term.key in company.segments)
    if "need" in told and (need := taxonomy.needs.find(company.need)):
        yield taxonomy.needs.label(need)


def _turns(listed: Sequence[Match]) -> Iterator[Match]:
    """One of every group, then a second of every group, and so on; of a group the surest first."""
    groups = [sorted((one for one in listed if one.group == name), key=_first) for name in ORDER]
    return (one for turn in zip_longest(*groups) for one in turn if one)


def _first(one: Match) -> tuple[bool, bool, bool]:
    """What fits the need and what is met before the rest, leads last; else the order stays."""
    return one.offer.lead, not one.fits, one.outcome != "eligible"


class _Filled(NamedTuple):
    shown: int
    text: str


def _filled(head: str, turns: Iterable[Match], length: int, link: str, organiser: str) -> _Filled:
    """As many as fit, each title in ``length`` characters; the first that does not is the end of it."""
    shown: list[Match] = []
    text = ""
    for one in turns:
        more = [*shown, one]
        all_doubted = all(each.offer.doubts and not each.offer.lead for each in more)
        lines = [
            f"{WAYS[name]}：{'；'.join(_title(each, length, all_doubted) for each in inside)}"
            for name in ORDER
            if (inside := [each for each in more if each.group == name])
        ]
        checked = _checked_line((each.offer.confirmed_on, each.status) for each in more)
        if all_doubted:
            checked = "；".join(part for part in (checked, ALL_DOUBTED) if part)
        longer = _text([head, *lines, checked, link, caveat(organiser)])
        if len(longer) > LIMIT:
            break
        shown, text = more, longer
    return _Filled(len(shown), text)


def _title(one: Match, length: int, all_doubted: bool) -> str:
    offer = one.offer
    doubts = _marks(offer.lead, bool(offer.doubts) and not all_doubted, offer.confirmed_on, one.status)
    marks = (running_words(one.status), *doubts)
    kept = "，".join(mark for mark in marks if mark)
    return shortened(offer.relief.title, length) + (f"（{kept}）" if kept else "")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)


def _last_resort(head: str, link: str, organiser: str) -> str:
    """The question, the link if it fits, the caveat."""
    last = caveat(organiser)
    text = _text([head, link, last])
    if len(text) > LIMIT:
        text = _text([shortened(head, max(8, LIMIT - len(last) - 1)), last])
    return text[:LIMIT]
