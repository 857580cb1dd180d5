"""What pydantic cannot see: terms that exist, rules that make sense, relations that lead somewhere.

Each finding names the place in the record as a path, so that whoever read the file can give its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from kb.domain.entry import Entry, Point
from kb.domain.findings import Finding, Path
from kb.domain.relief import Audience, Condition, Regions, Relief
from kb.domain.sense import check_sense
from kb.domain.taxonomy import Fact, Taxonomy, TermList

_OPERATORS = {
    "number": {"eq", "ne", "lt", "le", "gt", "ge", "between"},
    "money": {"eq", "ne", "lt", "le", "gt", "ge", "between"},
    "rate": {"eq", "ne", "lt", "le", "gt", "ge", "between"},
    "date": {"eq", "ne", "lt", "le", "gt", "ge", "between"},
    "bool": {"eq", "ne"},
    "choice": {"eq", "ne", "in", "not_in"},
    "set": {"has", "in", "not_in"},
}


def hint(value: str, accepted: Iterable[str]) -> str:
    """A short hint: the nearest accepted names, else some of them."""
    names = list(accepted)
    near = get_close_matches(value, names, n=3, cutoff=0.5) or names[:12]
    return "可用：" + "、".join(near) + ("……" if len(near) < len(names) else "")


def check_entry(entry: Entry, taxonomy: Taxonomy) -> list[Finding]:
    """Every unknown term and impossible rule of one entry, in reading order."""
    findings: list[Finding] = []
    findings += _regions(entry.regions, ("regions",), taxonomy)
    if not entry.regions.include:
        findings.append(Finding(("regions",), '没有写适用地区；全国写 include: ["100000"]'))
    findings += _terms(entry.needs, ("needs",), taxonomy.needs)
    findings += _terms(entry.verified.doubts, ("verified", "doubts"), taxonomy.doubts)
    if entry.profile:
        findings += _terms(entry.profile.sizes, ("profile", "sizes"), taxonomy.sizes)
        findings += _terms(entry.profile.industries, ("profile", "industries"), taxonomy.industries)
    place: Path = ("profile", "demands") if entry.profile else ("points",)
    findings += check_points(entry.asked_or_promised, place, taxonomy)
    for number, relief in enumerate(entry.reliefs):
        findings += _relief(relief, ("reliefs", number), taxonomy)
    if not entry.sources:
        findings.append(Finding(("id",), "没有写 sources：每个条目都要写明出处"))
    findings += _addresses(entry)
    if not findings:
        findings += check_sense(entry, taxonomy)
    return findings


_ADDRESSES = ("https://", "http://", "/files/")


def _addresses(entry: Entry) -> Iterator[Finding]:
    """Addresses that do something else than open a page or a paper kept here."""
    for path, url in _addresses_of(entry):
        if url and not url.startswith(_ADDRESSES):
            yield Finding(path, f"网址要以 https:// 或 http:// 开头，现在是 {url[:60]}")


def _addresses_of(entry: Entry) -> Iterator[tuple[Path, str]]:
    for number, source in enumerate(entry.sources):
        yield ("sources", number, "url"), source.url
    for number, paper in enumerate(entry.attachments):
        yield ("attachments", number, "url"), paper.url
    for number, relief in enumerate(entry.reliefs):
        if relief.apply:
            yield ("reliefs", number, "apply", "url"), relief.apply.url
            for at, form in enumerate(relief.apply.templates):
                yield ("reliefs", number, "apply", "templates", at, "url"), form.url


def check_points(points: Iterable[Point], path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    """Every unknown type and need of the points at ``path``."""
    for number, point in enumerate(points):
        yield from _terms(point.types, (*path, number, "types"), taxonomy.types)
        yield from _terms(point.needs, (*path, number, "needs"), taxonomy.needs)


def _terms(values: Iterable[str], path: Path, terms: TermList) -> Iterator[Finding]:
    for number, value in enumerate(values):
        if value not in terms:
            place = (*path, value) if path[-1] == "doubts" else (*path, number)
            meant = terms.find(value)
            advice = f"请写 {meant}" if meant else hint(value, terms.by_key)
            yield Finding(place, f"没有「{value}」这个词。{advice}")


def _regions(regions: Regions, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    for name in ("include", "exclude"):
        for number, code in enumerate(getattr(regions, name)):
            if code not in taxonomy.regions.by_code:
                yield Finding((*path, name, number), f"没有行政区划代码 {code}，请查 policies/regions.yml")


def _relief(relief: Relief, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    if relief.type not in taxonomy.types:
        meant = taxonomy.types.find(relief.type)
        advice = f"请写 {meant}" if meant else hint(relief.type, taxonomy.types.by_key)
        yield Finding((*path, "type"), f"没有「{relief.type}」这个支持类型。{advice}")
    if relief.apply and relief.apply.channel not in taxonomy.channels:
        advice = hint(relief.apply.channel, taxonomy.channels.by_key)
        yield Finding((*path, "apply", "channel"), f"没有「{relief.apply.channel}」这个办理渠道。{advice}")
    if relief.worth and relief.worth.base and relief.worth.base not in taxonomy.facts:
        yield Finding((*path, "worth", "base"), f"没有「{relief.worth.base}」这项企业情况。")
    yield from _audience(relief.audience, (*path, "audience"), taxonomy)
    for number, condition in enumerate(relief.conditions):
        yield from _condition(condition, (*path, "conditions", number), taxonomy)


def _audience(audience: Audience, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    yield from _terms(audience.sizes, (*path, "sizes"), taxonomy.sizes)
    yield from _terms(audience.industries, (*path, "industries"), taxonomy.industries)
    yield from _regions(audience.regions, (*path, "regions"), taxonomy)


def _condition(condition: Condition, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    for test in condition.tests:
        fact = taxonomy.facts.get(test.field)
        if fact is None:
            yield Finding(path, f"没有「{test.field}」这项企业情况。{hint(test.field, taxonomy.facts)}")
        elif test.op not in _OPERATORS[fact.type]:
            allowed = "、".join(sorted(_OPERATORS[fact.type]))
            yield Finding(path, f"{fact.label}（{fact.type}）不能用 {test.op}，可用：{allowed}")
        else:
            yield from _value(test.value, fact, path, taxonomy)


def _value(value: object, fact: Fact, path: Path, taxonomy: Taxonomy) -> Iterator[Finding]:
    if fact.type == "bool" and not isinstance(value, bool):
        yield Finding(path, f"{fact.label} 的 value 要写 true 或 false")
    if fact.type in ("choice", "set"):
        accepted = _choices(fact, taxonomy)
        for one in value if isinstance(value, tuple) else (value,):
            if not accepted(str(one)):
                yield Finding(path, f"{fact.label} 没有「{one}」这个选项")


def _choices(fact: Fact, taxonomy: Taxonomy) -> Callable[[str], bool]:
    if fact.of == "regions":
        return lambda code: code in taxonomy.regions.by_code
    if fact.of:
        terms: TermList = getattr(taxonomy, fact.of)
        return lambda key: key in terms
    return lambda key: key in fact.choices


def check_relations(entry: Entry, known: dict[str, frozenset[str]]) -> list[Finding]:
    """Relations to entries or reliefs that do not exist. ``known`` maps an entry id to its relief ids."""
    findings = []
    for number, relation in enumerate(entry.relations):
        target, relief = relation.target
        path: Path = ("relations", number, "to")
        if target and target not in known:
            advice = hint(target, known)
            findings.append(Finding(path, f"没有条目 {target}（本库没有的文件写 to_number）。{advice}"))
        elif target == entry.id:
            findings.append(Finding(path, "关系不能指向自己"))
        elif relief and relief not in known[target]:
            findings.append(
                Finding(path, f"条目 {target} 没有支持事项 {relief}。{hint(relief, known[target])}")
            )
    return findings
