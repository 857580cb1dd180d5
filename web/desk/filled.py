"""A form that is filled in: its texts, and what is wrong with them at the fields and in the form's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from kb.domain.findings import Finding, Path
from kb.domain.taxonomy import Taxonomy
from web.desk.codec import Texts
from web.desk.fields import node_at
from web.desk.form import row_numbers
from web.desk.nodes import Node, Part, Rows


def place_of(path: Path) -> tuple[str, str]:
    """The nearest field or list to a place of the record: its name in the form and what it is called."""
    for length in range(len(path), 0, -1):
        node = node_at(path[:length])
        if node is None or (isinstance(path[length - 1], int) and not isinstance(node, Rows)):
            continue
        label = node.one if isinstance(node, Rows) and isinstance(path[length - 1], int) else node.label
        return "-".join(map(str, path[:length])), label
    return "", ""


@dataclass(frozen=True)
class Problem:
    """Something to mend: the field's ``name`` (empty for the whole entry), what it is called, what to do."""

    name: str
    label: str
    message: str


@dataclass(frozen=True)
class Basis:
    """The words of the original that a field was filled in from, and the mark that shows them there."""

    text: str
    anchor: str


@dataclass(frozen=True)
class Filled:
    """A form with its texts and what is wrong with them, as the template asks for it."""

    values: Mapping[str, Texts]
    taxonomy: Taxonomy
    problems: tuple[Problem, ...] = ()
    quotes: Mapping[str, Basis] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a field that has one."""
        texts = self.values.get(name, ())
        return texts[-1] if texts else ""

    def texts(self, name: str) -> Texts:
        return self.values.get(name, ())

    def rows(self, name: str) -> list[int]:
        """The numbers of the rows of a list."""
        return row_numbers(self.values, f"{name}-")

    def errors(self, name: str) -> list[str]:
        """What is wrong with exactly this field."""
        return [one.message for one in self.problems if one.name == name]

    def count(self, part: Part | Rows, prefix: str) -> int:
        """How many fields of a part are filled in."""
        places = places_below(part, prefix)
        below = [name for name in self.values if any(_within(name, place) for place in places)]
        return sum(bool("".join(self.values[name])) for name in below)

    def is_wrong(self, part: Part | Rows, prefix: str) -> bool:
        """Whether something of a part is wrong."""
        places = places_below(part, prefix)
        return any(_within(one.name, place) for one in self.problems for place in places)


def _within(name: str, outer: str) -> bool:
    return name == outer or name.startswith(f"{outer}-")


def places_below(part: Part | Rows, prefix: str) -> list[str]:
    """Where a part at ``prefix`` stands in the record: at its name, or at those of a group that has none."""
    if part.name or isinstance(part, Rows):
        return [prefix + part.name]
    return [place for node in part.nodes for place in _places_of(node, prefix)]


def _places_of(node: Node, prefix: str) -> list[str]:
    if isinstance(node, Part) and node.name == "regions":  # stands in two groups of the form
        return [f"{prefix}regions-{one.name}" for one in node.nodes]
    return [prefix + node.name] if node.name else places_below(cast(Part, node), prefix)


def problems_of(findings: Iterable[Finding], taxonomy: Taxonomy) -> tuple[Problem, ...]:
    """The findings at the fields of the form, in its words."""
    return tuple(_problem(one, taxonomy) for one in findings)


def _problem(finding: Finding, taxonomy: Taxonomy) -> Problem:
    path = finding.path
    if path == ("known_on",) and finding.kind in ("missing", "date_type"):
        path = ("issued_on",)
    elif path == ("id",) and "sources" in finding.message:
        return Problem("sources", node_label("sources"), "请写明出处：至少写来源文件的标题和文号")
    name, label = place_of(path)
    return Problem(name, label, _message(finding, label))


def node_label(name: str) -> str:
    """What a part of the record is called."""
    node = node_at((name,))
    return node.label if node else name


_BY_KIND = {
    "missing": "请填写{label}",
    "date_type": "请填写{label}",
    "string_too_short": "请填写{label}",
    "date_from_datetime_parsing": "看不懂这个日期，请写成 2026年3月1日 或 2026-03-01",
    "date_parsing": "看不懂这个日期，请写成 2026年3月1日 或 2026-03-01",
    "date_from_datetime_inexact": "看不懂这个日期，请写成 2026年3月1日 或 2026-03-01",
    "decimal_parsing": "看不懂这个数，金额写 300万 或 3,000,000，比例写 50%",
    "int_parsing": "请写整数，如 3",
    "literal_error": "请从列表里选一个",
    "string_pattern_mismatch": "没有这个{label}，请写省、市的名称，如 湖南省、长沙市；全国写 全国",
}
_KEYS = re.compile(r"(?<![\w\"'「#-])[a-z][a-z_]+(?![\w\"'」#-])")
_TERMS = {
    "include": "适用地区",
    "value": "比什么",
    "field": "看企业的哪一项",
    "op": "怎么比",
    "any": "满足下面任一种也行",
    "true": "是",
    "false": "否",
    "audience": "谁能享受",
    "relations": "关系",
    "doc_number_candidate": "还没核实的文号",
    "dated": "有截止日",
    "extends": "延长",
    "repeals": "废止",
    "rate": "比例",
    "floor": "最少",
    "cap": "最高",
    "profile": "案例的企业情况",
    "between": "在两个数之间",
    "le": "不超过",
    "lt": "低于",
    "ge": "不低于",
    "gt": "超过",
    "eq": "等于",
    "ne": "不等于",
    "has": "有其中一种",
    "not_in": "不属于",
    "number": "数",
    "money": "金额",
    "date": "日期",
    "bool": "是否",
    "choice": "选项",
    "set": "多选",
}


def _message(finding: Finding, label: str) -> str:
    """What to do, in the words of the form and not in those of the files."""
    template = _BY_KIND.get(finding.kind)
    return template.format(label=label) if template else in_words(finding.message, finding.path)


def in_words(message: str, path: Path = ()) -> str:
    """A message about ``path`` with what the form calls things in place of the keys that files use."""
    return _KEYS.sub(lambda match: _TERMS.get(match[0]) or _label_of(match[0], path), message)


def _label_of(key: str, path: Path) -> str:
    """What the form calls a key, looked for where the message belongs and then further out."""
    for length in range(len(path), -1, -1):
        node = node_at((*path[:length], key))
        if node is not None and node.label:
            return f"“{node.label}”"
    return key
