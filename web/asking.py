"""What is asked of a company: three steps, then the facts that possible reliefs wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kb.domain.company import Company
from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import NONE, choices_of
from kb.matching.match import Matches, Question
from web.company import BANDS, Described, is_figure
from web.i18n import _
from web.links import link
from web.site import site
from web.view import View, view

FIGURES_SHOWN = 12


@dataclass(frozen=True)
class Choice:
    """One answer to a question and the address it leads to."""

    label: str
    address: str
    value: str = ""


@dataclass(frozen=True)
class Ask:
    """A question with answers to tap; ``many`` where several answers may hold at once."""

    field: str
    title: str
    choices: tuple[Choice, ...]
    skip: str
    decides: int = 0
    many: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure that may be typed: its field, label, unit, what was typed, and what it is good for."""

    field: str
    label: str
    unit: str
    value: str
    date: bool = False


def first_step(described: Described, view: View) -> Ask | None:
    """The first of 在哪, 多少人, 愁什么 that was neither told nor skipped."""
    taxonomy = site().taxonomy
    if not described.asked_about("region"):
        regions = taxonomy.regions.provinces()
        return _ask(described, "region", _("在哪"), [(one.code, one.short) for one in regions])
    if not described.asked_about("headcount"):
        return _ask(described, "headcount", _("多少人"), [(band, people_words(band)) for band in BANDS])
    if not (described.asked_about("need") or described.words):
        english = view.language == "en"
        needs = taxonomy.needs_of(view.day.year)
        answers = [(term.key, term.en if english else term.label) for term in needs]
        return _ask(described, "need", _("愁什么"), answers)
    return None


def people_words(band: str) -> str:
    """``10—29 人``, ``300 人以上``."""
    if band.endswith("+"):
        return _("%(n)s 人以上", n=band[:-1])
    return _("%(band)s 人", band=band.replace("-", "—"))


def _ask(
    described: Described, field: str, title: str, answers: Iterable[tuple[str, str]], decides: int = 0
) -> Ask:
    choices = tuple(Choice(label, address_of(described, **{field: value}), value) for value, label in answers)
    return Ask(field, title, choices, link("match.index", **described.without(field)), decides)


def address_of(described: Described, **changes: object) -> str:
    return link("match.index", **described.parameters(**changes))


def asks_of(described: Described, found: Matches, taxonomy: Taxonomy) -> tuple[Ask, ...]:
    """The questions with answers to tap, the most decisive first."""
    asks = []
    for question in found.questions:
        fact = taxonomy.facts[question.field]
        known = found.company.room(fact.key)
        banded = fact.key == "headcount" and known is not None
        if question.field in described.skipped | described.declined or is_figure(fact) or banded:
            continue
        if found.company.contradiction(fact.key):
            continue
        ask = _question(described, fact, question, found.company)
        if ask:
            asks.append(ask)
    return tuple(asks)


def _question(described: Described, fact: Fact, question: Question, company: Company) -> Ask | None:
    """The question with the answers that what is known leaves possible."""
    taxonomy, room = company.taxonomy, company.room(fact.key)
    label, name = fact.name(view().language), fact.key
    if name == "region":
        return _ask(described, name, label, _cities(described, taxonomy), question.decides)
    if name == "headcount":
        return _ask(described, name, label, [(band, people_words(band)) for band in BANDS], question.decides)
    if fact.type == "bool":
        answers = [("true", _("是")), ("false", _("否"))]
        return _ask(described, name, label, answers, question.decides)
    choices = [(key, value_label(fact, key, taxonomy)) for key in choices_of(fact, taxonomy)]
    choices = [choice for choice in choices if choice[0] not in taxonomy.outside]
    if room is not None and room.keys is not None:
        choices = [choice for choice in choices if choice[0] in room.keys]
    if fact.type == "set":
        choices.append((NONE, _("都没有")))
        return Ask(
            name,
            label,
            tuple(Choice(text, "", key) for key, text in choices),
            link("match.index", **described.without(name)),
            question.decides,
            many=True,
        )
    return _ask(described, name, label, choices, question.decides) if choices else None


def value_label(fact: Fact, value: str, taxonomy: Taxonomy) -> str:
    """A key or code of a fact in words, in the language of the page; places are always Chinese."""
    if fact.key == "region":
        return taxonomy.regions.label(value)
    if fact.key == "headcount":
        return people_words(value)
    named = {NONE: _("都没有"), "True": _("是"), "False": _("否")}
    if value in named:
        return named[value]
    terms = getattr(taxonomy, fact.of) if fact.of else None
    return str(terms.label(value, view().language)) if terms else fact.choice(value, view().language)


def _cities(described: Described, taxonomy: Taxonomy) -> list[tuple[str, str]]:
    code = described.told.region
    if not code:
        return [(one.code, one.short) for one in taxonomy.regions.provinces()]
    return [(one.code, one.short) for one in taxonomy.regions.all if one.parent == code]


def figures_of(described: Described, found: Matches, taxonomy: Taxonomy) -> tuple[Figure, ...]:
    """The figures that matches are worked out from, those that decide something first."""
    wanted = [one.field for one in found.questions]
    wanted += [
        one.offer.relief.worth.base
        for one in found.matches
        if one.offer.relief.worth and one.offer.relief.worth.base
    ]
    wanted += list(described.figures)
    facts = [taxonomy.facts[name] for name in dict.fromkeys(wanted)]
    named = [fact for fact in facts if is_figure(fact) or fact.key == "headcount"]
    return tuple(
        Figure(
            fact.key,
            fact.name(view().language),
            fact.unit or ("%" if fact.type == "rate" else ""),
            described.figures.get(fact.key, ""),
            fact.type == "date",
        )
        for fact in named[:FIGURES_SHOWN]
    )
