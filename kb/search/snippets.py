"""The passage of an entry that shows why it matched, with the hits marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from html import escape
from itertools import groupby

from kb.search import analysis

LENGTH = 90
_SENTENCE = re.compile(r"[^。；;\n]*[。；;\n]?")


@dataclass(frozen=True)
class Part:
    """A piece of a snippet; ``hit`` if it is what was looked for."""

    text: str
    hit: bool = False


Snippet = tuple[Part, ...]


def snippet(text: str, tokens: dict[str, float], length: int = LENGTH) -> Snippet:
    """The sentence with most of the tokens' weight, cut to ``length``; the beginning if there is none."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if match[0].strip()] or [(0, len(text))]
    weights = _weights(_aligned(text), spans, tokens)
    best = weights.index(max(weights))
    passage = text[slice(*spans[best])].strip()
    if len(passage) < length // 2 and best + 1 < len(spans):
        passage += text[slice(*spans[best + 1])].strip()
    return mark(_cut(passage, tokens, length), tokens)


def _weights(normal: str, spans: list[tuple[int, int]], tokens: dict[str, float]) -> list[float]:
    """The weight of the different tokens within each span."""
    weights = [0.0] * len(spans)
    starts = [start for start, _ in spans]
    for token, weight in tokens.items():
        at = normal.find(token)
        while at >= 0:
            span = bisect_right(starts, at) - 1
            after = at + 1
            if span >= 0 and at + len(token) <= spans[span][1]:
                weights[span] += weight
                after = spans[span][1]
            at = normal.find(token, after)
    return weights


def _cut(passage: str, tokens: dict[str, float], length: int) -> str:
    if len(passage) <= length:
        return passage
    normal = _aligned(passage)
    first = min((at for token in tokens if (at := normal.find(token)) >= 0), default=0)
    start = max(0, min(first - length // 4, len(passage) - length))
    end = start + length
    return ("…" if start else "") + passage[start:end] + ("…" if end < len(passage) else "")


def _aligned(text: str) -> str:
    """The normal form, one character for each of ``text``, so that positions agree."""
    normal = analysis.normalise(text)
    if len(normal) == len(text):
        return normal
    return "".join((analysis.normalise(char) or " ")[0] for char in text)


def mark(passage: str, tokens: dict[str, float]) -> Snippet:
    """``passage`` in parts, hits apart."""
    normal = _aligned(passage)
    hits = bytearray(len(passage))
    for token in tokens:
        at = normal.find(token)
        while at >= 0:
            hits[at : at + len(token)] = b"\1" * len(token)
            at = normal.find(token, at + 1)
    parts: list[Part] = []
    start = 0
    for hit, run in groupby(hits):
        end = start + len(list(run))
        parts.append(Part(passage[start:end], bool(hit)))
        start = end
    return tuple(parts)


def as_html(parts: Snippet) -> str:
    """Escaped, hits in ``<mark>``."""
    return "".join(f"<mark>{escape(p.text)}</mark>" if p.hit else escape(p.text) for p in parts)


def as_text(parts: Snippet) -> str:
    """Plain, hits in 【】."""
    return "".join(f"【{p.text}】" if p.hit else p.text for p in parts)
