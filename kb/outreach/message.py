"""Plain text to paste into a group chat: what an entry offers, in at most 300 characters."""

from __future__ import annotations

from collections.abc import Sequence

from kb.domain.entry import BACKGROUND_KINDS, Entry
from kb.domain.relief import Apply, Audience, Regions
from kb.domain.taxonomy import NATION, Taxonomy, TermList
from kb.outreach.sheet import Sheet
from kb.outreach.until import checked_words, runs_words

Lists = Sequence[tuple[str, ...]]
LIMIT = 300
UNSET = "主办单位（未设置）"
SHORTEST = 8
ENDS = 150
"""Most characters for the ends of reliefs that differ; where they do not fit, :data:`SEE` instead."""
READABLE = 20
"""Nothing is cut shorter than this to name every end."""
SEE = "见链接"
NOT_RELIEF = "影响提示（不是减负政策）"
LEAD = "线索，内容待核实"
_LAST_WORD = "非政府网站，仅供参考；是否享受及如何执行以主管部门解释和正式文件为准。"


def caveat(organiser: str) -> str:
    """The sentence that everything we publish ends with."""
    return f"本库由 {organiser or UNSET} 整理，{_LAST_WORD}"


def group_message(sheet: Sheet, taxonomy: Taxonomy, organiser: str, link: str) -> str:
    """【事项名】, then one line each: benefit, who, until when, how, number, link, caveat.

    At most :data:`LIMIT` characters. The date, the number, the link, the caveat and that something is not
    verified are not cut; title, benefit, who and how give way, the longest first. Where the reliefs end on
    different days each is named as far as there is room, and never one day said for all. A link too long
    for any message is left out.
    """
    text = ""
    tries = ((link, ENDS, READABLE), (link, 0, SHORTEST), ("", ENDS, READABLE), ("", 0, SHORTEST))
    for to, room, least in tries:
        text = _message(sheet, taxonomy, organiser, to, room, least)
        if len(text) <= LIMIT:
            return text
    return text[:LIMIT]


def _message(sheet: Sheet, taxonomy: Taxonomy, organiser: str, link: str, room: int, least: int) -> str:
    """The message with nothing soft cut below ``least``, whether or not it fits, and ends in ``room``."""
    entry, background = sheet.entry, sheet.entry.kind in BACKGROUND_KINDS
    how = "" if background else entry_ways(entry, taxonomy)
    until = "" if background else _until(sheet, room, SEE if link else "")
    who = "" if background else entry_audience(entry, taxonomy)
    title = entry.title
    if entry.is_amendment:
        who, how, until = "", "", ""
    if entry.is_notice:
        title, who, how = f"{NOT_RELIEF} {title}", "", ""
    soft = [title, entry.promise, who, how]
    firm = (until, entry.doc_number or "", _doubt(entry), link, caveat(organiser))
    while (over := len(_text(soft, firm)) - LIMIT) > 0 and max(map(len, soft)) > least:
        at = max(range(len(soft)), key=lambda place: len(soft[place]))
        soft[at] = shortened(soft[at], max(least, len(soft[at]) - over))
    return _text(soft, firm)


def _until(sheet: Sheet, room: int, see: str) -> str:
    words = runs_words(sheet.status, sheet.dated, room, see)
    return f"{words}（{checked_words(sheet.status, sheet.entry.verified.confirmed_on)}）"


def _text(soft: list[str], firm: tuple[str, ...]) -> str:
    title, promise, who, how = soft
    until, number, doubt, link, last = firm
    lines = [
        f"【{title}】{promise}",
        f"谁能享受：{who}" if who else "",
        f"到什么时候：{until}" if until else "",
        f"怎么办：{how}" if how else "",
        f"文号：{number}" if number else "",
        f"注意：{doubt}" if doubt else "",
        link,
        last,
    ]
    return "\n".join(line for line in lines if line)


def _doubt(entry: Entry) -> str:
    """That our data is not verified, where it is not."""
    if entry.is_lead:
        return LEAD
    return "有内容待核实，见链接" if entry.verified.doubts else ""


def shortened(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters, with … where something is missing."""
    return text if len(text) <= length else text[: length - 1].rstrip("，、；：。 ") + "…"


def entry_audience(entry: Entry, taxonomy: Taxonomy) -> str:
    """Who an entry is for, over all its reliefs."""
    audiences = [relief.audience for relief in entry.reliefs] or [Audience()]
    sizes = [audience.sizes for audience in audiences]
    return audience_words(entry.regions, sizes, [a.industries for a in audiences], taxonomy)


def audience_words(regions: Regions, sizes: Lists, industries: Lists, taxonomy: Taxonomy) -> str:
    """Regions, sizes and trades in words; the lists are those of several reliefs, of which one is enough."""
    include = "、".join(taxonomy.regions.label(code) for code in regions.include or (NATION,))
    without = "、".join(taxonomy.regions.label(code) for code in regions.exclude)
    place = f"{include}（不含{without}）" if without else include
    size = _named(taxonomy.sizes, sizes)
    trades = _named(taxonomy.industries, industries)
    return "，".join(part for part in (place, f"{size}企业" if size else "未限企业规模", trades) if part)


def _named(terms: TermList, lists: Lists) -> str:
    """The union of the lists in words; nothing if one of them is empty, for that one restricts nothing."""
    if not all(lists):
        return ""
    return "、".join(terms.label(key) for key in dict.fromkeys(key for keys in lists for key in keys))


def entry_ways(entry: Entry, taxonomy: Taxonomy) -> str:
    """How what an entry offers is got, over all its reliefs."""
    ways = dict.fromkeys(_way(relief.apply, taxonomy) for relief in entry.reliefs if relief.apply)
    return "；".join(ways) or "未写明，请问主管部门"


def _way(apply: Apply, taxonomy: Taxonomy) -> str:
    label = taxonomy.channels.label(apply.channel)
    return f"{label}（{apply.where}）" if apply.where else label
