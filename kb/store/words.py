"""Words added at the desk over the defaults in ``policies/``: synonyms and words for segmentation.

A row with weight 0 stops a default synonym. Reading is cheap: the whole table is one value.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from kb.errors import KbError
from kb.store import audit
from kb.store.database import Database, now, writing

Kind = Literal["synonym", "lexicon"]

LONGEST = 30
USUAL_WEIGHT = 0.7


@dataclass(frozen=True)
class Word:
    """One row. A synonym also looks for ``other`` at ``weight`` where ``word`` is asked; a word has none.

    ``by`` is a login name, ``at`` UTC.
    """

    kind: Kind
    word: str
    other: str
    weight: float
    by: str
    at: str


def listed(db: Database) -> tuple[Word, ...]:
    """Every row, by kind and word."""
    return tuple(Word(**row) for row in db.query("SELECT * FROM words ORDER BY kind DESC, word, other"))


def add_synonym(
    db: Database, word: str, other: str, by: str, weight: float = USUAL_WEIGHT, *, both: bool = False
) -> None:
    """Where ``word`` is asked, look for ``other`` too (``both``: and the other way round).

    Weight 0 stops that, for a default as well. :class:`KbError` where the words or the weight are no use.
    """
    one, two = cleaned(word), cleaned(other)
    if one.casefold() == two.casefold():
        raise KbError("两个词是一样的；同义词要写两个不同的词")
    if not 0 <= weight <= 1:
        raise KbError("分量要在 0 到 1 之间：意思一样写 0.8，只是沾边写 0.4，停用写 0")
    with writing(db):
        for first, second in ((one, two), (two, one)) if both else ((one, two),):
            _put(db, Word("synonym", first, second, round(weight, 2), by, now()))


def add_lexicon(db: Database, word: str, by: str) -> None:
    """Keep ``word`` whole when texts and queries are cut into words; the index is built anew for it."""
    whole = cleaned(word)
    if len(whole) < 2:
        raise KbError("分词用的词至少两个字")
    with writing(db):
        _put(db, Word("lexicon", whole, "", 1.0, by, now()))


def cleaned(text: str) -> str:
    """A word as it is kept: half width, single spaces; :class:`KbError` if it is none."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not any(char.isalnum() for char in plain):
        raise KbError("请写一个词")
    if len(plain) > LONGEST:
        raise KbError(f"词太长了，最多 {LONGEST} 个字；这里写词，不写句子")
    if any(unicodedata.category(char)[0] == "C" for char in plain):
        raise KbError("词里有看不见的字符，请重新输入")
    return plain


def remove(db: Database, kind: str, word: str, other: str, by: str) -> bool:
    """Take a row back, so that the default holds again; false if there was none."""
    with writing(db):
        if not list(db.query(f"SELECT 1 FROM words WHERE {_THIS}", [kind, word, other])):  # noqa: S608
            return False
        db.execute(f"DELETE FROM words WHERE {_THIS}", [kind, word, other])  # noqa: S608
        audit.append(db, by, "word-remove", word, f"{_LABELS.get(kind, kind)}{_shown(other)}")
    return True


_THIS = "kind = ? AND word = ? AND other = ?"
_LABELS = {"synonym": "同义词", "lexicon": "分词用的词"}


def _put(db: Database, row: Word) -> None:
    db.table("words").upsert(vars(row), pk=("kind", "word", "other"))
    weight = f"，分量 {row.weight:g}" if row.other else ""
    audit.append(db, row.by, "word-add", row.word, f"{_LABELS[row.kind]}{_shown(row.other)}{weight}")


def _shown(other: str) -> str:
    return f" → {other}" if other else ""
