"""How a value of the record stands in a field of the form, and how what was typed becomes a value.

What cannot be read stays as it was typed, in the draft and in the field, until somebody mends it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from kb.domain import dates
from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import choices_of

Texts = Sequence[str]
Record = Mapping[str, Any]

_FIGURE = re.compile(r"([+-]?\d{1,3}(?:,\d{3})+|[+-]?\d+)(\.\d+)?\s*(亿|万)?\s*元?", re.ASCII)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(%)?", re.ASCII)
_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}
_BETWEEN = re.compile(r"\s*(?:至|到|—+|–|~)\s*")
_PARTS = re.compile(r"[、,，;；\n]+")
MANY = frozenset({"in", "not_in"})
"""Comparisons with a list even where it has one member."""


@dataclass(frozen=True)
class Codec:
    """``show`` gives the texts of a field, ``read`` the value of its texts, ``None`` where it is empty.

    Both know the record that the field is part of, since what a value means may depend on its siblings.
    """

    show: Callable[[Any, Record, Taxonomy], list[str]]
    read: Callable[[Texts, Record, Taxonomy], Any]


# -- words -----------------------------------------------------------------------------------------


def _first(texts: Texts) -> str:
    return texts[-1].replace("\r\n", "\n").strip() if texts else ""


def _show_text(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return [str(value)]


def _read_text(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> str | None:
    return _first(texts) or None


def _show_lines(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return ["\n".join(map(str, _listed(value)))]


def _read_lines(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> list[str] | None:
    return [line.strip() for line in _first(texts).splitlines() if line.strip()] or None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _show_keys(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return [str(one) for one in _listed(value)]


def _read_keys(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> list[str] | None:
    return [one for text in texts if (one := text.strip())] or None


def _show_flag(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return ["1"] if value is True else []


def _read_flag(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> bool | None:
    return True if _first(texts) else None


# -- places ----------------------------------------------------------------------------------------


def _show_places(value: Any, _record: Record, taxonomy: Taxonomy) -> list[str]:
    return [taxonomy.regions.label(str(code)) for code in _listed(value)]


def _read_places(texts: Texts, _record: Record, taxonomy: Taxonomy) -> list[str] | None:
    names = [name.strip() for text in texts for name in _PARTS.split(text) if name.strip()]
    return list(dict.fromkeys(taxonomy.regions.find(name) or name for name in names)) or None


# -- figures and days ------------------------------------------------------------------------------


def read_figure(text: str) -> Decimal | None:
    """The yuan or the number that ``300万元``, ``3,000,000`` or ``12`` says; ``None`` for anything else."""
    match = _FIGURE.fullmatch(unicodedata.normalize("NFKC", text).strip().replace("，", ","))
    if match is None:
        return None
    figure = Decimal(match[1].replace(",", "") + (match[2] or ""))
    return plain(figure * _SCALE[match[3]]) if match[3] else figure


def read_rate(text: str) -> Decimal | None:
    """The share that ``50%`` or ``0.5`` says; from 1 on a bare figure is a percentage too."""
    match = _PERCENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    figure = Decimal(match[1])
    return plain(figure / 100) if match[2] or figure >= 1 else figure


def plain(figure: Decimal) -> Decimal:
    """The same number without an exponent or zeros that say nothing."""
    return Decimal(f"{figure.normalize():f}")


def _decimal(value: Any) -> Decimal | None:
    """The number that stands in the data; ``None`` for what was typed and is none."""
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d+(\.\d+)?", str(value), re.ASCII):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _money_words(value: Any) -> str:
    number = _decimal(value)
    return str(value) if number is None else f"{number:,f}"


def _rate_words(value: Any) -> str:
    number = _decimal(value)
    return str(value) if number is None else f"{plain(number * 100):f}%"


def _show_money(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return [_money_words(value)]


def _read_money(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> str | None:
    text = _first(texts)
    number = read_figure(text)
    return (text or None) if number is None else f"{number:f}"


def _show_rate(value: Any, _record: Record, _taxonomy: Taxonomy) -> list[str]:
    return [_rate_words(value)]


def _read_rate(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> str | None:
    text = _first(texts)
    number = read_rate(text)
    return (text or None) if number is None else f"{number:f}"


def _read_count(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> int | str | None:
    text = _first(texts)
    number = read_figure(text)
    return int(number) if number is not None and number == number.to_integral_value() else text or None


def read_date(text: str) -> str:
    """``2026-03-01`` for ``2026年3月1日`` and the like; what names no day stays as it is."""
    worded = dates.parse_date(text) if text else None
    return worded.exact.isoformat() if worded and worded.exact else text


def _read_day(texts: Texts, _record: Record, _taxonomy: Taxonomy) -> str | None:
    return read_date(_first(texts)) or None


# -- what a condition compares with ----------------------------------------------------------------


def _show_value(value: Any, record: Record, taxonomy: Taxonomy) -> list[str]:
    """The value in words by the fact it is about; a list as several texts, two bounds as ``从 至 到``."""
    fact = taxonomy.facts.get(str(record.get("field")))
    if isinstance(value, bool):
        return ["是" if value else "否"]
    words = [_one_value(one, fact, taxonomy) for one in _listed(value)]
    if record.get("op") == "between":
        return [" 至 ".join(words)]
    return words if fact and _is_chosen(fact) else ["、".join(words)]


def _one_value(value: Any, fact: Fact | None, taxonomy: Taxonomy) -> str:
    if fact is None:
        return str(value)
    if fact.of == "regions":
        return taxonomy.regions.label(str(value))
    return {"money": _money_words, "number": _money_words, "rate": _rate_words}.get(fact.type, str)(value)


def _is_chosen(fact: Fact) -> bool:
    """Whether its values are ticked from a list; places are typed, there are too many."""
    return fact.type in ("choice", "set") and fact.of != "regions"


def _read_value(texts: Texts, record: Record, taxonomy: Taxonomy) -> Any:
    fact = taxonomy.facts.get(str(record.get("field")))
    given = [text.replace("\r\n", "\n").strip() for text in texts if text.strip()]
    if not given:
        return None
    if fact is None:
        return "、".join(given)
    op = str(record.get("op") or "")
    if fact.type == "bool":
        return {"是": True, "否": False}.get(given[-1], given[-1])
    if fact.type in ("choice", "set"):
        keys = [_key(part, fact, taxonomy) for text in given for part in _PARTS.split(text) if part.strip()]
        return keys if op in MANY or len(keys) > 1 else keys[0]
    if op == "between":
        return [_ordered(part, fact) for part in _BETWEEN.split(given[-1]) if part]
    return _ordered(given[-1], fact)


def _key(part: str, fact: Fact, taxonomy: Taxonomy) -> str:
    part = part.strip()
    if fact.of == "regions":
        return taxonomy.regions.find(part) or part
    terms = getattr(taxonomy, fact.of) if fact.of else None
    labels = {label: key for key, label in choices_of(fact, taxonomy).items()}
    return (terms.find(part) if terms else None) or labels.get(part, part)


def _ordered(text: str, fact: Fact) -> int | str:
    """A figure or a day as the record keeps it: whole numbers as such, the rest as text."""
    if fact.type == "date":
        return read_date(text)
    number = read_rate(text) if fact.type == "rate" else read_figure(text)
    if number is None:
        return text
    return int(number) if number == number.to_integral_value() else f"{number:f}"


# -- doubts ----------------------------------------------------------------------------------------

_TEXT = Codec(_show_text, _read_text)
CODECS: Mapping[str, Codec] = {
    **dict.fromkeys(("line", "short", "text", "key", "url", "entry", "hidden"), _TEXT),
    "lines": Codec(_show_lines, _read_lines),
    "keys": Codec(_show_keys, _read_keys),
    "flag": Codec(_show_flag, _read_flag),
    "places": Codec(_show_places, _read_places),
    "date": Codec(_show_text, _read_day),
    "money": Codec(_show_money, _read_money),
    "rate": Codec(_show_rate, _read_rate),
    "count": Codec(_show_text, _read_count),
    "value": Codec(_show_value, _read_value),
}
"""By the kind of a field; ``notes`` are texts by key and have fields of their own."""


def is_day(text: str) -> bool:
    """Whether ``text`` is a day as the record writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
