"""Proposals as the desk shows them: what they are called, their value in the words of the form, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kb.domain.proposal import Proposal, put
from kb.domain.reading import read_record
from kb.domain.taxonomy import Fact, Taxonomy
from kb.errors import KbError
from kb.store.intake import Answered, Item
from web.desk.codec import Texts
from web.desk.fields import node_at
from web.desk.filled import problems_of
from web.desk.form import decode, encode
from web.desk.nodes import Field
from web.desk.options import Option, blank_of, choices_for, operators_for, options_of, said
from web.i18n import _

_UNFINISHED = frozenset({"missing", "string_too_short", "date_type"})


@dataclass(frozen=True)
class Input:
    """One field of a proposal: its name and label, how it is filled in, its texts now and what it offers."""

    name: str
    label: str
    kind: str
    texts: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """The texts as a reader sees them."""
        labels = dict(self.options)
        return "、".join(labels.get(one, one) for one in self.texts)


@dataclass(frozen=True)
class Shown:
    """A proposal on the page. ``now`` is what the draft has in its place, where that is something else."""

    one: Answered
    label: str
    inputs: tuple[Input, ...]
    now: str
    problem: str = ""

    @property
    def words(self) -> str:
        return "；".join(
            f"{field.label}：{field.words}" if len(self.inputs) > 1 else field.words
            for field in self.inputs
            if field.kind != "hidden" and field.texts
        )


@dataclass(frozen=True)
class Group:
    """Proposals that belong together: the paper's own, or those of one relief."""

    label: str
    rows: tuple[Shown, ...]


def groups_of(item: Item, taxonomy: Taxonomy, typed: Mapping[int, tuple[Any, str]]) -> list[Group]:
    """The proposals of a paper in groups; ``typed`` holds what was typed into one and is wrong with it."""
    found: dict[str, list[Shown]] = {}
    types = {one.proposal.steps[1]: one.proposal.value for one in item.proposals if _is_type(one.proposal)}
    for one in item.proposals:
        found.setdefault(_group(one.proposal, types, taxonomy), []).append(
            shown(item, one, taxonomy, typed.get(one.number))
        )
    return [Group(label, tuple(rows)) for label, rows in found.items()]


def _is_type(one: Proposal) -> bool:
    return one.steps[0] == "reliefs" and one.steps[2:] == ("type",)


def _group(one: Proposal, types: Mapping[Any, Any], taxonomy: Taxonomy) -> str:
    if one.steps[0] == "reliefs":
        kind = taxonomy.types.label(str(types.get(one.steps[1], "")))
        return _("支持事项 %(n)s：%(type)s", n=int(one.steps[1]) + 1, type=kind)
    return {"relations": _("和别的文件的关系"), "needs": _("帮得上的困难")}.get(
        str(one.steps[0]), _("这份文件")
    )


def shown(item: Item, one: Answered, taxonomy: Taxonomy, typed: tuple[Any, str] | None = None) -> Shown:
    """A proposal as it is shown, with what was said to it, or what was typed and is wrong."""
    value, problem = typed or (one.value, "")
    inputs = inputs_of(one.proposal, value, taxonomy)
    return Shown(one, label_of(one.proposal), inputs, _now(item, one, taxonomy), problem)


def label_of(one: Proposal) -> str:
    """What the form calls the field."""
    steps = list(one.steps)
    if steps[0] == "relations":
        return _("关系")
    if "conditions" in steps:
        return _("条件")
    names = {"worth": _("好处"), "period": _("期限"), "include": _("适用地区"), "exclude": _("不含地区")}
    node = node_at(tuple(steps))
    if isinstance(node, Field) and node.label:
        return said(node.label)
    return names.get(str(steps[-1]), str(steps[-1]))


def _lowered(one: Proposal) -> str:
    """The field as if it were the first of its rows: forms of single proposals know no other."""
    return "-".join("0" if isinstance(step, int) else step for step in one.steps)


def inputs_of(one: Proposal, value: Any, taxonomy: Taxonomy) -> tuple[Input, ...]:
    """The fields that a proposal's value is typed in: those it fills, and what its kind must have."""
    field = _lowered(one)
    texts = encode(put({}, field, value), taxonomy)
    wanted = {f"{field}-{name}" for name in _must(one, value)}
    names = [name for name in texts if name == field or name.startswith(f"{field}-")]
    return tuple(
        _input(name, texts[name], taxonomy, _compared_fact(name, texts, taxonomy))
        for name in names
        if texts[name] or name in wanted or name == field
    )


def _must(one: Proposal, value: Any) -> tuple[str, ...]:
    kind = value.get("type", "") if isinstance(value, Mapping) and one.steps[0] == "relations" else ""
    return {"extends": ("end",), "repeals": ("from",)}.get(str(kind), ())


def _compared_fact(name: str, texts: Mapping[str, Texts], taxonomy: Taxonomy) -> Fact | None:
    """The fact about a company that a comparison is with; ``None`` where the field is of no comparison."""
    about = texts.get(f"{name.rpartition('-')[0]}-field", [])
    return taxonomy.facts.get(about[0]) if about else None


def _input(name: str, texts: Texts, taxonomy: Taxonomy, fact: Fact | None) -> Input:
    node = node_at(Proposal(name, None, "", 0, 0).steps)
    if not isinstance(node, Field):
        return Input(name, "", "hidden", tuple(texts))
    options = _options(node, taxonomy, fact)
    kind = node.kind if node.kind in ("key", "keys", "hidden", "lines", "text", "flag") else "line"
    if kind == "line" and options:
        kind = "keys" if fact and fact.type == "set" else "key"
    if kind == "key" and options and not texts:
        options = (("", blank_of(node.options)), *options)
    if kind == "line" and any(len(text) > 40 for text in texts):
        kind = "text"
    return Input(name, said(node.label), kind, tuple(texts), options)


def _options(node: Field, taxonomy: Taxonomy, fact: Fact | None) -> tuple[Option, ...]:
    """What a field offers; how and with what is compared depends on the fact."""
    if node.options == "operators":
        return operators_for(fact)
    if node.kind == "value" and fact:
        answers = (("是", _("是")), ("否", _("否")))
        return answers if fact.type == "bool" else choices_for(fact, taxonomy)
    return options_of(node.options, taxonomy) if node.options else ()


def _now(item: Item, one: Answered, taxonomy: Taxonomy) -> str:
    """What stands in the draft at the place of an unanswered proposal, if it is something else."""
    steps = one.proposal.steps
    if one.answer or steps[0] in ("relations", "needs", "reliefs") or isinstance(steps[-1], int):
        return ""
    held: Any = item.draft.data
    for step in steps:
        try:
            held = held[step]
        except (KeyError, IndexError, TypeError):
            return ""
    if held in (None, "", []) or held == one.proposal.value:
        return ""
    return "；".join(field.words for field in inputs_of(one.proposal, held, taxonomy) if field.texts)


# -- back ------------------------------------------------------------------------------------------


def typed_value(one: Proposal, form: Mapping[str, Texts], taxonomy: Taxonomy) -> Any:
    """The value that was typed for a proposal; :class:`KbError` where nothing was."""
    field = _lowered(one)
    given = {name: texts for name, texts in form.items() if name == field or name.startswith(f"{field}-")}
    value: Any = decode(given, taxonomy)
    for step in Proposal(field, None, "", 0, 0).steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    if value in (None, "", [], {}):
        raise KbError(_("这里空着。不要这一条，请按“不要”。"))
    return value


def wrong_with(item: Item, one: Answered, value: Any, taxonomy: Taxonomy) -> str:
    """What cannot be accepted of a value, in the words of the form; empty where it can be."""
    field = _lowered(one.proposal)
    record = put({"id": "d0000-0000", "kind": item.draft.kind}, field, value)
    _entry, findings = read_record(record, taxonomy)
    way = Proposal(field, None, "", 0, 0).steps
    own = [
        found
        for found in findings
        if found.path[: len(way)] == way and found.kind not in _UNFINISHED and len(found.path) > len(way) - 1
    ]
    return "；".join(problem.message for problem in problems_of(own[:2], taxonomy))


# -- the original ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """A piece of the original: ``id`` of the proposal whose words begin here, those that cover it."""

    text: str
    begins: int | None
    covers: tuple[int, ...]


def stretches(text: str, proposals: Iterable[Answered]) -> list[Stretch]:
    """The text in pieces, cut wherever the words of a proposal begin or end."""
    spans = [
        (one.proposal.start, one.proposal.end, one.number) for one in proposals if one.answer != "dropped"
    ]
    cuts = sorted({0, len(text), *(at for start, end, _number in spans for at in (start, end))})
    opened: set[int] = set()
    found = []
    for start, end in pairwise(cuts):
        covers = tuple(number for first, last, number in spans if first <= start and end <= last)
        begins = next(
            (number for first, _last, number in spans if first == start and number not in opened), None
        )
        if begins is not None:
            opened.add(begins)
        found.append(Stretch(text[start:end], begins, covers))
    return found


def mark_of(one: Answered, found: Iterable[Stretch]) -> int:
    """The number of the mark at which a proposal's words begin."""
    return next(
        (each.begins for each in found if one.number in each.covers and each.begins is not None), one.number
    )


def confidence_words(confidence: str) -> str:
    """How sure a proposal is, in words."""
    return {"certain": _("看得准"), "likely": _("多半是"), "hint": _("请您看")}[confidence]
