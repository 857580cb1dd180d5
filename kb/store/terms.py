"""The vocabulary as the product uses it: the defaults in ``policies/`` and the desk's words over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kb import yamlfile
from kb.domain.checks import check_points
from kb.domain.company import CLASSES, Sector, Standards
from kb.domain.survey import Survey
from kb.domain.taxonomy import Taxonomy, taxonomy_from
from kb.errors import EntryFileError, KbError
from kb.store.words import Word


@dataclass(frozen=True)
class Hotline:
    """A public number to ask, and what it answers.

    ``types`` are the types of relief it is the first to ask about; none for those asked about anything.
    ``verified`` is false where number and subjects could not be confirmed.
    """

    number: str
    name: str
    answers: str
    types: tuple[str, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class Terms:
    """Taxonomy, words for segmentation, synonyms as ``(word, other, weight)``, whom to ask, the survey."""

    taxonomy: Taxonomy
    lexicon: tuple[str, ...]
    synonyms: tuple[tuple[str, str, float], ...]
    hotlines: tuple[Hotline, ...]
    standards: Standards
    survey: Survey | None = None

    def hotlines_for(self, types: Iterable[str] = ()) -> tuple[Hotline, ...]:
        """Whom to ask about reliefs of ``types``, the numbers for these subjects first, then the general."""
        wanted = set(types)
        first = [line for line in self.hotlines if wanted.intersection(line.types)]
        return (*first, *(line for line in self.hotlines if not line.types))


def load_terms(policies: Path) -> Terms:
    """The terms of a ``policies/`` folder; a missing or malformed file is an error that names it."""
    if not policies.is_dir():
        raise KbError(f"没有找到政策目录 {policies}；请设 KB_POLICIES，或在代码目录里运行")
    taxonomy = load_taxonomy(policies)
    return Terms(
        taxonomy,
        load_lexicon(policies),
        load_synonyms(policies),
        load_hotlines(policies),
        load_standards(policies, taxonomy),
        load_survey(policies, taxonomy),
    )


def with_words(terms: Terms, words: Iterable[Word]) -> Terms:
    """The terms with the desk's words: they come after the defaults and take the place of the same pair."""
    rows = tuple(words)
    own = {(row.word, row.other): row.weight for row in rows if row.kind == "synonym"}
    kept = (one for one in terms.synonyms if one[:2] not in own)
    added = ((word, other, weight) for (word, other), weight in own.items() if weight > 0)
    lexicon = (*terms.lexicon, *(row.word for row in rows if row.kind == "lexicon"))
    return replace(terms, lexicon=tuple(dict.fromkeys(lexicon)), synonyms=(*kept, *added))


def load_taxonomy(policies: Path) -> Taxonomy:
    """The taxonomy from ``taxonomy.yml``, ``needs.yml`` and ``regions.yml``."""
    data = [yamlfile.read(policies / name).data for name in ("taxonomy.yml", "needs.yml", "regions.yml")]
    try:
        return taxonomy_from(*data)
    except (KeyError, TypeError, AttributeError) as error:
        raise EntryFileError(policies / "taxonomy.yml", 1, f"词表缺少或写错了一项：{error}") from error


def load_lexicon(policies: Path) -> tuple[str, ...]:
    """The words of ``lexicon.txt``, one a line; ``#`` begins a comment."""
    lines = yamlfile.read_text(policies / "lexicon.txt").splitlines()
    words = (line.partition("#")[0].strip() for line in lines)
    return tuple(dict.fromkeys(word for word in words if word))


def load_synonyms(policies: Path) -> tuple[tuple[str, str, float], ...]:
    """Directed pairs ``(word, other, weight)`` from ``synonyms.yml``, both ways for a ``same`` group."""
    document = yamlfile.read(policies / "synonyms.yml")
    pairs: list[tuple[str, str, float]] = []
    for number, row in enumerate(document.data):
        pairs.extend(_pairs(row, document, number))
    return tuple(pairs)


def _pairs(row: Any, document: yamlfile.Document, number: int) -> list[tuple[str, str, float]]:
    if not isinstance(row, dict) or not set(row) <= {"same", "word", "means", "weight"}:
        raise document.error((number,), "每项写 same: [词, 词] 或 word: 词 加 means: [词]，可加 weight")
    weight = float(row.get("weight", 0.7))
    if "same" in row:
        words = row["same"]
        return [(one, other, weight) for one in words for other in words if one != other]
    return [(row["word"], other, weight) for other in row["means"]]


def load_hotlines(policies: Path) -> tuple[Hotline, ...]:
    """The public numbers of ``hotlines.yml``, in order."""
    document = yamlfile.read(policies / "hotlines.yml")
    try:
        return tuple(Hotline(**{**row, "types": tuple(row.get("types", ()))}) for row in document.data)
    except (TypeError, AttributeError) as error:
        raise document.error((), "每项写 number、name、answers，可加 types、verified") from error


def load_standards(policies: Path, taxonomy: Taxonomy) -> Standards:
    """The size classes and 小型微利 of ``size-classes.yml``, and ``industries.yml``'s disjoint trades."""
    document = yamlfile.read(policies / "size-classes.yml")
    apart = yamlfile.read(policies / "industries.yml")
    try:
        standards = _standards(document.data, frozenset(apart.data["disjoint"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise document.error((), f"缺少或写错了一项：{error}") from error
    used = {key for keys in standards.segments.values() for key in keys}
    for name in used - standards.sectors.keys():
        raise document.error(("segments",), f"没有统计行业 {name}")
    for name in (standards.segments.keys() | standards.disjoint) - taxonomy.industries.by_key.keys():
        raise document.error(("segments",), f"没有细分行业 {name}（size-classes.yml 或 industries.yml）")
    return standards


def _standards(data: Any, disjoint: frozenset[str]) -> Standards:
    sectors = {
        row["key"]: Sector(row["key"], row["label"], {name: _money(row[name]) for name in CLASSES[:-1]})
        for row in data["sectors"]
    }
    segments = {key: tuple(sectors) for key, sectors in data["segments"].items()}
    ceilings = dict(data["low_profit"])
    source = ceilings.pop("document")
    return Standards(data["document"], sectors, segments, _money(ceilings), source, disjoint)


def _money(figures: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in figures.items()}


def load_survey(policies: Path, taxonomy: Taxonomy) -> Survey | None:
    """The survey of ``survey.yml``; ``None`` without that file."""
    path = policies / "survey.yml"
    if not path.exists():
        return None
    document = yamlfile.read(path)
    try:
        survey = Survey.model_validate(document.data)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise document.error(detail["loc"], f"{detail['loc'][-1:]}：{detail['msg']}") from error
    for number, chain in enumerate(survey.chains):
        for finding in check_points(chain.points, ("chains", number, "points"), taxonomy):
            raise document.error(finding.path, finding.message)
    return survey
