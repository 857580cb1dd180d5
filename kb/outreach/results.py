"""Search answers as data: the JSON of design §5 and CSV that opens rightly in Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kb.domain.cells import escaped
from kb.domain.taxonomy import Taxonomy
from kb.domain.timeline import StatusOn
from kb.outreach.until import end_iso
from kb.search.engine import Answer, Hit
from kb.search.explain import Explanation
from kb.search.helping import Suggestion
from kb.search.query import Recognised
from kb.search.snippets import as_html, as_text
from kb.search.table import label_of

_TITLES = {
    "region": "地区",
    "size": "规模",
    "type": "支持类型",
    "need": "困难",
    "issuer": "发文机关",
    "year": "年份",
    "as_of": "日期",
}
NONE: Mapping[str, Explanation] = {}
COLUMNS = (
    "编号",
    "类别",
    "标题",
    "一句话",
    "文号",
    "发文机关",
    "成文日期",
    "状态",
    "截止",
    "支持类型",
    "适用地区",
    "链接",
)


def answer_json(answer: Answer, taxonomy: Taxonomy, why: Mapping[str, Explanation] = NONE) -> dict[str, Any]:
    """The answer by the contract: keys are stable, labels are full; hits with their reasons if given."""
    return {
        "query": answer.query.raw,
        "as_of": answer.as_of.isoformat(),
        "total": answer.total,
        "took_ms": answer.took_ms,
        "suggestion": _suggestion(answer.suggestion),
        "facets": {
            name: [{"value": one.value, "label": one.label, "count": one.count} for one in values]
            for name, values in answer.facets.items()
        },
        "hits": [{**hit_json(hit, taxonomy), **_why(hit, why)} for hit in answer.hits],
        "hidden": answer.hidden,
        "understood": [_understood(one, taxonomy) for one in answer.query.recognised],
        "instead": answer.instead or None,
        "notices": [str(notice) for notice in answer.query.notices],
    }


def _why(hit: Hit, why: Mapping[str, Explanation]) -> dict[str, Any]:
    return {"explain": asdict(why[hit.record.id])} if hit.record.id in why else {}


def _suggestion(suggestion: Suggestion | None) -> dict[str, Any] | None:
    if suggestion is None:
        return None
    options = [{"label": o.label, "query": o.query, "id": o.entry} for o in suggestion.options]
    return {"about": suggestion.about, "message": suggestion.message, "options": options}


def _understood(one: Recognised, taxonomy: Taxonomy) -> dict[str, Any]:
    label = "、".join(label_of(one.field, value, taxonomy) for value in one.values)
    return {"field": one.field, "values": list(one.values), "label": label, "words": one.words}


def understood_line(answer: Answer, taxonomy: Taxonomy) -> str:
    """What was recognised in the words, for a terminal; empty if nothing was."""
    found = [_understood(one, taxonomy) for one in answer.query.recognised]
    return "；".join(f"{_TITLES[one['field']]} {one['label']}" for one in found)


def explanation_lines(one: Explanation) -> list[str]:
    """Why a hit has its score, for a terminal."""
    named = "".join(f" × {_TITLES[field]} {factor}" for field, factor in one.factors.items())
    lines = [f"    {one.hand_set:.2f}：词语 {one.text:.2f}，问的话里有 {one.coverage:.0%} 的词{named}"]
    for share in one.shares:
        mark = "" if share.own else "（近义或另一种写法）"
        lines.append(f"      {share.score:7.3f}  {share.field:12} {share.term}{mark} 分量 {share.weight}")
    return lines


def hit_json(hit: Hit, taxonomy: Taxonomy) -> dict[str, Any]:
    """One hit. ``status`` is a key; ``until`` the last day as known on the day asked about, or null.

    ``inferred`` is what that day was worked out from, or null; ``lapsed`` is true for 待复核.
    """
    record, status = hit.record, hit.status
    return {
        "id": record.id,
        "kind": record.kind,
        "title": record.title,
        "promise": record.promise,
        "doc_number": record.doc_number,
        "issuers": list(record.issuers),
        "issued_on": record.issued_on.isoformat() if record.issued_on else None,
        "status": status.status,
        "stale": status.stale,
        "until": status.end.isoformat() if status.end else None,
        "inferred": status.inferred or None,
        "confirmed_on": record.confirmed_on.isoformat() if record.confirmed_on else None,
        "lapsed": status.lapsed,
        "relief_types": [taxonomy.types.label(key) for key in record.relief_types],
        "regions": [taxonomy.regions.label(code) for code in record.regions.include],
        "score": hit.score,
        "snippet": as_html(hit.snippet),
    }


def answer_csv(answer: Answer, taxonomy: Taxonomy, address: str) -> str:
    """The hits as CSV with a BOM; ``address`` is put before each entry's id to make its link."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for hit in answer.hits:
        record = hit.record
        row = (
            record.id,
            taxonomy.kinds.label(record.kind),
            record.title,
            record.promise,
            record.doc_number or "",
            "、".join(record.issuers),
            record.issued_on.isoformat() if record.issued_on else "",
            taxonomy.statuses.label(hit.status.status),
            end_iso(hit.status),
            "、".join(taxonomy.types.label(key) for key in record.relief_types),
            "、".join(taxonomy.regions.label(code) for code in record.regions.include),
            f"{address}{record.id}",
        )
        writer.writerow([escaped(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _standing(status: StatusOn, taxonomy: Taxonomy) -> str:
    if status.stale:
        return "时效待核实"
    if status.status == "open" and status.end_kind == "long_term":
        return "长期有效"
    label = taxonomy.statuses.label(status.status)
    return f"{label}，至 {end_iso(status)}" if status.end else label


def answer_lines(answer: Answer, taxonomy: Taxonomy, why: Mapping[str, Explanation] = NONE) -> list[str]:
    """The answer for a terminal: two lines a hit, and its reasons if given."""
    lines = []
    for hit in answer.hits:
        number = f"  {hit.record.doc_number}" if hit.record.doc_number else ""
        lines.append(f"{hit.record.id}  {hit.record.title}{number}  [{_standing(hit.status, taxonomy)}]")
        lines.append(f"    {as_text(hit.snippet) or hit.record.promise}")
        if hit.record.id in why:
            lines += explanation_lines(why[hit.record.id])
    return lines
