"""What a person typed, understood: words, "quoted phrases", beginnings*, -words, ``field:value`` for staff.

Brackets, AND, OR and the like are plain text. Nothing that can be typed raises; what is too long is cut
and said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kb.domain import docnumber
from kb.domain.docnumber import DocNumber
from kb.domain.taxonomy import Taxonomy
from kb.search import numerals
from kb.search.analysis import normalise

MAX_CHARACTERS = 200
MAX_PARTS = 32
_QUOTES = re.compile(r"[\"“”„‟＂「」『』]")
_PHRASE = re.compile(r'(-?)"([^"]+)"')
_FIELD = re.compile(r"^(issuer|type|region|kind|number|size|industry|year|status|need)[:：](.+)$", re.I)
_STARS = re.compile(r"[*＊]+$")
SHORTEST_BEGINNING = 2
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,16}\s*[〔\[（(【﹝［]?\s*(?:19|20)\d\d\s*[〕\])）】﹞］]?\s*年?第?\s*\d{1,5}\s*号"
    r"|[\u4e00-\u9fff]{0,12}令第?\d{1,5}号"
)
_TURNED = re.compile(r"((?:19|20)\d\d)年第?(\d{1,5})号(公告|通告|令)")
_SHORT = re.compile(r"(?:^|(?<=\s))第?(\d{1,5})号(?=\s|$)|(?<![\d年月])(\d{1,5})号文")
_ASIDES = re.compile(
    "请问一下|请问|想问一下|想问|我想问|想咨询|咨询一下|麻烦问|有没有|有哪些|有什么|哪些|是什么|是多少|什么样的?|"
    "怎么办理|怎么办|怎么弄|怎么样|怎么|怎样|如何|能不能|可不可以|可以吗|行不行|是不是|要不要|会不会|还能不能|"
    "我们公司|我们单位|我们企业|我们|我公司|我司|咱们|俺们|多少钱|多少|吗|呢|[啊吧呀](?=\\s|$)|[?？!！。，,、；;]"
)
"""What frames a question and says nothing about its subject."""


_NOTICES = {
    "too-long": "搜索词太长，只用了前 %(number)s 个字",
    "too-common": "以「%(value)s」开头的词太多，只找了前 %(number)s 个；请多写一个字",
    "too-many": "搜索词太多，只用了前 %(number)s 个",
    "no-region": (
        "没有「%(value)s」这个地区。请写省、市的名称或六位行政区划代码，如 湖南、湖南省长沙市、430100"
    ),
    "no-year": "「%(value)s」不是年份。请写四位数字，如 2026",
    "no-value": "没有「%(value)s」这个选项（%(field)s）。可用：%(accepted)s",
}


@dataclass(frozen=True)
class Notice:
    """Something to tell the person: which sentence, and what stands in its places. ``str()`` is Chinese."""

    code: str
    values: dict[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return _NOTICES[self.code] % self.values


@dataclass(frozen=True)
class Recognised:
    """Words of a free query that name values of a filter; ``as_of`` is a day in ISO form.

    It weighs softly: nothing is left out because of it until somebody makes it a filter.
    """

    field: str
    values: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Query:
    """A parsed query. ``words`` were typed, ``text`` without the frame of a question is ranked by.

    ``beginnings`` are what stood before a star: words ranked by like others, and a word has to begin so.
    ``variants`` are figures in other spellings with their weight; ``corrected`` is the whole of it as it was
    probably meant, empty if it reads well; ``notices`` tell what was cut or not understood.
    """

    raw: str
    words: str = ""
    text: str = ""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    excluded_beginnings: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: tuple[DocNumber, ...] = ()
    variants: tuple[tuple[str, float], ...] = ()
    recognised: tuple[Recognised, ...] = ()
    corrected: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.phrases)

    @property
    def narrows(self) -> bool:
        """Whether it leaves out records whatever they score."""
        return bool(self.phrases or self.excluded or self.beginnings or self.excluded_beginnings)


def parse(raw: str, taxonomy: Taxonomy) -> Query:
    """The query that ``raw`` means."""
    notices: list[Notice] = []
    text = " ".join(raw.replace("\0", " ").split())
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notices.append(Notice("too-long", {"number": MAX_CHARACTERS}))
    phrases, excluded, rest = _take_phrases(_QUOTES.sub('"', text))
    words: list[str] = []
    filters: dict[str, list[str]] = {}
    numbers: list[DocNumber] = []
    parts = rest.split(" ")
    for part in parts[:MAX_PARTS]:
        _sort_in(part, taxonomy, words, excluded, filters, numbers, notices)
    if len(parts) > MAX_PARTS:
        notices.append(Notice("too-many", {"number": MAX_PARTS}))
    plain = " ".join(words)
    normal = normalise(plain).strip()
    starts = [start for start in map(beginning_of, words) if start]
    subject = without_asides(normalise(" ".join(beginning_of(word) or word for word in words)).strip())
    return Query(
        raw=raw,
        words=normal,
        text=subject,
        phrases=tuple(normalise(phrase) for phrase in phrases),
        excluded=tuple(normalise(word) for word in excluded if not beginning_of(word)),
        beginnings=tuple(dict.fromkeys(starts)),
        excluded_beginnings=tuple(start for start in map(beginning_of, excluded) if start),
        filters={name: tuple(values) for name, values in filters.items()},
        numbers=(*numbers, *find_numbers(plain)),
        variants=numerals.variants(subject),
        notices=tuple(notices),
    )


def beginning_of(word: str) -> str:
    """What stands before the star at the end of a word, normalised; empty if it is no beginning of a word."""
    start = normalise(_STARS.sub("", word))
    fits = _STARS.search(word) and len(start) >= SHORTEST_BEGINNING and start.isalnum()
    return start if fits else ""


def _take_phrases(text: str) -> tuple[list[str], list[str], str]:
    phrases: list[str] = []
    excluded: list[str] = []

    def take(match: re.Match[str]) -> str:
        (excluded if match[1] else phrases).append(match[2].strip())
        return " "

    rest = _PHRASE.sub(take, text).replace('"', " ")
    return [p for p in phrases if p], [p for p in excluded if p], " ".join(rest.split())


def _sort_in(
    part: str,
    taxonomy: Taxonomy,
    words: list[str],
    excluded: list[str],
    filters: dict[str, list[str]],
    numbers: list[DocNumber],
    notices: list[Notice],
) -> None:
    named = _FIELD.match(part)
    if named:
        name, value = named[1].lower(), named[2]
        if name == "number":
            number = docnumber.parse(value)
            numbers += [number] if number else []
            words.append(value)
            return
        key = find_value(name, value, taxonomy)
        if key:
            filters.setdefault(name, []).append(key)
        else:
            notices.append(unknown_value(name, value, taxonomy))
    elif part.startswith(("-", "－")) and len(part) > 1 and not part[1:].isdigit():
        excluded.append(part[1:])
    elif part:
        words.append(part)


def find_value(name: str, value: str, taxonomy: Taxonomy) -> str | None:
    """The key or code that a label or key of a filter means; issuers and years stand for themselves."""
    value = value.strip()
    if name == "region":
        return taxonomy.regions.find(value)
    if name == "issuer":
        return value or None
    if name == "year":
        return value if re.fullmatch(r"(?:19|20)\d\d", value) else None
    if name == "status" and value in ("all", "全部"):
        return "all"
    terms = taxonomy.terms_of(name)
    return terms.find(value) if terms else None


def unknown_value(name: str, value: str, taxonomy: Taxonomy) -> Notice:
    """What to tell somebody whose filter value does not exist, naming the accepted ones."""
    shown = value[:40]
    if name == "region":
        return Notice("no-region", {"value": shown})
    if name == "year":
        return Notice("no-year", {"value": shown})
    terms = taxonomy.terms_of(name) or ()
    accepted = "、".join(f"{term.label}（{term.key}）" for term in terms)
    extra = "、全部（all）" if name == "status" else ""
    return Notice("no-value", {"value": shown, "field": name, "accepted": accepted + extra})


def without_asides(text: str) -> str:
    """Normalised ``text`` without what frames a question; ``text`` itself if nothing else is in it."""
    return " ".join(_ASIDES.sub(" ", text).split()) or text


def find_numbers(text: str) -> tuple[DocNumber, ...]:
    """Document numbers in a query: the whole of it, every one written out within it, else short ones."""
    whole = docnumber.parse(text) if text else None
    if whole:
        return (whole,)
    written = [match[0] for match in _NUMBER.finditer(text)]
    written += [f"{kind}{year}年第{serial}号" for year, serial, kind in _TURNED.findall(text)]
    short = [f"{one or other}号" for one, other in _SHORT.findall(text)]
    found = (docnumber.parse(number) for number in written or short)
    return tuple(number for number in found if number)
