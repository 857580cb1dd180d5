"""A difficulty that a member told the association: its state, who may see it, what may be published of it.

What a member wrote is for the secretariat. Published is only a staff rewrite, and only the very words that
the member agreed to; :func:`worries_in` names what must not stand in one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kb.domain.alert import address_of
from kb.domain.privacy import looks_personal
from kb.domain.taxonomy import Regions
from kb.domain.workflow import Actor

State = Literal["received", "linked", "answered", "passed", "closed"]
Step = Literal["answer", "pass", "close", "reopen"]

STATES: tuple[State, ...] = ("received", "linked", "answered", "passed", "closed")
"""From told to settled; ``linked`` means that staff found what answers it, ``passed`` that it went on."""
OPEN: tuple[State, ...] = ("received", "linked", "answered", "passed")
CONTACT_KEPT_MONTHS = 12
"""So long after closing a contact is kept, and no day longer."""
LONGEST_TEXT, LONGEST_MORE, LONGEST_CONTACT, LONGEST_BODY = 2000, 1000, 100, 60
_BODIES = re.compile(r"[、，,;；\n]+")
_BESIDE_ADDRESS = re.compile(r"[^\w.!#$%&'*+?^`{}~@-]|[\u2e80-\u9fff]")
"""What stands between an address and other words of a contact; letters like ``ü`` do not, nor does ``-``."""


def mail_in(contact: str) -> str:
    """The one mail address that a contact holds, in lower case, whatever stands beside it.

    Empty where there is none, or several: which is meant only a person can ask.
    """
    plain = unicodedata.normalize("NFKC", contact)
    words = (word.strip(".") for word in _BESIDE_ADDRESS.split(plain))
    found = {address for word in words if (address := address_of(word))}
    return found.pop() if len(found) == 1 else ""


@dataclass(frozen=True)
class Rewrite:
    """What staff would publish: a headline, the difficulty and the answer in words that name nobody."""

    title: str
    text: str
    answer: str

    @property
    def seal(self) -> str:
        """Stands for just these words: who agrees to them agrees to no others."""
        joined = "\x1f".join((self.title, self.text, self.answer))
        return hashlib.sha256(joined.encode()).hexdigest()


@dataclass(frozen=True)
class Difficulty:
    """What a member told. Empty strings where nothing was told; times are UTC, ``needs`` keys of the list.

    ``consent_forward`` names the bodies that it may be passed on to, in the member's words; empty is none.
    ``agreed`` is the seal of the rewrite that the member agreed to; the ``published_`` fields are public.
    """

    id: int
    received_at: str
    region: str
    size: str
    segment: str
    needs: tuple[str, ...]
    text: str
    contact: str
    state: State
    passed_to: str = ""
    answer: str = ""
    answered_at: str = ""
    entries: tuple[str, ...] = ()
    consent_forward: str = ""
    rewrite_title: str = ""
    rewrite_text: str = ""
    rewrite_answer: str = ""
    agreed: str = ""
    published_title: str = ""
    published_text: str = ""
    published_answer: str = ""
    published_at: str = ""
    closed_at: str = ""
    updated_at: str = ""
    revision: int = 1

    @property
    def rewrite(self) -> Rewrite | None:
        """What staff propose to publish; ``None`` before they wrote it."""
        if not self.rewrite_title:
            return None
        return Rewrite(self.rewrite_title, self.rewrite_text, self.rewrite_answer)

    @property
    def published(self) -> Rewrite | None:
        """What everybody can read of it; ``None`` for nothing."""
        if not self.published_at:
            return None
        return Rewrite(self.published_title, self.published_text, self.published_answer)

    @property
    def may_be_published(self) -> bool:
        """Whether the member agreed to the rewrite as it stands."""
        return self.rewrite is not None and self.agreed == self.rewrite.seal

    @property
    def bodies(self) -> tuple[str, ...]:
        """Those that it may be passed on to, one by one."""
        return tuple(one.strip() for one in _BODIES.split(self.consent_forward) if one.strip())

    @property
    def mail(self) -> str:
        """Where a mail reaches the member; empty if the contact says no address."""
        return mail_in(self.contact)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What staff may do with it now."""
        if self.state == "closed":
            return ("reopen",)
        return ("answer", "pass", "close") if self.bodies else ("answer", "close")


def may_see(actor: Actor, held: Difficulty, regions: Regions) -> bool:
    """A branch sees what lies in its region; what names no region only the national office sees."""
    return actor.is_national or (bool(held.region) and actor.region in regions.path(held.region))


_DIGITS = r"[\d一二三四五六七八九十百千两几][\d.,，\s]*[多余几]?\s*[百千]?"
_AMOUNT = re.compile(_DIGITS + r"(?:[万亿]?\s*(?:元|块钱)|[万亿])")
_FIRMS = "公司|集团|有限|股份|事务所|合伙企业|研究院"
_OPERATORS = "移动|电信|联通|铁塔|广电"
_COMPANY = re.compile(rf"{_FIRMS}|中国(?:{_OPERATORS})|(?:省|市|县|区)(?:{_OPERATORS})")
_QUOTED = r"[“\"「《][^”\"」》]{2,30}[”\"」》]"
_PROJECT = re.compile(_QUOTED + r"|[一-龥]{2,}(?:[一二三四五六七八九十\d]+期|标段)|\d+\s*标段")
_PERSON = re.compile(r"[一-龥](?:总|经理|主任|处长|局长|科长|先生|女士)(?![包部体计额局])")
Kind = Literal["amount", "company", "project", "person", "contact"]
_WORRIES: Mapping[Kind, re.Pattern[str]] = {
    "amount": _AMOUNT,
    "company": _COMPANY,
    "project": _PROJECT,
    "person": _PERSON,
}


@dataclass(frozen=True)
class Worry:
    """Words of a rewrite that may lead to somebody: what kind, and the words."""

    kind: Kind
    words: str


def worries_in(texts: Iterable[str]) -> tuple[Worry, ...]:
    """What in ``texts`` may name a company, person, project or amount, or be a contact; each once.

    They are warnings: 会员公司 names nobody. A person decides.
    """
    found: dict[Worry, None] = {}
    for text in texts:
        for kind, pattern in _WORRIES.items():
            for match in pattern.finditer(text):
                found[Worry(kind, _around(text, match))] = None
        if looks_personal(text):
            found[Worry("contact", "")] = None
    return tuple(found)


def _around(text: str, match: re.Match[str]) -> str:
    """The words found with a few before them, by which a reader finds the place."""
    return text[max(0, match.start() - 4) : match.end()].strip()
