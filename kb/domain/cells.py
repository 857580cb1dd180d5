"""Text in the cells of a spreadsheet: never taken for a formula, and read back as it was written."""

from __future__ import annotations

import re

from kb.errors import KbError

LONGEST = 32_767
"""The most characters that a spreadsheet's cell holds."""
TOO_LONG = "〔内容太长，表格里放不下，请在工作台看和改〕"
"""What stands in a cell for a text that does not fit; a cell that still says so changes nothing."""
_FORMULA = re.compile(r"'*(?:[\t\r]|\s*[=+\-@＝＋－＠])")
_UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What no cell can hold: control characters, halves of pairs, what is no character."""


def escaped(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: with ``'`` before it if need be."""
    return "'" + text if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """The text that :func:`escaped` made the cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def tidy(text: str) -> str:
    """The text as a cell can hold it: line ends made one kind, what cannot be written left out."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return TOO_LONG if len(text) >= LONGEST else text


def typed(cell: str) -> str:
    """What somebody typed into a cell; what no cell can hold is refused with what to do."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST:
        raise KbError(f"内容有 {len(text)} 字，一格最多 {LONGEST} 字，请缩短，或在工作台里写")
    hidden = _UNPRINTABLE.search(text)
    if hidden:
        raise KbError(f"里面有看不见的控制字符（U+{ord(hidden[0]):04X}），请删掉再传")
    return text


def same(one: str, other: str) -> bool:
    """Whether two cells say the same: white space around them and line ends do not count."""
    return tidy(one).strip() == tidy(other).strip()


def one_line(text: str) -> str:
    """The text as one line of a cell that lists one a line."""
    return " ".join(tidy(text).split("\n")).strip()
