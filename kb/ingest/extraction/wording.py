"""Words of a page as values: days, numbers, issuers, titles. What is no value gives ``None`` or nothing."""

from __future__ import annotations

import re
from datetime import date, datetime

from kb.domain import docnumber
from kb.domain.dates import SHANGHAI, find_dates

_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_ORGAN = re.compile(
    r"[\u4e00-\u9fff（）()·]{1,28}(?:部|委|局|厅|署|院|政府|办公厅|办公室|委员会|银行|支行|分行|小组|指挥部"
    r"|管委会|办事处|联合会|协会|学会|中心)"
)
_NO_ORGAN = re.compile(r"关于|各[省市县区部]|[的请将]|有关|以下|联系|附件|发展.{1,3}部门")
_REPOST = re.compile(
    r"街道|社区|居委会|(?:镇|乡)(?:人民)?(?:政府|办事处)|园区|管(?:理)?委(?:员)?会|网站?$|门户|报社?$|公众号|新闻"
)
_LONGEST = 300
_BETWEEN = re.compile(r"[\s、，,;；/]+")
_SINGLE = re.compile(r"(?<![^\s])((?:[\u4e00-\u9fff]\s+){1,}[\u4e00-\u9fff])(?![^\s])")
_SHELL = re.compile(r"[（(【\[](?:转载|转发|图解|全文)[）)】\]]")
_UNKNOWN_AGENCY = re.compile(r"(?:办|联|规|综)?(?:发|函|字|文|办|规|通|号|政)(?:发|字)?")


def day(said: str) -> str:
    """The first day named, or the day in China of a number of seconds; empty if there is none."""
    if _EPOCH.fullmatch(said):
        moment = datetime.fromtimestamp(int(said[:10]), SHANGHAI)
        return _plausible(moment.date())
    exact = next((one.exact for one in find_dates(said) if one.exact), None)
    return _plausible(exact) if exact else ""


def _plausible(found: date) -> str:
    return found.isoformat() if 1949 <= found.year <= 2100 else ""


def number(said: str) -> str:
    """The document number that the words are, in their spelling; empty where they are none."""
    bare = said.strip("（）()【】 ") if _whole(said.strip("（）()【】 ")) else said.strip()
    return bare if _whole(bare) else ""


def _whole(text: str) -> bool:
    found = docnumber.parse(text) if 3 <= len(text) <= 40 else None
    return bool(found and found.agency and (found.year or found.agency.endswith("令")))


def is_doubtful(text: str) -> bool:
    """Whether a number seems to have lost the first letters of its issuer: ``发〔2020〕29号``."""
    found = docnumber.parse(text)
    return found is None or bool(_UNKNOWN_AGENCY.fullmatch(found.agency))


def organs(said: str) -> tuple[str, ...]:
    """The authorities that the words consist of, and of nothing else; letters set apart are joined."""
    if len(said) > _LONGEST:
        return ()
    joined = _SINGLE.sub(lambda match: "".join(match[1].split()), said.removesuffix("文件").strip())
    names = [one for one in _BETWEEN.split(joined) if one]
    fine = bool(names) and all(_ORGAN.fullmatch(one) and not _NO_ORGAN.search(one) for one in names)
    return tuple(dict.fromkeys(names)) if fine else ()


def reposts(name: str) -> bool:
    """Whether an office is of a kind that posts again what others have issued, or a website."""
    return bool(_REPOST.search(name))


def title(said: str) -> str:
    """A title without what a site adds to it: （转载）, book title marks around the whole."""
    bare = _SHELL.sub("", said).strip()
    whole = bare.startswith("《") and bare.endswith("》") and bare.count("《") == 1
    return bare[1:-1] if whole else bare


def is_repost(said: str) -> bool:
    """Whether a title says that the page posts again what others issued."""
    return bool(re.search(r"[（(【\[]转载[）)】\]]", said))


def likeness(said: str) -> str:
    """A title in the form in which two are compared: no white space, no marks."""
    return re.sub(r"[^\w]", "", said)
