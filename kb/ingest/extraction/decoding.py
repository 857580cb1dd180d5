"""Bytes of a page as text: what its header says, what it says itself, UTF-8, GB 18030 - whichever reads well.

Labels lie (a server calls everything ISO-8859-1, a page of GBK calls itself UTF-8), so a reading must also
look like Chinese. ``gb2312`` and ``gbk`` are read as ``gb18030``, which holds them and the rare characters.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WORST = 0.02
"""The share of unreadable characters from which on a page counts as not read."""
_SAMPLE = 200_000
_GOOD = 0.8
_DECLARED_IN = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,30})""", re.IGNORECASE)
_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
}
_CHINESE = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_OTHERS = """
    hz euc_jp euc_jis_2004 euc_jisx0213 shift_jis shift_jis_2004 shift_jisx0213 cp932 iso2022_jp iso2022_jp_1
    iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext euc_kr cp949 johab iso2022_kr utf-7
    iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257
    cp1258 koi8-r koi8-u koi8-t kz1048 ptcp154 tis-620 cp874 cp437 cp850 cp852 cp855 cp857 cp858 cp860 cp861
    cp862 cp863 cp864 cp865 cp866 cp869 cp775 cp737 cp720 cp856 cp1006 cp1125 mac-roman mac-cyrillic
    mac-greek mac-latin2 mac-turkish mac-iceland hp-roman8 cp037 cp273 cp424 cp500 cp875 cp1026 cp1140
"""
_KNOWN = frozenset(codecs.lookup(name).name for name in (*_CHINESE, *_READ_AS, *_OTHERS.split()))
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf\u3000-\u303f\uff01-\uffe5\u2010-\u203f\u00a0\u00b7\u00d7]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_EVERYDAY = re.compile(
    r"[的一是在有和为不了人以对中国业年月日部关于通知公司工信政策發關於業務財稅，。、；：（）《》]"
)
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


@dataclass(frozen=True)
class Decoded:
    """A page as text: ``encoding`` it was read in, ``named`` what it claims, ``bad`` the unreadable share."""

    text: str
    encoding: str
    named: str = ""
    bad: float = 0.0


def decode(raw: bytes, headers: Mapping[str, str], hint: str = "") -> Decoded:
    """The page in the first encoding named that reads well, else in the one that reads best."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _read(raw[len(mark) :], name, name)
    named = list(dict.fromkeys(_named(raw, headers, hint)))
    claimed = named[0] if named else ""
    sample = raw[:_SAMPLE]
    tried = list(dict.fromkeys([*named, *_CHINESE]))
    scores = {name: _score(sample, name) for name in tried}
    for name in named:
        if scores[name] >= _GOOD:
            return _read(raw, name, claimed)
    best = max(tried, key=lambda name: (scores[name], -tried.index(name)))
    return _read(raw, best, claimed)


def _named(raw: bytes, headers: Mapping[str, str], hint: str) -> Iterator[str]:
    """The encodings that header, page and source name, as far as they are known, in this order."""
    said = [headers.get("content-type", "").encode("ascii", "ignore")]
    said.append(raw[:_DECLARED_IN])
    for part in said:
        for match in _CHARSET.finditer(part):
            if name := known(match[1].decode("ascii")):
                yield name
    if name := known(hint):
        yield name


def known(label: str) -> str:
    """The encoding by which pages labelled so are read; empty for one that is not known."""
    try:
        name = codecs.lookup(label).name if label else ""
    except (LookupError, ValueError):
        return ""
    return _READ_AS.get(name, name) if name in _KNOWN else ""


def _score(sample: bytes, name: str) -> float:
    """How well the bytes read: 1 for faultless everyday Chinese or plain ASCII, 0 for no text at all."""
    text, bad = _decoded(sample, name)
    if not text or "\x00" in text:
        return 0.0
    foreign = _FOREIGN.findall(text)
    if not foreign:
        return 1.0 if "<" in text or text.isascii() else 0.5
    shown = [char for char in foreign if char != "\ufffd"]
    chinese = sum(1 for _ in _HAN.finditer(text)) / max(len(foreign), 1)
    everyday = sum(1 for _ in _EVERYDAY.finditer(text)) / max(len(shown), 1)
    return max(0.0, chinese * (0.7 + min(0.3, 1.5 * everyday)) - 5 * bad)


def _decoded(raw: bytes, name: str) -> tuple[str, float]:
    """The text and the share of it that could not be read."""
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(raw, final=False), 0.0
    except (UnicodeError, ValueError):
        pass
    try:
        text = raw.decode(name, errors="replace")
    except (UnicodeError, ValueError):
        return "", 1.0
    return text, text.count("\ufffd") / max(len(text), 1)


def _read(raw: bytes, name: str, named: str) -> Decoded:
    text, bad = _decoded(raw, name)
    return Decoded(_UNSEEN.sub("", text), name, named, bad)


def squeeze(text: str) -> str:
    """Text on one line: every kind of white space as one space, none at the ends, none that is unseen."""
    return " ".join(_UNSEEN.sub("", text).split())
