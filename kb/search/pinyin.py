"""Chinese by its sound, without tones: the readings of a character, the sound keys of a word."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice, product

READINGS = 2
KEYS = 6
WORDS = 20_000
"""Words whose sound is kept: the next state of the index has nearly the same ones."""
MANY = frozenset("行还重长调率降折参差会系数省好少中应当相便间量处藏乐都弹地得发落给薄传曾朝单担提解卷朴石")
"""Characters with two common readings; the second of the others is rare, in names or of old."""
_LOOSE = ((re.compile("^([zcs])h"), r"\1"), (re.compile("([aei]n)g$"), r"\1"))


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[int, str]:
    """The readings of single characters. Its dictionary of phrases would take 44 MB and is not needed."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin.constants import PINYIN_DICT

    found: Mapping[int, str] = PINYIN_DICT
    return found


@lru_cache(maxsize=30_000)
def readings(char: str) -> tuple[str, ...]:
    """How a character is read, the commonest first, at most :data:`READINGS`; the character if unknown."""
    marked = _dictionary().get(ord(char), char).split(",")
    return tuple(dict.fromkeys(map(_toneless, marked)))[: READINGS if char in MANY else 1]


def _toneless(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable.replace("ü", "v").replace("ǜ", "v").replace("ǚ", "v"))
    return "".join(char for char in letters if not unicodedata.combining(char))


@lru_cache(maxsize=4_000)
def loose(syllable: str) -> str:
    """The syllable as those say it who do not tell zh from z or ang from an."""
    for pattern, instead in _LOOSE:
        syllable = pattern.sub(instead, syllable)
    return syllable


def sounds(word: str) -> list[tuple[str, ...]]:
    """The readings of a word, syllable by syllable, at most :data:`KEYS`."""
    return list(islice(product(*map(readings, word)), KEYS))


@lru_cache(maxsize=WORDS)
def loose_keys(word: str) -> tuple[str, ...]:
    """Keys that words share if they sound much alike."""
    return tuple(dict.fromkeys("'".join(map(loose, sound)) for sound in sounds(word)))


def same_sound(one: str, other: str) -> bool:
    """Whether two words can be read alike, tones aside."""
    return len(one) == len(other) and all(
        a == b or not set(readings(a)).isdisjoint(readings(b)) for a, b in zip(one, other, strict=True)
    )


@lru_cache(maxsize=WORDS)
def spelled(word: str) -> tuple[str, ...]:
    """The word in letters, written together: ``gongjijin``."""
    return tuple(dict.fromkeys(map("".join, sounds(word))))


@lru_cache(maxsize=WORDS)
def initials(word: str) -> str:
    """The first letters of a word's commonest readings: ``gjj``."""
    return "".join(readings(char)[0][0] for char in word)


def each_spelled(words: Iterable[str]) -> dict[str, list[str]]:
    """Words by how they are written in letters."""
    found: dict[str, list[str]] = {}
    for word in words:
        for letters in spelled(word):
            found.setdefault(letters, []).append(word)
    return found
