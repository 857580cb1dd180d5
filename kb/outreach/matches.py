"""Matches as data, and as lines on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.domain.benefit import Estimate
from kb.domain.company import Company
from kb.domain.eligibility import Checked
from kb.domain.telling import words_of
from kb.matching.match import Match, Matches

VERDICTS = {"met": "符合", "failed": "不符合", "unknown": "待您补充", "manual": "请对照原文或问主管部门"}
OUTCOMES = {"eligible": "初步符合", "possible": "可能符合", "ineligible": "目前不符合"}
GROUPS = {
    "automatic": "不用申请，看看是否已享受",
    "declare": "报税时由会计填",
    "apply": "需要申请",
    "bank": "找银行",
    "use": "投标和回款时拿来用",
    "closed": "本年窗口已过",
}


def outcome_words(one: Match) -> str:
    """``可能符合（还差 2 项）``, ``目前不符合（差在：…）``."""
    label = OUTCOMES[one.outcome]
    if one.outcome == "possible" and one.open_points:
        return f"{label}（还差 {one.open_points} 项）"
    if one.outcome == "possible" and "lapsed" in one.held_back:
        return f"{label}（待复核）"
    if one.failing:
        return f"{label}（差在：{'、'.join(checked.rule.text for checked in one.failing)}）"
    return label


def matches_json(found: Matches) -> dict[str, Any]:
    """The answer of design §5: one row a relief; money in yuan, days as ISO, ``until`` a day or null."""
    return {
        "company": company_json(found.company),
        "as_of": found.day.isoformat(),
        "matches": [match_json(one) for one in found.matches],
        "unchecked": [match_json(one) for one in found.unchecked],
        "upcoming": [match_json(one) for one in found.upcoming],
        "ineligible": [match_json(one) for one in found.ineligible],
        "next_questions": [
            {"field": one.field, "label": one.label, "decides": one.decides} for one in found.questions
        ],
    }


def company_json(company: Company) -> dict[str, Any]:
    """What was told and what follows from it, in keys, codes and words."""
    told, facts = company.told, company.taxonomy.facts
    rooms = {name: words_of(room, facts[name], company.taxonomy) for name, room in told.rooms.items()}
    derived = {
        name: {"value": words_of(one.room, facts[name], company.taxonomy), "rule": one.rule}
        for name, one in company.derived.items()
    }
    return {
        "region": told.region or None,
        "region_label": company.taxonomy.regions.label(told.region) if told.region else None,
        "industries": sorted(told.segments),
        "facts": rooms,
        "certificates": None if told.certificates is None else sorted(told.certificates),
        "derived": derived,
        "need": told.need or None,
    }


def match_json(one: Match) -> dict[str, Any]:
    """One relief against the company. ``held_back`` says why a relief whose conditions are all met is not
    eligible: stale 时效待核实, lapsed 待复核."""
    offer, status = one.offer, one.status
    apply = offer.relief.apply
    return {
        "entry": offer.entry,
        "relief": offer.relief.id,
        "title": offer.relief.title,
        "document": offer.title,
        "doc_number": offer.doc_number,
        "verdict": one.outcome,
        "conditions": [_condition_json(one, checked) for checked in one.checked],
        "missing": list(one.missing),
        "estimate": estimate_json(one.estimate) if one.estimate else None,
        "channel": apply.channel if apply else None,
        "group": one.group,
        "claimable": one.claimable,
        "fits_need": one.fits,
        "lead": offer.lead,
        "status": status.status,
        "until": status.end.isoformat() if status.end else None,
        "inferred": status.inferred or None,
        "confirmed_on": offer.confirmed_on.isoformat() if offer.confirmed_on else None,
        "lapsed": status.lapsed,
        "held_back": list(one.held_back),
        "version": offer.version,
    }


def _condition_json(one: Match, checked: Checked) -> dict[str, Any]:
    offer = one.offer
    quote = checked.rule.source
    source = {"entry": offer.entry, "section": offer.section, "quote": quote, "url": offer.url}
    return {
        "text": checked.rule.text,
        "verdict": checked.verdict,
        "needed": checked.needed,
        "yours": checked.yours or None,
        "source": source,
    }


def estimate_json(worth: Estimate) -> dict[str, Any]:
    """An estimate in yuan: whole numbers, with what it rests on."""
    return {
        "low": int(worth.low),
        "high": int(worth.high),
        "formula": worth.formula,
        "assumptions": list(worth.assumptions),
    }


def match_lines(found: Matches) -> Iterator[str]:
    """The matches for a terminal: one line a relief, then its open conditions."""
    for one in found.matches:
        offer = one.offer
        worth = f"  {int(one.estimate.low):,}—{int(one.estimate.high):,} 元" if one.estimate else ""
        yield f"{outcome_words(one)}  {offer.relief.title}  {offer.doc_number or offer.title}{worth}"
        yield f"    {GROUPS[one.group]}；{offer.id}"
        for checked in one.checked:
            if checked.verdict != "met":
                yours = f"（您说：{checked.yours}）" if checked.yours else ""
                yield f"    {VERDICTS[checked.verdict]}：{checked.rule.text}{yours}"
