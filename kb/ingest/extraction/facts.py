"""From what a page says to its facts: the surest saying of each field, the others kept, contradictions told.

A value is taken only where its words stand in the stored text. Issuers come from the signature or the head of
the text first: what a page calls 发布机构 may be an office that only posted it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kb.domain import docnumber
from kb.domain.extracted import Fact, Layer
from kb.domain.proposal import Confidence
from kb.domain.recipe import FACTS, FactName
from kb.ingest.extraction import wording
from kb.ingest.extraction.marks import Mark
from kb.ingest.extraction.reading import Reading

_USUAL: tuple[Layer, ...] = (
    "selector",
    "json",
    "table",
    "signature",
    "head",
    "text",
    "script",
    "meta",
    "window",
)
_ORDER: Mapping[FactName, tuple[Layer, ...]] = {
    "title": ("selector", "json", "table", "meta", "head", "window"),
    "doc_number": ("selector", "json", "table", "head", "signature"),
    "issuers": ("signature", "head", "selector", "json", "table", "text"),
    "published_on": ("json", "selector", "table", "meta"),
}
"""Which layers give a field, the surest first; what the others say is not used."""
_SURE: frozenset[Layer] = frozenset({"selector", "json", "table", "signature"})
_LABELS: Mapping[FactName, str] = {
    "title": "标题",
    "doc_number": "文号",
    "issuers": "发文机关",
    "issued_on": "成文日期",
    "published_on": "发布日期",
    "effective_on": "施行日期",
    "expires_on": "失效日期",
    "status": "有效性",
}
_COMPARED: tuple[FactName, ...] = tuple(field for field in FACTS if field != "issuers")


@dataclass(frozen=True)
class Chosen:
    """The facts of a page, one a field; the other sayings; what a person must look at."""

    facts: tuple[Fact, ...]
    others: tuple[Fact, ...]
    notes: tuple[str, ...]


def told(marks: Iterable[Mark]) -> tuple[str, list[Fact]]:
    """The lines ``label：value`` that are stored before the body, and the facts that stand in them."""
    head, found, at = [], [], 0
    for mark in marks:
        line = f"{mark.label}：{mark.said}"
        start = at + len(line) - len(mark.said)
        if value := _value(mark.field, mark.said, mark.layer):
            fact = Fact(
                mark.field,
                value,
                mark.said,
                start,
                start + len(mark.said),
                mark.layer,
                mark.label,
                _confidence(mark),
            )
            found.append(fact)
        head.append(line)
        at += len(line) + 1
    return "\n".join(head), found


def _value(field: FactName, said: str, layer: Layer) -> str | tuple[str, ...]:
    if field == "title":
        return wording.title(said)
    if field == "doc_number":
        return wording.number(said)
    if field == "issuers":
        return wording.organs(said)
    if field == "status":
        return _STATES.get(said, said) if layer == "json" else said[:20]
    return wording.day(said)


_STATES = {"1": "失效", "True": "失效", "true": "失效"}


def _confidence(mark: Mark) -> Confidence:
    if mark.layer not in _SURE:
        return "likely"
    return "likely" if mark.field == "issuers" else "certain"


def of_text(readings: Iterable[Reading], text: str, body_start: int) -> list[Fact]:
    """The readings of the body as facts of the stored text."""
    found = []
    for one in readings:
        start, end = one.start + body_start, one.end + body_start
        found.append(
            Fact(one.field, one.value, text[start:end], start, end, one.layer, one.where, one.confidence)
        )
    return found


def choose(found: list[Fact], reposted: tuple[str, ...] = ()) -> Chosen:
    """The surest of each field, what else is said, and the contradictions between them in words."""
    found, notes = _original(found, reposted)
    facts, others = [], []
    for field in FACTS:
        order = _ORDER.get(field, _USUAL)
        said = sorted(
            (one for one in found if one.field == field and one.layer in order),
            key=lambda one: order.index(one.layer),
        )
        if not said:
            continue
        facts.append(said[0])
        differing = [one for one in said[1:] if not _same(one, said[0])]
        others += differing
        notes += _contradiction(field, said[0], differing)
    return Chosen(tuple(_doubted(facts, notes)), tuple(others), tuple(dict.fromkeys(notes)))


def _original(found: list[Fact], reposted: tuple[str, ...]) -> tuple[list[Fact], list[str]]:
    """Without the offices that only posted again what others issued; the signature may name any."""
    own = [one for one in found if one.field == "issuers" and one.layer in ("signature", "head")]
    signed = {name for one in own if one.layer == "signature" for name in one.value}
    again = any(one.field == "title" and wording.is_repost(one.quote) for one in found)
    posts = [
        one
        for one in found
        if one.field == "issuers"
        and one not in own
        and (again or any(wording.reposts(name) or name in reposted for name in one.value))
        and not set(one.value) <= signed
    ]
    named = dict.fromkeys("、".join(one.value) for one in posts)
    kept = [one for one in found if one not in posts and not ((posts or again) and _of_the_post(one))]
    return kept, [f"页面写的发布机构「{name}」可能只是转载，没有当作发文机关" for name in named]


def _of_the_post(one: Fact) -> bool:
    """Whether a day is that of the posting office's own record, not of what it posted."""
    return one.field == "issued_on" and one.layer in ("json", "table")


def _same(one: Fact, other: Fact) -> bool:
    if one.field == "doc_number":
        return docnumber.same(str(one.value), str(other.value))
    if one.field == "title":
        first, second = wording.likeness(str(one.value)), wording.likeness(str(other.value))
        return one.layer == "window" or first in second or second in first
    return one.value == other.value


def _contradiction(field: FactName, best: Fact, differing: list[Fact]) -> list[str]:
    """In words; issuers of a table and a signature differ so often that it is no news."""
    if not differing or field not in _COMPARED:
        return []
    said = "；".join(dict.fromkeys(f"{one.where}为{one.value}" for one in (best, *differing)))
    return [f"{_LABELS[field]}说法不一：{said}，请核对"]


def _doubted(facts: list[Fact], notes: list[str]) -> list[Fact]:
    """A number that seems to have lost its first letters is a hint only."""
    checked = []
    for one in facts:
        if one.field == "doc_number" and wording.is_doubtful(str(one.value)):
            notes.append(f"文号待核：「{one.value}」前面可能缺字")
            one = replace(one, confidence="hint")
        checked.append(one)
    return checked
