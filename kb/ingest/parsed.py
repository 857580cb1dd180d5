"""What the worker says of a page, and what of it is new against an earlier state or the entry held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from kb.domain.proposal import Proposal, value_at

_CHANGES_TOLD = 6
_CHANGE_LENGTH = 80


@dataclass(frozen=True)
class Parsed:
    """What the worker says of a page, as :meth:`kb.ingest.parsing.Parser.parse` gives it."""

    address: str
    title: str
    text: str
    outcome: str
    why: str
    notes: tuple[str, ...]
    attachments: tuple[tuple[str, str], ...]
    proposals: tuple[Proposal, ...]
    simhash: str = ""


def parsed_from(answer: Mapping[str, Any]) -> Parsed:
    """The worker's answer as a value; ``ValueError`` or ``KeyError`` if it is none."""
    return Parsed(
        address=str(answer["address"]),
        title=str(answer["title"]),
        text=str(answer["text"]),
        outcome=str(answer["outcome"]),
        why=str(answer["why"]),
        notes=tuple(map(str, answer["notes"])),
        attachments=tuple((str(one["name"]), str(one["address"])) for one in answer["attachments"]),
        proposals=tuple(Proposal(**one) for one in answer["proposals"]),
        simhash=str(answer.get("simhash", "")),
    )


def says_already(one: Proposal, data: Mapping[str, Any]) -> bool:
    """Whether the record has just this value there."""
    return bool(value_at(data, one.steps) == one.value)


def changed_proposals(before: Mapping[str, Any], after: Sequence[Proposal]) -> list[Proposal]:
    """The proposals that an earlier state of the page did not make; a relief as a whole, or not at all."""
    held = [(field, value) for field, value, _quote in before.get("all", ())]
    reliefs = _grouped((field, value) for field, value in held)
    now_ = _grouped((one.field, one.value) for one in after)
    kept = {number for number, group in now_.items() if group not in reliefs.values()}
    return [
        one
        for one in after
        if (one.steps[1] in kept if one.field.startswith("reliefs-") else (one.field, one.value) not in held)
    ]


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[int, list[str]]:
    """By the number of each relief, what is proposed for it as comparable words."""
    found: dict[int, list[str]] = {}
    for field, value in pairs:
        steps = field.split("-")
        if steps[0] == "reliefs":
            told = f"{'-'.join(steps[2:])}={json.dumps(value, ensure_ascii=False, sort_keys=True)}"
            found.setdefault(int(steps[1]), []).append(told)
    return {number: sorted(group) for number, group in found.items()}


def difference(before: str, after: str) -> str:
    """What a page's text changed in, in words: the lines that went and came, the first few of them."""
    old, new = ([line.strip() for line in text.splitlines() if line.strip()] for text in (before, after))
    told = []
    for tag, first, last, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            told += [f"删去“{_short(line)}”" for line in old[first:last]]
            told += [f"加上“{_short(line)}”" for line in new[start:stop]]
    rest = len(told) - _CHANGES_TOLD
    more = f"；另有 {rest} 处" if rest > 0 else ""
    return f"页面原文变了：{'；'.join(told[:_CHANGES_TOLD])}{more}" if told else "页面原文只变了空白"


def _short(line: str) -> str:
    return line if len(line) <= _CHANGE_LENGTH else f"{line[:_CHANGE_LENGTH]}……"
