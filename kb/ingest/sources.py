"""Source files (``policies/sources/<id>.yml``) read, with errors that name file, line and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from kb import yamlfile
from kb.domain.checks import hint
from kb.domain.findings import Path as Place
from kb.domain.reading import words_for
from kb.domain.source import Source, held_at
from kb.domain.taxonomy import Taxonomy
from kb.errors import EntryFileError, KbError
from kb.ingest.extraction.listing import selector_problem
from kb.ingest.extraction.urls import joined, place_of

SourcesFound = tuple[tuple[Source, ...], tuple[EntryFileError, ...]]


def folder(policies: Path) -> Path:
    """Where the source files of ``policies`` are."""
    return policies / "sources"


def read_all(root: Path, taxonomy: Taxonomy) -> SourcesFound:
    """The sources of a folder or of one file, by id, and all that is wrong, with path and line."""
    if not root.exists():
        raise KbError(f"没有这个文件或目录：{root}")
    files = [root] if root.is_file() else sorted(_named(root.glob("*.y*ml")))
    found, errors = [], []
    for path in files:
        try:
            found.append(read(path, taxonomy))
        except ExceptionGroup as group:
            errors += [error for error in group.exceptions if isinstance(error, EntryFileError)]
    return tuple(found), tuple(errors)


def _named(files: Iterable[Path]) -> Iterator[Path]:
    """The files, those left out that an editor leaves behind."""
    return (one for one in files if one.is_file() and not one.name.startswith("."))


def read(path: Path, taxonomy: Taxonomy) -> Source:
    """The source of one file; an exception group of :class:`EntryFileError` names all that is wrong."""
    try:
        document = yamlfile.read(path)
        source = Source.model_validate(document.data)
    except EntryFileError as error:
        raise ExceptionGroup(str(path), [error]) from error
    except ValidationError as error:
        raise ExceptionGroup(str(path), list(_explained(document, error))) from error
    if wrong := [document.error(place, told) for place, told in _wrong(source, document, taxonomy)]:
        raise ExceptionGroup(str(path), wrong)
    return source


def chosen(sources: Iterable[Source], name: str) -> Source:
    """The source of that id; :class:`KbError` naming the accepted ones."""
    by_id = {one.id: one for one in sources}
    if name not in by_id:
        raise KbError(f"没有来源 {name}。{hint(name, by_id)}")
    return by_id[name]


def _explained(document: yamlfile.Document, error: ValidationError) -> Iterator[EntryFileError]:
    for detail in error.errors(include_url=False):
        yield document.error(detail["loc"], words_for(detail, Source))


def _wrong(source: Source, document: yamlfile.Document, taxonomy: Taxonomy) -> Iterator[tuple[Place, str]]:
    """What the form alone does not show, in the order of the file."""
    if document.path.name != f"{source.id}.yml":
        yield ("id",), f"文件名应为 {source.id}.yml（与 id 一致）"
    if source.region not in taxonomy.regions.by_code:
        yield ("region",), f"没有地区代码 {source.region}，请查 policies/regions.yml"
    for at, listing in enumerate(source.lists):
        yield from _addresses(source, at)
        for name in ("item", "link", "title", "date", "number") if listing.read != "json" else ():
            if problem := selector_problem(getattr(listing, name)):
                yield ("lists", at, name), problem
    yield from _selectors(source)
    for dotted in source.unconfirmed:
        if not held_at(document.data, dotted):
            yield ("unconfirmed", dotted), f"unconfirmed 里的 {dotted} 在本文件里找不到，请照键的层次写"


def _addresses(source: Source, at: int) -> Iterator[tuple[Place, str]]:
    """Addresses of a list that are not of this source, its second page included."""
    listing = source.lists[at]
    for name, address in (("url", listing.url), ("pages", _second(source, at))):
        if address and not source.allows(address):
            told = f"{address} 的网站 {place_of(address)} 不在 hosts 里，或是没有允许的 http"
            yield ("lists", at, name), told


def _second(source: Source, at: int) -> str:
    listing = source.lists[at]
    return joined(listing.url, listing.pages.address_of(2)) if listing.pages else ""


def _selectors(source: Source) -> Iterator[tuple[Place, str]]:
    recipe = source.page
    named: list[tuple[Place, tuple[str, ...]]] = [
        ((name,), getattr(recipe, name)) for name in ("title", "body", "drop", "attachments", "tables")
    ]
    for place, selectors in (*named, *((("facts", fact), held) for fact, held in recipe.facts.items())):
        for at, selector in enumerate(selectors):
            if problem := selector_problem(selector):
                yield ("page", *place, at), problem
