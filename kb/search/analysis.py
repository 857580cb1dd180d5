"""Chinese analysis: one normal form, words, character pairs and single characters.

Words come from rjieba in search mode with the trade's lexicon; pairs find what the segmenter cut
differently (``通信工程`` in ``通信工程施工``); single characters serve queries of one character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import opencc
import rjieba

VERSION = "1"
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_TO_SIMPLIFIED = opencc.OpenCC("t2s")


def _traditional_characters() -> frozenset[str]:
    """Characters that OpenCC's table may change: text without any need not be converted."""
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    lines = table.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return frozenset(one for one, others in pairs if one not in others.split())


_TRADITIONAL = _traditional_characters()


def normalise(text: str) -> str:
    """Half width, lower case, simplified characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    return text if _TRADITIONAL.isdisjoint(text) else _TO_SIMPLIFIED.convert(text)


def is_han(text: str) -> bool:
    """Whether a run is of Chinese characters."""
    return "\u3400" <= text[0] <= "\u9fff"


def pairs(normal: str) -> list[str]:
    """Overlapping pairs of characters; a lone character, a Latin word or a number stays whole."""
    found: list[str] = []
    for run in _RUN.findall(normal):
        if is_han(run) and len(run) > 1:
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def characters(normal: str) -> list[str]:
    """Every single Chinese character."""
    return [char for run in _RUN.findall(normal) if is_han(run) for char in run]


class Segmenter:
    """A word segmenter that knows the trade's lexicon. Built once per process and lexicon."""

    def __init__(self, lexicon: Iterable[str]) -> None:
        self._jieba = rjieba.Jieba()
        for word in lexicon:
            normal = normalise(word)
            self._jieba.add_word(normal, self._jieba.suggest_freq(normal), "n")

    def index_words(self, normal: str) -> list[str]:
        """Words in search mode: long words and the words within them."""
        return [word for word in self._jieba.cut_for_search(normal) if _is_word(word)]

    def query_words(self, normal: str) -> list[str]:
        """Words in the default cut, so that a query is not spread over parts of its words."""
        return [word for word in self._jieba.cut(normal) if _is_word(word)]

    def dictionary_words(self, normal: str) -> list[str]:
        """The whole text as words of the dictionary and single characters; no word is guessed."""
        return list(self._jieba.cut(normal, False))


def _is_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


@lru_cache(maxsize=2)
def segmenter(lexicon: tuple[str, ...]) -> Segmenter:
    """The segmenter of a lexicon, made once."""
    return Segmenter(lexicon)
