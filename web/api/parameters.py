"""Parameters of the interface: declared once, by which requests are read and the description is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from kb.domain.taxonomy import Taxonomy
from web.api.kinds import Day, Kind, Moment, NotUnderstoodError, OneOf, Told, Whole, Words
from web.api.problems import refuse
from web.i18n import _
from web.params import Problem

MOST_VALUES = 20


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name, what it may be, what it is for, and whether it may be given several times."""

    name: str
    kind: Kind
    says: str
    many: bool = False
    required: bool = False
    example: str = ""

    def schema(self, taxonomy: Taxonomy) -> dict[str, Any]:
        """Its value as JSON Schema."""
        one = self.kind.schema(taxonomy)
        return {"type": "array", "items": one, "maxItems": MOST_VALUES} if self.many else one

    def in_json(self, taxonomy: Taxonomy) -> dict[str, Any]:
        """The same as a member of a JSON object: several as a list, one as itself."""
        one = self.kind.in_json(taxonomy) if isinstance(self.kind, Told) else self.kind.schema(taxonomy)
        several = {"type": "array", "items": one, "maxItems": MOST_VALUES}
        return {"description": self.says, **({"anyOf": [one, several]} if self.many else one)}


class Given:
    """What was asked for, read: values by parameter."""

    def __init__(self, values: dict[str, tuple[Any, ...]], texts: MultiDict[str, str]) -> None:
        self._values = values
        self.texts = texts

    def all(self, name: str) -> tuple[Any, ...]:
        """Every value of a parameter, each once."""
        return tuple(dict.fromkeys(self._values.get(name, ())))

    def text(self, name: str) -> str:
        """A text; empty if not given."""
        return str(self._values.get(name, ("",))[0])

    def number(self, name: str, usual: int) -> int:
        """A whole number."""
        return int(self._values.get(name, (usual,))[0])

    def day(self, name: str = "as_of") -> date | None:
        """A day, if one was given."""
        found = self._values.get(name, (None,))[0]
        return found if isinstance(found, date) else None

    def moment(self, name: str = "known_at") -> datetime | None:
        """A moment, if one was given."""
        found = self._values.get(name, (None,))[0]
        return found if isinstance(found, datetime) else None

    def has(self, name: str) -> bool:
        return name in self._values


def read(declared: Sequence[Parameter], texts: MultiDict[str, str], taxonomy: Taxonomy) -> Given:
    """The values of ``texts``; refused by name is what is not declared, not understood, or given twice."""
    known = {one.name: one for one in declared}
    problems = list(_unknown(texts, known))
    values: dict[str, tuple[Any, ...]] = {}
    for name, parameter in known.items():
        given = texts.getlist(name)
        problems += _counted(parameter, given)
        found: list[Any] = []
        for text in given[: MOST_VALUES if parameter.many else 1]:
            try:
                found.append(parameter.kind.read(name, text, taxonomy))
            except NotUnderstoodError as error:
                problems.append(Problem(name, text[:40], f"{name}：{error}", error.accepted))
        if found:
            values[name] = tuple(found)
    refuse(problems)
    return Given(values, texts)


def _unknown(texts: MultiDict[str, str], known: dict[str, Parameter]) -> Iterable[Problem]:
    listed = "、".join(known) or _("（没有参数）")
    accepted = tuple({"value": name} for name in known)
    for name in texts:
        if name not in known:
            told = _("没有「%(name)s」这个参数，可用：%(known)s", name=name[:40], known=listed)
            yield Problem(name[:40], "", told, accepted)


def _counted(parameter: Parameter, given: list[str]) -> Iterable[Problem]:
    if parameter.required and not given:
        yield Problem(parameter.name, "", _("缺少参数 %(name)s", name=parameter.name))
    if len(given) > (MOST_VALUES if parameter.many else 1):
        most = MOST_VALUES if parameter.many else 1
        told = _("%(name)s 最多写 %(n)s 个，现在有 %(now)s 个", name=parameter.name, n=most, now=len(given))
        yield Problem(parameter.name, "", told)


# What several resources take.


def lang() -> Parameter:
    return Parameter("lang", OneOf(("zh", "en")), _("说明和提示的语言；条目本身是中文"))


def as_of() -> Parameter:
    return Parameter("as_of", Day(), _("按哪一天查；不写就是今天"), example="2020-03-10")


def known_at() -> Parameter:
    return Parameter("known_at", Moment(), _("当时所见：用那一刻已发布的版本；不写就是现在"))


def limit(most: int, usual: int) -> Parameter:
    return Parameter("limit", Whole(1, most, usual), _("一页最多几件"))


def cursor() -> Parameter:
    return Parameter("cursor", Words(300, 1), _("下一页的记号，原样用上一页给的；其他参数保持不变"))
