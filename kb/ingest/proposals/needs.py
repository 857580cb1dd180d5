"""Which difficulties a paper meets, from what it grants and from words that leave no choice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kb.domain.proposal import Proposal, weaker
from kb.ingest.proposals.sentences import Piece

_OF_TYPE = {
    "tax": ("tax-and-insurance", "taxes-2020"),
    "social-insurance": ("tax-and-insurance", "insurance-2020"),
    "finance": ("loan-turnover", "loans-2020"),
    "rent": ("", "rent-2020"),
    "jobs": ("hiring", ""),
    "training": ("hiring", ""),
    "payment": ("arrears", "arrears-2020"),
    "credentials": ("qualifications", ""),
    "technology": ("equipment-digital", ""),
}
_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("low-bids", re.compile(r"低价中标|低于成本(?:价|的报价)?(?:竞标|投标|中标)")),
    (
        "deposits",
        re.compile(
            r"(?:投标|履约|工程质量|农民工工资|(?<!旅行社)(?<!旅游服务)质量)保证金.{0,20}(?:减免|免收|免缴|减半|返还|退还|降低|不得)|(?:减免|免收|免缴|退还|降低).{0,12}(?:投标|履约|(?<!旅行社)(?<!旅游服务)质量)保证金"
        ),
    ),
    ("arrears", re.compile(r"(?:清理|清偿|防范和化解|治理|解决)[^，。；]{0,12}拖欠|不得(?:违约)?拖欠")),
)
_OLD_YEARS = ("2020", "2021")


def needs(pieces: Iterable[Piece], reliefs: Sequence[Proposal], year: str) -> Iterator[Proposal]:
    """Each need once, on the first words that speak of it; those of 2020 only for papers of that time."""
    found: dict[str, Proposal] = {}
    for one in reliefs:
        today, old = _OF_TYPE.get(str(one.value), ("", "")) if one.field.endswith("-type") else ("", "")
        for key in (today, old if year in _OLD_YEARS else ""):
            if key:
                said = Proposal(
                    "needs", [key], one.quote, one.start, one.end, weaker("likely", one.confidence)
                )
                found.setdefault(key, said)
    for piece in pieces:
        for key, pattern in _SAID:
            if piece.closed and pattern.search(piece.bare):
                found.setdefault(key, piece.proposes("needs", [key], "certain"))
    yield from found.values()
