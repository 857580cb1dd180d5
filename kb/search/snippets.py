"""The passage of an entry that shows why it matched, with the hits marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

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
    sentences = [s.strip() for s in _SENTENCE.findall(text) if s.strip()] or [text.strip()]
    best = max(range(len(sentences)), key=lambda at: (_weight(sentences[at], tokens), -at))
    passage = sentences[best]
    if len(passage) < length // 2 and best + 1 < len(sentences):
        passage += sentences[best + 1]
    return mark(_cut(passage, tokens, length), tokens)


def _weight(sentence: str, tokens: dict[str, float]) -> float:
    normal = analysis.normalise(sentence)
    return sum(weight for token, weight in tokens.items() if token in normal)


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
    for char, hit in zip(passage, hits, strict=True):
        if parts and parts[-1].hit == bool(hit):
            parts[-1] = Part(parts[-1].text + char, bool(hit))
        else:
            parts.append(Part(char, bool(hit)))
    return tuple(parts)


def as_html(parts: Snippet) -> str:
    """Escaped, hits in ``<mark>``."""
    return "".join(f"<mark>{escape(p.text)}</mark>" if p.hit else escape(p.text) for p in parts)


def as_text(parts: Snippet) -> str:
    """Plain, hits in 【】."""
    return "".join(f"【{p.text}】" if p.hit else p.text for p in parts)
