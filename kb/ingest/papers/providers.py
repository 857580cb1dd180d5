"""Which association a sentence of a paper is about: its own section's, or who was named last as acting."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.domain.document import walk
from kb.domain.sense import issuer_region
from kb.domain.taxonomy import NATION, Taxonomy
from kb.ingest.documents import wording
from kb.ingest.papers.reading import Head, Place

_OBJECT = re.compile(r"(?:向|由|按照|按|与|和|对|给|为|同|、|的|及|以及|将|在|从)$")


@dataclass(frozen=True)
class Mention:
    """An association named in the text: as written, its region, where, and whether it is who acts."""

    name: str
    region: str
    start: int
    acts: bool


def mentions_in(text: str, taxonomy: Taxonomy) -> list[Mention]:
    """Every association of a region or of the nation that the text names."""
    names = sorted({one.short for one in taxonomy.regions.all} | {"中国", "全国"}, key=len, reverse=True)
    shape = re.compile(
        rf"(?:{'|'.join(names)})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)?[\u4e00-\u9fff]{{0,10}}?(?:协会|学会|联合会|商会)"
    )
    found = []
    for match in shape.finditer(text):
        region = issuer_region(full_name(match[0], taxonomy), taxonomy.regions)
        acts = not _OBJECT.search(text[max(0, match.start() - 2) : match.start()])
        found.append(Mention(match[0], region, match.start(), acts))
    return found


def full_name(name: str, taxonomy: Taxonomy) -> str:
    """The name with its region in full: ``湖北通信行业协会`` is of 湖北省."""
    for region in taxonomy.regions.all:
        if name.startswith(region.short) and not name.startswith(region.name) and region.code != NATION:
            return region.name + name.removeprefix(region.short)
    return name


def owner_of(place: Place | None, mentions: Sequence[Mention], taxonomy: Taxonomy) -> str:
    """The association whose section this is, where a heading names a region; else empty."""
    if place is None:
        return ""
    top = place.path[0]
    blocks = list(walk(top))
    titles = [block.text for block in blocks[:3] if len(block.text) <= wording.LONGEST_HEADING]
    names = Counter(one.name for one in mentions if top.start <= one.start < top.end)
    for title in titles:
        region = _region_in(title, taxonomy)
        if region:
            of_it = Counter({name: n for name, n in names.items() if _is_of(name, region, taxonomy)})
            return _fullest(of_it)
    return ""


def _region_in(title: str, taxonomy: Taxonomy) -> str:
    found = [one.code for one in taxonomy.regions.provinces() if one.short in title]
    return found[0] if len(found) == 1 else ""


def _is_of(name: str, region: str, taxonomy: Taxonomy) -> bool:
    return issuer_region(full_name(name, taxonomy), taxonomy.regions) == region


def _fullest(names: Counter[str]) -> str:
    """The name used most among those spelt out in full; else the one used most."""
    full = Counter({name: n for name, n in names.items() if re.search("[省市区]", name)})
    ranked = (full or names).most_common(1)
    return ranked[0][0] if ranked else ""


def provider_of(head: Head, owner: str, start: int, mentions: Sequence[Mention]) -> str:
    """Who does what a sentence says: the section's association, else who was named last as acting."""
    if owner:
        return owner
    before = [one for one in mentions if one.acts and one.start <= start + 40]
    return before[-1].name if before else head.issuer


def spelt_out(name: str, head: Head, mentions: Sequence[Mention]) -> str:
    """The association that a short name such as ``中通企协`` stands for."""
    for one in (head.issuer, *(mention.name for mention in mentions)):
        letters = iter(one)
        if one == name or all(letter in letters for letter in name):
            return one
    return name
