"""The index's fields, their weights, and how a record becomes a Whoosh document.

Weights as measured over both evaluation sets (docs/decisions, bench/README.md): words .7, pairs 1; the
members' own phrasings (aliases) count .6 of the text, and a title is in the text, never alone at full weight.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from whoosh import fields, formats

from kb.domain import docnumber
from kb.search import analysis, record
from kb.search.analysis import Segmenter

VERSION = "8"
WATERMARK_ID = "*watermark*"
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十]+)?$")


@dataclass(frozen=True)
class TextField:
    """A searchable field: how a query is cut for it and what a hit in it counts."""

    name: str
    cut: str
    weight: float


TEXT_FIELDS = (
    TextField("words", "words", 0.7),
    TextField("pairs", "pairs", 1.0),
    TextField("alias_words", "words", 0.42),
    TextField("alias_pairs", "pairs", 0.6),
)
CHARACTERS = TextField("characters", "characters", 0.25)
SEARCHED = tuple(field.name for field in (*TEXT_FIELDS, CHARACTERS))


class Terms(fields.FieldType):  # type: ignore[misc]
    """A field that is given its tokens ready-made and indexes each with its count, without positions."""

    def __init__(self) -> None:
        self.format = formats.Frequency()
        self.analyzer = None
        self.scorable = True
        self.stored = False
        self.unique = False
        self.vector = None
        self.column_type = None

    def index(self, value: list[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """``(term, count, weight, encoded count)`` of each distinct token."""
        for token, count in Counter(value).items():
            yield token.encode("utf-8"), count, float(count), formats.pack_uint(count)


def whoosh_schema() -> fields.Schema:
    """The schema of every index this product makes."""
    texts = {field.name: Terms() for field in (*TEXT_FIELDS, CHARACTERS)}
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        numbers=Terms(),
        data=fields.STORED,
        text=fields.STORED,
        watermark=fields.STORED,
        **texts,
    )


def index_version(lexicon: tuple[str, ...]) -> str:
    """A hash of schema, record, analysis and lexicon; synonyms apply at query time and are not in it."""
    parts = [VERSION, analysis.VERSION, repr([*TEXT_FIELDS, CHARACTERS]), record.SHAPE, *lexicon]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def normal_text(doc: record.Record) -> tuple[str, int]:
    """The normal form of all that is searched, and how many characters of it are the title.

    Members' own names for it stand at the end; the number of an article is not counted to its title.
    """
    title = analysis.normalise(doc.title)
    rest = analysis.normalise("\n".join((doc.promise, doc.text, *doc.aliases)))
    return f"{title}\n{rest}", len(parent_of(title))


def parent_of(title: str) -> str:
    """The document that an article is part of; the title itself of what is no article."""
    return _ARTICLE.sub("", title)


def document(doc: record.Record, segmenter: Segmenter) -> dict[str, Any]:
    """The Whoosh document of a record."""
    normal, _ = normal_text(doc)
    aliases = analysis.normalise("\n".join((*doc.aliases, doc.promise)))
    numbers = [docnumber.comparison_form(n) for n in (doc.doc_number, doc.candidate) if n]
    return {
        "id": doc.id,
        "data": record.to_json(doc),
        "text": doc.text,
        "numbers": numbers,
        "words": segmenter.index_words(normal),
        "pairs": analysis.pairs(normal),
        "characters": analysis.characters(normal),
        "alias_words": segmenter.index_words(aliases),
        "alias_pairs": analysis.pairs(aliases),
    }
