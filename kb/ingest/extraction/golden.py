"""Pages kept with what must come out of them: read, compared, and written where nothing is kept yet.

A folder is one site: ``site.yml`` with its address and recipe, pages, and beside each page a JSON file of the
same name. Goldens that are missing are written from what came out and have to be looked at by a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from pydantic import ValidationError

from kb import yamlfile
from kb.domain.extracted import Extracted, Fact
from kb.domain.recipe import USUAL, Recipe
from kb.domain.relief import Text, Value
from kb.domain.source import Listing
from kb.domain.taxonomy import Taxonomy
from kb.errors import KbError
from kb.ingest.extraction.page import Convert, extract_by
from kb.ingest.proposals import propose_extracted
from kb.store.atomic import write_whole

SITE = "site.yml"
State = Literal["same", "changed", "written"]


class Given(Value):
    """Where a page of a site is, if not under its file's name, and what its server says it is."""

    address: str = ""
    content_type: str = ""


class Site(Value):
    """A folder of pages: the address they are under, how they are built, what differs from page to page."""

    address: Text
    about: str = ""
    page: Recipe = USUAL
    lists: tuple[Listing, ...] = ()
    pages: Mapping[str, Given] = {}


@dataclass(frozen=True)
class Compared:
    """A page and its golden: ``difference`` is a unified one, golden first; empty where they are the same."""

    page: Path
    state: State
    difference: str = ""


def site_of(folder: Path) -> Site:
    """The site that a folder describes; :class:`KbError` where its file is missing or wrong."""
    path = folder / SITE
    if not path.is_file():
        raise KbError(f"{folder} 里没有 {SITE}，不知道页面的地址和结构")
    try:
        return Site.model_validate(yamlfile.read(path).data)
    except ValidationError as error:
        raise KbError(f"{path} 写得不对：{error}") from error


def pages_in(root: Path) -> list[Path]:
    """The pages of a site's folder, of a folder of sites, or the one page itself."""
    if root.is_file():
        return [root]
    listed = {one for site in _sites(root) for one in _lists(site)}
    found = [one for one in root.rglob("*.htm*") if one not in listed and one.is_file()]
    if not found:
        raise KbError(f"{root} 里没有页面（.html）")
    return sorted(found)


def _sites(root: Path) -> list[Path]:
    return [one.parent for one in root.rglob(SITE)]


def _lists(folder: Path) -> Iterator[Path]:
    """List pages, which are no documents."""
    return folder.glob("index*.html")


def read_page(page: Path, simplify: Convert | None = None) -> Extracted:
    """What comes out of a page now."""
    site = site_of(page.parent)
    given = site.pages.get(page.name, Given())
    address = urljoin(site.address, given.address or page.name)
    headers = {"content-type": given.content_type} if given.content_type else {}
    return extract_by(page.read_bytes(), headers, address, site.page, simplify)


def compare(page: Path, taxonomy: Taxonomy, simplify: Convert | None = None) -> Compared:
    """A page against its golden, which is written where there is none."""
    kept = page.with_suffix(".json")
    now = told(read_page(page, simplify), taxonomy)
    if not kept.exists():
        write_whole(kept, now.encode())
        kept.chmod(0o644)
        return Compared(page, "written")
    before = kept.read_text(encoding="utf-8")
    lines = unified_diff(before.splitlines(), now.splitlines(), "应为", "现为", lineterm="", n=1)
    return Compared(page, "same" if before == now else "changed", "\n".join(lines))


def told(found: Extracted, taxonomy: Taxonomy) -> str:
    """What came out of a page as the text of its golden."""
    proposed = propose_extracted(found, taxonomy)
    whole: dict[str, Any] = {
        "address": found.address,
        "encoding": found.encoding,
        "outcome": found.outcome,
        "why": found.why,
        "facts": {one.field: _row(one) for one in found.facts},
        "others": [{"field": one.field, **_row(one)} for one in found.others],
        "notes": list(found.notes),
        "attachments": [asdict(one) for one in found.attachments],
        "body": [f"{one.kind}{one.level or ''}: {one.text}" for one in found.body.blocks],
        "proposals": [
            {"field": one.field, "value": one.value, "quote": one.quote, "confidence": one.confidence}
            for one in proposed
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "value": fact.value,
        "quote": fact.quote,
        "from": f"{fact.layer} {fact.where}",
        "confidence": fact.confidence,
    }
