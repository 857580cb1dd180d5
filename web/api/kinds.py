"""What a parameter's value may be: each kind reads text and describes itself as JSON Schema.

``read`` gives the value or raises :class:`NotUnderstoodError` with what to do; ``schema`` says the same for
programs. A value that the schema allows may still be refused where a schema cannot tell (30-10 people).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from kb.domain.taxonomy import NATION, Fact, Taxonomy
from kb.domain.telling import NONE, choices_of, read_room
from kb.errors import KbError
from kb.search.query import find_value, unknown_value
from web.i18n import _
from web.view import notice_words, read_day, read_moment

Accepted = tuple[dict[str, str], ...]
TEXT_MOST = 200
FACT_MOST = 80
Schema = dict[str, Any]
_YEAR = "(199[0-9]|20[0-9]{2}|2100)"
_DAY = (
    f"^({_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|{_YEAR}-(0[13-9]|1[0-2])-(29|30)"
    f"|{_YEAR}-(0[13578]|1[02])-31|(1992|1996|20([02468][048]|[13579][26]))-02-29)$"
)
_FIGURE_BELOW = 10**15


class NotUnderstoodError(ValueError):
    """A value that makes no sense, with what to do and what would be accepted. Never leaves the package."""

    def __init__(self, message: str, accepted: Accepted = ()) -> None:
        super().__init__(message)
        self.accepted = accepted


class Kind(Protocol):
    """A kind of value."""

    def schema(self, taxonomy: Taxonomy) -> Schema: ...

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> Any: ...


@dataclass(frozen=True)
class Words:
    """Free text of at most ``most`` characters."""

    most: int = TEXT_MOST
    least: int = 0

    def schema(self, taxonomy: Taxonomy) -> Schema:
        return {"type": "string", "maxLength": self.most, **({"minLength": 1} if self.least else {})}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> str:
        if len(text) > self.most:
            raise NotUnderstoodError(_("最多 %(n)s 个字，现在有 %(now)s 个", n=self.most, now=len(text)))
        if len(text) < self.least:
            raise NotUnderstoodError(_("不能空着；不用这个参数就不要写它"))
        return text


@dataclass(frozen=True)
class Whole:
    """A whole number from ``low`` to ``high``; ``usual`` where none is given."""

    low: int
    high: int
    usual: int

    def schema(self, taxonomy: Taxonomy) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high, "default": self.usual}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> int:
        plain = text.isascii() and text.isdigit() and len(text) <= len(str(self.high))
        if not plain or not self.low <= int(text) <= self.high:
            raise NotUnderstoodError(_("要是 %(low)s 到 %(high)s 的整数", low=self.low, high=self.high))
        return int(text)


@dataclass(frozen=True)
class Day:
    """A day between 1990 and 2100."""

    def schema(self, taxonomy: Taxonomy) -> Schema:
        return {"type": "string", "format": "date", "pattern": _DAY, "examples": ["2020-03-10"]}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> date:
        found = read_day(text.strip())
        if found is None:
            raise NotUnderstoodError(_("看不懂日期「%(text)s」，请写成 2020-03-10 这样", text=text[:40]))
        return found


@dataclass(frozen=True)
class Moment:
    """A moment, or a day: its end in China. A time without an offset is China's."""

    def schema(self, taxonomy: Taxonomy) -> Schema:
        examples = ["2026-11-22T10:00:00Z", "2026-11-22"]
        return {"type": "string", "format": "kb-moment", "maxLength": 40, "examples": examples}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> datetime:
        found = read_moment(text.strip()[:40])
        if found is None:
            told = _("看不懂时间「%(text)s」，请写成 2026-11-22 或 2026-11-22T10:00:00Z 这样", text=text[:40])
            raise NotUnderstoodError(told)
        return found


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    values: tuple[str, ...]

    def schema(self, taxonomy: Taxonomy) -> Schema:
        return {"type": "string", "enum": list(self.values)}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> str:
        if text not in self.values:
            accepted = tuple({"value": one} for one in self.values)
            told = _("没有「%(value)s」，可用：%(known)s", value=text[:40], known="、".join(self.values))
            raise NotUnderstoodError(told, accepted)
        return text


@dataclass(frozen=True)
class Term:
    """A value of one of the search's filters: a key of the vocabulary, its label, a region, a year."""

    field: str

    def schema(self, taxonomy: Taxonomy) -> Schema:
        if self.field == "year":
            return {"type": "string", "pattern": "^(19|20)[0-9][0-9]$"}
        if self.field == "issuer":
            return {"type": "string", "minLength": 1, "maxLength": FACT_MOST, "pattern": "[^\\s]"}
        if self.field == "region":
            return {"$ref": "#/components/schemas/RegionCode"}
        return {"type": "string", "enum": [one["value"] for one in accepted(self.field, taxonomy)]}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> str:
        found = find_value(self.field, text, taxonomy) if len(text) <= FACT_MOST else None
        if found is None:
            told = notice_words(unknown_value(self.field, text, taxonomy))
            raise NotUnderstoodError(told, accepted(self.field, taxonomy))
        return found


def accepted(field: str, taxonomy: Taxonomy) -> Accepted:
    """The values of a filter with their labels; of regions the provinces, of which there are few."""
    if field == "region":
        regions = (taxonomy.regions.by_code[NATION], *taxonomy.regions.provinces())
        return tuple({"value": region.code, "label": region.name} for region in regions)
    terms = tuple({"value": term.key, "label": term.label} for term in taxonomy.terms_of(field) or ())
    return (*terms, {"value": "all", "label": "全部"}) if field == "status" else terms


_EXAMPLES = {
    "number": ("25", "10-29", "300+"),
    "money": ("20000", "2万", "100-300万"),
    "rate": ("5.5%", "0.055"),
    "date": ("2026-12-31", "2026年6月"),
}
_IN_JSON: dict[str, Schema] = {
    "number": {"type": "integer", "minimum": 0, "exclusiveMaximum": _FIGURE_BELOW},
    "money": {"type": "number", "minimum": 0, "exclusiveMaximum": _FIGURE_BELOW},
    "rate": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    "bool": {"type": "boolean"},
}
"""What may be written as such in a JSON body."""


@dataclass(frozen=True)
class Pair:
    """``field=value``, as the command line has it."""

    def schema(self, taxonomy: Taxonomy) -> Schema:
        shown = ["rent=20000", "taxpayer=small-scale"]
        return {"type": "string", "format": "kb-fact", "minLength": 3, "maxLength": 120, "examples": shown}

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> str:
        return Words(120, 1).read(name, text, taxonomy)


@dataclass(frozen=True)
class Told:
    """What a company tells of one fact, as the page of matches takes it."""

    fact: Fact

    def schema(self, taxonomy: Taxonomy) -> Schema:
        fact = self.fact
        if fact.key == "region":
            return {"$ref": "#/components/schemas/RegionCode"}
        if fact.type == "bool":
            return {"type": "string", "enum": ["true", "false"]}
        if fact.type in ("choice", "set"):
            keys = list(choices_of(fact, taxonomy))
            return {"type": "string", "enum": [*keys, NONE] if fact.type == "set" else keys}
        shown = {"format": f"kb-{fact.type}", "examples": list(_EXAMPLES[fact.type])}
        return {"type": "string", "minLength": 1, "maxLength": FACT_MOST, **shown}

    def in_json(self, taxonomy: Taxonomy) -> Schema:
        """The same in a JSON body, where figures and truths may be written as such."""
        schema, plain = self.schema(taxonomy), _IN_JSON.get(self.fact.type)
        return {"anyOf": [schema, plain]} if plain else schema

    def read(self, name: str, text: str, taxonomy: Taxonomy) -> str:
        if len(text) > FACT_MOST:
            raise NotUnderstoodError(_("最多 %(n)s 个字，现在有 %(now)s 个", n=FACT_MOST, now=len(text)))
        if self.fact.type == "set" and text == NONE:
            return text
        try:
            read_room(self.fact, text, taxonomy)
        except KbError as error:
            raise NotUnderstoodError(str(error)) from error
        return text
