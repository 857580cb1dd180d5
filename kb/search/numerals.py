"""Figures written the other way: 3个月 and 三个月, 50% and 百分之五十, 5G stays 5G."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千]+")
_MEASURE = "个年月日天人元万亿倍成折次项条家户岁季号级点"
_FIGURE = re.compile(rf"(?<![\d.a-z])(\d{{1,3}})(个[\u4e00-\u9fff]?|[{_MEASURE}])")
_WORDED = re.compile(rf"({_CHINESE.pattern})(个[\u4e00-\u9fff]?|[{_MEASURE}])")
_PERCENT = re.compile(r"(\d{1,3})%")
_SHARE = re.compile(rf"百分之({_CHINESE.pattern})")
WEIGHT = 0.9


def to_number(words: str) -> int | None:
    """The number that Chinese numerals below ten thousand mean; ``None`` if they are not well formed."""
    total, digit = 0, None
    for char in words.replace("〇", "零").replace("两", "二"):
        if char in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS.index(char)
        else:
            unit = {"十": 10, "百": 100, "千": 1000}[char]
            total += (digit if digit is not None else 1) * unit
            digit = None
    return total + (digit or 0)


def to_words(number: int) -> str:
    """Chinese numerals of a number from 0 to 9999, as people write them: 12 is 十二, 105 一百零五."""
    if number == 0:
        return "零"
    found, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            found += ("零" if gap and found else "") + _DIGITS[digit] + name
        gap = not digit
    return found.removeprefix("一") if found.startswith("一十") else found


def variants(text: str) -> tuple[tuple[str, float], ...]:
    """The figures in normalised ``text`` with what they count, written the other way, at :data:`WEIGHT`."""
    found = [f"{to_words(int(figure))}{what}" for figure, what in _FIGURE.findall(text)]
    found += [f"百分之{to_words(int(figure))}" for figure in _PERCENT.findall(text)]
    for pattern, unit in ((_WORDED, None), (_SHARE, "%")):
        for match in pattern.finditer(text):
            number = to_number(match[1])
            found += [] if number is None else [f"{number}{unit or match[2]}"]
    return tuple((one, WEIGHT) for one in dict.fromkeys(found))
