"""What a paper's proposals mean for what is published: new, a revision, or told already.

A revision keeps all that an entry says: a fact of the paper that differs is set, a point that the entry does
not tell is added, a passage that changed since the entry was written stands below its text for a person.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz import fuzz

from kb.domain.differences import Difference, differences
from kb.domain.taxonomy import Taxonomy
from kb.ingest.documents.wording import squeeze
from kb.ingest.papers import services
from kb.ingest.papers.found import Item

What = Literal["new", "changed", "unchanged", "waiting"]
Data = Mapping[str, Any]
_NEAR_TITLE = 88.0
_NEAR_BUSINESS = 70.0
_TOLD = 0.4
_FIGURE = re.compile(r"\d+(?:\.\d+)?[%％]?")
_PRINT = 16


@dataclass(frozen=True)
class Outcome:
    """What becomes of an item. ``data`` is what a draft of it would hold, ``None`` where nothing changes.

    ``waiting`` has a draft of the same words already, number ``draft_id``. ``near`` are the ids of entries
    that may be the same, for a person to look at.
    """

    what: What
    item: Item
    entry_id: str = ""
    data: Data | None = None
    changes: tuple[Difference, ...] = ()
    near: tuple[str, ...] = ()
    draft_id: int = 0


def print_of(text: str) -> str:
    """A fingerprint of a passage, the same however its lines were broken and its quotation marks drawn."""
    return hashlib.sha256(squeeze(text).encode()).hexdigest()[:_PRINT]


def compared(
    items: Sequence[Item],
    held: Iterable[Data],
    told: Callable[[str, str], bool],
    taxonomy: Taxonomy,
) -> list[Outcome]:
    """The outcome of every item beside the plain data of what is published.

    ``told`` says whether an entry, by its id, was written from a passage.
    """
    kinds = {item.kind for item in items}
    by_kind: dict[str, list[Data]] = {kind: [] for kind in kinds}
    for data in held:
        if data.get("kind") in kinds:
            by_kind[str(data["kind"])].append(data)
    taken: set[str] = set()
    outcomes = []
    for item in items:
        fitting = [one for one in _fitting(item, by_kind[item.kind]) if one["id"] not in taken]
        outcome = _outcome(item, fitting, told, taxonomy)
        taken |= {outcome.entry_id} if item.kind != "service" else set()
        outcomes.append(outcome)
    return outcomes


def _outcome(
    item: Item, fitting: Sequence[Data], told: Callable[[str, str], bool], taxonomy: Taxonomy
) -> Outcome:
    if len(fitting) != 1 and not (fitting and item.kind != "service"):
        return Outcome("new", item, data=item.data, near=tuple(str(one["id"]) for one in fitting))
    one = fitting[0]
    entry_id = str(one["id"])
    data = _named(item, one) if told(entry_id, item.passage) else revised(item, one)
    changes = differences(one, data, taxonomy)
    return Outcome("changed" if changes else "unchanged", item, entry_id, data if changes else None, changes)


# -- which entry -----------------------------------------------------------------------------------


def _fitting(item: Item, held: Iterable[Data]) -> list[Data]:
    """The entries that the item is, the surest first."""
    ranked = sorted(((_fit(item, one), at, one) for at, one in enumerate(held)), key=lambda row: row[:2])
    best = [(fit, one) for fit, _at, one in ranked if fit]
    top = max((fit for fit, _one in best), default=0)
    return [one for fit, one in best if fit == top]


def _fit(item: Item, one: Data) -> int:
    """3 for the same title, 2 for the same place of the same paper, 1 for the same by what it says."""
    if item.kind == "service":
        return int(_same_issuers(item.data, one) and services.is_about(item.subject, one))
    if squeeze(item.title) == squeeze(str(one.get("title", ""))):
        return 3
    if any(_same_place(item, source) for source in one.get("sources", ())):
        return 2
    if item.kind == "case":
        return int(_same_company(item.data, one))
    return int(fuzz.ratio(squeeze(item.title), squeeze(str(one.get("title", "")))) >= _NEAR_TITLE)


def _same_issuers(one: Data, other: Data) -> bool:
    return set(map(squeeze, one.get("issuers", ()))) == set(map(squeeze, other.get("issuers", ())))


def _same_place(item: Item, source: Data) -> bool:
    """Whether a source names the same paper and the same number in it."""
    own = item.data["sources"][0]
    if squeeze(str(source.get("document", ""))) != squeeze(own["document"]):
        return False
    said, here = squeeze(str(source.get("section", ""))), squeeze(own["section"])
    return said == here or (bool(item.number) and _number_in(said) == _number_in(here) != "")


def _number_in(section: str) -> str:
    """``附件2…第六条``, ``三、…（二）``, ``附件1…序号4``: where a section begins and its last number."""
    first = re.match(r"附件\d*|[一二三四五六七八九十]+、", section)
    last = re.search(
        r"(序号\d+|第[一二三四五六七八九十\d]+条|[（(][一二三四五六七八九十]+[)）])(?:\".*\")?$", section
    )
    return f"{first[0] if first else ''}|{last[1]}" if last else ""


def _same_company(one: Data, other: Data) -> bool:
    profile, held = one.get("profile", {}), other.get("profile", {}) or {}
    places = set(one.get("regions", {}).get("include", ())), set(other.get("regions", {}).get("include", ()))
    if places[0] != places[1] or list(profile.get("sizes", ())) != list(held.get("sizes", ())):
        return False
    return _near(profile.get("business", ""), held.get("business", ""))


def _near(one: str, other: str) -> bool:
    return fuzz.ratio(squeeze(one), squeeze(other)) >= _NEAR_BUSINESS


# -- what changes ----------------------------------------------------------------------------------


def _named(item: Item, held: Data) -> dict[str, Any]:
    """The entry with the paper and the section among its sources."""
    data = copy.deepcopy(dict(held))
    if not _has_source(item, held):
        data["sources"] = [*data.get("sources", ()), item.data["sources"][0]]
    return data


def revised(item: Item, held: Data) -> dict[str, Any]:
    """The entry with what the item says otherwise or beyond it; nothing it says is lost."""
    data, known = _named(item, held), _has_source(item, held)
    if item.kind == "case":
        _revise_case(item.data, data)
        return data
    if item.kind != "service" and squeeze(item.title) != squeeze(str(held.get("title", ""))):
        data["title"] = item.title
    if item.kind != "service" or known:
        data["body"] = _with_passage(str(data.get("body", "")), item)
    return data


def _has_source(item: Item, held: Data) -> bool:
    """Whether the entry names the paper and the section already."""
    own = item.data["sources"][0]
    wanted = squeeze(own["document"]), squeeze(own["section"])
    for source in held.get("sources", ()):
        said = squeeze(str(source.get("document", ""))), squeeze(str(source.get("section", "")))
        if said == wanted or _same_place(item, source):
            return True
    return False


def _with_passage(body: str, item: Item) -> str:
    """The text of the entry with the paper's words below it, unless it has them."""
    words = str(item.data.get("body") or item.passage)
    if squeeze(words) in squeeze(body):
        return body
    return f"{body}\n\n## 原文（请照此修订）\n{words}".strip()


def _revise_case(found: Data, data: dict[str, Any]) -> None:
    profile = dict(data.get("profile") or {})
    own = found["profile"]
    if own["sizes"] and list(profile.get("sizes", ())) != own["sizes"]:
        profile["sizes"] = own["sizes"]
    if own["business"] and not _near(own["business"], str(profile.get("business", ""))):
        profile["business"] = own["business"]
    if found.get("regions") and found["regions"]["include"] != data.get("regions", {}).get("include"):
        data["regions"] = {**data.get("regions", {}), "include": found["regions"]["include"]}
    told = " ".join(map(str, profile.get("problems", ())))
    fresh = [one for one in own["problems"] if not is_told(one, told)]
    profile["problems"] = [*profile.get("problems", ()), *fresh]
    asked = " ".join(str(one.get("text", "")) for one in profile.get("demands", ()))
    more = [one for one in own["demands"] if not is_told(one["text"], asked)]
    profile["demands"] = [*profile.get("demands", ()), *more]
    data["profile"] = profile


def is_told(said: str, told: str) -> bool:
    """Whether a text tells in its own words what a sentence says: every figure and enough of its words."""
    one, other = squeeze(said), squeeze(told)
    if not set(_FIGURE.findall(one)) <= set(_FIGURE.findall(other)):
        return False
    pairs = {one[at : at + 2] for at in range(len(one) - 1)}
    return not pairs or sum(pair in other for pair in pairs) / len(pairs) >= _TOLD
