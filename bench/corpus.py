"""Documents and questions for comparing engines: a generated collection or a real one, cut once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from kb.config import ROOT
from kb.search import analysis
from kb.search.evaluate import read_documents
from kb.store.terms import load_terms

SEED = 2026
WORDS = 40_000
LENGTH = 60
REGIONS = 31
TYPES = 14
YEARS = range(2012, 2027)


@dataclass(frozen=True)
class Doc:
    """A document: its tokens, and a region, a type and a year to filter and count by."""

    id: str
    tokens: tuple[str, ...]
    region: str
    type: str
    year: int


@dataclass(frozen=True)
class Corpus:
    """Documents, and queries by name of what they are meant to show."""

    name: str
    docs: tuple[Doc, ...]
    queries: dict[str, tuple[tuple[str, ...], ...]]


def make(count: int, path: Path | None, questions: int) -> Corpus:
    """``count`` documents, read from ``path`` if given (round and round if it has fewer), else generated."""
    random = np.random.default_rng(SEED)
    texts = _read(path, count) if path else _generated(random, count)
    regions = random.zipf(1.3, size=count * 2)
    regions = np.resize(regions[regions <= REGIONS], count)
    types, years = random.integers(0, TYPES, count), random.choice(YEARS, count)
    docs = tuple(
        Doc(f"d{at:07}", tuple(texts[at]), f"r{regions[at]:02}", f"t{types[at]:02}", int(years[at]))
        for at in range(count)
    )
    return Corpus(path.name if path else "generated", docs, _queries(random, docs, questions))


def _generated(random: np.random.Generator, count: int) -> Sequence[Sequence[str]]:
    """Texts of made-up words whose frequencies fall as those of a language do."""
    simplified = [one for at in range(0x4E00, 0x9F00) if analysis.normalise(one := chr(at)) == one]
    letters = random.choice(simplified[:3000], 3000, replace=False).tolist()
    sizes = random.choice([2, 2, 2, 3, 4], WORDS)
    words = ["".join(random.choice(letters, size)) for size in sizes]
    shares = 1 / np.arange(1, WORDS + 1) ** 1.05
    lengths = np.maximum(8, random.lognormal(np.log(LENGTH), 0.5, count).astype(int))
    drawn = random.choice(WORDS, int(lengths.sum()), p=shares / shares.sum())
    return [[words[one] for one in some] for some in np.split(drawn, np.cumsum(lengths)[:-1])]


def _read(path: Path, count: int) -> Sequence[Sequence[str]]:
    segmenter = analysis.segmenter(load_terms(ROOT / "policies").lexicon)
    found = [
        segmenter.index_words(analysis.normalise(f"{one.title}\n{one.text}"))
        for one in islice(read_documents(path), count)
    ]
    return [found[at % len(found)] for at in range(count)]


def _queries(
    random: np.random.Generator, docs: Sequence[Doc], questions: int
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Rare terms, common terms, and six terms as they come in one document."""
    having: dict[str, int] = {}
    for doc in docs:
        for token in set(doc.tokens):
            having[token] = having.get(token, 0) + 1
    rare = sorted(token for token, count in having.items() if 3 <= count <= 20)
    common = sorted(having, key=lambda token: (-having[token], token))[:questions]
    some = random.choice(len(docs), questions * 3, replace=False)
    several = [tuple(dict.fromkeys(docs[at].tokens)) for at in some.tolist()]
    six = [tuple(random.choice(tokens, 6, replace=False).tolist()) for tokens in several if len(tokens) >= 6]
    return {
        "rare": tuple((str(one),) for one in random.choice(rare, questions)),
        "common": tuple((one,) for one in common),
        "or6": tuple(six[:questions]),
    }
