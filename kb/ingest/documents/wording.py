"""How lines of Chinese official and association papers begin and end: numbers, signatures, page furniture."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kb.domain import docnumber
from kb.domain.dates import parse_date
from kb.ingest import authorities

_CN = "一二三四五六七八九十百"
UNNUMBERED = 6
"""The level of a heading without a number, below every numbered one."""
_LEVELS = (
    (1, re.compile(rf"第[{_CN}\d]{{1,4}}(?:部分|[编章])")),
    (2, re.compile(rf"第[{_CN}\d]{{1,4}}节")),
    (2, re.compile(rf"[{_CN}]{{1,3}}\s*[、．]")),
    (3, re.compile(rf"[（(]\s*[{_CN}]{{1,3}}\s*[)）]")),
    (3, re.compile(rf"第[{_CN}\d]{{1,5}}条(?=\s|　)")),
    (4, re.compile(r"\d{1,2}\s*(?:[、．]|\.(?!\d))")),
    (5, re.compile(r"[（(]\s*\d{1,2}\s*[)）]|\d{1,2}[)）]|[①-⑳]")),
)
_ATTACHED = re.compile(rf"[-•·]?\s*附\s*(?:件|表|录|图)\s*(?:\d{{1,2}}|[{_CN}]{{1,3}})?\s*(?:[:：]|$|\s)")
_BULLET = re.compile(r"[-•·*]\s+")
_TERMINAL = "。！？；：…!?;:"
_CLOSING = "”’」』）)》〉】]*"
_NOTE = re.compile(r"(?:注|备注|说明|附注|注释|资料来源|数据来源)\s*[\d①-⑳]{0,2}\s*[:：]")
_CAPTION = re.compile(r"[图表]\s*\d{1,3}(?:[-.－]\d{1,3})?(?:\s|[:：]|$)")
_PAGE = re.compile(
    r"[-—–－―─]+\s*\d{1,4}\s*[-—–－―─]+|第\s*\d{1,4}\s*页(?:[,，/／\s]*共\s*\d{1,4}\s*页)?|\d{1,4}\s*[/／]\s*\d{1,4}"
    r"|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)
_CONTENTS_LINE = re.compile(r"(?P<name>\S.*?)[\s.．…·]*[\t.．…· ](?P<page>\d{1,3})")
_ENDINGS = (
    "通知|意见|公告|办法|措施|规定|细则|方案|政策|决定|公示|通告|函|批复|条例|指南|计划|要点|清单|答记者问|报告|简报|倡议书"
    "|建议|通报|纪要|公开信|慰问信|说明|解读|专报|快报|月报|总结|宣言|公约|举措|标准|规范|规划|预案|材料|名单|令|问答"
)
_TITLE = re.compile(
    rf"(?:关于.{{2,}}|.{{4,}})(?:{_ENDINGS})(?:[（(〈《].{{1,20}}[）)〉》])?[\d一二三四五六七八九十]{{0,2}}"
)
_NUMBERED = r"[\u4e00-\u9fff]{2,12}\s*[〔﹝［\[【（(]\s*20\d\d\s*[〕﹞］\]】）)]\s*第?\s*\d{1,5}\s*号"
_NUMBER_FIRST = re.compile(rf"(?P<number>{_NUMBERED})[\s:：_－—-]*(?P<title>\S.{{5,}})")
_NUMBER_LAST = re.compile(
    rf"(?P<title>.{{4,}}(?:{_ENDINGS})(?:[（(](?:试行|暂行|修订|征求意见稿)[)）])?[》”]?)\s*"
    rf"[（(【\[]?\s*(?P<number>{_NUMBERED})\s*[)）】\]]?"
)
_BETWEEN_CJK = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef“”‘’])[ \t\u3000\xa0]+(?=[\u3000-\u9fff\uff00-\uffef“”‘’])"
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟〝〞＂″«»「」『』‘’‚‛＇′`´", '"'))
LONGEST_HEADING = 60
_NUMBER_WIDTH = 64
LONGEST_TITLE = 120


def tight(text: str) -> str:
    """The text without the spaces that stand between Chinese characters."""
    return _BETWEEN_CJK.sub("", " ".join(text.split()))


def title_form(text: str) -> str:
    """A title without the spaces that layout put between its characters; one stays after each issuer."""
    plain = " ".join(text.split())
    return _BETWEEN_CJK.sub(lambda gap: " " if is_organ(plain[: gap.start()].split(" ")[-1]) else "", plain)


def squeeze(text: str) -> str:
    """A form to compare by: one width, one kind of quotation mark, no white space, no Markdown stars."""
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES)).replace("**", "")
    return "".join(plain.split())


def width(text: str) -> int:
    """How many columns a line takes, two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in text)


def level_of(text: str) -> int:
    """The level of the number a line begins with, 1 the widest; 0 where it begins with none."""
    return _level(text[:_NUMBER_WIDTH])


@lru_cache(maxsize=4096)
def _level(text: str) -> int:
    plain = _plain(text)
    if is_attached(plain):
        return 1
    return next((level for level, shape in _LEVELS if shape.match(plain)), 0)


def _plain(text: str) -> str:
    """The line without a bullet or Markdown stars before it."""
    return _BULLET.sub("", text.lstrip("*# "), count=1)


def number_of(text: str) -> str:
    """The number that a line begins with, as it stands there; empty where it begins with none."""
    plain = _plain(text)
    attached = _ATTACHED.match(plain)
    if attached:
        return "".join(attached[0].split()).strip("-•·:：")
    found = next((match for _level, shape in _LEVELS if (match := shape.match(plain))), None)
    return "".join(found[0].split()) if found else ""


def after_number(text: str) -> str:
    """The line without the number it begins with."""
    plain = _plain(text)
    attached = _ATTACHED.match(plain)
    if attached:
        return plain[attached.end() :].strip()
    found = next((match for _level, shape in _LEVELS if (match := shape.match(plain))), None)
    return plain[found.end() :].strip() if found else plain.strip()


def is_attached(text: str) -> bool:
    """Whether a line begins ``附件 1：`` or is a bare ``附件``."""
    return bool(_ATTACHED.match(_plain(text)))


def ends_sentence(text: str) -> bool:
    """Whether a line ends as sentences do, whatever closes after it."""
    bare = text.rstrip().rstrip(_CLOSING)
    return not bare or bare[-1] in _TERMINAL


def has_sentence(text: str) -> bool:
    """Whether there is a whole sentence in the line."""
    return any(mark in text for mark in "。！？；")


def is_note(text: str) -> bool:
    """Whether a line is a note to the text: ``注：``, ``说明：``."""
    return bool(_NOTE.match(text.lstrip("*（( ")))


def is_caption(text: str) -> bool:
    """Whether a line names a table or figure: ``表1 …``."""
    return bool(_CAPTION.match(text)) and len(text) <= LONGEST_HEADING and not has_sentence(text)


def is_page_number(text: str) -> bool:
    """Whether a line is a page number that cannot be anything else: ``— 3 —``, ``第3页 共8页``."""
    return bool(_PAGE.fullmatch(text.strip()))


def contents_name(text: str) -> str:
    """What a line of a table of contents names; empty where it is none."""
    found = _CONTENTS_LINE.fullmatch(text.strip()) if len(text) <= LONGEST_TITLE else None
    return found["name"].strip() if found and not has_sentence(text) else ""


def is_day(text: str) -> bool:
    """Whether a line is a day and nothing else."""
    if not 6 <= len(text) <= 30:
        return False
    worded = parse_date(text.strip("（）() 　"))
    return worded is not None and worded.exact is not None


def is_organ(text: str) -> bool:
    """Whether a line consists of names of authorities or associations."""
    return bool(authorities.names_in(text))


def without_number(text: str) -> tuple[str, str]:
    """A title and the document number that was set before or after it on the same line; empty without."""
    for shape in (_NUMBER_FIRST, _NUMBER_LAST):
        found = shape.fullmatch(text.strip())
        if found and docnumber.parse(found["number"]):
            return found["title"].strip(), found["number"].strip()
    return text, ""


def is_title(text: str) -> bool:
    """Whether a text can be the title of a paper."""
    plain = tight(without_number(text)[0])
    if len(plain) > LONGEST_TITLE or re.search(r"[。；！？]|[:：]$", plain) or docnumber.parse(plain):
        return False
    return level_of(plain) == 0 and bool(_TITLE.fullmatch(plain))
