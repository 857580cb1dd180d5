"""您是不是要找: the words somebody meant who typed a homophone, a lookalike or pinyin.

The cheapest way to read the text as words of the knowledge base, by dynamic programming. A change counts only
where the text as typed hardly occurs in the documents while the other word does: their own pairs of
characters are the evidence, so what the documents say is never corrected.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise, takewhile

from rapidfuzz import fuzz, process

from kb.search import analysis, pinyin
from kb.search.lookalikes import look_alike
from kb.search.query import Query

LONGEST = 8
MAX_CHARACTERS = 40
UNKNOWN = 11.0
"""The cost of a character that belongs to no word."""
SAID = 7.0
"""What a word of the dictionary costs that is none of the vocabulary."""
SOUND, NEAR_SOUND, LOOK, OTHER = 3.0, 4.0, 3.5, 6.5
RARE = 0.02
"""A pair of characters is suspicious if it is this much rarer than the rarest pair of the word instead."""
LETTERS = 4
INITIALS = 3
NEARLY_LETTERS, NEARLY = 6, 88
BEGINNINGS = 60
PARTS = 8
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN = re.compile(r"[a-z]+(?:[ ']+[a-z]+)*")

PARTICLES = frozenset("的了是在和与及或对为被把将由从到这那个不有无可以能要请问么什怎哪谁几多少我你他们")
"""Characters that stand alone in any sentence: no trace of a slip."""

Cut = Callable[[str], list[str]]
"""Cuts text into words of a general dictionary and single characters."""
Frequency = Callable[[str], int]
"""In how many documents a pair of characters or a Latin word occurs."""


@dataclass(frozen=True)
class Change:
    """Words as typed and the words meant."""

    typed: str
    meant: str


@dataclass(frozen=True)
class Reading:
    """A run of characters with its words of the dictionary and the ``strays`` that belong to none."""

    run: str
    edges: frozenset[int]
    words: Mapping[int, tuple[int, ...]]
    strays: frozenset[int]
    frequency: Frequency

    @classmethod
    def of(cls, run: str, cut: list[str], frequency: Frequency) -> Reading:
        bounds = [0, *accumulate(map(len, cut))]
        pieces = list(pairwise(bounds))
        strays = {start for start, end in pieces if end - start == 1 and run[start] not in PARTICLES}
        words = {start: (end,) for start, end in pieces if end - start > 1}
        return cls(run, frozenset(bounds), words, frozenset(strays), frequency)

    def may_be_a_slip(self, start: int, end: int) -> bool:
        """Whether the piece holds a stray; a piece of two characters must hold two."""
        strays = len(self.strays.intersection(range(start, end)))
        return strays > 0 if end - start > 2 else strays == 2

    def rarest(self, word: str) -> int:
        """In how many documents the rarest pair of characters of ``word`` is."""
        return min(map(self.frequency, analysis.pairs(word)))


class Sounds:
    """Words by how they sound, by what is left without one character, and in letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        self.by_sound: dict[str, list[str]] = {}
        self.by_gap: dict[str, list[str]] = {}
        self.by_initials: dict[str, list[str]] = {}
        self.by_letters = pinyin.each_spelled(sorted(self.words))
        self.letters = sorted(self.by_letters)
        for word in sorted(self.words):
            if len(word) <= LONGEST:
                self._learn(word)

    def _learn(self, word: str) -> None:
        for key in pinyin.loose_keys(word):
            self.by_sound.setdefault(key, []).append(word)
        for at in range(len(word)):
            self.by_gap.setdefault(f"{word[:at]}*{word[at + 1 :]}", []).append(word)
        if len(word) >= INITIALS:
            self.by_initials.setdefault(pinyin.initials(word), []).append(word)


class Speller:
    """Knows words with how often they occur, by sound, by gap and in letters.

    ``before`` is a speller of nearly the same words: only what it does not know is learnt.
    """

    def __init__(self, words: Mapping[str, int], cut: Cut, before: Speller | None = None) -> None:
        self._cut = cut
        self._counts = {word: max(1, count) for word, count in words.items() if _HAN.fullmatch(word)}
        self._total = sum(self._counts.values()) + 1
        self._sounds: tuple[Sounds, ...] = _with(before._sounds if before else (), self._counts)

    def _known(self, table: str, key: str) -> Iterator[str]:
        """The words under a key; what no document has any more is not known."""
        for sounds in self._sounds:
            for word in getattr(sounds, table).get(key, ()):
                if word in self._counts:
                    yield word

    def changes(self, text: str, frequency: Frequency) -> tuple[Change, ...]:
        """What to change in normalised ``text``; nothing if it reads well as it is."""
        found = [
            change
            for match in _HAN.finditer(text[:MAX_CHARACTERS])
            for change in self._in_characters(match[0], frequency)
        ]
        found += [
            change for match in _LATIN.finditer(text) for change in self._in_letters(match[0], frequency)
        ]
        return tuple(found)

    def _in_characters(self, run: str, frequency: Frequency) -> Iterator[Change]:
        reading = Reading.of(run, self._cut(run), frequency)
        if not reading.strays:
            return
        for start, word in self._cheapest(reading):
            typed = run[start : start + len(word)]
            if typed != word:
                yield Change(typed, word)

    def _cheapest(self, reading: Reading) -> list[tuple[int, str]]:
        """The words of the cheapest way to read the run, each with where it starts."""
        size = len(reading.run)
        best: list[tuple[float, int, str]] = [(0.0, 0, ""), *[(math.inf, 0, "")] * size]
        for start in range(size):
            for end in range(start + 1, min(size, start + LONGEST) + 1):
                for word, cost in self._ways(reading, start, end):
                    if best[start][0] + cost < best[end][0]:
                        best[end] = (best[start][0] + cost, start, word)
        found, end = [], size
        while end:
            _, start, word = best[end]
            found.append((start, word))
            end = start
        return found[::-1]

    def _ways(self, reading: Reading, start: int, end: int) -> Iterator[tuple[str, float]]:
        """The words that a piece of the run may be, each with its cost."""
        piece = reading.run[start:end]
        if len(piece) == 1:
            yield piece, UNKNOWN
        elif piece in self._counts:
            yield piece, self._cost(piece)
        elif {start, end} <= reading.edges:
            if end in reading.words.get(start, ()):
                yield piece, SAID
            if reading.may_be_a_slip(start, end):
                rarest = reading.rarest(piece)
                for word, penalty in self._candidates(piece).items():
                    least = reading.rarest(word)
                    if least and rarest <= RARE * least:
                        yield word, self._cost(word) + penalty

    def _cost(self, word: str) -> float:
        return math.log(self._total / self._counts[word])

    def _candidates(self, piece: str) -> dict[str, float]:
        """Words that ``piece`` may be meant for, each with how unlikely the mistake is."""
        found: dict[str, float] = {}
        for key in pinyin.loose_keys(piece):
            for word in self._known("by_sound", key):
                found[word] = SOUND if pinyin.same_sound(piece, word) else NEAR_SOUND
        for at, char in enumerate(piece):
            for word in self._known("by_gap", f"{piece[:at]}*{piece[at + 1 :]}"):
                alike = look_alike(char, word[at])
                if alike or len(piece) >= 4:
                    found[word] = min(found.get(word, math.inf), LOOK if alike else OTHER)
        return found

    def _in_letters(self, typed: str, frequency: Frequency) -> Iterator[Change]:
        """Pinyin, each typed word by itself or, if these are syllables, all of them together."""
        runs = re.split("[ ']+", typed)
        unknown = [run for run in runs if not frequency(run)]
        each = [self._held(run, frequency) for run in unknown]
        if unknown and all(each):
            yield from (Change(run, meant) for run, meant in zip(unknown, each, strict=True))
        elif len(unknown) == len(runs) > 1 and (meant := self._held("".join(runs), frequency)):
            yield Change(typed, meant)

    def _held(self, letters: str, frequency: Frequency) -> str:
        """What ``letters`` spell, if documents have every word of it."""
        words = self.from_letters(letters)
        pairs = (pair for word in words for pair in analysis.pairs(word))
        return "".join(words) if all(map(frequency, pairs)) else ""

    def from_letters(self, letters: str) -> tuple[str, ...]:
        """The words that ``letters`` spell in pinyin or by first letters, run together."""
        if len(letters) > MAX_CHARACTERS:
            return ()
        short = self._commonest(self._known("by_initials", letters))
        if len(letters) < LETTERS or short:
            return (short,) if short else ()
        best: list[tuple[float, tuple[str, ...]]] = [(0.0, ()), *[(math.inf, ())] * len(letters)]
        for start in range(len(letters)):
            for end in range(start + 2, len(letters) + 1) if best[start][0] < math.inf else ():
                word = self._commonest(self._known("by_letters", letters[start:end]))
                if word and best[start][0] + self._cost(word) + 1 < best[end][0]:
                    best[end] = (best[start][0] + self._cost(word) + 1, (*best[start][1], word))
        return best[-1][1] or self._nearly(letters)

    def beginning(self, letters: str, most: int, frequency: Frequency) -> tuple[str, ...]:
        """Words whose pinyin or initials begin so, the commonest first; else what is spelled."""
        words = {word for sounds in self._sounds for word in _beginning(sounds, letters)}
        words = {word for word in words if word in self._counts}
        words.update(self._known("by_initials", letters))
        ordered = sorted(words, key=lambda word: (-self._counts[word], word))
        found: list[str] = []
        for word in ordered:
            if len(found) < most and not any(word in one for one in found):
                found += [word] if all(map(frequency, analysis.pairs(word))) else []
        return tuple(found) or tuple(filter(None, [self._held(letters, frequency)]))

    def _nearly(self, letters: str) -> tuple[str, ...]:
        """The word whose pinyin is but a letter or so away."""
        if len(letters) < NEARLY_LETTERS:
            return ()
        spelled = (one for sounds in self._sounds for one in sounds.letters)
        near = process.extractOne(letters, spelled, scorer=fuzz.ratio, score_cutoff=NEARLY)
        meant = self._commonest(self._known("by_letters", near[0])) if near else ""
        return (meant,) if meant else ()

    def _commonest(self, words: Iterable[str]) -> str:
        return max(words, key=lambda word: (self._counts[word], word), default="")


def _with(before: tuple[Sounds, ...], words: Iterable[str]) -> tuple[Sounds, ...]:
    """``before`` and what it lacks of the words, put together once there are many parts."""
    new = [word for word in words if not any(word in sounds.words for sounds in before)]
    if len(before) < PARTS:
        return (*before, Sounds(new)) if new else before
    return (Sounds(words),)


def _beginning(sounds: Sounds, letters: str) -> Iterator[str]:
    """Words whose pinyin begins so."""
    first = bisect_left(sounds.letters, letters)
    near = takewhile(lambda one: one.startswith(letters), sounds.letters[first : first + BEGINNINGS])
    return (word for one in near for word in sounds.by_letters[one])


def vocabulary(texts: Iterable[Iterable[str]], words: Iterable[str]) -> Counter[str]:
    """How many texts, cut into words, have each word; ``words`` of the trade are known in any case."""
    counts: Counter[str] = Counter()
    for cut in texts:
        counts.update(set(cut))
    for word in words:
        counts[word] += 1
    return counts


def respelled(query: Query, speller: Speller, frequency: Frequency) -> Query:
    """The query ranked by what was probably meant: the documents hardly have what was typed.

    ``words`` stay as typed, ``corrected`` is the whole query to be offered.
    """
    changes = speller.changes(query.text, frequency)
    if not changes:
        return query
    whole = " ".join(corrected(analysis.normalise(query.raw), changes).split())
    return replace(query, text=corrected(query.text, changes), corrected=whole)


def corrected(text: str, changes: Iterable[Change]) -> str:
    """``text`` with the changes made."""
    for change in changes:
        text = text.replace(change.typed, change.meant, 1)
    return text
