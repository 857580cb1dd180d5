"""Where the title of a paper or the headline of a report stands among its first lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from kb.ingest.documents import wording
from kb.ingest.documents.lines import Line

HEAD_LINES = 30
_MOST_LINES = 3
_NEWS_TITLE = 80
_BODY = 40
_AGAIN = 90.0
_PART = range(4, 51)
_CALL = 8
"""A call such as 快来看！ is no headline by itself."""
_ISSUE = re.compile(r"[（(].{1,10}[)）]|第\s*[\d一二三四五六七八九十百]+\s*[期号]|[（(]?总第.{1,10}期[)）]?")
_TELLS = re.compile(
    r"[:：]|(?:出台|下发|发布|印发|公布|推出|发出|部署)|(?:措施|政策|方案|举措|规范|标准|指南|计划)$"
)
_FIRM = re.compile(r"(?:通知|公告|通告|意见|函|决定|批复|通报|令|公开信)(?:[（(].{1,20}[)）])?$")
_NAVIGATION = re.compile(
    r"(?:(?:通知公告|公告公示|公示公告|政策文件|政策法规|政策解读|部门解读|文件解读|最新(?:文件|政策)|规范性文件"
    r"|政[务府]公开|信息公开|工作动态|新闻中心|要闻动态|首页|正文)[\s|｜>]*)+"
)
_LABEL = re.compile(r"(?:原标题|来源|作者|时间|发布时间|责任编辑)\s*[:：]")
_DATELINE = re.compile(
    r"^(?:新华社|中新[社网]|人民网|央广网|来源|原标题|本报|作者|时间)|[日报网]讯|\d日电|记者|原标题[:：]"
    r"|^(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[,，电晚]|[上下]午|.{0,10}讯|$)|\d{4}-\d"
)


def title_lines(lines: Sequence[Line]) -> tuple[int, int]:
    """Which lines are the title, the last excluded; both 0 where none is one."""
    head = lines[: _head(lines)]
    for first in range(len(head)):
        for many in range(1, _MOST_LINES + 1):
            if first + many <= len(head) and _is_title(head, first, many):
                return _whole(head, first, first + many)
    return _news_title(lines, len(head))


def title_of(lines: Sequence[Line]) -> str:
    """The lines of a title as one; its parts are kept apart where they were."""
    apart = lines[0].flat or any(wording.is_organ(line.text) for line in lines)
    return (" " if apart else "").join(line.text for line in lines)


def _head(lines: Sequence[Line]) -> int:
    """How many lines stand before the first that is text or a numbered heading."""
    for at, line in enumerate(lines[:HEAD_LINES]):
        text = line.text
        said = wording.has_sentence(text.rstrip("！？!?")) or wording.ends_sentence(text)
        if line.is_table or wording.level_of(text) or (said and len(text) > _BODY):
            return at
    return min(len(lines), HEAD_LINES)


# -- titles of papers ------------------------------------------------------------------------------


def _is_title(head: Sequence[Line], first: int, many: int) -> bool:
    lines = head[first : first + many]
    texts = [line.text for line in lines]
    plain = all(line.is_body and not _is_data(line.text) for line in lines)
    sure = not lines[0].flat or first == 0 or "关于" in texts[0]
    whole = any(text.startswith("关于") and wording.is_title(text) for text in texts[1:])
    again = any(_begins_again(texts[0], text) for text in texts[1:])
    return plain and sure and not whole and not again and wording.is_title("".join(texts))


def _is_data(text: str) -> bool:
    """Whether a line of the head says who, when, which number or which part of a site, not what about."""
    if (wording.is_organ(text) and not text.startswith("关于")) or _LABEL.match(text):
        return True
    whole = _NAVIGATION.fullmatch(text) or _ISSUE.fullmatch(text)
    return bool(whole) or wording.is_day(text) or text.endswith(("：", ":"))


def _begins_again(first: str, text: str) -> bool:
    """Whether a line begins with what the first line of a title says: a page's heading above the title."""
    return len(first) > _CALL and wording.squeeze(text).startswith(wording.squeeze(first))


def _whole(head: Sequence[Line], start: int, end: int) -> tuple[int, int]:
    """The title that lines were found to be, with what belongs to it before and after."""
    if "关于" in "".join(line.text for line in head[start:end]):
        return _with_issuers(head, start), _with_kind(head, start, end)
    return _own_title(head, start, end) or (start, _with_rest(head, start, end))


def _with_issuers(head: Sequence[Line], first: int) -> int:
    """Where a title begins that names its issuers, of whom the others stand on the lines above."""
    if not re.match(r"\S{2,30}?关于", head[first].text):
        return first
    while first and head[first - 1].is_body and wording.is_organ(head[first - 1].text):
        first -= 1
    return first


def _with_kind(head: Sequence[Line], start: int, end: int) -> int:
    """Where a title ends of which a part could be one: 关于……政策 降低成本的通知."""
    if _FIRM.search(wording.without_number(head[end - 1].text)[0]):
        return end
    for last in range(end + 1, min(start + _MOST_LINES, len(head)) + 1):
        if _FIRM.search(head[last - 1].text) and _is_title(head, start, last - start):
            return last
    return end


def _own_title(head: Sequence[Line], start: int, end: int) -> tuple[int, int] | None:
    """The title of the paper itself, where a page's headline without 关于 stands right above it."""
    first = end
    while first < len(head) and wording.is_organ(head[first].text):
        first += 1
    if not head[start].flat or first == len(head) or not head[first].text.startswith("关于"):
        return None
    for many in range(1, min(_MOST_LINES, len(head) - first) + 1):
        if _is_title(head, first, many):
            return first, first + many
    return None


def _with_rest(head: Sequence[Line], start: int, end: int) -> int:
    """Where a headline ends that reads like the title of a paper: 省政府出台意见 支持企业复工."""
    first = head[start]
    if not first.flat or end - start > 1 or not _TELLS.search(first.text):
        return end
    return max(end, start + _news_lines(head, start))


# -- headlines of reports --------------------------------------------------------------------------


def _news_title(lines: Sequence[Line], head: int) -> tuple[int, int]:
    """Without a line that reads like the title of a paper: the first that is short, before any text."""
    for at, line in enumerate(lines[: min(head, 5)]):
        if not _may_be_news(line):
            continue
        followed = any(len(one.text) > _BODY for one in lines[at + 1 : at + 12])
        if not followed or len(line.text) > _NEWS_TITLE:
            break
        return at, at + _news_lines(lines[:head], at)
    return 0, 0


def _news_lines(head: Sequence[Line], at: int) -> int:
    """How many lines the headline is; where lines were lost, its parts were only set apart by spaces."""
    many = 1
    while head[at].flat and at + many < min(len(head), at + _MOST_LINES):
        said, after = head[at : at + many], head[at + many]
        shouted = said[-1].text[-1] in "！？!?" and len(said[-1].text) > _CALL
        if shouted or not _may_be_news(after) or not _is_part(after.text) or _is_again(said, after.text):
            break
        many += 1
    return many


def _may_be_news(line: Line) -> bool:
    text = line.text
    plain = line.is_body and not _is_data(text) and not _DATELINE.search(text)
    return plain and (not wording.ends_sentence(text) or text[-1] in "！？!?") and "。" not in text


def _is_part(text: str) -> bool:
    """Whether a text may be a part of a headline: short, no sentence that was broken inside of a name."""
    return len(text) in _PART and text[0] not in "（(" and text.count("《") <= text.count("》")


def _is_again(said: Sequence[Line], text: str) -> bool:
    """Whether a text says once more what the lines of the headline say."""
    whole, again = wording.squeeze("".join(line.text for line in said)), wording.squeeze(text)
    return again in whole or fuzz.partial_ratio(whole, again) >= _AGAIN
