"""The company that an address or a form describes: codes go on in links, figures and free words do not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from kb.domain.company import Told
from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import NONE, tell
from kb.errors import KbError
from web.params import Problem

BANDS = ("1-9", "10-29", "30-99", "100-299", "300+")
"""How many people, to choose from without typing."""
SKIPPED = "-"
"""The value that says: asked, not answered, do not ask again."""
LONGEST_NEED = 80
MANY = frozenset({"industry", "certificates"})
"""Facts that may have several values at once; of the others the last given counts."""
_ORDER = ("region", "headcount", "size", "industry", "need")
"""How a company introduces itself."""
_TYPED = frozenset({"number", "money", "rate", "date"})

ALIASES = {"employees": "headcount"}
"""What the command line calls a fact, where it is not the fact's own name."""


def named(values: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same under the facts' own names: ``employees=25`` and ``fact=rent=20000`` are its names too."""
    found: MultiDict[str, str] = MultiDict()
    for name, text in values.items(multi=True):
        key, value = (text.partition("=")[::2]) if name == "fact" else (name, text)
        found.add(ALIASES.get(key.strip(), key.strip()), value)
    return found


@dataclass(frozen=True)
class Described:
    """What was told: ``codes`` by parameter, ``figures`` and ``words`` that stay out of addresses.

    ``skipped`` was asked and not told; ``declined`` was told, and is not to be asked more closely.
    """

    told: Told
    codes: dict[str, tuple[str, ...]]
    figures: dict[str, str]
    words: str = ""
    skipped: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def parameters(self, **changes: object) -> dict[str, object]:
        """The address parameters that say the same, with some changed; figures are left out."""
        kept: dict[str, object] = dict(self.codes)
        kept.update({name: SKIPPED for name in sorted(self.skipped) if name not in kept})
        kept["skip"] = tuple(sorted(self.declined))
        kept.update(changes)
        return {name: value for name, value in kept.items() if value not in (None, "", ())}

    def everything(self) -> dict[str, object]:
        """The same with the figures, for somebody who asks for an address that keeps them."""
        return {**self.parameters(), **self.figures, **({"need": self.words} if self.words else {})}

    def without(self, name: str) -> dict[str, object]:
        """The parameters that say: do not ask this again, what was told of it stays."""
        if name in self.codes:
            return self.parameters(skip=tuple(sorted({*self.declined, name})))
        return self.parameters(**{name: SKIPPED})

    def asked_about(self, name: str) -> bool:
        """Whether a fact was told or skipped."""
        return name in self.codes or name in self.figures or name in self.skipped

    @property
    def has_figures(self) -> bool:
        return bool(self.figures or self.words)


def is_figure(fact: Fact) -> bool:
    """A figure that somebody types: not for addresses. People are asked for as a band, which is no secret."""
    return fact.type in _TYPED and fact.key != "headcount"


def describe(values: MultiDict[str, str], taxonomy: Taxonomy) -> Described:
    """The company in ``values``; what is not understood becomes a problem and is left out."""
    need = values.get("need", "").strip()[:LONGEST_NEED]
    key = taxonomy.needs.find(need) if need not in ("", SKIPPED) else None
    found = Described(Told(), {}, {}, "" if key or need in ("", SKIPPED) else need)
    if key:
        found = replace(found, codes={"need": (key,)})
    if need == SKIPPED:
        found = replace(found, skipped=frozenset({"need"}))
    facts: list[tuple[str, str]] = []
    for fact in taxonomy.facts.values():
        given = tuple(one.strip() for one in values.getlist(fact.key) if one.strip())
        if given:
            found = _add(found, fact, given, facts, taxonomy)
    told = tell(taxonomy, facts, need=key or found.words)
    codes = {name: found.codes[name] for name in _ORDER if name in found.codes} | found.codes
    declined = frozenset(values.getlist("skip")) & taxonomy.facts.keys()
    return replace(found, told=told, codes=codes, declined=declined)


def _add(
    found: Described, fact: Fact, given: tuple[str, ...], facts: list[tuple[str, str]], taxonomy: Taxonomy
) -> Described:
    if fact.key not in MANY:
        given = given[-1:]
    elif len(given) > 1:
        given = tuple(one for one in given if one != NONE) or (NONE,)
    if given == (SKIPPED,):
        return replace(found, skipped=found.skipped | {fact.key})
    text = "、".join(given)
    try:
        told = tell(taxonomy, [(fact.key, text)])
    except KbError as error:
        problem = Problem(fact.key, text[:40], str(error))
        return replace(found, problems=(*found.problems, problem))
    facts.append((fact.key, text))
    if is_figure(fact) or (fact.key == "headcount" and text not in BANDS):
        return replace(found, figures={**found.figures, fact.key: text})
    return replace(found, codes={**found.codes, fact.key: _codes(fact, told, given)})


def _codes(fact: Fact, told: Told, given: tuple[str, ...]) -> tuple[str, ...]:
    """The value as keys and codes, whatever label was given."""
    if fact.key == "region":
        return (told.region,)
    if fact.key == "industry":
        return tuple(sorted(told.segments))
    if fact.key == "certificates":
        return tuple(sorted(told.certificates or ())) or (NONE,)
    keys = told.rooms[fact.key].keys
    return tuple(sorted(keys)) if keys is not None else given
