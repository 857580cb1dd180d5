"""What a company can get: Relief with its audience, conditions, worth, period and way to apply.

All are frozen and accept no unknown key. The entry that offers it is :mod:`kb.domain.entry`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

EndKind = Literal["dated", "long_term", "unstated", "ended"]
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "has"]

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
EntryId = Annotated[str, StringConstraints(pattern=rf"^{ID.pattern}$", max_length=64)]
Code = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


_FRACTION = re.compile(r"-?\d+\.\d+|-?\d(?:\.\d+)?E[+-]\d+")


def _as_number(given: object) -> object:
    """A fraction kept as JSON, where it is text, as the number it was: then a file gets back what it said."""
    if isinstance(given, list | tuple):
        return tuple(map(_as_number, given))
    return Decimal(given) if isinstance(given, str) and _FRACTION.fullmatch(given) else given


Compared = Annotated[
    bool | int | Decimal | str | tuple[Decimal | int | str, ...], BeforeValidator(_as_number)
]
"""What a fact is compared with: a number, a key, several keys, or the two ends of a range."""


class Value(BaseModel):
    """Base of all values: frozen, strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Value):
    """When something applies. ``end`` is the last day it applies; ``note`` keeps the document's wording.

    ``inferred`` is what the end was worked out from where the document gives none (有效期2年); pages then
    say 约…（据…推算）.
    """

    start: date | None = None
    end: date | None = None
    end_kind: EndKind
    note: str = ""
    inferred: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Period:
        if self.inferred and self.end is None:
            raise ValueError("写了 inferred（截止日据什么推算）就要写推算的 end；没有 end 就不写 inferred")
        if (self.end_kind == "dated") != (self.end is not None):
            raise ValueError("end_kind 为 dated 时必须写 end，其他情形不得写 end")
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end {self.end} 早于 start {self.start}")
        return self


class Regions(Value):
    """Where a rule applies: in ``include`` and everything below, less ``exclude`` and everything below."""

    include: tuple[Code, ...] = ()
    exclude: tuple[Code, ...] = ()


class Audience(Value):
    """A short way to write conditions on size, segment and region. An empty list restricts nothing."""

    sizes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: Regions = Regions()


class Comparison(Value):
    """A comparison with one fact of the company: ``field`` ``op`` ``value`` ``unit``."""

    field: str
    op: Operator
    value: Compared
    unit: str = ""


class Condition(Value):
    """One requirement of a relief, in our words, with the sentence it rests on.

    With neither ``field`` nor ``any`` it is manual: a person must compare it with the document.
    """

    text: Text
    source: str = ""
    field: str | None = None
    op: Operator | None = None
    value: Compared | None = None
    unit: str = ""
    any: tuple[Comparison, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Condition:
        given = [part is not None for part in (self.field, self.op, self.value)]
        if any(given) and not all(given):
            raise ValueError("field、op、value 三项要么都写，要么都不写（不写即为人工对照）")
        if self.field and self.any:
            raise ValueError("field 与 any 不能同时写")
        return self

    @property
    def tests(self) -> tuple[Comparison, ...]:
        """The alternatives of which one must hold; empty for a manual condition."""
        if self.field is not None and self.op is not None and self.value is not None:
            return (Comparison(field=self.field, op=self.op, value=self.value, unit=self.unit),)
        return self.any


class Worth(Value):
    """What a relief is worth. ``text`` always keeps the wording; the rest only where figures exist.

    ``base`` names a company figure in yuan (a month, or a principal), ``rate`` the share of it saved,
    ``months`` for how long, ``floor`` and ``cap`` in yuan. Where the base is a count (people hired),
    ``each`` is the yuan for one of it. A ``base`` in yuan a year saves ``rate`` of it once a year.
    ``up_to`` where the document gives the figure as a maximum (不超过).
    """

    text: Text
    base: str | None = None
    rate: Decimal | None = None
    each: Decimal | None = None
    up_to: bool = False
    months: int | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None


class Window(Value):
    """A stretch of time in which applications are taken. Days are inclusive; a missing day is unknown.

    ``closed`` is true where no more are taken although the last day is not known.
    """

    opens: date | None = None
    closes: date | None = None
    closed: bool = False
    note: str = ""


class Link(Value):
    """A named paper: a form, a template, an attachment. ``url`` may be unknown."""

    title: Text
    url: str = ""


class Apply(Value):
    """How a company gets a relief. ``channel`` is a key of the taxonomy's channels."""

    channel: str
    where: str = ""
    steps: tuple[Text, ...] = ()
    materials: tuple[Text, ...] = ()
    templates: tuple[Link, ...] = ()
    windows: tuple[Window, ...] = ()
    handling_days: int | None = None
    url: str = ""
    contact: str = ""

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows to speak of on ``day``: one that opens more than a year later was not announced yet."""
        last = day + timedelta(days=366)
        return tuple(one for one in self.windows if one.opens is None or one.opens <= last)


class Relief(Value):
    """One thing a company can get from an entry. Its global id is ``entry#relief``."""

    id: EntryId
    type: str
    title: Text
    what: Text
    audience: Audience = Audience()
    conditions: tuple[Condition, ...] = ()
    worth: Worth | None = None
    period: Period | None = None
    apply: Apply | None = None
