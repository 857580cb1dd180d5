"""What a page says, as it was taken from it: facts with the words and the place they stand on, and the body.

Nothing here is guessed: each fact's quote is ``text[start:end]``, letter by letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.domain.document import Attachment, Document
from kb.domain.proposal import Confidence
from kb.domain.recipe import FactName

Layer = Literal["selector", "json", "script", "table", "meta", "head", "signature", "text", "window"]
Outcome = Literal["content", "attachment", "hand", "nothing"]


@dataclass(frozen=True)
class Fact:
    """A value of one field. Days are ``2020-03-04``; issuers are a tuple; ``status`` is the page's own word.

    ``quote`` is ``Extracted.text[start:end]``; ``layer`` and ``where`` tell from which part of the page it is
    (``table`` 发文字号, ``json`` gkml_data.date).
    """

    field: FactName
    value: str | tuple[str, ...]
    quote: str
    start: int
    end: int
    layer: Layer
    where: str
    confidence: Confidence


@dataclass(frozen=True)
class Extracted:
    """A page understood.

    ``text`` is what is stored and quoted from: the page's labelled facts one a line (``发文字号：…``), an
    empty line, then the text of ``body`` from ``body_start`` on. ``facts`` has at most one of a field, the
    best; ``others`` what the page says otherwise. ``outcome``: ``content``; ``attachment`` 正文见附件;
    ``hand`` 需人工, ``nothing`` 未取得, both with the reason in ``why``. ``notes`` are the points that a
    person must look at, in Chinese.
    """

    address: str
    encoding: str
    text: str
    body_start: int
    body: Document
    facts: tuple[Fact, ...] = ()
    others: tuple[Fact, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outcome: Outcome = "content"
    why: str = ""
    notes: tuple[str, ...] = ()

    def fact(self, field: FactName) -> Fact | None:
        """The best of a field, or ``None``."""
        return next((one for one in self.facts if one.field == field), None)

    def said(self, field: FactName) -> str:
        """The value of a field as text, issuers joined with spaces; empty where the page has none."""
        fact = self.fact(field)
        if fact is None:
            return ""
        return fact.value if isinstance(fact.value, str) else " ".join(fact.value)

    @property
    def title(self) -> str:
        return self.said("title")

    @property
    def doc_number(self) -> str:
        return self.said("doc_number")

    @property
    def issuers(self) -> tuple[str, ...]:
        fact = self.fact("issuers")
        return fact.value if fact and isinstance(fact.value, tuple) else ()
